"""What sealed clients change of their own record: revisions, withdrawals, reading it no more, deletion.

All under the receipt, as in `mailbox`. No plaintext comes through here.
"""

from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from crypto.encoding import b64u_decode, utf8
from crypto.statement import MAX_BYTES
from crypto.withdrawal import MAX_BYTES as MAX_WITHDRAWAL
from intake.http.audited import unaudited
from intake.http.context import in_store, in_thread, services
from intake.http.public.mailbox import authenticate
from intake.http.public.sealed import (
    Arrived,
    SentGrant,
    SentPart,
    Strict,
    grants_of,
    keyed,
    once,
    parsed,
    tied_together,
    whole,
)
from intake.submissions import delete, withdraw
from intake.submissions.arrived import Outcome, Revision

router = APIRouter(prefix="/v1/mailbox")
_MOST = 200  # mechanisms

Envelopes = Annotated[
    dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=MAX_WITHDRAWAL)]],
    Field(max_length=_MOST),
]


class SentRevision(Strict):
    """The next revision, and what is new in it. `withdrawals` are signed envelopes, by mechanism."""

    statement: Annotated[str, Field(max_length=MAX_BYTES)]
    signature: str
    parts: Annotated[list[SentPart], Field(max_length=4000)]
    grants: Annotated[list[SentGrant], Field(max_length=4000)]
    withdrawals: Envelopes


class SentWithdrawals(Strict):
    """Signed withdrawals of whole consents, by mechanism."""

    withdrawals: Envelopes


class SentObjections(Strict):
    """Signed objections to the deletion that waits, by mechanism."""

    objections: Envelopes


@unaudited("the submitter's own record: what changes is an entry of the records logs")
@router.post(
    "/revisions",
    status_code=201,
    openapi_extra={
        "requestBody": {"content": {"application/json": {"schema": SentRevision.model_json_schema()}}}
    },
)
async def revise(
    request: Request,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Response:
    """Take the next revision. 201; 200 when repeated with its `Idempotency-Key`."""
    found = services(request)
    own = await authenticate(found, request)
    key = keyed(idempotency_key)
    raw = await whole(request)
    repeatable = once(key, raw)
    sent = await in_thread(lambda: parsed(SentRevision, raw))
    signed, signature = utf8(sent.statement), b64u_decode(sent.signature, 64)
    envelopes = _decoded(sent.withdrawals)

    def accept(parts: Arrived, uploads: tuple[str, ...]) -> Outcome:
        revision = Revision(signed, signature, parts, grants_of(sent.grants), envelopes, uploads)
        return found.reviser.accept(own, revision, repeatable)

    def before() -> Outcome | None:
        return found.reviser.repeated(own.record, repeatable, signed)

    outcome = await in_store(found, lambda: tied_together(found, sent.parts, accept, before))
    promise = await in_thread(
        lambda: found.proofs.promise(outcome.record, outcome.statement, outcome.revision)
    )
    answer = {
        "record": outcome.record,
        "revision": outcome.revision,
        "promise": promise,
        "withdrawn": dict(outcome.withdrawn),
    }
    return JSONResponse(answer, 201 if outcome.fresh else 200)


@unaudited("the submitter's own record: what changes is an entry of the records logs")
@router.post("/withdrawals")
async def withdraw_restored(request: Request, sent: SentWithdrawals) -> JSONResponse:
    """Withdrawals by a restored receipt, which cannot sign revisions; all of them, or none."""
    found = services(request)
    own = await authenticate(found, request)
    envelopes = _decoded(sent.withdrawals)
    outcomes = await in_thread(lambda: withdraw.by_restored(found.database, own, envelopes))
    return JSONResponse({"withdrawn": outcomes})


@unaudited("the submitter's own record: nothing is read of it")
@router.delete("/grants")
async def forget_own_grants(request: Request) -> JSONResponse:
    """From now on this receipt shows nothing of what was written. It goes on to add and to withdraw."""
    found = services(request)
    own = await authenticate(found, request)
    return JSONResponse({"deleted": await in_thread(lambda: delete.forget_own_grants(found.database, own))})


@unaudited("the submitter's own record: what changes is an entry of the records logs")
@router.post("/deletion", status_code=202)
async def ask_deletion(request: Request, sent: SentWithdrawals) -> JSONResponse:
    """Release nothing from now on, and delete everything on the day that is answered."""
    found = services(request)
    own = await authenticate(found, request)
    envelopes = _decoded(sent.withdrawals)
    due = await in_thread(lambda: found.deletion.ask(own, envelopes))
    return JSONResponse({"due_day": due}, 202)


@unaudited("the submitter's own record: what changes is an entry of the records logs")
@router.post("/deletion/cancel")
async def cancel_deletion(request: Request, sent: SentObjections) -> JSONResponse:
    """Everything is released again as before."""
    found = services(request)
    own = await authenticate(found, request)
    envelopes = _decoded(sent.objections)
    await in_thread(lambda: found.deletion.cancel(own, envelopes))
    return JSONResponse({"cancelled": True})


def _decoded(envelopes: dict[str, str]) -> dict[str, bytes]:
    return {mechanism: utf8(envelope) for mechanism, envelope in envelopes.items()}
