"""The inbox of a mechanism's members."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from crypto.encoding import b64u_encode, parse_json
from intake.audit.events import Event
from intake.http.audited import AuditedRoute, audited
from intake.http.context import in_store, in_thread, services
from intake.http.review.door import visit
from intake.people.roles import Action
from intake.reviewing.inbox import PAGE, Row, Wanted

router = APIRouter(prefix="/review/v1", route_class=AuditedRoute)


@audited(Event.TRIAGE_LISTED)
@router.get("/records")
async def records(
    request: Request,
    cursor: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=PAGE)] = 100,
    status: Annotated[list[str] | None, Query(max_length=8)] = None,
    assigned: Annotated[str | None, Query(pattern=r"^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$")] = None,
) -> Response:
    """Records that may be read today, by their number, from `cursor` on; ask again from `next`.

    `assigned` is a member's id, or `nobody`. With `If-None-Match` an unchanged page is 304, and an entry.
    """
    found = services(request)
    wanted = Wanted(cursor, limit, tuple(status or ()), assigned)
    visitor = visit(request, Action.LIST_TRIAGE)

    def work() -> JSONResponse:  # 500 cards are megabytes: others do not wait for their encoding
        page = found.inbox.page(visitor, wanted)
        return JSONResponse({"records": [_shown(row) for row in page.rows], "next": page.next})

    answer = await in_store(found, work)
    tag = f'"{hashlib.sha256(bytes(answer.body)).hexdigest()[:32]}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag})
    answer.headers["ETag"] = tag
    return answer


@audited(Event.PEOPLE_LISTED)
@router.get("/readers")
async def readers(request: Request) -> JSONResponse:
    """Signed memberships of those to whom a record can be sealed today: their keys are in them."""
    found = services(request)
    members = await in_thread(lambda: found.assignments.readers(visit(request, Action.SEE_KEYS)))
    return JSONResponse({"members": [parse_json(one) for one in members]})


def _shown(row: Row) -> dict[str, object]:
    card = row.card and {
        "grants": [
            {"compartment": compartment, "recipient": recipient, "file": b64u_encode(file)}
            for compartment, recipient, file in row.card.grants
        ],
        "parts": [
            {"id": part, "compartment": compartment, "file": b64u_encode(file)}
            for part, compartment, file in row.card.parts
        ],
    }
    return {
        "record": row.record,
        "number": row.number,
        "received_day": row.received_day,
        "revision": row.revision,
        "media": row.media,
        "purposes": list(row.purposes),
        "expires": row.expires,
        "status": row.status,
        "assigned": row.assigned,
        "standing": row.standing,
        "unanswered": row.unanswered,
        "deadline": row.deadline,
        "triage": card,
    }
