"""Members: people who speak for a mechanism. Certified by its root; this service keeps no secret of theirs.

A certificate is replaced by one with a later end only: whoever gets a new key gets a new id. Both are counted
once, so that one person cannot pass for two.
"""

import functools

from sqlalchemy import Connection, insert, select, update

from crypto.bundles import Bundle
from crypto.errors import CryptoError
from crypto.members import Member, verify_member
from crypto.primitives import sha256
from intake import clock
from intake.audit import log
from intake.audit.events import Event
from intake.db.tables.people import members
from intake.errors import Conflict, Invalid, NotFound
from intake.people import mechanisms


def add(connection: Connection, mechanism: str, certificate: bytes) -> Member:
    """Import a certificate; `Invalid` or `Conflict` says why not. The same one again changes nothing."""
    bundle = mechanisms.get(connection, mechanism)
    try:
        member = verify_member(certificate, bundle.root)
    except CryptoError as error:
        raise Invalid("certificate_invalid", f"the certificate does not hold: {error}") from error
    if member.mechanism != mechanism:
        raise Invalid("certificate_invalid", "the certificate is for another mechanism")
    if member.expires < clock.day():
        raise Invalid("certificate_expired", "the certificate has expired")
    everyone = _rows(connection, bundle)
    if member.id in everyone:
        known, revoked = everyone[member.id]
        if known.raw != certificate or revoked:
            raise Conflict("member_exists", "a member of this id exists: take another id for a new key")
        return known
    if any(known.key == member.key for known, _ in everyone.values()):
        raise Conflict("member_key", "another member has this key")
    connection.execute(
        insert(members).values(mechanism=mechanism, id=member.id, certificate=certificate, revoked=False)
    )
    _say_added(connection, member)
    return member


def renew(connection: Connection, mechanism: str, member: Member) -> None:
    """Put a verified certificate with a later end in the place of the one that is there; `Conflict` if it
    is not of the same key, name and first day."""
    known, revoked = _rows(connection, mechanisms.get(connection, mechanism)).get(member.id, (None, True))
    same = known and (known.key, known.name, known.starts) == (member.key, member.name, member.starts)
    if not same or revoked:
        raise Conflict("member_exists", "the certificate that is there is of another key, name or first day")
    here = (members.c.mechanism == mechanism) & (members.c.id == member.id)
    connection.execute(update(members).where(here).values(certificate=member.raw))
    _say_added(connection, member)


def _say_added(connection: Connection, member: Member) -> None:
    fields = {"member": member.id, "key": sha256(member.key).hex(), "expires": member.expires}
    log.append(connection, member.mechanism, Event.MEMBER_ADDED, **fields)


def revoke(connection: Connection, mechanism: str, member: str) -> None:
    """What they sign from now on is refused; `NotFound` if there is no such member."""
    here = (members.c.mechanism == mechanism) & (members.c.id == member) & ~members.c.revoked
    if not connection.execute(update(members).where(here).values(revoked=True)).rowcount:
        raise NotFound("member_unknown", "there is no such member")
    log.append(connection, mechanism, Event.MEMBER_REVOKED, member=member)


def valid(connection: Connection, mechanism: str) -> dict[str, Member]:
    """Those who may speak for the mechanism today, by id."""
    rows = _rows(connection, mechanisms.get(connection, mechanism))
    today = clock.day()
    return {id_: m for id_, (m, revoked) in rows.items() if not revoked and m.valid_on(today)}


def not_revoked(connection: Connection, mechanism: str) -> dict[str, Member]:
    """Those whose certificates were never revoked, expired or not, by id."""
    rows = _rows(connection, mechanisms.get(connection, mechanism))
    return {id_: member for id_, (member, revoked) in rows.items() if not revoked}


def everyone(connection: Connection, mechanism: str) -> dict[str, Member]:
    """All that were ever certified, by id: somebody who left still has the name they had."""
    return {id_: m for id_, (m, _) in _rows(connection, mechanisms.get(connection, mechanism)).items()}


def _rows(connection: Connection, bundle: Bundle) -> dict[str, tuple[Member, bool]]:
    """Member and whether they are revoked, by id; verified: the database is not trusted either."""
    query = select(members).where(members.c.mechanism == bundle.mechanism).order_by(members.c.id)
    return {
        row.id: (_verified(bytes(row.certificate), bundle.root), row.revoked)
        for row in connection.execute(query)
    }


# Once per process and content: lists of people, and of who wrote what, ask this.
_verified = functools.lru_cache(4096)(verify_member)
