"""An authenticator in Python (WebAuthn Level 3, 6): passkeys of a member without a browser, honest or not."""

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from crypto.encoding import b64u_encode

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40  # flags of authenticator data
Twist = Callable[[bytes], bytes]


@dataclass
class Passkey:
    """A discoverable credential (ES256). `count` is its signature counter, `handle` the user's id."""

    rp_id: str
    origin: str
    handle: bytes = b""
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    count: int = 0

    def created(self, challenge: bytes, *, flags: int = PRESENT | VERIFIED, **client: Any) -> dict[str, Any]:
        """As the console sends what `navigator.credentials.create` gave, without name and vault."""
        credential = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + self._cose()
        data = self._data(flags | ATTESTED) + credential
        statement = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return {
            "id": b64u_encode(self.id),
            "client_data": b64u_encode(self.client_data("webauthn.create", challenge, **client)),
            "attestation": b64u_encode(statement),
        }

    def asserted(
        self,
        challenge: bytes,
        *,
        flags: int = PRESENT | VERIFIED,
        rp_id: str | None = None,
        count: int | None = None,
        data: Twist = lambda data: data,
        **client: Any,
    ) -> dict[str, Any]:
        """As the console sends what `navigator.credentials.get` gave. `data` twists what is signed."""
        self.count = self.count + 1 if count is None else count
        signed = data(self._data(flags, rp_id))
        said = self.client_data("webauthn.get", challenge, **client)
        whole = signed + hashlib.sha256(said).digest()
        return {
            "id": b64u_encode(self.id),
            "client_data": b64u_encode(said),
            "authenticator_data": b64u_encode(signed),
            "signature": b64u_encode(self.key.sign(whole, ec.ECDSA(hashes.SHA256()))),
            "user_handle": b64u_encode(self.handle),
        }

    def client_data(self, kind: str, challenge: bytes, **changes: Any) -> bytes:
        """What the browser says of the ceremony; `changes` as another page's browser would."""
        said = {
            "type": kind,
            "challenge": b64u_encode(challenge),
            "origin": self.origin,
            "crossOrigin": False,
        }
        return json.dumps(said | changes).encode()

    def _data(self, flags: int, rp_id: str | None = None) -> bytes:
        hashed = hashlib.sha256((rp_id or self.rp_id).encode()).digest()
        return hashed + bytes([flags]) + self.count.to_bytes(4, "big")

    def _cose(self) -> bytes:
        """RFC 9052, 7: kty EC2, alg ES256, crv P-256, x, y."""
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
