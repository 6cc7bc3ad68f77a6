"""What a member is told of themselves: roles, passkeys, and the sealed files of their own keys."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from crypto.encoding import b64u_encode
from intake.audit.events import Event
from intake.http.audited import AuditedRoute, audited
from intake.http.context import in_thread, services
from intake.http.review.door import visit
from intake.http.review.login import Strict
from intake.people.roles import Action

router = APIRouter(prefix="/review/v1/oneself", route_class=AuditedRoute)


class Purpose(Strict):
    """What the member reads for from now on."""

    purpose: Annotated[str, Field(max_length=32)]


@audited(Event.ONESELF_SEEN)
@router.get("")
async def oneself(request: Request) -> JSONResponse:
    """Roles, purposes, passkeys, and the vault as each wrapper opens it (`recovery`: the printed key)."""
    found = services(request)
    visitor = visit(request, Action.SEE_ONESELF)
    known = await in_thread(lambda: found.oneself.see(visitor))
    return JSONResponse(
        {
            "mechanism": known.membership.mechanism,
            "names": known.names,
            "root": b64u_encode(known.root),
            "member": known.membership.member,
            "name": known.name,
            "roles": list(known.membership.roles),
            "expires": known.membership.expires,
            "key": b64u_encode(known.membership.key),
            "recipient": known.membership.recipient.text,
            "purpose": known.purpose,
            "purposes": known.purposes,
            "passkeys": known.passkeys,
            "vaults": {wrapper: b64u_encode(file) for wrapper, file in known.vaults.items()},
        }
    )


@audited(Event.ONESELF_CHANGED)
@router.put("/purpose")
async def purpose(request: Request, wanted: Purpose) -> Response:
    """Read for something else from now on. 422 `purpose_not_offered`."""
    found = services(request)
    visitor = visit(request, Action.SEE_ONESELF)
    await in_thread(lambda: found.oneself.change_purpose(visitor, wanted.purpose))
    return Response(status_code=204)
