"""Files that are whole or not there: written beside, synced, renamed. One process at a time in a folder."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

if sys.platform != "win32":
    import fcntl


def write(path: Path, data: bytes) -> None:
    """Replace a file, or make it, with the folders above it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def sync_folder(path: Path) -> None:
    """Make sure that names in a folder outlive a power cut, where the system can."""
    if sys.platform == "win32":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_json(path: Path, value: Any) -> None:
    """The same for JSON."""
    write(path, json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n")


def read_json(path: Path) -> dict[str, Any]:
    """A file of ours; empty if it is not there, `ValueError` names one that is damaged."""
    value = _json(path)
    return value if isinstance(value, dict) else {}


def read_json_list(path: Path) -> list[dict[str, Any]]:
    """The same for a file that grows."""
    value = _json(path)
    return value if isinstance(value, list) else []


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError as error:
        raise ValueError(f"{path} is damaged: pull into a new folder, and keep this one") from error


def write_secret(path: Path, data: bytes) -> None:
    """A new file that only its owner may read; `FileExistsError` if it is there."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """`ValueError` if another process works in the folder; one that dies lets go of it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        if sys.platform != "win32":
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ValueError(
                    f"another process is pulling into {folder}: wait until it is done"
                ) from error
        yield
