"""The logs for auditors, with what entries say and the proof that they are in the signed tree; and alarms."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from crypto.encoding import b64u_encode
from intake.audit.events import Event, Log
from intake.http.audited import AuditedRoute, audited
from intake.http.context import in_thread, services
from intake.http.review.door import visit
from intake.people.roles import Action
from intake.reviewing.auditing import PAGE

router = APIRouter(prefix="/review/v1", route_class=AuditedRoute)


@audited(Event.LOG_READ)
@router.get("/log")
async def entries(
    request: Request,
    kind: Log = Log.ACCESS,
    start: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE)] = 100,
) -> JSONResponse:
    """Entries of a log from `start` on, or the newest ones, with hashes that lead to the signed root."""
    found = services(request)
    asked = visit(request, Action.READ_LOG)
    page = await in_thread(lambda: found.auditing.page(asked, kind, start, limit))
    return JSONResponse(
        {
            "log": kind,
            "start": page.start,
            "size": page.size,
            "origin": page.origin,
            "keys": page.keys,
            "checkpoint": page.checkpoint.decode() if page.checkpoint else None,
            "signed": page.signed,
            "hashes": [hashed.hex() for hashed in page.hashes],
            "entries": [
                {
                    "index": entry.index,
                    "leaf": b64u_encode(entry.leaf),
                    "opening": entry.opening.decode() if entry.opening else None,  # erased
                }
                for entry in page.entries
            ],
            "numbers": page.numbers,
        }
    )


@audited(Event.ALARMS_LISTED)
@router.get("/alarms")
async def alarms(request: Request) -> JSONResponse:
    """What somebody has to look at, the newest first."""
    found = services(request)
    asked = visit(request, Action.SEE_ALARMS)
    listed = await in_thread(lambda: found.auditing.alarms(asked))
    return JSONResponse(
        {
            "alarms": [
                {"id": a.id, "kind": a.kind, "reader": a.reader, "day": a.day, "seen_by": a.seen_by}
                for a in listed
            ]
        }
    )


@audited(Event.ALARM_SEEN)
@router.post("/alarms/{alarm}/seen", status_code=204)
async def seen(request: Request, alarm: str) -> Response:
    """The caller has looked at it. The first one's name stays."""
    found = services(request)
    asked = visit(request, Action.MARK_ALARMS)
    await in_thread(lambda: found.auditing.seen(asked, alarm))
    return Response(status_code=204)
