"""Access tokens: client credentials (RFC 6749) with `private_key_jwt` (RFC 7523) and DPoP (RFC 9449)."""

from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from crypto.statement import PURPOSES
from intake.audit import log, marks
from intake.audit.events import Event
from intake.errors import Forbidden, Unauthenticated
from intake.http.audited import AuditedRoute, audited, unaudited
from intake.http.context import Services, in_thread, services
from intake.people import clients

router = APIRouter(route_class=AuditedRoute)
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@unaudited("addresses and algorithms, the same for everybody")
@router.get("/.well-known/oauth-authorization-server")
async def metadata(request: Request) -> JSONResponse:
    """RFC 8414."""
    issuer = services(request).settings.public_url
    return JSONResponse(
        {
            "issuer": issuer,
            "token_endpoint": f"{issuer}/oauth/token",
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": clients.ALGORITHMS,
            "dpop_signing_alg_values_supported": clients.ALGORITHMS,
            "scopes_supported": list(PURPOSES),
            "response_types_supported": [],
        }
    )


@audited(Event.TOKEN_ISSUED, refused=Event.TOKEN_REFUSED)
@router.post("/oauth/token")
async def token(request: Request) -> JSONResponse:
    """A token for one purpose (`scope`), bound to the key of the DPoP proof."""
    body = (await request.body()).decode("utf-8", "replace")
    found = services(request)
    try:
        fields = parse_qs(body, max_num_fields=20)
    except ValueError:
        fields = {}
    form = {name: values[0] for name, values in fields.items() if len(values) == 1}
    if form.get("grant_type") != "client_credentials":
        found.access.note_anonymous()
        return _refuse("unsupported_grant_type", "grant_type must be client_credentials")
    if form.get("client_assertion_type") != _ASSERTION or "client_assertion" not in form:
        found.access.note_anonymous()
        return _refuse("invalid_client", "a client_assertion (private_key_jwt) is needed", 401)
    proof = request.headers.get("dpop", "")
    try:
        issued = await in_thread(
            lambda: _issue(found, form["client_assertion"], proof, form.get("scope", ""))
        )
    except Unauthenticated as error:
        code = "invalid_dpop_proof" if error.code == "invalid_dpop_proof" else "invalid_client"
        return _refuse(code, error.detail, 401)
    except Forbidden as error:
        return _refuse("invalid_scope", error.detail)
    life = found.settings.token_minutes * 60
    return JSONResponse(
        {"access_token": issued, "token_type": "DPoP", "expires_in": life, "scope": form["scope"]},
        headers={"Cache-Control": "no-store"},
    )


def _issue(found: Services, assertion: str, proof: str, purpose: str) -> str:
    """Verify, log, commit; only then is the token handed out.

    A refusal is an entry only once the client is known for certain: anybody can write its name.
    """
    known: clients.Client | None = None
    used: list[clients.Used] = []
    issuer = found.settings.public_url
    try:
        with found.database.write() as connection:
            client = clients.claimed(connection, assertion)
            clients.check_assertion(connection, client, assertion, issuer, used)
            known = client
            thumbprint = clients.check_proof(connection, proof, "POST", f"{issuer}/oauth/token", used)
            life = found.settings.token_minutes * 60
            issued = clients.issue(connection, client, thumbprint, purpose, life)
            event, fields = Event.TOKEN_ISSUED, {"purpose": purpose, "key": thumbprint}
            log.append(connection, client.mechanism, event, client=client.id, **fields)
    except (Unauthenticated, Forbidden) as refused:
        if known is None:
            found.access.note_anonymous()
        else:
            with found.database.write() as connection:
                clients.remember(connection, used)
                event, reason = Event.TOKEN_REFUSED, refused.code
                log.append(connection, known.mechanism, event, client=known.id, reason=reason)
            marks.logged(Event.TOKEN_REFUSED)
        raise
    marks.logged(Event.TOKEN_ISSUED)
    return issued


def _refuse(error: str, description: str, status: int = 400) -> JSONResponse:
    """RFC 6749, 5.2."""
    return JSONResponse({"error": error, "error_description": description}, status)
