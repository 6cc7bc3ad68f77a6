"""An installation that has been used for years: rows straight into the database, blobs as files.

Sizes are those of one real submission, which every record copies under ids of its own. Ids follow from
counters, so that the same files serve several databases.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, update

from bench import samples
from crypto.encoding import b64u_decode
from crypto.statement import statement_hash
from intake import clock
from intake.audit import log
from intake.audit.events import Event
from intake.db.engine import Database
from intake.db.tables import submissions as t
from tests.service import PURPOSE, Mechanism

BATCH = 500  # records in a transaction
MEDIUM_BYTES = 300_000


@dataclass(frozen=True, slots=True)
class Pattern:
    """What every record copies."""

    statement: bytes
    signature: str
    parts: tuple[tuple[str, bytes, str], ...]  # kind, header, class of its compartment
    grants: tuple[tuple[str, str, bytes, str | None], ...]  # class, recipient, file, mechanism


def pattern(mechanism: Mechanism, media: int) -> Pattern:
    """From a submission with so many media, sealed here."""
    small = samples.medium(2000)
    body = json.loads(samples.sealed(mechanism, [small] * media).body)
    statement = json.loads(body["statement"])
    classes = {c["id"]: c["class"] for c in statement["compartments"]}
    entries = {p["id"]: p for p in statement["parts"]}
    readers = {(a["compartment"], a["recipient"]): a["mechanism"] for a in statement["audience"]}
    return Pattern(
        body["statement"].encode(),
        b64u_decode(body["signature"], 64).hex(),
        tuple(
            (entries[p["id"]]["kind"], b64u_decode(p["header"]), classes[entries[p["id"]]["compartment"]])
            for p in body["parts"]
        ),
        tuple(
            (
                classes[g["compartment"]],
                g["recipient"],
                b64u_decode(g["file"]),
                readers.get((g["compartment"], g["recipient"])),
            )
            for g in body["grants"]
        ),
    )


def name(kind: str, *numbers: int) -> str:
    """32 bytes as hex, for the n-th of a kind."""
    return hashlib.sha256(f"{kind} {numbers}".encode()).hexdigest()


def part(record: int, position: int) -> str:
    """The id of a record's part."""
    return name("part", record, position)[:32]


def blob(record: int, position: int) -> str:
    """The blob of a record's part."""
    return name("blob", record, position)[:32]


def grow(database: Database, mechanism: str, copied: Pattern, start: int, end: int) -> None:
    """Add records number `start` to `end` (exclusive), as if each had been submitted."""
    with database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # Not for SQLAlchemy, which would begin a transaction. Nothing is lost if this run dies.
            driver: Any = connection.connection.driver_connection
            for pragma in ("synchronous=OFF", "cache_size=-800000", "foreign_keys=OFF"):
                driver.execute(f"PRAGMA {pragma}")
        for first in range(start, end, BATCH):
            connection.info["write"] = "NORMAL"
            with connection.begin():
                for table, rows in _rows(
                    connection, mechanism, copied, range(first, min(end, first + BATCH))
                ):
                    connection.execute(insert(table), rows)
                _log(connection, mechanism, range(first, min(end, first + BATCH)))
        connection.detach()  # its pragmas go with it


def blobs(folder: Path, copied: Pattern, records: range, filled: Sequence[int]) -> None:
    """The files: empty, but for the media of `filled` records, which somebody will pull."""
    content = secrets.token_bytes(MEDIUM_BYTES)
    for record in records:
        for position, (kind, _, _) in enumerate(copied.parts):
            named = blob(record, position)
            path = folder / named[:2] / named
            if kind == "medium" and record in filled:
                path.write_bytes(content)
            else:
                os.mknod(path, 0o600)


def analyze(database: Database) -> None:
    """Let the planner know how large tables are, as it does where rows came one by one."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def make_due(database: Database, records: Sequence[int], position: int) -> None:
    """Let the parts at a position, two and two, be equal and wait for their merge."""
    with database.write() as connection:
        for one, other in zip(records[::2], records[1::2], strict=False):
            pair = t.payloads.c.blob.in_([blob(one, position), blob(other, position)])
            values = {"payload_id": name("payload", one, position), "merge_after": 1}
            connection.execute(update(t.payloads).where(pair).values(values))


def size(database: Database) -> int:
    """Bytes of the database."""
    with database.read() as connection:
        if connection.dialect.name == "sqlite":
            return int(
                connection.exec_driver_sql("PRAGMA page_count").scalar_one()
                * connection.exec_driver_sql("PRAGMA page_size").scalar_one()
            )
        return int(connection.execute(select(func.pg_database_size(func.current_database()))).scalar_one())


def _rows(
    connection: Connection, mechanism: str, copied: Pattern, numbers: range
) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    day = clock.day()
    ids = [name("record", n) for n in numbers]
    yield (
        t.records,
        [
            {
                "id": record,
                "lookup": name("lookup", n),
                "auth": name("auth", n),
                "record_key": name("key", n),
                "share": name("share", n),
                "entries": 0,
                "received_day": day,
                "revision": 1,
            }
            for n, record in zip(numbers, ids, strict=True)
        ],
    )
    signed = {
        "revision": 1,
        "data": copied.statement,
        "signature": copied.signature,
        "hash": statement_hash(copied.statement),
    }
    yield t.statements, [{"record": record, **signed} for record in ids]
    classes = sorted({kind for _, _, kind in copied.parts})
    of = {(n, kind): name(f"compartment {kind}", n)[:32] for n in numbers for kind in classes}
    yield (
        t.compartments,
        [
            {"record": record, "id": of[n, kind], "class": kind, "generation": 1}
            for n, record in zip(numbers, ids, strict=True)
            for kind in classes
        ],
    )
    consent = {"mechanism": mechanism, "purposes": [PURPOSE], "expires": None, "successor": False}
    yield t.audience, [{"record": record, **consent} for record in ids]
    places = [(n, i) for n in numbers for i in range(len(copied.parts))]
    yield (
        t.payloads,
        [
            {
                "blob": blob(n, i),
                "payload_id": name("payload", n, i),
                "size": MEDIUM_BYTES if copied.parts[i][0] == "medium" else 20_000,
                "merge_after": None,
            }
            for n, i in places
        ],
    )
    yield (
        t.parts,
        [
            {
                "record": name("record", n),
                "id": part(n, i),
                "kind": copied.parts[i][0],
                "compartment": of[n, copied.parts[i][2]],
                "header": copied.parts[i][1],
                "blob": blob(n, i),
            }
            for n, i in places
        ],
    )
    yield (
        t.grants,
        [
            {
                "record": name("record", n),
                "compartment": of[n, kind],
                "recipient": recipient,
                "mechanism": reader,
                "file": file,
            }
            for n in numbers
            for kind, recipient, file, reader in copied.grants
        ],
    )
    answer = {"body": name("body"), "expires": None}
    yield t.answers, [{"key": name("answer", n), "record": name("record", n), **answer} for n in numbers]


def _log(connection: Connection, mechanism: str, numbers: range) -> None:
    for n in numbers:  # one by one, as they came
        log.append(connection, mechanism, Event.RECORD_ADDED, record=name("record", n), revision=1)
