"""Open pulled records, offline, with a mechanism's identities.

Every check of `crypto.record_reader` is made; what fails one is not shown, and the reason is. A file is
written beside its final name first and gets it only when all of it has been verified.

    OUT/<record>/testimony.json      all fields that could be opened, and what was checked
    OUT/<record>/narrative.txt
    OUT/<record>/media/<name>        originals, byte for byte
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from crypto import age_header, checks
from crypto.age_header import MAX_HEADER
from crypto.age_keys import Identity
from crypto.commitments import Fields
from crypto.encoding import b64u_decode
from crypto.errors import CryptoError, FormatError
from crypto.record_reader import RecordReader
from crypto.statement import BINARY_KINDS

_PIECE = 1024 * 1024
_STRUCTURED = 32 * 1024 * 1024  # bytes; more is not read into memory


@dataclass(slots=True)
class Opened:
    """One record's outcome. `problems` are what was refused, by part (or `record`)."""

    record: str
    parts: int = 0
    media: list[str] = field(default_factory=list)
    sealed_elsewhere: int = 0
    problems: dict[str, str] = field(default_factory=dict)


def open_record(folder: Path, identities: Sequence[Identity], out: Path) -> Opened:
    """Open one pulled record into `out/<record>`; never raises for bad content, but reports it."""
    opened = Opened(folder.name)
    try:
        found = json.loads((folder / "record.json").read_text())
        revisions = [(s["statement"].encode(), b64u_decode(s["signature"], 64)) for s in found["statements"]]
        grants = [(g["compartment"], b64u_decode(g["file"])) for g in found["grants"]]
        reader = RecordReader(revisions, grants, identities, record=folder.name)
    except (CryptoError, KeyError, TypeError, ValueError, OSError, AttributeError) as error:
        opened.problems["record"] = _reason(error)
        return opened
    readable = reader.readable()
    opened.sealed_elsewhere = len(reader.statement.parts) - len(readable)
    target = out / folder.name
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    fields: dict[str, dict[str, Any]] = {}
    labels: dict[str, Fields] = {}
    for entry in readable:
        if entry.kind in BINARY_KINDS:
            continue
        try:
            part = reader.structured(entry.id, _read_small(folder / "parts" / f"{entry.id}.age"))
        except (CryptoError, OSError) as error:
            opened.problems[entry.id] = _reason(error)
            continue
        opened.parts += 1
        fields[entry.id] = {"kind": entry.kind, "compartment": entry.compartment, "fields": part.values}
        if entry.kind == "label":
            labels[str(part.values.get("part"))] = part
        if entry.kind == "narrative":
            (target / "narrative.txt").write_text(str(part.values.get("text", "")), "utf-8", newline="")
    for entry in readable:
        if entry.kind not in BINARY_KINDS:
            continue
        try:
            if entry.id not in labels:
                raise FormatError("its label is missing or was refused")
            name = _medium(reader, entry.id, labels[entry.id], folder, target / "media")
        except (CryptoError, OSError) as error:
            opened.problems[entry.id] = _reason(error)
            continue
        opened.parts += 1
        opened.media.append(name)
        fields[entry.id] = {"kind": entry.kind, "compartment": entry.compartment, "file": f"media/{name}"}
    _summary(target, reader, found, opened, fields)
    return opened


def _medium(reader: RecordReader, part: str, label: Fields, folder: Path, media: Path) -> str:
    media.mkdir(mode=0o700, exist_ok=True)
    fresh = media / f".{part}.part"
    try:
        with (folder / "parts" / f"{part}.age").open("rb") as source, fresh.open("wb") as target:
            header = _header(source)
            opener = reader.medium(part, header, label)
            while sealed := source.read(_PIECE):
                target.write(opener.update(sealed))
            target.write(opener.finish())
        name = _free_name(media, str(label.values["name"]), part)
        fresh.rename(media / name)
        return name
    finally:
        fresh.unlink(missing_ok=True)


def _header(source: BinaryIO) -> age_header.Header:
    """Read the header; leave the file at the payload's start."""
    header = age_header.parse(source.read(MAX_HEADER))
    source.seek(len(header.raw))
    return header


def _read_small(path: Path) -> bytes:
    if path.stat().st_size > _STRUCTURED:
        raise FormatError("a structured part of this size is not opened")
    return path.read_bytes()


def _free_name(folder: Path, original: str, part: str) -> str:
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


def _summary(
    target: Path,
    reader: RecordReader,
    found: dict[str, Any],
    opened: Opened,
    fields: dict[str, dict[str, Any]],
) -> None:
    s = reader.statement
    value = {
        "record": s.record,
        "received_day": found.get("received_day"),
        "created_day": s.created_day,
        "revision": s.revision,
        "sealed_by": s.sealed_by,
        "client": {"name": s.client_name, "version": s.client_version},
        "consent": [
            {
                "mechanism": c.mechanism,
                "purposes": list(c.purposes),
                "expires": c.expires,
                "successor": c.successor,
                "text": {"version": c.text_version, "language": c.text_language, "sha256": c.text_sha256},
            }
            for c in s.consent
        ],
        "parts": fields,
        "not_granted": opened.sealed_elsewhere,
        "problems": opened.problems,
    }
    (target / "testimony.json").write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def pulled_records(folder: Path) -> list[Path]:
    """The complete records of a pull, by id."""
    found = []
    for path in sorted((folder / "records").iterdir()):
        try:
            checks.digest(path.name)
        except FormatError:
            continue
        found.append(path)
    return found
