"""Tiles: one name for each, exactly those that a tree has, and whole bundles only."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import merkle, tiles
from crypto.errors import FormatError
from crypto.merkle import Frontier
from crypto.tiles import ENTRIES, Tile


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 1234067), "tile/0/x001/x234/067"),  # the example of C2SP tlog-tiles
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 273, 112), "tile/0/273.p/112"),
        (Tile(63, 999, 1), "tile/63/999.p/1"),
        (Tile(1, 1000, 255), "tile/1/x001/000.p/255"),
        (Tile(ENTRIES, 1000000), "tile/entries/x001/x000/000"),
        (Tile(ENTRIES, 0, 17), "tile/entries/000.p/17"),
        (Tile(2, merkle.MAX_SIZE // 256), "tile/2/x036/x028/x797/x018/x963/967"),
    ],
)
def test_tile_has_one_path(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert Tile.parse(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/000.p/1/",
        "tile/8/0/000",
        "tile/entries/x0/00",
        "tile/Entries/000",
        "tile/0/x001/x000/000.P/1",
        "tile/0/٠٠٠",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/000.p/-1",
        "checkpoint",
        "tile/0/000\n",
        "tile/0/000 ",
        "",
    ],
)
def test_path_of_another_form_is_refused(path: str) -> None:
    with pytest.raises(FormatError):
        Tile.parse(path)


def test_tiles_are_those_of_the_specifications_example() -> None:
    found = list(tiles.tiles(70_000))
    full = [t for t in found if t.width == 256]
    assert [len([t for t in full if t.level == level]) for level in (ENTRIES, 0, 1, 2)] == [273, 273, 1, 0]
    assert [t for t in found if t.width < 256] == [
        Tile(ENTRIES, 273, 112),
        Tile(0, 273, 112),
        Tile(1, 1, 17),
        Tile(2, 0, 1),
    ]
    assert list(tiles.tiles(256)) == [Tile(ENTRIES, 0), Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles.tiles(0)) == []
    assert list(tiles.tiles(1)) == [Tile(ENTRIES, 0, 1), Tile(0, 0, 1)]


SIZES = [0, 1, 2, 255, 256, 257, 511, 512, 513, 65535, 65536, 65537, 70_000]


@pytest.mark.parametrize("since", SIZES)
def test_growing_tree_writes_exactly_the_tiles_that_it_did_not_have(since: int) -> None:
    before = set(tiles.tiles(since))
    for size in SIZES:
        if size >= since:
            found = list(tiles.tiles(size, since))
            assert len(set(found)) == len(found)
            assert set(found) == set(tiles.tiles(size)) - before
    for size, old in ((1, 2), (-1, -1), (1, -1), (2**63, 0)):
        with pytest.raises(FormatError):
            list(tiles.tiles(size, old))


def test_tiles_of_a_tree_serve_its_roots_and_proofs() -> None:
    size = 256 * 256 + 3 * 256 + 77
    leaves = [merkle.leaf_hash(b"%d" % i) for i in range(size)]
    store: dict[tuple[int, int], bytes] = {}
    level, hashes = 0, leaves
    while hashes:
        cut = [b"".join(hashes[i : i + 256]) for i in range(0, len(hashes), 256)]
        store |= {(level, index): data for index, data in enumerate(cut)}
        hashes = [tiles.tile_root(c) for c in cut if len(c) == 8192]
        level += 1
    assert {(t.level, t.index): t.width * 32 for t in tiles.tiles(size) if t.level != ENTRIES} == {
        key: len(data) for key, data in store.items()
    }
    subtrees = tiles.subtrees(lambda level, index: store[level, index])
    frontier = Frontier().extend(leaves)
    assert Frontier.load(size, subtrees) == frontier
    for index in (0, 1, 255, 256, 65535, 65536, size - 78, size - 1):
        proof_of = merkle.inclusion_proof(index, size, subtrees)
        merkle.verify_inclusion(leaves[index], index, size, frontier.root(), proof_of)
    for old in (1, 255, 256, 257, 65535, 65536, 65537, size - 1):
        old_root = merkle.root_of(leaves[:old])
        assert merkle.tree_root(old, subtrees) == old_root
        proof_of = merkle.consistency_proof(old, size, subtrees)
        merkle.verify_consistency(old, old_root, size, frontier.root(), proof_of)
    with pytest.raises(FormatError):  # a store that lost the end of a tile says so
        merkle.tree_root(size, tiles.subtrees(lambda level, index: store[level, index][:-32]))
    with pytest.raises(FormatError):
        tiles.tile_root(store[0, 0][:-32])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=70), min_size=1, max_size=256))
def test_entry_bundles_come_back_and_only_whole(entries: list[bytes]) -> None:
    data = tiles.encode_entries(entries)
    assert tiles.parse_entries(data, len(entries)) == tuple(entries)
    for bad, width in (
        (data[:-1], len(entries)),
        (data + b"\0", len(entries)),
        (data + b"\0\0", len(entries)),
        (data, len(entries) + 1),
        (data, len(entries) - 1),
        (b"", len(entries)),
    ):
        with pytest.raises(FormatError):
            tiles.parse_entries(bad, width)


def test_bundle_has_the_form_of_the_specification_and_its_limits() -> None:
    assert tiles.encode_entries([b"ab", b"", b"c" * 256]) == b"\0\x02ab\0\0\x01\0" + b"c" * 256
    assert tiles.parse_entries(tiles.encode_entries([bytes(65535)]), 1) == (bytes(65535),)
    for bad in ([], [b""] * 257, [bytes(65536)]):
        with pytest.raises(FormatError):
            tiles.encode_entries(bad)
