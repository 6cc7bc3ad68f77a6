"""Keys that follow from the content, so that equal media of different people become equal payloads.

A plain hash of the content would let anyone who has a video ask who sent it. The key therefore needs
two things: the content digest D below, which is never sent, stored in clear or logged, and the
server's OPRF key of the epoch (`oprf`), which turns D into a secret u that nobody computes alone.

D is a tree, so that each 1 MiB leaf can be checked again before it is sealed: a file that changed
between digest and seal would reuse key and nonce for other bytes.
"""

from crypto import primitives
from crypto.age_header import FILE_KEY_SIZE
from crypto.age_stream import NONCE_SIZE
from crypto.errors import VerifyError

LEAF = 1024 * 1024
DEDUP_MINIMUM = 16 * 1024  # bytes; shorter content is guessable, and saves nothing
_KEY = b"intake/content-digest/v1"


def leaf_hash(index: int, leaf: bytes | bytearray | memoryview) -> bytes:
    """Lᵢ = HMAC(K, 00 ‖ u64be(i) ‖ leaf) of the i-th MiB, counted from 0."""
    return primitives.hmac_sha256(_KEY, b"\0", index.to_bytes(8, "big"), bytes(leaf))


def root(length: int, leaves: list[bytes]) -> bytes:
    """D = HMAC(K, 01 ‖ u64be(length) ‖ L₀ ‖ L₁ …), 32 bytes."""
    return primitives.hmac_sha256(_KEY, b"\1", length.to_bytes(8, "big"), *leaves)


class ContentDigest:
    """D over a stream; also remembers the leaves, 32 bytes per MiB."""

    def __init__(self) -> None:
        self.length = 0
        self.leaves: list[bytes] = []
        self._leaf = _new_leaf(0)
        self._in_leaf = 0

    def update(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes of the original."""
        view = memoryview(data)
        while len(view):
            take = min(len(view), LEAF - self._in_leaf)
            self._leaf.update(view[:take])
            self._in_leaf += take
            self.length += take
            view = view[take:]
            if self._in_leaf == LEAF:
                self._close_leaf()

    def finish(self) -> bytes:
        """D, 32 bytes. Call once."""
        if self._in_leaf:
            self._close_leaf()
        return root(self.length, self.leaves)

    def _close_leaf(self) -> None:
        self.leaves.append(self._leaf.digest())
        self._leaf = _new_leaf(len(self.leaves))
        self._in_leaf = 0


class LeafCheck:
    """Compare a second reading of the content with the leaves of the first, before it is sealed."""

    def __init__(self, leaves: list[bytes]) -> None:
        self._leaves = leaves
        self._next = 0

    def check(self, leaf: bytes | bytearray | memoryview) -> None:
        """The next MiB (the last may be shorter); `VerifyError` if it is not what was digested."""
        if self._next >= len(self._leaves) or leaf_hash(self._next, leaf) != self._leaves[self._next]:
            raise VerifyError("the file changed while it was being read")
        self._next += 1

    def finish(self) -> None:
        """`VerifyError` if leaves are missing."""
        if self._next != len(self._leaves):
            raise VerifyError("the file changed while it was being read")


def file_key_and_nonce(oprf_output: bytes, digest: bytes) -> tuple[bytes, bytes]:
    """(file key, payload nonce), 16 bytes each, from u = OPRF(D) and D."""
    secret = oprf_output + digest
    return (
        primitives.hkdf(secret, b"intake/file-key/v1", length=FILE_KEY_SIZE),
        primitives.hkdf(secret, b"intake/nonce/v1", length=NONCE_SIZE),
    )


def _new_leaf(index: int) -> primitives.Hmac:
    return primitives.Hmac(_KEY, b"\0" + index.to_bytes(8, "big"))
