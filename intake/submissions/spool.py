"""A large file of the plain form, between its digest and its sealing: on disk, but never in clear.

Its content key is known only when all of it has been read once. Until then it lies in an unnamed file
under a random AES key that exists in this object alone.
"""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from crypto.primitives import SpoolCipher
from intake.disk import mapped

BLOCK = 128 * 1024  # bytes; a block has at least as many, the last one excepted


class Spool:
    """Write once, read once."""

    def __init__(self, folder: Path) -> None:
        self._cipher = SpoolCipher(secrets.token_bytes(32))
        self._blocks: list[int] = []  # sizes, sealed
        self._held = bytearray()
        with mapped():
            self._descriptor = _unnamed_file(folder)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes."""
        self._held += data
        if len(self._held) >= BLOCK:
            self._flush()

    def read(self) -> Iterator[bytes]:
        """Everything written, in the blocks it was written in."""
        if self._held:
            self._flush()
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        for number, size in enumerate(self._blocks):
            with mapped():
                sealed = os.read(self._descriptor, size)
            yield self._cipher.decrypt(number, sealed)

    def close(self) -> None:
        """Let the file vanish. Freeing a large one takes a while: call from a thread."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _flush(self) -> None:
        sealed = memoryview(self._cipher.encrypt(len(self._blocks), self._held))
        self._blocks.append(len(sealed))
        self._held = bytearray()
        with mapped():
            while len(sealed):
                sealed = sealed[os.write(self._descriptor, sealed) :]


def _unnamed_file(folder: Path) -> int:
    try:
        return os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError:
        path = folder / secrets.token_hex(16)
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
        path.unlink()
        return descriptor
