"""Coming back with the receipt: one's own record, found by what only the receipt gives.

Being wrong about the receipt and having none look the same. A submitter reads their own record here
without an entry in the access logs: those tell the submitter who else did.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from crypto import statement
from crypto.age_keys import Recipient
from crypto.primitives import same, sha256
from intake.db import content, tickets
from intake.db.engine import Database
from intake.db.tables import submissions as t
from intake.db.tables.coming_back import receipts
from intake.db.tickets import Ticket
from intake.errors import NotFound
from intake.store.blobs import Blob, BlobStore
from intake.submissions.secrets import Pepper


@dataclass(frozen=True, slots=True, repr=False)
class OwnRecord:
    """A submitter's record: (statement, signature) per revision, own grants as (compartment, file).

    `sign_key` (32 bytes) and `recipient` (fingerprint) are the receipt's. One that was `restored` after a
    loss cannot sign revisions: those need the key from which the record's id follows.
    """

    record: str
    received_day: str
    revisions: tuple[tuple[bytes, bytes], ...]
    grants: tuple[tuple[str, bytes], ...]
    sign_key: bytes
    recipient: str
    restored: bool


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
        """The record of this receipt; `NotFound` if there is none."""
        kept = self._pepper.lookup(lookup)
        with self._database.read() as connection:
            columns = (t.records.c.id, t.records.c.auth, t.records.c.received_day)
            row = connection.execute(select(*columns).where(t.records.c.lookup == kept)).one_or_none()
            later = None if row else _restored(connection, kept)
        known = row or later
        if known is None or not same(sha256(auth), bytes.fromhex(known.auth)):
            raise NotFound("receipt_unknown", "no testimony was received with this receipt")
        found = content.of_record(self._database, self._ticket(known.id, None))
        first = statement.parse(found.revisions[0][0])
        own = tuple((compartment, file) for compartment, _, file in found.grants)
        return OwnRecord(
            record=known.id,
            received_day=known.received_day,
            revisions=found.revisions,
            grants=own,
            sign_key=bytes.fromhex(later.sign_key) if later else first.sign_key,
            recipient=later.recipient if later else Recipient.parse(first.recipient).fingerprint,
            restored=later is not None,
        )

    def consenting(self, record: str) -> frozenset[str]:
        """The mechanisms that have consent for a record now."""
        with self._database.read() as connection:
            query = select(t.audience.c.mechanism).where(t.audience.c.record == record)
            return frozenset(connection.execute(query).scalars())

    def part(self, record: str, part: str) -> PartFile:
        """A part of a record that `open` returned."""
        return part_file(self._database, self._store, self._ticket(record, part))

    def _ticket(self, record: str, part: str | None) -> Ticket:
        """The receipt was verified: its holder reads without an entry."""
        with self._database.write(durable=False) as connection:
            return tickets.own(connection, record, part)


def _restored(connection: Connection, kept: str) -> Row[Any, Any, Any, Any, Any] | None:
    """What a receipt that replaces a lost one gives access to."""
    columns = (t.records.c.id, t.records.c.received_day)
    own = (receipts.c.auth, receipts.c.sign_key, receipts.c.recipient)
    query = select(*columns, *own).join(receipts, receipts.c.record == t.records.c.id)
    return connection.execute(query.where(receipts.c.lookup == kept)).one_or_none()


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
