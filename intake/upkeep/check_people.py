"""Are profiles, members and memberships what their roots signed, and as their logs say? And old drafts."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, func, select

from crypto.errors import CryptoError
from crypto.log_leaf import Opening
from crypto.members import verify_member
from crypto.membership import verify_membership
from crypto.primitives import sha256
from crypto.profiles import verify_profile
from intake import clock
from intake.audit.events import Event
from intake.db.engine import Database
from intake.db.tables import audit as logs
from intake.db.tables import coming_back as c
from intake.db.tables import people, staff
from intake.upkeep.check_coming_back import FORGED, MAINTAIN
from intake.upkeep.findings import RESTORE, Finding

_DRAFT_HOURS = 8 * 24  # a draft is kept for seven days; maintenance may take one more


def check(database: Database) -> Iterator[Finding]:
    """All of them, in one snapshot: they are few."""
    with database.read() as connection:
        found = [*_people(connection), *_drafts(connection)]
    yield from found


def _people(connection: Connection) -> Iterator[Finding]:
    roots = select(people.mechanisms.c.id, people.mechanisms.c.root).order_by(people.mechanisms.c.id)
    for mechanism, root in connection.execute(roots).all():
        where = f"mechanism {mechanism}"
        told = {event: _told(connection, mechanism, event) for event in _EVENTS}
        for row in _rows(connection, people.profiles, mechanism, people.profiles.c.version):
            if problem := _profile(row, bytes.fromhex(root), told[Event.PROFILE_ADDED]):
                yield Finding(f"version {row.version} of its profile {problem[0]}", where, problem[1])
        for row in _rows(connection, people.members, mechanism, people.members.c.id):
            if problem := _member(row, bytes.fromhex(root), told):
                yield Finding(f"its member {row.id} {problem[0]}", where, problem[1])
        for row in _rows(connection, staff.memberships, mechanism, staff.memberships.c.member):
            if problem := _membership(row, bytes.fromhex(root), told):
                yield Finding(f"the membership of {row.member} {problem[0]}", where, problem[1])


_EVENTS = (
    Event.PROFILE_ADDED,
    Event.MEMBER_ADDED,
    Event.MEMBER_REVOKED,
    Event.MEMBERSHIP_ADDED,
    Event.MEMBERSHIP_REMOVED,
)
_Told = list[dict[str, Any]]


def _profile(row: Any, root: bytes, told: _Told) -> tuple[str, str] | None:
    try:
        profile = verify_profile(bytes(row.data), root)
    except CryptoError as error:
        return f"does not hold ({error})", FORGED
    if (profile.mechanism, profile.version, profile.sha256) != (row.mechanism, row.version, row.sha256):
        return "is another one than its row says", FORGED
    if not any((e.get("version"), e.get("sha256")) == (row.version, row.sha256) for e in told):
        return "is missing in its log, so that nobody can see when it came", RESTORE
    return None


def _member(row: Any, root: bytes, told: dict[Event, _Told]) -> tuple[str, str] | None:
    try:
        member = verify_member(bytes(row.certificate), root)
    except CryptoError as error:
        return f"does not hold ({error})", FORGED
    if (member.mechanism, member.id) != (row.mechanism, row.id):
        return "is another one than the row says", FORGED
    signed = {"member": row.id, "key": sha256(member.key).hex(), "expires": member.expires}
    if not any(signed.items() <= entry.items() for entry in told[Event.MEMBER_ADDED]):
        return "is missing in its log, so that nobody can see who speaks for it", FORGED
    revoked = any(e.get("member") == row.id for e in told[Event.MEMBER_REVOKED])
    if revoked != row.revoked:
        return f"is {'not ' if revoked else ''}revoked, and its log says otherwise", FORGED
    return None


def _membership(row: Any, root: bytes, told: dict[Event, _Told]) -> tuple[str, str] | None:
    try:
        one = verify_membership(bytes(row.document), root)
    except CryptoError as error:
        return f"does not hold ({error})", FORGED
    if (one.mechanism, one.member) != (row.mechanism, row.member):
        return "is another one than the row says", FORGED
    signed = {
        "member": one.member,
        "key": sha256(one.key).hex(),
        "recipient": one.recipient.fingerprint,
        "roles": " ".join(one.roles),
        "expires": one.expires,
    }
    if not any(signed.items() <= entry.items() for entry in told[Event.MEMBERSHIP_ADDED]):
        return "is missing in its log, so that nobody can see who came in", FORGED
    ended = any(entry.get("member") == row.member for entry in told[Event.MEMBERSHIP_REMOVED])
    if ended != (row.removed_day is not None):
        return f"has {'' if ended else 'not '}ended by its log, and the row says otherwise", FORGED
    return None


def _drafts(connection: Connection) -> Iterator[Finding]:
    now = clock.hour_number()
    own = c.drafts.c.expires
    for what, where, mend in (
        ("are older than eight days", own < now - 24, MAINTAIN),
        ("are to be kept for longer than eight days", own > now + _DRAFT_HOURS, FORGED),
    ):
        number = connection.execute(select(func.count()).select_from(c.drafts).where(where)).scalar_one()
        if number:
            yield Finding(f"{number} {what}", "drafts", mend)


def _told(connection: Connection, mechanism: str, event: Event) -> _Told:
    """What the mechanism's log tells of an event; what cannot be read is a finding of the logs' check."""
    own = logs.log_entries.c
    query = select(own.opening).where(own.mechanism == mechanism, own.event == event)
    found: _Told = []
    for opening in connection.execute(query).scalars():
        try:
            found.append(Opening.parse(bytes(opening)).values)
        except (CryptoError, TypeError):
            continue
    return found


def _rows(connection: Connection, table: Any, mechanism: str, order: Any) -> list[Any]:
    query = select(table).where(table.c.mechanism == mechanism).order_by(order)
    return list(connection.execute(query).all())
