"""One record, and its parts, for a member. Every opening is an entry about the record, and counts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from intake.audit.events import Event
from intake.db import content
from intake.db.engine import Database
from intake.db.tables import submissions as t
from intake.db.tables.coming_back import messages
from intake.db.tables.review import assignments, statuses
from intake.errors import NotFound
from intake.people import budgets
from intake.people.reader import Reader
from intake.reviewing import numbers, rights
from intake.sharing.access import Access, Visit, What
from intake.sharing.consented import known
from intake.store.blobs import BlobStore
from intake.submissions.mailbox import PartFile, part_file

_PART = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, repr=False)
class OpenedRecord:
    """What a member may see of a record.

    `revisions` are (statement, signature). `own` are (compartment, age file, hour of its end) sealed to the
    member; `grants` (compartment, recipient, age file) are sealed to the mechanism's own keys. `parts` maps
    ids to sizes. `number` cites the record. `budget` is how many records the member has opened today, and
    how many they may.
    """

    record: str
    received_day: str
    number: int
    status: str
    assigned: tuple[str, ...]
    revisions: tuple[tuple[bytes, bytes], ...]
    own: tuple[tuple[str, bytes, int | None], ...]
    grants: tuple[tuple[str, str, bytes], ...]
    parts: Mapping[str, int]
    budget: tuple[int, int]


class Opening:
    """Opens records for members, through `Access` only. Blocks.

    `daily` is the budget of whoever was given no other.
    """

    def __init__(self, database: Database, store: BlobStore, access: Access, daily: int) -> None:
        self._database = database
        self._store = store
        self._access = access
        self._daily = daily

    def record(self, visit: Visit, record: str) -> OpenedRecord:
        """Statements, grants, and which parts they open."""
        own: dict[str, tuple[bytes, int | None]] = {}
        kinds: dict[str, str] = {}
        budget: list[tuple[int, int]] = []

        def check(connection: Connection, reader: Reader) -> None:
            numbers.give(connection, reader)
            rights.require(connection, reader, record)
            budget.append(budgets.spend(connection, reader, record, self._daily))
            kinds.update(rights.granted(connection, reader.mechanism, record))
            own.update(rights.own_grants(connection, reader, record))

        reader = self._access.admitted(visit, What(Event.RECORD_OPENED, known(record)), check)
        found = content.of_record(self._database, reader.ticket)
        readable = rights.readable(reader, kinds, own)
        released = rights.released(reader, kinds)
        with self._database.read() as connection:
            row = connection.execute(
                select(t.records.c.received_day, statuses.c.number, statuses.c.status)
                .join(statuses, statuses.c.record == t.records.c.id)
                .where(t.records.c.id == record, statuses.c.mechanism == reader.mechanism)
            ).one_or_none()
            if row is None:  # erased since it was admitted
                raise NotFound("not_found", "there is no such record")
            parts = connection.execute(
                select(t.parts.c.id, t.payloads.c.size)
                .join(t.payloads, t.payloads.c.blob == t.parts.c.blob)
                .where(t.parts.c.record == record, t.parts.c.compartment.in_(readable))
                .where(t.parts.c.kind != "message")  # those are listed by themselves
            )
            sizes = {p.id: found.headers[p.id] + p.size for p in parts if p.id in found.headers}
            given = select(assignments.c.member).where(
                assignments.c.record == record, assignments.c.mechanism == reader.mechanism
            )
            assigned = tuple(sorted(connection.execute(given).scalars()))
        return OpenedRecord(
            record=record,
            received_day=row.received_day,
            number=row.number,
            status=row.status,
            assigned=assigned,
            revisions=found.revisions,
            own=tuple((c, file, expires) for c, (file, expires) in sorted(own.items()) if c in kinds),
            grants=tuple(grant for grant in found.grants if grant[0] in released),
            parts=sizes,
            budget=budget[-1],
        )

    def part(self, visit: Visit, record: str, part: str) -> PartFile:
        """One part as an age file; ranges of it are one entry in a session."""
        fine = known(record) is not None and _PART.fullmatch(part) is not None
        what = What(
            Event.PART_DOWNLOADED,
            record if fine else None,
            part=part if fine else None,
            once=f"{record}/{part}" if fine else None,
        )

        def check(connection: Connection, reader: Reader) -> dict[str, str]:
            if not fine:
                raise NotFound("not_found", "there is no such part")
            rights.require(connection, reader, record)
            kind = _require_readable(connection, reader, record, part)
            budgets.spend(connection, reader, record, self._daily)
            return {"class": kind}

        admitted = self._access.admitted(visit, what, check)
        return part_file(self._database, self._store, admitted.ticket)


def _require_readable(connection: Connection, reader: Reader, record: str, part: str) -> str:
    """The class of the part's compartment; `NotFound` unless that is open to the member now."""
    kinds = rights.granted(connection, reader.mechanism, record)
    readable = rights.readable(reader, kinds, rights.own_grants(connection, reader, record))
    here = select(t.parts.c.compartment).where(t.parts.c.record == record, t.parts.c.id == part)
    between = select(messages.c.mechanism).where(messages.c.record == record, messages.c.part == part)
    whose = connection.execute(between).scalar_one_or_none()
    compartment = connection.execute(here).scalar_one_or_none()
    if compartment not in readable or whose not in (None, reader.mechanism):
        raise NotFound("not_found", "there is no such part")
    return kinds[compartment]
