"""What a testimony consists of, for programs: the schema, the vocabularies and the questions. Public data."""

from fastapi import APIRouter
from fastapi.responses import Response

from intake.errors import NotFound
from intake.http.audited import unaudited
from intake.record import questions, vocabulary
from intake.record.schema import schema_text

router = APIRouter(prefix="/v1")


@unaudited("a public description, the same for everybody")
@router.get("/schema/testimony-1.json")
async def schema() -> Response:
    """The JSON Schema (2020-12) of a whole testimony: `docs/record.md`."""
    return Response(schema_text(), media_type="application/schema+json")


@unaudited("public lists of terms, the same for everybody")
@router.get("/vocabularies/{name}")
async def terms(name: str) -> Response:
    """One vocabulary: codes, labels in each language, mappings."""
    try:
        return Response(vocabulary.raw(name), media_type="application/json")
    except KeyError:
        raise NotFound("not_found", "there is no such vocabulary") from None


@unaudited("public questions, the same for everybody")
@router.get("/questions/{section}")
async def asked(section: str) -> Response:
    """The questions of one section of the form, in each language."""
    try:
        return Response(questions.raw(section), media_type="application/json")
    except KeyError:
        raise NotFound("not_found", "there is no such section") from None
