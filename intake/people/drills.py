"""Drills: before people send anything to a mechanism, it has shown that lost keys can be brought back.

The challenge goes to the mechanism's people, who answer it with two shares and the wraps. Kept is the hash
of the right answer only. The first one that succeeds opens the mechanism; each epoch has its own.
"""

import hmac
import secrets

from sqlalchemy import Connection, insert, select, update

from crypto.bundles import Bundle, MechanismKey
from crypto.drill import make_challenge, parse_answer
from crypto.errors import CryptoError
from intake import clock
from intake.audit import log
from intake.audit.events import Event
from intake.db.tables.staff import drills
from intake.errors import Invalid, NotFound
from intake.people import mechanisms


def newest(bundle: Bundle) -> list[MechanismKey]:
    """The keys of the newest epoch."""
    epoch = max(key.epoch for key in bundle.keys)
    return [key for key in bundle.keys if key.epoch == epoch]


def ask(connection: Connection, mechanism: str) -> bytes:
    """A challenge for the keys of the newest epoch, as JSON; one that was asked before holds no longer."""
    keys = newest(mechanisms.get(connection, mechanism))
    challenge, expected = make_challenge(mechanism, keys, secrets.token_bytes)
    values = {"answer": expected.hash, "asked_day": clock.day()}
    here = (drills.c.mechanism == mechanism) & (drills.c.epoch == expected.epoch)
    if not connection.execute(update(drills).where(here).values(**values)).rowcount:
        row = {"mechanism": mechanism, "epoch": expected.epoch, "done_day": None}
        connection.execute(insert(drills).values(**row, **values))
    return challenge


def finish(connection: Connection, mechanism: str, data: bytes) -> tuple[int, bool]:
    """Take an answer: the epoch that it shows, and whether the mechanism takes testimonies from now on.

    `Invalid` if it is wrong, or of an earlier challenge; `NotFound` if none was asked.
    """
    try:
        answer = parse_answer(data)
    except CryptoError as error:
        raise Invalid("drill_invalid", f"this is no answer to a drill: {error}") from error
    here = (drills.c.mechanism == mechanism) & (drills.c.epoch == answer.epoch)
    row = connection.execute(select(drills).where(here)).one_or_none()
    if row is None or answer.mechanism != mechanism:
        raise NotFound("drill_unknown", "no drill of this mechanism and epoch was asked for")
    if not hmac.compare_digest(row.answer, answer.hash):
        raise Invalid("drill_wrong", "the answer is not the one to the newest challenge")
    first = not mechanisms.drilled(connection, mechanism)
    connection.execute(update(drills).where(here).values(done_day=clock.day()))
    log.append(connection, mechanism, Event.DRILL_DONE, epoch=answer.epoch)
    opened = first and not mechanisms.known(connection)[mechanism].open
    if opened:
        mechanisms.reopen(connection, mechanism)
    return answer.epoch, opened
