"""What the console calls things: questions, and the terms of their answers. The same for everybody."""

from fastapi import APIRouter
from fastapi.responses import Response

from intake.errors import NotFound
from intake.http.audited import AuditedRoute, unaudited
from intake.http.terms_json import terms
from intake.i18n import LANGUAGES

router = APIRouter(prefix="/review/v1", route_class=AuditedRoute)


@unaudited("public lists of terms, the same for everybody")
@router.get("/terms/{language}")
async def in_language(language: str) -> Response:
    """`Terms` of `web/src/own_words.ts`, in one language."""
    if language not in LANGUAGES:
        raise NotFound("not_found", "there is no such language")
    return Response(terms(language), media_type="application/json", headers={"Cache-Control": "no-cache"})
