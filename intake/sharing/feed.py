"""What a mechanism's program reads: the list of what happened, one record, one part.

The cursor is the index of the mechanism's records log: gapless and in the order of commits, so that
whoever has read up to n has missed nothing below it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Select, select

from intake import clock
from intake.audit import log
from intake.audit.events import Event, Log
from intake.audit.log import Entry
from intake.db import content
from intake.db.engine import Database
from intake.db.tables import submissions as t
from intake.db.tables.coming_back import messages
from intake.db.tables.people import clients as clients_
from intake.db.tables.review import identity_requests
from intake.errors import NotFound, Unauthenticated
from intake.people import budgets, clients
from intake.people.reader import Reader
from intake.sharing.access import Access, Asked, What
from intake.sharing.consented import known, require_consent
from intake.store.blobs import BlobStore
from intake.submissions.mailbox import PartFile, part_file

PAGE = 500
_PART = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Page:
    """Entries from `start` on; `next` is where to continue, `size` how long the log is."""

    entries: list[Entry]
    start: int
    next: int
    size: int


@dataclass(frozen=True, slots=True, repr=False)
class SharedRecord:
    """A record as one mechanism's program may see it. `parts` maps the ids of granted parts to file sizes.

    `withheld` are compartments that the mechanism was granted and this program is not given.
    """

    record: str
    received_day: str
    revisions: tuple[tuple[bytes, bytes], ...]
    grants: tuple[tuple[str, str, bytes], ...]
    parts: Mapping[str, int]
    withheld: tuple[str, ...] = ()


class Feed:
    """Reads for mechanisms, through `Access` only. `daily` is the budget of a program that has no other."""

    def __init__(self, database: Database, store: BlobStore, access: Access, daily: int) -> None:
        self._database = database
        self._store = store
        self._access = access
        self._daily = daily

    def page(self, asked: Asked, start: int, limit: int) -> Page:
        """Entries of the reader's own records log."""
        with self._database.read() as connection:
            known = _size_for(connection, asked)
        # Polling an empty feed is one entry per token; every page with something on it is its own.
        once = "poll" if known is not None and start >= known else None
        what = What(Event.FEED_LISTED, fields=(("start", start), ("limit", limit)), once=once)
        reader = self._access.admitted(asked, what, lambda connection, reader: None)
        with self._database.write(durable=False) as connection:
            log.settle(connection, reader.mechanism, Log.RECORDS)
        with self._database.read() as connection:
            size = log.size(connection, reader.mechanism, Log.RECORDS)
            if once is not None:
                size = min(size, known or 0)  # what came meanwhile is for the next, logged, call
            entries = log.read(connection, reader.mechanism, Log.RECORDS, start, min(limit, PAGE))
            entries = [entry for entry in entries if entry.index < size]
        return Page(entries, start, start + len(entries), size)

    def record(self, asked: Asked, record: str) -> SharedRecord:
        """One record: its statements, and the grants meant for the reader's mechanism."""
        what = What(Event.RECORD_OPENED, known(record))
        given: set[str] = set()

        def check(connection: Connection, reader: Reader) -> None:
            require_consent(connection, reader, record)
            budgets.spend(connection, reader, record, self._daily)
            given.update(_given(connection, reader, record))

        reader = self._access.admitted(asked, what, check)
        found = content.of_record(self._database, reader.ticket)
        with self._database.read() as connection:
            days = select(t.records.c.received_day).where(t.records.c.id == record)
            received_day = connection.execute(days).scalar_one_or_none()
            if received_day is None:  # erased since it was admitted
                raise NotFound("not_found", "there is no such record")
            parts = connection.execute(
                select(t.parts.c.id, t.payloads.c.size)
                .join(t.payloads, t.payloads.c.blob == t.parts.c.blob)
                .where(t.parts.c.record == record, t.parts.c.compartment.in_(given))
                .where(~_message().exists())  # those are listed by themselves
            )
            sizes = {p.id: found.headers[p.id] + p.size for p in parts if p.id in found.headers}
        grants = tuple(grant for grant in found.grants if grant[0] in given)
        withheld = tuple(sorted({grant[0] for grant in found.grants} - given))
        return SharedRecord(record, received_day, found.revisions, grants, sizes, withheld)

    def part(self, asked: Asked, record: str, part: str) -> PartFile:
        """One part as an age file."""
        spelled = bool(known(record) and _PART.fullmatch(part))
        once = f"{record}/{part}" if spelled else None
        what = What(
            Event.PART_DOWNLOADED, record if spelled else None, part=part if spelled else None, once=once
        )

        def check(connection: Connection, reader: Reader) -> dict[str, str]:
            if not spelled:
                raise NotFound("not_found", "there is no such part")
            require_consent(connection, reader, record)
            kind = _part_granted(connection, reader, record, part)
            budgets.spend(connection, reader, record, self._daily)
            return {"class": kind}

        admitted = self._access.admitted(asked, what, check)
        return part_file(self._database, self._store, admitted.ticket)


def _size_for(connection: Connection, asked: Asked) -> int | None:
    """The log's size for whoever holds this token, before any check: decides only how to log."""
    try:
        reader, _ = clients.reader(connection, asked.authorization.partition(" ")[2])
    except Unauthenticated:
        return None
    return log.size(connection, reader.mechanism, Log.RECORDS)


def _given(connection: Connection, reader: Reader, record: str) -> set[str]:
    """The compartments that a program gets: of its own classes, and of those opened for it by a custodian."""
    client = select(clients_.c.classes).where(clients_.c.id == reader.client)
    classes = set(connection.execute(client).scalar_one())
    request = identity_requests.c
    approved = select(request.classes).where(
        request.record == record,
        request.mechanism == reader.mechanism,
        request.member == reader.name,
        request.state == "approved",
        request.expires > clock.hour_number(),
    )
    for more in connection.execute(approved).scalars():
        classes |= set(more)
    query = (
        select(t.grants.c.compartment)
        .join(
            t.compartments,
            (t.compartments.c.record == t.grants.c.record) & (t.compartments.c.id == t.grants.c.compartment),
        )
        .where(t.grants.c.record == record, t.grants.c.mechanism == reader.mechanism, ~t.grants.c.locked)
        .where(t.compartments.c["class"].in_(classes))
    )
    return set(connection.execute(query).scalars())


def _part_granted(connection: Connection, reader: Reader, record: str, part: str) -> str:
    """The class of the part's compartment; `NotFound` unless the program is given that."""
    query = select(t.parts.c.compartment).where(t.parts.c.record == record, t.parts.c.id == part)
    # Several mechanisms may hold a compartment's key; a message in it is between two.
    others = _message().where(messages.c.mechanism != reader.mechanism).exists()
    compartment = connection.execute(query.where(~others)).scalar_one_or_none()
    if compartment not in _given(connection, reader, record):
        raise NotFound("not_found", "there is no such part")
    compartments = t.compartments.c
    here = (compartments.record == record) & (compartments.id == compartment)
    return str(connection.execute(select(compartments["class"]).where(here)).scalar_one())


def _message() -> Select[tuple[str]]:
    """The message that a part of the enclosing query is, if it is one."""
    same = (messages.c.record == t.parts.c.record) & (messages.c.part == t.parts.c.id)
    return select(messages.c.part).where(same).correlate(t.parts)
