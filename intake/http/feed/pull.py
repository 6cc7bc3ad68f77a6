"""The pull API: list, one record, one part. Every answer follows its entry in the access log."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from crypto.encoding import b64u_encode
from intake.audit.events import Event
from intake.http.audited import AuditedRoute, audited
from intake.http.context import in_store, in_thread, services
from intake.http.download import part_response
from intake.sharing.access import Asked
from intake.sharing.feed import PAGE

router = APIRouter(prefix="/feed/v1", route_class=AuditedRoute)


@audited(Event.FEED_LISTED, once="polling while nothing is new, under one token")
@router.get("/events")
async def events(
    request: Request,
    start: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=PAGE)] = 100,
) -> JSONResponse:
    """What happened to records of this mechanism, from index `start` on. Ask again from `next`."""
    found = services(request)
    page = await in_thread(lambda: found.feed.page(asked(request), start, limit))
    return JSONResponse(
        {
            "start": page.start,
            "next": page.next,
            "size": page.size,
            "events": [
                {
                    "index": e.index,
                    "leaf": b64u_encode(e.leaf),
                    "opening": e.opening.decode() if e.opening else None,  # erased
                }
                for e in page.entries
            ],
        }
    )


@audited(Event.RECORD_OPENED)
@router.get("/records/{record}")
async def record(request: Request, record: str) -> JSONResponse:
    """One record: signed statements, this mechanism's grants, ids and sizes of the parts they open."""
    found = services(request)
    shared = await in_thread(lambda: found.feed.record(asked(request), record))
    return JSONResponse(
        {
            "record": shared.record,
            "received_day": shared.received_day,
            "statements": [
                {"statement": data.decode(), "signature": b64u_encode(signature)}
                for data, signature in shared.revisions
            ],
            "grants": [
                {"compartment": compartment, "recipient": recipient, "file": b64u_encode(file)}
                for compartment, recipient, file in shared.grants
            ],
            "parts": [{"id": part, "size": size} for part, size in shared.parts.items()],
            "withheld": list(shared.withheld),
        }
    )


@audited(Event.PART_DOWNLOADED, once="ranges of one download, under one token")
@router.get("/records/{record}/parts/{part}")
async def part(request: Request, record: str, part: str) -> Response:
    """One part as an age file (header ‖ payload), with Range."""
    found = services(request)
    file = await in_store(found, lambda: found.feed.part(asked(request), record, part))
    return part_response(request, file)


def asked(request: Request) -> Asked:
    """What a request shows of who is asking."""
    return Asked(
        method=request.method,
        url=services(request).settings.public_url + request.url.path,
        authorization=request.headers.get("authorization", ""),
        proof=request.headers.get("dpop", ""),
    )
