"""A withdrawal: the person takes back what one mechanism was granted. What a tombstone in the feed holds.

    signature = Ed25519("intake/withdrawal/v1" ‖ 00 ‖ JCS(document))

It travels as JCS of {document, signature}: whoever was shown the record verifies it with the record's key
from any earlier statement. It names the newest statement of its time and its occasion, so that it says
nothing of a consent that is given later; one that asks for a deletion is never the same twice, so that it
says nothing once that deletion was cancelled. `docs/wire.md`, "Withdrawal and deletion".
"""

from dataclasses import dataclass, field
from typing import Final

from crypto import checks, primitives
from crypto.encoding import Json, b64u_decode, b64u_encode, canonical_json, parse_canonical_json
from crypto.errors import FormatError
from crypto.primitives import SigningKey
from crypto.statement import MAX_COMPARTMENTS

MAX_BYTES = 8 * 1024
CONSENT: Final = "consent"
DELETION: Final = "deletion"
KINDS: Final = (CONSENT, DELETION)
_DOMAIN = b"intake/withdrawal/v1\0"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """`whole`: consent ends; else only these compartments (ids) are taken back. `day` is `YYYY-MM-DD`.

    `revision` and `statement` (its hash) are the newest before the withdrawal. `kind` is one of `KINDS`:
    whether consent is taken back now, or only if the deletion that was asked for is carried out. `nonce` is
    16 random bytes (hex) of one asking for a deletion; None for the other kind.
    """

    record: str
    mechanism: str
    day: str
    whole: bool
    compartments: tuple[str, ...]
    revision: int = field(kw_only=True)
    statement: str = field(kw_only=True)
    kind: str = field(kw_only=True)
    nonce: str | None = field(default=None, kw_only=True)


def sign_withdrawal(withdrawal: Withdrawal, key: SigningKey) -> bytes:
    """The envelope, as it travels."""
    document: dict[str, Json] = {
        "v": 1,
        "record": withdrawal.record,
        "mechanism": withdrawal.mechanism,
        "day": withdrawal.day,
        "whole": withdrawal.whole,
        "compartments": list(withdrawal.compartments),
        "revision": withdrawal.revision,
        "statement": withdrawal.statement,
        "kind": withdrawal.kind,
    }
    if withdrawal.nonce is not None:
        document["nonce"] = withdrawal.nonce
    signature = key.sign(_DOMAIN + canonical_json(document))
    return canonical_json({"document": document, "signature": b64u_encode(signature)})


def verify_withdrawal(envelope: bytes, sign_key: bytes) -> Withdrawal:
    """Parse and check an envelope with the record's key (32 bytes); `FormatError` or `VerifyError`."""
    if len(envelope) > MAX_BYTES:
        raise FormatError("the withdrawal is too long")
    top = checks.exactly(parse_canonical_json(envelope), "document signature")
    names, document = "v record mechanism day whole compartments revision statement kind", top["document"]
    asks = isinstance(document, dict) and document.get("kind") == DELETION and "nonce" in document
    v = checks.exactly(document, f"{names} nonce" if asks else names)
    checks.version(v["v"], "withdrawal")
    message = _DOMAIN + canonical_json(document)
    primitives.verify_signature(sign_key, b64u_decode(top["signature"], 64), message)
    return Withdrawal(
        checks.digest(v["record"]),
        checks.text(v["mechanism"], checks.SLUG),
        checks.text(v["day"], checks.DAY),
        checks.boolean(v["whole"]),
        tuple(checks.identifier(c) for c in checks.items(v["compartments"], MAX_COMPARTMENTS)),
        revision=checks.positive(v["revision"]),
        statement=checks.digest(v["statement"]),
        kind=checks.one_of(v["kind"], KINDS),
        nonce=checks.identifier(v["nonce"]) if asks else None,
    )
