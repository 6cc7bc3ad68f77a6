"""Merkle trees of a log: RFC 6962, section 2.1 (RFC 9162, section 2.1), with SHA-256.

    leaf  = SHA-256(00 ‖ entry)          node = SHA-256(01 ‖ left ‖ right)
    root  = SHA-256("") of no leaves; the leaf of one; else node(root of the first k, root of the rest),
            k the largest power of two below the number of leaves

A *complete subtree* (level, index) is the one over leaves index·2^level … (index + 1)·2^level - 1. It
never changes once its last leaf is there, so it is all that need be stored: what makes a proof asks for
complete subtrees only, through a `Subtrees` of the caller's.

Proofs are made and checked along the same walk, from the root of the tree down. The walk fixes how many
hashes a proof has and on which side each stands, so a proof that is too long, too short or out of order
cannot pass. Making a proof of something that is not in the tree is a `FormatError`; whatever does not
hold when checking is a `VerifyError`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from crypto import primitives
from crypto.errors import FormatError, VerifyError

HASH_SIZE = 32
MAX_SIZE: Final = 2**63 - 1  # leaves: sizes fit the signed integers of every other implementation
EMPTY_ROOT: Final = primitives.sha256(b"")

Subtrees = Callable[[int, int], bytes]
"""(level, index) → the hash of that complete subtree, 32 bytes."""


def leaf_hash(entry: bytes) -> bytes:
    """The leaf of an entry, 32 bytes."""
    return primitives.sha256(b"\x00", entry)


def node_hash(left: bytes, right: bytes) -> bytes:
    """The node above two hashes, 32 bytes. The prefix keeps a node from passing as a leaf."""
    return primitives.sha256(b"\x01", left, right)


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that appending needs: the size, and the roots of the complete subtrees it is made of.

    One hash for each one in the binary form of `size`, from the largest subtree to the smallest.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if not _is_size(self.size) or len(self.hashes) != self.size.bit_count():
            raise FormatError("a frontier has one hash for each complete subtree of its size")
        if not all(_is_hash(h) for h in self.hashes):
            raise FormatError("a hash has 32 bytes")

    def append(self, leaf: bytes) -> "Frontier":
        """The frontier after one more leaf (its hash, see `leaf_hash`)."""
        hashes, new, size = list(self.hashes), leaf, self.size
        while size & 1:  # two complete subtrees of one height become one
            new = node_hash(hashes.pop(), new)
            size >>= 1
        return Frontier(self.size + 1, (*hashes, new))

    def extend(self, leaves: Iterable[bytes]) -> "Frontier":
        """The frontier after these leaves."""
        frontier = self
        for leaf in leaves:
            frontier = frontier.append(leaf)
        return frontier

    def root(self) -> bytes:
        """The root of the tree, 32 bytes."""
        return _join(self.hashes)

    def encode(self) -> bytes:
        """u64be(size) ‖ hashes: how it is stored."""
        return self.size.to_bytes(8, "big") + b"".join(self.hashes)

    @classmethod
    def parse(cls, data: bytes) -> "Frontier":
        """Inverse of `encode`; `FormatError` on any other number of hashes."""
        if len(data) < 8 or len(data) % HASH_SIZE != 8:
            raise FormatError("not a frontier")
        hashes = tuple(data[i : i + HASH_SIZE] for i in range(8, len(data), HASH_SIZE))
        return cls(int.from_bytes(data[:8], "big"), hashes)

    @classmethod
    def load(cls, size: int, subtrees: Subtrees) -> "Frontier":
        """Rebuilt from stored subtrees: what a stored frontier must equal."""
        _check_size(size)
        return cls(size, tuple(_pieces(0, size, subtrees)))


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    return Frontier().extend(leaves).root()


def tree_root(size: int, subtrees: Subtrees) -> bytes:
    """The root of the tree that the log was at `size`, from stored subtrees."""
    return Frontier.load(size, subtrees).root()


def inclusion_proof(index: int, size: int, subtrees: Subtrees) -> tuple[bytes, ...]:
    """PATH(index, D[size]): the hashes beside the way from the leaf up to the root."""
    _check_size(size)
    if not _is_size(index) or index >= size:
        raise FormatError("that entry is not in the tree")
    return tuple(_beside(low, high, subtrees) for _, low, high in reversed(_way_to_leaf(index, size)))


def consistency_proof(old_size: int, size: int, subtrees: Subtrees) -> tuple[bytes, ...]:
    """PROOF(old_size, D[size]): that the tree of `old_size` is the beginning of that of `size`.

    Empty from size 0 and between equal sizes, where there is nothing to show.
    """
    _check_size(size)
    if not _is_size(old_size) or old_size > size:
        raise FormatError("a tree is consistent with smaller ones only")
    if old_size in (0, size):
        return ()
    way, start = _way_to_border(old_size, size)
    # A border subtree that starts at 0 is the whole old tree: its root is known.
    border = [_beside(start, old_size, subtrees)] if start else []
    return (*border, *(_beside(low, high, subtrees) for _, low, high in reversed(way)))


def range_proof(start: int, end: int, size: int, subtrees: Subtrees) -> tuple[bytes, ...]:
    """The hashes beside leaves `start` … `end` - 1 of D[size], from left to right, for `verify_range`."""
    _check_size(size)
    if not _is_size(start) or not start < end <= size:
        raise FormatError("those entries are not in the tree")
    return tuple(_beside(low, high, subtrees) for low, high in _around(start, end, 0, size))


def verify_inclusion(leaf: bytes, index: int, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Return if the leaf (its hash) is number `index` of the tree with this size and root.

    Size and root come from one checkpoint: a proof alone does not tell all sizes apart.
    """
    if not _is_size(size) or not _is_size(index) or index >= size:
        raise VerifyError("that entry is not in a tree of that size")
    _check_hashes(leaf, root, *proof)
    way = _way_to_leaf(index, size)
    if len(proof) != len(way):
        raise VerifyError("the inclusion proof has the wrong number of hashes")
    found = leaf
    for (left, _, _), sibling in zip(reversed(way), proof, strict=True):
        found = node_hash(sibling, found) if left else node_hash(found, sibling)
    if not primitives.same(found, root):
        raise VerifyError("the inclusion proof does not lead to the root")


def verify_range(leaves: Sequence[bytes], start: int, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Return if the leaves (their hashes) are number `start` and following of the tree; none is left out.

    One leaf's proof has the hashes of its inclusion proof, in the order in which they stand in the tree.
    Size and root come from one checkpoint: a proof alone does not tell all sizes apart.
    """
    end = start + len(leaves)
    if not _is_size(size) or not _is_size(start) or not start < end <= size:
        raise VerifyError("those entries are not in a tree of that size")
    _check_hashes(root, *leaves, *proof)
    around = _around(start, end, 0, size)
    if len(proof) != len(around):
        raise VerifyError("the proof has the wrong number of hashes")
    outside = dict(zip(around, proof, strict=True))

    def found(low: int, high: int) -> bytes:
        if (low, high) in outside:
            return outside[low, high]
        if high - low == 1:
            return leaves[low - start]
        middle = low + _split(high - low)
        return node_hash(found(low, middle), found(middle, high))

    if not primitives.same(found(0, size), root):
        raise VerifyError("the entries do not lead to the root")


def verify_consistency(
    old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """Return if the tree (`size`, `root`) begins with all leaves of the tree (`old_size`, `old_root`)."""
    # 1. The form.
    if not _is_size(size) or not _is_size(old_size) or old_size > size:
        raise VerifyError("a tree is consistent with smaller ones only")
    _check_hashes(old_root, root, *proof)
    # 2. Nothing to show: every tree begins with the empty one, and with itself.
    if old_size in (0, size):
        for at, claimed in ((old_size, old_root), (size, root)):
            if at == 0 and claimed != EMPTY_ROOT:
                raise VerifyError("the empty tree has another root")
        if proof or (old_size == size and not primitives.same(old_root, root)):
            raise VerifyError("two trees of one size differ, or the proof says too much")
        return
    # 3. The subtree that ends where the old tree ended: given, or the whole old tree.
    way, start = _way_to_border(old_size, size)
    hashes = list(proof) if start else [old_root, *proof]
    if len(hashes) != len(way) + 1:
        raise VerifyError("the consistency proof has the wrong number of hashes")
    old = new = hashes[0]
    # 4. Up to both roots: what stands to the left is in both trees, what stands to the right is new.
    for (left, _, _), sibling in zip(reversed(way), hashes[1:], strict=True):
        if left:
            old = node_hash(sibling, old)
        new = node_hash(sibling, new) if left else node_hash(new, sibling)
    if not primitives.same(old, old_root) or not primitives.same(new, root):
        raise VerifyError("the consistency proof does not lead to both roots")


_Step = tuple[bool, int, int]  # whether the sibling stands to the left; its leaves, from and up to


def _way_to_leaf(index: int, size: int) -> list[_Step]:
    """The siblings along the way from the root down to a leaf."""
    way, low, high = [], 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            way.append((False, middle, high))
            high = middle
        else:
            way.append((True, low, middle))
            low = middle
    return way


def _way_to_border(old_size: int, size: int) -> tuple[list[_Step], int]:
    """The siblings along the way down to the subtree that ends at `old_size`, and where it starts."""
    way, low, high = [], 0, size
    while high != old_size:
        middle = low + _split(high - low)
        if old_size <= middle:
            way.append((False, middle, high))
            high = middle
        else:
            way.append((True, low, middle))
            low = middle
    return way, low


def _around(start: int, end: int, low: int, high: int) -> list[tuple[int, int]]:
    """The largest subtrees of low … high - 1 that hold nothing of start … end - 1, from left to right."""
    if high <= start or end <= low:
        return [(low, high)]
    if start <= low and high <= end:
        return []
    middle = low + _split(high - low)
    return _around(start, end, low, middle) + _around(start, end, middle, high)


def _split(count: int) -> int:
    """The largest power of two below `count`, which is at least 2."""
    return 1 << (count - 1).bit_length() - 1


def _beside(low: int, high: int, subtrees: Subtrees) -> bytes:
    return _join(_pieces(low, high, subtrees))


def _pieces(low: int, high: int, subtrees: Subtrees) -> list[bytes]:
    """The complete subtrees over leaves low … high - 1, from the largest to the smallest."""
    found = []
    while low < high:
        level = (high - low).bit_length() - 1  # `low` is a multiple of it: the walks split there
        piece = subtrees(level, low >> level)
        if not _is_hash(piece):
            raise FormatError("a stored hash does not have 32 bytes")
        found.append(piece)
        low += 1 << level
    return found


def _join(pieces: Sequence[bytes]) -> bytes:
    """The root above complete subtrees that shrink from left to right."""
    if not pieces:
        return EMPTY_ROOT
    root = pieces[-1]
    for piece in reversed(pieces[:-1]):
        root = node_hash(piece, root)
    return root


def _is_size(value: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_SIZE


def _is_hash(value: bytes) -> bool:
    return isinstance(value, bytes) and len(value) == HASH_SIZE


def _check_size(size: int) -> None:
    if not _is_size(size):
        raise FormatError("not the size of a tree")


def _check_hashes(*hashes: bytes) -> None:
    if not all(_is_hash(h) for h in hashes):
        raise VerifyError("a hash has 32 bytes")
