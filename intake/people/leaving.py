"""When a membership ends: removed by the mechanism's own people, or because its time is over.

What the service can take back it takes back at once: sessions, assignments, grants, keys that were sealed to
the member. What the member opened and kept nobody can; hence a new epoch of keys afterwards.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select, update

from intake import clock
from intake.audit import log
from intake.audit.events import Event
from intake.db.tables.review import (
    assignments,
    identity_requests,
    member_grants,
    statuses,
    workspace_grants,
    workspaces,
)
from intake.db.tables.staff import memberships, wraps
from intake.db.tables.submissions import records
from intake.errors import NotFound
from intake.people import alarms, drills, mechanisms, members, sessions, vaults
from intake.people.memberships import Known, everyone
from intake.people.roles import AUDITOR, CUSTODIAN, KEY_HOLDER, REVIEWER

REMOVED, EXPIRED = "removed", "expired"
NEW, ASSIGNED = "new", "assigned"  # of a record: those of its statuses that say whether somebody has it


def remove(connection: Connection, mechanism: str, member: str, reason: str = REMOVED) -> Known:
    """End a membership, today; `NotFound` if there is none that could end. Of a guard, with an alarm."""
    ever = everyone(connection, mechanism)
    found = {known.membership.member: known for known in ever}.get(member)
    if found is None or found.removed_day is not None:
        raise NotFound("not_found", "there is no such member")
    if reason == REMOVED and member in guards(ever):
        alarms.raise_about(connection, mechanism, member, alarms.REMOVAL)
    here = (memberships.c.mechanism == mechanism) & (memberships.c.member == member)
    # Which keys they may have kept is said by the epoch: a new one can be made on the same day.
    epoch = drills.newest(mechanisms.get(connection, mechanism))[0].epoch
    connection.execute(update(memberships).where(here).values(removed_day=clock.day(), removed_epoch=epoch))
    sessions.end_all(connection, mechanism, member)
    had = _had(connection, mechanism, member)
    # As whoever assigns one of them does: what is said of a record afterwards is said of both.
    connection.execute(
        select(records.c.id).where(records.c.id.in_(had)).order_by(records.c.id).with_for_update()
    )
    for table in (assignments, member_grants):
        theirs = (table.c.mechanism == mechanism) & (table.c.member == member)
        connection.execute(delete(table).where(theirs))
    unassigned(connection, mechanism, had)
    asked = (identity_requests.c.mechanism == mechanism) & (identity_requests.c.asked_by == member)
    connection.execute(delete(identity_requests).where(asked, identity_requests.c.state == "waiting"))
    ours = workspaces.select().with_only_columns(workspaces.c.id).where(workspaces.c.mechanism == mechanism)
    granted = (workspace_grants.c.reader == member) & workspace_grants.c.workspace.in_(ours)
    connection.execute(delete(workspace_grants).where(granted))
    sealed = (wraps.c.mechanism == mechanism) & (wraps.c.kind == "member") & (wraps.c.reader == member)
    connection.execute(delete(wraps).where(sealed))
    vaults.remove_all(connection, mechanism, member)
    if member in members.not_revoked(connection, mechanism):
        members.revoke(connection, mechanism, member)
    log.append(connection, mechanism, Event.MEMBERSHIP_REMOVED, member=member, reason=reason)
    return found


def unassigned(connection: Connection, mechanism: str, records: Sequence[str]) -> None:
    """Records that nobody has any more are new again, unless somebody has said more than that of them."""
    nobodys = ~(
        select(assignments.c.record)
        .where(assignments.c.record == statuses.c.record, assignments.c.mechanism == mechanism)
        .exists()
    )
    for record in sorted(records):  # rows are locked in one order
        here = (statuses.c.mechanism == mechanism) & (statuses.c.record == record)
        back = {"status": NEW, "changed_by": None, "day": clock.day()}
        waits = here & (statuses.c.status == ASSIGNED) & nobodys
        connection.execute(update(statuses).where(waits).values(**back))


def _had(connection: Connection, mechanism: str, member: str) -> list[str]:
    here = (assignments.c.mechanism == mechanism) & (assignments.c.member == member)
    return list(connection.execute(select(assignments.c.record).where(here)).scalars())


def guards(ever: Sequence[Known]) -> set[str]:
    """Whom no member removes alone: auditors, and the last key-holder and the last custodian.

    `ever` are all members that there were.
    """
    coming = [k.membership for k in ever if k.removed_day is None and k.membership.expires >= clock.day()]
    found = {one.member for one in coming if AUDITOR in one.roles}
    for role in (CUSTODIAN, KEY_HOLDER):
        holders = {k.membership.member for k in ever if k.valid and role in k.membership.roles}
        found |= holders if len(holders) == 1 else set()
    return found


def expire(connection: Connection) -> None:
    """End what is over by its own date."""
    today = clock.day()
    for mechanism in mechanisms.known(connection):
        for known in everyone(connection, mechanism):
            if known.removed_day is None and known.membership.expires < today:
                remove(connection, mechanism, known.membership.member, EXPIRED)


def opened_something(known: Known) -> bool:
    """Whether the member held keys, so that a new epoch is needed once they leave."""
    return bool({CUSTODIAN, KEY_HOLDER, REVIEWER} & set(known.membership.roles))
