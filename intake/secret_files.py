"""Files that hold the server's own secrets: private, durable, made once."""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from intake.errors import ConfigurationError


def once(path: Path, make: Callable[[], bytes]) -> bytes:
    """32 bytes of a file that is made once: of several processes that try, the first one wins."""
    private_folder(path.parent)
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
        _write(fresh, make())
        with suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
        _sync_folder(path.parent)
    data = path.read_bytes()
    if len(data) != 32:
        raise ConfigurationError(f"{path} is damaged: it must have 32 bytes")
    return data


def replace(path: Path, data: bytes) -> None:
    """Write a file anew, durably: readers see the old content or the new one."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
    _write(fresh, data)
    os.rename(fresh, path)
    _sync_folder(path.parent)


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        os.write(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def private_folder(path: Path) -> None:
    """Make a folder for its owner alone."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
