"""Coming back with the receipt: a page for people, and the API that the sealed clients use."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from crypto.encoding import b64u_decode, b64u_encode
from crypto.errors import CryptoError
from crypto.receipt import MistypedReceipt, Receipt
from crypto.record_reader import RecordReader
from intake.errors import IntakeError, Unauthenticated
from intake.http.context import Services, in_store, in_thread, services
from intake.http.download import part_response
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
from intake.submissions.mailbox import Mailbox, OwnRecord

router = APIRouter()


@router.get("/{language}/return", include_in_schema=False)
async def ask(request: Request, language: str) -> Response:
    """Where a receipt is typed in."""
    require_plain_form(services(request))
    return page(request, "return.html", known_language(language), errors=[])


@router.post("/{language}/return", include_in_schema=False)
async def come_back(request: Request, language: str) -> Response:
    """Show what was received, opened with the receipt by this server, for this answer only."""
    known_language(language)
    found = services(request)
    require_plain_form(found)
    fields = await small_form(request)
    try:
        receipt = Receipt.parse(fields.get("receipt", ""))
        keys = await found.derive(receipt)
        own = await in_thread(lambda: found.mailbox.open(keys.lookup, keys.auth))
    except MistypedReceipt as error:
        return page(request, "return.html", language, 422, errors=[explain(error, language)])
    except IntakeError as error:
        errors = [message(error.code, language, **error.values)]
        return page(request, "return.html", language, status_of(error), errors=errors)
    reader = await in_thread(lambda: RecordReader(list(own.revisions), own.grants, [keys.identity]))
    if reader.statement.sealed_by == "submitter" and fields.get("confirm") != "yes":
        return page(request, "confirm.html", language, receipt=" ".join(receipt.digits()))
    names = {m["id"]: m["name"] for m in shown(await bundles(found), language)}
    opened = await in_store(found, lambda: _open(found.mailbox, own, reader))
    return page(
        request,
        "mailbox.html",
        language,
        day=own.received_day,
        mechanisms=[names.get(c.mechanism, c.mechanism) for c in reader.statement.consent],
        sealed_by=reader.statement.sealed_by,
        readable=bool(reader.readable()),
        **opened,
    )


@dataclass(frozen=True, slots=True)
class _Medium:
    name: str
    size: int
    type: str


def _open(mailbox: Mailbox, own: OwnRecord, reader: RecordReader) -> dict[str, Any]:
    """Narrative and list of media; media themselves are not opened here."""
    found: dict[str, Any] = {"narrative": None, "capacity": None, "media": []}
    for entry in reader.readable():
        if entry.kind not in ("narrative", "label"):
            continue
        file = mailbox.part(own.record, entry.id)
        try:
            values = reader.structured(entry.id, file.read()).values
        finally:
            file.blob.close()
        if entry.kind == "narrative":
            found["narrative"], found["capacity"] = values.get("text"), values.get("capacity")
        else:
            found["media"].append(_Medium(str(values["name"]), int(values["size"]), str(values["type"])))
    return found


@router.get("/v1/mailbox")
async def mailbox(request: Request) -> JSONResponse:
    """Own record: statements, own grants. `Authorization: Intake-Receipt <lookup>.<auth>`."""
    found = services(request)
    own = await _authenticate(found, request)
    return JSONResponse(
        {
            "record": own.record,
            "received_day": own.received_day,
            "statements": [
                {"statement": data.decode(), "signature": b64u_encode(signature)}
                for data, signature in own.revisions
            ],
            "grants": [{"compartment": c, "file": b64u_encode(file)} for c, file in own.grants],
        }
    )


@router.get("/v1/mailbox/parts/{part}")
async def own_part(request: Request, part: str) -> Response:
    """A part of one's own record as an age file, with Range."""
    found = services(request)
    own = await _authenticate(found, request)
    return part_response(request, await in_store(found, lambda: found.mailbox.part(own.record, part)))


async def _authenticate(found: Services, request: Request) -> OwnRecord:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    lookup, _, auth = value.partition(".")
    if scheme.lower() != "intake-receipt":
        raise Unauthenticated("receipt_missing", "Authorization: Intake-Receipt <lookup>.<auth> is needed")
    try:
        secrets = b64u_decode(lookup, 32), b64u_decode(auth, 32)
    except CryptoError as error:
        raise Unauthenticated("receipt_missing", "lookup and auth are 32 bytes each, base64url") from error
    return await in_thread(lambda: found.mailbox.open(*secrets))
