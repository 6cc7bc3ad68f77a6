"""Many interviews at once: a folder of folders, JSON Lines, or a table (CSV).

    {"id": "17", "narrative": "…", "language": "be", "capacity": "victim", "sections": {…},
     "media": ["17/scar.jpg"], "consent_scan": "17/consent.pdf", "consent": [{…}]}

A line of JSON Lines holds what `testimony.json` holds (`document`), and besides `narrative` or
`narrative_file`, `id` (the documenter's own reference, which is never sent) and `consent_scan`. Files are
named relative to the file that names them, and lie beneath its folder. Tables are in `tables`.

All interviews are checked before the first is sealed.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from crypto.encoding import Json, parse_json
from crypto.errors import FormatError
from intake.client import tables
from intake.client.document import FolderError, Given, MediumFile, Problem, Reading, Testimony, read_text
from intake.client.folder import DESCRIPTION, NARRATIVES, examine

LINES, TABLE = (".jsonl", ".ndjson"), (".csv",)
_MORE = frozenset({"id", "narrative", "narrative_file", "consent_scan"})
_MAX_ID = 200  # characters
# Whoever signed a consent form is in it: it never shares storage with equal files of others.
_SCAN: Mapping[str, Json] = {"origin": "self", "compartment": "identity", "depicts": "consent_form"}

_EXAMPLE: Json = {
    "id": "2026-017",
    "narrative": "What happened, in the person's own words.",
    "language": "be",
    "capacity": "victim",
    "sections": {
        "person": {"name": {"unsaid": "declined"}, "birth": "1990"},
        "events": [{"type": "detention", "date": "2020-08-09~", "place": "Minsk"}],
        "detention": [{"people": 24, "family_told": False}],
        "account": {"interviewer": "…", "interview_date": "2026-11-20", "read_back": True},
    },
    "media": {"2026-017/scar.jpg": {"origin": "self", "depicts": "injuries", "intimate": True}},
    "consent_scan": "2026-017/consent.pdf",
    "consent": [
        {
            "mechanism": "demo",
            "purposes": ["un_fact_finding", "archive"],
            "classes": ["account", "triage", "identity"],
            "expires": "2036-12-31",
            "identity": "court",
            "conditions": ["not_to_states"],
            "states": ["BY", "RU"],
        }
    ],
}


@dataclass(frozen=True, slots=True)
class Interview:
    """A checked testimony. `id` is the documenter's own name for it, `where` its place in the source."""

    where: str
    id: str
    testimony: Testimony


def read(path: Path, given: Given) -> list[Interview]:
    """All interviews of a folder or file; `FolderError` lists everything that is wrong with any of them.

    `given` is said for all of them.
    """
    found: list[Interview] = []
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for where, id, testimony, wrong in _all(path, given):
        problems += wrong
        if id in seen:
            problems.append(Problem(where, "id", f"{id} is used twice: see {seen[id]}"))
        seen.setdefault(id, where)
        if testimony is not None:
            found.append(Interview(where, id, testimony))
    if not seen and not problems:
        problems.append(Problem(str(path), "", "holds no interview"))
    if problems:
        raise FolderError(problems)
    return found


_Found = tuple[str, str, Testimony | None, list[Problem]]  # where, id, testimony, what is wrong


def _all(path: Path, given: Given) -> Iterator[_Found]:
    if path.is_dir():
        yield from _folders(path, given)
    elif path.suffix.lower() in LINES:
        yield from _lines(path, given)
    elif path.suffix.lower() in TABLE:
        yield from _rows(path, given)
    elif not path.suffix and not path.exists():
        yield str(path), "", None, [Problem(str(path), "", "is not there")]
    else:
        said = f"is neither a folder nor a file that ends in {', '.join((*LINES, *TABLE))}"
        yield str(path), "", None, [Problem(str(path), "", said)]


def _folders(path: Path, given: Given) -> Iterator[_Found]:
    inside = [p for p in sorted(path.iterdir()) if not p.name.startswith(".")]
    is_one = any((path / name).exists() for name in (*NARRATIVES, DESCRIPTION))
    if is_one or not inside or not all(p.is_dir() and not p.is_symlink() for p in inside):
        yield str(path), path.name, *examine(path, given)
        return
    for folder in inside:
        yield str(folder), folder.name, *examine(folder, given)


def _lines(path: Path, given: Given) -> Iterator[_Found]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if not line.strip():
                continue
            where = f"{path}, line {number}"
            try:
                described = parse_json(line)
                if not isinstance(described, dict):
                    raise FormatError("is not an object")
            except FormatError as error:
                yield where, where, None, [Problem(where, "", str(error))]
                continue
            yield _interview(path, where, described, given, [])


def _rows(path: Path, given: Given) -> Iterator[_Found]:
    for row in tables.read(path):
        where = f"{path}, line {row.line}"
        problems = [Problem(where, column, what) for column, what in row.problems]
        if not row.described:  # what is wrong with its cells is nothing to go on from
            yield where, where, None, problems
        else:
            yield _interview(path, where, row.described, given, problems)


def _interview(
    path: Path, where: str, described: dict[str, Json], given: Given, problems: list[Problem]
) -> _Found:
    """One document whose files are named in it. `problems` were found in it before."""
    reading = Reading(where)
    reading.problems += problems
    reading.begin(described, _MORE)
    id = described.get("id", where)
    if not isinstance(id, str) or not 0 < len(id) <= _MAX_ID or not id.isprintable():
        reading.wrong("id", f"is a text of 1 to {_MAX_ID} printable characters")
        id = where
    narrative = _narrative(path, described, reading)
    media = _media(path, described, reading, given)
    found = reading.testimony(described, narrative, media, given)
    named = described.get("media") or described.get("consent_scan")
    if not narrative.strip() and not named and not described.get("narrative_file"):
        reading.wrong("narrative", "there is neither a narrative nor a photo or video")
    return where, id, (None if reading.problems else found), reading.problems


def _narrative(path: Path, described: Mapping[str, Json], reading: Reading) -> str:
    narrative, name = described.get("narrative"), described.get("narrative_file")
    if narrative is not None and name is not None:
        reading.wrong("narrative_file", "narrative and narrative_file do not go together")
    if name is not None:
        file = _file(path, name, "narrative_file", reading)
        return read_text(file, reading) if file else ""
    if narrative is not None and not isinstance(narrative, str):
        reading.wrong("narrative", "is a text")
        return ""
    return narrative or ""


def _media(
    path: Path, described: Mapping[str, Json], reading: Reading, given: Given
) -> list[MediumFile | None]:
    about = described.get("media", {})
    if isinstance(about, list) and all(isinstance(name, str) for name in about):
        if len(set(about)) < len(about):
            reading.wrong("media", "a file is named twice")
        about = {name: {} for name in about}
    if not isinstance(about, dict):
        reading.wrong("media", "is a list of files, or maps files to what is known of them")
        about = {}
    named = list(about.items())
    if (scan := described.get("consent_scan")) is not None:
        named.append((scan, _SCAN))
    found: list[MediumFile | None] = []
    for name, known in named:
        file = _file(path, name, "consent_scan" if known is _SCAN else "media", reading)
        if file:
            found.append(reading.medium(file, dict(known) if known is _SCAN else known, given.origin))
    return found


def _file(path: Path, name: Json, field: str, reading: Reading) -> Path | None:
    """A file beneath the folder of `path`: a list from others must not fetch whatever it names."""
    if not isinstance(name, str) or not name or "\0" in name:
        reading.wrong(field, "is the name of a file")
        return None
    wanted = Path(name.replace("\\", "/"))
    if wanted.is_absolute() or ".." in wanted.parts or ":" in name.partition("/")[0][1:2]:
        reading.wrong(field, f"{name}: files are named relative to {path.name}, and lie beneath its folder")
        return None
    file = path.parent / wanted
    steps = [path.parent.joinpath(*wanted.parts[: i + 1]) for i in range(len(wanted.parts))]
    if any(step.is_symlink() for step in steps):
        reading.wrong(field, f"{name} is a link, or lies behind one: put the file itself there")
        return None
    if not file.is_file():
        reading.wrong(field, f"{name} is not there")
        return None
    return file


def template() -> str:
    """An example of a line."""
    return json.dumps(_EXAMPLE, ensure_ascii=False) + "\n"
