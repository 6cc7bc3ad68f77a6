"""A mechanism's side of the correspondence about a record, what it says became of it, and handing it over."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from crypto.encoding import b64u_decode, utf8
from crypto.message import MAX_ENVELOPE
from crypto.statement import MAX_COMPARTMENTS
from intake.audit.events import Event
from intake.http.audited import AuditedRoute, audited
from intake.http.context import in_store, in_thread, services
from intake.http.feed.pull import asked
from intake.submissions.arrived import ReceivedGrant
from intake.submissions.messages import MAX_PAYLOAD, Listed, Sent

router = APIRouter(prefix="/feed/v1/records/{record}", route_class=AuditedRoute)
_PAYLOAD = MAX_PAYLOAD * 4 // 3 + 4  # characters


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class SentMessage(_Strict):
    """A message: the signed envelope as text, the part's header and payload (base64url)."""

    envelope: Annotated[str, Field(max_length=MAX_ENVELOPE)]
    header: Annotated[str, Field(max_length=4096)]
    payload: Annotated[str, Field(max_length=_PAYLOAD)]


class Said(_Strict):
    """What became of a record: `in_case` or `closed`."""

    standing: Annotated[str, Field(max_length=16)]


class Answered(_Strict):
    """The withdrawal's revision, and the answer: `deleted`, `retained` (under law) or `court`."""

    revision: Annotated[int, Field(ge=1, le=2**31 - 1)]
    answer: Annotated[str, Field(max_length=16)]


class SentGrant(_Strict):
    """A grant to the successor: compartment, fingerprint of the successor's key, age file (base64url)."""

    compartment: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    recipient: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    file: Annotated[str, Field(max_length=16 * 1024)]


class HandedOver(_Strict):
    """The mechanism that continues the mandate, and the compartments' identities sealed to its keys."""

    mechanism: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}[a-z0-9]$")]
    grants: Annotated[list[SentGrant], Field(max_length=MAX_COMPARTMENTS)]


@audited(Event.MESSAGES_LISTED)
@router.get("/messages")
async def messages(request: Request, record: str) -> JSONResponse:
    """The messages between this mechanism and the record's submitter; each part is fetched as others are."""
    found = services(request)
    listed = await in_thread(lambda: found.casework.messages(asked(request), record))
    return JSONResponse(
        {
            "messages": [_shown(message) for message in listed.messages],
            "restorations": [data.decode() for data in listed.restorations],
        }
    )


@audited(Event.MESSAGE_SENT, once="the same message again, under one token")
@router.post("/messages")
async def send(request: Request, record: str, sent: SentMessage) -> JSONResponse:
    """Take a message that a member has signed. 403: the member is unknown, or revoked."""
    found = services(request)
    message = Sent(utf8(sent.envelope), b64u_decode(sent.header), b64u_decode(sent.payload))
    stored = await in_store(found, lambda: found.casework.send(asked(request), record, message))
    return JSONResponse({"part": stored.part, "number": stored.number})


@audited(Event.STANDING_SET)
@router.post("/standing")
async def standing(request: Request, record: str, said: Said) -> JSONResponse:
    """Tell the submitter what became of the record."""
    found = services(request)
    await in_thread(lambda: found.casework.say(asked(request), record, said.standing))
    return JSONResponse({"standing": said.standing})


@audited(Event.WITHDRAWAL_ANSWERED)
@router.post("/withdrawal-answer")
async def withdrawal_answer(request: Request, record: str, answered: Answered) -> JSONResponse:
    """Tell the submitter what became of what had been read before consent was withdrawn."""
    found = services(request)
    revision, answer = answered.revision, answered.answer
    await in_thread(lambda: found.casework.answer(asked(request), record, revision, answer))
    return JSONResponse({"revision": revision, "answer": answer})


@audited(Event.HANDED_OVER)
@router.post("/successor")
async def successor(request: Request, record: str, handed: HandedOver) -> JSONResponse:
    """Give what you were granted to the body that continues your mandate, where the person allowed it.

    `added` counts the grants that were new. 403 `successor_not_allowed`; 409 `successor_not_named`,
    `successor_has_consent`, `successor_withdrawn`; 422 `grants_differ`, `class_not_offered` with `kind`.
    """
    found = services(request)
    grants = [ReceivedGrant(g.compartment, g.recipient, b64u_decode(g.file)) for g in handed.grants]
    given = await in_thread(
        lambda: found.casework.hand_over(asked(request), record, handed.mechanism, grants)
    )
    return JSONResponse({"mechanism": handed.mechanism, "added": given})


def _shown(message: Listed) -> dict[str, object]:
    return {
        "number": message.number,
        "day": message.day,
        "sender": message.sender,
        "part": message.part,
        "envelope": message.envelope.decode(),
        "size": message.size,
    }
