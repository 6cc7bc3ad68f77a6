"""What a member is told of themselves: roles, passkeys, and the sealed files of their own keys."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from crypto.encoding import b64u_decode, b64u_encode
from intake.audit.events import Event
from intake.http.audited import AuditedRoute, audited
from intake.http.context import in_thread, services
from intake.http.review.door import visit
from intake.http.review.login import GivenPasskey, Sealed, Strict
from intake.people.roles import Action

router = APIRouter(prefix="/review/v1/oneself", route_class=AuditedRoute)


class Purpose(Strict):
    """What the member reads for from now on."""

    purpose: Annotated[str, Field(max_length=32)]


class Name(Strict):
    """What a member calls a passkey."""

    name: Annotated[str, Field(max_length=64)]


class Vault(Strict):
    """The member's private keys, sealed to one wrapper."""

    file: Sealed


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
            "starts": known.membership.starts,
            "expires": known.membership.expires,
            "key": b64u_encode(known.membership.key),
            "recipient": known.membership.recipient.text,
            "card": known.card and known.card.decode("utf-8"),
            "purpose": known.purpose,
            "purposes": known.purposes,
            "passkeys": [{**one, "opens": one["id"] in known.vaults} for one in known.passkeys],
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


@audited(Event.ONESELF_CHANGED)
@router.post("/passkeys")
async def add_passkey(request: Request, made: GivenPasskey) -> Response:
    """A passkey more: of another device, so that losing one loses nothing."""
    found = services(request)
    visitor, parsed = visit(request, Action.CHANGE_ONESELF), made.parsed()
    await in_thread(lambda: found.oneself.add_passkey(visitor, parsed))
    return Response(status_code=204)


@audited(Event.ONESELF_CHANGED)
@router.put("/passkeys/{passkey}")
async def rename_passkey(request: Request, passkey: str, named: Name) -> Response:
    """Call a passkey something else."""
    found = services(request)
    visitor = visit(request, Action.CHANGE_ONESELF)
    await in_thread(lambda: found.oneself.rename_passkey(visitor, passkey, named.name))
    return Response(status_code=204)


@audited(Event.ONESELF_CHANGED)
@router.delete("/passkeys/{passkey}")
async def remove_passkey(request: Request, passkey: str) -> Response:
    """A passkey is good for nothing from now on. 409 `last_passkey`, `last_wrapper`."""
    found = services(request)
    visitor = visit(request, Action.CHANGE_ONESELF)
    await in_thread(lambda: found.oneself.remove_passkey(visitor, passkey))
    return Response(status_code=204)


@audited(Event.ONESELF_CHANGED)
@router.post("/saved-key")
async def saved_key(request: Request) -> Response:
    """Say that the member's private key goes into a file now: an entry, after a fresh assertion."""
    found = services(request)
    visitor = visit(request, Action.CHANGE_ONESELF)
    await in_thread(lambda: found.oneself.key_saved(visitor))
    return Response(status_code=204)


@audited(Event.ONESELF_CHANGED)
@router.put("/vaults/{wrapper}")
async def seal(request: Request, wrapper: str, vault: Vault) -> Response:
    """Keep the vault for a passkey, or for a new printed key (`recovery`) in the place of the old one."""
    found = services(request)
    visitor, file = visit(request, Action.CHANGE_ONESELF), b64u_decode(vault.file)
    await in_thread(lambda: found.oneself.seal(visitor, wrapper, file))
    return Response(status_code=204)
