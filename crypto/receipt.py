"""The receipt: the one secret that lets a submitter come back. `docs/wire.md`, "Receipt".

Nine groups. Eight are random numbers 0–7775 (103 bits); the ninth holds the version and a checksum.
A group is shown as four digits or as a word of a 7,776-word list; both are renderings of one secret
and may be mixed when it is typed in.

    secret = eight u16be → Argon2id (19 MiB, 2 passes, 1 lane) → 32 bytes → HKDF → five keys
"""

import re
from dataclasses import dataclass
from functools import cached_property

from crypto import primitives
from crypto.age_keys import Identity
from crypto.errors import FormatError
from crypto.receipt_words import ENGLISH

GROUPS = 9
_SIZE = 7776
_CHECKS = 1296  # checksum values per version; 7776 / 1296 = six versions
_VERSIONS = (1,)  # never change the parameters of one: old receipts must open for ever
_LABEL = b"intake/receipt/v1"
RANDOM_BYTES = 8 * 4

WORD_LISTS: dict[str, tuple[str, ...]] = {"en": ENGLISH}  # by language of the page
_NUMBER_OF = {word: number for words in WORD_LISTS.values() for number, word in enumerate(words)}


class MistypedReceipt(FormatError):
    """What was typed is no receipt.

    `reason` is `count` (with `found` groups), `word` or `range` (group number `group`, from 1), or
    `checksum` (one of the groups is mistyped, but it cannot be told which).
    """

    def __init__(self, reason: str, *, group: int = 0, found: int = 0) -> None:
        super().__init__(f"not a receipt: {reason}")
        self.reason = reason
        self.group = group
        self.found = found


@dataclass(frozen=True)
class ReceiptKeys:
    """What follows from a receipt. `lookup`, `auth` and `access_tag` are 32 bytes each."""

    lookup: bytes
    auth: bytes
    access_tag: bytes
    _sign_seed: bytes
    _age_seed: bytes

    @cached_property
    def signing(self) -> primitives.SigningKey:
        """Signs the record's statements."""
        return primitives.SigningKey(self._sign_seed)

    @cached_property
    def identity(self) -> Identity:
        """Opens the submitter's own grants, and replies."""
        return Identity(self._age_seed)

    def record_key(self, share: bytes) -> bytes:
        """K_record = HKDF(access-tag ‖ share, "intake/k-record/v1"), 32 bytes."""
        return primitives.hkdf(self.access_tag + share, b"intake/k-record/v1")

    def __repr__(self) -> str:
        return "ReceiptKeys(secret)"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Eight numbers below 7776, and a version."""

    numbers: tuple[int, ...]
    version: int = 1

    @classmethod
    def from_random(cls, randomness: bytes) -> "Receipt":
        """From 32 fresh random bytes, four to a number: the bias of the remainder is below 2⁻¹⁹."""
        if len(randomness) != RANDOM_BYTES:
            raise FormatError(f"a receipt needs {RANDOM_BYTES} random bytes")
        words = (randomness[i : i + 4] for i in range(0, RANDOM_BYTES, 4))
        return cls(tuple(int.from_bytes(word, "big") % _SIZE for word in words))

    @classmethod
    def parse(cls, text: str) -> "Receipt":
        """From words, four-digit groups, or a mixture. `MistypedReceipt` says what is wrong."""
        groups = _groups(text)
        numbers = [_number(group, position) for position, group in enumerate(groups, start=1)]
        if len(numbers) != GROUPS:
            raise MistypedReceipt("count", found=len(numbers))
        receipt = cls(tuple(numbers[:8]), numbers[8] // _CHECKS + 1)
        if receipt.version not in _VERSIONS or receipt._last_group() != numbers[8]:
            raise MistypedReceipt("checksum")
        return receipt

    def digits(self) -> tuple[str, ...]:
        """Nine groups of four digits."""
        return tuple(f"{number:04}" for number in self._all())

    def words(self, language: str) -> tuple[str, ...] | None:
        """Nine words, or None where the language has no list."""
        words = WORD_LISTS.get(language)
        return words and tuple(words[number] for number in self._all())

    def keys(self) -> ReceiptKeys:
        """Derive the keys: about 40 ms and 19 MiB, by design. Limit how many run at once."""
        base = primitives.argon2id(self._secret(), _LABEL, memory_kib=19 * 1024, passes=2, lanes=1)
        lookup, auth, age_seed, sign_seed, access_tag = (
            primitives.hkdf(base, _LABEL + b"/" + name)
            for name in (b"lookup", b"auth", b"age-pq", b"sign", b"access-tag")
        )
        return ReceiptKeys(lookup, auth, access_tag, sign_seed, age_seed)

    def _secret(self) -> bytes:
        return b"".join(number.to_bytes(2, "big") for number in self.numbers)

    def _last_group(self) -> int:
        check = primitives.sha256(b"intake/receipt/checksum/v1", self._secret())
        return (self.version - 1) * _CHECKS + int.from_bytes(check[:4], "big") % _CHECKS

    def _all(self) -> tuple[int, ...]:
        return (*self.numbers, self._last_group())

    def __repr__(self) -> str:
        return "Receipt(secret)"


def _groups(text: str) -> list[str]:
    """Split what a person typed: spaces, commas, line breaks; hyphens too between digits."""
    groups = re.split(r"[\s,;.]+", text.strip().lower())
    digits_only = "".join(groups).replace("-", "")
    if digits_only.isascii() and digits_only.isdigit():
        if len(digits_only) == 4 * GROUPS:
            return [digits_only[i : i + 4] for i in range(0, 4 * GROUPS, 4)]
        groups = [part for group in groups for part in group.split("-")]
    return [group for group in groups if group]


def _number(group: str, position: int) -> int:
    if group.isascii() and group.isdigit():
        if len(group) != 4 or int(group) >= _SIZE:
            raise MistypedReceipt("range", group=position)
        return int(group)
    if group not in _NUMBER_OF:
        raise MistypedReceipt("word", group=position)
    return _NUMBER_OF[group]
