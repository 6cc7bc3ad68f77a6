"""How somebody becomes a member: an application from their own browser, a card from the offline root.

The browser makes the keys; the service is told the public halves (`request`), and keeps sealed files of the
others (`vaults`). The request goes to the keeper of the root by hand. What the root signs comes back as a
card, which counts only if it is of exactly the keys that were applied with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from crypto import checks
from crypto.encoding import Json, b64u_decode, parse_canonical_json
from crypto.errors import CryptoError, FormatError
from crypto.members import Member, parse_name
from crypto.membership import Membership, fingerprint, parse_card
from crypto.primitives import sha256
from intake import clock
from intake.audit import log
from intake.audit.events import Event
from intake.db.tables.people import members as certified
from intake.db.tables.staff import applications, memberships
from intake.errors import Conflict, Forbidden, Invalid, NotFound
from intake.people import alarms, invitations, mechanisms, members, passkeys, proposals, vaults
from intake.people.invitations import Invitation
from intake.people.memberships import Known, everyone
from intake.people.passkeys import Passkey
from intake.people.roles import CUSTODIAN, KEY_HOLDER

FOUNDERS = 2  # key-holders who need the root only: nobody is there yet who could propose and decide
DAYS = 30  # that an application waits for the root
_MAX_REQUEST = 4096
_MEMBERSHIP = "v mechanism member key recipient roles starts expires signature"


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey with its name, and the vault sealed to it if its authenticator can (PRF)."""

    passkey: Passkey
    name: str
    vault: bytes | None


@dataclass(frozen=True, slots=True)
class Request:
    """What the root is asked to sign. `key` is an Ed25519 key (32 bytes); `raw` is canonical JSON."""

    mechanism: str
    member: str
    name: str | None
    key: bytes
    recipient: str
    fingerprint: str
    raw: bytes

    @classmethod
    def parse(cls, data: bytes) -> "Request":
        """`FormatError` if it is not one."""
        if len(data) > _MAX_REQUEST:
            raise FormatError("the request is too long")
        top = checks.exactly(parse_canonical_json(data), "mechanism member name key recipient")
        key, recipient = b64u_decode(top["key"], 32), checks.recipient(top["recipient"])
        return cls(
            mechanism=checks.text(top["mechanism"], checks.SLUG),
            member=checks.text(top["member"], checks.SLUG),
            name=parse_name(top["name"]),
            key=key,
            recipient=recipient.text,
            fingerprint=fingerprint(key, recipient),
            raw=data,
        )


@dataclass(frozen=True, slots=True)
class Waiting:
    """An application, with the roles and days of its invitation."""

    request: Request
    roles: tuple[str, ...]
    days: int
    day: str


def apply(
    connection: Connection, secret: str, data: bytes, keys: Sequence[NewPasskey], recovery: bytes | None
) -> Waiting:
    """Use an invitation; `Unauthenticated` if it is over, `Invalid` or `Conflict` if this cannot be taken."""
    invitation = invitations.use(connection, secret)
    try:
        request = Request.parse(data)
    except CryptoError as error:
        raise Invalid("request_invalid", f"the request does not hold: {error}") from error
    if invitation.kind != invitations.JOIN or request.mechanism != invitation.mechanism:
        raise Invalid("request_invalid", "the invitation is for something else")
    require_new(connection, request.mechanism, request.member)
    keep_wrappers(connection, request.mechanism, request.member, keys, recovery)
    row = {"request": request.raw, "roles": list(invitation.roles), "days": invitation.days}
    connection.execute(
        insert(applications).values(
            mechanism=request.mechanism, member=request.member, **row, day=clock.day()
        )
    )
    fields = {"member": request.member, "fingerprint": request.fingerprint}
    log.append(connection, request.mechanism, Event.MEMBER_APPLIED, **fields)
    return _waiting(invitation, request)


def keep_wrappers(
    connection: Connection, mechanism: str, member: str, keys: Sequence[NewPasskey], recovery: bytes | None
) -> None:
    """Passkeys and vaults of somebody who has none. Two wrappers, so that one lost device loses no key.

    Where no passkey can open a vault, the printed key is the only way, and enough.
    """
    opening = sum(key.vault is not None for key in keys) + (recovery is not None)
    if not keys or opening < (2 if any(key.vault is not None for key in keys) else 1):
        raise Invalid("wrappers_missing", "a second passkey or a printed recovery key is needed")
    for key in keys:
        passkeys.add(connection, mechanism, member, key.passkey, key.name)
        if key.vault is not None:
            vaults.put(connection, mechanism, member, key.passkey.id, key.vault)
    if recovery is not None:
        vaults.put(connection, mechanism, member, vaults.RECOVERY, recovery)


def waiting(connection: Connection, mechanism: str) -> list[Waiting]:
    """Applications that nobody has answered, by member."""
    query = select(applications).where(applications.c.mechanism == mechanism)
    return [_read(row) for row in connection.execute(query.order_by(applications.c.member))]


def admit(
    connection: Connection, mechanism: str, card: bytes, alone: bool = False, longer: bool = False
) -> Membership:
    """Take a card from the root; `Invalid`, `Conflict`, `NotFound` or `Forbidden` says why not.

    It is of somebody who has applied, or the renewed one of a member. `alone` and `longer` are the
    operator's: where no two are left who could agree, it goes without them, with an alarm; and the card may
    last longer than the invitation said. The entry of who brought it is the caller's
    (`Event.MEMBER_ADMITTED`).
    """
    try:
        member, membership = parse_card(card, mechanisms.get(connection, mechanism).root)
    except CryptoError as error:
        raise Invalid("card_invalid", f"the card does not hold: {error}") from error
    known = {one.membership.member: one for one in everyone(connection, mechanism)}.get(membership.member)
    if known is not None and member.mechanism == mechanism:
        return _renew(connection, known, member, membership)
    applied = _applied(connection, mechanism, membership.member)
    asked = applied.request
    if member.mechanism != mechanism or not _same(asked, member, membership):
        raise Invalid("card_other", "the card is not of the keys that were applied with")
    if not membership.valid_on(clock.day()):
        raise Invalid("card_invalid", "the card is not valid today")
    days = (date.fromisoformat(membership.expires) - date.fromisoformat(membership.starts)).days
    if days > applied.days and not longer:
        raise Invalid(
            "card_longer",
            f"the card is for {days} days, the invitation was for {applied.days}: have it signed for"
            " these, or, if the longer time is meant, admit it with --longer",
        )
    _require_second(connection, asked, membership, alone)
    keep(connection, member, membership)
    connection.execute(delete(applications).where(_here(mechanism, membership.member)))
    proposals.finish(connection, mechanism, proposals.ADD_KEY_HOLDER, membership.member)
    return membership


def keep(connection: Connection, member: Member, membership: Membership) -> None:
    """A member from now on, by what the root signed."""
    members.add(connection, membership.mechanism, member.raw)
    row = {"mechanism": membership.mechanism, "member": membership.member}
    connection.execute(insert(memberships).values(**row, document=membership.raw))
    _say_added(connection, membership)


def _renew(connection: Connection, known: Known, member: Member, membership: Membership) -> Membership:
    """A later end of a membership, and nothing else. What was signed since its first day goes on to hold."""
    old, mechanism = known.membership, membership.mechanism
    if not known.valid:
        raise Conflict(
            "membership_over",
            "this membership has ended, and what was sealed to it is gone: invite the person anew, under"
            " another short name",
        )
    if (old.key, old.recipient.text, old.roles, old.starts) != (
        membership.key,
        membership.recipient.text,
        membership.roles,
        membership.starts,
    ):
        raise Invalid(
            "card_other",
            f"{old.member} is a member already, and a renewed card has the same keys, roles and first day:"
            " 'intake keys renew' makes it from the old card",
        )
    if membership.expires <= old.expires:
        raise NotFound("application_unknown", f"{old.member} is a member already, until {old.expires}")
    members.renew(connection, mechanism, member)
    here = (memberships.c.mechanism == mechanism) & (memberships.c.member == membership.member)
    connection.execute(update(memberships).where(here).values(document=membership.raw))
    _say_added(connection, membership)
    return membership


def _say_added(connection: Connection, membership: Membership) -> None:
    log.append(
        connection,
        membership.mechanism,
        Event.MEMBERSHIP_ADDED,
        member=membership.member,
        key=sha256(membership.key).hex(),
        recipient=membership.recipient.fingerprint,
        roles=" ".join(membership.roles),
        expires=membership.expires,
    )


def subject(card: bytes) -> str:
    """Whom a card says it is of, before anything is verified; nothing, if it says that of nobody."""
    try:
        top = checks.exactly(parse_canonical_json(card), "certificate membership")
        return checks.text(checks.exactly(top["membership"], _MEMBERSHIP)["member"], checks.SLUG)
    except CryptoError:
        return ""


def needs_second(ever: Sequence[Known], roles: Sequence[str]) -> bool:
    """Whether two members have to want somebody with these roles: keys of everything, beyond the founders.

    `ever` are all members that there were. Once there were founders it is so for good: otherwise whoever may
    remove people could make the rule go away.
    """
    holders = sum(KEY_HOLDER in known.membership.roles for known in ever)
    return bool({KEY_HOLDER, CUSTODIAN} & set(roles)) and holders >= FOUNDERS


def refuse(connection: Connection, mechanism: str, member: str) -> None:
    """Drop an application, and what came with it; `NotFound` if there is none (any more)."""
    # By what was deleted, and not by a look before: somebody may just be admitted, and needs the vaults.
    if not connection.execute(delete(applications).where(_here(mechanism, member))).rowcount:
        raise NotFound("application_unknown", "nobody of this id has applied")
    passkeys.remove_all(connection, mechanism, member)
    vaults.remove_all(connection, mechanism, member)


def expire(connection: Connection) -> None:
    """Drop applications that nobody answered for `DAYS`, and what came with them, each with an entry."""
    before = clock.day(clock.now() - DAYS * clock.DAY)
    query = select(applications.c.mechanism, applications.c.member).where(applications.c.day < before)
    for mechanism, member in connection.execute(query).all():
        try:
            refuse(connection, mechanism, member)
        except NotFound:  # admitted meanwhile
            continue
        said: dict[str, Json] = {"subject": member, "applicant": 1, "reason": "expired"}
        log.append(connection, mechanism, Event.MEMBER_REMOVED, **said)


def require_new(connection: Connection, mechanism: str, member: str) -> None:
    """`Conflict` (`member_exists`) unless nobody is or was called so, and nobody asks to be.

    One id is one person for good: not even somebody who left gives theirs to another.
    """
    known = select(certified.c.id).where(certified.c.mechanism == mechanism, certified.c.id == member)
    asked = select(applications.c.member).where(_here(mechanism, member))
    if (
        connection.execute(known).first()
        or connection.execute(asked).first()
        or passkeys.any_of(connection, mechanism, member)
    ):
        raise Conflict("member_exists", "a member of this id exists: take another id")


def _require_second(connection: Connection, asked: Request, membership: Membership, alone: bool) -> None:
    mechanism, kind = membership.mechanism, proposals.ADD_KEY_HOLDER
    if not needs_second(everyone(connection, mechanism), membership.roles):
        return
    who = {"member": membership.member, "fingerprint": asked.fingerprint}
    if proposals.approved(connection, mechanism, kind, who | {"roles": list(membership.roles)}):
        return
    if not alone:
        raise Forbidden(
            "second_person", "two members have to propose and approve this person, with these roles, first"
        )
    if proposals.possible(connection, mechanism, kind):
        raise Forbidden("second_person", "there are two members who can propose and approve this person")
    alarms.raise_about(connection, mechanism, membership.member, alarms.ALONE)


def _same(asked: Request, member: Member, membership: Membership) -> bool:
    return (asked.member, asked.name, asked.key, asked.recipient) == (
        membership.member,
        member.name,
        membership.key,
        membership.recipient.text,
    )


def _applied(connection: Connection, mechanism: str, member: str) -> Waiting:
    row = connection.execute(select(applications).where(_here(mechanism, member))).one_or_none()
    if row is None:
        raise NotFound("application_unknown", "nobody of this id has applied")
    return _read(row)


def _read(row: Row[Any]) -> Waiting:
    return Waiting(Request.parse(bytes(row.request)), tuple(row.roles), row.days, row.day)


def _waiting(invitation: Invitation, request: Request) -> Waiting:
    return Waiting(request, invitation.roles, invitation.days, clock.day())


def _here(mechanism: str, member: str) -> ColumnElement[bool]:
    return (applications.c.mechanism == mechanism) & (applications.c.member == member)
