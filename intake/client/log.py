"""A log as others see it (C2SP tlog-tiles), in a folder or at an address, and its hashes in bulk.

    <log>/checkpoint    <log>/tile/<level>/<index>    <log>/tile/entries/<index>

A million entries are two million hashes: tiles are hashed whole, level by level, and no entry becomes an
object of its own.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from crypto import checkpoints, merkle, tiles
from crypto.checkpoints import Checkpoint, Verified
from crypto.errors import FormatError, VerifyError
from crypto.log_leaf import SIZE as LEAF_SIZE
from crypto.merkle import HASH_SIZE
from crypto.notes import Note, VerifierKey
from crypto.tiles import ENTRIES, HEIGHT, WIDTH, Tile
from intake.client.api import Api, ApiError, api

Progress = Callable[[str, int, int], None]  # what, done, in all

_AT_ONCE = 8  # requests
_STEP = 2 + LEAF_SIZE  # an entry of ours in a bundle: its length, and its bytes
_sha256 = hashlib.sha256


class NotThere(Exception):
    """The log has no such file; `path` is below the log's own place."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} is missing")
        self.path = path


class Source(Protocol):
    """Where a log's files are read. `NotThere` if one is missing."""

    def read(self, path: str) -> bytes:
        """One file."""

    def read_all(self, paths: Iterable[str]) -> Iterator[bytes]:
        """Many files, in this order."""


class FolderLog:
    """Files, as `intake pull` keeps them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, path: str) -> bytes:
        """One file."""
        try:
            return (self._folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NotThere(path) from error

    def read_all(self, paths: Iterable[str]) -> Iterator[bytes]:
        """Many files, in this order."""
        return map(self.read, paths)


class UrlLog:
    """A service's own files, some requests at once."""

    def __init__(self, connection: Api, prefix: str) -> None:
        self._api = connection
        self._prefix = prefix.rstrip("/")

    def read(self, path: str) -> bytes:
        """One file."""
        try:
            content: bytes = self._api.request("GET", f"{self._prefix}/{path}").content
            return content
        except ApiError as error:
            if error.status != 404:
                raise
            raise NotThere(path) from error

    def read_all(self, paths: Iterable[str]) -> Iterator[bytes]:
        """Many files, in this order; a few more are on their way while one is looked at."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            waiting = deque()  # type: ignore[var-annotated]
            try:
                for path in paths:
                    waiting.append(pool.submit(self.read, path))
                    if len(waiting) >= 2 * _AT_ONCE:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for left in waiting:
                    left.cancel()


@contextmanager
def opened(where: str, waiting: Callable[[float], None] = lambda seconds: None) -> Iterator[Source]:
    """The log at an address (`https://…/log/<mechanism>/<log>`) or in a folder."""
    if where.startswith(("http://", "https://")):
        with api(where, patience=60, waiting=waiting) as connection:
            yield UrlLog(connection, where)
    else:
        yield FolderLog(Path(where))


class Tree:
    """A log's hashes at one size, read from its tiles as they are asked for."""

    def __init__(self, size: int, read: Callable[[Tile], bytes]) -> None:
        self.size = size
        self._read = read
        self._last: dict[int, tuple[int, bytes]] = {}  # a tile of each level

    @classmethod
    def of(cls, source: Source, size: int) -> "Tree":
        """Of a log elsewhere."""
        return cls(size, lambda tile: source.read(tile.path))

    def hashes(self, level: int, index: int) -> bytes:
        """A tile, as wide as it is at this size; `FormatError` if it has another length."""
        kept = self._last.get(level)
        if kept and kept[0] == index:
            return kept[1]
        width = min(WIDTH, (self.size >> HEIGHT * level) - WIDTH * index)
        tile = Tile(level, index, width)
        found = self._read(tile)
        if len(found) != width * HASH_SIZE:
            raise FormatError(f"{tile.path} does not hold {width} hashes")
        self._last[level] = (index, found)
        return found

    def subtree(self, level: int, index: int) -> bytes:
        """A complete subtree, for `crypto.merkle`."""
        tile_level, inner = divmod(level, HEIGHT)
        first = index << inner
        start = first % WIDTH * HASH_SIZE
        return root_above(self.hashes(tile_level, first // WIDTH)[start : start + (HASH_SIZE << inner)])

    def root(self, size: int | None = None) -> bytes:
        """The root at this size or a smaller one."""
        return merkle.tree_root(self.size if size is None else size, self.subtree)


def leaf_hashes(bundle: bytes, width: int) -> bytes:
    """The leaf hashes of an entry bundle, one after another; `FormatError` if it is not well formed."""
    ours = len(bundle) == width * _STEP
    if ours and bundle[0::_STEP] == bytes(width) and bundle[1::_STEP] == bytes([LEAF_SIZE]) * width:
        found = [_sha256(b"\0" + bundle[i : i + LEAF_SIZE]).digest() for i in range(2, len(bundle), _STEP)]
    else:
        found = [_sha256(b"\0" + entry).digest() for entry in tiles.parse_entries(bundle, width)]
    return b"".join(found)


def root_above(hashes: bytes) -> bytes:
    """The root above 2^k hashes."""
    while len(hashes) > HASH_SIZE:
        hashes = b"".join(
            [_sha256(b"\1" + hashes[i : i + 64]).digest() for i in range(0, len(hashes), 2 * HASH_SIZE)]
        )
    return hashes


def differs_at(left: bytes, right: bytes) -> int | None:
    """The number of the first hash in which two rows differ; None if the shorter begins the longer."""
    if left == right:
        return None
    for i in range(0, min(len(left), len(right)), HASH_SIZE):
        if left[i : i + HASH_SIZE] != right[i : i + HASH_SIZE]:
            return i // HASH_SIZE
    return None


def first_difference(left: Tree, right: Tree) -> int | None:
    """The first entry, of those that both have, in which two logs differ: down from the highest tiles.

    None if there is none, or the tiles contradict one another on the way down.
    """
    low, high = 0, min(left.size, right.size)
    for level in range(max(high.bit_length() - 1, 0) // HEIGHT, -1, -1):
        shift = HEIGHT * level
        start, end = low >> shift, high >> shift
        if start == end:
            continue
        index = start // WIDTH  # the rest of one tile: what lies before it was compared a level higher
        rows = [
            tree.hashes(level, index)[start % WIDTH * HASH_SIZE : (end - WIDTH * index) * HASH_SIZE]
            for tree in (left, right)
        ]
        at = differs_at(rows[0], rows[1])
        if at is None:
            low = end << shift
        else:
            low, high = (start + at) << shift, (start + at + 1) << shift
    return low if low < high else None


def bundle_path(index: int, width: int = WIDTH) -> str:
    """The path of an entry bundle."""
    return Tile(ENTRIES, index, width).path


def verified(
    data: bytes, keys: list[VerifierKey], witnesses: list[VerifierKey], quorum: int
) -> tuple[Checkpoint, Verified | None]:
    """A checkpoint, believed by those of `keys` that are its log's; without keys, not believed at all.

    `VerifyError` also if keys are given, and none of them is of this log.
    """
    checkpoint = Checkpoint.parse(Note.parse(data).text)
    if not keys:
        return checkpoint, None
    its = [key for key in keys if key.name == checkpoint.origin]
    if not its:
        raise VerifyError(f"none of the keys is one of {checkpoint.origin}")
    result = checkpoints.verify(data, checkpoint.origin, its, witnesses, quorum=quorum)
    return checkpoint, result
