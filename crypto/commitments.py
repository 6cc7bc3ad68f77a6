"""Salted commitments: a signed statement can be checked field by field, and fields can be left out.

    leaf       = SHA-256("intake/field/v1" ‖ 00 ‖ salt ‖ JCS([name, value]))
    commitment = SHA-256("intake/commitment/v1" ‖ 00 ‖ part salt ‖ leaves in ascending order)

Salts have 16 bytes. An export that must not show an identity gives the leaf of each omitted field and
salt and value of the others, and the statement's signature still covers all of it. Leaves are ordered
by their hash, so that their places tell nothing about omitted names.

The plaintext of a structured part (narrative, triage card, label, …) is

    JCS({"v": 1, "salt": …, "fields": {name: [salt, value], …}})
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from crypto import checks, primitives
from crypto.encoding import Json, b64u_decode, b64u_encode, canonical_json, parse_canonical_json
from crypto.errors import FormatError
from crypto.padding import strip_text

SALT_SIZE = 16
MAX_FIELDS = 2000


@dataclass(frozen=True)
class Fields:
    """Named values, each with a salt of its own."""

    salt: bytes
    fields: Mapping[str, tuple[bytes, Json]]

    @classmethod
    def salted(cls, values: Mapping[str, Json], random: Callable[[int], bytes]) -> "Fields":
        """Salt each value; `random(n)` returns n fresh random bytes."""
        salted = {name: (random(SALT_SIZE), value) for name, value in values.items()}
        return cls(random(SALT_SIZE), salted)

    @property
    def values(self) -> dict[str, Json]:
        """Names and values, without salts."""
        return {name: value for name, (_, value) in self.fields.items()}

    def leaves(self) -> dict[str, bytes]:
        """The leaf of each field, 32 bytes."""
        return {name: leaf(salt, name, value) for name, (salt, value) in self.fields.items()}

    def commitment(self) -> bytes:
        """32 bytes."""
        return commitment(self.salt, self.leaves().values())

    def encode(self) -> bytes:
        """The plaintext, before padding."""
        fields = {name: [b64u_encode(salt), value] for name, (salt, value) in self.fields.items()}
        return canonical_json({"v": 1, "salt": b64u_encode(self.salt), "fields": fields})

    @classmethod
    def parse(cls, padded: bytes) -> "Fields":
        """Inverse of `encode`, after stripping zero padding; `FormatError` if it is not that form."""
        value = parse_canonical_json(strip_text(padded))
        checks.version(checks.exactly(value, "v salt fields")["v"], "structured part")
        raw = value["fields"]
        if not isinstance(raw, dict) or len(raw) > MAX_FIELDS:
            raise FormatError("a structured part has named fields")
        return cls(b64u_decode(value["salt"], SALT_SIZE), {n: _field(f) for n, f in raw.items()})


def leaf(salt: bytes, name: str, value: Json) -> bytes:
    """The leaf of one field, 32 bytes."""
    return primitives.sha256(b"intake/field/v1\0", salt, canonical_json([name, value]))


def commitment(salt: bytes, leaves: Iterable[bytes]) -> bytes:
    """The commitment over all leaves of a part, disclosed or not, 32 bytes."""
    return primitives.sha256(b"intake/commitment/v1\0", salt, *sorted(leaves))


def _field(raw: Json) -> tuple[bytes, Json]:
    if not isinstance(raw, list) or len(raw) != 2:
        raise FormatError("a field is [salt, value]")
    return b64u_decode(raw[0], SALT_SIZE), raw[1]
