"""Coming back with the receipt: one's own record, found by what only the receipt gives.

Being wrong about the receipt and having none look the same. A submitter reads their own record here
without an entry in the access logs: those tell the submitter who else did.

A receipt that members of a mechanism restored is that mechanism's window: it opens what the mechanism may
open today, and nothing once consent for it has ended.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, exists, or_, select

from crypto import statement
from crypto.age_keys import Recipient
from crypto.primitives import same, sha256
from intake import clock
from intake.db import content, tickets
from intake.db.engine import Database
from intake.db.tables import submissions as t
from intake.db.tables.coming_back import deletions, messages, receipts
from intake.db.tickets import Ticket
from intake.errors import Forbidden, NotFound
from intake.store.blobs import Blob, BlobStore
from intake.submissions.secrets import Pepper


@dataclass(frozen=True, slots=True, repr=False)
class OwnRecord:
    """A submitter's record: (statement, signature) per revision, own grants as (compartment, file).

    `sign_key` (32 bytes) and `recipient` (fingerprint) are the receipt's. `mechanism` is the one whose
    members restored the receipt after a loss; None for the first receipt.
    """

    record: str
    received_day: str
    revisions: tuple[tuple[bytes, bytes], ...]
    grants: tuple[tuple[str, bytes], ...]
    sign_key: bytes
    recipient: str
    mechanism: str | None

    @property
    def restored(self) -> bool:
        """Whether it replaces a lost one. It cannot sign revisions: their key is the first receipt's."""
        return self.mechanism is not None


def require_first(own: OwnRecord) -> None:
    """`Forbidden` for a restored receipt: what concerns the whole record is for the first one alone."""
    if own.restored:
        raise Forbidden("receipt_restored", "a receipt that replaces a lost one cannot do this")


@dataclass(slots=True, repr=False)
class PartFile:
    """A part as one age file: header, then the blob's bytes."""

    header: bytes
    blob: Blob
    reopen: Callable[
        [], Blob
    ]  # a merge may take the blob away while it is read: the same bytes are elsewhere

    @property
    def size(self) -> int:
        """Bytes in all."""
        return len(self.header) + self.blob.size

    def pieces(self, start: int, end: int, piece: int) -> Iterator[bytes]:
        """Bytes `start` to `end` (exclusive), at most `piece` at a time."""
        edge = len(self.header)
        if start < edge:
            yield self.header[start : min(end, edge)]
            start = edge
        while start < end:
            try:
                data = self.blob.read(start - edge, min(piece, end - start))
            except NotFound:
                self.blob.close()
                self.blob = self.reopen()
                continue
            if not data:
                raise NotFound("not_found", "the payload is shorter than it was")
            start += len(data)
            yield data

    def read(self) -> bytes:
        """All of it, for small parts."""
        return b"".join(self.pieces(0, self.size, 1 << 20))


class Mailbox:
    """Reads records for their submitters."""

    def __init__(self, database: Database, store: BlobStore, pepper: Pepper) -> None:
        self._database = database
        self._store = store
        self._pepper = pepper

    def exists(self, lookup: bytes) -> bool:
        """Whether a record was received with this receipt."""
        kept = self._pepper.lookup(lookup)
        with self._database.read() as connection:
            return any(
                connection.execute(select(column).where(column == kept)).first() is not None
                for column in (t.records.c.lookup, receipts.c.lookup)
            )

    def open(self, lookup: bytes, auth: bytes) -> OwnRecord:
        """The record of this receipt; `NotFound` if there is none, or consent for its mechanism has ended."""
        kept = self._pepper.lookup(lookup)
        with self._database.read() as connection:
            columns = (t.records.c.id, t.records.c.auth, t.records.c.received_day)
            row = connection.execute(select(*columns).where(t.records.c.lookup == kept)).one_or_none()
            later = None if row else _restored(connection, kept)
            shown = None if later is None else _window(connection, later.id, later.mechanism)
        known = row or later
        if known is None or not same(sha256(auth), bytes.fromhex(known.auth)):
            raise NotFound("receipt_unknown", "no testimony was received with this receipt")
        found = content.of_record(self._database, self._ticket(known.id, None))
        if not found.revisions:  # erased since the receipt was found
            raise NotFound("receipt_unknown", "no testimony was received with this receipt")
        first = statement.parse(found.revisions[0][0])
        recipient = later.recipient if later else Recipient.parse(first.recipient).fingerprint
        own = tuple(
            (compartment, file)
            for compartment, whose, file in found.grants
            if whose == recipient and (shown is None or compartment in shown)
        )
        return OwnRecord(
            record=known.id,
            received_day=known.received_day,
            revisions=found.revisions,
            grants=own,
            sign_key=bytes.fromhex(later.sign_key) if later else first.sign_key,
            recipient=recipient,
            mechanism=later.mechanism if later else None,
        )

    def consenting(self, record: str) -> frozenset[str]:
        """The mechanisms that have consent for a record now."""
        with self._database.read() as connection:
            query = select(t.audience.c.mechanism).where(t.audience.c.record == record)
            return frozenset(connection.execute(query).scalars())

    def part(self, record: str, part: str, mechanism: str | None = None) -> PartFile:
        """A part of a record that `open` returned; with `OwnRecord.mechanism`, if that one may have it."""
        return part_file(self._database, self._store, self._ticket(record, part, mechanism))

    def _ticket(self, record: str, part: str | None, mechanism: str | None = None) -> Ticket:
        """The receipt was verified: its holder reads without an entry."""
        with self._database.write(durable=False) as connection:
            if mechanism is not None and part is not None:
                _require_shown(connection, record, part, mechanism)
            return tickets.own(connection, record, part)


def _restored(connection: Connection, kept: str) -> Row[Any, Any, Any, Any, Any, Any] | None:
    """What a receipt that replaces a lost one gives access to, while its mechanism has consent."""
    columns = (t.records.c.id, t.records.c.received_day)
    own = (receipts.c.auth, receipts.c.sign_key, receipts.c.recipient, receipts.c.mechanism)
    consent = exists().where(
        t.audience.c.record == receipts.c.record, t.audience.c.mechanism == receipts.c.mechanism
    )
    query = select(*columns, *own).join(receipts, receipts.c.record == t.records.c.id)
    return connection.execute(query.where(receipts.c.lookup == kept, consent)).one_or_none()


def _window(connection: Connection, record: str, mechanism: str) -> frozenset[str]:
    """The compartments that a mechanism may open today: granted, not locked, with a consent that holds."""
    waiting = exists().where(deletions.c.record == t.grants.c.record)
    query = (
        select(t.grants.c.compartment)
        .join(
            t.audience,
            (t.audience.c.record == t.grants.c.record) & (t.audience.c.mechanism == t.grants.c.mechanism),
        )
        .where(t.grants.c.record == record, t.grants.c.mechanism == mechanism, ~t.grants.c.locked, ~waiting)
        .where(or_(t.audience.c.expires.is_(None), t.audience.c.expires >= clock.day()))
    )
    return frozenset(connection.execute(query).scalars())


def _require_shown(connection: Connection, record: str, part: str, mechanism: str) -> None:
    """`NotFound` unless a mechanism may have the part: what is written to others is not for it."""
    here = (t.parts.c.record == record) & (t.parts.c.id == part)
    compartment = connection.execute(select(t.parts.c.compartment).where(here)).scalar_one_or_none()
    query = select(messages.c.mechanism).where(messages.c.record == record, messages.c.part == part)
    between = connection.execute(query).scalar_one_or_none()
    if compartment not in _window(connection, record, mechanism) or between not in (None, mechanism):
        raise NotFound("not_found", "there is no such part")


def part_file(database: Database, store: BlobStore, ticket: Ticket) -> PartFile:
    """The ticket's part: its header and its opened blob. `NotFound` if there is no such part.

    A merge may move the part to another blob between the row and the file: then it is looked up again.
    """
    header = content.header(database, ticket)

    def find() -> Blob:
        for _ in range(3):
            with database.read() as connection:
                query = select(t.parts.c.blob).where(
                    t.parts.c.record == ticket.record, t.parts.c.id == ticket.part
                )
                blob = connection.execute(query).scalar_one_or_none()
            if blob is None:
                break
            with suppress(NotFound):
                return store.open(blob)
        raise NotFound("not_found", "there is no such part")

    return PartFile(header, find(), find)
