"""Reading with an entry in the log before every answer.

`admitted` runs the checks and appends the entry in one transaction, and returns only after its commit;
content is read afterwards. A refusal of somebody known is an entry too. There is no other way to a
`Reader` than through it.
"""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from intake import clock
from intake.audit import log
from intake.audit.events import Event
from intake.db.engine import Database
from intake.db.tables.audit import refusals
from intake.db.tables.people import disclosures
from intake.errors import IntakeError, Unauthenticated
from intake.people import clients
from intake.people.clients import Reader

Check = Callable[[Connection, Reader], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request's credentials: token and proof as sent, and what the proof must be for."""

    method: str
    url: str
    authorization: str
    proof: str


@dataclass(frozen=True, slots=True)
class What:
    """What is asked for: event, record and part it concerns, and further fields of the entry.

    With `once`, a repetition under the same token is not logged again: ranges of one download.
    """

    event: Event
    record: str | None = None
    fields: tuple[tuple[str, str | int], ...] = ()
    once: str | None = None


class Access:
    """The gate of the feed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._anonymous = 0
        self._lock = threading.Lock()

    def admitted(self, asked: Asked, what: What, check: Check) -> Reader:
        """Authenticate, check, log, commit; then return who is reading."""
        reader: Reader | None = None
        try:
            with self._database.write() as connection:
                reader, token = _authenticate(connection, asked)
                check(connection, reader)
                if what.once is None or _first_time(connection, token, what.once):
                    _append(connection, reader, what.event, what, asked)
        except IntakeError as refused:
            if isinstance(refused, Unauthenticated):
                self.note_anonymous()
            elif reader is not None:
                with self._database.write() as connection:
                    _append(connection, reader, Event.REFUSED, what, asked, reason=refused.code)
            raise
        return reader

    def note_anonymous(self) -> None:
        """Remember that somebody unknown was refused."""
        with self._lock:
            self._anonymous += 1

    def count_refusals(self) -> None:
        """Write down how many requests by nobody we know were refused since the last call."""
        with self._lock:
            count, self._anonymous = self._anonymous, 0
        if not count:
            return
        with self._database.write() as connection:
            hour = clock.hour()
            try:
                with connection.begin_nested():
                    connection.execute(insert(refusals).values(hour=hour, count=count))
            except IntegrityError:  # this hour has a row, by this worker or another
                more = update(refusals).where(refusals.c.hour == hour)
                connection.execute(more.values(count=refusals.c.count + count))


def _authenticate(connection: Connection, asked: Asked) -> tuple[Reader, str]:
    scheme, _, token = asked.authorization.partition(" ")
    if scheme.lower() != "dpop" or not token or not asked.proof:
        raise Unauthenticated("invalid_token", "Authorization: DPoP <token> and a DPoP proof are needed")
    reader, thumbprint = clients.reader(connection, token)
    if clients.check_proof(connection, asked.proof, asked.method, asked.url, token) != thumbprint:
        raise Unauthenticated("invalid_dpop_proof", "the proof is by another key than the token's")
    return reader, hashlib.sha256(token.encode()).hexdigest()


def _first_time(connection: Connection, token: str, subject: str) -> bool:
    seen = select(disclosures.c.token).where(disclosures.c.token == token, disclosures.c.subject == subject)
    if connection.execute(seen).first():
        return False
    try:
        with connection.begin_nested():
            connection.execute(insert(disclosures).values(token=token, subject=subject))
    except IntegrityError:
        return False  # another request of the same token was faster, and logged it
    return True


def _append(
    connection: Connection, reader: Reader, event: Event, what: What, asked: Asked, **more: str
) -> None:
    log.append(
        connection,
        reader.mechanism,
        event,
        record=what.record,
        client=reader.client,
        purpose=reader.purpose,
        proof=hashlib.sha256(asked.proof.encode()).hexdigest(),
        **dict(what.fields),
        **({"asked": what.event} if event is Event.REFUSED else {}),
        **more,
    )
