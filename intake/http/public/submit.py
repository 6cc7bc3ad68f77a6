"""Sending the plain form: the multipart body streams straight into sealing."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.requests import ClientDisconnect

from crypto.receipt import MistypedReceipt, Receipt
from intake import clock, logs
from intake.errors import IntakeError, Invalid, Malformed, TooLarge
from intake.http import multipart, reading
from intake.http.audited import unaudited
from intake.http.context import Services, body, breather, in_store, in_thread, services, tidy
from intake.http.pages import message
from intake.http.problems import status_of
from intake.http.public.pages import explain, form, known_language, offered, page, require_plain_form
from intake.http.reading import clean, holds_receipt
from intake.settings import MIB
from intake.submissions.arrived import Outcome
from intake.submissions.plain import PlainForm, PlainLimits
from intake.submissions.plain_files import Workshop

router = APIRouter(include_in_schema=False)
_DRAIN = 256 * MIB  # at most this much of a refused body is read
_DRAIN_SECONDS = 30


@unaudited("a submitter sends; the arrival itself is an entry of the records log")
@router.post("/{language}/submit")
async def submit(request: Request, language: str) -> Response:
    """Receive a testimony by the form."""
    known_language(language)
    found = services(request)
    require_plain_form(found)
    offer = await offered(found)
    sent = Body(request)
    plain = PlainForm(
        receiver=found.receiver,
        workshop=Workshop(found.store, found.oprf, found.settings.spool_dir, breather(found)),
        compose=lambda writer, values: offer.composer(writer, values, language),
        written_in=lambda values: reading.written_in(values, language),
        limits=_limits(found),
        in_thread=lambda work: in_store(found, work),
        tidy=lambda work: tidy(found, work),
        derive=found.derive,
        known=lambda lookup: in_thread(lambda: found.mailbox.exists(lookup)),
    )
    reader = _Reader(plain)
    try:
        content_type = request.headers.get("content-type", "")
        async for event in multipart.events(content_type, sent.stream()):
            await reader.take(event)
        if reader.pasted:
            raise Invalid("receipt_in_text", "a receipt stands in the text")
        outcome = await plain.finish()
    except MistypedReceipt as error:
        await sent.drain()
        return page(request, "error.html", language, 422, title="422", text=explain(error, language))
    except ClientDisconnect:
        return Response(status_code=400)  # nobody reads it; nothing was stored
    except IntakeError as error:
        await sent.drain()
        text = message(error.code, language, **error.values)
        if reader.receipt is None or isinstance(error, Malformed):
            return page(
                request, "error.html", language, status_of(error), title=str(status_of(error)), text=text
            )
        return await form(request, language, reader.receipt, plain.values, [text], status_of(error))
    finally:
        await sent.close()
        await plain.abort()
    chosen = [m["name"] for m in offer.shown(language) if m["id"] in plain.values.get("mechanism", [])]
    return page(
        request,
        "received.html",
        language,
        day=clock.day(),
        mechanisms=chosen,
        media_count=plain.media_count,
        again=not outcome.fresh,
        revision=1,
        promise=await signed_promise(found, outcome),
    )


async def signed_promise(found: Services, outcome: Outcome) -> str | None:
    """The signed promise; None if it cannot be made now, because what was received is received."""
    try:
        return await in_thread(lambda: found.proofs.promise(outcome.record, outcome.statement))
    except IntakeError as error:
        logs.event("promise_not_made", logging.ERROR, error=error)
        return None


class _Reader:
    """Turns multipart events into the form's calls; texts are gathered whole, files streamed."""

    def __init__(self, plain: PlainForm) -> None:
        self._plain = plain
        self._name = ""
        self._text: bytearray | None = None
        self._in_file = False
        self.receipt: Receipt | None = None
        self.pasted = False  # told at the end: what follows the text is shown again too

    async def take(self, event: multipart.Event) -> None:
        """One event."""
        if isinstance(event, multipart.PartBegin):
            self._name = event.name
            if event.filename:
                self._plain.begin_file(event.name, event.filename)
                self._in_file = True
            elif event.filename is None:
                self._text = bytearray()
        elif isinstance(event, multipart.PartData):
            if self._in_file:
                await self._plain.file_data(event.data)
            elif self._text is not None:
                self._text += event.data
                limit = self._plain.text_limit(self._name)
                if len(self._text) > limit:
                    raise TooLarge("text_too_long", "a text is too long", limit=limit)
        elif self._in_file:
            self._in_file = False
            await self._plain.end_file()
        elif self._text is not None:
            text, self._text = bytes(self._text), None
            if self.receipt is not None:
                typed = clean(text.decode("utf-8", "replace"))
                self.pasted = self.pasted or holds_receipt(typed)
                text = typed.encode()
            await self._plain.text(self._name, text)
            if self.receipt is None:
                self.receipt = Receipt.parse(text.decode("utf-8", "replace"))


class Body:
    """A request's body, which may be read to its end after it was refused."""

    def __init__(self, request: Request) -> None:
        self._chunks = body(request)
        self._over = False

    async def stream(self) -> AsyncIterator[bytes]:
        """The body's pieces; ends early, as `Malformed`, if the client goes away."""
        async for chunk in self._chunks:
            yield chunk
        self._over = True

    async def close(self) -> None:
        """Give its place back."""
        await self._chunks.aclose()

    async def drain(self) -> None:
        """Read on, and forget, for a while: a browser shows the answer only when it has sent all."""
        left = _DRAIN
        with suppress(StopAsyncIteration, ClientDisconnect, IntakeError, TimeoutError):
            async with asyncio.timeout(_DRAIN_SECONDS):
                while not self._over and left > 0:
                    left -= len(await anext(self._chunks))


def _limits(found: Services) -> PlainLimits:
    settings = found.settings
    return PlainLimits(
        max_file=settings.max_file_mib * MIB,
        max_text=settings.max_text_kib * 1024,
        max_files=settings.max_files,
        reserve=settings.reserve_mib * MIB,
    )
