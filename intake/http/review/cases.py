"""Cases: what belongs together. Titles and notes of a case come sealed, as those of a record do."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from crypto.encoding import utf8
from crypto.envelopes import MAX_ENVELOPE
from intake.audit.events import Event
from intake.http.audited import AuditedRoute, audited
from intake.http.context import in_thread, services
from intake.http.review.door import visit
from intake.http.review.work import SentGrants, shown_cards, shown_entry, shown_workspace
from intake.people.roles import Action
from intake.reviewing.cases import Case

router = APIRouter(prefix="/review/v1/cases", route_class=AuditedRoute)


class NewCase(SentGrants):
    """A case's workspace: the signed envelope as text, and its first grants."""

    envelope: Annotated[str, Field(max_length=MAX_ENVELOPE)]


@audited(Event.CASES_LISTED)
@router.get("")
async def cases(request: Request) -> JSONResponse:
    """The cases that one is in, with their sealed titles those of their records that one sees, and cards."""
    found = services(request)
    asked = visit(request, Action.KEEP_CASES)
    listed, cards = await in_thread(lambda: found.cases.listed(asked))
    return JSONResponse({"cases": [_shown(case) for case in listed], "cards": shown_cards(cards)})


@audited(Event.CASES_LISTED)
@router.get("/{case}")
async def one(request: Request, case: str) -> JSONResponse:
    """One case, and the cards of those who could be given its key."""
    found = services(request)
    asked = visit(request, Action.KEEP_CASES)
    shown, cards = await in_thread(lambda: found.cases.one(asked, case))
    return JSONResponse({"case": _shown(shown), "cards": shown_cards(cards)})


@audited(Event.CASE_CHANGED)
@router.post("")
async def create(request: Request, sent: NewCase) -> JSONResponse:
    """Begin a case. Its title is an entry in its workspace."""
    found = services(request)
    asked, grants = visit(request, Action.KEEP_CASES), sent.taken()
    made = await in_thread(lambda: found.workspaces.create(asked, None, utf8(sent.envelope), grants))
    return JSONResponse({"workspace": made})


@audited(Event.CASE_CHANGED)
@router.put("/{case}/records/{record}")
async def add(request: Request, case: str, record: str) -> JSONResponse:
    """Put a record into the case."""
    found = services(request)
    asked = visit(request, Action.KEEP_CASES)
    await in_thread(lambda: found.cases.add(asked, case, record))
    return JSONResponse({"record": record})


@audited(Event.CASE_CHANGED)
@router.delete("/{case}/records/{record}")
async def remove(request: Request, case: str, record: str) -> JSONResponse:
    """Take a record out of the case."""
    found = services(request)
    asked = visit(request, Action.KEEP_CASES)
    await in_thread(lambda: found.cases.remove(asked, case, record))
    return JSONResponse({"record": record})


def _shown(case: Case) -> dict[str, object]:
    return {
        "workspace": shown_workspace(case.workspace),
        "title": None if case.title is None else shown_entry(case.title),
        "records": list(case.records),
    }
