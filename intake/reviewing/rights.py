"""What a member may see: records with a consent that holds, and of them what their roles and others gave.

    key-holder   every record of the mechanism: to assign them
    reviewer     what is assigned to them
    custodian    what is assigned to them, and where somebody else's request waits for a decision

Everything else is `NotFound`, as if it were not there. Of a record they see, members get the triage card and
what was granted to them; key-holders the account as well. Identity and sensitive compartments open to nobody
without an approval that has not expired (`approvals`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, cast, delete, or_, select

from intake import clock
from intake.db.tables import submissions as t
from intake.db.tables.coming_back import deletions
from intake.db.tables.review import assignments, identity_requests, member_grants
from intake.errors import NotFound
from intake.people.reader import Reader
from intake.people.roles import CUSTODIAN, KEY_HOLDER
from intake.sharing.consented import known, require_consent

TRIAGE = "triage"
ASSIGNABLE = (TRIAGE, "account")
GUARDED = ("identity", "sensitive")
WAITING = "waiting"


def consented(reader: Reader) -> ColumnElement[bool]:
    """Whether a row of `audience` lets this mechanism read for this purpose today.

    As `require_consent` decides for one record, in a query for many.
    """
    waits = select(deletions.c.record).where(deletions.c.record == t.audience.c.record).exists()
    return (
        (t.audience.c.mechanism == reader.mechanism)
        & cast(t.audience.c.purposes, String).contains(f'"{reader.purpose}"', autoescape=True)
        & or_(t.audience.c.expires.is_(None), t.audience.c.expires >= clock.day())
        & ~waits
    )


def require(connection: Connection, reader: Reader, record: str) -> None:
    """`NotFound` unless the member may see the record; `Forbidden` if its consent does not hold today.

    The record's row is locked from here to the commit.
    """
    connection.execute(select(t.records.c.id).where(t.records.c.id == record).with_for_update())
    if known(record) is None or not _sees(connection, reader, record):
        raise NotFound("not_found", "there is no such record")
    require_consent(connection, reader, record)


def assigned(connection: Connection, reader: Reader, record: str) -> bool:
    """Whether the record is assigned to the member."""
    query = select(assignments.c.record).where(
        assignments.c.record == record,
        assignments.c.mechanism == reader.mechanism,
        assignments.c.member == reader.member,
    )
    return connection.execute(query).first() is not None


def _sees(connection: Connection, reader: Reader, record: str) -> bool:
    if KEY_HOLDER in reader.roles or assigned(connection, reader, record):
        return True
    if CUSTODIAN not in reader.roles:
        return False
    request = identity_requests.c
    query = select(request.id).where(
        request.record == record,
        request.mechanism == reader.mechanism,
        request.state == WAITING,
        request.expires > clock.hour_number(),
        request.asked_by != reader.member,
        request.member != reader.member,
    )
    return connection.execute(query).first() is not None


def granted(connection: Connection, mechanism: str, record: str) -> dict[str, str]:
    """Compartment → class, of what the mechanism was granted and has not lost."""
    query = (
        select(t.compartments.c.id, t.compartments.c["class"])
        .join(
            t.grants,
            (t.grants.c.record == t.compartments.c.record) & (t.grants.c.compartment == t.compartments.c.id),
        )
        .where(t.grants.c.record == record, t.grants.c.mechanism == mechanism, ~t.grants.c.locked)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def own_grants(connection: Connection, reader: Reader, record: str) -> dict[str, tuple[bytes, int | None]]:
    """Compartment → (age file, the hour when it expires), of what was sealed to the member."""
    query = select(member_grants).where(
        member_grants.c.record == record,
        member_grants.c.mechanism == reader.mechanism,
        member_grants.c.member == reader.member,
        or_(member_grants.c.expires.is_(None), member_grants.c.expires > clock.hour_number()),
    )
    return {row.compartment: (bytes(row.file), row.expires) for row in connection.execute(query)}


def opened(
    connection: Connection, reader: Reader, records: Sequence[str]
) -> dict[str, dict[str, int | None]]:
    """Of these records, those of which something guarded is open to the member: class → the hour it ends."""
    query = (
        select(member_grants.c.record, t.compartments.c["class"], member_grants.c.expires)
        .join(
            t.compartments,
            (t.compartments.c.record == member_grants.c.record)
            & (t.compartments.c.id == member_grants.c.compartment),
        )
        .where(
            member_grants.c.mechanism == reader.mechanism,
            member_grants.c.member == reader.member,
            t.compartments.c["class"].in_(GUARDED),
            or_(member_grants.c.expires.is_(None), member_grants.c.expires > clock.hour_number()),
        )
    )
    wanted = set(records)
    found: dict[str, dict[str, int | None]] = {}
    for record, kind, expires in connection.execute(query):
        if record in wanted:
            hours = found.setdefault(record, {})
            before = hours.get(kind, 0)  # of several compartments of a class the latest end is told
            hours[kind] = None if before is None or expires is None else max(before, expires)
    return found


def expire(connection: Connection) -> None:
    """Drop what was sealed to members for a time that is over."""
    over = member_grants.c.expires <= clock.hour_number()  # not of those without an end: null
    connection.execute(delete(member_grants).where(over))


def readable(reader: Reader, kinds: Mapping[str, str], own: Mapping[str, object]) -> frozenset[str]:
    """Of the mechanism's compartments (with their classes), those whose parts the member may have."""
    by_role = _by_role(reader)
    return frozenset(id_ for id_, kind in kinds.items() if id_ in own or kind in by_role)


def is_open(
    reader: Reader, record: ColumnElement[Any], compartment: ColumnElement[Any]
) -> ColumnElement[bool]:
    """As `readable` decides for one record, in a query for many: these columns name a compartment."""
    # Each names a column: all of them would be content, which the guard refuses.
    by_role = select(t.compartments.c.id).where(
        t.compartments.c.record == record,
        t.compartments.c.id == compartment,
        t.compartments.c["class"].in_(_by_role(reader)),
    )
    granted_ = select(t.grants.c.compartment).where(
        t.grants.c.record == record,
        t.grants.c.compartment == compartment,
        t.grants.c.mechanism == reader.mechanism,
        ~t.grants.c.locked,
    )
    own = select(member_grants.c.compartment).where(
        member_grants.c.record == record,
        member_grants.c.compartment == compartment,
        member_grants.c.mechanism == reader.mechanism,
        member_grants.c.member == reader.member,
        or_(member_grants.c.expires.is_(None), member_grants.c.expires > clock.hour_number()),
    )
    return granted_.exists() & or_(by_role.exists(), own.exists())


def _by_role(reader: Reader) -> tuple[str, ...]:
    return ASSIGNABLE if KEY_HOLDER in reader.roles else (TRIAGE,)


def released(reader: Reader, kinds: Mapping[str, str]) -> frozenset[str]:
    """Compartments whose grant, sealed to the mechanism's own key, the member is given.

    Triage keys are everybody's. Key-holders assign with the others; custodians approve with the guarded ones.
    """
    classes = {TRIAGE}
    if KEY_HOLDER in reader.roles:
        classes |= set(ASSIGNABLE)
    if CUSTODIAN in reader.roles:
        classes |= set(GUARDED)
    return frozenset(id_ for id_, kind in kinds.items() if kind in classes)
