"""Publishing: at fixed times, with padding, and only what continues what was signed before.

An outsider sees that a log grows by some block at every full period, whether anything happened or not.
A checkpoint is signed after the tree was compared with two memories of the last one: its row, and a
file beside the keys that a restored backup does not take back. If they disagree nothing is signed, and
the log says so until somebody has found out why; testimonies are taken all the same.
"""

import logging
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from crypto import checkpoints, merkle
from crypto.checkpoints import Checkpoint
from crypto.errors import CryptoError
from crypto.notes import Note, Signature
from intake import clock, logs
from intake.audit import log, tree
from intake.audit.events import Log
from intake.audit.keys import LogKeys
from intake.db.engine import Database
from intake.db.tables import audit as t
from intake.errors import IntakeError, NotFound


class Inconsistent(IntakeError):
    """The log is not what was signed before. Nothing more is signed until this is understood."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """Seconds between two checkpoints, and the least number of leaves by which each one grows."""

    seconds: int
    block: int


class Publisher:
    """Signs the logs of one installation."""

    def __init__(self, database: Database, keys: LogKeys, cadence: Cadence) -> None:
        self._database = database
        self._keys = keys
        self._cadence = cadence
        self._stopped: set[tuple[str, str]] = set()

    def stop(self, mechanism: str, kind: Log) -> None:
        """Sign nothing more of a log: a witness has seen another history of it."""
        self._stopped.add((mechanism, kind))

    def publish_due(self) -> int:
        """Publish every log whose period has begun; return how many. Says which ones it refused."""
        with self._database.read() as connection:
            all_logs = log.logs(connection)
        published = 0
        for mechanism, kind in all_logs:
            try:
                published += self.publish(mechanism, kind)
            except (Inconsistent, NotFound) as error:
                logs.event("log_not_published", logging.ERROR, error=error)
        return published

    def publish(self, mechanism: str, kind: Log, *, now: bool = False) -> bool:
        """Sign the log as it stands, once per period; `Inconsistent` if it is not what it was.

        The head's row is locked throughout, so that of many publishers one signs each size.
        """
        if (mechanism, kind) in self._stopped:
            raise Inconsistent(
                "log_inconsistent", f"a witness has seen another history of {mechanism}/{kind}"
            )
        slot = clock.now() // self._cadence.seconds
        with self._database.write() as connection:
            size = log.size(connection, mechanism, kind, lock=True)
            last = newest(connection, mechanism, kind)
            if last and last.slot >= slot and not now:
                return False
            log.settle(connection, mechanism, kind)
            size = log.size(connection, mechanism, kind)
            self.check(connection, mechanism, kind, size)
            grown = size - (last.size if last else 0)
            log.pad(connection, mechanism, kind, _padded(grown, self._cadence.block) - grown)
            size = log.size(connection, mechanism, kind)
            origin = self._keys.name(mechanism, kind)
            checkpoint = Checkpoint(origin, size, tree.root(connection, mechanism, kind, size))
            note = self._keys.sign(checkpoint, slot * self._cadence.seconds)
            connection.execute(
                insert(t.checkpoints).values(mechanism=mechanism, log=kind, size=size, slot=slot, note=note)
            )
        self._keys.remember(mechanism, kind, note)
        return True

    def check(self, connection: Connection, mechanism: str, kind: Log, size: int) -> None:
        """`Inconsistent` unless the log continues the last checkpoint, by both memories of it."""
        last = newest(connection, mechanism, kind)
        for note, where in (
            (last.note if last else None, "database"),
            (self._keys.newest(mechanism, kind), "keys/log"),
        ):
            if note is None:
                continue
            signed = parse(note)
            try:
                if signed.size > size:
                    raise NotFound("not_found", "it has fewer entries")
                reads = tree.subtrees(connection, mechanism, kind, size)
                root = merkle.tree_root(size, reads)
                proof = merkle.consistency_proof(signed.size, size, reads)
                merkle.verify_consistency(signed.size, signed.root, size, root, proof)
            except (CryptoError, NotFound) as error:
                raise Inconsistent(
                    "log_inconsistent",
                    f"log {mechanism}/{kind} does not continue the checkpoint of size {signed.size} that was"
                    f" signed (as {where} has it): rows were changed, or an older backup was restored",
                ) from error

    def compare_all(self) -> list[str]:
        """What does not continue the newest checkpoints, one sentence for each log. For start-up."""
        found = []
        with self._database.read() as connection:
            for mechanism, kind in log.logs(connection):
                try:
                    self.check(connection, mechanism, kind, log.size(connection, mechanism, kind))
                except Inconsistent as error:
                    found.append(error.detail)
        return found


@dataclass(frozen=True, slots=True)
class Published:
    """A checkpoint's row."""

    size: int
    slot: int
    note: bytes


def newest(connection: Connection, mechanism: str, log: str) -> Published | None:
    """The last checkpoint, if there is one."""
    row = connection.execute(
        select(t.checkpoints)
        .where(t.checkpoints.c.mechanism == mechanism, t.checkpoints.c.log == log)
        .order_by(t.checkpoints.c.size.desc())
        .limit(1)
    ).one_or_none()
    return Published(row.size, row.slot, bytes(row.note)) if row else None


def cosigned(connection: Connection, mechanism: str, log: str, published: Published) -> bytes:
    """The note with every witness's signature."""
    note = Note.parse(published.note)
    lines = connection.execute(
        select(t.cosignatures.c.line)
        .where(t.cosignatures.c.mechanism == mechanism, t.cosignatures.c.log == log)
        .where(t.cosignatures.c.size == published.size)
        .order_by(t.cosignatures.c.key)
    ).scalars()
    for line in lines:
        note = note.with_signature(Signature.parse(line))
    return note.encode()


def parse(note: bytes) -> Checkpoint:
    """What a stored note claims, unverified."""
    return Checkpoint.parse(Note.parse(note).text)


def verify_own(note: bytes, keys: LogKeys, mechanism: str, log: str) -> Checkpoint:
    """A checkpoint of ours, checked like anybody would."""
    origin = keys.name(mechanism, log)
    return checkpoints.verify(note, origin, keys.verifiers(origin)).checkpoint


def _padded(grown: int, block: int) -> int:
    """The least block · 2^k that holds what was added."""
    size = block
    while size < grown:
        size *= 2
    return size
