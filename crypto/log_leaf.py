"""Log leaves: 65 bytes that outsiders may see, and their openings.

    leaf       = 01 ‖ tag (32) ‖ commitment (32)
    tag        = HMAC-SHA-256(K_record, "tag" ‖ u64be counter)
    names      = SHA-256("intake/log-names/v1" ‖ 00 ‖ JCS([name, …]))        in ascending order
    commitment = SHA-256("intake/log-commitment/v1" ‖ 00 ‖ names ‖ field, …)   in the order of the names

where each field is `commitments.leaf`: a hash of its own salt (16 bytes), name and value. Who holds
K_record finds every leaf of a record by its tags, from counter 0 on without a gap; nobody else can tell
two leaves apart. An opening shows some fields and only the hashes of the others.

The commitment is not that of structured parts, whose leaves stand in the order of their hashes. There
the submitter commits to their own words; here the one who commits, the server, is the one to be
watched. It could commit to two values of one name and show each to another person. With the names and
their places committed to as well, one name has one value, whatever is shown.

Padding is a leaf like any other, with a random tag, whose only field says that it is padding.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from crypto import checks, commitments, primitives
from crypto.commitments import SALT_SIZE
from crypto.encoding import Json, b64u_decode, b64u_encode, canonical_json, hex_decode, parse_canonical_json
from crypto.errors import FormatError, VerifyError

SIZE: Final = 65
VERSION: Final = b"\x01"
TAG_SIZE: Final = 32
MAX_BYTES: Final = 64 * 1024  # of an opening
MAX_FIELDS: Final = 64
MAX_COUNTER: Final = 2**63 - 1
PADDING: Final = "padding"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")


@dataclass(frozen=True, slots=True)
class LogLeaf:
    """What is hashed into the tree."""

    tag: bytes
    commitment: bytes

    def __post_init__(self) -> None:
        if len(self.tag) != TAG_SIZE or len(self.commitment) != 32:
            raise FormatError("a log leaf is a tag and a commitment of 32 bytes each")

    def encode(self) -> bytes:
        """65 bytes."""
        return VERSION + self.tag + self.commitment

    @classmethod
    def parse(cls, data: bytes) -> "LogLeaf":
        """Inverse of `encode`; `FormatError` on another length or version."""
        if len(data) != SIZE or data[:1] != VERSION:
            raise FormatError("not a log leaf of version 1")
        return cls(data[1 : 1 + TAG_SIZE], data[1 + TAG_SIZE :])


@dataclass(frozen=True, slots=True)
class Opening:
    """Fields with their salts, and the hashes of those that are not shown, by name.

    It holds what outsiders must not see, so it does not print itself.
    """

    fields: Mapping[str, tuple[bytes, Json]] = field(repr=False)
    hidden: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        names = [*self.fields, *self.hidden]
        if not 0 < len(names) <= MAX_FIELDS or len(set(names)) != len(names):
            raise FormatError("an opening has 1 to 64 fields, each one shown or hidden")
        for name in names:
            checks.text(name, _NAME)
        if any(len(salt) != SALT_SIZE for salt, _ in self.fields.values()):
            raise FormatError("a salt has 16 bytes")
        if any(len(leaf) != 32 for leaf in self.hidden.values()):
            raise FormatError("the hash of a hidden field has 32 bytes")
        # `is`, because 1 == True in Python, and not in JSON.
        if PADDING in names and (len(names) > 1 or self.hidden or self.values[PADDING] is not True):
            raise FormatError("padding says so, and nothing else")

    @classmethod
    def salted(cls, values: Mapping[str, Json], random: Callable[[int], bytes]) -> "Opening":
        """Salt each value, in the order of the names; `random(n)` returns n fresh random bytes."""
        return cls({name: (random(SALT_SIZE), values[name]) for name in sorted(values)})

    @property
    def values(self) -> dict[str, Json]:
        """Names and values of the fields that are shown."""
        return {name: value for name, (_, value) in self.fields.items()}

    @property
    def padding(self) -> bool:
        """Whether it opens a leaf that stands for nothing."""
        return PADDING in self.fields

    def commitment(self) -> bytes:
        """32 bytes, the same whichever fields are shown."""
        shown = {name: commitments.leaf(salt, name, value) for name, (salt, value) in self.fields.items()}
        leaves = sorted((shown | dict(self.hidden)).items())
        names = primitives.sha256(b"intake/log-names/v1\0", canonical_json([name for name, _ in leaves]))
        return primitives.sha256(b"intake/log-commitment/v1\0", names, *(leaf for _, leaf in leaves))

    def disclose(self, names: Collection[str]) -> "Opening":
        """The opening that shows only these fields; `FormatError` if one of them is not shown here."""
        if not set(names) <= set(self.fields):
            raise FormatError("a field that is not shown cannot be disclosed")
        hidden = {
            name: commitments.leaf(salt, name, value)
            for name, (salt, value) in self.fields.items()
            if name not in names
        }
        return Opening({n: f for n, f in self.fields.items() if n in names}, {**self.hidden, **hidden})

    def encode(self) -> bytes:
        """JCS of {"v": 1, "fields": {name: [salt, value], …}, "hidden": {name: hash, …}}."""
        data = canonical_json(
            {
                "v": 1,
                "fields": {n: [b64u_encode(salt), value] for n, (salt, value) in self.fields.items()},
                "hidden": {n: leaf.hex() for n, leaf in self.hidden.items()},
            }
        )
        if len(data) > MAX_BYTES:
            raise FormatError("the opening is too long")
        return data

    @classmethod
    def parse(cls, data: bytes) -> "Opening":
        """Inverse of `encode`; `FormatError` on any other form."""
        if len(data) > MAX_BYTES:
            raise FormatError("the opening is too long")
        top = checks.exactly(parse_canonical_json(data), "v fields hidden")
        fields, hidden = top["fields"], top["hidden"]
        if checks.positive(top["v"]) != 1 or not isinstance(fields, dict) or not isinstance(hidden, dict):
            raise FormatError("not an opening of version 1")
        return cls(
            {name: _field(raw) for name, raw in fields.items()},
            {name: hex_decode(raw, 32) for name, raw in hidden.items()},
        )


def tag(record_key: bytes, counter: int) -> bytes:
    """The tag of a record's leaf number `counter`, from 0: 32 bytes."""
    if len(record_key) != 32 or not 0 <= counter <= MAX_COUNTER:
        raise FormatError("a tag has a key of 32 bytes and a counter from 0")
    return primitives.hmac_sha256(record_key, b"tag", counter.to_bytes(8, "big"))


def padding(random: Callable[[int], bytes]) -> tuple[LogLeaf, Opening]:
    """A leaf that stands for nothing, and its opening; `random(n)` returns n fresh random bytes."""
    opening = Opening.salted({PADDING: True}, random)
    return LogLeaf(random(TAG_SIZE), opening.commitment()), opening


def verify_opening(leaf: LogLeaf, opening: Opening) -> None:
    """Return if what the opening shows is what the leaf commits to; else `VerifyError`.

    `opening.padding` says whether that is padding: no other leaf can be opened as padding.
    """
    if not primitives.same(leaf.commitment, opening.commitment()):
        raise VerifyError("the opening is not that of the leaf")


def verify_tag(leaf: LogLeaf, record_key: bytes, counter: int) -> None:
    """Return if it is leaf number `counter` of the record with this key; else `VerifyError`."""
    if not primitives.same(leaf.tag, tag(record_key, counter)):
        raise VerifyError("the leaf is another record's")


def _field(raw: Json) -> tuple[bytes, Json]:
    if not isinstance(raw, list) or len(raw) != 2:
        raise FormatError("a field is [salt, value]")
    return b64u_decode(raw[0], SALT_SIZE), raw[1]
