"""Erasing one record: its rows, its keys, what its log entries say, and payloads that nobody else has.

The leaves stay in the logs and mean nothing: K_record and share are gone, so that no tag can be told
from a random one, and every proof goes on to hold. Each mechanism learns which of its entries fell
silent, and no more. Ciphertext that another record refers to stays with that record.
"""

from collections.abc import Collection

from sqlalchemy import Connection, delete, select

from intake.audit import log
from intake.db.engine import Database
from intake.db.tables import coming_back as later
from intake.db.tables import submissions as t
from intake.db.tables.audit import tickets
from intake.db.tables.people import disclosures
from intake.errors import NotFound
from intake.store.blobs import BlobStore
from intake.submissions import blob_rows, reviewed
from intake.submissions.drafts import address

_OF_A_RECORD = (
    later.messages,
    later.withdrawals,
    later.handovers,
    later.deletions,
    later.standings,
    later.receipts,
    later.restorations,
    t.parts,
    t.grants,
    t.compartments,
    t.audience,
    t.statements,
    t.answers,
)


class Erasure:
    """Erases records. Blocks."""

    def __init__(self, database: Database, store: BlobStore) -> None:
        self._database = database
        self._store = store

    def erase(self, record: str) -> int:
        """Erase a record; return how many payloads went with it. `NotFound` if there is none.

        One transaction for all rows; then the blobs, which are orphans by then: a crash in between
        leaves them to the sweep.
        """
        with self._database.write() as connection:
            # Locked, so that no access is logged between the list of entries and their end.
            here = select(t.records.c.id).where(t.records.c.id == record).with_for_update()
            if connection.execute(here).first() is None:
                raise NotFound("not_found", "there is no such record")
            log.erase(connection, record)
            mine = select(t.parts.c.blob).where(t.parts.c.record == record)
            blobs = set(connection.execute(mine).scalars()) | reviewed.erase(connection, record)
            self.drafts(connection, record)
            for table in _OF_A_RECORD:
                connection.execute(delete(table).where(table.c.record == record))
            connection.execute(delete(tickets).where(tickets.c.record == record))
            connection.execute(delete(disclosures).where(disclosures.c.subject.startswith(f"{record}/")))
            connection.execute(delete(t.records).where(t.records.c.id == record))
            gone = self.lonely(connection, blobs)
        self.forget(gone)
        return len(gone)

    def drafts(self, connection: Connection, record: str) -> None:
        """Drop what was written for the record and not sent, with whichever of its receipts."""
        first = select(t.records.c.lookup, t.records.c.auth).where(t.records.c.id == record)
        restored = select(later.receipts.c.lookup, later.receipts.c.auth)
        found = connection.execute(first.union(restored.where(later.receipts.c.record == record))).all()
        kept = [address(lookup, auth) for lookup, auth in found]
        connection.execute(delete(later.drafts).where(later.drafts.c.lookup.in_(kept)))

    def lonely(self, connection: Connection, blobs: Collection[str]) -> list[str]:
        """As `blob_rows` says."""
        return blob_rows.lonely(connection, blobs)

    def forget(self, blobs: Collection[str]) -> None:
        """After the commit: let go of blobs, and of what the database's log still holds."""
        for blob in blobs:
            self._store.delete(blob)
        self._database.forget()
