"""One record at the review door: opening it and its parts, assigning it, its status."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from crypto.encoding import b64u_decode, b64u_encode
from crypto.statement import MAX_COMPARTMENTS
from intake.audit.events import Event
from intake.http.audited import AuditedRoute, audited
from intake.http.context import in_store, in_thread, services
from intake.http.download import part_response
from intake.http.review.door import visit
from intake.people.roles import Action
from intake.reviewing.assignments import MemberGrant

router = APIRouter(prefix="/review/v1/records/{record}", route_class=AuditedRoute)
MEMBER = r"^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class SentGrant(_Strict):
    """A compartment's identity sealed to a member: an age file (base64url)."""

    compartment: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    file: Annotated[str, Field(max_length=16 * 1024)]


class Assigned(_Strict):
    """To whom, and what is sealed to them."""

    member: Annotated[str, Field(pattern=MEMBER)]
    grants: Annotated[list[SentGrant], Field(max_length=MAX_COMPARTMENTS)]


class Status(_Strict):
    """How far the work is: `new`, `assigned`, `in_review`, `waiting` or `closed`."""

    status: Annotated[str, Field(max_length=16)]


@audited(Event.RECORD_OPENED)
@router.get("")
async def record(request: Request, record: str) -> JSONResponse:
    """Signed statements, grants, and the parts that they open. Counts in the day's budget.

    `own` is sealed to the member; `grants` are sealed to the mechanism's keys, of classes that the roles
    have. 404: not there, or not for this member; 403 `budget_spent`, or a consent that does not hold.
    """
    found = services(request)
    opened = await in_thread(lambda: found.opening.record(visit(request, Action.OPEN), record))
    return JSONResponse(
        {
            "record": opened.record,
            "received_day": opened.received_day,
            "number": opened.number,
            "status": opened.status,
            "assigned": list(opened.assigned),
            "statements": [
                {"statement": data.decode(), "signature": b64u_encode(signature)}
                for data, signature in opened.revisions
            ],
            "own": [
                {"compartment": compartment, "file": b64u_encode(file), "expires": expires}
                for compartment, file, expires in opened.own
            ],
            "grants": [
                {"compartment": compartment, "recipient": recipient, "file": b64u_encode(file)}
                for compartment, recipient, file in opened.grants
            ],
            "parts": [{"id": part, "size": size} for part, size in opened.parts.items()],
            "budget": {"opened": opened.budget[0], "daily": opened.budget[1]},
        }
    )


@audited(Event.PART_DOWNLOADED, once="ranges of one download, in one session")
@router.get("/parts/{part}")
async def part(request: Request, record: str, part: str) -> Response:
    """One part as an age file (header ‖ payload), with Range."""
    found = services(request)
    file = await in_store(found, lambda: found.opening.part(visit(request, Action.OPEN), record, part))
    return part_response(request, file)


@audited(Event.RECORD_ASSIGNED)
@router.post("/assignments")
async def assign(request: Request, record: str, assigned: Assigned) -> JSONResponse:
    """Give the record to a member; the same again changes nothing. `added` counts the new grants.

    422 `grants_differ`: a compartment that is not triage or account, or that the mechanism has not.
    """
    found = services(request)
    grants = [MemberGrant(g.compartment, b64u_decode(g.file)) for g in assigned.grants]
    added = await in_thread(
        lambda: found.assignments.assign(visit(request, Action.ASSIGN), record, assigned.member, grants)
    )
    return JSONResponse({"member": assigned.member, "added": added})


@audited(Event.RECORD_ASSIGNED)
@router.delete("/assignments/{member}", status_code=204)
async def take_back(request: Request, record: str, member: str) -> Response:
    """Take the record back from a member, with everything of it that was sealed to them."""
    found = services(request)
    await in_thread(lambda: found.assignments.take_back(visit(request, Action.ASSIGN), record, member))
    return Response(status_code=204)


@audited(Event.STATUS_SET)
@router.put("/status")
async def status(request: Request, record: str, said: Status) -> JSONResponse:
    """Say how far the work is; the submitter is not told."""
    found = services(request)
    asked = visit(request, Action.SET_STATUS)
    await in_thread(lambda: found.assignments.set_status(asked, record, said.status))
    return JSONResponse({"status": said.status})
