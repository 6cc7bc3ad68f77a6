"""Why identity or what is intimate is asked for, in words: signed by who asks, sealed to who decides.

    envelope = what a member signs (`envelopes`), domain "intake/reason/v1"
    file     = an age file of the envelope, padded with zeros to 8 KiB, with a stanza for each reader

The document says for which request it is, so that it counts for no other. It is sealed to the custodians
of the mechanism and to who asks; who keeps it sees how many readers it has, and nothing of the words.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from crypto import age_header, age_stream, checks, envelopes, sealing
from crypto.age_header import FILE_KEY_SIZE
from crypto.age_keys import Identity, Recipient
from crypto.age_stream import NONCE_SIZE
from crypto.encoding import Json
from crypto.errors import FormatError, VerifyError
from crypto.members import Member
from crypto.primitives import SigningKey

MAX_CHARACTERS = 2000
MAX_READERS = age_header.MAX_STANZAS
MAX_FILE = 40 * 1024  # with twenty readers it has 39,434 bytes
_PLAIN = envelopes.MAX_ENVELOPE
_WHAT = "reason"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its id, the record, for whom (a member, or "client:" and a program), who asks, and for what.

    `classes` are in ascending order; `reason` is the one that was chosen.
    """

    request: str
    record: str
    member: str
    asked_by: str
    classes: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Verified words: what they say, the day that they carry, and who signed them."""

    text: str
    day: str
    member: Member


def sign_reason(
    key: SigningKey, certificate: bytes, *, mechanism: str, asked: Asked, day: str, text: str
) -> bytes:
    """The envelope, by the key of who asks, with its certificate; `FormatError` if the words are too long."""
    document: dict[str, Json] = {"v": 1, "mechanism": mechanism, "day": day, "text": _text(text)}
    document |= asdict(asked) | {"classes": list(asked.classes)}
    envelope = envelopes.encode_envelope(_WHAT, document, key, certificate)
    if len(envelope) > envelopes.MAX_ENVELOPE:
        raise FormatError("the reason is too long")
    return envelope


def verify_envelope(envelope: bytes, root: bytes, mechanism: str, asked: Asked) -> Reason:
    """Parse an envelope and check who signed it; `FormatError` or `VerifyError`.

    Words of another request, or by somebody else than who asks, are refused.
    """
    names = "v mechanism day text request record member asked_by classes reason"
    found, member = envelopes.verify_envelope(_WHAT, names, envelope, root, mechanism)
    said = asdict(asked) | {"classes": list(asked.classes)}
    if any(found[name] != value for name, value in said.items()):
        raise VerifyError("the reason belongs to another request")
    if member.id != asked.asked_by:
        raise VerifyError("the reason is somebody else's than who asks")
    return Reason(_text(found["text"]), checks.text(found["day"], checks.DAY), member)


def seal_envelope(envelope: bytes, readers: Sequence[Recipient], random: Callable[[int], bytes]) -> bytes:
    """The file, for 1 to `MAX_READERS`; `random(n)` returns n fresh random bytes."""
    if not 1 <= len(readers) <= MAX_READERS:
        raise FormatError(f"a reason is sealed to 1 to {MAX_READERS} readers")
    file_key, nonce = random(FILE_KEY_SIZE), random(NONCE_SIZE)
    payload = sealing.seal_payload(envelope.ljust(_PLAIN, b"\0"), file_key, nonce)
    return sealing.wrap(file_key, *readers) + payload


def open_envelope(file: bytes, readers: Sequence[Identity]) -> bytes:
    """The envelope in a file, not yet verified. `NotMine` if it is sealed to others."""
    check_form(file)
    return sealing.open_file(file, readers).rstrip(b"\0")


def check_form(file: bytes) -> None:
    """What can be checked without opening it; `FormatError` if it cannot be one."""
    if len(file) > MAX_FILE:
        raise FormatError("the reason is too long")
    header, payload = sealing.split(file)
    for stanza in header.stanzas:
        if stanza.kind != age_header.STANZA_TYPE:
            raise FormatError(f"a reason has stanzas of type {age_header.STANZA_TYPE} only")
        age_header.check_hybrid(stanza)
    if len(payload) != age_stream.sealed_length(_PLAIN):
        raise FormatError("a reason holds an envelope and nothing else")


def _text(value: Json) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_CHARACTERS:
        raise FormatError(f"a reason has 1 to {MAX_CHARACTERS} characters")
    return value
