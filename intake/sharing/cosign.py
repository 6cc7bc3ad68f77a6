"""Mechanisms' programs as witnesses: they sign what they verified, and others are shown it.

A cosignature is taken if it is by the program's registered key and over a checkpoint of ours, as it is
stored. Whoever holds a checkpoint that we did not sign cannot have it completed here.
"""

from sqlalchemy import Connection, func, select

from crypto import checkpoints
from crypto.checkpoints import Checkpoint
from crypto.errors import CryptoError
from crypto.notes import Note, Signature, VerifierKey
from intake import clock
from intake.audit import witness
from intake.audit.events import Event, Log
from intake.db.tables import audit as t
from intake.db.tables.people import clients
from intake.errors import Conflict, Invalid, NotFound
from intake.people.reader import Reader
from intake.sharing.access import Access, Asked, What

_SLACK = 300  # seconds by which a program's clock may be ahead
_MOST = 24  # cosignatures of one checkpoint: a note holds 32 signatures, the log's own among them


def cosign(access: Access, asked: Asked, log: Log, size: int, line: str) -> None:
    """Store a cosignature; a repetition changes nothing.

    `NotFound` if there is no checkpoint of this size, `Invalid` if it does not hold, `Conflict` if there
    are too many already.
    """

    def take(connection: Connection, reader: Reader) -> None:
        _take(connection, reader, log, size, line)

    # Under one token a repetition is no entry of its own.
    what = What(Event.COSIGNED, fields=(("log", log), ("size", size)), once=f"cosigned {log} {size}")
    access.admitted(asked, what, take)


def _take(connection: Connection, reader: Reader, log: Log, size: int, line: str) -> None:
    key = _key(connection, reader)
    here = (t.checkpoints.c.mechanism == reader.mechanism) & (t.checkpoints.c.log == log)
    query = select(t.checkpoints.c.note).where(here, t.checkpoints.c.size == size)
    note = connection.execute(query).scalar_one_or_none()
    if note is None:
        raise NotFound("not_found", "no checkpoint of this size was signed")
    checkpoint = Checkpoint.parse(Note.parse(bytes(note)).text)
    try:
        signature = Signature.parse(line)
        checkpoints.verify_signature(checkpoint, key, signature, latest=clock.now() + _SLACK)
    except CryptoError as error:
        raise Invalid("cosignature_invalid", f"the cosignature does not hold: {error}") from error
    theirs = (t.cosignatures.c.mechanism == reader.mechanism) & (t.cosignatures.c.log == log)
    count = select(func.count()).where(
        theirs, t.cosignatures.c.size == size, t.cosignatures.c.key != key.text
    )
    if connection.execute(count).scalar_one() >= _MOST:
        raise Conflict("cosignatures_full", "this checkpoint has as many cosignatures as a note can hold")
    witness.keep(connection, reader.mechanism, log, size, key, signature)


def _key(connection: Connection, reader: Reader) -> VerifierKey:
    text = connection.execute(select(clients.c.witness).where(clients.c.id == reader.client)).scalar_one()
    if text is None:
        raise Invalid("witness_missing", "no witness key is registered for this program")
    return VerifierKey.parse(text)
