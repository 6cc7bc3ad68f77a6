"""Coming in: challenges, enrolment with an invitation, and sessions by passkeys."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from crypto.encoding import b64u_decode, b64u_encode, utf8
from intake.audit.events import Event
from intake.http.audited import AuditedRoute, audited, unaudited
from intake.http.context import Services, in_thread, services
from intake.http.review.door import COOKIE, drop_cookie, require_own_page, set_cookie, visit
from intake.people import passkeys, sessions
from intake.people.passkeys import Assertion, Created
from intake.people.roles import Action
from intake.people.vaults import MAX_BYTES
from intake.sharing.entering import Made

router = APIRouter(prefix="/review/v1", route_class=AuditedRoute)
Binary = Annotated[str, Field(max_length=8192, pattern=r"^[A-Za-z0-9_-]*$")]
Sealed = Annotated[str, Field(max_length=MAX_BYTES * 4 // 3 + 4)]
_Id = Annotated[str, Field(min_length=1, max_length=1400, pattern=r"^[A-Za-z0-9_-]+$")]
_Secret = Annotated[str, Field(max_length=64)]


class Strict(BaseModel):
    """JSON with exactly these fields, in their own types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class GivenAssertion(Strict):
    """What `navigator.credentials.get` gave; binary values in base64url."""

    id: _Id
    client_data: Binary
    authenticator_data: Binary
    signature: Binary
    user_handle: Annotated[str, Field(max_length=128)] = ""

    def parsed(self) -> Assertion:
        """In bytes."""
        return Assertion(
            self.id,
            b64u_decode(self.client_data),
            b64u_decode(self.authenticator_data),
            b64u_decode(self.signature),
            b64u_decode(self.user_handle),
        )


class GivenPasskey(Strict):
    """What `navigator.credentials.create` gave, and the vault sealed to it, if it can open one."""

    id: _Id
    client_data: Binary
    attestation: Binary
    name: Annotated[str, Field(max_length=64)]
    vault: Sealed | None

    def parsed(self) -> Made:
        """In bytes."""
        created = Created(self.id, b64u_decode(self.client_data), b64u_decode(self.attestation))
        return Made(created, self.name, None if self.vault is None else b64u_decode(self.vault))


class Wanted(Strict):
    """What a challenge is to be answered for."""

    purpose: Annotated[Literal["login", "enrol", "fresh", "add"], Field(alias="for")]


class Invited(Strict):
    """The secret of an invitation's link; `member`: the short name that whoever follows it would have."""

    secret: _Secret
    member: Annotated[str | None, Field(max_length=32)] = None


class Enrolment(Strict):
    """The request that the root is asked to sign (canonical JSON), passkeys, and sealed files."""

    secret: _Secret
    request: Annotated[str, Field(max_length=4096)]
    passkeys: Annotated[list[GivenPasskey], Field(max_length=2)]
    recovery: Sealed | None


class Recovery(Strict):
    """The secret of a link that two people gave, the new passkey, and the member's signature of it."""

    secret: _Secret
    passkey: GivenPasskey
    signature: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{86}$")]


class Entry(Strict):
    """An assertion, and what the member reads for."""

    assertion: GivenAssertion
    purpose: Annotated[str, Field(max_length=32)]


class Again(Strict):
    """An assertion in a session that there is already."""

    assertion: GivenAssertion


@unaudited("random bytes, before anybody is known")
@router.post("/challenges")
async def challenge(request: Request, wanted: Wanted) -> JSONResponse:
    """A challenge for a passkey, the relying party, and the nonce of the PRF inputs."""
    require_own_page(request)
    found = services(request)
    bound = wanted.purpose in (passkeys.FRESH, passkeys.ADD)
    cookie = request.cookies.get(COOKIE, "") if bound else None
    within = bool(cookie) and await in_thread(lambda: _live(found, str(cookie)))
    (found.session_bucket if within else found.entry_bucket).take(1)
    made = await in_thread(lambda: found.entering.challenge(wanted.purpose, cookie))
    party = found.entering.party
    return JSONResponse(
        {"challenge": b64u_encode(made), "rp_id": party.id, "prf": b64u_encode(party.prf_nonce)}
    )


@unaudited("whoever holds an invitation sees what it is for")
@router.post("/invitation")
async def invitation(request: Request, invited: Invited) -> JSONResponse:
    """What an invitation is for; `vault` after a loss, as the printed key opens it. 401 `invitation_over`.

    409 `member_exists`: the short name is somebody's. Asked before the device makes a passkey for it.
    """
    require_own_page(request)
    found = services(request)
    found.entry_bucket.take(1)
    known, names, vault = await in_thread(lambda: found.entering.invited(invited.secret, invited.member))
    return JSONResponse(
        {
            "kind": known.kind,
            "mechanism": known.mechanism,
            "names": names,
            "member": known.member,
            "roles": list(known.roles),
            "days": known.days,
            "vault": None if vault is None else b64u_encode(vault),
        }
    )


@audited(Event.MEMBER_APPLIED)
@router.post("/enrolments")
async def enrol(request: Request, sent: Enrolment) -> JSONResponse:
    """Apply for membership. The fingerprint is what the root's keeper compares with the person."""
    require_own_page(request)
    found = services(request)
    found.entry_bucket.take(1)
    made = [key.parsed() for key in sent.passkeys]
    recovery = None if sent.recovery is None else b64u_decode(sent.recovery)
    data = utf8(sent.request)
    applied = await in_thread(lambda: found.entering.apply(sent.secret, data, made, recovery))
    said = {"member": applied.request.member, "fingerprint": applied.request.fingerprint}
    return JSONResponse(said, 201)


@audited(Event.MEMBER_APPLIED)
@router.post("/recoveries")
async def recover(request: Request, sent: Recovery) -> JSONResponse:
    """A new passkey for somebody who lost the others. 403 `recovery_signature`, 409 `no_printed_key`."""
    require_own_page(request)
    found = services(request)
    found.entry_bucket.take(1)
    made, signature = sent.passkey.parsed(), b64u_decode(sent.signature)
    known = await in_thread(lambda: found.entering.recover(sent.secret, made, signature))
    return JSONResponse({"member": known.member}, 201)


@audited(Event.MEMBER_ENTERED, refused=Event.ENTRY_REFUSED)
@router.post("/sessions")
async def enter(request: Request, entry: Entry) -> Response:
    """Log in: a session of its own, never one that was there before."""
    require_own_page(request)
    found = services(request)
    found.entry_bucket.take(1)
    assertion, before = entry.assertion.parsed(), request.cookies.get(COOKIE, "")
    cookie = await in_thread(lambda: found.entering.enter(assertion, entry.purpose, before))
    response = Response(status_code=204)
    set_cookie(response, cookie)
    return response


@audited(Event.MEMBER_ENTERED)
@router.post("/sessions/fresh")
async def again(request: Request, sent: Again) -> Response:
    """Show once more who it is, for what needs that (403 `assertion_needed`)."""
    credentials = visit(request, Action.SEE_ONESELF)
    found = services(request)
    assertion = sent.assertion.parsed()
    await in_thread(lambda: found.entering.again(credentials, assertion))
    return Response(status_code=204)


@unaudited("ends a session, and tells nothing")
@router.delete("/sessions")
async def leave(request: Request) -> Response:
    """Log out."""
    require_own_page(request)
    found = services(request)
    cookie = request.cookies.get(COOKIE, "")

    def work() -> None:
        with found.database.write() as connection:
            sessions.end(connection, cookie)

    await in_thread(work)
    response = Response(status_code=204)
    drop_cookie(response)
    return response


def _live(found: Services, cookie: str) -> bool:
    with found.database.read() as connection:
        return sessions.live(connection, cookie)
