"""Files that hold the server's own secrets: private, durable, made once."""

import errno
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from intake.disk import mapped, sync_folder
from intake.errors import ConfigurationError


def once(path: Path, make: Callable[[], bytes]) -> bytes:
    """32 bytes of a file that is made once: of several processes that try, the first one wins."""
    private_folder(path.parent)
    if not path.exists():
        with mapped(), _written(path, make()) as fresh:
            with suppress(FileExistsError):
                os.link(fresh, path)
            sync_folder(path.parent)
    data = path.read_bytes()
    if len(data) != 32:
        raise ConfigurationError(f"{path} is damaged: it must have 32 bytes")
    return data


def replace(path: Path, data: bytes) -> None:
    """Write a file anew, durably: readers see the old content or the new one."""
    with mapped(), _written(path, data) as fresh:
        os.rename(fresh, path)
        sync_folder(path.parent)


def private_folder(path: Path) -> None:
    """Make a folder for its owner alone."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


@contextmanager
def _written(path: Path, data: bytes) -> Iterator[Path]:
    """A new file beside `path`, whole and durable; removed at the end if it still has its name."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
    try:
        with open(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb", 0) as file:
            if file.write(data) != len(data):
                raise OSError(errno.ENOSPC, "written in part")
            os.fsync(file.fileno())
        yield fresh
    finally:
        fresh.unlink(missing_ok=True)
