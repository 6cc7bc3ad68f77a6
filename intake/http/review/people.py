"""Who is a member of the mechanism: invitations, and cards that its root signed."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from crypto.encoding import utf8
from crypto.membership import MAX_CARD
from intake.audit.events import Event
from intake.http.audited import AuditedRoute, audited
from intake.http.context import in_thread, services
from intake.http.review.door import visit
from intake.http.review.login import Strict
from intake.people.invitations import MAX_DAYS
from intake.people.roles import Action

router = APIRouter(prefix="/review/v1", route_class=AuditedRoute)


class NewInvitation(Strict):
    """Roles, and for how many days the membership is meant."""

    roles: Annotated[list[Annotated[str, Field(max_length=32)]], Field(min_length=1, max_length=5)]
    days: Annotated[int, Field(ge=1, le=MAX_DAYS)]


class Card(Strict):
    """The card as the root's keeper gave it: canonical JSON."""

    card: Annotated[str, Field(max_length=MAX_CARD)]


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
