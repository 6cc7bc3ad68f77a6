"""A part as a download: header ‖ payload, with one byte range (RFC 9110, section 14)."""

import re
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from intake.http.context import in_thread, pause
from intake.submissions.mailbox import PartFile

_PIECE = 256 * 1024
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
    return StreamingResponse(_pieces(file, start, end), status, headers, "application/octet-stream")


async def _pieces(file: PartFile, start: int, end: int) -> AsyncIterator[bytes]:
    try:
        for piece in file.pieces(start, end, _PIECE):
            yield piece
            await pause()
    finally:
        await in_thread(file.blob.close)
