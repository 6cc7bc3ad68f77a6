"""API clients: programs that pull for a mechanism. Only their public keys are stored.

How a program shows who it is: a signed assertion (RFC 7523, `private_key_jwt`) buys a token that works
only with proofs by one key (RFC 9449, DPoP), for one purpose, for minutes. Tokens are opaque and can be
revoked at once. Nothing that was accepted once, assertion or proof, is accepted again.
"""

import hashlib
import json
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from crypto.compartments import CLASSES
from crypto.encoding import b64u_encode
from crypto.errors import FormatError
from crypto.notes import COSIGNATURE, VerifierKey
from crypto.statement import PURPOSES
from crypto.wraps import CLIENT
from intake import clock
from intake.audit import log
from intake.audit.events import Event
from intake.db.tables.people import clients, disclosures, seen_proofs, tokens
from intake.db.tables.staff import wraps
from intake.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from intake.people.reader import Reader

ALGORITHMS = ["ES256", "Ed25519", "EdDSA"]
ASSERTION_LIFE = 300  # seconds, at most
DEFAULT_CLASSES = ("triage", "account")
PROOF_LIFE = 60  # seconds, either way
_MAX_TOKEN = 8192


@dataclass(frozen=True, slots=True)
class Used:
    """An assertion or proof that held, by the hash of whose it is and its name; nothing after `expires`."""

    hash: str
    expires: int


@dataclass(frozen=True, slots=True)
class Client:
    """A registered program."""

    id: str
    mechanism: str
    jwk: dict[str, Any]
    purposes: tuple[str, ...]


def add(
    connection: Connection,
    client_id: str,
    mechanism: str,
    jwk: dict[str, Any],
    purposes: list[str],
    witness: str | None = None,
    classes: Sequence[str] = DEFAULT_CLASSES,
    recipient: str | None = None,
) -> None:
    """Register a program by its public keys; `Invalid` if a private part is in them.

    `classes` are those of compartments that it is given; more than the default is for mechanisms whose
    people know why. `recipient` is an age key of its own.

    `witness` is the verifier key with which it cosigns checkpoints, under its own id as the name.
    """
    if not client_id.isascii() or not 2 <= len(client_id) <= 64 or not client_id.replace("-", "").isalnum():
        raise Invalid("client_id", "a client's id is 2 to 64 letters, digits and hyphens")
    if not purposes or not set(purposes) <= set(PURPOSES):
        raise Invalid("purpose_unknown", f"purposes are: {', '.join(PURPOSES)}")
    if "d" in jwk:
        raise Invalid(
            "private_key", "this is a private key: it must stay with the mechanism; give its public half"
        )
    _key(jwk)
    if witness is not None:
        _check_witness(witness)
    if connection.execute(select(clients.c.id).where(clients.c.id == client_id)).first():
        raise Conflict("client_exists", "a client of this id exists")
    row = {"id": client_id, "mechanism": mechanism, "jwk": jwk, "purposes": purposes, "witness": witness}
    if not classes or not set(classes) <= set(CLASSES):
        raise Invalid("class_unknown", f"classes are: {', '.join(CLASSES)}")
    more = {"classes": list(classes), "recipient": recipient}
    connection.execute(insert(clients).values(**row, **more, revoked=False))
    fields = {"client": client_id, "key": _key(jwk).thumbprint()}
    if witness is not None:
        fields["witness"] = witness
    log.append(connection, mechanism, Event.CLIENT_ADDED, **fields)


def known(connection: Connection, mechanism: str, reader: str) -> bool:
    """Whether "client:" and this id is one of the mechanism's programs that are not shut out."""
    here = (clients.c.mechanism == mechanism) & (clients.c.id == reader.removeprefix("client:"))
    query = select(clients.c.id).where(here, ~clients.c.revoked)
    return reader.startswith("client:") and connection.execute(query).first() is not None


def revoke(connection: Connection, client_id: str) -> None:
    """Shut a program out at once: its tokens go too."""
    row = connection.execute(select(clients).where(clients.c.id == client_id)).one_or_none()
    if row is None:
        raise NotFound("client_unknown", "there is no such client")
    connection.execute(update(clients).where(clients.c.id == client_id).values(revoked=True))
    theirs = select(tokens.c.hash).where(tokens.c.client == client_id)
    connection.execute(delete(disclosures).where(disclosures.c.token.in_(theirs)))
    connection.execute(delete(tokens).where(tokens.c.client == client_id))
    sealed = (wraps.c.mechanism == row.mechanism) & (wraps.c.kind == CLIENT) & (wraps.c.reader == client_id)
    connection.execute(delete(wraps).where(sealed))
    log.append(connection, row.mechanism, Event.CLIENT_REVOKED, client=client_id)


def claimed(connection: Connection, assertion: str) -> Client:
    """The registered client that an assertion claims to come from, before it is verified."""
    subject = _claims(assertion).get("sub")
    row = connection.execute(
        select(clients).where(clients.c.id == str(subject), ~clients.c.revoked)
    ).one_or_none()
    if row is None:
        raise Unauthenticated("invalid_client", "the client is unknown or revoked")
    return Client(row.id, row.mechanism, row.jwk, tuple(row.purposes))


def check_assertion(
    connection: Connection, client: Client, assertion: str, issuer: str, used: list[Used]
) -> None:
    """Verify a `private_key_jwt` assertion: signature, issuer, audience, times, first use.

    What holds is noted in `used`, for `remember` if this transaction is rolled back.
    """
    try:
        token = jwt.decode(assertion, _key(client.jwk), algorithms=ALGORITHMS)
        claims = token.claims
    except (JoseError, ValueError) as error:
        raise Unauthenticated("invalid_client", "the assertion's signature does not hold") from error
    if claims.get("iss") != client.id or claims.get("sub") != client.id:
        raise Unauthenticated("invalid_client", "iss and sub must be the client's id")
    if claims.get("aud") not in (issuer, [issuer]):
        raise Unauthenticated("invalid_client", f"aud must be the issuer and nothing else: {issuer}")
    now = clock.now()
    issued, expires = claims.get("iat", now), claims.get("exp")
    if not isinstance(expires, int) or not isinstance(issued, int):
        raise Unauthenticated("invalid_client", "exp and iat are numbers of seconds")
    if not now - PROOF_LIFE < expires <= now + ASSERTION_LIFE or issued > now + PROOF_LIFE:
        raise Unauthenticated(
            "invalid_client", f"the assertion is expired, or valid for over {ASSERTION_LIFE} s"
        )
    _once(connection, client.id, claims.get("jti"), expires + PROOF_LIFE, used)


def check_proof(
    connection: Connection,
    proof: str,
    method: str,
    url: str,
    used: list[Used],
    access_token: str | None = None,
) -> str:
    """Verify a DPoP proof (RFC 9449, 4.3); return the thumbprint of its key. `used` is as above."""
    if len(proof) > _MAX_TOKEN:
        raise Unauthenticated("invalid_dpop_proof", "the DPoP proof is too long")
    try:
        header = jws.extract_compact(proof.encode()).headers()
        if header.get("typ") != "dpop+jwt" or not isinstance(header.get("jwk"), dict) or "d" in header["jwk"]:
            raise Unauthenticated("invalid_dpop_proof", "the DPoP proof needs typ dpop+jwt and a public jwk")
        key = _key(header["jwk"])
        claims = jwt.decode(proof, key, algorithms=ALGORITHMS, registry=_DPOP_HEADERS).claims
    except (JoseError, ValueError, Invalid) as error:
        raise Unauthenticated("invalid_dpop_proof", "the DPoP proof's signature does not hold") from error
    if claims.get("htm") != method or claims.get("htu") != url:
        raise Unauthenticated("invalid_dpop_proof", "the DPoP proof is for another request")
    issued = claims.get("iat")
    if not isinstance(issued, int) or abs(clock.now() - issued) > PROOF_LIFE:
        raise Unauthenticated("invalid_dpop_proof", "the DPoP proof is too old, or the clocks differ")
    if access_token is not None:
        expected = b64u_encode(hashlib.sha256(access_token.encode()).digest())
        if claims.get("ath") != expected:
            raise Unauthenticated("invalid_dpop_proof", "the DPoP proof is for another token")
    thumbprint = key.thumbprint()
    _once(connection, thumbprint, claims.get("jti"), issued + 2 * PROOF_LIFE, used)
    return thumbprint


def remember(connection: Connection, used: list[Used]) -> None:
    """Accept nothing of this again: it held, and what it was for was refused and rolled back."""
    for one in used:
        there = select(seen_proofs.c.hash).where(seen_proofs.c.hash == one.hash)
        if connection.execute(there).first():
            continue
        with suppress(IntegrityError), connection.begin_nested():  # another request was as fast
            connection.execute(insert(seen_proofs).values(hash=one.hash, expires=one.expires))


def issue(connection: Connection, client: Client, thumbprint: str, purpose: str, life: int) -> str:
    """A fresh token of `life` seconds, for one purpose. `Forbidden` if that is not the client's."""
    if purpose not in client.purposes:
        raise Forbidden("invalid_scope", f"this client's scopes are: {' '.join(client.purposes)}")
    token = secrets.token_urlsafe(32)
    connection.execute(
        insert(tokens).values(
            hash=_hash(token),
            client=client.id,
            thumbprint=thumbprint,
            purpose=purpose,
            expires=clock.now() + life,
        )
    )
    return token


def reader(connection: Connection, token: str) -> tuple[Reader, str]:
    """Who holds this token, and the thumbprint that its proofs must have."""
    query = (
        select(tokens, clients.c.mechanism)
        .join(clients, clients.c.id == tokens.c.client)
        .where(tokens.c.hash == _hash(token), tokens.c.expires > clock.now(), ~clients.c.revoked)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise Unauthenticated("invalid_token", "the token is unknown, expired or revoked")
    return Reader(row.mechanism, row.purpose, client=row.client), row.thumbprint


def expire(connection: Connection) -> None:
    """Drop tokens and remembered proofs that are over."""
    over = select(tokens.c.hash).where(tokens.c.expires <= clock.now())
    connection.execute(delete(disclosures).where(disclosures.c.token.in_(over)))
    connection.execute(delete(tokens).where(tokens.c.expires <= clock.now()))
    connection.execute(delete(seen_proofs).where(seen_proofs.c.expires <= clock.now()))


def _claims(token: str) -> dict[str, Any]:
    """The claims of a JWT, not verified: only for finding the key to verify it with."""
    if len(token) > _MAX_TOKEN:
        raise Unauthenticated("invalid_client", "the assertion is too long")
    try:
        claims = json.loads(jws.extract_compact(token.encode()).payload)
    except (JoseError, ValueError, RecursionError) as error:
        raise Unauthenticated("invalid_client", "the assertion is no JWT") from error
    if not isinstance(claims, dict):
        raise Unauthenticated("invalid_client", "the assertion is no JWT")
    return claims


def _check_witness(text: str) -> None:
    """Its name is the mechanism's choice: it stands on checkpoints that everybody sees."""
    try:
        key = VerifierKey.parse(text)
    except FormatError as error:
        raise Invalid("witness_invalid", f"not a verifier key: {error}") from error
    if key.kind != COSIGNATURE:
        raise Invalid("witness_invalid", "a program's witness key is of type 04 (cosignature/v1)")


_DPOP_HEADERS = jws.JWSRegistry(algorithms=ALGORITHMS)


def _key(jwk: dict[str, Any]) -> ECKey | OKPKey:
    public = {name: value for name, value in jwk.items() if name in ("kty", "crv", "x", "y")}
    try:
        if public.get("kty") == "EC" and public.get("crv") == "P-256":
            return ECKey.import_key(public)
        if public.get("kty") == "OKP" and public.get("crv") == "Ed25519":
            return OKPKey.import_key(public)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise Invalid("key_invalid", "the JWK is not a valid public key") from error
    raise Invalid("key_invalid", "the JWK must be of kty EC with P-256, or OKP with Ed25519")


def _once(connection: Connection, who: str, name: Any, expires: int, used: list[Used]) -> None:
    if not isinstance(name, str) or not 8 <= len(name) <= 256:
        raise Unauthenticated("invalid_client", "jti must be a text of 8 to 256 characters")
    one = Used(_hash(f"{who}\n{name}"), expires)
    try:
        connection.execute(insert(seen_proofs).values(hash=one.hash, expires=one.expires))
    except IntegrityError as error:
        raise Unauthenticated("replayed", "this was used before") from error
    used.append(one)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
