"""The submitter's side: messages, what became of the record, and objecting to a second receipt.

All under the receipt, but for the asking for a second receipt: two members' signatures ask for that.
"""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from crypto.encoding import b64u_decode, parse_json, utf8
from crypto.message import MAX_ENVELOPE
from crypto.objection import MAX_BYTES as MAX_OBJECTION
from crypto.restoration import MAX_ENVELOPE as MAX_RESTORATION
from intake.http.audited import unaudited
from intake.http.context import in_store, in_thread, services
from intake.http.public.mailbox import authenticate
from intake.people import mechanisms
from intake.submissions import handovers, restorations, standings
from intake.submissions.messages import MAX_PAYLOAD, Sent
from intake.submissions.restorations import NewGrant

router = APIRouter(prefix="/v1")
_PAYLOAD = MAX_PAYLOAD * 4 // 3 + 4  # characters
_MOST_GRANTS = 64


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class SentMessage(_Strict):
    """A message: the signed envelope as text, the part's header and payload (base64url)."""

    envelope: Annotated[str, Field(max_length=MAX_ENVELOPE)]
    header: Annotated[str, Field(max_length=4096)]
    payload: Annotated[str, Field(max_length=_PAYLOAD)]


class SentGrant(_Strict):
    """A grant to the new receipt: compartment, fingerprint of the receipt's key, age file (base64url)."""

    compartment: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    recipient: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    file: Annotated[str, Field(max_length=16 * 1024)]


class SentRestoration(_Strict):
    """What two members signed, as text, and the grants for the new receipt."""

    restoration: Annotated[str, Field(max_length=MAX_RESTORATION)]
    grants: Annotated[list[SentGrant], Field(max_length=_MOST_GRANTS)]


class SentObjection(_Strict):
    """A signed objection to one second receipt."""

    objection: Annotated[str, Field(max_length=MAX_OBJECTION)]


@unaudited("the submitter's own record: the logs tell the submitter who else read")
@router.get("/mailbox/messages")
async def messages(request: Request) -> JSONResponse:
    """All messages, and the bundles of the mechanisms concerned; each part is fetched as one's own.

    A restored receipt is shown those with the mechanism that restored it.
    """
    found = services(request)
    own = await authenticate(found, request)
    listed = await in_thread(lambda: found.messages.of(own.record, own.mechanism))

    def bundles() -> list[bytes]:
        with found.database.read() as connection:
            return [mechanisms.get(connection, m).raw for m in sorted({m.mechanism for m in listed})]

    return JSONResponse(
        {
            "messages": [
                {
                    "number": message.number,
                    "day": message.day,
                    "mechanism": message.mechanism,
                    "sender": message.sender,
                    "part": message.part,
                    "envelope": message.envelope.decode(),
                    "size": message.size,
                }
                for message in listed
            ],
            "mechanisms": [parse_json(raw) for raw in await in_thread(bundles)],
        }
    )


@unaudited("the submitter's own record: the logs tell the submitter who else read")
@router.post("/mailbox/messages")
async def send(request: Request, sent: SentMessage) -> JSONResponse:
    """Take a message that the receipt has signed, to the mechanism that it names."""
    found = services(request)
    own = await authenticate(found, request)
    message = Sent(utf8(sent.envelope), b64u_decode(sent.header), b64u_decode(sent.payload))
    stored = await in_store(found, lambda: found.messages.from_submitter(own.record, own.revisions, message))
    return JSONResponse({"part": stored.part, "number": stored.number}, 201 if stored.fresh else 200)


@unaudited("the submitter's own record: the logs tell the submitter who else read")
@router.get("/mailbox/standings")
async def standing(request: Request) -> JSONResponse:
    """What became of the record with each mechanism; withdrawals, a waiting deletion, new receipts."""
    found = services(request)
    own = await authenticate(found, request)

    def read() -> dict[str, object]:
        with found.database.read() as connection:
            return _standings(connection, own.record)

    return JSONResponse(await in_thread(read))


@unaudited("the submitter's own record: the logs tell the submitter who else read")
@router.post("/mailbox/restorations/{restoration}/object")
async def object_(request: Request, restoration: str, sent: SentObjection) -> JSONResponse:
    """Refuse a second receipt that waits, or end one: for the first receipt alone."""
    found = services(request)
    own = await authenticate(found, request)
    objection = utf8(sent.objection)
    await in_thread(lambda: found.restorations.object(own, restoration, objection))
    return JSONResponse({"id": restoration, "state": restorations.REFUSED})


@unaudited("two members' signatures are the credential, and the records log has an entry")
@router.post("/restorations", status_code=202)
async def restore(request: Request, sent: SentRestoration) -> JSONResponse:
    """Take what two members signed: a second receipt, which waits 14 days, or a withdrawal."""
    found = services(request)
    grants = [NewGrant(g.compartment, g.recipient, b64u_decode(g.file)) for g in sent.grants]
    asked = await in_thread(lambda: found.restorations.ask(utf8(sent.restoration), grants))
    return JSONResponse(asdict(asked), 202)


def _standings(connection: Connection, record: str) -> dict[str, object]:
    waiting = standings.deletion(connection, record)
    return {
        "standings": [asdict(one) for one in standings.of(connection, record)],
        "withdrawals": [asdict(one) for one in standings.withdrawals(connection, record)],
        "handed_over": [asdict(one) for one in handovers.of(connection, record)],
        "deletion": None if waiting is None else asdict(waiting),
        "restorations": [
            {
                "id": one.id,
                "mechanism": one.mechanism,
                "document": one.document.decode(),
                "asked_day": one.asked_day,
                "due_day": one.due_day,
                "state": one.state,
            }
            for one in restorations.of(connection, record)
        ],
    }
