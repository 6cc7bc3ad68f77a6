"""Drafts of those who seal on their own device: entries that this service can neither read nor name.

Under the receipt's `lookup` and `auth`, as in `mailbox`, but of a receipt that need never have been used:
nothing of it is stored, and another pair of secrets is the address of another draft, an empty one.
"""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from crypto.encoding import b64u_decode, b64u_encode
from intake.http.audited import unaudited
from intake.http.context import in_store, in_thread, services
from intake.http.public.mailbox import receipt_secrets
from intake.http.public.sealed import Strict, parsed, whole
from intake.submissions import drafts
from intake.submissions.drafts import HOURS, MAX_ENTRIES
from intake.submissions.workbench import MAX_FILES

router = APIRouter(prefix="/v1/drafts")

Name = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Upload = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class SentEntries(Strict):
    """Age files (base64url) by keyed name; null forgets one. `uploads`: of files that the draft needs."""

    entries: Annotated[dict[Name, str | None], Field(min_length=1, max_length=MAX_ENTRIES)]
    uploads: Annotated[list[Upload], Field(max_length=MAX_FILES)]


@unaudited("the submitter's own draft: sealed, and nothing that an entry could name")
@router.get("")
async def listed(request: Request) -> JSONResponse:
    """All entries that have not expired, as they were put; none for a receipt that is not known."""
    found = services(request)
    mine = found.drafts.under(*receipt_secrets(request))
    entries = await in_thread(lambda: found.drafts.listed(mine))
    return JSONResponse({"entries": {name: b64u_encode(file) for name, file in entries.items()}})


@unaudited("the submitter's own draft: sealed, and nothing that an entry could name")
@router.put(
    "",
    openapi_extra={
        "requestBody": {"content": {"application/json": {"schema": SentEntries.model_json_schema()}}}
    },
)
async def put(request: Request) -> JSONResponse:
    """Keep entries, and let them, the rest of the draft and its `uploads` live for `hours` from now on."""
    found = services(request)
    mine = found.drafts.under(*receipt_secrets(request))
    raw = await whole(request)
    sent = await in_thread(lambda: parsed(SentEntries, raw))
    entries = {name: None if file is None else b64u_decode(file) for name, file in sent.entries.items()}

    def keep() -> None:
        for file in entries.values():
            if file is not None:
                drafts.check(file)
        found.drafts.take(mine, entries)
        if sent.uploads:
            found.uploads.renew(sent.uploads, HOURS)

    await in_store(found, keep)
    return JSONResponse({"hours": HOURS})


@unaudited("the submitter's own draft: what is forgotten leaves nothing to name")
@router.delete("")
async def delete(request: Request) -> JSONResponse:
    """Forget the whole draft. Its uploads are the sender's to delete."""
    found = services(request)
    mine = found.drafts.under(*receipt_secrets(request))
    await in_thread(lambda: found.drafts.clear(mine))
    return JSONResponse({"deleted": True})
