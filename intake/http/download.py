"""A part as a download: header ‖ payload, with one byte range (RFC 9110, section 14)."""

import re
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from intake.http.context import Services, in_store, in_thread, pause, services
from intake.submissions.mailbox import PartFile

_PIECE = 256 * 1024
_FAR_PIECE = 4 * 1024 * 1024  # each one is a request to the store
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def part_response(request: Request, file: PartFile) -> Response:
    """Stream the file; 206 for a satisfiable range, 416 for another. Closes the file."""
    size = file.size
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Disposition": 'attachment; filename="part.age"',
    }
    start, end, status = 0, size, 200
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if asked and (asked[1] or asked[2]):
        if asked[1]:
            start, end = int(asked[1]), min(int(asked[2]) + 1 if asked[2] else size, size)
        else:
            start = max(0, size - int(asked[2]))
        if start >= end:
            file.blob.close()
            return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
        status = 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    headers["Content-Length"] = str(end - start)
    return StreamingResponse(
        _pieces(services(request), file, start, end), status, headers, "application/octet-stream"
    )


async def _pieces(found: Services, file: PartFile, start: int, end: int) -> AsyncIterator[bytes]:
    """A file is read inline, which is faster than a thread; a store on a network never is."""
    try:
        if file.blob.near:
            for piece in file.pieces(start, end, _PIECE):
                yield piece
                await pause()
        else:
            pieces = file.pieces(start, end, _FAR_PIECE)
            while (piece := await in_store(found, lambda: next(pieces, b""))) != b"":
                yield piece
    finally:
        await in_thread(file.blob.close)
