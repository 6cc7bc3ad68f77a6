"""Deadlines: what is due on which day, and whose it is. Days and kinds are in the clear, reasons are not.

`due` is what a member is reminded of after logging in. Consents that run out are due by themselves.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from intake import clock
from intake.audit.events import Event
from intake.db.engine import Database
from intake.db.tables.review import assignments, deadlines, workspace_grants, workspaces
from intake.db.tables.submissions import audience
from intake.errors import Conflict, Invalid, NotFound
from intake.people.reader import Reader
from intake.reviewing.visible import own_mechanism, visible_of
from intake.reviewing.workspaces import about, cards, named, require_workspace
from intake.sharing.access import Access, Visit, What

CONSENT_EXPIRES = "consent_expires"
KINDS = ("reply_due", "limitation", "hearing", "follow_up", CONSENT_EXPIRES)
MAX_OPEN = 200  # in a workspace
SOON = 30  # days before its end in which a consent is due
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Due:
    """One deadline. `id` and `workspace` are None where a consent's own end is meant."""

    id: str | None
    workspace: str | None
    record: str | None
    due: str
    kind: str
    member: str
    done_day: str | None = None


class Deadlines:
    """Keeps deadlines, through `Access` only. Blocks."""

    def __init__(self, database: Database, access: Access) -> None:
        self._database = database
        self._access = access

    def of(self, visit: Visit, workspace: str) -> list[Due]:
        """Those of a workspace, by day; done ones too."""

        def check(connection: Connection, reader: Reader) -> None:
            require_workspace(connection, reader, workspace)

        what = What(Event.WORK_LISTED, about(self._database, visit, workspace), named(workspace))
        self._access.admitted(visit, what, check)
        with self._database.read() as connection:
            return list(_rows(connection, deadlines.c.workspace == workspace))

    def due(self, visit: Visit) -> list[Due]:
        """What is the member's to do, soonest first."""
        reader = self._access.admitted(visit, What(Event.WORK_LISTED), lambda c, r: None)
        with self._database.read() as connection:
            return due(connection, reader)

    def add(self, visit: Visit, workspace: str, wanted: Due) -> None:
        """A deadline under an id that the browser made; the same again changes nothing."""

        def write(connection: Connection, reader: Reader) -> None:
            place = require_workspace(connection, reader, workspace)
            if wanted.kind not in KINDS:
                raise Invalid("deadline_kind", f"a deadline is one of: {', '.join(KINDS)}")
            if not _is_day(wanted.due) or wanted.due < clock.day():
                raise Invalid("deadline_day", "a deadline is a day, and not a past one")
            if wanted.member not in cards(connection, place.mechanism, place.record):
                raise Invalid("deadline_member", "the member does not see what the deadline is about")
            before = list(_rows(connection, deadlines.c.id == wanted.id))
            if before:
                if (before[0].workspace, before[0].due, before[0].kind, before[0].member) != (
                    workspace,
                    wanted.due,
                    wanted.kind,
                    wanted.member,
                ):
                    raise Conflict("deadline_exists", "another deadline has this id")
                return
            waiting = (deadlines.c.workspace == workspace) & deadlines.c.done_day.is_(None)
            if connection.execute(select(func.count()).where(waiting)).scalar_one() >= MAX_OPEN:
                raise Conflict("deadlines_full", f"a workspace has at most {MAX_OPEN} open deadlines")
            row = {"id": wanted.id, "workspace": workspace, "due": wanted.due, "kind": wanted.kind}
            connection.execute(insert(deadlines).values(**row, member=wanted.member, done_day=None))

        what = What(Event.WORK_WRITTEN, about(self._database, visit, workspace), named(workspace))
        self._access.admitted(visit, what, write)

    def done(self, visit: Visit, id_: str) -> None:
        """It is done; by anybody who sees what it is about."""
        with self._database.read() as connection:
            ours = workspaces.c.mechanism == own_mechanism(visit)
            here = select(deadlines.c.workspace).join(workspaces).where(deadlines.c.id == id_, ours)
            workspace = connection.execute(here).scalar_one_or_none() or ""

        def write(connection: Connection, reader: Reader) -> None:
            if not workspace:
                raise NotFound("not_found", "there is no such deadline")
            require_workspace(connection, reader, workspace)
            mine = (deadlines.c.id == id_) & deadlines.c.done_day.is_(None)
            connection.execute(update(deadlines).where(mine).values(done_day=clock.day()))

        what = What(Event.WORK_WRITTEN, about(self._database, visit, workspace), named(workspace))
        self._access.admitted(visit, what, write)


def due(connection: Connection, reader: Reader) -> list[Due]:
    """What is not done of a member's own, of what they see now, and consents that end within a month."""
    mine = (deadlines.c.member == reader.member) & deadlines.c.done_day.is_(None)
    found = list(_rows(connection, mine & (workspaces.c.mechanism == reader.mechanism)))
    ending = _ending(connection, reader)
    seen = visible_of(connection, reader, [d.record for d in (*found, *ending) if d.record])
    held = select(workspace_grants.c.workspace).where(workspace_grants.c.reader == reader.member)
    ours = set(connection.execute(held).scalars())
    shown = [d for d in (*found, *ending) if (d.record in seen if d.record else d.workspace in ours)]
    return sorted(shown, key=lambda d: (d.due, d.kind, d.record or ""))


def next_of(connection: Connection, mechanism: str, records: Iterable[str]) -> dict[str, Due]:
    """The soonest open deadline of each of these records, whoever's it is: for a list."""
    here = (workspaces.c.mechanism == mechanism) & workspaces.c.record.in_(list(records))
    found: dict[str, Due] = {}
    for one in _rows(connection, here & deadlines.c.done_day.is_(None)):
        found.setdefault(str(one.record), one)
    return found


def _rows(connection: Connection, which: ColumnElement[bool]) -> Iterator[Due]:
    query = (
        select(deadlines, workspaces.c.record)
        .join(workspaces, workspaces.c.id == deadlines.c.workspace)
        .where(which)
        .order_by(deadlines.c.due, deadlines.c.id)
    )
    for row in connection.execute(query):
        yield Due(row.id, row.workspace, row.record, row.due, row.kind, row.member, row.done_day)


def _ending(connection: Connection, reader: Reader) -> list[Due]:
    until = clock.day(clock.now() + SOON * clock.DAY)
    query = (
        select(audience.c.record, audience.c.expires)
        .join(assignments, assignments.c.record == audience.c.record)
        .where(audience.c.mechanism == reader.mechanism, audience.c.expires <= until)
        .where(assignments.c.mechanism == reader.mechanism, assignments.c.member == reader.member)
    )
    return [
        Due(None, None, row.record, row.expires, CONSENT_EXPIRES, str(reader.member))
        for row in connection.execute(query)
    ]


def _is_day(text: str) -> bool:
    try:
        return _DAY.fullmatch(text) is not None and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
