"""A proof that a testimony was received, as a file: asked for with the receipt, on a page of its own."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from crypto.receipt import MistypedReceipt, Receipt
from intake.errors import IntakeError, NotFound
from intake.http.audited import unaudited
from intake.http.context import in_thread, services
from intake.http.pages import message
from intake.http.problems import status_of
from intake.http.public.pages import (
    bundles,
    explain,
    known_language,
    page,
    require_plain_form,
    shown,
    small_form,
)

router = APIRouter(include_in_schema=False)
_OWN = "the submitter's own record: the logs tell the submitter who else read"


@unaudited("an empty form, the same for everybody")
@router.get("/{language}/proof")
async def ask_proof(request: Request, language: str) -> Response:
    """What a proof is, what it can give away, and where to ask for one."""
    return await _proof_page(request, language, [], 200)


@unaudited(_OWN)
@router.post("/{language}/proof")
async def take_proof(request: Request, language: str) -> Response:
    """The log proof for one mechanism, as a file with a name that says nothing."""
    found = services(request)
    fields = await small_form(request)
    try:
        receipt = Receipt.parse(fields.get("receipt", ""))
        keys = await found.derive(receipt)
        own = await in_thread(lambda: found.mailbox.open(keys.lookup, keys.auth))
        made = await in_thread(lambda: found.proofs.proofs(own.record))
        text = made.get(fields.get("mechanism", ""))
        if text is None:
            raise NotFound("proof_other", "this record was not sent to that mechanism")
    except MistypedReceipt as error:
        return await _proof_page(request, language, [explain(error, language)], 422)
    except IntakeError as error:
        return await _proof_page(request, language, [message(error.code, language)], status_of(error))
    headers = {"Content-Disposition": 'attachment; filename="notes.txt"'}
    return Response(text, media_type="text/plain; charset=utf-8", headers=headers)


async def _proof_page(request: Request, language: str, errors: list[str], status: int) -> Response:
    require_plain_form(services(request))
    names = shown(await bundles(services(request)), known_language(language))
    return page(request, "proof.html", language, status, mechanisms=names, errors=errors)
