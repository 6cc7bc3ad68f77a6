"""Publishing: at fixed times, with padding, and only what continues what was signed before.

An outsider sees that a log grows by some block at every full period, whether anything happened or not.
A checkpoint is signed after the tree was compared with two memories of the last one: its row, and a
file beside the keys that a restored backup does not take back; and after the entries were counted, since
the tree is made from tiles and would not miss one. If they disagree nothing is signed, and the log says
so until somebody has found out why; testimonies are taken all the same. What a count cannot see, an old
entry that was changed, `walk` finds bit by bit.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, case, exists, func, insert, select

from crypto import checkpoints, merkle, notes
from crypto.checkpoints import Checkpoint
from crypto.errors import CryptoError, FormatError, VerifyError
from crypto.log_leaf import Opening
from crypto.notes import Note, Signature
from intake import clock, logs
from intake.audit import log, tree
from intake.audit.events import Event, Log
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

    def stop(self, mechanism: str, kind: Log, reason: str = "it contradicts ours") -> None:
        """Sign nothing more of a log, in any process: a witness has seen another history of it, or entries
        are not what they were. What stopped it first is kept."""
        if self._keys.stopped(mechanism, kind) is None:
            self._keys.stop(mechanism, kind, reason)

    def publish_due(self) -> int:
        """Publish every log whose period has begun; return how many. Says which ones it refused."""
        with self._database.read() as connection:
            all_logs = log.logs(connection)
        published = 0
        for mechanism, kind in all_logs:
            try:
                published += self.publish(mechanism, kind)
            except (IntakeError, CryptoError) as error:
                logs.event("log_not_published", logging.ERROR, error=error)
        return published

    def publish(self, mechanism: str, kind: Log, *, now: bool = False) -> bool:
        """Sign the log as it stands, once per period; `Inconsistent` if it is not what it was.

        The head's row is locked throughout, so that of many publishers one signs each size.
        """
        self._require_not_stopped(mechanism, kind)
        start = clock.now() // self._cadence.seconds * self._cadence.seconds
        with self._database.write() as connection:
            log.size(connection, mechanism, kind, lock=True)
            last = self._last(connection, mechanism, kind)
            if last and not now and not self._due(last.time, start):
                return False
            log.settle(connection, mechanism, kind)
            size = log.size(connection, mechanism, kind)
            self.check(connection, mechanism, kind, size)
            grown = size - (last.checkpoint.size if last else 0)
            log.pad(connection, mechanism, kind, _padded(grown, self._cadence.block) - grown)
            size = log.size(connection, mechanism, kind)
            origin = self._keys.name(mechanism, kind)
            checkpoint = Checkpoint(origin, size, tree.root(connection, mechanism, kind, size))
            note = self._keys.sign(checkpoint, start)
            connection.execute(
                insert(t.checkpoints).values(mechanism=mechanism, log=kind, size=size, slot=start, note=note)
            )
        self._keys.remember(mechanism, kind, note)
        return True

    def _require_not_stopped(self, mechanism: str, kind: Log) -> None:
        reason = self._keys.stopped(mechanism, kind)
        if reason is not None:
            raise Inconsistent(
                "log_inconsistent",
                f"the signing of {mechanism}/{kind} was stopped ({reason}): nothing is signed until you have"
                f" found out why and run 'intake log resume {mechanism} {kind}'",
            )

    def _due(self, last: int, start: int) -> bool:
        """Whether the period that began at `start` has no checkpoint yet; the last one is of `last`."""
        if last > start + self._cadence.seconds:
            # The clock was ahead once. Waiting until it gets there again might take years.
            logs.event("checkpoint_from_the_future", logging.ERROR)
            return True
        return last < start

    def _last(self, connection: Connection, mechanism: str, kind: Log) -> "Signed | None":
        """The newest checkpoint's row, verified; `Inconsistent` if it is not ours."""
        last = newest(connection, mechanism, kind)
        if last is None:
            return None
        try:
            signed = verify_own(last.note, self._keys, mechanism, kind)
            if signed.checkpoint.size != last.size:
                raise FormatError("its row has another size")
            return signed
        except FormatError as error:
            raise Inconsistent(
                "log_inconsistent",
                f"the newest checkpoint of {mechanism}/{kind} in the database is damaged: it was changed",
            ) from error
        except VerifyError as error:
            raise Inconsistent(
                "log_inconsistent",
                f"the keys in keys/log are not those that signed the newest checkpoint of {mechanism}/{kind}:"
                " bring the folder back from its backup",
            ) from error

    def _remembered(self, mechanism: str, kind: Log) -> "Signed | None":
        """The last one according to the file beside the keys; `Inconsistent` if that is damaged."""
        note = self._keys.newest(mechanism, kind)
        try:
            return None if note is None else verify_own(note, self._keys, mechanism, kind)
        except CryptoError as error:
            raise Inconsistent(
                "log_inconsistent",
                f"keys/log/newest.{mechanism}.{kind} is empty or damaged, or other keys signed it",
            ) from error

    def check(self, connection: Connection, mechanism: str, kind: Log, size: int) -> None:
        """`Inconsistent` unless the log continues the last checkpoint, by both memories of it, and all of
        its entries are there."""
        for last, where in (
            (self._last(connection, mechanism, kind), "database"),
            (self._remembered(mechanism, kind), "keys/log"),
        ):
            if last is None:
                continue
            signed = last.checkpoint
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
        # Full tiles are read from their rows: a million entries are counted in a twentieth of a second.
        own = t.log_entries.c
        query = select(func.count()).where(own.mechanism == mechanism, own.log == kind, own.index < size)
        if lost := size - connection.execute(query).scalar_one():
            raise Inconsistent(
                "log_inconsistent",
                f"of the {size} entries of log {mechanism}/{kind} {lost} are missing: rows were deleted"
                " ('intake check' says which)",
            )

    def compare(self, mechanism: str, kind: Log) -> None:
        """`Inconsistent` if the log could not be signed as it stands now, whether or not it is due."""
        self._require_not_stopped(mechanism, kind)
        for last_try in (False, True):  # another process may sign after our look at the rows began
            try:
                with self._database.read() as connection:
                    self.check(connection, mechanism, kind, log.size(connection, mechanism, kind))
                return
            except Inconsistent:
                if last_try:
                    raise

    def compare_all(self) -> list[str]:
        """What could not be signed, one sentence for each log. For start-up, and for who looks."""
        with self._database.read() as connection:
            all_logs = log.logs(connection)
        found = []
        for mechanism, kind in all_logs:
            try:
                self.compare(mechanism, kind)
            except Inconsistent as error:
                found.append(error.detail)
        return found


@dataclass(frozen=True, slots=True)
class Published:
    """A checkpoint's row."""

    size: int
    note: bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint that our keys signed, and the beginning of its period."""

    checkpoint: Checkpoint
    time: int


def newest(connection: Connection, mechanism: str, log: str) -> Published | None:
    """The last checkpoint, if there is one."""
    row = connection.execute(
        select(t.checkpoints)
        .where(t.checkpoints.c.mechanism == mechanism, t.checkpoints.c.log == log)
        .order_by(t.checkpoints.c.size.desc())
        .limit(1)
    ).one_or_none()
    return Published(row.size, bytes(row.note)) if row else None


def cosigned(connection: Connection, mechanism: str, log: str, published: Published) -> bytes:
    """The note with others' signatures: of the witnesses that the operator named, then of readers.

    As many as a note may have; what cannot be read is left out, and found by `intake check`.
    """
    note = Note.parse(published.note)
    named = exists().where(t.witnesses.c.key == t.cosignatures.c.key)
    lines = connection.execute(
        select(t.cosignatures.c.line)
        .where(t.cosignatures.c.mechanism == mechanism, t.cosignatures.c.log == log)
        .where(t.cosignatures.c.size == published.size)
        .order_by(case((named, 0), else_=1), t.cosignatures.c.key)
        .limit(notes.MAX_SIGNATURES)
    ).scalars()
    for line in lines:
        if len(note.signatures) < notes.MAX_SIGNATURES:
            with suppress(FormatError):
                note = note.with_signature(Signature.parse(line))
    return note.encode()


def parse(note: bytes) -> Checkpoint:
    """What a stored note claims, unverified."""
    return Checkpoint.parse(Note.parse(note).text)


def verify_own(note: bytes, keys: LogKeys, mechanism: str, log: str) -> Signed:
    """A checkpoint of ours: both keys of a generation have signed it, and no signature of ours is wrong.

    `FormatError` if it is none, `VerifyError` if other keys signed it, or for another log.
    """
    origin, times = keys.name(mechanism, log), []
    signatures = Note.parse(note).signatures
    checkpoint = parse(note)
    for pair in keys.pairs(origin):
        if any(signature.by(key) for key in pair for signature in signatures):
            found = checkpoints.verify(note, origin, pair)
            times += [signed.time for signed in found.log if signed.time is not None]
    if not times:
        raise VerifyError("none of our keys has signed the checkpoint")
    return Signed(checkpoint, max(times))


def announce(connection: Connection, keys: LogKeys, generation: int) -> None:
    """Say in every mechanism's log which keys sign from now on, unless it says so already."""
    for mechanism in sorted({mechanism for mechanism, _ in log.logs(connection)}):
        log.settle(connection, mechanism, Log.RECORDS)
        if _announced(connection, keys, mechanism, generation) is None:
            name = keys.name(mechanism, Log.RECORDS)
            texts = [key.text for key in (*keys.verifiers(name), *keys.pair(name, generation))]
            log.append(connection, mechanism, Event.LOG_KEYS, keys=list(dict.fromkeys(texts)))
            log.settle(connection, mechanism, Log.RECORDS)


def unsigned_announcements(connection: Connection, keys: LogKeys, generation: int) -> list[str]:
    """The mechanisms in whose log no signed checkpoint covers the announcement of these keys."""
    missing = []
    for mechanism in sorted({mechanism for mechanism, _ in log.logs(connection)}):
        index = _announced(connection, keys, mechanism, generation)
        last = newest(connection, mechanism, Log.RECORDS)
        if index is None or last is None or index >= last.size:
            missing.append(mechanism)
    return missing


def _announced(connection: Connection, keys: LogKeys, mechanism: str, generation: int) -> int | None:
    """Where a log announces a generation."""
    wanted = {key.text for key in keys.pair(keys.name(mechanism, Log.RECORDS), generation)}
    own = t.log_entries.c
    query = (
        select(own.index, own.opening)
        .where(own.mechanism == mechanism, own.log == Log.RECORDS, own.event == Event.LOG_KEYS)
        .order_by(own.index)
    )
    for index, opening in connection.execute(query):
        said = Opening.parse(bytes(opening)).values.get("keys") if opening else None
        if isinstance(said, list) and wanted <= {text for text in said if isinstance(text, str)}:
            return int(index)
    return None


def _padded(grown: int, block: int) -> int:
    """The least block · 2^k that holds what was added."""
    size = block
    while size < grown:
        size *= 2
    return size
