"""The sealed way in: mechanisms to seal to, OPRF evaluations, and the submission that ties it together.

No plaintext comes through here. Uploads of the payloads are in `uploads`.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Annotated, Self, TypeVar

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from crypto.bundles import Bundle
from crypto.encoding import b64u_decode, b64u_encode, parse_json, utf8
from crypto.profiles import Profile
from intake import clock
from intake.errors import Conflict, Invalid, Malformed, TooLarge
from intake.http.audited import unaudited
from intake.http.context import Services, in_store, in_thread, services
from intake.http.context import body as body_of
from intake.http.shield import SUBMISSION_BODY
from intake.people import mechanisms, profiles
from intake.record import consent_texts
from intake.submissions.arrived import Outcome, ReceivedGrant, StagedPayload, StoredPayload, Submission
from intake.submissions.arrived import Request as Repeatable
from intake.submissions.uploads import Uploads

router = APIRouter(prefix="/v1")
MAX_ELEMENTS = 256
SMALL = 64 * 1024  # bytes of a payload that may come within the submission
_KEY_HOURS = 24 * 30
M = TypeVar("M", bound=BaseModel)
Arrived = dict[str, tuple[bytes, StoredPayload | StagedPayload]]
_MOST = 20_000  # lists or objects in a submission of 4000 parts, statement included


class Strict(BaseModel):
    """Exactly the fields that are named, of exactly these types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Evaluation(Strict):
    """Blinded elements (33 bytes each, base64url) to evaluate under the named epoch's key."""

    epoch: int
    elements: Annotated[list[str], Field(min_length=1, max_length=MAX_ELEMENTS)]


class ReceiptHalf(Strict):
    """What the server keeps of a receipt; 32 bytes each, base64url."""

    lookup: str
    auth: str
    record_key: str


class SentPart(Strict):
    """A part: its id, its header, and either the name of its complete upload or, if small, its payload.

    Header and payload are base64url.
    """

    id: str
    header: str
    upload: str | None = None
    payload: Annotated[str | None, Field(max_length=SMALL * 4 // 3 + 4)] = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.upload is None) == (self.payload is None):
            raise ValueError("upload or payload")
        return self


class SentGrant(Strict):
    """A grant: compartment, fingerprint of the reader's key, age file (base64url)."""

    compartment: str
    recipient: str
    file: str


class SentSubmission(Strict):
    """A whole submission. `statement` is the canonical JSON that was signed, as text."""

    statement: str
    signature: str
    receipt: ReceiptHalf
    parts: Annotated[list[SentPart], Field(max_length=4000)]
    grants: Annotated[list[SentGrant], Field(max_length=4000)]


@unaudited("public key bundles and profiles, the same for everybody")
@router.get("/mechanisms")
async def list_mechanisms(request: Request) -> JSONResponse:
    """Mechanisms that take testimonies: signed key bundles, and signed profiles of those that have one.

    Verify both with the same root; then show the profile, and seal.
    """
    found = services(request)

    def read() -> tuple[list[Bundle], dict[str, Profile]]:
        with found.database.read() as connection:
            return mechanisms.everyone(connection), profiles.newest(connection)

    takes, offered = await in_thread(read)
    signed = {b.mechanism: offered[b.mechanism].raw for b in takes}
    return JSONResponse(
        {
            "mechanisms": [parse_json(b.raw) for b in takes],
            "profiles": {id: parse_json(raw) for id, raw in signed.items() if raw},
        }
    )


@unaudited("public texts, the same for everybody")
@router.get("/consent-texts")
async def consent_text() -> JSONResponse:
    """The texts a person has to be shown before a consent: `current`, and those of earlier consents."""
    return JSONResponse(
        {
            "current": consent_texts.VERSION,
            "texts": [
                {"version": t.version, "language": t.language, "sha256": t.sha256, "text": t.text}
                for t in consent_texts.every()
            ],
        }
    )


@unaudited("the number of the current epoch, the same for everybody")
@router.get("/oprf")
async def epoch(request: Request) -> JSONResponse:
    """The current epoch, and the hour (since 1970) in which it closes."""
    number, closes = await in_thread(services(request).oprf.current)
    return JSONResponse({"suite": "P256-SHA256", "epoch": number, "closes": closes * clock.HOUR})


@unaudited("evaluates blinded elements: the server learns nothing that an entry could hold")
@router.post("/oprf")
async def evaluate(request: Request, asked: Evaluation) -> JSONResponse:
    """Blind evaluations. 409 with the current epoch if the named one is closed."""
    found = services(request)
    elements = [b64u_decode(element, 33) for element in asked.elements]
    found.oprf_bucket.take(len(elements))
    evaluated = await in_thread(lambda: found.oprf.evaluate(asked.epoch, elements))
    return JSONResponse({"epoch": asked.epoch, "evaluations": [b64u_encode(e) for e in evaluated]})


@unaudited("a submitter sends; the arrival itself is an entry of the records log")
@router.post(
    "/submissions",
    status_code=201,
    openapi_extra={
        "requestBody": {"content": {"application/json": {"schema": SentSubmission.model_json_schema()}}}
    },
)
async def submit(
    request: Request,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Response:
    """Tie parts together, uploaded or sent along. 201; 200 when repeated with its `Idempotency-Key`."""
    found = services(request)
    key = keyed(idempotency_key)
    raw = await whole(request)
    repeatable = once(key, raw)
    sent = await in_thread(lambda: parsed(SentSubmission, raw))

    def accept(parts: Arrived, uploads: tuple[str, ...]) -> Outcome:
        return found.receiver.accept(_submission(sent, parts, uploads), repeatable)

    def before() -> Outcome | None:
        return found.receiver.repeated(repeatable)

    outcome = await in_store(found, lambda: tied_together(found, sent.parts, accept, before))
    promise = await in_thread(lambda: found.proofs.promise(outcome.record, outcome.statement))
    answer = {"record": outcome.record, "revision": 1, "promise": promise}
    return JSONResponse(answer, 201 if outcome.fresh else 200)


def keyed(idempotency_key: str | None) -> str:
    """The request's key, hashed; `Malformed` without one."""
    if not idempotency_key or not 16 <= len(idempotency_key) <= 255:
        raise Malformed("idempotency_key", "Idempotency-Key of 16 to 255 characters is needed")
    return hashlib.sha256(b"intake/api/v1\0" + idempotency_key.encode("utf-8", "replace")).hexdigest()


def once(key: str, raw: bytes) -> Repeatable:
    """What makes a repetition of this body recognisable."""
    return Repeatable(key, hashlib.sha256(raw).hexdigest(), _KEY_HOURS)


def tied_together(
    found: Services,
    sent: Sequence[SentPart],
    accept: Callable[[Arrived, tuple[str, ...]], Outcome],
    before: Callable[[], Outcome | None],
) -> Outcome:
    """Find or hold the parts' payloads and hand them to `accept`; the first answer, if it is `before`'s."""
    outcome = before()
    if outcome:
        return outcome
    small = {p.id: b64u_decode(p.payload) for p in sent if p.payload is not None}
    held = dict(zip(small, found.uploads.hold(list(small.values())), strict=True))
    try:
        return accept(*_arrived(found.uploads, sent, held))
    except (Invalid, Conflict):
        # The same request may have been faster, and have taken the uploads.
        outcome = before()
        if outcome:
            return outcome
        raise
    finally:
        for payload in held.values():
            payload.stage.discard()


async def whole(request: Request) -> bytes:
    """The body, received in its place among others; `shield` limits its size."""
    received = bytearray()
    async with aclosing(body_of(request)) as chunks:
        async for chunk in chunks:
            received += chunk
    return bytes(received)


def parsed(model: type[M], raw: bytes) -> M:
    """Validated; `Invalid` if it is not as the interface describes.

    What makes many small values is counted first: each costs a hundred times its bytes in memory.
    """
    if raw.count(b"{") > _MOST or raw.count(b"[") > _MOST or raw.count(b",") > 8 * _MOST:
        raise TooLarge("too_large", "the body holds too many values", limit_kib=SUBMISSION_BODY // 1024)
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        places = sorted({".".join(str(part) for part in e["loc"]) for e in error.errors()})
        detail = "not as the interface describes: " + ", ".join(places[:10])
        raise Invalid("malformed", detail) from None


def grants_of(sent: Sequence[SentGrant]) -> tuple[ReceivedGrant, ...]:
    """What was sent, decoded."""
    return tuple(ReceivedGrant(g.compartment, g.recipient, b64u_decode(g.file)) for g in sent)


def _arrived(
    uploads: Uploads, sent: Sequence[SentPart], held: Mapping[str, StagedPayload]
) -> tuple[Arrived, tuple[str, ...]]:
    """Parts by id, and the uploads that they took."""
    claimed = uploads.claim([part.upload for part in sent if part.upload is not None])
    parts: Arrived = {}
    for part in sent:
        payload = held[part.id] if part.upload is None else claimed[part.upload][1]
        parts[part.id] = (b64u_decode(part.header), payload)
    return parts, tuple(upload for upload, _ in claimed.values())


def _submission(sent: SentSubmission, parts: Arrived, uploads: tuple[str, ...]) -> Submission:
    return Submission(
        statement=utf8(sent.statement),
        signature=b64u_decode(sent.signature, 64),
        lookup=b64u_decode(sent.receipt.lookup, 32),
        auth=b64u_decode(sent.receipt.auth, 32),
        record_key=b64u_decode(sent.receipt.record_key, 32),
        parts=parts,
        grants=grants_of(sent.grants),
        upload_ids=uploads,
    )
