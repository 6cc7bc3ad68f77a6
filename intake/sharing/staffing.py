"""A mechanism's people among themselves: inviting, admitting, removing, and what needs two of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from intake.audit import log
from intake.audit.events import Event
from intake.db.engine import Database
from intake.errors import Forbidden, Invalid, NotFound
from intake.people import (
    alarms,
    budgets,
    clients,
    enrolment,
    invitations,
    leaving,
    members,
    memberships,
    passkeys,
    proposals,
)
from intake.people.enrolment import Waiting
from intake.people.memberships import Known
from intake.people.proposals import Proposal
from intake.people.reader import Reader
from intake.sharing.access import Access, Visit, What


@dataclass(frozen=True, slots=True)
class Person:
    """A member: the membership, the name that people see, and how many passkeys there are.

    `guard`: nobody removes them alone. `daily`: how many records they may open in a day.
    """

    known: Known
    name: str | None
    passkeys: int
    guard: bool
    daily: int


@dataclass(frozen=True, slots=True)
class Applicant:
    """Somebody who waits for the root's signature; `second`: two members have to want them first."""

    waiting: Waiting
    second: bool


@dataclass(frozen=True, slots=True)
class People:
    """Everybody of one mechanism, and what is open among them."""

    members: list[Person]
    waiting: list[Applicant]
    proposals: list[Proposal]


@dataclass(frozen=True, slots=True)
class Done:
    """A decision. `link`: for whoever lost a device; `new_epoch`: somebody who held keys is out."""

    proposal: Proposal
    link: str | None = None
    new_epoch: bool = False


class Staffing:
    """For members, about their mechanism's people."""

    def __init__(self, database: Database, access: Access, review_url: str, daily: int) -> None:
        self._database = database
        self._access = access
        self._url = review_url
        self._daily = daily

    def people(self, visit: Visit) -> People:
        """Members, past ones too, who has applied, and what waits for a second person."""
        reader = self._access.admitted(visit, What(Event.PEOPLE_LISTED), lambda *_: None)
        mechanism = reader.mechanism
        with self._database.read() as connection:
            names = members.everyone(connection, mechanism)
            ever = memberships.everyone(connection, mechanism)
            guards, counts = leaving.guards(ever), passkeys.counts(connection, mechanism)
            limits = budgets.decided(connection, mechanism)
            ids = [known.membership.member for known in ever]
            return People(
                members=[
                    Person(
                        known,
                        names[id].name if id in names else None,
                        counts.get(id, 0),
                        id in guards,
                        limits.get(id, self._daily),
                    )
                    for id, known in zip(ids, ever, strict=True)
                ],
                waiting=[
                    Applicant(w, enrolment.needs_second(ever, w.roles))
                    for w in enrolment.waiting(connection, mechanism)
                ],
                proposals=[_told(reader, one) for one in proposals.open_ones(connection, mechanism)],
            )

    def invite(self, visit: Visit, roles: Sequence[str], days: int) -> str:
        """A link for one person, shown once."""
        made: list[str] = []

        def check(connection: Connection, reader: Reader) -> None:
            made.append(invitations.make(connection, reader.mechanism, roles, days))

        what = What(Event.MEMBER_INVITED, fields=(("for_roles", " ".join(sorted(roles))), ("days", days)))
        self._access.admitted(visit, what, check)
        return invitations.link(self._url, made[0])

    def admit(self, visit: Visit, card: bytes) -> str:
        """Take a card that the root signed; whom it admits."""
        subject = enrolment.subject(card)

        def check(connection: Connection, reader: Reader) -> None:
            enrolment.admit(connection, reader.mechanism, card)

        self._access.admitted(visit, What(Event.MEMBER_ADMITTED, fields=(("subject", subject),)), check)
        return subject

    def refuse(self, visit: Visit, member: str) -> None:
        """Drop an application."""

        def check(connection: Connection, reader: Reader) -> None:
            enrolment.refuse(connection, reader.mechanism, member)

        what = What(Event.MEMBER_REMOVED, fields=(("subject", _name(member)), ("applicant", 1)))
        self._access.admitted(visit, what, check)

    def remove(self, visit: Visit, member: str) -> bool:
        """End somebody's membership, at once; whether the mechanism needs a new epoch of keys now.

        `Forbidden` (`removal_by_two`) for whom no member removes alone: `propose` it.
        """
        needed: list[bool] = []

        def check(connection: Connection, reader: Reader) -> None:
            if member == reader.member:
                raise Forbidden("second_person", "somebody else has to remove you")
            if member in leaving.guards(memberships.everyone(connection, reader.mechanism)):
                raise Forbidden("removal_by_two", "two members have to propose and approve this")
            needed.append(leaving.opened_something(leaving.remove(connection, reader.mechanism, member)))

        self._access.admitted(visit, What(Event.MEMBER_REMOVED, fields=(("subject", _name(member)),)), check)
        return needed[0]

    def propose(self, visit: Visit, kind: str, member: str, daily: int | None = None) -> str:
        """Propose something about a person, or the `daily` budget of a reader; the proposal's id."""
        id = proposals.new_id()

        def check(connection: Connection, reader: Reader) -> None:
            mechanism = reader.mechanism
            subject = _subject(connection, mechanism, kind, member, daily)
            proposals.make(connection, reader, kind, subject, id)
            ever = memberships.everyone(connection, mechanism)
            if kind == proposals.REMOVE_MEMBER and member in leaving.guards(ever):
                alarms.raise_about(connection, mechanism, member, alarms.REMOVAL)

        fields = (("kind", kind), ("subject", member), ("proposal", id))
        self._access.admitted(visit, What(Event.PROPOSAL_MADE, fields=fields), check)
        return id

    def decide(self, visit: Visit, id: str, approve: bool) -> Done:
        """Decide what another member proposed; what can be done at once is done."""
        done: list[Done] = []

        def check(connection: Connection, reader: Reader) -> Mapping[str, str | int]:
            decided = proposals.decide(connection, reader, id, approve)
            mechanism, about = decided.mechanism, str(decided.subject.get("member"))
            result = Done(decided)
            if approve and decided.kind == proposals.RECOVER_MEMBER:
                result = replace(result, link=self._recovery(connection, decided))
            if approve and decided.kind == proposals.CHANGE_BUDGET:
                by = {**visit.said(reader), "proposal": id}
                budgets.change(connection, mechanism, about, int(decided.subject["daily"]), **by)
            if approve and decided.kind == proposals.REMOVE_MEMBER:
                ended = leaving.remove(connection, mechanism, about)
                said = {**visit.said(reader), "subject": about, "proposal": id}
                log.append(connection, mechanism, Event.MEMBER_REMOVED, **said)
                result = replace(result, new_epoch=leaving.opened_something(ended))
            done.append(result)
            return _said(decided)

        fields = (("proposal", _name(id)), ("approved", int(approve)))
        self._access.admitted(visit, What(Event.PROPOSAL_DECIDED, fields=fields), check)
        return done[0]

    def withdraw(self, visit: Visit, id: str) -> None:
        """Take back one's own proposal, before somebody has decided it."""
        fields = (("proposal", _name(id)), ("approved", 0), ("withdrawn", 1))
        what = What(Event.PROPOSAL_DECIDED, fields=fields)
        self._access.admitted(visit, what, lambda c, r: _said(proposals.withdraw(c, r, id)))

    def _recovery(self, connection: Connection, decided: Proposal) -> str:
        member = str(decided.subject["member"])
        one = memberships.valid(connection, decided.mechanism).get(member)
        if one is None:
            raise NotFound("not_found", "there is no such member")
        alarms.raise_about(connection, decided.mechanism, member, alarms.RECOVERED)
        secret = invitations.make(connection, decided.mechanism, one.roles, 1, member)
        return invitations.link(self._url, secret, invitations.RECOVER)


def _said(decided: Proposal) -> dict[str, str | int]:
    """What a decision was about, as the entry of the proposal says it."""
    records = decided.subject.get("records")
    about = str(decided.subject.get("member")) if records is None else len(records)
    return {"kind": decided.kind, "subject": about}


def _name(given: str) -> str:
    """An id of a person or a proposal, for the log; what else stood in an address is not repeated there."""
    return given if re.fullmatch(r"[a-z0-9-]{2,32}", given) else ""


def _subject(
    connection: Connection, mechanism: str, kind: str, member: str, daily: int | None
) -> dict[str, Any]:
    """What is proposed, in full: an approval is of these keys, and of no others by the same name."""
    if kind == proposals.ADD_KEY_HOLDER:
        for one in enrolment.waiting(connection, mechanism):
            if one.request.member == member:
                return {
                    "member": member,
                    "fingerprint": one.request.fingerprint,
                    "roles": list(one.roles),
                }
    elif kind in (proposals.RECOVER_MEMBER, proposals.REMOVE_MEMBER):
        if member in memberships.valid(connection, mechanism):
            return {"member": member}
    elif kind == proposals.CHANGE_BUDGET and daily is not None:
        if member in memberships.valid(connection, mechanism) or clients.known(connection, mechanism, member):
            return {"member": member, "daily": daily}
    else:
        raise Invalid("proposal_unknown", "this is proposed elsewhere")
    raise NotFound("not_found", "there is no such person")


def _told(reader: Reader, one: Proposal) -> Proposal:
    """Which records an export is of is for who proposed it and who may decide; others see how many."""
    decides = proposals.KINDS[proposals.EXPORT].decide & set(reader.roles)
    if one.kind != proposals.EXPORT or one.proposed_by == reader.member or decides:
        return one
    return replace(one, subject={"count": len(one.subject["records"])})
