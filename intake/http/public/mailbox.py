"""Coming back with the receipt: a page for people, and the API that the sealed clients use."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from crypto import statement
from crypto.encoding import b64u_decode, b64u_encode
from crypto.errors import CryptoError
from crypto.log_leaf import Opening
from crypto.receipt import MistypedReceipt, Receipt
from crypto.record_reader import RecordReader
from intake.audit.proofs import Proofs
from intake.errors import IntakeError, NotFound, Unauthenticated
from intake.http.audited import unaudited
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


@unaudited("an empty form, the same for everybody")
@router.get("/{language}/return", include_in_schema=False)
async def ask(request: Request, language: str) -> Response:
    """Where a receipt is typed in."""
    require_plain_form(services(request))
    return page(request, "return.html", known_language(language), errors=[])


@unaudited("the submitter's own record: the logs tell the submitter who else read")
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
        accesses=await in_thread(lambda: _accesses(found.proofs, own.record, names)),
        **opened,
    )


def _accesses(proofs: Proofs, record: str, names: dict[str, str]) -> list[dict[str, str]]:
    """Who did what with the record, by day: repetitions of one day are one line."""
    lines: dict[tuple[str, ...], dict[str, str]] = {}
    for seen in proofs.accesses(record):
        said = Opening.parse(seen.opening).values
        line = {
            "day": str(said["day"]),
            "mechanism": names.get(seen.mechanism, seen.mechanism),
            "event": str(said["event"]),
            "purpose": str(said.get("purpose", "")),
        }
        lines[tuple(line.values())] = line
    return list(lines.values())


@unaudited("an empty form, the same for everybody")
@router.get("/{language}/proof", include_in_schema=False)
async def ask_proof(request: Request, language: str) -> Response:
    """What a proof is, what it can give away, and where to ask for one."""
    return await _proof_page(request, language, [], 200)


@unaudited("the submitter's own record: the logs tell the submitter who else read")
@router.post("/{language}/proof", include_in_schema=False)
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


@unaudited("the submitter's own record: the logs tell the submitter who else read")
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


@unaudited("the submitter's own record: the logs tell the submitter who else read")
@router.get("/v1/mailbox/accesses")
async def accesses(request: Request) -> JSONResponse:
    """Every logged access to one's own record: leaves, and openings that name mechanism, purpose and day."""
    found = services(request)
    own = await _authenticate(found, request)
    seen = await in_thread(lambda: found.proofs.accesses(own.record))
    share = statement.verify_chain(list(own.revisions)).share
    listed = [
        {
            "mechanism": s.mechanism,
            "log": s.log,
            "index": s.index,
            "counter": s.counter,
            "leaf": b64u_encode(s.leaf),
            "opening": s.opening.decode(),
        }
        for s in seen
    ]
    return JSONResponse({"accesses": listed, "share": share.hex()})


@unaudited("the submitter's own record: the logs tell the submitter who else read")
@router.get("/v1/mailbox/proofs")
async def proofs(request: Request) -> JSONResponse:
    """A log proof of the record's arrival for each mechanism; 409 until the next checkpoint."""
    found = services(request)
    own = await _authenticate(found, request)
    return JSONResponse({"proofs": await in_thread(lambda: found.proofs.proofs(own.record))})


@unaudited("the submitter's own record: the logs tell the submitter who else read")
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
