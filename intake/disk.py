"""The operating system's errors in our words, and folders that know their names."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from intake.errors import StorageFull, Unavailable

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def mapped() -> Iterator[None]:
    """`StorageFull` where there is no room, `Unavailable` for every other error of the disk."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull("storage_full", "no room is left on the server") from error
        raise Unavailable("unavailable", "the disk does not do what it should") from error


def sync_folder(path: Path) -> None:
    """Make durable which names are in a folder."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
