"""A log proof: one file that shows, offline, that an entry is in a log (C2SP tlog-proof, v1).

    c2sp.org/tlog-proof@v1
    [extra <base64>]
    index <decimal>
    <base64(hash)>            zero or more: the inclusion proof, from the leaf's sibling up
    <empty line>
    <checkpoint>              a signed note, as the log published it

`extra` is not authenticated: at most a hint to what the entry was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from crypto import checkpoints, merkle, notes
from crypto.checkpoints import MAX_TIME, Checkpoint, Verified, parse_number
from crypto.encoding import utf8
from crypto.errors import FormatError
from crypto.notes import Note, VerifierKey, padded_b64, parse_padded_b64

MAX_EXTRA: Final = 64 * 1024  # bytes
MAX_HASHES: Final = 63  # a tree of 2⁶³ leaves has no longer proof
MAX_BYTES: Final = notes.MAX_BYTES + 2 * MAX_EXTRA
_TITLE = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class LogProof:
    """Well formed, not verified: see `verify`. `extra` is None, or at least one byte."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def encode(self) -> bytes:
        """The file; `FormatError` if it would not be read back."""
        lines = [_TITLE]
        if self.extra is not None:
            lines.append(f"extra {padded_b64(self.extra)}")
        lines += [f"index {self.index}", *map(padded_b64, self.hashes), "", ""]
        data = utf8("\n".join(lines)) + self.checkpoint
        if LogProof.parse(data) != self:
            raise FormatError("not a log proof")
        return data

    @classmethod
    def parse(cls, data: bytes) -> "LogProof":
        """Inverse of `encode`; `FormatError` also if the checkpoint is not well formed."""
        head, blank, checkpoint = data.partition(b"\n\n")
        if len(data) > MAX_BYTES or not blank or not head.isascii():
            raise FormatError("not a log proof")
        title, *lines = head.decode("ascii").split("\n")
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = parse_padded_b64(lines.pop(0)[len("extra ") :])
        if title != _TITLE or not lines or not lines[0].startswith("index "):
            raise FormatError("not a log proof of version 1")
        index, *hashes = lines
        if len(hashes) > MAX_HASHES or len(extra or b"") > MAX_EXTRA:
            raise FormatError("the log proof is too long")
        Checkpoint.parse(Note.parse(checkpoint).text)
        return cls(
            parse_number(index[len("index ") :]),
            tuple(parse_padded_b64(h, merkle.HASH_SIZE) for h in hashes),
            checkpoint,
            extra,
        )


def verify(
    data: bytes,
    leaf: bytes,
    origin: str,
    log_keys: Sequence[VerifierKey],
    witnesses: Sequence[VerifierKey] = (),
    *,
    quorum: int = 0,
    latest: int = MAX_TIME,
) -> Verified:
    """Check that the entry with this leaf hash is in the log; arguments as in `checkpoints.verify`.

    `FormatError` if it is no log proof, `VerifyError` if it does not hold.
    """
    proof = LogProof.parse(data)
    verified = checkpoints.verify(proof.checkpoint, origin, log_keys, witnesses, quorum=quorum, latest=latest)
    checkpoint = verified.checkpoint
    merkle.verify_inclusion(leaf, proof.index, checkpoint.size, checkpoint.root, proof.hashes)
    return verified
