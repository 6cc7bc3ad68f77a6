"""Trees and their proofs: held against the definitions of RFC 6962, and every wrong one refused."""

import hashlib
import random
from collections.abc import Callable

import pytest

from crypto import merkle
from crypto.errors import FormatError, VerifyError
from crypto.merkle import EMPTY_ROOT, Frontier

LARGEST = 70
ENTRY = [b"entry %d" % i for i in range(LARGEST)]
LEAF = [merkle.leaf_hash(e) for e in ENTRY]

# The eight entries and roots that implementations of RFC 6962 test themselves with, from
# certificate-transparency (merkletree tests), Apache-2.0; also in transparency-dev/merkle.
REFERENCE_ENTRIES = [
    bytes.fromhex(h)
    for h in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
REFERENCE_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


# --- The oracle: RFC 6962, 2.1 to 2.1.2, word for word, over entries; it shares nothing with the module ---


def largest_power_below(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(d: list[bytes]) -> bytes:
    if not d:
        return hashlib.sha256().digest()
    if len(d) == 1:
        return hashlib.sha256(b"\x00" + d[0]).digest()
    k = largest_power_below(len(d))
    return hashlib.sha256(b"\x01" + mth(d[:k]) + mth(d[k:])).digest()


def path(m: int, d: list[bytes]) -> list[bytes]:
    if len(d) == 1:
        return []
    k = largest_power_below(len(d))
    return [*path(m, d[:k]), mth(d[k:])] if m < k else [*path(m - k, d[k:]), mth(d[:k])]


def proof(m: int, d: list[bytes]) -> list[bytes]:
    return subproof(m, d, True)


def subproof(m: int, d: list[bytes], known: bool) -> list[bytes]:
    if m == len(d):
        return [] if known else [mth(d)]
    k = largest_power_below(len(d))
    if m <= k:
        return [*subproof(m, d[:k], known), mth(d[k:])]
    return [*subproof(m - k, d[k:], False), mth(d[:k])]


def stored(size: int) -> Callable[[int, int], bytes]:
    """Complete subtrees of the tree of `size`; asking for any other fails the test."""

    def subtree(level: int, index: int) -> bytes:
        start, end = index << level, index + 1 << level
        assert 0 <= start < end <= size, "asked for a subtree that is not complete"
        return mth(ENTRY[start:end])

    return subtree


ROOT = [mth(ENTRY[:n]) for n in range(LARGEST + 1)]
INCLUSION = {(i, n): tuple(path(i, ENTRY[:n])) for n in range(1, LARGEST + 1) for i in range(n)}
CONSISTENCY = {(m, n): tuple(proof(m, ENTRY[:n])) for n in range(1, LARGEST + 1) for m in range(1, n + 1)}


def refused_inclusion(leaf: bytes, index: int, size: int, root: bytes, hashes: tuple[bytes, ...]) -> None:
    with pytest.raises(VerifyError):
        merkle.verify_inclusion(leaf, index, size, root, hashes)


def refused_consistency(m: int, old: bytes, n: int, root: bytes, hashes: tuple[bytes, ...]) -> None:
    with pytest.raises(VerifyError):
        merkle.verify_consistency(m, old, n, root, hashes)


def test_roots_are_those_that_other_implementations_test_with() -> None:
    frontier = Frontier()
    for entry, root in zip(REFERENCE_ENTRIES, REFERENCE_ROOTS, strict=True):
        frontier = frontier.append(merkle.leaf_hash(entry))
        assert frontier.root().hex() == root
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_frontier_grows_to_the_same_roots_and_survives_being_stored() -> None:
    frontier = Frontier()
    for size in range(LARGEST + 1):
        assert (
            frontier.root()
            == ROOT[size]
            == merkle.root_of(LEAF[:size])
            == merkle.tree_root(size, stored(size))
        )
        assert frontier == Frontier.parse(frontier.encode()) == Frontier.load(size, stored(size))
        assert Frontier().extend(LEAF[:size]) == frontier
        if size < LARGEST:
            frontier = frontier.append(LEAF[size])


def test_frontier_of_another_form_is_refused() -> None:
    data = Frontier().extend(LEAF[:7]).encode()
    for bad in (
        b"",
        data[:-1],
        data[:-32],
        data + bytes(32),
        data + b"\0",
        b"\xff" + data[1:],
        bytes(8) + data[8:],
    ):
        with pytest.raises(FormatError):
            Frontier.parse(bad)
    for size, hashes in (
        (-1, ()),
        (1, ()),
        (0, (LEAF[0],)),
        (1, (b"short",)),
        (2**63, (LEAF[0],)),
        (True, (LEAF[0],)),
    ):
        with pytest.raises(FormatError):
            Frontier(size, hashes)
    with pytest.raises(FormatError):
        Frontier().append(b"not a hash")
    with pytest.raises(FormatError):
        merkle.tree_root(3, lambda level, index: bytes(31))


def test_proofs_are_rfc_6962s_for_every_index_and_size() -> None:
    for (index, size), expected in INCLUSION.items():
        assert merkle.inclusion_proof(index, size, stored(size)) == expected
        merkle.verify_inclusion(LEAF[index], index, size, ROOT[size], expected)
    for (old, size), expected in CONSISTENCY.items():
        assert merkle.consistency_proof(old, size, stored(size)) == expected
        merkle.verify_consistency(old, ROOT[old], size, ROOT[size], expected)


def test_old_trees_are_proved_from_what_a_larger_one_stores() -> None:
    for size in (1, 5, 33, 64):
        assert merkle.tree_root(size, stored(LARGEST)) == ROOT[size]
        assert merkle.inclusion_proof(0, size, stored(LARGEST)) == INCLUSION[0, size]


def test_nobody_gets_a_proof_of_what_is_not_there() -> None:
    for index, size in ((0, 0), (1, 1), (-1, 1), (7, 7), (0, -1), (0, 2**63), (True, 2)):
        with pytest.raises(FormatError):
            merkle.inclusion_proof(index, size, stored(LARGEST))
    for old, size in ((2, 1), (-1, 1), (0, -1), (1, 2**63), (True, 2)):
        with pytest.raises(FormatError):
            merkle.consistency_proof(old, size, stored(LARGEST))


def test_every_other_index_and_size_of_an_inclusion_proof_is_refused() -> None:
    """A size goes with its root, as in a checkpoint: from one leaf, trees of several sizes look alike."""
    for (index, size), hashes in INCLUSION.items():
        if size > 40:
            continue
        for other in range(-1, size + 1):
            if other != index:
                refused_inclusion(LEAF[index], other, size, ROOT[size], hashes)
        for other in (*range(-1, index + 1), size - 1, size + 1, 2 * size, 2**63):
            if other != size:
                refused_inclusion(LEAF[index], index, other, ROOT[min(max(other, 0), LARGEST)], hashes)
        refused_inclusion(LEAF[(index + 1) % LARGEST], index, size, ROOT[size], hashes)
        refused_inclusion(LEAF[index], index, size, ROOT[size - 1], hashes)


def test_every_other_size_of_a_consistency_proof_is_refused() -> None:
    for (old, size), hashes in CONSISTENCY.items():
        if size > 33:
            continue
        for other in range(-1, size + 2):
            if other != old:
                refused_consistency(other, ROOT[old], size, ROOT[size], hashes)
            if other not in (size, 0, -1):
                refused_consistency(old, ROOT[old], other, ROOT[other], hashes)
        if old != size:
            refused_consistency(old, ROOT[size], size, ROOT[old], hashes)
            refused_consistency(size, ROOT[size], old, ROOT[old], hashes)


def mutilated(hashes: tuple[bytes, ...]) -> list[tuple[bytes, ...]]:
    """The same proof too short, too long, out of order, or with hashes of another length."""
    found = [(*hashes, LEAF[0]), (LEAF[0], *hashes), (*hashes, b"")]
    for i, one in enumerate(hashes):
        rest = (*hashes[:i], *hashes[i + 1 :])
        found += [rest, (*hashes[: i + 1], *hashes[i:])]
        for bad in (one[:-1], one + b"\0", b"", one.hex().encode()):
            found.append((*hashes[:i], bad, *hashes[i + 1 :]))
        for j in range(i):
            swapped = list(hashes)
            swapped[i], swapped[j] = swapped[j], swapped[i]
            found.append(tuple(swapped))
    return [f for f in found if f != hashes]


def test_proofs_too_short_too_long_or_out_of_order_are_refused() -> None:
    for (index, size), hashes in INCLUSION.items():
        if size in (1, 2, 7, 8, 21, 64, 70):
            for bad in mutilated(hashes):
                refused_inclusion(LEAF[index], index, size, ROOT[size], bad)
    for (old, size), hashes in CONSISTENCY.items():
        if size in (1, 2, 7, 8, 21, 64, 70):
            for bad in mutilated(hashes):
                refused_consistency(old, ROOT[old], size, ROOT[size], bad)


def flipped(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data, "big") ^ 1 << bit).to_bytes(len(data), "big")


def test_thousands_of_flipped_bits_are_refused() -> None:
    draw = random.Random(6962)
    count = 0
    for index, size in draw.sample(sorted(INCLUSION), 300):
        parts = [LEAF[index], ROOT[size], *INCLUSION[index, size]]
        for _ in range(8):
            at, bit = draw.randrange(len(parts)), draw.randrange(256)
            leaf, root, *hashes = [flipped(p, bit) if i == at else p for i, p in enumerate(parts)]
            refused_inclusion(leaf, index, size, root, tuple(hashes))
            count += 1
    for old, size in draw.sample(sorted(CONSISTENCY), 300):
        parts = [ROOT[old], ROOT[size], *CONSISTENCY[old, size]]
        for _ in range(8):
            at, bit = draw.randrange(len(parts)), draw.randrange(256)
            before, root, *hashes = [flipped(p, bit) if i == at else p for i, p in enumerate(parts)]
            refused_consistency(old, before, size, root, tuple(hashes))
            count += 1
    assert count > 4000


def test_every_tree_begins_with_the_empty_one_and_with_itself() -> None:
    for size in range(20):
        assert merkle.consistency_proof(0, size, stored(size)) == ()
        assert merkle.consistency_proof(size, size, stored(size)) == ()
        merkle.verify_consistency(0, EMPTY_ROOT, size, ROOT[size], ())
        merkle.verify_consistency(size, ROOT[size], size, ROOT[size], ())
        refused_consistency(0, EMPTY_ROOT, size, ROOT[size], (LEAF[0],))
        refused_consistency(size, ROOT[size], size, ROOT[size], (LEAF[0],))
        refused_consistency(size, ROOT[size], size, LEAF[-1], ())
        refused_consistency(0, LEAF[0], size, ROOT[size], ())
    refused_consistency(0, LEAF[0], 0, LEAF[0], ())
    refused_inclusion(LEAF[0], 0, 0, EMPTY_ROOT, ())


def test_hashes_of_another_length_or_type_are_refused() -> None:
    proof_of = INCLUSION[3, 7]
    refused_inclusion(LEAF[3][:-1], 3, 7, ROOT[7], proof_of)
    refused_inclusion(LEAF[3], 3, 7, ROOT[7] + b"\0", proof_of)
    refused_inclusion(LEAF[3], 3, 7, ROOT[7].hex(), proof_of)  # type: ignore[arg-type]
    refused_inclusion(LEAF[1], True, 7, ROOT[7], INCLUSION[1, 7])
    refused_inclusion(LEAF[3], 3.0, 7, ROOT[7], proof_of)  # type: ignore[arg-type]
    refused_consistency(3, ROOT[3][1:], 7, ROOT[7], CONSISTENCY[3, 7])
    refused_consistency(3, ROOT[3], 7, b"", CONSISTENCY[3, 7])


def test_largest_tree_has_the_longest_proof_and_answers_at_once() -> None:
    size = merkle.MAX_SIZE
    asked = []

    def subtree(level: int, index: int) -> bytes:
        assert index + 1 << level <= size
        asked.append(level)
        return hashlib.sha256(b"%d/%d" % (level, index)).digest()

    hashes = merkle.inclusion_proof(0, size, subtree)
    assert len(hashes) == 63 and len(asked) < 63 * 64
    root = merkle.tree_root(size, subtree)
    with pytest.raises(VerifyError):  # the oracle's hashes are made up, so only the walk is tried
        merkle.verify_inclusion(LEAF[0], 0, size, root, hashes)


# --- runs of leaves ---


def test_every_run_of_leaves_of_every_small_tree_is_proved_and_one_leaf_as_by_its_inclusion_proof() -> None:
    for size in range(1, 18):
        root = mth(ENTRY[:size])
        for start in range(size):
            for end in range(start + 1, size + 1):
                found = merkle.range_proof(start, end, size, stored(size))
                merkle.verify_range(LEAF[start:end], start, size, root, found)
            assert sorted(merkle.range_proof(start, start + 1, size, stored(size))) == sorted(
                path(start, ENTRY[:size])
            )
        assert merkle.range_proof(0, size, size, stored(size)) == ()


def test_run_with_a_leaf_changed_left_out_added_or_moved_is_refused() -> None:
    start, end, size = 5, 11, 21
    root, found = mth(ENTRY[:size]), merkle.range_proof(5, 11, 21, stored(21))
    run = LEAF[start:end]
    wrong = [
        (run[1:], start, size, root, found),
        (run[:-1], start, size, root, found),
        ([*run, LEAF[end]], start, size, root, found),
        ([LEAF[0], *run[1:]], start, size, root, found),
        ([run[1], run[0], *run[2:]], start, size, root, found),
        (run, start + 1, size, root, found),
        (run, start, 40, root, found),
        (run, start, size, mth(ENTRY[:22]), found),
        (run, start, size, root, found[:-1]),
        (run, start, size, root, (*found, found[-1])),
        (run, start, size, root, found[::-1]),
        (run, -1, size, root, found),
        ([], start, size, root, found),
        (run, start, size, root, (b"short", *found[1:])),
    ]
    for arguments in wrong:
        with pytest.raises(VerifyError):
            merkle.verify_range(*arguments)
    for bad in ((3, 3, 8), (4, 3, 8), (0, 9, 8), (-1, 2, 8)):
        with pytest.raises(FormatError):
            merkle.range_proof(*bad, stored(8))
