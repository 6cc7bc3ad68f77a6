"""Cosignatures of C2SP witnesses (tlog-witness, `add-checkpoint`) on the logs' checkpoints.

A witness signs that a checkpoint continues the one it signed before: with it, nobody can be shown
another history. It also remembers what a restored backup has forgotten: if it has seen a larger log
than ours, or says in two rounds that ours does not continue what it has seen, publishing stops.
"""

import logging
from dataclasses import dataclass

import httpx
from sqlalchemy import Connection, func, insert, select

from crypto import checkpoints, merkle, notes
from crypto.checkpoints import Checkpoint
from crypto.errors import CryptoError
from crypto.notes import Note, Signature, VerifierKey, padded_b64
from intake import clock, logs
from intake.audit import log, publish, tree
from intake.audit.events import Event, Log
from intake.audit.outside import Answer, Pauses, ask
from intake.audit.publish import Published, Publisher
from intake.db.engine import Database
from intake.db.tables import audit as t
from intake.errors import Invalid

_KINDS = (notes.COSIGNATURE, notes.MLDSA_COSIGNATURE)
_SIZE = "text/x.tlog.size"
_SLACK = 3600  # seconds by which a witness's clock may be ahead


class _Contradicted(Exception):
    """The witness has seen a history that ours does not continue."""


class _Doubted(Exception):
    """It says so for the first time: a proxy in between may have said it."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness that the operator named."""

    key: VerifierKey
    url: str


def add(connection: Connection, key: str, url: str) -> Witness:
    """Name a witness by its verifier key; every mechanism's log says so. `Invalid` if it is none."""
    try:
        parsed = VerifierKey.parse(key)
    except CryptoError as error:
        raise Invalid("witness_key", f"not a verifier key: {error}") from error
    if parsed.kind not in _KINDS:
        raise Invalid("witness_key", "a witness signs with cosignature/v1 (type 04) or ML-DSA-44 (06)")
    if not url.startswith(("https://", "http://")):
        raise Invalid("witness_url", "a witness has an http:// or https:// address")
    connection.execute(insert(t.witnesses).values(key=parsed.text, url=url.rstrip("/")))
    for mechanism in sorted({mechanism for mechanism, _ in log.logs(connection)}):
        log.append(connection, mechanism, Event.WITNESS_ADDED, key=parsed.text)
    return Witness(parsed, url.rstrip("/"))


def everyone(connection: Connection) -> list[Witness]:
    """All that were named."""
    rows = connection.execute(select(t.witnesses).order_by(t.witnesses.c.key))
    return [Witness(VerifierKey.parse(row.key), row.url) for row in rows]


class Witnesses:
    """Brings new checkpoints to every witness."""

    def __init__(self, database: Database, publisher: Publisher) -> None:
        self._database = database
        self._publisher = publisher
        self._pauses = Pauses()
        self._doubts: set[tuple[str, str, Log]] = set()

    def any(self) -> bool:
        """Whether one was named."""
        with self._database.read() as connection:
            return bool(everyone(connection))

    def submit_due(self, *, everything: bool = False) -> int:
        """Ask each witness for what it has not signed yet; return how many signatures came.

        With `everything`, also what it has signed: to hear, at start-up, whether it has seen more.
        """
        with self._database.read() as connection:
            witnesses = everyone(connection)
            all_logs = log.logs(connection) if witnesses else []
        signed = 0
        for witness in witnesses:
            if not self._pauses.due(witness.key.text):
                continue
            for mechanism, kind in all_logs:
                try:
                    signed += self._submit(witness, mechanism, kind, everything)
                except _Contradicted as error:
                    self._publisher.stop(mechanism, kind, f"{witness.key.name}: {error}")
                    logs.event("witness_contradicts", logging.ERROR, error=error)
                except _Doubted as error:
                    logs.event("witness_doubts", logging.WARNING, error=error)
                except (httpx.HTTPError, httpx.InvalidURL, CryptoError, ValueError) as error:
                    logs.event("witness_failed", logging.WARNING, error=error)
                    self._pauses.failed(witness.key.text)
                    break
        return signed

    def _submit(self, witness: Witness, mechanism: str, kind: Log, everything: bool) -> bool:
        with self._database.read() as connection:
            newest = publish.newest(connection, mechanism, kind)
            old = _last_signed(connection, mechanism, kind, witness.key)
        doubt = (witness.key.text, mechanism, kind)
        if newest is None or (newest.size <= old and not everything and doubt not in self._doubts):
            return False
        old = min(old, newest.size)
        answer = ask(*self._request(witness, mechanism, kind, newest, old))
        if answer.status == 409:
            seen = _size(answer)
            if seen > newest.size:  # another worker may have signed more meanwhile, and shown it
                with self._database.read() as connection:
                    newest = publish.newest(connection, mechanism, kind) or newest
            if seen > newest.size:
                raise _Contradicted(f"it has seen {seen} entries, we have {newest.size}")
            old = seen
            answer = ask(*self._request(witness, mechanism, kind, newest, old))
        if answer.status == 422 or (answer.status == 409 and _size(answer) == old):
            if doubt in self._doubts:
                raise _Contradicted("our checkpoint does not continue what it has seen")
            self._doubts.add(doubt)
            raise _Doubted
        if answer.status != 200:
            raise httpx.ReadError(f"the witness answered {answer.status}")
        self._keep(witness, mechanism, kind, newest, answer.body.decode("utf-8", "replace"))
        self._doubts.discard(doubt)
        return True

    def _request(
        self, witness: Witness, mechanism: str, kind: Log, newest: Published, old: int
    ) -> tuple[str, bytes, str]:
        with self._database.read() as connection:
            reads = tree.subtrees(connection, mechanism, kind, newest.size)
            proof = merkle.consistency_proof(old, newest.size, reads) if old else ()
        lines = [f"old {old}", *(padded_b64(h) for h in proof), ""]
        body = "".join(f"{line}\n" for line in lines).encode() + newest.note
        return f"{witness.url}/add-checkpoint", body, "text/plain; charset=utf-8"

    def _keep(self, witness: Witness, mechanism: str, kind: Log, newest: Published, lines: str) -> None:
        checkpoint = Checkpoint.parse(Note.parse(newest.note).text)
        for line in lines.splitlines(keepends=True):
            signature = Signature.parse(line)
            if not signature.by(witness.key):
                continue
            latest = clock.now() + _SLACK
            time = checkpoints.verify_signature(checkpoint, witness.key, signature, latest=latest)
            if not time:
                raise httpx.ReadError("the witness gave no time")
            with self._database.write() as connection:
                keep(connection, mechanism, kind, newest.size, witness.key, signature)
            return
        raise httpx.ReadError("the witness sent no signature of its own")


def _size(answer: Answer) -> int:
    """What the witness has seen. A page that something in between made up is no answer of a witness."""
    if answer.kind.partition(";")[0].strip().lower() != _SIZE:
        raise httpx.ReadError("a conflict without a size")
    return checkpoints.parse_number(answer.body.decode("ascii", "replace").removesuffix("\n"))


def keep(
    connection: Connection, mechanism: str, kind: str, size: int, key: VerifierKey, signature: Signature
) -> bool:
    """Store a verified cosignature; False if that key has signed this checkpoint already."""
    here = {"mechanism": mechanism, "log": kind, "size": size, "key": key.text}
    known = select(t.cosignatures.c.key).where(*(t.cosignatures.c[n] == v for n, v in here.items()))
    if connection.execute(known).first():
        return False
    connection.execute(insert(t.cosignatures).values(**here, line=signature.line))
    return True


def _last_signed(connection: Connection, mechanism: str, kind: str, key: VerifierKey) -> int:
    mine = t.cosignatures.c
    query = select(func.max(mine.size)).where(
        mine.mechanism == mechanism, mine.log == kind, mine.key == key.text
    )
    return int(connection.execute(query).scalar() or 0)
