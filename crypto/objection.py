"""An objection: the person's no to something that waits, so that nobody else can say it for them.

    signature = Ed25519("intake/objection/v1" ‖ 00 ‖ JCS(document))

To a deletion that they asked for themselves: it is cancelled. To a second receipt that two members of a
mechanism asked for: it is refused. It travels as JCS of {document, signature}, and whoever knows the record
verifies it with the record's key. `docs/wire.md`, "Withdrawal and deletion".
"""

from dataclasses import dataclass
from typing import Final

from crypto import checks, primitives
from crypto.encoding import b64u_decode, b64u_encode, canonical_json, parse_canonical_json
from crypto.errors import FormatError
from crypto.primitives import SigningKey, sha256

MAX_BYTES = 4 * 1024
DELETION: Final = "deletion"
RESTORATION: Final = "restoration"
KINDS: Final = (DELETION, RESTORATION)
_DOMAIN = b"intake/objection/v1\0"


@dataclass(frozen=True, slots=True)
class Objection:
    """`kind` is one of `KINDS`; `mechanism` is told of it, `day` is `YYYY-MM-DD`.

    `target` is 32 bytes in hex: of a deletion, what `target_of` makes of the withdrawal that this
    mechanism was told of; of a restoration, its id.
    """

    record: str
    mechanism: str
    day: str
    kind: str
    target: str


def target_of(withdrawal: bytes) -> str:
    """What an objection to a deletion names: SHA-256 of the envelope that asked for it."""
    return sha256(withdrawal).hex()


def sign_objection(objection: Objection, key: SigningKey) -> bytes:
    """The envelope, as it travels."""
    document = {
        "v": 1,
        "record": objection.record,
        "mechanism": objection.mechanism,
        "day": objection.day,
        "kind": objection.kind,
        "target": objection.target,
    }
    signature = key.sign(_DOMAIN + canonical_json(document))
    return canonical_json({"document": document, "signature": b64u_encode(signature)})


def verify_objection(envelope: bytes, sign_key: bytes) -> Objection:
    """Parse and check an envelope with the record's key (32 bytes); `FormatError` or `VerifyError`."""
    if len(envelope) > MAX_BYTES:
        raise FormatError("the objection is too long")
    top = checks.exactly(parse_canonical_json(envelope), "document signature")
    v = checks.exactly(top["document"], "v record mechanism day kind target")
    checks.version(v["v"], "objection")
    message = _DOMAIN + canonical_json(top["document"])
    primitives.verify_signature(sign_key, b64u_decode(top["signature"], 64), message)
    return Objection(
        checks.digest(v["record"]),
        checks.text(v["mechanism"], checks.SLUG),
        checks.text(v["day"], checks.DAY),
        checks.one_of(v["kind"], KINDS),
        checks.digest(v["target"]),
    )
