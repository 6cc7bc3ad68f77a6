"""Messages between a submitter and one mechanism: sealed like every other part, signed on their own.

    signature = Ed25519("intake/message/v1" ‖ 00 ‖ JCS(document))
    envelope  = JCS({document, signature, certificate})

A message is a structured part (kind `message`) of one of the record's compartments. No statement names
it: its document does, and says whom it is between. The submitter signs with the receipt's key, and then
`certificate` is null; a mechanism signs with a member's key, whose certificate travels along. Sealing
needs the compartment's recipient only, which the signed statement names: who may write needs no right
to read.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from crypto import checks, commitments, padding, primitives
from crypto.age_keys import Identity, Recipient
from crypto.encoding import Json, b64u_decode, b64u_encode, canonical_json, parse_canonical_json
from crypto.errors import FormatError, VerifyError
from crypto.members import Member, certified
from crypto.primitives import SigningKey
from crypto.record_reader import open_entry
from crypto.record_writer import SealedPart, seal_fields
from crypto.statement import PartEntry

KIND = "message"
SUBMITTER, MECHANISM = "submitter", "mechanism"
MAX_ENVELOPE = 8 * 1024
_DOMAIN = b"intake/message/v1\0"


@dataclass(frozen=True, slots=True)
class Message:
    """A verified message, not yet opened. `answers` is the id of the part that it answers, or None.

    `key` is what signed it (32 bytes); `member` is whose key that is, None if the submitter's.
    """

    record: str
    mechanism: str
    sender: str
    day: str
    answers: str | None
    part: PartEntry
    key: bytes
    member: Member | None


def seal_message(
    recipient: Recipient,
    record: str,
    compartment_id: str,
    values: Mapping[str, Json],
    random: Callable[[int], bytes],
) -> SealedPart:
    """Seal named values for a compartment, whose `recipient` the statement names.

    `random(n)` returns n fresh random bytes. The text is padded as all texts are.
    """
    fields = commitments.Fields.salted(values, random)
    return seal_fields(KIND, compartment_id, recipient, record, fields, padding.TEXT_FLOOR, random)


def sign_message(
    key: SigningKey,
    *,
    record: str,
    mechanism: str,
    day: str,
    answers: str | None,
    part: PartEntry,
    certificate: bytes | None = None,
) -> bytes:
    """The envelope: from the submitter with the receipt's key, or from a member with its certificate."""
    document: dict[str, Json] = {
        "v": 1,
        "record": record,
        "mechanism": mechanism,
        "sender": SUBMITTER if certificate is None else MECHANISM,
        "day": day,
        "answers": answers,
        "part": asdict(part),
    }
    return canonical_json(
        {
            "document": document,
            "signature": b64u_encode(key.sign(_DOMAIN + canonical_json(document))),
            "certificate": None if certificate is None else parse_canonical_json(certificate),
        }
    )


def addressed(envelope: bytes) -> tuple[str, str]:
    """(mechanism, part id) that an envelope names, before anything of it is verified; `FormatError`."""
    found = _document(_envelope(envelope))
    return checks.text(found["mechanism"], checks.SLUG), _part(found["part"]).id


def verify_message(
    envelope: bytes, *, sign_keys: Sequence[bytes], root: bytes, record: str, mechanism: str
) -> Message:
    """Parse an envelope and check who signed it; `FormatError` or `VerifyError`.

    `sign_keys` are the keys of the record's receipts and `root` is the mechanism's: a submitter's message
    holds by one of the former alone, a mechanism's by a member's key alone that `root` certified for the
    day of the message. A message of another record, or of another mechanism, is refused.
    """
    top = _envelope(envelope)
    found = _document(top)
    sender = checks.one_of(found["sender"], (SUBMITTER, MECHANISM))
    day = checks.text(found["day"], checks.DAY)
    if checks.digest(found["record"]) != record:
        raise VerifyError("the message belongs to another record")
    if checks.text(found["mechanism"], checks.SLUG) != mechanism:
        raise VerifyError("the message is between other people")
    signature, signed = b64u_decode(top["signature"], 64), _DOMAIN + canonical_json(found)
    member: Member | None = None
    if sender == MECHANISM:
        if top["certificate"] is None:
            raise VerifyError("a mechanism's message is signed by a member")
        member = certified(top["certificate"], root, mechanism, day)
        primitives.verify_signature(member.key, signature, signed)
        key = member.key
    else:
        if top["certificate"] is not None:
            raise FormatError("a submitter's message has no certificate")
        key = _signer(sign_keys, signature, signed)
    answers = None if found["answers"] is None else checks.identifier(found["answers"])
    return Message(record, mechanism, sender, day, answers, _part(found["part"]), key, member)


def open_message(message: Message, file: bytes, compartment: Identity) -> commitments.Fields:
    """The fields of a verified message from its whole age file."""
    return open_entry(message.part, message.record, file, compartment)


def _envelope(envelope: bytes) -> dict[str, Json]:
    if len(envelope) > MAX_ENVELOPE:
        raise FormatError("the message's envelope is too long")
    return checks.exactly(parse_canonical_json(envelope), "document signature certificate")


def _document(top: dict[str, Json]) -> dict[str, Json]:
    found = checks.exactly(top["document"], "v record mechanism sender day answers part")
    checks.version(found["v"], "message")
    return found


def _signer(sign_keys: Sequence[bytes], signature: bytes, signed: bytes) -> bytes:
    for key in sign_keys:
        try:
            primitives.verify_signature(key, signature, signed)
        except VerifyError:
            continue
        return key
    raise VerifyError("the message is not signed by a receipt of this record")


def _part(value: Json) -> PartEntry:
    v = checks.exactly(value, "id kind compartment payload_id key_commitment commitment")
    return PartEntry(
        checks.identifier(v["id"]),
        checks.one_of(v["kind"], (KIND,)),
        checks.identifier(v["compartment"]),
        checks.digest(v["payload_id"]),
        checks.digest(v["key_commitment"]),
        checks.digest(v["commitment"]),
    )
