"""What a member signs for the other people of the mechanism: a document, its signature, and who signed.

    signature = Ed25519("intake/" ‖ what ‖ "/v1" ‖ 00 ‖ JCS(document))
    envelope  = JCS({document, signature, certificate}), at most 8 KiB

Nothing travels without the member's certificate, so that it can be verified with the root alone.
"""

from crypto import checks, primitives
from crypto.encoding import Json, b64u_decode, b64u_encode, canonical_json, parse_canonical_json
from crypto.errors import FormatError, VerifyError
from crypto.members import Member, certified
from crypto.primitives import SigningKey

MAX_ENVELOPE = 8 * 1024


def encode_envelope(what: str, document: dict[str, Json], key: SigningKey, certificate: bytes) -> bytes:
    """The envelope of a document; `certificate` is the signer's, as its root signed it."""
    return canonical_json(
        {
            "document": document,
            "signature": b64u_encode(key.sign(_signed(what, document))),
            "certificate": parse_canonical_json(certificate),
        }
    )


def verify_envelope(
    what: str, names: str, envelope: bytes, root: bytes, mechanism: str
) -> tuple[dict[str, Json], Member]:
    """(document, who signed it); `FormatError` or `VerifyError`.

    The document has exactly these names, `day` and `mechanism` among them. The signer was certified by
    `root` for that mechanism and day.
    """
    if len(envelope) > MAX_ENVELOPE:
        raise FormatError("the envelope is too long")
    top = checks.exactly(parse_canonical_json(envelope), "document signature certificate")
    document = checks.exactly(top["document"], names)
    checks.version(document["v"], what)
    if checks.text(document["mechanism"], checks.SLUG) != mechanism:
        raise VerifyError("this is of another mechanism")
    member = certified(top["certificate"], root, mechanism, checks.text(document["day"], checks.DAY))
    primitives.verify_signature(member.key, b64u_decode(top["signature"], 64), _signed(what, document))
    return document, member


def _signed(what: str, document: dict[str, Json]) -> bytes:
    return f"intake/{what}/v1\0".encode("ascii") + canonical_json(document)
