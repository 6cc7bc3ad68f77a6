"""What members write to the person who testified, what became of the record, and where its media are too."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from crypto.encoding import b64u_decode, utf8
from crypto.message import MAX_ENVELOPE
from intake.audit.events import Event
from intake.http.audited import AuditedRoute, audited
from intake.http.context import in_store, in_thread, services
from intake.http.review.door import visit
from intake.http.review.work import Strict
from intake.people.roles import Action
from intake.submissions.messages import MAX_PAYLOAD, Listed, Sent

router = APIRouter(prefix="/review/v1/records/{record}", route_class=AuditedRoute)
_PAYLOAD = MAX_PAYLOAD * 4 // 3 + 4  # characters


class SentMessage(Strict):
    """A message: the signed envelope as text, the part's header and payload (base64url)."""

    envelope: Annotated[str, Field(max_length=MAX_ENVELOPE)]
    header: Annotated[str, Field(max_length=4096)]
    payload: Annotated[str, Field(max_length=_PAYLOAD)]


class Said(Strict):
    """What became of a record: `in_case` or `closed`."""

    standing: Annotated[str, Field(max_length=16)]


@audited(Event.MESSAGES_LISTED)
@router.get("/messages")
async def messages(request: Request, record: str) -> JSONResponse:
    """The messages between this mechanism and the person; each part is fetched as the record's others are."""
    found = services(request)
    asked = visit(request, Action.SEE_ASSIGNED)
    listed = await in_thread(lambda: found.correspondence.messages(asked, record))
    return JSONResponse(
        {
            "messages": [_shown(message) for message in listed.messages],
            "restorations": [data.decode() for data in listed.restorations],
        }
    )


@audited(Event.MESSAGE_SENT, once="the same message again, in one session")
@router.post("/messages")
async def send(request: Request, record: str, sent: SentMessage) -> JSONResponse:
    """Take a message that the session's member has signed. 403 `author_differs`, `member_unknown`."""
    found = services(request)
    asked = visit(request, Action.MESSAGE)
    message = Sent(utf8(sent.envelope), b64u_decode(sent.header), b64u_decode(sent.payload))
    stored = await in_store(found, lambda: found.correspondence.send(asked, record, message))
    return JSONResponse({"part": stored.part, "number": stored.number})


@audited(Event.STANDING_SET)
@router.post("/standing")
async def standing(request: Request, record: str, said: Said) -> JSONResponse:
    """Tell the person what became of the record."""
    found = services(request)
    asked = visit(request, Action.SET_STATUS)
    await in_thread(lambda: found.correspondence.say(asked, record, said.standing))
    return JSONResponse({"standing": said.standing})


@audited(Event.SAME_MEDIA_LISTED)
@router.get("/same-media")
async def same_media(request: Request, record: str) -> JSONResponse:
    """Other records that one sees and that carry one of this record's media, with the ISO week of arrival.

    `waiting` counts media of this record that were not compared with others yet.
    """
    found = services(request)
    asked = visit(request, Action.SEE_ASSIGNED)
    compared = await in_thread(lambda: found.same_media.of(asked, record))
    return JSONResponse(
        {
            "media": [
                {"part": one.part, "record": one.record, "other": one.other, "week": one.week}
                for one in compared.others
            ],
            "waiting": compared.waiting,
        }
    )


def _shown(message: Listed) -> dict[str, object]:
    return {
        "number": message.number,
        "day": message.day,
        "sender": message.sender,
        "part": message.part,
        "envelope": message.envelope.decode(),
        "size": message.size,
    }
