"""Restorations: what two members of a mechanism vouch for, for a person whose receipt is lost.

    signature = Ed25519("intake/restoration/v1" ‖ 00 ‖ JCS(document)), by each of the two
    envelope  = JCS({document, signatures [{signature, certificate}, …]})

Of kind `receipt`, it gives the record a second receipt: the mechanism met the person and knows whose
record it is. It holds the new receipt's public halves, never the receipt. Of kind `withdrawal`, it ends
the mechanism's own access at the person's wish. One member alone can do neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from crypto import checks, primitives
from crypto.age_keys import Recipient
from crypto.encoding import Json, b64u_decode, b64u_encode, canonical_json, parse_canonical_json
from crypto.errors import FormatError, VerifyError
from crypto.members import Member, verify_member
from crypto.primitives import SigningKey
from crypto.receipt import ReceiptKeys

RECEIPT, WITHDRAWAL = "receipt", "withdrawal"
NONCE_SIZE = 16
MAX_ENVELOPE = 16 * 1024
_DOMAIN = b"intake/restoration/v1\0"


@dataclass(frozen=True, slots=True)
class NewReceipt:
    """The public halves of a receipt: `lookup` and `sign_key` are 32 bytes, `auth_sha256` is hex."""

    lookup: bytes
    auth_sha256: str
    sign_key: bytes
    recipient: Recipient

    @classmethod
    def of(cls, keys: ReceiptKeys) -> "NewReceipt":
        """What a receipt shows of itself: enough to find a record by it, and to seal to it."""
        auth = primitives.sha256(keys.auth).hex()
        return cls(keys.lookup, auth, keys.signing.public, keys.identity.recipient)

    @classmethod
    def parse(cls, value: Json) -> "NewReceipt":
        """Inverse of `plain`; `FormatError` if it is not that."""
        v = checks.exactly(value, "lookup auth_sha256 sign recipient")
        return cls(
            b64u_decode(v["lookup"], 32),
            checks.digest(v["auth_sha256"]),
            b64u_decode(v["sign"], 32),
            Recipient.parse(v["recipient"]),
        )

    def plain(self) -> dict[str, Json]:
        """As it stands in a document."""
        return {
            "lookup": b64u_encode(self.lookup),
            "auth_sha256": self.auth_sha256,
            "sign": b64u_encode(self.sign_key),
            "recipient": self.recipient.text,
        }


@dataclass(frozen=True, slots=True)
class Restoration:
    """A verified restoration. `id` is the document's SHA-256, hex; `receipt` is None for a withdrawal."""

    id: str
    record: str
    mechanism: str
    kind: str
    receipt: NewReceipt | None
    day: str
    members: tuple[Member, Member]
    raw: bytes


def make_document(
    *, record: str, mechanism: str, kind: str, receipt: NewReceipt | None, day: str, nonce: bytes
) -> bytes:
    """What the two members sign, canonical JSON; `nonce` is 16 fresh random bytes."""
    document: dict[str, Json] = {
        "v": 1,
        "record": record,
        "mechanism": mechanism,
        "kind": kind,
        "receipt": None if receipt is None else receipt.plain(),
        "day": day,
        "nonce": b64u_encode(nonce),
    }
    data = canonical_json(document)
    parse_document(data)
    return data


@dataclass(frozen=True, slots=True)
class Document:
    """What a document says, whoever may have signed it: to be shown to a member before signing."""

    record: str
    mechanism: str
    kind: str
    receipt: NewReceipt | None
    day: str


def parse_document(data: bytes) -> Document:
    """Parse strictly; `FormatError`."""
    top = checks.exactly(parse_canonical_json(data), "v record mechanism kind receipt day nonce")
    checks.version(top["v"], "restoration")
    b64u_decode(top["nonce"], NONCE_SIZE)
    kind = checks.one_of(top["kind"], (RECEIPT, WITHDRAWAL))
    if (kind == RECEIPT) != (top["receipt"] is not None):
        raise FormatError("a new receipt belongs to a restoration of that kind, and to no other")
    return Document(
        checks.digest(top["record"]),
        checks.text(top["mechanism"], checks.SLUG),
        kind,
        None if top["receipt"] is None else NewReceipt.parse(top["receipt"]),
        checks.text(top["day"], checks.DAY),
    )


def sign_restoration(document: bytes, key: SigningKey) -> bytes:
    """64 bytes, by one member."""
    return key.sign(_DOMAIN + document)


def encode_envelope(document: bytes, signatures: Sequence[tuple[bytes, bytes]]) -> bytes:
    """The envelope, from the document and (signature, certificate) of each member."""
    return canonical_json(
        {
            "document": parse_canonical_json(document),
            "signatures": [
                {"signature": b64u_encode(signature), "certificate": parse_canonical_json(certificate)}
                for signature, certificate in signatures
            ],
        }
    )


def parse_envelope(data: bytes) -> Document:
    """What an envelope's document says, before anything is verified; `FormatError`."""
    return parse_document(canonical_json(_envelope(data)["document"]))


def verify_restoration(data: bytes, root: bytes, day: str) -> Restoration:
    """Parse an envelope and check both signatures; `FormatError` or `VerifyError`.

    Both members have a certificate by `root`, for the document's mechanism, that is valid on `day`. They
    are two: neither a member twice, nor one key under two names.
    """
    top = _envelope(data)
    raw = canonical_json(top["document"])
    document = parse_document(raw)
    signatures = checks.items(top["signatures"], 2)
    if len(signatures) != 2:
        raise VerifyError("a restoration needs the signatures of two members")
    first, second = (_signer(value, raw, root, document.mechanism, day) for value in signatures)
    if first.id == second.id or first.key == second.key:
        raise VerifyError("a restoration needs two different members")
    return Restoration(
        id=primitives.sha256(raw).hex(),
        record=document.record,
        mechanism=document.mechanism,
        kind=document.kind,
        receipt=document.receipt,
        day=document.day,
        members=(first, second),
        raw=data,
    )


def _envelope(data: bytes) -> dict[str, Json]:
    if len(data) > MAX_ENVELOPE:
        raise FormatError("the restoration is too long")
    return checks.exactly(parse_canonical_json(data), "document signatures")


def _signer(value: Json, document: bytes, root: bytes, mechanism: str, day: str) -> Member:
    v = checks.exactly(value, "signature certificate")
    member = verify_member(canonical_json(v["certificate"]), root)
    if member.mechanism != mechanism or not member.valid_on(day):
        raise VerifyError("a member does not speak for this mechanism on this day")
    primitives.verify_signature(member.key, b64u_decode(v["signature"], 64), _DOMAIN + document)
    return member
