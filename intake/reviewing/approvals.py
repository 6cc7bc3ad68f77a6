"""Opening identity and sensitive compartments: a reason, another person's decision, and an end.

A reviewer asks, for themselves or for a program; a custodian who did not ask decides. For a member the
custodian's browser seals the compartments to them; a program has the mechanism's key, and the approval is
what lets the feed give it the rest. Both end by the hour, without anybody having to do anything. So does a
request that nobody decides; it ends before if whoever asked loses the record.

Why can be said in words, too: sealed to the mechanism's custodians and to who asks (`crypto.reason`). They
stand in the request's own row, and go with it; here they are bytes.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, case, delete, insert, select, update

from crypto.errors import FormatError
from crypto.reason import check_form
from intake import clock
from intake.audit.events import Event
from intake.db.engine import Database
from intake.db.tables.people import clients
from intake.db.tables.review import identity_requests as requests
from intake.errors import Conflict, Forbidden, Invalid, NotFound
from intake.people import memberships
from intake.people.reader import Reader
from intake.people.roles import CUSTODIAN, KEY_HOLDER
from intake.reviewing import assignments, rights
from intake.reviewing.assignments import MemberGrant
from intake.reviewing.rights import GUARDED, WAITING
from intake.reviewing.visible import own_mechanism, require_visible, said
from intake.sharing.access import Access, Visit, What
from intake.sharing.consented import known, require_consent

REASONS = ("contact", "corroboration", "proceedings", "protection", "same_person")
MOST_HOURS = 72
WAIT_HOURS = 72  # in which a request is decided
MOST_LISTED = 500
PROGRAM = "client:"
_APPROVED, _REFUSED = "approved", "refused"


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants opened, and for which program, if not for themselves.

    `words` are the reason in words, sealed. They name the request, whose id was made with them.
    """

    classes: tuple[str, ...]
    reason: str
    client: str | None = None
    id: str | None = None
    words: bytes | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a custodian says. `grants` are for a member, and cover all that was asked for."""

    approve: bool
    hours: int
    grants: tuple[MemberGrant, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """A request as members see it. `member` is whom it is for.

    `expires` is in hours since 1970: until then it can be decided, or what was approved is open. `words`:
    whether the reason was given in words, too.
    """

    id: str
    record: str
    member: str
    asked_by: str
    classes: tuple[str, ...]
    reason: str
    words: bool
    state: str
    decided_by: str | None
    day: str
    expires: int | None


class Approvals:
    """Acts for members, through `Access` only. Blocks."""

    def __init__(self, database: Database, access: Access) -> None:
        self._database = database
        self._access = access

    def ask(self, visit: Visit, record: str, asked: Asked) -> str:
        """Ask; the request's id. What one asks for already, in the same way, is that request.

        In other words it is another request, which takes its place: nobody decides by words that are not
        those of the request.
        """
        made: list[str] = []

        def write(connection: Connection, reader: Reader) -> None:
            require_visible(connection, reader, record)
            _check(connection, reader, record, asked)
            member = f"{PROGRAM}{asked.client}" if asked.client else str(reader.member)
            made.append(_made(connection, reader, record, member, asked))

        fields: tuple[tuple[str, str | int], ...] = ()
        if set(asked.classes) <= set(GUARDED) and asked.reason in REASONS:
            fields = (("classes", " ".join(asked.classes)), ("why", asked.reason))
        self._access.admitted(visit, What(Event.IDENTITY_ASKED, known(record), fields), write)
        return made[0]

    def decide(self, visit: Visit, id: str, decision: Decision) -> Request:
        """Approve or refuse, once. `Forbidden` for whoever asked, or whom it is for."""

        def write(connection: Connection, reader: Reader) -> dict[str, str]:
            row = connection.execute(
                select(requests).where(requests.c.id == id, requests.c.mechanism == reader.mechanism)
            ).one_or_none()
            if row is None:
                raise NotFound("not_found", "there is no such request")
            if str(reader.member) in (row.asked_by, row.member):
                raise Forbidden("own_request", "another custodian has to decide what one asked for oneself")
            if row.state != WAITING:
                raise Conflict("decided", "the request was decided before")
            rights.require(connection, reader, row.record)
            if row.expires <= clock.hour_number():
                raise Conflict("proposal_over", "nobody decided this in time: it has to be asked again")
            expires = None
            if decision.approve:
                _require_asker(connection, reader, row.record, row.asked_by, row.member)
                if not 1 <= decision.hours <= MOST_HOURS:
                    raise Invalid("hours", f"an approval lasts 1 to {MOST_HOURS} hours")
                expires = clock.hour_number() + decision.hours
                _open(connection, reader, row.record, row.member, row.classes, decision.grants, expires)
            state = _APPROVED if decision.approve else _REFUSED
            here = (requests.c.id == id) & (requests.c.state == WAITING)
            changed = {"state": state, "decided_by": reader.member, "expires": expires}
            if not connection.execute(update(requests).where(here).values(**changed)).rowcount:
                raise Conflict("decided", "the request was decided before")
            return {"classes": " ".join(row.classes), "to": row.member}

        ours = (requests.c.id == id) & (requests.c.mechanism == own_mechanism(visit))
        with self._database.read() as connection:
            record = connection.execute(select(requests.c.record).where(ours)).scalar_one_or_none()
        fields: tuple[tuple[str, str | int], ...] = said("request", id)
        fields += (("approved", int(decision.approve)), ("hours", decision.hours))
        reader = self._access.admitted(visit, What(Event.IDENTITY_DECIDED, record, fields), write)
        found = self._of(reader, requests.c.id == id)
        if not found:  # erased since it was decided
            raise NotFound("not_found", "there is no such request")
        return found[0]

    def listed(self, visit: Visit) -> list[Request]:
        """What waits first, then newest first, at most `MOST_LISTED`: what the member asked or decided.

        A custodian sees all that waits.
        """
        what = What(Event.ASSIGNED_LISTED, fields=(("what", "identity-requests"),))
        reader = self._access.admitted(visit, what, lambda connection, reader: None)
        return self._of(reader, _theirs(reader))

    def words(self, visit: Visit, id: str) -> bytes:
        """The reason in words, sealed: for who asked, and for custodians as `listed` tells them of it."""
        gone = NotFound("not_found", "there are no such words")
        here = (requests.c.id == id) & requests.c.words.is_not(None)

        def check(connection: Connection, reader: Reader) -> None:
            ours = (requests.c.mechanism == reader.mechanism) & _theirs(reader)
            record = connection.execute(select(requests.c.record).where(here, ours)).scalar_one_or_none()
            if record is None:
                raise gone
            require_consent(connection, reader, record)

        fields = (("what", "identity-reason"), *said("request", id))
        self._access.admitted(visit, What(Event.ASSIGNED_LISTED, fields=fields), check)
        with self._database.read() as connection:
            found = connection.execute(select(requests.c.words).where(here)).scalar_one_or_none()
        if found is None:  # erased since it was logged
            raise gone
        return bytes(found)

    def _of(self, reader: Reader, which: ColumnElement[bool]) -> list[Request]:
        columns = [requests.c[name] for name in Request.__slots__ if name != "words"]
        query = select(*columns, requests.c.words.is_not(None).label("words"))
        query = query.where(requests.c.mechanism == reader.mechanism, which)
        order = case((_waits(), 0), else_=1), requests.c.day.desc(), requests.c.id
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(*order).limit(MOST_LISTED)).mappings().all()
        return [
            Request(
                **{name: row[name] for name in Request.__slots__ if name not in ("classes", "words")},
                classes=tuple(row["classes"]),
                words=bool(row["words"]),
            )
            for row in rows
        ]


def expire(connection: Connection) -> None:
    """Drop what nobody decided in time: the log has it."""
    connection.execute(delete(requests).where(_waits(), requests.c.expires <= clock.hour_number()))


def _waits() -> ColumnElement[bool]:
    return requests.c.state == WAITING


def _theirs(reader: Reader) -> ColumnElement[bool]:
    """What the member asked or decided; for a custodian all that waits, too. Not what is over undecided."""
    own = (requests.c.asked_by == reader.member) | (requests.c.decided_by == reader.member)
    over = _waits() & (requests.c.expires <= clock.hour_number())
    return (own | _waits() if CUSTODIAN in reader.roles else own) & ~over


def _require_asker(connection: Connection, reader: Reader, record: str, asked_by: str, whom: str) -> None:
    """`Conflict` unless whoever asked is still a member who sees the record; and so is whom it is for."""
    asker = memberships.valid(connection, reader.mechanism).get(asked_by)
    if asker is None:
        raise Conflict("member_gone", "the membership of whoever asked has ended")
    theirs = replace(reader, member=asked_by, roles=asker.roles)
    by_keys = whom.startswith(PROGRAM) and KEY_HOLDER in asker.roles
    if not by_keys and not rights.assigned(connection, theirs, record):
        raise Conflict("not_assigned", "the record is not assigned any more to whoever asked")
    if whom.startswith(PROGRAM):
        _require_client(connection, reader, whom.removeprefix(PROGRAM))


def _require_client(connection: Connection, reader: Reader, client: str) -> None:
    ours = (clients.c.id == client) & (clients.c.mechanism == reader.mechanism) & ~clients.c.revoked
    if connection.execute(select(clients.c.id).where(ours)).first() is None:
        raise Invalid("client_unknown", "there is no such program")


def _check(connection: Connection, reader: Reader, record: str, asked: Asked) -> None:
    classes = asked.classes
    if not classes or len(set(classes)) != len(classes) or not set(classes) <= set(GUARDED):
        raise Invalid("class_unknown", f"classes that are asked for: {', '.join(GUARDED)}")
    if asked.reason not in REASONS:
        raise Invalid("reason_unknown", f"reasons are: {', '.join(REASONS)}")
    there = set(rights.granted(connection, reader.mechanism, record).values())
    if not set(classes) <= there:
        raise Conflict("class_absent", "the mechanism was granted nothing of this class")
    if (asked.words is None) != (asked.id is None):
        raise Invalid("words_invalid", "words come with the id of the request that they name")
    if asked.words is not None:
        try:
            check_form(asked.words)
        except FormatError as error:
            raise Invalid("words_invalid", f"these are no sealed words: {error}") from error
    if asked.client is not None:
        _require_client(connection, reader, asked.client)
    elif not rights.assigned(connection, reader, record):
        raise Forbidden("not_assigned", "only whom the record is assigned to asks for themselves")


def _made(connection: Connection, reader: Reader, record: str, member: str, asked: Asked) -> str:
    row = {"record": record, "mechanism": reader.mechanism, "member": member, "asked_by": reader.member}
    mine = select(requests.c.id, requests.c.classes).where(
        *(requests.c[name] == value for name, value in row.items()),
        requests.c.state == WAITING,
        requests.c.expires > clock.hour_number(),
        requests.c.reason == asked.reason,
    )
    for one in connection.execute(mine):
        if set(one.classes) == set(asked.classes):
            if asked.id in (None, one.id):
                return str(one.id)
            connection.execute(delete(requests).where(requests.c.id == one.id, requests.c.state == WAITING))
    id = asked.id or secrets.token_hex(16)
    if connection.execute(select(requests.c.id).where(requests.c.id == id)).first():
        raise Conflict("request_exists", "another request has this id")
    connection.execute(
        insert(requests).values(
            id=id,
            **row,
            classes=sorted(asked.classes),
            reason=asked.reason,
            words=asked.words,
            state=WAITING,
            decided_by=None,
            day=clock.day(),
            expires=clock.hour_number() + WAIT_HOURS,
        )
    )
    return id


def _open(
    connection: Connection,
    reader: Reader,
    record: str,
    member: str,
    classes: Sequence[str],
    grants: Sequence[MemberGrant],
    expires: int,
) -> None:
    """Whoever asked gets what was asked for, whole."""
    if member.startswith(PROGRAM):
        if grants:
            raise Invalid("grants_differ", "a program has the mechanism's own key: nothing is sealed to it")
        return
    kinds = rights.granted(connection, reader.mechanism, record)
    asked = {id_ for id_, kind in kinds.items() if kind in classes}
    assignments.check_grants(grants, asked)
    if {grant.compartment for grant in grants} != asked:
        raise Invalid("grants_differ", "a grant is missing: all compartments that were asked for are opened")
    assignments.store(connection, reader.mechanism, record, member, grants, expires)
