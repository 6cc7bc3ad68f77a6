"""Checkpoints: what a log was at one size, as a signed note (C2SP tlog-checkpoint, v1.0.0).

    <origin>                  the log's name, and the name of its keys
    <size>                    decimal
    <base64(root)>
    [extension lines]

Signatures are those of `crypto.notes`. The log signs with Ed25519 (type 01, the text) and ML-DSA-44
(type 06); witnesses sign with either cosignature of C2SP tlog-cosignature (v1.1.0-rc.1, the first
with ML-DSA), which hold a time, in seconds since 1970:

    04  Ed25519("cosignature/v1\\ntime <time>\\n" ‖ text)
    06  ML-DSA-44("subtree/v1\\n" ‖ 00 ‖ u8 length ‖ key name ‖ u64be time ‖ u8 length ‖ origin
                  ‖ u64be 0 ‖ u64be size ‖ root)

ML-DSA-44 is used pure, with an empty context. Its message has no place for extension lines, so they are
refused wherever an ML-DSA signature is made or checked: they would look signed and not be.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from crypto import notes, primitives
from crypto.encoding import utf8
from crypto.errors import FormatError, VerifyError
from crypto.merkle import EMPTY_ROOT, HASH_SIZE, MAX_SIZE
from crypto.notes import Note, Signature, VerifierKey, padded_b64, parse_padded_b64
from crypto.primitives import MldsaSigningKey, SigningKey

MAX_TIME: Final = 2**63 - 1
MAX_LINES: Final = 16  # extension lines
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_TIME_SIZE = 8


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A claim: the log `origin` had this root at this size."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lines = (self.origin, *self.extensions)
        if any(not line or any(c < " " for c in line) for line in lines) or len(lines) > 1 + MAX_LINES:
            raise FormatError("a line of a checkpoint is empty or holds a control character")
        if not 0 <= self.size <= MAX_SIZE or len(self.root) != HASH_SIZE:
            raise FormatError("not the size and root of a tree")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise FormatError("the empty tree has another root")

    @property
    def text(self) -> str:
        """The text of the note."""
        return "\n".join((self.origin, str(self.size), padded_b64(self.root), *self.extensions, ""))

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Inverse of `text`; `FormatError` on any other form."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() != "":
            raise FormatError("a checkpoint has at least three lines, each one ended")
        origin, size, root, *extensions = lines
        checkpoint = cls(origin, parse_number(size), parse_padded_b64(root, HASH_SIZE), tuple(extensions))
        if checkpoint.text != text:
            raise FormatError("the checkpoint is not in its one form")
        return checkpoint


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A signature that holds, and the time its maker says it was made (None for type 01)."""

    key: VerifierKey
    time: int | None


@dataclass(frozen=True, slots=True)
class Verified:
    """A checkpoint that the log signed, and every known key's signature on it."""

    checkpoint: Checkpoint
    note: Note
    log: tuple[Cosigned, ...]
    witnesses: tuple[Cosigned, ...]


def sign(checkpoint: Checkpoint, key: SigningKey, mldsa: MldsaSigningKey, time: int) -> bytes:
    """The note that the log publishes, signed by both of its keys under its origin as their name.

    Not reproducible: ML-DSA draws randomness of its own.
    """
    signatures = (
        notes.sign(checkpoint.text, checkpoint.origin, key),
        cosign_mldsa(checkpoint, checkpoint.origin, mldsa, time),
    )
    return Note(checkpoint.text, signatures).encode()


def cosign(checkpoint: Checkpoint, name: str, key: SigningKey, time: int) -> Signature:
    """A witness's Ed25519 signature (type 04): "I have seen no larger tree of this log, and it grew"."""
    value = _time_bytes(time) + key.sign(_ed25519_message(checkpoint, time))
    return Signature(name, VerifierKey(name, notes.COSIGNATURE, key.public).id, value)


def cosign_mldsa(checkpoint: Checkpoint, name: str, key: MldsaSigningKey, time: int) -> Signature:
    """The same in ML-DSA-44 (type 06). Time 0 says nothing about larger trees; witnesses give a time."""
    value = _time_bytes(time) + key.sign(mldsa_message(checkpoint, name, time))
    return Signature(name, VerifierKey(name, notes.MLDSA_COSIGNATURE, key.public).id, value)


def verify(
    data: bytes,
    origin: str,
    log_keys: Sequence[VerifierKey],
    witnesses: Sequence[VerifierKey] = (),
    *,
    quorum: int = 0,
    latest: int = MAX_TIME,
) -> Verified:
    """Check a signed checkpoint; `FormatError` if it is none, `VerifyError` if it cannot be trusted.

    Every one of `log_keys` must have signed: a log with an Ed25519 and an ML-DSA key is believed only
    with both. Of `witnesses` at least `quorum` must have; one that signed wrongly spoils the note.
    Signatures made after `latest` (seconds since 1970) are refused.
    """
    keys = notes.distinct([*log_keys, *witnesses])
    if not log_keys:
        raise FormatError("a checkpoint is verified with the log's keys")
    # 1. The form, and that it speaks of this log.
    note = Note.parse(data)
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != origin:
        raise VerifyError("the checkpoint is another log's")
    # 2. Every signature by a key we know, the log's or a witness's.
    found = {}
    for key in keys:
        if (signature := note.signature_by(key)) is not None:
            found[key] = Cosigned(key, verify_signature(checkpoint, key, signature, latest=latest))
    # 3. Who must have signed.
    if not all(key in found for key in log_keys):
        raise VerifyError("a key of the log has not signed the checkpoint")
    seen = tuple(found[key] for key in witnesses if key in found)
    if len(seen) < quorum:
        raise VerifyError("too few witnesses have signed the checkpoint")
    return Verified(checkpoint, note, tuple(found[key] for key in log_keys), seen)


def verify_signature(
    checkpoint: Checkpoint, key: VerifierKey, signature: Signature, *, latest: int = MAX_TIME
) -> int | None:
    """Check one signature of any of the three types; its time, or None for type 01. `VerifyError`."""
    if not signature.by(key):
        raise VerifyError("the signature is another key's")
    if key.kind == notes.ED25519:
        primitives.verify_signature(key.public, signature.value, utf8(checkpoint.text))
        return None
    time, value = int.from_bytes(signature.value[:_TIME_SIZE], "big"), signature.value[_TIME_SIZE:]
    if time > min(latest, MAX_TIME):
        raise VerifyError("the signature is from the future")
    if key.kind == notes.COSIGNATURE:
        primitives.verify_signature(key.public, value, _ed25519_message(checkpoint, time))
    else:
        try:
            message = mldsa_message(checkpoint, key.name, time)
        except FormatError as error:
            raise VerifyError(str(error)) from error
        primitives.verify_mldsa(key.public, value, message)
    return time


def mldsa_message(checkpoint: Checkpoint, name: str, time: int) -> bytes:
    """`cosigned_message` of C2SP tlog-cosignature, for the whole tree. `FormatError` with extensions."""
    if checkpoint.extensions:
        raise FormatError("ML-DSA signatures do not cover extension lines")
    return b"".join(
        (
            b"subtree/v1\n\0",
            _short(name),
            _time_bytes(time),
            _short(checkpoint.origin),
            bytes(8),  # the subtree's start: a checkpoint is of the whole tree
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )


def parse_number(text: str) -> int:
    """A decimal number up to 2⁶³-1 without leading zeros. `FormatError`."""
    if not _NUMBER.fullmatch(text) or int(text) > MAX_SIZE:
        raise FormatError("not a decimal number")
    return int(text)


def _ed25519_message(checkpoint: Checkpoint, time: int) -> bytes:
    return utf8(f"cosignature/v1\ntime {time}\n{checkpoint.text}")


def _time_bytes(time: int) -> bytes:
    if not 0 <= time <= MAX_TIME:
        raise FormatError("not a time")
    return time.to_bytes(_TIME_SIZE, "big")


def _short(text: str) -> bytes:
    data = utf8(text)
    if not 1 <= len(data) <= 255:
        raise FormatError("a name in an ML-DSA signature has 1 to 255 bytes")
    return bytes([len(data)]) + data
