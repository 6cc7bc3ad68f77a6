"""Signatures of mechanisms' programs on the logs' checkpoints."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from crypto.merkle import MAX_SIZE
from intake.audit.events import Event, Log
from intake.http.audited import AuditedRoute, audited
from intake.http.context import in_thread, services
from intake.http.feed.pull import asked
from intake.sharing.cosign import cosign

router = APIRouter(prefix="/feed/v1", route_class=AuditedRoute)


class Cosignature(BaseModel):
    """Which checkpoint of this mechanism's log was signed, and the line (C2SP tlog-cosignature, type 04)."""

    model_config = ConfigDict(extra="forbid")

    log: Log
    size: Annotated[int, Field(ge=0, le=MAX_SIZE, strict=True)]
    line: Annotated[str, Field(max_length=1024)]


@audited(Event.COSIGNED, once="the same signature again, under one token")
@router.post("/cosignatures")
async def cosignatures(request: Request, sent: Cosignature) -> JSONResponse:
    """Take a cosignature by the program's registered key. 404: no such checkpoint; 422: it does not hold."""
    found = services(request)
    await in_thread(lambda: cosign(found.access, asked(request), sent.log, sent.size, sent.line))
    return JSONResponse({"log": sent.log, "size": sent.size})
