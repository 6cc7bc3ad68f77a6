"""A mechanism's keys: an offline root, epoch keys that it signs, and the public bundle.

    key signature    = Ed25519(root, "intake/mechanism-key/v1" ‖ 00 ‖ JCS(key with its mechanism))
    bundle signature = Ed25519(root, "intake/mechanism-bundle/v1" ‖ 00 ‖ JCS(bundle without it))

The root never touches a server; its fingerprint is published where the operator cannot change it.
Keys are also verifiable one by one, so that a key that travels alone (in a log) stays provable.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from crypto import checks, primitives
from crypto.age_keys import Recipient
from crypto.compartments import CLASSES
from crypto.encoding import Json, b64u_decode, b64u_encode, canonical_json, parse_json
from crypto.errors import FormatError
from crypto.primitives import SigningKey

MAX_BYTES = 256 * 1024
_KEY_DOMAIN = b"intake/mechanism-key/v1\0"
_BUNDLE_DOMAIN = b"intake/mechanism-bundle/v1\0"


@dataclass(frozen=True, slots=True)
class MechanismKey:
    """One epoch key of one compartment class; usable from `starts` to `expires`, days inclusive."""

    mechanism: str
    epoch: int
    kind: str
    recipient: Recipient
    starts: str
    expires: str
    signature: bytes

    def valid_on(self, day: str) -> bool:
        """Whether records may be sealed to it on this day (`YYYY-MM-DD`)."""
        return self.starts <= day <= self.expires


@dataclass(frozen=True, slots=True)
class Bundle:
    """A verified bundle. `names` maps language tags to the mechanism's name."""

    mechanism: str
    names: Mapping[str, str]
    root: bytes
    keys: tuple[MechanismKey, ...]
    raw: bytes

    @property
    def root_fingerprint(self) -> str:
        """SHA-256 of the root's public key, hex."""
        return primitives.sha256(self.root).hex()

    def key_for(self, kind: str, day: str) -> MechanismKey | None:
        """The newest epoch's key of this class that is valid on `day`."""
        usable = [k for k in self.keys if k.kind == kind and k.valid_on(day)]
        return max(usable, key=lambda k: k.epoch, default=None)


def sign_key(
    root: SigningKey, mechanism: str, epoch: int, kind: str, recipient: Recipient, starts: str, expires: str
) -> MechanismKey:
    """Sign one epoch key."""
    message = _KEY_DOMAIN + canonical_json(_key_body(mechanism, epoch, kind, recipient, starts, expires))
    return MechanismKey(mechanism, epoch, kind, recipient, starts, expires, root.sign(message))


def sign_bundle(
    root: SigningKey, mechanism: str, names: Mapping[str, str], keys: list[MechanismKey]
) -> bytes:
    """The bundle as canonical JSON."""
    body = {
        "v": 1,
        "mechanism": mechanism,
        "names": dict(names),
        "root": b64u_encode(root.public),
        "keys": [
            _key_body(k.mechanism, k.epoch, k.kind, k.recipient, k.starts, k.expires)
            | {"signature": b64u_encode(k.signature)}
            for k in keys
        ],
    }
    signature = root.sign(_BUNDLE_DOMAIN + canonical_json(body))
    return canonical_json(body | {"signature": b64u_encode(signature)})


def verify_bundle(data: bytes) -> Bundle:
    """Parse a bundle and check every signature in it; `FormatError` or `VerifyError`.

    That the root is the right one is for the caller to check, against a published fingerprint.
    """
    if len(data) > MAX_BYTES:
        raise FormatError("the bundle is too long")
    top = checks.exactly(parse_json(data), "v mechanism names root keys signature")
    checks.version(top["v"], "bundle")
    root = b64u_decode(top["root"], 32)
    body = {name: value for name, value in top.items() if name != "signature"}
    primitives.verify_signature(
        root, b64u_decode(top["signature"], 64), _BUNDLE_DOMAIN + canonical_json(body)
    )
    mechanism = checks.text(top["mechanism"], checks.SLUG)
    keys = tuple(_verify_key(root, mechanism, value) for value in checks.items(top["keys"], 1000))
    if len({(k.epoch, k.kind) for k in keys}) != len(keys):
        raise FormatError("two keys share an epoch and a class")
    return Bundle(mechanism, _names(top["names"]), root, keys, canonical_json(top))


def _verify_key(root: bytes, mechanism: str, value: Json) -> MechanismKey:
    v = checks.exactly(value, "mechanism epoch class recipient starts expires signature")
    if v["mechanism"] != mechanism:
        raise FormatError("a key of another mechanism in this bundle")
    signature = b64u_decode(v["signature"], 64)
    recipient = Recipient.parse(v["recipient"])
    starts, expires = checks.text(v["starts"], checks.DAY), checks.text(v["expires"], checks.DAY)
    epoch, kind = checks.positive(v["epoch"]), checks.one_of(v["class"], CLASSES)
    body = _key_body(mechanism, epoch, kind, recipient, starts, expires)
    primitives.verify_signature(root, signature, _KEY_DOMAIN + canonical_json(body))
    return MechanismKey(mechanism, epoch, kind, recipient, starts, expires, signature)


def _key_body(
    mechanism: str, epoch: int, kind: str, recipient: Recipient, starts: str, expires: str
) -> dict[str, Json]:
    return {
        "mechanism": mechanism,
        "epoch": epoch,
        "class": kind,
        "recipient": recipient.text,
        "starts": starts,
        "expires": expires,
    }


def _names(value: Json) -> dict[str, str]:
    if not isinstance(value, dict) or "en" not in value or len(value) > 50:
        raise FormatError("names needs at least an English one")
    if not all(isinstance(n, str) and 0 < len(n) <= 200 and n.isprintable() for n in value.values()):
        raise FormatError("a name is 1 to 200 printable characters")
    return value
