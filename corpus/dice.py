"""Draws that are the same on every machine: SHAKE-256 of a seed and a path, whole numbers only."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

_T = TypeVar("_T")
_BLOCK = 1360  # bytes drawn at once: ten blocks of the sponge


class Dice:
    """One stream of draws. Two paths are two independent streams, whatever else was drawn before."""

    def __init__(self, seed: int, *path: str | int) -> None:
        self._key = "/".join(map(str, ("intake-corpus/v1", seed, *path))).encode()
        self._blocks = 0
        self._left = b""

    def below(self, limit: int) -> int:
        """0 to limit - 1. With 64 bits and limits this small the bias is far below what anybody sees."""
        if len(self._left) < 8:
            self._left = self._draw("number", _BLOCK)
        word, self._left = self._left[:8], self._left[8:]
        return int.from_bytes(word, "big") % limit

    def between(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return least + self.below(most - least + 1)

    def chance(self, percent: int) -> bool:
        """True so many times in a hundred."""
        return self.below(100) < percent

    def pick(self, items: Sequence[_T]) -> _T:
        """One of them, each as likely."""
        return items[self.below(len(items))]

    def weighted(self, items: Sequence[tuple[_T, int]]) -> _T:
        """One of (item, weight)."""
        drawn = self.below(sum(weight for _, weight in items))
        for item, weight in items:
            if drawn < weight:
                return item
            drawn -= weight
        raise AssertionError("weights are not negative")

    def some(self, items: Sequence[_T], least: int, most: int) -> list[_T]:
        """Between `least` and `most` different ones, in the order in which they stand."""
        wanted = min(self.between(least, most), len(items))
        left = list(range(len(items)))
        chosen = sorted(left.pop(self.below(len(left))) for _ in range(wanted))
        return [items[i] for i in chosen]

    def noise(self, size: int) -> bytes:
        """So many bytes that cannot be compressed."""
        return self._draw("noise", size)

    def _draw(self, kind: str, size: int) -> bytes:
        self._blocks += 1
        return hashlib.shake_256(self._key + f"/{kind}/{self._blocks}".encode()).digest(size)
