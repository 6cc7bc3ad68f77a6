"""Is everything there, and is it what it was? Every row, reference, index and blob, while the server runs.

A finding names what is wrong, and what to do. What another process changes meanwhile is looked at a
second time before it counts. Memory does not grow with the installation: records and payloads are read
a few hundred at a time.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, literal, select

from crypto import age_header, statement
from crypto.errors import CryptoError
from intake.audit import log
from intake.audit.keys import LogKeys
from intake.db import content
from intake.db.engine import Database
from intake.db.tables import submissions as t
from intake.errors import IntakeError, NotFound
from intake.store.blobs import BlobStore
from intake.submissions.blob_rows import SWEEP_AGE, referred_to
from intake.upkeep import check_alarms, check_coming_back, check_logs, check_people, check_work
from intake.upkeep.check_coming_back import Kept, Problem
from intake.upkeep.findings import RESTORE, Finding, Progress

_BATCH = 200  # rows at a time
_PIECE = 1024 * 1024


def check(
    database: Database,
    store: BlobStore,
    keys: LogKeys,
    *,
    read_data: bool,
    progress: Progress = lambda *_: None,
) -> Iterator[Finding]:
    """All findings, as they are found. With `read_data`, every blob is read and hashed.

    Signed statements and headers are looked at, so this reads content without a ticket: it is run by an
    operator, on PostgreSQL with the URL of the tables' owner, and shows nobody what it reads.
    """
    content.require_owner(database)
    database = database.unguarded()
    settle(database)
    for found in (
        _records(database, progress),
        _blobs(database, store, read_data, progress),
        _uploads(database, store),
        check_people.check(database),
        check_work.check(database, progress),
        check_alarms.check(database),
        check_logs.check(database, keys, progress),
        _orphans(database, store, progress),
    ):
        yield from found


def settle(database: Database) -> None:
    """Give waiting log entries their indexes, whether or not this process runs the sequencer itself."""
    with database.read() as connection:
        if not log.waiting(connection):
            return
    with database.write(durable=False) as connection:
        connection.info["sequencer"] = True
        for mechanism, kind in log.logs(connection):
            log.settle(connection, mechanism, kind)


# --- records ---


def _records(database: Database, progress: Progress) -> Iterator[Finding]:
    for record, done, total in _rows(database, t.records, t.records.c.id):
        # A submission is one transaction, so a record is whole in every snapshot.
        with database.read() as connection:
            problem = _record(connection, record.id)
        if problem:
            settle(database)  # it may have come in after the check began
            with database.read() as connection:
                problem = _record(connection, record.id)
        if problem:
            what, mend = problem
            yield Finding(what, f"record {record.id}", mend)
        progress("records", done, total)
    with database.read() as connection:
        orphans = list(check_coming_back.orphans(connection))
    for gone, table in orphans:
        yield Finding(f"there are rows of {table} about it, and it is not there", f"record {gone}", RESTORE)


def _record(connection: Connection, record: str) -> Problem:
    """What does not hold in a record's rows, and the mend; None if all does."""
    row = connection.execute(select(t.records).where(t.records.c.id == record)).one_or_none()
    if row is None:
        return None  # gone since it was listed
    revisions = _of(connection, t.statements, record, t.statements.c.revision)
    try:
        newest = statement.verify_chain([(r.data, bytes.fromhex(r.signature)) for r in revisions])
        chain = [statement.parse(r.data) for r in revisions]
    except CryptoError as error:
        return f"its signed statements do not hold ({error})", RESTORE
    if newest.record != record or newest.revision != row.revision:
        return "its row does not name the record and revision that are signed", RESTORE
    if any((r.hash, r.revision) != _named(r.data) for r in revisions):
        return "the hash kept of a statement is not the statement's", RESTORE
    kept = Kept(connection, chain)
    what = _parts(kept) or _compartments(connection, newest)
    return (what, RESTORE) if what else check_coming_back.problem(kept)


def _named(data: bytes) -> tuple[str, int]:
    return statement.statement_hash(data), statement.parse(data).revision


def _parts(kept: Kept) -> str | None:
    newest = kept.newest
    query = (
        select(t.parts, t.payloads.c.payload_id)
        .join(t.payloads, t.payloads.c.blob == t.parts.c.blob, isouter=True)
        .where(t.parts.c.record == newest.record)
    )
    rows = {row.id: row for row in kept.connection.execute(query)}
    wanted = {p.id for p in newest.parts}
    if kept.held and not wanted <= set(rows):
        wanted = {p.id for p in newest.parts if p.compartment in kept.held}
    if set(rows) != wanted | set(kept.messages):
        return "its parts are not those that are signed"
    for part in newest.parts:
        if part.id not in wanted:
            continue
        row = rows[part.id]
        if row.payload_id is None:
            return f"part {part.id} has no payload"
        if (row.kind, row.compartment, row.payload_id) != (part.kind, part.compartment, part.payload_id):
            return f"part {part.id} is not the one that is signed"
    for row in rows.values():
        try:
            age_header.require_post_quantum(age_header.parse(row.header))
        except CryptoError as error:
            return f"the header of part {row.id} does not hold ({error})"
    return None


def _compartments(connection: Connection, newest: statement.Statement) -> str | None:
    rows = _of(connection, t.compartments, newest.record, t.compartments.c.id)
    kept = {(r.id, r._mapping["class"], r.generation) for r in rows}
    if kept != {(c.id, c.kind, c.generation) for c in newest.compartments}:
        return "its compartments are not those that are signed"
    return None


# --- blobs ---


def _blobs(database: Database, store: BlobStore, read_data: bool, progress: Progress) -> Iterator[Finding]:
    used = referred_to().label("used")
    for payload, done, total in _rows(database, t.payloads, t.payloads.c.blob, used):
        problem = _blob(store, payload, read_data)
        here = t.payloads.c.blob == payload.blob
        if problem and _still(database, here):
            yield Finding(problem, f"blob {payload.blob}", f"bring it back from a backup; {RESTORE}")
        if not payload.used and _still(database, here):
            yield Finding("nothing refers to it", f"payload {payload.blob}", RESTORE)
        progress("blobs read" if read_data else "blobs", done, total)


def _blob(store: BlobStore, payload: Any, read_data: bool) -> str | None:
    try:
        blob = store.open(payload.blob)
    except NotFound:
        return "it is missing"
    except IntakeError as error:
        return f"it cannot be opened ({error.detail})"
    try:
        if blob.size != payload.size:
            return f"it has {blob.size} bytes instead of {payload.size}"
        if read_data:
            digest, offset = hashlib.sha256(), 0
            while piece := blob.read(offset, _PIECE):
                digest.update(piece)
                offset += len(piece)
            if digest.hexdigest() != payload.payload_id:
                return "its bytes are not the ones that were received"
    except IntakeError as error:
        return f"it cannot be read ({error.detail})"
    finally:
        blob.close()
    return None


def _uploads(database: Database, store: BlobStore) -> Iterator[Finding]:
    for upload, _, _ in _rows(database, t.uploads, t.uploads.c.id):
        try:
            if upload.blob:
                store.open(upload.blob).close()
            elif upload.durable:
                for _ in store.staged(upload.id[:32], upload.durable):
                    pass
        except IntakeError as error:
            mine = (t.uploads.c.id == upload.id) & (t.uploads.c.durable == upload.durable)
            if _still(database, mine & t.uploads.c.blob.is_not_distinct_from(upload.blob)):
                mend = "nothing: its client begins it anew, or it expires"
                yield Finding(f"bytes of it are lost ({error.detail})", f"upload {upload.id}", mend)


def _orphans(database: Database, store: BlobStore, progress: Progress) -> Iterator[Finding]:
    for number in range(256):
        prefix = f"{number:02x}"
        names = set(store.names(2 * SWEEP_AGE, prefix))
        if names:
            with database.read() as connection:
                for column in (t.payloads.c.blob, t.uploads.c.blob):
                    known = select(column).where(column.between(prefix + "00" * 15, prefix + "ff" * 15))
                    names -= set(connection.execute(known).scalars())
        for name in sorted(names):
            yield Finding("no row refers to it", f"blob {name}", "run 'intake maintain', which sweeps it")
        progress("orphans", number + 1, 256)


# --- reading in pieces ---


def _rows(database: Database, table: Any, key: Any, *more: Any) -> Iterator[tuple[Any, int, int]]:
    """(row, number of it, about how many there are), in the order of `key`, a batch per transaction."""
    with database.read() as connection:
        total: int = connection.execute(select(func.count()).select_from(table)).scalar_one()
    last, done = None, 0
    while True:
        query: Select[Any] = select(table, *more).order_by(key).limit(_BATCH)
        with database.read() as connection:
            rows = connection.execute(query if last is None else query.where(key > last)).all()
        for row in rows:
            done += 1
            yield row, done, max(done, total)
        if not rows:
            return
        last = rows[-1]._mapping[key]


def _of(connection: Connection, table: Any, record: str, order: Any) -> Sequence[Any]:
    return connection.execute(select(table).where(table.c.record == record).order_by(order)).all()


def _still(database: Database, row: ColumnElement[bool]) -> bool:
    """Whether a row is there now: what a merge, a claim or an erasure took away is no finding."""
    with database.read() as connection:
        return connection.execute(select(literal(1)).where(row)).first() is not None
