"""Signed notes: a text and the signatures of those who stand by it (C2SP signed-note, v1.0.0).

    <text, ends in a newline>
    <empty line>
    — <key name> <base64(key id ‖ signature)>          one line for each signature

    key id = SHA-256(key name ‖ 0A ‖ type ‖ public key)[0..4]
    verifier key = <key name>+<hex(key id)>+<base64(type ‖ public key)>

| type | | public key | signature |
|---|---|---|---|
| 01 | Ed25519 over the text | 32 | 64 |
| 04 | Ed25519 cosignature of a checkpoint | 32 | u64be time ‖ 64 |
| 06 | ML-DSA-44 cosignature of a checkpoint | 1312 | u64be time ‖ 2420 |

Types 04 and 06 (C2SP tlog-cosignature, v1.1.0-rc.1) are made and checked in `crypto.checkpoints`. The id
of a key is short and no proof: it says which of the keys one knows to try. A line by an unknown key
proves nothing and is passed over, as the specification asks, but has to be well formed.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from crypto import primitives
from crypto.encoding import b64_decode, hex_decode, utf8
from crypto.errors import FormatError, VerifyError
from crypto.primitives import SigningKey

ED25519: Final = 0x01
COSIGNATURE: Final = 0x04
MLDSA_COSIGNATURE: Final = 0x06
PUBLIC_SIZES: Final = {ED25519: 32, COSIGNATURE: 32, MLDSA_COSIGNATURE: primitives.MLDSA_PUBLIC}

MAX_BYTES: Final = 256 * 1024
MAX_SIGNATURES: Final = 32  # the specification asks for at least 16
KEY_ID_SIZE: Final = 4
_DASH = "\u2014 "


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """Whose signature counts: a name, a type of the table above, and a public key."""

    name: str
    kind: int
    public: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if PUBLIC_SIZES.get(self.kind) != len(self.public):
            raise FormatError("an unknown type of key, or a key of another length")

    @property
    def id(self) -> bytes:
        """4 bytes."""
        return primitives.sha256(utf8(self.name), b"\n", bytes([self.kind]), self.public)[:KEY_ID_SIZE]

    @property
    def text(self) -> str:
        """As it is handed out."""
        return f"{self.name}+{self.id.hex()}+{padded_b64(bytes([self.kind]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Inverse of `text`; `FormatError` also if the id is another key's."""
        parts = text.split("+", 2) if isinstance(text, str) else []
        if len(parts) != 3:
            raise FormatError("not a verifier key")
        name, key_id, encoded = parts
        hex_decode(key_id, KEY_ID_SIZE)
        public = parse_padded_b64(encoded)
        key = cls(name, public[0], public[1:])
        if key.text != text:
            raise FormatError("the id is not that of this verifier key")
        return key


@dataclass(frozen=True, slots=True)
class Signature:
    """One line: who, and what the type of that key makes of `value`."""

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        """With its newline."""
        return f"{_DASH}{self.name} {padded_b64(self.key_id + self.value)}\n"

    @classmethod
    def parse(cls, line: str) -> "Signature":
        """Inverse of `line`; `FormatError` on any other form."""
        if not line.startswith(_DASH) or not line.endswith("\n"):
            raise FormatError("not a signature line")
        name, _, encoded = line[len(_DASH) : -1].partition(" ")
        check_name(name)
        raw = parse_padded_b64(encoded)
        if len(raw) <= KEY_ID_SIZE:
            raise FormatError("a signature line without a signature")
        return cls(name, raw[:KEY_ID_SIZE], raw[KEY_ID_SIZE:])

    def by(self, key: VerifierKey) -> bool:
        """Whether it claims to be made with this key."""
        return self.name == key.name and self.key_id == key.id


@dataclass(frozen=True, slots=True)
class Note:
    """A text, ending in a newline, and at least one signature. What it says is unproven: see `verify`."""

    text: str
    signatures: tuple[Signature, ...]

    def encode(self) -> bytes:
        """As it is published; `FormatError` if it would not be read back."""
        data = utf8(self.text + "\n" + "".join(s.line for s in self.signatures))
        if Note.parse(data) != self:
            raise FormatError("not a note")
        return data

    @classmethod
    def parse(cls, data: bytes) -> "Note":
        """Strictly: at most 256 KiB, 32 signatures, no control characters. `FormatError`."""
        if len(data) > MAX_BYTES:
            raise FormatError("the note is too long")
        try:
            whole = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise FormatError("the note is not UTF-8") from error
        if any(c < " " and c != "\n" for c in whole):
            raise FormatError("the note holds a control character")
        # The text may hold empty lines itself; the last one in the note ends it.
        before, blank, lines = whole.rpartition("\n\n")
        if not blank or not lines.endswith("\n"):
            raise FormatError("not a note: no signatures, or the last line is not ended")
        signatures = lines[:-1].split("\n")  # not splitlines: it also splits at U+2028 and U+0085
        if len(signatures) > MAX_SIGNATURES:
            raise FormatError("the note has too many signatures")
        return cls(before + "\n", tuple(Signature.parse(s + "\n") for s in signatures))

    def with_signature(self, signature: Signature) -> "Note":
        """The note with one more line; `FormatError` if that key has signed already."""
        if any((s.name, s.key_id) == (signature.name, signature.key_id) for s in self.signatures):
            raise FormatError("that key has signed this note already")
        return replace(self, signatures=(*self.signatures, signature))

    def signature_by(self, key: VerifierKey) -> Signature | None:
        """The line that claims to be this key's; `VerifyError` if there are two."""
        found = [s for s in self.signatures if s.by(key)]
        if len(found) > 1:
            raise VerifyError("a known key has signed twice")
        return found[0] if found else None


def sign(text: str, name: str, key: SigningKey) -> Signature:
    """An Ed25519 signature (type 01) over a note's text."""
    return Signature(name, VerifierKey(name, ED25519, key.public).id, key.sign(utf8(text)))


def verify(data: bytes, keys: Iterable[VerifierKey]) -> Note:
    """The note, if at least one of these keys (type 01) signed it and no signature by one is wrong.

    `FormatError` if it is no note, `VerifyError` if it is not signed.
    """
    note = Note.parse(data)
    signed = False
    for key in distinct(keys):
        if key.kind != ED25519:
            raise FormatError("a key of this type signs checkpoints, not notes")
        if (signature := note.signature_by(key)) is not None:
            primitives.verify_signature(key.public, signature.value, utf8(note.text))
            signed = True
    if not signed:
        raise VerifyError("no known key has signed the note")
    return note


def distinct(keys: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
    """The keys; `FormatError` if two could not be told apart by name and id."""
    found = tuple(keys)
    if len({(k.name, k.id) for k in found}) != len(found):
        raise FormatError("two verifier keys share their name and id")
    return found


def check_name(name: str) -> None:
    """`FormatError` unless it can be a key's name: no spaces, control characters or plus signs."""
    if not name or "+" in name or any(c.isspace() or c < " " for c in name):
        raise FormatError("not a key name")
    utf8(name)


def padded_b64(data: bytes) -> str:
    """RFC 4648, section 4, with padding: notes differ in this from age files and from our JSON."""
    return base64.b64encode(data).decode("ascii")


def parse_padded_b64(text: str, length: int | None = None) -> bytes:
    """Inverse of `padded_b64`: at least one byte, or exactly `length`. `FormatError`."""
    data = b64_decode(text.rstrip("="))
    if not data or padded_b64(data) != text:
        raise FormatError("not canonical base64 with padding")
    if length is not None and len(data) != length:
        raise FormatError(f"expected {length} bytes, got {len(data)}")
    return data
