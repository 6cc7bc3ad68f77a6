"""Move an installation to another database and another store, whole: nothing is left behind unseen.

    1. every blob, under its own name, its SHA-256 compared on the way    cut off: goes on with the rest
    2. all rows, in one transaction                                       cut off: as before
    3. `check` of what arrived, every blob read again

The source is only read. Its server must not run meanwhile: what it accepted would stay behind. Rows are
read and written whole, content included: on PostgreSQL both URLs are those of the tables' owners, and
afterwards `intake migrate --app-role` gives the service's role its rights on the target.
"""

import hashlib
from collections.abc import Callable, Iterator

from sqlalchemy import Connection, false, func, insert, select

from intake.db import content, migrate
from intake.db.engine import Database
from intake.db.tables import metadata
from intake.db.tables.audit import tickets
from intake.db.tables.submissions import payloads, records, uploads
from intake.errors import Conflict, Invalid, NotFound
from intake.store.blobs import BlobStore

_ROWS = 500
_PIECE = 1024 * 1024
Progress = Callable[[str, int, int], None]


class Move:
    """From one installation's database and store to another's."""

    def __init__(self, source: Database, blobs: BlobStore, target: Database, target_blobs: BlobStore) -> None:
        self._source = source.unguarded()
        self._blobs = blobs
        self._target = target.unguarded()
        self._target_blobs = target_blobs

    def run(self, progress: Progress) -> None:
        """Steps 1 and 2; `Conflict` if the target holds something, `Invalid` if a blob is not whole."""
        migrate.require_current(self._source)
        content.require_owner(self._source)
        migrate.upgrade(self._target)
        self._require_empty()
        self._move_blobs(progress)
        self._move_rows(progress)

    def _require_empty(self) -> None:
        with self._target.read() as connection:
            if connection.execute(select(records.c.id).limit(1)).first():
                raise Conflict("target_used", "the target database holds records already: nothing was moved")

    def _move_blobs(self, progress: Progress) -> None:
        names = list(self._wanted())
        done = 0
        for prefix, group in _grouped(names):
            there = set(self._target_blobs.names(0, prefix))
            for name, size, digest in group:
                if name not in there or not self._whole(name, size):
                    self._target_blobs.put(name, self._checked(name, digest))
                done += 1
                progress("blobs", done, len(names))

    def _wanted(self) -> Iterator[tuple[str, int, str]]:
        """(name, size, SHA-256) of every blob that a row refers to, by name."""
        with self._source.read() as connection:
            for table, size in ((payloads, payloads.c.size), (uploads, uploads.c.length)):
                query = select(table.c.blob, size, table.c.payload_id).where(table.c.blob.is_not(None))
                yield from (tuple(row) for row in connection.execute(query.order_by(table.c.blob)))

    def _whole(self, name: str, size: int) -> bool:
        """Whether the target has all of it, so that a second run need not send it again."""
        blob = self._target_blobs.open(name)
        try:
            return blob.size == size
        finally:
            blob.close()

    def _checked(self, name: str, digest: str) -> Iterator[bytes]:
        try:
            blob = self._blobs.open(name)
        except NotFound as error:
            raise Invalid("blob_missing", f"blob {name} is missing: run 'intake check'") from error
        seen, offset = hashlib.sha256(), 0
        try:
            while piece := blob.read(offset, _PIECE):
                seen.update(piece)
                offset += len(piece)
                yield piece
        finally:
            blob.close()
        if seen.hexdigest() != digest:
            raise Invalid("blob_damaged", f"blob {name} is damaged: run 'intake check --read-data'")

    def _move_rows(self, progress: Progress) -> None:
        """All tables in the order of their references. What is in progress stays behind: uploads that are
        not complete, and tickets."""
        with self._source.read() as source, self._target.write() as target:
            for table in metadata.sorted_tables:
                query = select(table).order_by(*table.primary_key.columns)
                if table is uploads:
                    query = query.where(uploads.c.blob.is_not(None))
                if table is tickets:
                    query = query.where(false())
                total = source.execute(select(func.count()).select_from(query.subquery())).scalar_one()
                done = 0
                for rows in (
                    source.execution_options(yield_per=_ROWS).execute(query).mappings().partitions(_ROWS)
                ):
                    target.execute(insert(table), [dict(row) for row in rows])
                    done += len(rows)
                    progress(f"rows of {table.name}", done, total)
                self._compare(target, table.name, done)

    def _compare(self, target: Connection, name: str, sent: int) -> None:
        there = target.execute(select(func.count()).select_from(metadata.tables[name])).scalar_one()
        if there != sent:
            raise Conflict("target_used", f"the target's table {name} was not empty: nothing was moved")


def _grouped(names: list[tuple[str, int, str]]) -> Iterator[tuple[str, list[tuple[str, int, str]]]]:
    """By the first two digits, which is how stores list."""
    groups: dict[str, list[tuple[str, int, str]]] = {}
    for entry in names:
        groups.setdefault(entry[0][:2], []).append(entry)
    yield from sorted(groups.items())
