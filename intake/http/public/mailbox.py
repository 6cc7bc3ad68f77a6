"""Coming back with the receipt: what sealed clients read of their own record.

What they change is in `own`, messages are in `correspondence`, and the pages in `returning`.
"""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from crypto import statement
from crypto.encoding import b64u_decode, b64u_encode
from crypto.errors import CryptoError
from intake.audit.proofs import Seen
from intake.errors import Unauthenticated
from intake.http.audited import unaudited
from intake.http.context import Services, in_store, in_thread, services
from intake.http.download import part_response
from intake.submissions import delays
from intake.submissions.mailbox import OwnRecord

router = APIRouter()


@unaudited("the submitter's own record: the logs tell the submitter who else read")
@router.get("/v1/mailbox")
async def mailbox(request: Request) -> JSONResponse:
    """Own record: statements, own grants. `Authorization: Intake-Receipt <lookup>.<auth>`."""
    found = services(request)
    own = await authenticate(found, request)
    return JSONResponse(
        {
            "record": own.record,
            "received_day": own.received_day,
            "revision": len(own.revisions),
            "restored": own.restored,
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
    """Every logged access to one's own record: leaves, and openings that name mechanism, purpose and day.

    What its mechanism shows later is counted in `delayed`; `delayed_until` has a day for each.
    """
    found = services(request)
    own = await authenticate(found, request)

    def read() -> list[Seen]:
        with found.database.read() as connection:
            later = delays.of(connection, own.record)
        return found.proofs.accesses(own.record, later)

    seen = await in_thread(read)
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
        if s.until is None
    ]
    until = [s.until for s in seen if s.until is not None]
    return JSONResponse(
        {"accesses": listed, "share": share.hex(), "delayed": len(until), "delayed_until": until}
    )


@unaudited("the submitter's own record: the logs tell the submitter who else read")
@router.get("/v1/mailbox/proofs")
async def proofs(request: Request) -> JSONResponse:
    """A log proof of the record's arrival for each mechanism; 409 until the next checkpoint."""
    found = services(request)
    own = await authenticate(found, request)
    return JSONResponse({"proofs": await in_thread(lambda: found.proofs.proofs(own.record))})


@unaudited("the submitter's own record: the logs tell the submitter who else read")
@router.get("/v1/mailbox/parts/{part}")
async def own_part(request: Request, part: str) -> Response:
    """A part of one's own record as an age file, with Range; by a restored receipt, as its mechanism may."""
    found = services(request)
    own = await authenticate(found, request)
    file = await in_store(found, lambda: found.mailbox.part(own.record, part, own.mechanism))
    return part_response(request, file)


async def authenticate(found: Services, request: Request) -> OwnRecord:
    """The record whose receipt's secrets the request carries."""
    secrets = receipt_secrets(request)
    return await in_thread(lambda: found.mailbox.open(*secrets))


def receipt_secrets(request: Request) -> tuple[bytes, bytes]:
    """`lookup` and `auth` of a receipt, which need never have been used, as the request carries them."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    lookup, _, auth = value.partition(".")
    if scheme.lower() != "intake-receipt":
        raise Unauthenticated("receipt_missing", "Authorization: Intake-Receipt <lookup>.<auth> is needed")
    try:
        return b64u_decode(lookup, 32), b64u_decode(auth, 32)
    except CryptoError as error:
        raise Unauthenticated("receipt_missing", "lookup and auth are 32 bytes each, base64url") from error
