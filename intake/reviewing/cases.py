"""Cases: records that belong together. A case is a workspace without a record; its title is an entry in it.

Who has the workspace's key is in the case. Being in a case shows nobody a record: each member sees those of
its records that they see anyway.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Select, delete, insert, select

from intake import clock
from intake.audit.events import Event
from intake.db.engine import Database
from intake.db.tables.review import case_records, workspace_grants, workspaces
from intake.errors import Conflict, NotFound
from intake.people.reader import Reader
from intake.reviewing.visible import require_visible, visible_of
from intake.reviewing.work import Listed, Work
from intake.reviewing.workspaces import PAGE, Shown, cards, named, require_workspace, shown
from intake.sharing.access import Access, Visit, What
from intake.sharing.consented import known

MAX_RECORDS = 2_000  # in a case


@dataclass(frozen=True, slots=True, repr=False)
class Case:
    """One case of a list; `title` is its newest, still sealed. `records` are those that the member sees."""

    workspace: Shown
    title: Listed | None
    records: tuple[str, ...]


class Cases:
    """Keeps cases, through `Access` only. Blocks."""

    def __init__(self, database: Database, work: Work, access: Access) -> None:
        self._database = database
        self._work = work
        self._access = access

    def listed(self, visit: Visit) -> tuple[list[Case], Mapping[str, bytes]]:
        """The cases that the member is in, by id, and the cards of those who could be in one."""
        reader = self._access.admitted(visit, What(Event.CASES_LISTED), lambda c, r: None)
        query = (
            select(workspaces.c.id)
            .join(workspace_grants, workspace_grants.c.workspace == workspaces.c.id)
            .where(workspaces.c.mechanism == reader.mechanism, workspaces.c.record.is_(None))
            .where(workspace_grants.c.reader == reader.member)
            .order_by(workspaces.c.id)
            .limit(PAGE)
        )
        with self._database.read() as connection:
            found = self._cases(connection, reader, list(connection.execute(query).scalars()))
            return found, cards(connection, reader.mechanism, None)

    def one(self, visit: Visit, case: str) -> tuple[Case, Mapping[str, bytes]]:
        """A case, and the cards of those who could be let into it."""

        def check(connection: Connection, reader: Reader) -> None:
            _require_case(connection, reader, case)

        reader = self._access.admitted(visit, What(Event.CASES_LISTED, fields=named(case)), check)
        with self._database.read() as connection:
            (found,) = self._cases(connection, reader, [case])
            return found, cards(connection, reader.mechanism, None)

    def add(self, visit: Visit, case: str, record: str) -> None:
        """Put a record that the member sees into a case that they are in."""

        def write(connection: Connection, reader: Reader) -> None:
            require_visible(connection, reader, record)
            _require_case(connection, reader, case)
            there = list(connection.execute(_records_of([case])))
            if any(row.record == record for row in there):
                return
            if len(there) >= MAX_RECORDS:
                raise Conflict("case_full", f"a case has at most {MAX_RECORDS} records")
            connection.execute(
                insert(case_records).values(
                    workspace=case, record=record, added_by=reader.member, day=clock.day()
                )
            )

        self._access.admitted(visit, What(Event.CASE_CHANGED, known(record), named(case)), write)

    def remove(self, visit: Visit, case: str, record: str) -> None:
        """Take a record out of a case."""

        def write(connection: Connection, reader: Reader) -> None:
            require_visible(connection, reader, record)
            _require_case(connection, reader, case)
            here = (case_records.c.workspace == case) & (case_records.c.record == record)
            connection.execute(delete(case_records).where(here))

        self._access.admitted(visit, What(Event.CASE_CHANGED, known(record), named(case)), write)

    def _cases(self, connection: Connection, reader: Reader, ids: Sequence[str]) -> list[Case]:
        rows = connection.execute(_records_of(ids)).all()
        seen = visible_of(connection, reader, [row.record for row in rows])
        titles = self._work.titles(connection, ids)
        return [
            Case(
                one,
                titles.get(one.id),
                tuple(row.record for row in rows if row.workspace == one.id and row.record in seen),
            )
            for one in shown(connection, reader, ids)
        ]


def _require_case(connection: Connection, reader: Reader, case: str) -> None:
    if require_workspace(connection, reader, case).record is not None:
        raise NotFound("not_found", "there is no such case")


def _records_of(cases: Sequence[str]) -> Select[tuple[str, str]]:
    columns = select(case_records.c.workspace, case_records.c.record)
    return columns.where(case_records.c.workspace.in_(list(cases))).order_by(case_records.c.record)
