"""Compartments and grants: consent, enforced by keys. `docs/wire.md`, "Compartments and grants".

A compartment is the set of parts of a record that are granted together. It has an age key pair of its
own, made by the submitter's client; every header of its parts has that one recipient. A grant is the
compartment's identity, sealed as a small age file to one reader. So with stock tools:

    age -d -i reader.key grant.age > compartment.key
    age -d -i compartment.key part.age
"""

from collections.abc import Sequence
from dataclasses import dataclass

from crypto import age_header, age_stream, sealing
from crypto.age_keys import Identity, Recipient
from crypto.errors import FormatError, VerifyError

CLASSES = ("triage", "account", "identity", "sensitive")
_GRANT_PLAIN = len("AGE-SECRET-KEY-PQ-1") + 52 + 6 + 1
RANDOM_BYTES = 32
MAX_GRANT = 8 * 1024


@dataclass(frozen=True, slots=True)
class Compartment:
    """A compartment whose key is at hand. `id` is 32 hex digits."""

    id: str
    kind: str
    identity: Identity
    generation: int = 1

    def grant(self, reader: Recipient, *, file_key: bytes, nonce: bytes) -> bytes:
        """The compartment's identity, sealed to `reader`; 16 + 16 fresh random bytes."""
        plain = (self.identity.text + "\n").encode("ascii")
        return sealing.seal_file(plain, reader, file_key=file_key, nonce=nonce)


def check_grant_form(grant: bytes) -> None:
    """What can be checked of a grant without opening it; `FormatError` if it cannot be one."""
    if len(grant) > MAX_GRANT:
        raise FormatError("a grant is too long")
    header, payload = sealing.split(grant)
    age_header.require_post_quantum(header)
    if len(payload) != age_stream.sealed_length(_GRANT_PLAIN):
        raise FormatError("a grant holds one compartment identity and nothing else")


def open_grant(grant: bytes, readers: Sequence[Identity], recipient: str) -> Identity:
    """The compartment's identity.

    `recipient` is what the signed statement names for this compartment: a grant for another
    compartment or record is a `VerifyError`. `NotMine` if it is sealed to somebody else.
    """
    identity = open_identity(grant, readers)
    if identity.recipient.text != recipient:
        raise VerifyError("the grant belongs to another compartment")
    return identity


def open_identity(file: bytes, readers: Sequence[Identity]) -> Identity:
    """The identity that a file of a grant's form holds, whosever it is; errors as of `open_grant`."""
    text = sealing.open_file(file, readers).decode("ascii", "replace")
    try:
        return Identity.parse(text.removesuffix("\n"))
    except FormatError as error:
        raise VerifyError("the grant does not hold a compartment identity") from error
