"""A mechanism's members with roles, keys and open sessions: `Staff(service).member("reviewer")`.

The fast way: the root signs, the card is admitted, a session is begun in the database. Enrolling and logging
in by a real browser is `tests/console.py`.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import httpx
from sqlalchemy import insert

from crypto import age_header, sealing
from crypto.age_header import Stanza
from crypto.age_keys import Identity, Recipient
from crypto.bundles import verify_bundle
from crypto.compartments import CLASSES, Compartment
from crypto.encoding import b64_encode, b64u_decode, b64u_encode, canonical_json, parse_canonical_json
from crypto.members import Member, sign_member
from crypto.membership import Membership, encode_card, parse_card, sign_membership
from crypto.primitives import SigningKey
from intake import clock
from intake.client import mechanism_keys
from intake.db.tables import staff as t
from intake.http.review.door import COOKIE
from intake.people import enrolment, invitations, memberships, sessions
from intake.people.enrolment import NewPasskey
from intake.people.passkeys import Passkey
from intake.people.vaults import PRF_STANZA
from tests.service import PURPOSE, Mechanism, Service

OPENS = {"reviewer": ("triage",), "custodian": ("identity", "sensitive", "triage"), "key-holder": CLASSES}


@dataclass
class Keys:
    """A member's own, as their browser would make them, and what the root signed of them."""

    identity: Identity
    signing: SigningKey
    certificate: Member
    membership: Membership

    @property
    def card(self) -> bytes:
        return encode_card(self.certificate.raw, self.membership.raw)


@dataclass
class Person:
    """A member. `client` asks as their browser does: with the session's cookie, from our own page."""

    mechanism: str
    member: str
    roles: tuple[str, ...]
    keys: Keys
    cookie: str
    client: httpx.Client

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.client.get(f"/review/v1{path}", **more)

    def post(self, path: str, body: Any = None) -> httpx.Response:
        return self.client.post(f"/review/v1{path}", json={} if body is None else body)

    def put(self, path: str, body: Any) -> httpx.Response:
        return self.client.put(f"/review/v1{path}", json=body)

    def delete(self, path: str, body: Any = None) -> httpx.Response:
        return self.client.request("DELETE", f"/review/v1{path}", json=body)


@dataclass
class Applicant:
    """Somebody who is not a member yet; `card` is what the root's keeper would give."""

    request: bytes
    identity: Identity
    signing: SigningKey
    card: bytes


@dataclass
class Staff:
    """The people of one mechanism of a running service."""

    service: Service
    of: Mechanism | None = None  # the service's first one otherwise
    people: list[Person] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mechanism = self.of or self.service.mechanism
        self.root = SigningKey.from_pem((self.mechanism.keys / "root.key").read_bytes(), None)
        self.bundle = verify_bundle((self.mechanism.keys / "bundle.json").read_bytes())

    def member(
        self,
        *roles: str,
        id: str | None = None,
        days: int = 56,
        purpose: str = PURPOSE,
        name: str | None = None,
    ) -> Person:
        """Somebody with these roles: certified, with wraps for the roles, and logged in a moment ago."""
        id = id or f"{roles[0]}-{len(self.people) + 1}"
        keys = self.make_keys(id, roles, days=days, name=name)
        with self.service.installation.database.write() as connection:
            enrolment.keep(connection, keys.certificate, keys.membership)
            for row in self._wraps(id, keys):
                connection.execute(insert(t.wraps).values(**row))
            cookie = sessions.begin(connection, self.mechanism.id, id, purpose)
        person = Person(
            self.mechanism.id, id, tuple(sorted(roles)), keys, cookie, client(self.service, cookie)
        )
        self.people.append(person)
        return person

    def applicant(self, *roles: str, id: str, days: int = 56, name: str | None = None) -> Applicant:
        """Somebody who has enrolled with an invitation and waits for the root; their passkey is no real one."""
        identity, signing = Identity(secrets.token_bytes(32)), SigningKey(secrets.token_bytes(32))
        request = self.request_for(id, name, identity, signing)
        passkey = Passkey(b64u_encode(secrets.token_bytes(16)), b"\xa0", 0)
        with self.service.installation.database.write() as connection:
            secret = invitations.make(connection, self.mechanism.id, roles, days)
            made = [NewPasskey(passkey, "phone", prf_vault())]
            enrolment.apply(connection, secret, request, made, printed_vault())
        return Applicant(request, identity, signing, self.sign(request, roles, days))

    def make_keys(self, id: str, roles: Sequence[str], *, days: int = 56, name: str | None = None) -> Keys:
        """Keys of somebody's own, and the root's two signatures; nothing is told to the service."""
        identity, signing = Identity(secrets.token_bytes(32)), SigningKey(secrets.token_bytes(32))
        card = self.sign(self.request_for(id, name, identity, signing), roles, days)
        return Keys(identity, signing, *parse_card(card, self.root.public))

    def sign(self, request: bytes, roles: Sequence[str], days: int = 56) -> bytes:
        """The card that the root's keeper makes of somebody's request."""
        asked = parse_canonical_json(request)
        starts = clock.day()
        expires = (date.fromisoformat(starts) + timedelta(days=days)).isoformat()
        mechanism, member, key = asked["mechanism"], asked["member"], b64u_decode(asked["key"])
        certificate = sign_member(self.root, mechanism, member, asked["name"], key, starts, expires)
        membership = sign_membership(
            self.root,
            mechanism=mechanism,
            member=member,
            key=key,
            recipient=Recipient.parse(asked["recipient"]),
            roles=roles,
            starts=starts,
            expires=expires,
        )
        return encode_card(certificate, membership)

    def request(self, keys: Keys) -> bytes:
        """What the browser of somebody with these keys asks the root to sign."""
        made = keys.certificate
        return self.request_for(made.id, made.name, keys.identity, keys.signing)

    def request_for(self, id: str, name: str | None, identity: Identity, signing: SigningKey) -> bytes:
        """What a browser asks the root to sign."""
        return canonical_json(
            {
                "mechanism": self.mechanism.id,
                "member": id,
                "name": name,
                "key": b64u_encode(signing.public),
                "recipient": identity.recipient.text,
            }
        )

    def enter(self, person: Person, purpose: str = PURPOSE) -> Person:
        """The same member with a session of another browser."""
        with self.service.installation.database.write() as connection:
            cookie = sessions.begin(connection, self.mechanism.id, person.member, purpose)
        return Person(
            person.mechanism, person.member, person.roles, person.keys, cookie, client(self.service, cookie)
        )

    def enter_as(self, id: str, purpose: str = PURPOSE) -> Person:
        """A session of somebody who was admitted otherwise; of their keys only the membership is known."""
        with self.service.installation.database.write() as connection:
            one = memberships.valid(connection, self.mechanism.id)[id]
            cookie = sessions.begin(connection, self.mechanism.id, id, purpose)
        browser = client(self.service, cookie)
        return Person(self.mechanism.id, id, one.roles, None, cookie, browser)  # type: ignore[arg-type]

    def _wraps(self, id: str, keys: Keys) -> list[dict[str, Any]]:
        """The epoch's identities that the roles open, sealed to the member."""
        wanted = {kind for role in keys.membership.roles for kind in OPENS.get(role, ())}
        held = {one.recipient.text: one for one in mechanism_keys.identities(self.mechanism.keys)}
        return [
            {
                "mechanism": self.mechanism.id,
                "epoch": key.epoch,
                "class": key.kind,
                "kind": "member",
                "reader": id,
                "file": Compartment("", "", held[key.recipient.text]).grant(
                    keys.identity.recipient,
                    file_key=secrets.token_bytes(16),
                    nonce=secrets.token_bytes(16),
                ),
            }
            for key in self.bundle.keys
            if key.kind in wanted
        ]


def client(service: Service, cookie: str = "") -> httpx.Client:
    """A browser's requests: the cookie that only comes over HTTPS or localhost, and whose page it was."""
    headers = {"Origin": service.settings.review_url, "Sec-Fetch-Site": "same-origin"}
    if cookie:
        headers["Cookie"] = f"{COOKIE}={cookie}"
    return httpx.Client(base_url=service.url, headers=headers, timeout=60)


def prf_vault() -> bytes:
    """A file of the form that a passkey's vault has; nobody opens it."""
    stanza = Stanza(PRF_STANZA, (b64_encode(bytes(16)),), bytes(32))
    return age_header.encode((stanza,), bytes(16)) + bytes(16 + 16 + 16)


def printed_vault() -> bytes:
    """The same for a printed key."""
    recipient = Identity(secrets.token_bytes(32)).recipient
    fresh = {"file_key": secrets.token_bytes(16), "nonce": secrets.token_bytes(16)}
    return sealing.seal_file(b"{}", recipient, **fresh)
