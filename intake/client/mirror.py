"""One log as `intake pull` keeps it: a folder that needs no server any more.

    <log>/checkpoint            the newest verified one, with every witness's line and our own
    <log>/checkpoints/<size>    every one that was verified here
    <log>/tile/…                entries and tiles of the tree (C2SP tlog-tiles)
    <log>/keys.txt              the keys that signed it: what to verify it with
    <log>/state.json            what else has to be remembered

An entry is kept as soon as it is told, in bundles of 256; what is left over waits in the state. Tiles
follow when a checkpoint covers them, so that what is served wrongly tomorrow is compared with what was
verified today.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crypto import notes, tiles
from crypto.checkpoints import Checkpoint
from crypto.encoding import b64u_decode, b64u_encode
from crypto.errors import FormatError
from crypto.log_leaf import SIZE as LEAF_SIZE
from crypto.merkle import HASH_SIZE
from crypto.notes import Note, Signature, VerifierKey
from crypto.tiles import ENTRIES, HEIGHT, WIDTH, Tile
from intake.client import files
from intake.client.log import FolderLog, Tree, bundle_path, leaf_hashes, root_above
from intake.client.verify import KEPT

Tiles = dict[Tile, bytes]


@dataclass(slots=True)
class Pin:
    """A key that may sign this log, and how it came to be trusted: `given`, `first` or `announced`."""

    key: VerifierKey
    how: str


@dataclass(slots=True)
class Mirror:
    """A folder's log. Nothing is on disk before `save` or `keep`, but for full bundles of entries."""

    folder: Path
    origin: str = ""
    size: int = 0  # entries held
    tail: bytes = b""  # those after the last full bundle
    note: bytes | None = None  # newest verified checkpoint
    pins: list[Pin] = field(default_factory=list)
    announced: list[tuple[int, list[str]]] = field(default_factory=list)  # by entries not yet verified
    readers: list[list[Any]] = field(default_factory=list)  # [index, epoch, class, fingerprint]
    unproved: list[tuple[int, str]] = field(default_factory=list)  # (index, record) without a log proof
    _bundle: tuple[int, bytes] = (-1, b"")

    @classmethod
    def load(cls, folder: Path) -> "Mirror":
        """As it was saved, or empty; `ValueError` if its state cannot be read."""
        path = folder / "state.json"
        if not path.exists():
            return cls(folder)
        try:
            value = json.loads(path.read_bytes())
            return cls(
                folder,
                origin=str(value["origin"]),
                size=int(value["size"]),
                tail=b64u_decode(value["tail"]),
                note=None if value["checkpoint"] is None else value["checkpoint"].encode(),
                pins=[Pin(VerifierKey.parse(text), how) for text, how in value["keys"]],
                announced=[(index, list(texts)) for index, texts in value["announced"]],
                readers=list(value["readers"]),
                unproved=[(index, record) for index, record in value["unproved"]],
            )
        except (KeyError, TypeError, ValueError, AttributeError, FormatError) as error:
            raise ValueError(f"{path} is damaged: pull into a new folder, and keep this one") from error

    def save(self) -> None:
        """Write the state."""
        files.write_json(
            self.folder / "state.json",
            {
                "v": 1,
                "origin": self.origin,
                "size": self.size,
                "tail": b64u_encode(self.tail),
                "checkpoint": None if self.note is None else self.note.decode(),
                "keys": [[pin.key.text, pin.how] for pin in self.pins],
                "announced": self.announced,
                "readers": self.readers,
                "unproved": self.unproved,
            },
        )

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The newest verified one."""
        return None if self.note is None else Checkpoint.parse(Note.parse(self.note).text)

    @property
    def verified(self) -> int:
        """Entries below the newest verified checkpoint."""
        return self.checkpoint.size if self.checkpoint else 0

    # --- entries ---

    def leaf(self, index: int) -> bytes:
        """An entry that is held."""
        bundle, place = divmod(index, WIDTH)
        if bundle == self.size // WIDTH:
            return self.tail[place * LEAF_SIZE : (place + 1) * LEAF_SIZE]
        if self._bundle[0] != bundle:
            self._bundle = bundle, self._read(Tile(ENTRIES, bundle))
        start = place * (2 + LEAF_SIZE) + 2
        return self._bundle[1][start : start + LEAF_SIZE]

    def append(self, leaves: Sequence[bytes]) -> None:
        """Take the next entries, 65 bytes each; `save` afterwards."""
        for leaf in leaves:
            self.tail += leaf
            self.size += 1
            if self.size % WIDTH == 0:
                path = self.folder / bundle_path(self.size // WIDTH - 1)
                files.write(path, _bundle(self.tail))
                self.tail = b""

    def entries(self, index: int, width: int) -> bytes:
        """The first `width` of a bundle, as tlog-tiles writes them."""
        if index == self.size // WIDTH:
            return _bundle(self.tail[: width * LEAF_SIZE])
        return self._read(Tile(ENTRIES, index))[: width * (2 + LEAF_SIZE)]

    # --- the tree ---

    def grown(self, size: int) -> Tiles:
        """The tiles and the last bundle of the tree of `size` that the verified one does not have."""
        fresh: Tiles = {}
        before = self.verified
        for tile in tiles.tiles(size, before):
            if tile.level == ENTRIES:
                if tile.width < WIDTH:  # full ones were written when they became full
                    fresh[tile] = self.entries(tile.index, tile.width)
            elif tile.level == 0:
                fresh[tile] = leaf_hashes(self.entries(tile.index, tile.width), tile.width)
            else:
                fresh[tile] = self._above(tile, before, fresh)
        return fresh

    def tree(self, size: int, fresh: Tiles | None = None) -> Tree:
        """The tree of `size`, with tiles that are not written yet."""
        found = fresh or {}
        return Tree(size, lambda tile: found[tile] if tile in found else self._read(tile))

    def keep(self, note: bytes, fresh: Tiles) -> None:
        """Write a verified checkpoint, and the tiles it covers. What a crash leaves, the next pull mends."""
        before = self.verified
        size = Checkpoint.parse(Note.parse(note).text).size
        for tile, data in fresh.items():
            files.write(self.folder / tile.path, data)
        files.write(self.folder / KEPT / str(size), note)
        files.write(self.folder / "checkpoint", note)
        signed = [pin.key.text for pin in self.pins if Note.parse(note).signature_by(pin.key)]
        files.write(self.folder / "keys.txt", "".join(f"{text}\n" for text in signed).encode())
        self.note = note
        self.save()
        if before < size:  # partial tiles have no use once there are wider ones
            left = {tile for tile in tiles.tiles(before) if tile.width < WIDTH} - set(tiles.tiles(size))
            for tile in left:
                path = self.folder / tile.path
                path.unlink(missing_ok=True)
                if not any(path.parent.iterdir()):
                    path.parent.rmdir()

    def merged(self, note: Note, more: Sequence[Signature], own: Sequence[VerifierKey]) -> Note:
        """The note with more lines, as many as a note may have: the log's own and ours before all others."""
        lines = {(line.name, line.key_id): line for line in (*more, *note.signatures)}
        order = {(line.name, line.key_id): line for line in (*note.signatures, *more)}
        first = [*(pin.key for pin in self.pins), *own]
        ranked = sorted(order, key=lambda it: not any(lines[it].by(key) for key in first))
        taken = set(ranked[: notes.MAX_SIGNATURES])
        return Note(note.text, tuple(lines[it] for it in order if it in taken))

    def kept(self) -> dict[int, bytes]:
        """Every checkpoint that was verified here, by size."""
        return kept(self.folder)

    def _above(self, tile: Tile, before: int, fresh: Tiles) -> bytes:
        """A tile of a higher level: what it had, and the roots of tiles that became full."""
        had = min(max((before >> HEIGHT * tile.level) - WIDTH * tile.index, 0), tile.width)
        hashes = self._read(Tile(tile.level, tile.index, had)) if had else b""
        for child in range(WIDTH * tile.index + had, WIDTH * tile.index + tile.width):
            hashes += root_above(fresh[Tile(tile.level - 1, child)])
        return hashes

    def _read(self, tile: Tile) -> bytes:
        data = FolderLog(self.folder).read(tile.path)
        if tile.level != ENTRIES and len(data) != tile.width * HASH_SIZE:
            raise FormatError(f"{self.folder / tile.path} is damaged")
        return data


def kept(folder: Path) -> dict[int, bytes]:
    """The checkpoints kept in a log's folder, by size."""
    names = (folder / KEPT).glob("*") if (folder / KEPT).is_dir() else ()
    return {int(path.name): path.read_bytes() for path in names if path.name.isdecimal()}


def _bundle(leaves: bytes) -> bytes:
    return tiles.encode_entries([leaves[i : i + LEAF_SIZE] for i in range(0, len(leaves), LEAF_SIZE)])
