"""Deadlines of records and cases, and what is due to a member."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from intake.audit.events import Event
from intake.http.audited import AuditedRoute, audited
from intake.http.context import in_thread, services
from intake.http.review.door import visit
from intake.http.review.work import Strict
from intake.people.roles import Action
from intake.reviewing.deadlines import Due

router = APIRouter(prefix="/review/v1", route_class=AuditedRoute)


class NewDeadline(Strict):
    """An id of 16 random bytes in hex, a day, one of `deadlines.KINDS`, and whose it is."""

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    due: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    kind: Annotated[str, Field(max_length=24)]
    member: Annotated[str, Field(max_length=64)]


@audited(Event.WORK_LISTED)
@router.get("/due")
async def due(request: Request) -> JSONResponse:
    """What is oneself's to do, soonest first, and consents of assigned records that end within a month."""
    found = services(request)
    asked = visit(request, Action.SEE_ASSIGNED)
    listed = await in_thread(lambda: found.deadlines.due(asked))
    return JSONResponse({"due": [_shown(one) for one in listed]})


@audited(Event.WORK_LISTED)
@router.get("/workspaces/{workspace}/deadlines")
async def listed(request: Request, workspace: str) -> JSONResponse:
    """A workspace's deadlines, by day."""
    found = services(request)
    asked = visit(request, Action.SEE_ASSIGNED)
    kept = await in_thread(lambda: found.deadlines.of(asked, workspace))
    return JSONResponse({"deadlines": [_shown(one) for one in kept]})


@audited(Event.WORK_WRITTEN)
@router.post("/workspaces/{workspace}/deadlines")
async def add(request: Request, workspace: str, sent: NewDeadline) -> JSONResponse:
    """Set one. 422 `deadline_kind`, `deadline_day`, `deadline_member`; 409 `deadline_exists`."""
    found = services(request)
    asked = visit(request, Action.WRITE)
    wanted = Due(sent.id, workspace, None, sent.due, sent.kind, sent.member)
    await in_thread(lambda: found.deadlines.add(asked, workspace, wanted))
    return JSONResponse({"id": sent.id})


@audited(Event.WORK_WRITTEN)
@router.post("/deadlines/{deadline}/done")
async def done(request: Request, deadline: str) -> JSONResponse:
    """It is done."""
    found = services(request)
    asked = visit(request, Action.WRITE)
    await in_thread(lambda: found.deadlines.done(asked, deadline))
    return JSONResponse({"id": deadline})


def _shown(one: Due) -> dict[str, str | None]:
    return {
        "id": one.id,
        "workspace": one.workspace,
        "record": one.record,
        "due": one.due,
        "kind": one.kind,
        "member": one.member,
        "done_day": one.done_day,
    }
