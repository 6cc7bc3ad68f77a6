"""How `intake open` writes: files under safe names, whole or not there; words of people indented."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crypto import age_header
from crypto.age_header import MAX_HEADER, Header
from crypto.errors import FormatError
from crypto.record_reader import MediumOpener

_PIECE = 1024 * 1024
_STRUCTURED = 32 * 1024 * 1024  # bytes; more is not read into memory


def write_medium(
    source: Path,
    folder: Path,
    part: str,
    name: str | None,
    label: str,
    opening: Callable[[Header], MediumOpener],
) -> str:
    """Open a sealed file into `folder`, as `name` or like its label says; the name.

    It gets that only when all of it was verified.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = folder / f".{part}.part"
    try:
        with source.open("rb") as sealed, fresh.open("wb") as target:
            header = age_header.parse(sealed.read(MAX_HEADER))
            sealed.seek(len(header.raw))
            opener = opening(header)
            while piece := sealed.read(_PIECE):
                target.write(opener.update(piece))
            target.write(opener.finish())
        name = name or free_name(folder, label, part)
        fresh.replace(folder / name)
        return name
    finally:
        fresh.unlink(missing_ok=True)


def read_small(path: Path) -> bytes:
    """A file that is opened in memory; `FormatError` if it is too large for that."""
    if path.stat().st_size > _STRUCTURED:
        raise FormatError("a structured part of this size is not opened")
    return path.read_bytes()


def free_name(folder: Path, original: str, part: str) -> str:
    """A safe file name close to the original's; the label keeps the exact one."""
    name = re.sub(r"[\x00-\x1f\x7f/\\:*?\"<>|]", "_", original).strip(" .")[-120:] or "file"
    encoded = name.encode("utf-8", "replace")
    while len(encoded) > 200:
        name = name[1:]
        encoded = name.encode("utf-8", "replace")
    if not (folder / name).exists():
        return name
    stem, dot, ending = name.rpartition(".")
    return f"{stem or name}.{part[:8]}{dot}{ending if stem else ''}"


def indented(text: str) -> list[str]:
    """Lines of what came from people: none of them is a heading."""
    return [f"    {row}" for row in text.splitlines() or [""]]


def plain(value: Any) -> str:
    """On one line."""
    if isinstance(value, list):
        return ", ".join(plain(item) for item in value) or "-"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return " ".join(text.split())


def reason(error: Exception) -> str:
    """Why something was refused."""
    return f"{type(error).__name__}: {error}"
