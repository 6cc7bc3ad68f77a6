"""Who is a member of the mechanism: invitations, and cards that its root signed."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from crypto.encoding import Json, utf8
from crypto.membership import MAX_CARD
from intake.audit.events import Event
from intake.http.audited import AuditedRoute, audited
from intake.http.context import in_thread, services
from intake.http.review.door import visit
from intake.http.review.login import Strict
from intake.people.budgets import MOST
from intake.people.proposals import Proposal
from intake.people.roles import Action
from intake.sharing.staffing import Applicant, Person

router = APIRouter(prefix="/review/v1", route_class=AuditedRoute)


class NewInvitation(Strict):
    """Roles, and for how many days the membership is meant."""

    roles: Annotated[list[Annotated[str, Field(max_length=32)]], Field(min_length=1, max_length=5)]
    days: int


class Card(Strict):
    """The card as the root's keeper gave it: canonical JSON."""

    card: Annotated[str, Field(max_length=MAX_CARD)]


class Proposed(Strict):
    """`add_key_holder`, `recover_member`, `remove_member` or `change_budget`, and whom it is about.

    `daily` is what a reader may open in a day, a member or "client:" and a program's id.
    """

    kind: Annotated[str, Field(max_length=24)]
    daily: Annotated[int | None, Field(ge=1, le=MOST)] = None
    member: Annotated[str, Field(pattern=r"^(client:[A-Za-z0-9-]{2,64}|[a-z0-9][a-z0-9-]{0,30}[a-z0-9])$")]


class Decided(Strict):
    """Yes or no to what another member proposed."""

    approve: bool


@audited(Event.PEOPLE_LISTED)
@router.get("/people")
async def people(request: Request) -> JSONResponse:
    """Members, past ones too, who has applied, and what waits for a second person."""
    found = services(request)
    visitor = visit(request, Action.SEE_PEOPLE)
    known = await in_thread(lambda: found.staffing.people(visitor))
    return JSONResponse(
        {
            "members": [_member(person) for person in known.members],
            "waiting": [_applicant(one) for one in known.waiting],
            "proposals": [_proposal(one) for one in known.proposals],
        }
    )


@audited(Event.MEMBER_INVITED)
@router.post("/invitations")
async def invite(request: Request, wanted: NewInvitation) -> JSONResponse:
    """A link for one person, valid for 72 hours and once. It is shown in this answer only."""
    found = services(request)
    visitor = visit(request, Action.INVITE)
    link = await in_thread(lambda: found.staffing.invite(visitor, wanted.roles, wanted.days))
    return JSONResponse({"link": link}, 201)


@audited(Event.MEMBER_ADMITTED)
@router.post("/cards")
async def admit(request: Request, sent: Card) -> JSONResponse:
    """Admit whom the root signed. 403 `second_person`: two members have to approve first."""
    found = services(request)
    visitor, card = visit(request, Action.ADMIT), utf8(sent.card)
    member = await in_thread(lambda: found.staffing.admit(visitor, card))
    return JSONResponse({"member": member}, 201)


@audited(Event.MEMBER_REMOVED)
@router.post("/applications/{member}/refusal")
async def refuse(request: Request, member: str) -> Response:
    """Drop somebody's application."""
    found = services(request)
    visitor = visit(request, Action.ADMIT)
    await in_thread(lambda: found.staffing.refuse(visitor, member))
    return Response(status_code=204)


@audited(Event.MEMBER_REMOVED)
@router.post("/people/{member}/removal")
async def remove(request: Request, member: str) -> JSONResponse:
    """End a membership at once. `new_epoch`: they held keys, so the mechanism needs new ones.

    403 `removal_by_two`: an auditor, or the last key-holder or custodian. Two propose and approve it.
    """
    found = services(request)
    visitor = visit(request, Action.REMOVE)
    needed = await in_thread(lambda: found.staffing.remove(visitor, member))
    return JSONResponse({"new_epoch": needed})


@audited(Event.PROPOSAL_MADE)
@router.post("/proposals")
async def propose(request: Request, proposed: Proposed) -> JSONResponse:
    """Propose something about a person, for another member to decide within 72 hours."""
    found = services(request)
    visitor = visit(request, Action.PROPOSE)
    kind, member, daily = proposed.kind, proposed.member, proposed.daily
    id = await in_thread(lambda: found.staffing.propose(visitor, kind, member, daily))
    return JSONResponse({"id": id}, 201)


@audited(Event.PROPOSAL_DECIDED)
@router.post("/proposals/{proposal}/decision")
async def decide(request: Request, proposal: str, decided: Decided) -> JSONResponse:
    """Decide what another member proposed. `link`: for whoever lost a device, in this answer only.

    `new_epoch`: as after a removal.
    """
    found = services(request)
    visitor = visit(request, Action.DECIDE)
    done = await in_thread(lambda: found.staffing.decide(visitor, proposal, decided.approve))
    return JSONResponse({"state": done.proposal.state, "link": done.link, "new_epoch": done.new_epoch})


@audited(Event.PROPOSAL_DECIDED)
@router.delete("/proposals/{proposal}")
async def withdraw(request: Request, proposal: str) -> Response:
    """Take back what one proposed oneself. 409 `proposal_decided`: somebody was faster."""
    found = services(request)
    visitor = visit(request, Action.PROPOSE)
    await in_thread(lambda: found.staffing.withdraw(visitor, proposal))
    return Response(status_code=204)


def _member(person: Person) -> dict[str, Json]:
    one = person.known.membership
    return {
        "member": one.member,
        "name": person.name,
        "roles": list(one.roles),
        "starts": one.starts,
        "expires": one.expires,
        "removed": person.known.removed_day,
        "valid": person.known.valid,
        "passkeys": person.passkeys,
        "guard": person.guard,
        "daily": person.daily,
    }


def _applicant(one: Applicant) -> dict[str, Json]:
    waiting = one.waiting
    return {
        "member": waiting.request.member,
        "name": waiting.request.name,
        "roles": list(waiting.roles),
        "days": waiting.days,
        "day": waiting.day,
        "fingerprint": waiting.request.fingerprint,
        "request": waiting.request.raw.decode(),
        "second": one.second,
    }


def _proposal(one: Proposal) -> dict[str, Json]:
    return {
        "id": one.id,
        "kind": one.kind,
        "subject": dict(one.subject),
        "proposed_by": one.proposed_by,
        "day": one.day,
        "state": one.state,
        "decided_by": one.decided_by,
        "over": one.over,
    }
