"""Tiles: a log's tree and entries cut into files that never change (C2SP tlog-tiles).

    tile/<level>/<index>[.p/<width>]      up to 256 hashes one after another
    tile/entries/<index>[.p/<width>]      up to 256 times u16be(length) ‖ entry

Hash i of tile n of level l is the root of the complete subtree (8·l, 256·n + i) of `crypto.merkle`: leaf
hashes at level 0, above it the root of a full tile of the level below. An index is written in groups of
three digits, all but the last with an `x` before them: 1234067 is `x001/x234/067`. Only the last tile of
a level may be partial, and its width then is in its name, so that each name has one content for ever.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from crypto.errors import FormatError
from crypto.merkle import HASH_SIZE, MAX_SIZE, Subtrees, root_of

WIDTH: Final = 256  # hashes in a full tile
HEIGHT: Final = 8  # levels of the tree in a tile
MAX_ENTRY: Final = 2**16 - 1  # bytes
ENTRIES: Final = -1  # the "level" of entry bundles, which lie below the leaf hashes
_MAX_LEVEL = 63
_PATH = re.compile(r"tile/([0-9]{1,2}|entries)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([0-9]{1,3}))?")


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """One tile, or one entry bundle (level `ENTRIES`); `width` is from 1 to 256."""

    level: int
    index: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        if not (ENTRIES <= self.level <= _MAX_LEVEL and 0 <= self.index <= MAX_SIZE // WIDTH):
            raise FormatError("no such tile")
        if not 1 <= self.width <= WIDTH:
            raise FormatError("a tile holds 1 to 256 hashes")

    @property
    def path(self) -> str:
        """Its name below the log's prefix."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        groups, rest = [f"{self.index % 1000:03}"], self.index // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03}")
            rest //= 1000
        partial = f".p/{self.width}" if self.width < WIDTH else ""
        return f"tile/{level}/{'/'.join(groups)}{partial}"

    @classmethod
    def parse(cls, path: str) -> "Tile":
        """Inverse of `path`; `FormatError` on every other spelling."""
        match = _PATH.fullmatch(path)
        if not match:
            raise FormatError("not the path of a tile")
        level, index, width = match.groups()
        tile = cls(
            ENTRIES if level == "entries" else int(level),
            int(index.replace("x", "").replace("/", "")),
            int(width) if width else WIDTH,
        )
        if tile.path != path:
            raise FormatError("not the path of a tile in its one form")
        return tile


def tiles(size: int, since: int = 0) -> Iterator[Tile]:
    """The tiles and entry bundles of the tree of `size` that the tree of `since` does not have."""
    if not 0 <= since <= size <= MAX_SIZE:
        raise FormatError("a tree grows")
    yield from _level(ENTRIES, size, since)
    for level in range(_MAX_LEVEL + 1):
        hashes, old = size >> HEIGHT * level, since >> HEIGHT * level
        if hashes == 0:
            return
        yield from _level(level, hashes, old)


def _level(level: int, hashes: int, old: int) -> Iterator[Tile]:
    for index in range(old // WIDTH, hashes // WIDTH):
        yield Tile(level, index)
    if hashes % WIDTH and hashes != old:
        yield Tile(level, hashes // WIDTH, hashes % WIDTH)


def tile_root(hashes: bytes) -> bytes:
    """What a full tile of 8192 bytes contributes to the tile above it, 32 bytes."""
    if len(hashes) != WIDTH * HASH_SIZE:
        raise FormatError("only a full tile has a root in the tile above it")
    return root_of(_cut(hashes))


def subtrees(read: Callable[[int, int], bytes]) -> Subtrees:
    """Complete subtrees out of tiles; `read(level, index)` gives a tile's hashes, as many as there are."""

    def subtree(level: int, index: int) -> bytes:
        tile_level, inner = divmod(level, HEIGHT)
        first = index << inner
        start = first % WIDTH * HASH_SIZE
        end = start + (1 << inner) * HASH_SIZE
        hashes = read(tile_level, first // WIDTH)
        if len(hashes) < end:
            raise FormatError("a tile is shorter than the tree says")
        return root_of(_cut(hashes[start:end]))

    return subtree


def encode_entries(entries: Sequence[bytes]) -> bytes:
    """An entry bundle of 1 to 256 entries, of at most 65535 bytes each."""
    if not 1 <= len(entries) <= WIDTH or any(len(e) > MAX_ENTRY for e in entries):
        raise FormatError("a bundle holds 1 to 256 entries below 64 KiB")
    return b"".join(len(e).to_bytes(2, "big") + e for e in entries)


def parse_entries(data: bytes, width: int) -> tuple[bytes, ...]:
    """Inverse of `encode_entries`; `FormatError` if there are not exactly `width` entries."""
    entries: list[bytes] = []
    position = 0
    while position < len(data) and len(entries) < width:
        start = position + 2
        position = start + int.from_bytes(data[position:start], "big")
        entries.append(data[start:position])
    if not 1 <= width <= WIDTH or len(entries) != width or position != len(data):
        raise FormatError("an entry bundle is cut, too long, or of another width")
    return tuple(entries)


def _cut(hashes: bytes) -> Iterator[bytes]:
    return (hashes[i : i + HASH_SIZE] for i in range(0, len(hashes), HASH_SIZE))
