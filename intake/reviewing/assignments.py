"""Who works on a record: a key-holder's browser seals its compartments to a member. And how far the work is.

Only triage and account compartments are assigned. The others are opened for a time, by `approvals`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from crypto import compartments
from crypto.errors import CryptoError
from intake import clock
from intake.audit.events import Event
from intake.db.tables.review import assignments, member_grants, statuses
from intake.db.tables.review import identity_requests as requests
from intake.errors import Invalid, NotFound
from intake.people import leaving, memberships
from intake.people.leaving import ASSIGNED, NEW
from intake.people.reader import Reader
from intake.people.roles import CUSTODIAN, KEY_HOLDER, REVIEWER
from intake.reviewing import numbers, rights
from intake.reviewing.visible import require_visible
from intake.sharing.access import Access, Visit, What
from intake.sharing.consented import known

CONTENT = frozenset({CUSTODIAN, KEY_HOLDER, REVIEWER})
STATUSES = (NEW, ASSIGNED, "in_review", "waiting", "closed")


@dataclass(frozen=True, slots=True, repr=False)
class MemberGrant:
    """A compartment's identity, sealed to a member: an age file."""

    compartment: str
    file: bytes


class Assignments:
    """Acts for members, through `Access` only. Blocks."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def assign(self, visit: Visit, record: str, member: str, grants: Sequence[MemberGrant]) -> int:
        """Give a record to a member; how many of the grants were new. The same again changes nothing."""
        given: list[int] = []

        def write(connection: Connection, reader: Reader) -> dict[str, str | int]:
            numbers.give(connection, reader)
            rights.require(connection, reader, record)
            _require_content(connection, reader.mechanism, member)
            kinds = rights.granted(connection, reader.mechanism, record)
            check_grants(grants, {id_ for id_, kind in kinds.items() if kind in rights.ASSIGNABLE})
            before = _assigned(connection, reader.mechanism, record, member)
            if not before:
                row = {"record": record, "mechanism": reader.mechanism, "member": member}
                made = {"assigned_by": reader.member, "day": clock.day()}
                connection.execute(insert(assignments).values(**row, **made))
                _move(connection, reader, record, NEW, ASSIGNED)
            given.append(store(connection, reader.mechanism, record, member, grants, None))
            return {"to": member}

        what = What(Event.RECORD_ASSIGNED, known(record), (("grants", len(grants)),))
        self._access.admitted(visit, what, write)
        return given[0]

    def take_back(self, visit: Visit, record: str, member: str) -> None:
        """The member no longer sees the record, and what was sealed to them is gone. `NotFound`: was not."""

        def write(connection: Connection, reader: Reader) -> dict[str, str | int]:
            rights.require(connection, reader, record)
            for table in (member_grants, assignments):
                here = (table.c.record == record) & (table.c.mechanism == reader.mechanism)
                gone = connection.execute(delete(table).where(here, table.c.member == member)).rowcount
            if not gone:  # of the assignment, which is the last
                raise NotFound("not_assigned", "the record is not assigned to this member")
            cancel(connection, reader.mechanism, record, member)
            leaving.unassigned(connection, reader.mechanism, [record])
            return {"from_member": member}

        self._access.admitted(visit, What(Event.RECORD_ASSIGNED, known(record)), write)

    def readers(self, visit: Visit) -> list[bytes]:
        """The signed memberships of those to whom something can be sealed today, by member.

        A browser takes a recipient from what the root signed, never from anything else.
        """
        found: list[bytes] = []

        def read(connection: Connection, reader: Reader) -> None:
            known_ = memberships.valid(connection, reader.mechanism)
            found.extend(known_[id_].raw for id_ in sorted(known_) if CONTENT & set(known_[id_].roles))

        self._access.admitted(visit, What(Event.PEOPLE_LISTED, fields=(("what", "readers"),)), read)
        return found

    def set_status(self, visit: Visit, record: str, status: str) -> None:
        """How far the work is, in the mechanism's own words: the submitter is told `standings`, not this."""

        def write(connection: Connection, reader: Reader) -> None:
            numbers.give(connection, reader)
            require_visible(connection, reader, record)
            if status not in STATUSES:
                raise Invalid("status_unknown", f"statuses are: {', '.join(STATUSES)}")
            _move(connection, reader, record, None, status)

        said = (("status", status),) if status in STATUSES else ()
        self._access.admitted(visit, What(Event.STATUS_SET, known(record), said), write)


def check_grants(grants: Sequence[MemberGrant], allowed: set[str]) -> None:
    """`Invalid` unless each is of one of these compartments, once, and has the form of a grant.

    Whether it opens what it should is for the member's browser, against the signed statement.
    """
    came = [grant.compartment for grant in grants]
    if not came or len(set(came)) != len(came) or not set(came) <= allowed:
        raise Invalid("grants_differ", "a grant is of a compartment that cannot be given so, or twice")
    for grant in grants:
        try:
            compartments.check_grant_form(grant.file)
        except CryptoError as error:
            raise Invalid("grant_invalid", str(error)) from error


def store(
    connection: Connection,
    mechanism: str,
    record: str,
    member: str,
    grants: Sequence[MemberGrant],
    expires: int | None,
) -> int:
    """Write a member's grants, in the place of older ones; how many compartments were new to them."""
    mine = (
        (member_grants.c.record == record)
        & (member_grants.c.mechanism == mechanism)
        & (member_grants.c.member == member)
        & member_grants.c.compartment.in_([grant.compartment for grant in grants])
    )
    before = connection.execute(delete(member_grants).where(mine)).rowcount
    row = {"record": record, "mechanism": mechanism, "member": member, "expires": expires}
    connection.execute(
        insert(member_grants), [{**row, "compartment": g.compartment, "file": g.file} for g in grants]
    )
    return len(grants) - before


def cancel(connection: Connection, mechanism: str, record: str, member: str) -> None:
    """What a member has asked to be opened, and nobody decided: it ends with their assignment."""
    theirs = (requests.c.mechanism == mechanism) & (requests.c.record == record)
    theirs &= (requests.c.asked_by == member) & (requests.c.state == rights.WAITING)
    connection.execute(delete(requests).where(theirs))


def _require_content(connection: Connection, mechanism: str, member: str) -> None:
    membership = memberships.valid(connection, mechanism).get(member)
    if membership is None or not CONTENT & set(membership.roles):
        raise Invalid("member_role", "this member is unknown, or may not see content")


def _assigned(connection: Connection, mechanism: str, record: str, member: str) -> bool:
    here = (assignments.c.record == record) & (assignments.c.mechanism == mechanism)
    query = select(assignments.c.record).where(here, assignments.c.member == member)
    return connection.execute(query).first() is not None


def _move(connection: Connection, reader: Reader, record: str, old: str | None, new: str) -> None:
    here = (statuses.c.record == record) & (statuses.c.mechanism == reader.mechanism)
    if old is not None:
        here &= statuses.c.status == old
    changed = {"status": new, "changed_by": reader.member, "day": clock.day()}
    connection.execute(update(statuses).where(here).values(**changed))
