"""Post-quantum age identities and recipients (C2SP age.md, "mlkem768x25519").

An identity is a 32-byte seed, written `AGE-SECRET-KEY-PQ-1…`; a recipient is the 1216-byte public
key, written `age1pq1…`. Its fingerprint, SHA-256 in hex, names it where 2 kB would be too long.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

from crypto import primitives
from crypto.encoding import bech32_decode, bech32_encode

_IDENTITY_HRP = "age-secret-key-pq-"
_RECIPIENT_HRP = "age1pq"


@dataclass(frozen=True)
class Recipient:
    """Somebody to seal to. `public` is 1216 bytes."""

    public: bytes

    @classmethod
    @lru_cache(256)  # of a mechanism's keys each is read again with every bundle, log entry and statement
    def parse(cls, text: str) -> "Recipient":
        """From `age1pq1…`; `FormatError` if it is not one, or not a valid key."""
        public = bech32_decode(text, _RECIPIENT_HRP)
        primitives.hybrid_public(public)
        recipient = cls(public)
        recipient.__dict__["text"] = text.lower()
        return recipient

    @cached_property
    def text(self) -> str:
        """`age1pq1…`, about 2 kB."""
        return bech32_encode(_RECIPIENT_HRP, self.public)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the public key, hex."""
        return primitives.sha256(self.public).hex()


class Identity:
    """A secret key that opens what was sealed to `recipient`."""

    def __init__(self, seed: bytes) -> None:
        self.seed = seed
        self.key = primitives.hybrid_from_seed(seed)
        self.recipient = Recipient(self.key.public)

    @classmethod
    def parse(cls, text: str) -> "Identity":
        """From `AGE-SECRET-KEY-PQ-1…`; `FormatError` if it is not one."""
        return cls(bech32_decode(text, _IDENTITY_HRP))

    @property
    def text(self) -> str:
        """`AGE-SECRET-KEY-PQ-1…`: keep it secret."""
        return bech32_encode(_IDENTITY_HRP, self.seed).upper()

    def __repr__(self) -> str:
        return "Identity(secret)"
