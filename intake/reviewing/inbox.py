"""The inbox: clear fields of the records that a mechanism may read today, with their triage cards.

A page is one entry about the list, and one about each record of which the member is given a card that they
had not been given before. Both are in the transaction that decides what is on the page; cards are read
after its commit. A page of 500 takes as many statements as a page of one.

Anybody can send a testimony: what cards weigh is bounded, for one record and for a page. A page that would
be too heavy ends earlier, and a record with too much of them is listed without.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, Select, func, insert, select

from crypto.message import SUBMITTER
from crypto.statement import BINARY_KINDS
from intake.audit import log
from intake.audit.events import Event
from intake.db import content, tickets
from intake.db.engine import Database
from intake.db.tables import coming_back as later
from intake.db.tables import review as r
from intake.db.tables import submissions as t
from intake.db.tickets import Ticket
from intake.errors import NotFound
from intake.people.reader import Reader
from intake.reviewing import numbers
from intake.reviewing.rights import TRIAGE, consented
from intake.sharing.access import Access, Visit, What
from intake.store.blobs import BlobStore
from intake.submissions.checks import MAX_TRIAGE

PAGE = 500
NOBODY = "nobody"
_AT_ONCE = 16  # cards fetched from the store
_OF_A_RECORD = 1024 * 1024  # bytes of its cards, older ones included: 64 of the usual size
_OF_A_PAGE = 16 * 1024 * 1024  # twice that of 500 usual ones


@dataclass(frozen=True, slots=True)
class Wanted:
    """Records with a number above `cursor`, of these statuses (all, if none is named).

    `assigned` is a member's id, or "nobody".
    """

    cursor: int = 0
    limit: int = PAGE
    statuses: tuple[str, ...] = ()
    assigned: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Card:
    """A record's triage. Grants: (compartment, recipient, age file); parts: (id, compartment, age file).

    Not signed: what the signed statement says is known when the record is opened.
    """

    grants: tuple[tuple[str, str, bytes], ...] = ()
    parts: tuple[tuple[str, str, bytes], ...] = ()


@dataclass(slots=True)
class Row:
    """One record. Days are `YYYY-MM-DD`; `media` counts parts by kind, as far as they were granted.

    `unanswered` counts the submitter's messages since the mechanism's last.
    """

    record: str
    number: int
    received_day: str
    revision: int
    purposes: tuple[str, ...]
    expires: str | None
    status: str
    media: dict[str, int] = field(default_factory=dict)
    assigned: list[str] = field(default_factory=list)
    standing: str | None = None
    unanswered: int = 0
    deadline: str | None = None
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows by number; `next` is the cursor of the next page, None after the last."""

    rows: list[Row]
    next: int | None


# (record, part) → (compartment, blob, bytes)
_Cards = dict[tuple[str, str], tuple[str, str, int]]


class Inbox:
    """Lists for members, through `Access` only. Blocks."""

    def __init__(self, database: Database, store: BlobStore, access: Access) -> None:
        self._database = database
        self._store = store
        self._access = access

    def page(self, visit: Visit, wanted: Wanted) -> Page:
        """A page of the inbox, with the cards that were granted."""
        rows: list[Row] = []
        cards: _Cards = {}
        more: list[bool] = []

        def check(connection: Connection, reader: Reader) -> Mapping[str, str | int]:
            numbers.give(connection, reader)
            found = _rows(connection, reader, wanted)
            granted = _cards(connection, reader, [row.record for row in found[: wanted.limit]])
            rows.extend(found[: _fitting(found[: wanted.limit], granted)])
            more.append(len(found) > len(rows))
            here = {row.record for row in rows}
            cards.update({key: card for key, card in granted.items() if key[0] in here})
            _note(connection, reader, cards, visit.said(reader))
            return {"records": len(rows), "listed": tickets.listed(_carded(cards))}

        admitted = self._access.admitted(visit, What(Event.TRIAGE_LISTED), check)
        with self._database.read() as connection:
            _fill(connection, admitted.mechanism, {row.record: row for row in rows})
        self._attach(admitted.ticket, rows, cards)
        return Page(rows, rows[-1].number if more[0] else None)

    def _attach(self, ticket: Ticket, rows: Sequence[Row], cards: _Cards) -> None:
        found = content.of_triage(self._database, ticket, _carded(cards))
        here = [(key, *cards[key][:2], header) for key, header in found.headers.items() if key in cards]
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            payloads = list(threads.map(lambda one: self._payload(one[2]), here))
        grants: dict[str, list[tuple[str, str, bytes]]] = defaultdict(list)
        for record, compartment, recipient, file in found.grants:
            grants[record].append((compartment, recipient, file))
        parts: dict[str, list[tuple[str, str, bytes]]] = defaultdict(list)
        for ((record, part), compartment, _, header), payload in zip(here, payloads, strict=True):
            if payload is not None:
                parts[record].append((part, compartment, header + payload))
        for row in rows:
            if parts[row.record]:
                row.card = Card(tuple(sorted(grants[row.record])), tuple(sorted(parts[row.record])))

    def _payload(self, blob: str) -> bytes | None:
        """A card's payload; None if it went away meanwhile, with its record or its revision."""
        try:
            opened = self._store.open(blob)
        except NotFound:
            return None
        try:
            return opened.read(0, opened.size)
        finally:
            opened.close()


def _rows(connection: Connection, reader: Reader, wanted: Wanted) -> list[Row]:
    """One more than wanted, if there is one."""
    status = r.statuses.c
    query = (
        select(
            t.records.c.id,
            t.records.c.received_day,
            t.records.c.revision,
            t.audience.c.purposes,
            t.audience.c.expires,
            status.number,
            status.status,
        )
        .join(t.audience, t.audience.c.record == t.records.c.id)
        .join(r.statuses, (status.record == t.records.c.id) & (status.mechanism == t.audience.c.mechanism))
        .where(consented(reader), status.number > wanted.cursor)
        .order_by(status.number)
        .limit(wanted.limit + 1)
    )
    if wanted.statuses:
        query = query.where(status.status.in_(wanted.statuses))
    if wanted.assigned is not None:
        query = query.where(_assigned(reader.mechanism, wanted.assigned))
    return [
        Row(
            row.id,
            row.number,
            row.received_day,
            row.revision,
            tuple(row.purposes),
            row.expires,
            row.status,
        )
        for row in connection.execute(query)
    ]


def _assigned(mechanism: str, member: str) -> ColumnElement[bool]:
    """Whether the enclosing query's record is assigned to a member, or to nobody."""
    query = select(r.assignments.c.record).where(
        r.assignments.c.record == t.records.c.id, r.assignments.c.mechanism == mechanism
    )
    return ~query.exists() if member == NOBODY else query.where(r.assignments.c.member == member).exists()


def _granted_parts(mechanism: str, records: Sequence[str]) -> Select[tuple[str, str, str, str, str]]:
    same = (t.grants.c.record == t.parts.c.record) & (t.grants.c.compartment == t.parts.c.compartment)
    grant = select(t.grants.c.record).where(same, t.grants.c.mechanism == mechanism, ~t.grants.c.locked)
    columns = (t.parts.c.record, t.parts.c.id, t.parts.c.kind, t.parts.c.compartment, t.parts.c.blob)
    return select(*columns).where(t.parts.c.record.in_(records), grant.exists())


def _cards(connection: Connection, reader: Reader, records: Sequence[str]) -> _Cards:
    query = (
        _granted_parts(reader.mechanism, records)
        .join(
            t.compartments,
            (t.compartments.c.record == t.parts.c.record) & (t.compartments.c.id == t.parts.c.compartment),
        )
        .join(t.payloads, t.payloads.c.blob == t.parts.c.blob)
        .add_columns(t.payloads.c.size)
        .where(t.parts.c.kind == TRIAGE, t.compartments.c["class"] == TRIAGE)
        .where(t.payloads.c.size <= MAX_TRIAGE)
    )
    found = connection.execute(query).all()
    weights = Counter[str]()
    for row in found:
        weights[row.record] += row.size
    return {
        (row.record, row.id): (row.compartment, row.blob, row.size)
        for row in found
        if weights[row.record] <= _OF_A_RECORD
    }


def _fitting(rows: Sequence[Row], cards: _Cards) -> int:
    """How many of the rows a page can hold: at least one, if there is one."""
    weights = Counter[str]()
    for (record, _), (_, _, size) in cards.items():
        weights[record] += size
    total = 0
    for position, row in enumerate(rows):
        total += weights[row.record]
        if total > _OF_A_PAGE:
            return max(position, 1)
    return len(rows)


def _carded(cards: _Cards) -> list[str]:
    """The records with cards, in order."""
    return sorted({record for record, _ in cards})


def _note(
    connection: Connection, reader: Reader, cards: Collection[tuple[str, str]], said: Mapping[str, str | int]
) -> None:
    """An entry about each record of which the member is given a card, (record, part), for the first time.

    The records are locked in one order, so that two members who list at once do not wait for each other in
    a circle.
    """
    fresh = set(cards) - _seen(connection, reader, {record for record, _ in cards})
    if not fresh:
        return
    records = {record for record, _ in fresh}
    lock = (
        select(t.records.c.id).where(t.records.c.id.in_(records)).order_by(t.records.c.id).with_for_update()
    )
    there = set(connection.execute(lock).scalars())  # without those that were erased meanwhile
    fresh -= _seen(connection, reader, there)  # another window was faster
    new = sorted((record, part) for record, part in fresh if record in there)
    if new:
        row = {"mechanism": reader.mechanism, "member": reader.member}
        connection.execute(
            insert(r.triage_seen), [{**row, "record": record, "part": part} for record, part in new]
        )
        listed = sorted({record for record, _ in new})
        log.append_each(connection, reader.mechanism, Event.TRIAGE_READ, listed, **said)


def _seen(connection: Connection, reader: Reader, records: Iterable[str]) -> set[tuple[str, str]]:
    """The cards of these records that the member was given."""
    seen = r.triage_seen.c
    mine = select(seen.record, seen.part).where(
        seen.mechanism == reader.mechanism, seen.member == reader.member, seen.record.in_(sorted(records))
    )
    return {(row.record, row.part) for row in connection.execute(mine)}


def _fill(connection: Connection, mechanism: str, rows: Mapping[str, Row]) -> None:
    """What else is known of the page's records, in the clear."""
    records = list(rows)
    media = _granted_parts(mechanism, records).where(t.parts.c.kind.in_(BINARY_KINDS)).subquery()
    counts = select(media.c.record, media.c.kind, func.count()).group_by(media.c.record, media.c.kind)
    for record, kind, count in connection.execute(counts):
        rows[record].media[kind] = count
    given = r.assignments.c
    assigned = select(given.record, given.member).where(
        given.record.in_(records), given.mechanism == mechanism
    )
    for record, member in connection.execute(assigned.order_by(given.member)):
        rows[record].assigned.append(member)
    said = later.standings.c
    standings = select(said.record, said.standing).where(
        said.record.in_(records), said.mechanism == mechanism
    )
    for record, standing in connection.execute(standings):
        rows[record].standing = standing
    message = later.messages.c
    messages = select(message.record, message.sender).where(
        message.record.in_(records), message.mechanism == mechanism
    )
    for record, sender in connection.execute(messages.order_by(message.number)):
        rows[record].unanswered = rows[record].unanswered + 1 if sender == SUBMITTER else 0
    due = (
        select(r.workspaces.c.record, func.min(r.deadlines.c.due))
        .join(r.deadlines, r.deadlines.c.workspace == r.workspaces.c.id)
        .where(
            r.workspaces.c.record.in_(records),
            r.workspaces.c.mechanism == mechanism,
            r.deadlines.c.done_day.is_(None),
        )
        .group_by(r.workspaces.c.record)
    )
    for record, day in connection.execute(due):
        rows[record].deadline = day
