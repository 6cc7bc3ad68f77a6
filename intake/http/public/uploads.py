"""Resumable uploads over HTTP: tus 1.0.0 with creation, termination and expiration.

An upload's address is its only key: it is random, and given to its creator alone.
"""

import asyncio
from contextlib import aclosing

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.requests import ClientDisconnect

from intake import clock
from intake.errors import Busy, IntakeError, Malformed
from intake.http.audited import unaudited
from intake.http.context import Services, body, in_store, in_thread, services, tidy
from intake.http.problems import answer, status_of
from intake.submissions.uploads import SYNC_EVERY, Append, Upload

router = APIRouter(prefix="/v1/uploads")
_VERSION = {"Tus-Resumable": "1.0.0"}
_STEP = 256 * 1024


@unaudited("what the interface can do, the same for everybody")
@router.options("")
async def capabilities(request: Request) -> Response:
    """What this server can do."""
    limit = services(request).uploads.max_bytes
    extra = {
        "Tus-Version": "1.0.0",
        "Tus-Extension": "creation,termination,expiration",
        "Tus-Max-Size": str(limit),
    }
    return Response(status_code=204, headers=_VERSION | extra)


@unaudited("a submitter begins to send; who sends is never written down")
@router.post("", status_code=201)
async def create(request: Request) -> Response:
    """Begin an upload of `Upload-Length` bytes; its address is in `Location`."""
    _check_version(request)
    length = _number(request, "upload-length")
    found = services(request)
    name, upload = await in_thread(lambda: found.uploads.create(length))
    headers = {"Location": f"{found.settings.public_url}/v1/uploads/{name}"}
    return Response(status_code=201, headers=_VERSION | _state(upload) | headers)


@unaudited("the offset of an upload that only its sender can name; no bytes of it")
@router.head("/{name}")
async def state(request: Request, name: str) -> Response:
    """How many bytes are durably stored."""
    _check_version(request)
    upload = await in_thread(lambda: services(request).uploads.get(name))
    return Response(headers=_VERSION | _state(upload) | {"Upload-Length": str(upload.length)})


@unaudited("the sender throws away what no submission has claimed")
@router.delete("/{name}")
async def cancel(request: Request, name: str) -> Response:
    """Throw it away."""
    _check_version(request)
    found = services(request)
    await in_store(found, lambda: found.uploads.cancel(name))
    return Response(status_code=204, headers=_VERSION)


@unaudited("a submitter sends; bytes go in and none come out")
@router.patch("/{name}")
async def append(request: Request, name: str) -> Response:
    """Append at `Upload-Offset`. What arrived before a broken connection counts, once it is durable."""
    _check_version(request)
    if request.headers.get("content-type") != "application/offset+octet-stream":
        raise Malformed("content_type", "expected application/offset+octet-stream")
    offset = _number(request, "upload-offset")
    found = services(request)
    appending = await in_store(found, lambda: found.uploads.append(name, offset))
    try:
        await _receive(found, request, appending)
    except IntakeError as error:
        response = answer(request, status_of(error), error.code, error.detail, **error.values)
        response.headers.update(_VERSION)
        return response
    finally:
        await asyncio.shield(tidy(found, appending.close))
    return Response(status_code=204, headers=_VERSION | {"Upload-Offset": str(appending.offset)})


async def _receive(found: Services, request: Request, appending: Append) -> None:
    async with aclosing(body(request)) as chunks:
        try:
            async for chunk in chunks:
                for start in range(0, len(chunk), _STEP):
                    appending.write(chunk[start : start + _STEP])
                if appending.full:
                    await in_store(found, appending.flush)
                if appending.unsynced >= SYNC_EVERY:
                    await in_store(found, appending.sync)
        except ClientDisconnect:
            pass  # nobody is left to answer
        except (Malformed, Busy):
            await asyncio.shield(in_store(found, appending.sync))  # it stalled; what came is kept
            raise
    await asyncio.shield(in_store(found, appending.sync))


def _check_version(request: Request) -> None:
    if request.headers.get("tus-resumable") != "1.0.0":
        raise Malformed("tus_version", "Tus-Resumable: 1.0.0 is needed")


def _number(request: Request, name: str) -> int:
    value = request.headers.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) <= 15):
        raise Malformed("header_missing", f"{name} must be a number of bytes")
    return int(value)


def _state(upload: Upload) -> dict[str, str]:
    expires = clock.http_date(upload.expires * clock.HOUR)
    return {"Upload-Offset": str(upload.durable), "Upload-Expires": expires}
