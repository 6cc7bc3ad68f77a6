"""Reading with an entry in the log before every answer.

`admitted` runs the checks and appends the entry in one transaction, and returns only after its commit;
content is read afterwards, for the ticket that it returns and that works once. A refusal of somebody
known is an entry too. There is no other way to a `Reader`, or to a ticket that is not a submitter's own.
"""

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Protocol

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from intake import clock
from intake.audit import log, marks
from intake.audit.events import Event
from intake.db import tickets
from intake.db.engine import Database
from intake.db.tables.audit import refusals
from intake.db.tables.people import disclosures
from intake.db.tickets import Ticket
from intake.errors import IntakeError, Unauthenticated
from intake.people import alarms, budgets, clients, roles, sessions
from intake.people.clients import Used
from intake.people.reader import Reader
from intake.people.roles import Action

# Runs in the entry's transaction, and may return fields of the entry that only it knows.
Check = Callable[[Connection, Reader], "Mapping[str, str | int] | None"]


class Credentials(Protocol):
    """What a request shows of who is asking."""

    def reader(self, connection: Connection, used: list[Used]) -> tuple[Reader, str]:
        """Who that is, and the hash of the token or session; `IntakeError` says why nobody.

        What must not be accepted twice is noted in `used`.
        """
        ...

    def somebodys(self, connection: Connection) -> bool:
        """Whether token or session is one of ours: no check of anything else, and nothing is used up."""
        ...

    def said(self, reader: Reader) -> dict[str, str]:
        """What an entry says of the reader."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A program's credentials: token and proof as sent, and what the proof must be for."""

    method: str
    url: str
    authorization: str
    proof: str

    def reader(self, connection: Connection, used: list[Used]) -> tuple[Reader, str]:
        """RFC 9449, 7: the token, and a proof by the key that it is bound to."""
        scheme, _, token = self.authorization.partition(" ")
        if scheme.lower() != "dpop" or not token or not self.proof:
            raise Unauthenticated("invalid_token", "Authorization: DPoP <token> and a DPoP proof are needed")
        found, thumbprint = clients.reader(connection, token)
        if clients.check_proof(connection, self.proof, self.method, self.url, used, token) != thumbprint:
            raise Unauthenticated("invalid_dpop_proof", "the proof is by another key than the token's")
        return found, hashlib.sha256(token.encode()).hexdigest()

    def somebodys(self, connection: Connection) -> bool:
        """By the token alone."""
        try:
            clients.reader(connection, self.authorization.partition(" ")[2])
        except Unauthenticated:
            return False
        return True

    def said(self, reader: Reader) -> dict[str, str]:
        """The program, and the hash of its proof."""
        return {
            "client": str(reader.client),
            "purpose": reader.purpose,
            "proof": hashlib.sha256(self.proof.encode()).hexdigest(),
        }


@dataclass(frozen=True, slots=True)
class Visit:
    """A member's credentials: the session's cookie, and what it is used for."""

    cookie: str
    action: Action

    def reader(self, connection: Connection, used: list[Used]) -> tuple[Reader, str]:
        """A session that is not over. What its member may do is for `allowed`: refusals are logged."""
        session = sessions.current(connection, self.cookie)
        return session.reader, session.hash

    def allowed(self, connection: Connection, reader: Reader, session: str) -> None:
        """`Forbidden` without the role, or without a fresh assertion where one is needed."""
        roles.require(reader, self.action)
        sessions.require_fresh(connection, session, self.action)

    def somebodys(self, connection: Connection) -> bool:
        """By the cookie alone."""
        return sessions.known(connection, self.cookie)

    def said(self, reader: Reader) -> dict[str, str]:
        """The member and the roles. The submitter is told the roles, never the member."""
        who = {"member": str(reader.member), "roles": " ".join(reader.roles)}
        return who | ({"purpose": reader.purpose} if reader.purpose else {})


@dataclass(frozen=True, slots=True)
class What:
    """What is asked for: event, record and part it concerns, and further fields of the entry.

    With `once`, a repetition under the same token is not logged again: ranges of one download.
    """

    event: Event
    record: str | None = None
    fields: tuple[tuple[str, str | int], ...] = ()
    once: str | None = None
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Admitted(Reader):
    """Who is reading, by an entry that is committed; and where a record is concerned, the right to it."""

    given: Ticket | None = None

    @property
    def ticket(self) -> Ticket:
        """For the record or part that was asked for; there is none for a list."""
        if self.given is None:
            raise tickets.refused()
        return self.given


class Access:
    """The gate of the feed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._anonymous = 0
        self._lock = threading.Lock()

    def admitted(self, asked: Credentials, what: What, check: Check) -> Admitted:
        """Authenticate, check, log, commit; then return who is reading, and a ticket for the content."""
        reader: Reader | None = None
        used: list[Used] = []
        try:
            with self._database.write() as connection:
                reader, token = asked.reader(connection, used)
                if isinstance(asked, Visit):
                    asked.allowed(connection, reader, token)
                if found := check(connection, reader):
                    what = replace(what, fields=what.fields + tuple(found.items()))
                first = what.once is None or _first_time(connection, token, what.once)
                if what.event is Event.TRIAGE_LISTED:
                    ticket: Ticket | None = _list(connection, reader, what, asked)
                else:
                    if first:
                        _append(connection, reader, what.event, what, asked)
                    ticket = _ticket(connection, token, what, first)
        except IntakeError as refused:
            if isinstance(refused, Unauthenticated):
                self.note_anonymous()
            elif reader is not None:
                with self._database.write() as connection:
                    clients.remember(connection, used)
                    if refused.code == sessions.STALE:  # asked again a moment later: of no record yet
                        what = replace(what, record=None, part=None)
                    _append(connection, reader, Event.REFUSED, what, asked, reason=refused.code)
                    if refused.code == budgets.SPENT:
                        alarms.raise_once(connection, reader, alarms.BUDGET)
                marks.logged(Event.REFUSED)
            raise
        marks.logged(what.event, again=not first)
        return Admitted(**{f.name: getattr(reader, f.name) for f in fields(Reader)}, given=ticket)

    def note_anonymous(self) -> None:
        """Remember that somebody unknown was refused."""
        with self._lock:
            self._anonymous += 1
        marks.refused_stranger()

    def count_refusals(self) -> None:
        """Write down how many requests by nobody we know were refused since the last call.

        If that cannot be written, they are counted by the next call: after an error in which it is not known
        what was committed, perhaps twice, and never not at all.
        """
        with self._lock:
            count, self._anonymous = self._anonymous, 0
        if not count:
            return
        try:
            self._write_down(count)
        except Exception:
            with self._lock:
                self._anonymous += count
            raise

    def _write_down(self, count: int) -> None:
        with self._database.write() as connection:
            hour = clock.hour()
            try:
                with connection.begin_nested():
                    connection.execute(insert(refusals).values(hour=hour, count=count))
            except IntegrityError:  # this hour has a row, by this worker or another
                more = update(refusals).where(refusals.c.hour == hour)
                connection.execute(more.values(count=refusals.c.count + count))


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


def _list(connection: Connection, reader: Reader, what: What, asked: Credentials) -> Ticket:
    """The entry of a list of triage cards, and the ticket that names it."""
    fields_ = asked.said(reader) | dict(what.fields)
    return tickets.for_triage(
        connection, log.append_known(connection, reader.mechanism, what.event, **fields_)
    )


def _ticket(connection: Connection, token: str, what: What, first: bool) -> Ticket | None:
    """In the transaction of the entry, after it. A repetition's ticket names the first entry."""
    if what.record is None or what.event not in (Event.RECORD_OPENED, Event.PART_DOWNLOADED):
        return None
    here = (disclosures.c.token == token) & (disclosures.c.subject == what.once)
    if first:
        leaf = tickets.newest_leaf(connection, what.record)
        if what.once is not None:
            connection.execute(update(disclosures).where(here).values(leaf=leaf))
    else:
        leaf = connection.execute(select(disclosures.c.leaf).where(here)).scalar_one()
    return tickets.issue(connection, what.record, what.part, leaf)


def _append(
    connection: Connection, reader: Reader, event: Event, what: What, asked: Credentials, **more: str
) -> None:
    log.append(
        connection,
        reader.mechanism,
        event,
        record=what.record,
        **asked.said(reader),
        **dict(what.fields),
        **({"part": what.part} if what.part is not None else {}),
        **({"asked": what.event} if event is Event.REFUSED else {}),
        **more,
    )
