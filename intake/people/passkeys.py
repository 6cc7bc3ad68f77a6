"""Passkeys: WebAuthn (Level 3) credentials by which members show who they are.

User verification is always required, the origin and the relying party are those of `settings.review_url`,
and a challenge is answered once, within five minutes. No attestation is asked for, and none is taken: which
device somebody has is not for this service to know, and its certificates would be a parser more.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import parse_attestation_object
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticationCredential,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    RegistrationCredential,
)

from crypto.encoding import b64u_decode, b64u_encode, parse_json
from crypto.errors import FormatError
from crypto.primitives import sha256
from intake import clock
from intake.db.tables.staff import challenges, passkeys
from intake.errors import Conflict, Invalid, NotFound, Unauthenticated

LIFE = 5 * 60  # seconds, of a challenge
ALGORITHMS = (-8, -7, -257)  # COSE: EdDSA, ES256, RS256
LOGIN, ENROL, FRESH, ADD = "login", "enrol", "fresh", "add"  # what a challenge may be answered for
_NAME = 64


@dataclass(frozen=True, slots=True)
class Party:
    """The relying party. Passkeys are for its host, for good: another host is another party."""

    id: str
    origin: str

    @classmethod
    def of(cls, review_url: str) -> "Party":
        """From the address at which members reach the review door."""
        return cls(urlsplit(review_url).hostname or "", review_url)

    @property
    def prf_nonce(self) -> bytes:
        """16 bytes, the same for all: so that one ceremony both logs in and opens the vault (ADR 16)."""
        return sha256(b"intake/prf/v1" + self.id.encode())[:16]


@dataclass(frozen=True, slots=True)
class Created:
    """What `navigator.credentials.create` gave. `id` is base64url, the rest as the browser has it."""

    id: str
    client_data: bytes
    attestation: bytes


@dataclass(frozen=True, slots=True)
class Assertion:
    """What `navigator.credentials.get` gave."""

    id: str
    client_data: bytes
    authenticator_data: bytes
    signature: bytes
    user_handle: bytes


@dataclass(frozen=True, slots=True)
class Passkey:
    """A credential that was verified when it was made. `public_key` is COSE."""

    id: str
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a passkey is."""

    passkey: str
    mechanism: str
    member: str


def user_handle(mechanism: str, member: str) -> bytes:
    """The user's id in WebAuthn (32 bytes): says nothing to whoever sees it on a device."""
    return sha256(f"intake/user/v1\0{mechanism}\0{member}".encode())


# --- challenges ---


def challenge(connection: Connection, kind: str, session: str | None = None) -> bytes:
    """32 random bytes, to be answered for one thing; `session` is the hash of whose it is."""
    made = secrets.token_bytes(32)
    row = {"kind": kind, "session": session, "expires": clock.now() + LIFE}
    connection.execute(insert(challenges).values(hash=_hash(made), **row))
    return made


def take(connection: Connection, client_data: bytes, kind: str, session: str | None = None) -> bytes:
    """The challenge that this answers, which nobody can answer again; `Unauthenticated` if there is none.

    Commit this before anything is verified: a wrong answer uses a challenge up, too.
    """
    answered = _challenge_of(client_data)
    here = (
        (challenges.c.hash == _hash(answered))
        & (challenges.c.kind == kind)
        & (challenges.c.session.is_(None) if session is None else challenges.c.session == session)
        & (challenges.c.expires >= clock.now())
    )
    if not connection.execute(delete(challenges).where(here)).rowcount:
        raise Unauthenticated("challenge_over", "this took too long, or was answered before: begin again")
    return answered


def expire(connection: Connection) -> None:
    """Drop challenges that nobody answered."""
    connection.execute(delete(challenges).where(challenges.c.expires < clock.now()))


def _challenge_of(client_data: bytes) -> bytes:
    """WebAuthn, 5.8.1. What a frame in another site's page asked for is refused as well."""
    try:
        said = parse_json(client_data)
        if not isinstance(said, dict) or said.get("crossOrigin") not in (None, False):
            raise FormatError("not our page's")
        return b64u_decode(said["challenge"], 32)
    except (FormatError, KeyError) as error:
        raise Unauthenticated("assertion_invalid", "this is no answer to a challenge") from error


def _hash(made: bytes) -> str:
    return hashlib.sha256(made).hexdigest()


# --- verifying ---


def created(party: Party, made: Created, answered: bytes) -> Passkey:
    """A new passkey, verified (WebAuthn, 7.1); `Invalid` says why not."""
    response = AuthenticatorAttestationResponse(made.client_data, made.attestation)
    try:
        # Before the library looks at statements, with their certificates: there must be none.
        if parse_attestation_object(made.attestation).fmt != AttestationFormat.NONE:
            raise Invalid("passkey_invalid", "an attestation was not asked for")
        found = verify_registration_response(
            credential=RegistrationCredential(made.id, b64u_decode(made.id), response),
            expected_challenge=answered,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
            supported_pub_key_algs=[COSEAlgorithmIdentifier(number) for number in ALGORITHMS],
        )
    except Exception as error:  # a parser of others, over what anybody may send
        raise Invalid("passkey_invalid", "the passkey does not hold") from error
    return Passkey(b64u_encode(found.credential_id), found.credential_public_key, found.sign_count)


def find(connection: Connection, id: str) -> Owner | None:
    """Whose passkey this is said to be, before anything is verified."""
    row = _row(connection, id)
    return Owner(row.id, row.mechanism, row.member) if row else None


def verify(connection: Connection, party: Party, given: Assertion, answered: bytes) -> Owner:
    """Whose assertion this is (WebAuthn, 7.2); `Unauthenticated` if it does not hold, whatever the reason."""
    row = _row(connection, given.id)
    if row is None:
        raise Unauthenticated("assertion_invalid", "the passkey is unknown here")
    response = AuthenticatorAssertionResponse(given.client_data, given.authenticator_data, given.signature)
    try:
        if given.user_handle not in (b"", user_handle(row.mechanism, row.member)):
            raise Invalid("assertion_invalid", "the passkey is somebody else's")
        found = verify_authentication_response(
            credential=AuthenticationCredential(given.id, b64u_decode(given.id), response),
            expected_challenge=answered,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=bytes(row.public_key),
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except Exception as error:  # as above
        raise Unauthenticated("assertion_invalid", "the passkey's answer does not hold") from error
    here = passkeys.c.id == row.id
    connection.execute(update(passkeys).where(here).values(sign_count=found.new_sign_count))
    return Owner(row.id, row.mechanism, row.member)


# --- what is kept ---


def add(connection: Connection, mechanism: str, member: str, made: Passkey, name: str) -> None:
    """Keep a new passkey; `Conflict` if it is known."""
    _require_name(name)
    if _row(connection, made.id):
        raise Conflict("passkey_known", "this passkey is known already")
    row = {"mechanism": mechanism, "member": member, "name": name, "day": clock.day()}
    key = {"public_key": made.public_key, "sign_count": made.sign_count}
    connection.execute(insert(passkeys).values(id=made.id, **row, **key))


def of_member(connection: Connection, mechanism: str, member: str) -> list[dict[str, Any]]:
    """A member's passkeys, oldest first: id, name, day."""
    query = select(passkeys.c.id, passkeys.c.name, passkeys.c.day)
    theirs = query.where(passkeys.c.mechanism == mechanism, passkeys.c.member == member)
    rows = connection.execute(theirs.order_by(passkeys.c.day, passkeys.c.id))
    return [dict(row._mapping) for row in rows]


def counts(connection: Connection, mechanism: str) -> dict[str, int]:
    """How many passkeys each member of a mechanism has."""
    query = select(passkeys.c.member, func.count()).where(passkeys.c.mechanism == mechanism)
    return {member: count for member, count in connection.execute(query.group_by(passkeys.c.member))}


def any_of(connection: Connection, mechanism: str, member: str) -> bool:
    """Whether somebody of this id ever made a passkey."""
    theirs = (passkeys.c.mechanism == mechanism) & (passkeys.c.member == member)
    return bool(connection.execute(select(func.count()).select_from(passkeys).where(theirs)).scalar_one())


def rename(connection: Connection, mechanism: str, member: str, id: str, name: str) -> None:
    """Call a member's passkey something else; `NotFound` if it is none of theirs."""
    _require_name(name)
    if not connection.execute(
        update(passkeys).where(_theirs(mechanism, member, id)).values(name=name)
    ).rowcount:
        raise NotFound("not_found", "there is no such passkey")


def remove(connection: Connection, mechanism: str, member: str, id: str) -> None:
    """One passkey is good for nothing from now on; `NotFound` if it is none of theirs."""
    if not connection.execute(delete(passkeys).where(_theirs(mechanism, member, id))).rowcount:
        raise NotFound("not_found", "there is no such passkey")


def remove_all(connection: Connection, mechanism: str, member: str) -> None:
    """None of a member's passkeys is good for anything from now on."""
    theirs = (passkeys.c.mechanism == mechanism) & (passkeys.c.member == member)
    connection.execute(delete(passkeys).where(theirs))


def _theirs(mechanism: str, member: str, id: str) -> ColumnElement[bool]:
    here = (passkeys.c.mechanism == mechanism) & (passkeys.c.member == member)
    return here & (passkeys.c.id == id)


def _require_name(name: str) -> None:
    if not 0 < len(name) <= _NAME or not name.isprintable():
        raise Invalid("passkey_name", f"a name is 1 to {_NAME} printable characters")


def _row(connection: Connection, id: str) -> Row[Any] | None:
    return connection.execute(select(passkeys).where(passkeys.c.id == id)).one_or_none()
