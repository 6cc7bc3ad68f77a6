"""Requests to open identity and sensitive compartments, and what custodians decide."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from crypto.encoding import b64u_decode
from crypto.reason import MAX_FILE
from crypto.statement import MAX_COMPARTMENTS
from intake.audit.events import Event
from intake.http.audited import AuditedRoute, audited
from intake.http.context import in_thread, services
from intake.http.review.door import visit
from intake.http.review.records import SentGrant
from intake.people.roles import Action
from intake.reviewing.approvals import MOST_HOURS, Asked, Decision
from intake.reviewing.approvals import Request as Made
from intake.reviewing.assignments import MemberGrant

router = APIRouter(prefix="/review/v1", route_class=AuditedRoute)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Wanted(_Strict):
    """Classes `identity` and `sensitive`, and why. `client`: for a program, not for oneself.

    `words`: the reason in words, sealed (base64url), with the `id` of the request that they name.
    """

    classes: Annotated[list[str], Field(min_length=1, max_length=2)]
    reason: Annotated[str, Field(max_length=32)]
    client: Annotated[str | None, Field(max_length=64)] = None
    id: Annotated[str | None, Field(pattern=r"^[0-9a-f]{32}$")] = None
    words: Annotated[str | None, Field(max_length=-(-MAX_FILE * 4 // 3))] = None


class Decided(_Strict):
    """Yes or no; for how many hours; and for a member all compartments of these classes, sealed to them."""

    approve: bool
    hours: Annotated[int, Field(ge=1, le=MOST_HOURS)] = 24
    grants: Annotated[list[SentGrant], Field(max_length=MAX_COMPARTMENTS)] = []


@audited(Event.ASSIGNED_LISTED)
@router.get("/identity-requests")
async def listed(request: Request) -> JSONResponse:
    """All of the mechanism's for a custodian, one's own for others; newest first."""
    found = services(request)
    made = await in_thread(lambda: found.approvals.listed(visit(request, Action.SEE_ASSIGNED)))
    return JSONResponse({"requests": [_shown(one) for one in made]})


@audited(Event.IDENTITY_ASKED)
@router.post("/records/{record}/identity-requests")
async def ask(request: Request, record: str, wanted: Wanted) -> JSONResponse:
    """Ask that a custodian opens identity or sensitive compartments; the same request again is the first.

    With another id and other words it takes the place of the first. 409 `request_exists`: the id is
    another request's; 422 `words_invalid`.
    """
    found = services(request)
    words = None if wanted.words is None else b64u_decode(wanted.words)
    asked = Asked(tuple(wanted.classes), wanted.reason, wanted.client, wanted.id, words)
    made = await in_thread(lambda: found.approvals.ask(visit(request, Action.ASK_IDENTITY), record, asked))
    return JSONResponse({"id": made})


@audited(Event.ASSIGNED_LISTED)
@router.get("/identity-requests/{id}/words")
async def words(request: Request, id: str) -> Response:
    """The reason in words, as an age file: for who asked, and for custodians who see the request."""
    found = services(request)
    file = await in_thread(lambda: found.approvals.words(visit(request, Action.SEE_ASSIGNED), id))
    return Response(file, media_type="application/octet-stream")


@audited(Event.IDENTITY_DECIDED)
@router.post("/identity-requests/{id}/decision")
async def decide(request: Request, id: str, decided: Decided) -> JSONResponse:
    """Decide what somebody else has asked for. 409 `decided`: somebody was faster."""
    found = services(request)
    grants = tuple(MemberGrant(g.compartment, b64u_decode(g.file)) for g in decided.grants)
    decision = Decision(decided.approve, decided.hours, grants)
    made = await in_thread(
        lambda: found.approvals.decide(visit(request, Action.APPROVE_IDENTITY), id, decision)
    )
    return JSONResponse(_shown(made))


def _shown(made: Made) -> dict[str, object]:
    return {
        "id": made.id,
        "record": made.record,
        "member": made.member,
        "asked_by": made.asked_by,
        "classes": list(made.classes),
        "reason": made.reason,
        "words": made.words,
        "state": made.state,
        "decided_by": made.decided_by,
        "day": made.day,
        "expires": made.expires,
    }
