"""Maintenance of payloads: merge equal ones, sweep what nothing refers to, expire what was abandoned.

Merging is out of sight of clients and delayed at random: an answer, its time, or the disk's fill just
after it never tells whether a photo was known.
"""

from dataclasses import dataclass
from random import SystemRandom

from sqlalchemy import delete, func, select, update

from intake import clock
from intake.db import tickets
from intake.db.engine import Database
from intake.db.tables.submissions import answers, payloads, uploads
from intake.store.blobs import BlobStore
from intake.submissions.blob_rows import BLOB_ROWS, REFERRING, SWEEP_AGE, referred_to

_random = SystemRandom()


@dataclass(frozen=True, slots=True)
class Report:
    """What a round of maintenance did."""

    merged: int
    freed: int
    expired: int
    swept: int


class Payloads:
    """Runs maintenance. Blocks; one at a time."""

    def __init__(self, database: Database, store: BlobStore) -> None:
        self._database = database
        self._store = store

    def maintain(self, *, merge_now: bool = False, sweep: int = 256) -> Report:
        """One round of everything. Of the blobs, `sweep` of 256 folders are looked through."""
        merged, freed = self._merge(merge_now)
        expired = self._expire()
        swept = self._sweep_stages()
        for folder in _random.sample(range(256), sweep):
            swept += self._sweep_blobs(f"{folder:02x}")
        return Report(merged, freed, expired, swept)

    def _merge(self, now: bool) -> tuple[int, int]:
        """Point whatever refers to equal payloads at one blob. Each payload id in a transaction of its own.

        A blob is deleted only after the commit that took its last reference. A crash in between
        leaves an orphan, which the sweep finds.
        """
        due = payloads.c.merge_after.is_not(None) if now else payloads.c.merge_after <= clock.hour_number()
        with self._database.read() as connection:
            # Not DISTINCT: SQLite would walk the index of all payload ids for it.
            ids = set(connection.execute(select(payloads.c.payload_id).where(due)).scalars())
        merged = freed = 0
        for payload_id in ids:
            with self._database.write() as connection:
                rows = connection.execute(
                    select(payloads)
                    .where(payloads.c.payload_id == payload_id)
                    .order_by(payloads.c.merge_after.is_not(None), payloads.c.blob)
                    .with_for_update()
                ).all()
                settled = [row for row in rows if row.merge_after is None]
                ready = [row for row in rows if now or (row.merge_after or 0) <= clock.hour_number()]
                if not settled + ready:
                    continue  # erased meanwhile
                keep, *others = dict.fromkeys(settled + ready)
                for row in others:
                    for referring in REFERRING:
                        here = referring.c.blob == row.blob
                        connection.execute(update(referring).where(here).values(blob=keep.blob))
                    connection.execute(delete(payloads).where(payloads.c.blob == row.blob))
                connection.execute(
                    update(payloads).where(payloads.c.blob == keep.blob).values(merge_after=None)
                )
            for row in others:
                self._store.delete(row.blob)
                merged, freed = merged + 1, freed + row.size
        return merged, freed

    def _expire(self) -> int:
        """Drop uploads that no submission claimed in time, old idempotency keys, tickets left over."""
        now = clock.hour_number()
        with self._database.write() as connection:
            rows = connection.execute(
                delete(uploads).where(uploads.c.expires <= now).returning(uploads.c.id, uploads.c.blob)
            ).all()
            connection.execute(delete(answers).where(answers.c.expires <= now))
            tickets.expire(connection)
        for row in rows:
            self._store.drop_stage(row.id[:32])
            if row.blob:
                self._store.delete(row.blob)
        return len(rows)

    def _sweep_blobs(self, prefix: str) -> int:
        """Delete blobs that no row refers to, and that are too old to get one: see `blob_rows`."""
        lonely = set(self._store.names(SWEEP_AGE, prefix))
        lonely -= self._referred(prefix) if lonely else set()
        if lonely:
            with self._database.write() as connection:
                self._database.apart(connection, BLOB_ROWS)
                lonely -= self._referred(prefix)
                for name in lonely:
                    self._store.delete(name)
        return len(lonely)

    def _referred(self, prefix: str) -> set[str]:
        names: set[str] = set()
        with self._database.read() as connection:
            for column in (payloads.c.blob, uploads.c.blob):
                known = select(column).where(column.between(prefix + "00" * 15, prefix + "ff" * 15))
                names |= set(connection.execute(known).scalars())
        return names

    def _sweep_stages(self) -> int:
        """Drop stages of uploads that are gone."""
        lost = set(self._store.stages(SWEEP_AGE))
        if lost:
            with self._database.read() as connection:
                lost -= {row[:32] for row in connection.execute(select(uploads.c.id)).scalars()}
        for name in lost:
            self._store.drop_stage(name)
        return len(lost)

    def usage(self) -> tuple[int, int]:
        """(payload bytes stored, bytes that are referred to): the difference is what merging saves."""
        total = select(func.coalesce(func.sum(payloads.c.size), 0))
        with self._database.read() as connection:
            stored = int(connection.execute(total).scalar_one())
            referred = [
                connection.execute(total.join(table, table.c.blob == payloads.c.blob)).scalar_one()
                for table in REFERRING
            ]
            return stored, sum(int(size) for size in referred)

    def unreferenced(self) -> int:
        """Payload rows that nothing refers to: always 0, or something is wrong."""
        with self._database.read() as connection:
            query = select(func.count()).where(~referred_to())
            return int(connection.execute(query.select_from(payloads)).scalar_one())
