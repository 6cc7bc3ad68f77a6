"""Check a whole log: every entry, every tile at every level, the root, and who signed it.

Entries are compared with the tiles above them, those with the tiles above, up to the root that was
signed. The first thing that is wrong is named as closely as the log itself allows: an entry, if it and
its tile disagree; 256 entries, if these agree with one another and not with the tile above; and if all
of a log agrees but its root was never signed, the stretch between two kept checkpoints.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from crypto.checkpoints import Checkpoint, Verified
from crypto.errors import CryptoError, FormatError, VerifyError
from crypto.merkle import HASH_SIZE
from crypto.notes import VerifierKey
from crypto.tiles import HEIGHT, WIDTH, Tile, tiles
from intake.client.log import (
    NotThere,
    Progress,
    Source,
    Tree,
    bundle_path,
    differs_at,
    first_difference,
    leaf_hashes,
    root_above,
    verified,
)

KEPT: Final = "checkpoints"  # folder of earlier checkpoints, in the copies that `intake pull` keeps


class WrongLog(VerifyError):
    """The log is not what it should be: the first wrong thing is among entries `first` … `last`."""

    def __init__(self, what: str, first: int, last: int) -> None:
        super().__init__(what)
        self.first = first
        self.last = last


@dataclass(frozen=True, slots=True)
class Checked:
    """What was verified. `signed` is None without keys: then nothing is authenticated."""

    checkpoint: Checkpoint
    signed: Verified | None
    tiles: int
    earlier: int  # kept checkpoints that lie on the same tree


def verify(
    source: Source,
    keys: list[VerifierKey],
    witnesses: list[VerifierKey],
    quorum: int,
    progress: Progress = lambda what, done, total: None,
    earlier: dict[int, bytes] | None = None,
) -> Checked:
    """Check all of a log. `earlier` are checkpoints of it that somebody kept, by size.

    `WrongLog` names what is wrong; `VerifyError` if it is the signatures, `NotThere` without a checkpoint.
    """
    # 1. Who signed what.
    checkpoint, signed = verified(source.read("checkpoint"), keys, witnesses, quorum)
    size, kept = checkpoint.size, earlier or {}
    # 2. The tiles above the leaf hashes, which are few.
    upper = {(t.level, t.index): _hashes(source, t) for t in tiles(size) if t.level > 0}
    # 3. Entries and leaf hashes, against one another and against what is above.
    last = _check_leaves(source, size, upper, progress)

    # 4. The root.
    def read(tile: Tile) -> bytes:
        if tile.level > 0:
            return upper[tile.level, tile.index]
        return last if tile.width < WIDTH else source.read(tile.path)

    tree = Tree(size, read)
    roots = {n: Checkpoint.parse(_text(data)) for n, data in kept.items() if n <= size}
    if size and tree.root() != checkpoint.root:
        good = max((n for n, c in roots.items() if tree.root(n) == c.root), default=0)
        bad = min((n for n, c in roots.items() if n > good), default=size)
        raise WrongLog(
            f"all {size} entries agree with all tiles, but not with the root that was signed: entries and"
            f" tiles were changed together, first one of the entries {good} to {bad - 1}. Which one, another"
            " copy of the log shows (--against)",
            good,
            bad - 1,
        )
    # 5. What was kept of it before.
    for n, former in sorted(roots.items()):
        if former.origin != checkpoint.origin or (n and tree.root(n) != former.root):
            raise WrongLog(f"the kept checkpoint of size {n} is of another history", 0, n - 1)
    return Checked(checkpoint, signed, len(upper) + -(-size // WIDTH), len(roots))


def compare(ours: Source, theirs: Source, keys: list[VerifierKey]) -> tuple[int, int]:
    """Compare two copies of one log as far as both go; their sizes. `WrongLog` names the first difference.

    `theirs` may be the same log at an address, or somebody else's copy; its signatures are checked too.
    """
    (mine, _), (other, _) = (verified(s.read("checkpoint"), keys, [], 0) for s in (ours, theirs))
    if mine.origin != other.origin:
        raise VerifyError(f"these are two logs: {mine.origin} and {other.origin}")
    at = first_difference(Tree.of(ours, mine.size), Tree.of(theirs, other.size))
    if at is not None:
        raise WrongLog(
            f"two histories of {mine.origin} were shown, and both are signed: they differ first in entry"
            f" {at}. Keep both copies: together they are the proof",
            at,
            at,
        )
    return mine.size, other.size


def compare_checkpoint(ours: Source, data: bytes, keys: list[VerifierKey]) -> Checkpoint:
    """Check that somebody else's checkpoint is of the same history as this copy; return it."""
    mine, _ = verified(ours.read("checkpoint"), keys, [], 0)
    other, _ = verified(data, keys, [], 0)
    if mine.origin != other.origin:
        raise VerifyError(f"these are two logs: {mine.origin} and {other.origin}")
    if other.size > mine.size:
        raise VerifyError(
            f"that checkpoint is of {other.size} entries and this copy has {mine.size}: compare with a larger"
            " copy, or after the next pull"
        )
    if other.size and Tree.of(ours, mine.size).root(other.size) != other.root:
        raise WrongLog(
            f"two histories of {mine.origin} were shown, and both are signed: they differ at size"
            f" {other.size}. Keep both checkpoints: together they are the proof",
            0,
            other.size - 1,
        )
    return other


def _check_leaves(
    source: Source, size: int, upper: dict[tuple[int, int], bytes], progress: Progress
) -> bytes:
    """Compare entries, leaf hashes and what is above them, in order; return the last tile of leaf hashes."""
    tile = b""
    count = -(-size // WIDTH)
    widths = [WIDTH] * (size // WIDTH) + ([size % WIDTH] if size % WIDTH else [])
    paths = (path for i, w in enumerate(widths) for path in (bundle_path(i, w), Tile(0, i, w).path))
    contents = source.read_all(paths)
    suspects: list[WrongLog] = []  # from the widest to the narrowest
    for index, width in enumerate(widths):
        first, last = index * WIDTH, index * WIDTH + width - 1
        suspects += _contradictions(index, upper)
        try:
            bundle, tile = next(contents), next(contents)
        except NotThere as error:
            raise WrongLog(f"{error}: entries {first} to {last} cannot be checked", first, last) from error
        if len(tile) != width * HASH_SIZE:
            raise WrongLog(f"{Tile(0, index, width).path} does not hold {width} hashes", first, last)
        above = _slot(upper, 1, index) if width == WIDTH else None
        _check_bundle(bundle, tile, first, width, above)
        if above is not None and root_above(tile) != above:
            raise WrongLog(
                f"entries {first} to {last} agree with their tile, but not with the tile above it: one of"
                " them was changed together with its tile, or the tile above was changed",
                first,
                last,
            )
        # A suspicion about a whole range that nothing inside it has made more exact.
        if suspects and suspects[-1].last <= last:
            raise suspects[-1]
        progress("checking entries", index + 1, count)
    return tile


def _check_bundle(bundle: bytes, tile: bytes, first: int, width: int, above: bytes | None) -> None:
    try:
        hashes = leaf_hashes(bundle, width)
    except FormatError as error:
        last = first + width - 1
        raise WrongLog(f"the bundle of entries {first} to {last}: {error}", first, last) from error
    at = differs_at(hashes, tile)
    if at is None:
        return
    which = "which of the two was changed, this log alone does not show"
    if above is not None and root_above(tile) == above:
        which = "the tile above confirms the tile, so the entry was changed"
    elif above is not None and root_above(hashes) == above:
        which = "the tile above confirms the entry, so its tile was changed"
    raise WrongLog(f"entry {first + at} and its tile disagree: {which}", first + at, first + at)


def _contradictions(index: int, upper: dict[tuple[int, int], bytes]) -> Iterator[WrongLog]:
    """Full tiles that begin with this tile of leaf hashes and are not what the tile above them says."""
    for level in sorted({level for level, _ in upper}, reverse=True):
        span = WIDTH**level  # tiles of leaf hashes below one tile of this level
        if index % span:
            continue
        tile = upper.get((level, index // span), b"")
        if len(tile) == WIDTH * HASH_SIZE and root_above(tile) != _slot(upper, level + 1, index // span):
            first, last = index * WIDTH, (index + span) * WIDTH - 1
            path = Tile(level, index // span).path
            yield WrongLog(f"{path}, over entries {first} to {last}, is not what is above it", first, last)


def _slot(upper: dict[tuple[int, int], bytes], level: int, index: int) -> bytes:
    """What a tile says about the full tile number `index` of the level below."""
    start = index % WIDTH * HASH_SIZE
    return upper[level, index // WIDTH][start : start + HASH_SIZE]


def _hashes(source: Source, tile: Tile) -> bytes:
    span = 1 << HEIGHT * tile.level
    first, last = tile.index * WIDTH * span, (tile.index * WIDTH + tile.width) * span - 1
    try:
        found = source.read(tile.path)
    except NotThere as error:
        raise WrongLog(f"{error}: it stands over entries {first} to {last}", first, last) from error
    if len(found) != tile.width * HASH_SIZE:
        raise WrongLog(f"{tile.path} does not hold {tile.width} hashes", first, last)
    return found


def _text(note: bytes) -> str:
    """A kept checkpoint's text; one that cannot be read is an error of its own."""
    try:
        return verified(note, [], [], 0)[0].text
    except CryptoError as error:
        raise VerifyError(f"a kept checkpoint cannot be read: {error}") from error
