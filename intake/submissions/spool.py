"""A large file of the plain form, between its digest and its sealing: on disk, but never in clear.

Its content key is known only when all of it has been read once. Until then it lies in an unnamed file
under a random AES key that exists in this object alone.
"""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from crypto.primitives import TAG_SIZE, SpoolCipher
from intake.disk import mapped

SEALED = 256 * 1024  # bytes of a block on the disk: the kernel takes aligned writes for less
BLOCK = SEALED - TAG_SIZE  # bytes of plaintext in a block; the last one has fewer


class Spool:
    """Write once, read once. One block is held, in buffers that are made once."""

    def __init__(self, folder: Path) -> None:
        self._cipher = SpoolCipher(secrets.token_bytes(32))
        self._plain = memoryview(bytearray(BLOCK))
        self._sealed = memoryview(bytearray(SEALED))
        self._held = 0  # bytes at the start of `_plain`
        self._size = 0  # bytes of plaintext written
        self._blocks = 0  # sealed so far: no number is used twice
        with mapped():
            self._descriptor = _unnamed_file(folder)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes."""
        view = memoryview(data)
        self._size += len(view)
        while len(view):
            taken = min(len(view), BLOCK - self._held)
            self._plain[self._held : self._held + taken] = view[:taken]
            self._held += taken
            view = view[taken:]
            if self._held == BLOCK:
                self._flush()

    def read(self) -> Iterator[memoryview]:
        """Everything written, in blocks; each is valid until the next is asked for."""
        if self._held:
            self._flush()
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        for number in range(self._blocks):
            length = min(BLOCK, self._size - number * BLOCK)
            sealed, plain = self._sealed[: length + TAG_SIZE], self._plain[:length]
            with mapped():
                got = os.readv(self._descriptor, [sealed])
            self._cipher.decrypt_into(number, sealed[:got], plain)
            yield plain

    def close(self) -> None:
        """Let the file vanish. Freeing a large one takes a while: call from a thread."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _flush(self) -> None:
        number, plain, sealed = self._blocks, self._plain[: self._held], self._sealed[: self._held + TAG_SIZE]
        self._blocks, self._held = number + 1, 0
        self._cipher.encrypt_into(number, plain, sealed)
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
