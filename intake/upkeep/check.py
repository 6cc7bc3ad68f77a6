"""Is everything there, and is it what it was? Every row, reference, index and blob, while the server runs.

A finding names what is wrong, and what to do. What another process changes meanwhile is looked at a
second time before it counts. Memory does not grow with the installation: records and payloads are read
a few hundred at a time.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, literal, select

from crypto import age_header, statement
from crypto.errors import CryptoError
from intake.audit import log
from intake.audit.events import Event, Log
from intake.audit.keys import LogKeys
from intake.db import content
from intake.db.engine import Database
from intake.db.tables import audit as logs
from intake.db.tables import submissions as t
from intake.errors import IntakeError, NotFound
from intake.store.blobs import BlobStore
from intake.submissions.blob_rows import SWEEP_AGE
from intake.upkeep import check_logs
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
            yield Finding(problem, f"record {record.id}", RESTORE)
        progress("records", done, total)


def _record(connection: Connection, record: str) -> str | None:
    """What does not hold in a record's rows, if anything."""
    row = connection.execute(select(t.records).where(t.records.c.id == record)).one_or_none()
    if row is None:
        return None  # gone since it was listed
    revisions = _of(connection, t.statements, record, t.statements.c.revision)
    try:
        newest = statement.verify_chain([(r.data, bytes.fromhex(r.signature)) for r in revisions])
    except CryptoError as error:
        return f"its signed statements do not hold ({error})"
    if newest.record != record or newest.revision != row.revision:
        return "its row does not name the record and revision that are signed"
    if any(r.hash != statement.statement_hash(r.data) for r in revisions):
        return "the hash kept of a statement is not the statement's"
    return (
        _parts(connection, newest)
        or _compartments(connection, newest)
        or _consents(connection, newest)
        or _listed(connection, newest)
    )


def _parts(connection: Connection, newest: statement.Statement) -> str | None:
    query = (
        select(t.parts, t.payloads.c.payload_id)
        .join(t.payloads, t.payloads.c.blob == t.parts.c.blob, isouter=True)
        .where(t.parts.c.record == newest.record)
    )
    rows = {row.id: row for row in connection.execute(query)}
    if set(rows) != {p.id for p in newest.parts}:
        return "its parts are not those that are signed"
    for part in newest.parts:
        row = rows[part.id]
        if row.payload_id is None:
            return f"part {part.id} has no payload"
        if (row.kind, row.compartment, row.payload_id) != (part.kind, part.compartment, part.payload_id):
            return f"part {part.id} is not the one that is signed"
        try:
            age_header.require_post_quantum(age_header.parse(row.header))
        except CryptoError as error:
            return f"the header of part {part.id} does not hold ({error})"
    return None


def _compartments(connection: Connection, newest: statement.Statement) -> str | None:
    rows = _of(connection, t.compartments, newest.record, t.compartments.c.id)
    kept = {(r.id, r._mapping["class"], r.generation) for r in rows}
    if kept != {(c.id, c.kind, c.generation) for c in newest.compartments}:
        return "its compartments are not those that are signed"
    grants = _of(connection, t.grants, newest.record, t.grants.c.compartment)
    holders = {(g.mechanism, g.compartment, g.recipient) for g in grants}
    for asked in newest.audience:
        if (asked.mechanism, asked.compartment, asked.recipient) not in holders:
            return f"the grant of compartment {asked.compartment} to {asked.mechanism} is missing"
    return None


def _consents(connection: Connection, newest: statement.Statement) -> str | None:
    rows = _of(connection, t.audience, newest.record, t.audience.c.mechanism)
    kept = {(r.mechanism, tuple(r.purposes), r.expires, r.successor) for r in rows}
    if kept != {(c.mechanism, c.purposes, c.expires, c.successor) for c in newest.consent}:
        return "the consents that are acted on are not those that are signed"
    return None


def _listed(connection: Connection, newest: statement.Statement) -> str | None:
    entries = logs.log_entries
    query = select(entries.c.mechanism).where(
        entries.c.log == Log.RECORDS,
        entries.c.record == newest.record,
        entries.c.event == Event.RECORD_ADDED,
    )
    listed = set(connection.execute(query).scalars())
    for consent in newest.consent:
        if consent.mechanism not in listed:
            return f"it is missing in the log of {consent.mechanism}, which therefore never pulls it"
    return None


# --- blobs ---


def _blobs(database: Database, store: BlobStore, read_data: bool, progress: Progress) -> Iterator[Finding]:
    used = exists().where(t.parts.c.blob == t.payloads.c.blob).label("used")
    for payload, done, total in _rows(database, t.payloads, t.payloads.c.blob, used):
        problem = _blob(store, payload, read_data)
        here = t.payloads.c.blob == payload.blob
        if problem and _still(database, here):
            yield Finding(problem, f"blob {payload.blob}", f"bring it back from a backup; {RESTORE}")
        if not payload.used and _still(database, here):
            yield Finding("no part refers to it", f"payload {payload.blob}", RESTORE)
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
