"""Keys among members: one's own, and sealing them to others, by a key-holder's browser."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from crypto.compartments import MAX_GRANT, check_grant_form
from crypto.encoding import b64u_decode, b64u_encode, parse_json
from crypto.errors import FormatError
from crypto.wraps import MEMBER, Wrap
from intake.audit.events import Event
from intake.errors import Invalid
from intake.http.audited import AuditedRoute, audited
from intake.http.context import in_thread, services
from intake.http.review.door import visit
from intake.http.review.login import Strict
from intake.people.roles import Action

router = APIRouter(prefix="/review/v1/keys", route_class=AuditedRoute)
_Member = Annotated[str, Field(max_length=64)]


class GivenWrap(Strict):
    """The identity of one epoch and class, sealed to the member; the file in base64url."""

    epoch: Annotated[int, Field(ge=1, le=2**31 - 1)]
    compartment: Annotated[str, Field(alias="class", max_length=16)]
    file: Annotated[str, Field(max_length=MAX_GRANT * 4 // 3 + 4)]

    def parsed(self, member: str) -> Wrap:
        """With the file in bytes; `Invalid` if it is not of a wrap's form."""
        try:
            file = b64u_decode(self.file)
            check_grant_form(file)
        except FormatError as error:
            raise Invalid("wraps_invalid", f"the wrap does not hold: {error}") from error
        return Wrap(self.epoch, self.compartment, MEMBER, member, file)


class GivenWraps(Strict):
    """For one member."""

    member: _Member
    wraps: Annotated[list[GivenWrap], Field(min_length=1, max_length=400)]


@audited(Event.KEYS_LISTED)
@router.get("")
async def see(request: Request) -> JSONResponse:
    """The bundle and the member's own wraps; for a key-holder, who lacks keys, and who left with some."""
    found = services(request)
    visitor = visit(request, Action.SEE_KEYS)
    ring = await in_thread(lambda: found.keyring.see(visitor))
    return JSONResponse(
        {
            "bundle": parse_json(ring.bundle.raw),
            "wraps": [
                {"epoch": w.epoch, "class": w.compartment, "file": b64u_encode(w.file)} for w in ring.own
            ],
            "lacking": [
                {
                    "membership": parse_json(one.membership.raw),
                    "keys": [{"epoch": epoch, "class": kind} for epoch, kind in one.keys],
                }
                for one in ring.lacking
            ],
            "leavers": [
                {"member": one.member, "day": one.day, "classes": list(one.classes)} for one in ring.leavers
            ],
        }
    )


@audited(Event.KEYS_WRAPPED)
@router.post("/wraps")
async def wrap(request: Request, given: GivenWraps) -> JSONResponse:
    """Keep keys that this browser sealed to another member. 409 `wrap_there`, 422 `wrap_role`."""
    found = services(request)
    visitor = visit(request, Action.WRAP)
    sealed = [one.parsed(given.member) for one in given.wraps]
    count = await in_thread(lambda: found.keyring.wrap(visitor, given.member, sealed))
    return JSONResponse({"wrapped": count}, 201)
