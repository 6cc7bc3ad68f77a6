"""Exports: proposed by one member, approved by another, and then streamed once."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import Field

from intake.audit.events import Event
from intake.http.audited import AuditedRoute, audited
from intake.http.context import Services, in_store, in_thread, services
from intake.http.review.door import visit
from intake.http.review.work import Strict
from intake.people.roles import Action
from intake.reviewing.exports import MAX_RECORDS

router = APIRouter(prefix="/review/v1/exports", route_class=AuditedRoute)


class Wanted(Strict):
    """Ids of records that the member sees, and what for: `proceedings`, `analysis`, `transfer`, `keeping`."""

    records: Annotated[
        list[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]], Field(min_length=1, max_length=MAX_RECORDS)
    ]
    reason: Annotated[str, Field(max_length=32)]


@audited(Event.PROPOSAL_MADE)
@router.post("", status_code=201)
async def propose(request: Request, wanted: Wanted) -> JSONResponse:
    """Ask for an export. Another member decides it, as other proposals. 422 `reason_unknown`."""
    found = services(request)
    asked = visit(request, Action.EXPORT)
    id_ = await in_thread(lambda: found.exports.propose(asked, wanted.records, wanted.reason))
    return JSONResponse({"id": id_}, 201)


@audited(Event.RECORD_EXPORTED)
@router.get("/{export}")
async def start(request: Request, export: str) -> Response:
    """The archive (tar), once. 403 `second_person`; 409 `export_over`: it has to be proposed again."""
    found = services(request)
    asked = visit(request, Action.EXPORT)
    archive = await in_store(found, lambda: found.exports.start(asked, export))
    headers = {"Content-Disposition": 'attachment; filename="export.tar"', "Cache-Control": "no-store"}
    return StreamingResponse(_pieces(found, archive), media_type="application/x-tar", headers=headers)


async def _pieces(found: Services, archive: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Each piece in a thread: entries are committed on the way."""
    while (piece := await in_store(found, lambda: next(archive, None))) is not None:
        yield piece
