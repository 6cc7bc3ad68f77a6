"""What needs two people: one member proposes it, another one decides, each after a fresh assertion.

Nobody decides what they proposed, or what is about themselves. A proposal waits for 72 hours; what was
approved may be done for 72 hours more. Both people have to be members then: what somebody proposed or decided
who was removed since is there no longer. Who approved what stays in the log.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from intake import clock
from intake.db.tables.staff import proposals
from intake.errors import Conflict, Forbidden, Invalid, NotFound
from intake.people.memberships import valid
from intake.people.reader import Reader
from intake.people.roles import ADMINISTRATOR, CUSTODIAN, KEY_HOLDER, REVIEWER

HOURS = 72  # to decide, and then to do it
MOST_OPEN = 10  # of one member, at a time
WAITING, APPROVED, REFUSED = "waiting", "approved", "refused"
DONE, WITHDRAWN = "done", "withdrawn"  # what is done once; what its proposer took back
ADD_KEY_HOLDER, RECOVER_MEMBER = "add_key_holder", "recover_member"
CHANGE_BUDGET, EXPORT, REMOVE_MEMBER = "change_budget", "export", "remove_member"
_HOLDERS = frozenset({CUSTODIAN, KEY_HOLDER})


@dataclass(frozen=True, slots=True)
class Kind:
    """Roles of who may propose and decide. `others`: whom it is about may not even propose it."""

    propose: frozenset[str]
    decide: frozenset[str]
    others: bool = False


KINDS: Mapping[str, Kind] = {
    ADD_KEY_HOLDER: Kind(
        frozenset({ADMINISTRATOR, CUSTODIAN, KEY_HOLDER}), frozenset({CUSTODIAN, KEY_HOLDER}), others=True
    ),
    RECOVER_MEMBER: Kind(
        frozenset({ADMINISTRATOR, CUSTODIAN, KEY_HOLDER}),
        frozenset({ADMINISTRATOR, CUSTODIAN, KEY_HOLDER}),
        others=True,
    ),
    CHANGE_BUDGET: Kind(
        frozenset({ADMINISTRATOR, CUSTODIAN, KEY_HOLDER, REVIEWER}), frozenset({CUSTODIAN, KEY_HOLDER})
    ),
    EXPORT: Kind(frozenset({KEY_HOLDER, REVIEWER}), frozenset({CUSTODIAN, KEY_HOLDER})),
    REMOVE_MEMBER: Kind(
        frozenset({ADMINISTRATOR, CUSTODIAN, KEY_HOLDER}),
        frozenset({ADMINISTRATOR, CUSTODIAN, KEY_HOLDER}),
        others=True,
    ),
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """`subject` says what would be done; its `member`, where there is one, is whom it is about.

    `expires` is in hours since 1970: until then it can be decided.
    """

    id: str
    mechanism: str
    kind: str
    subject: Mapping[str, Any]
    proposed_by: str
    day: str
    expires: int
    state: str
    decided_by: str | None

    @property
    def over(self) -> bool:
        """Whether nobody decided it in time."""
        return self.state == WAITING and self.expires < clock.hour_number()


def new_id() -> str:
    """For `make`, where the log entry needs it before."""
    return secrets.token_hex(16)


def make(
    connection: Connection, reader: Reader, kind: str, subject: Mapping[str, Any], id: str | None = None
) -> str:
    """Propose something; its id. The caller writes the log entry (`Event.PROPOSAL_MADE`)."""
    if kind not in KINDS:
        raise Invalid("proposal_unknown", f"proposals are: {', '.join(KINDS)}")
    _require(reader, KINDS[kind].propose)
    if KINDS[kind].others and subject.get("member") == reader.member:
        raise Forbidden("second_person", "others have to propose what is about you")
    _require_few(connection, reader)
    id = id or new_id()
    row = {"kind": kind, "subject": dict(subject), "day": clock.day(), "proposed_by": reader.member}
    until = clock.hour_number() + HOURS
    connection.execute(
        insert(proposals).values(id=id, mechanism=reader.mechanism, **row, expires=until, state=WAITING)
    )
    return id


def decide(connection: Connection, reader: Reader, id: str, approve: bool) -> Proposal:
    """Approve or refuse; as it is afterwards. The caller does what was approved, and writes the entry."""
    found = get(connection, reader.mechanism, id)
    _require(reader, KINDS[found.kind].decide)
    if reader.member in (found.proposed_by, found.subject.get("member")):
        raise Forbidden("second_person", "somebody else has to decide this")
    if found.kind == RECOVER_MEMBER:
        _require_holder(connection, reader, found)
    if found.over:
        raise Conflict("proposal_over", "nobody decided this in time: it has to be proposed again")
    here = (proposals.c.id == id) & (proposals.c.state == WAITING)
    values = {"state": APPROVED if approve else REFUSED, "decided_by": reader.member}
    if not connection.execute(update(proposals).where(here).values(**values)).rowcount:
        raise Conflict("proposal_decided", "this is decided already")
    return get(connection, reader.mechanism, id)


def get(connection: Connection, mechanism: str, id: str) -> Proposal:
    """One of a mechanism's; `NotFound` if it has no such proposal, or one of the two is no member now."""
    here = (proposals.c.id == id) & (proposals.c.mechanism == mechanism)
    row = connection.execute(select(proposals).where(here)).one_or_none()
    if row is None or not _stands(connection, row):
        raise NotFound("not_found", "there is no such proposal")
    return _proposal(row)


def open_ones(connection: Connection, mechanism: str) -> list[Proposal]:
    """What waits, and what was decided and may still be done, all by members of today; newest last."""
    since = clock.hour_number() - HOURS
    query = select(proposals).where(proposals.c.mechanism == mechanism, proposals.c.expires >= since)
    query = query.where(proposals.c.state != WITHDRAWN)
    rows = connection.execute(query.order_by(proposals.c.expires, proposals.c.id)).all()
    return [_proposal(row) for row in rows if _stands(connection, row)]


def approved(connection: Connection, mechanism: str, kind: str, match: Mapping[str, Any]) -> Proposal | None:
    """An approved proposal that may still be done, whose subject has these values; None if there is none."""
    for found in open_ones(connection, mechanism):
        if (found.kind, found.state) == (kind, APPROVED) and match.items() <= found.subject.items():
            return found
    return None


def possible(connection: Connection, mechanism: str, kind: str) -> bool:
    """Whether there are two members of whom one may propose this and the other decide it."""
    members, who = valid(connection, mechanism), KINDS[kind]
    decide = {id for id, one in members.items() if who.decide & set(one.roles)}
    return any(decide - {id} for id, one in members.items() if who.propose & set(one.roles))


def take(connection: Connection, id: str, hours: int) -> None:
    """Do what was approved, once; `Conflict` if it was done, or more than so many hours ago approved."""
    here = (proposals.c.id == id) & (proposals.c.state == APPROVED)
    found = connection.execute(select(proposals.c.expires).where(here)).scalar_one_or_none()
    if found is None or found - HOURS + hours < clock.hour_number():
        raise Conflict("export_over", "this was done, or its time is over: it has to be proposed again")
    if not connection.execute(update(proposals).where(here).values(state=DONE)).rowcount:
        raise Conflict("export_over", "this was done a moment ago: it has to be proposed again")


def finish(connection: Connection, mechanism: str, kind: str, member: str) -> None:
    """What was approved about this member is done now: it no longer looks as if it could still be."""
    for found in open_ones(connection, mechanism):
        if (found.kind, found.state, found.subject.get("member")) == (kind, APPROVED, member):
            connection.execute(update(proposals).where(proposals.c.id == found.id).values(state=DONE))


def withdraw(connection: Connection, reader: Reader, id: str) -> Proposal:
    """Take back what one has proposed oneself, while nobody has decided it; what it was.

    The entry is the caller's.
    """
    found = get(connection, reader.mechanism, id)
    if found.proposed_by != reader.member:
        raise NotFound("not_found", "there is no such proposal")
    mine = (proposals.c.id == id) & (proposals.c.state == WAITING)
    if not connection.execute(update(proposals).where(mine).values(state=WITHDRAWN)).rowcount:
        raise Conflict("proposal_decided", "this is decided already")
    return found


def _stands(connection: Connection, row: Row[Any]) -> bool:
    """Whether who proposed it, and who decided it if somebody did, are members today."""
    people = {row.proposed_by} | ({row.decided_by} if row.decided_by else set())
    return people <= valid(connection, row.mechanism).keys()


def _require_few(connection: Connection, reader: Reader) -> None:
    """A proposal may be long, and the open ones are sent to many."""
    waits = (proposals.c.state == WAITING) & (proposals.c.expires >= clock.hour_number())
    mine = (proposals.c.mechanism == reader.mechanism) & (proposals.c.proposed_by == reader.member)
    count = select(func.count()).select_from(proposals).where(mine, waits)
    if connection.execute(count).scalar_one() >= MOST_OPEN:
        raise Conflict("proposals_open", f"{MOST_OPEN} of your proposals wait: others have to decide first")


def _require_holder(connection: Connection, reader: Reader, found: Proposal) -> None:
    """Who holds keys to much is not given a new passkey by two who hold none."""
    known = valid(connection, found.mechanism)
    about = known.get(str(found.subject.get("member")))
    two = set(reader.roles) | set(known[found.proposed_by].roles)
    if about is not None and _HOLDERS & set(about.roles) and not _HOLDERS & two:
        raise Forbidden("holder_needed", "one of the two has to be a custodian or key-holder")


def _require(reader: Reader, roles: frozenset[str]) -> None:
    if reader.member is None or not roles & set(reader.roles):
        raise Forbidden("role", f"this needs one of the roles: {', '.join(sorted(roles))}")


def _proposal(row: Row[Any]) -> Proposal:
    return Proposal(
        row.id,
        row.mechanism,
        row.kind,
        row.subject,
        row.proposed_by,
        row.day,
        row.expires,
        row.state,
        row.decided_by,
    )
