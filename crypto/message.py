"""Messages between a submitter and one mechanism: sealed like every other part, signed on their own.

    signature = Ed25519("intake/message/v1" ‖ 00 ‖ JCS(document))
    envelope  = JCS({document, signature, certificate})

A message is a structured part (kind `message`) of one of the record's compartments. No statement names
it: its document does, and says whom it is between. The submitter signs with the receipt's key, and then
`certificate` is null; a mechanism signs with a member's key, whose certificate travels along. Sealing
needs the compartment's recipient only, which the signed statement names: who may write needs no right
to read.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from crypto import age_header, checks, commitments, padding, primitives, sealing
from crypto.age_header import FILE_KEY_SIZE
from crypto.age_keys import Identity, Recipient
from crypto.age_stream import NONCE_SIZE
from crypto.encoding import Json, b64u_decode, b64u_encode, canonical_json, parse_canonical_json
from crypto.errors import FormatError, VerifyError
from crypto.members import Member, verify_member
from crypto.primitives import SigningKey
from crypto.record_writer import SealedPart
from crypto.statement import PartEntry, key_commitment

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
    plain = fields.encode()
    plain += bytes(padding.padded_length(len(plain), padding.TEXT_FLOOR) - len(plain))
    file_key = random(FILE_KEY_SIZE)
    payload = sealing.seal_payload(plain, file_key, random(NONCE_SIZE))
    entry = PartEntry(
        random(16).hex(),
        KIND,
        compartment_id,
        hashlib.sha256(payload).hexdigest(),
        key_commitment(file_key, record),
        fields.commitment().hex(),
    )
    return SealedPart(entry, sealing.wrap(file_key, recipient), payload)


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
        member = _certified(top["certificate"], root, mechanism, day)
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


def open_entry(entry: PartEntry, record: str, file: bytes, compartment: Identity) -> commitments.Fields:
    """The fields of a structured part that something signed names: the checks of `record_reader`.

    `compartment` is the identity of the compartment that the entry names. `NotMine` if the part is sealed
    to another, `VerifyError` if key, payload or fields are not those that were signed.
    """
    header, payload = sealing.split(file)
    age_header.require_post_quantum(header)
    file_key = sealing.unwrap(header, [compartment])
    if key_commitment(file_key, record) != entry.key_commitment:
        raise VerifyError("the key is not the one that was signed")
    if hashlib.sha256(payload).hexdigest() != entry.payload_id:
        raise VerifyError("the payload is not the one that was signed")
    fields = commitments.Fields.parse(sealing.open_payload(payload, file_key))
    if fields.commitment().hex() != entry.commitment:
        raise VerifyError("the fields are not the ones that were signed")
    return fields


def _envelope(envelope: bytes) -> dict[str, Json]:
    if len(envelope) > MAX_ENVELOPE:
        raise FormatError("the message's envelope is too long")
    return checks.exactly(parse_canonical_json(envelope), "document signature certificate")


def _document(top: dict[str, Json]) -> dict[str, Json]:
    found = checks.exactly(top["document"], "v record mechanism sender day answers part")
    checks.version(found["v"], "message")
    return found


def _certified(value: Json, root: bytes, mechanism: str, day: str) -> Member:
    if value is None:
        raise VerifyError("a mechanism's message is signed by a member")
    member = verify_member(canonical_json(value), root)
    if member.mechanism != mechanism or not member.valid_on(day):
        raise VerifyError("the member did not speak for this mechanism on that day")
    return member


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
