"""A testimony as a folder: `narrative.txt`, photos and videos beside it, `testimony.json` if wanted.

What `testimony.json` holds is in `document`. Everything is checked before anything is sent.
"""

from collections.abc import Mapping
from pathlib import Path

from crypto.encoding import Json, parse_json
from crypto.errors import FormatError
from intake.client.document import FolderError as FolderError
from intake.client.document import Given, Problem, Reading, read_text
from intake.client.document import Testimony as Testimony
from intake.record.consent import Choice

NARRATIVES = ("narrative.txt", "narrative.md")
DESCRIPTION = "testimony.json"


def read(
    folder: Path,
    *,
    language: str | None = None,
    capacity: str | None = None,
    origin: str = "unsaid",
    consent: tuple[Choice, ...] = (),
) -> Testimony:
    """Read and check a folder; arguments say what its `testimony.json` leaves out (`document.Given`).

    `FolderError` says what to mend.
    """
    found, problems = examine(folder, Given(language, capacity, origin, consent))
    if found is None:
        raise FolderError(problems)
    return found


def examine(folder: Path, given: Given) -> tuple[Testimony | None, list[Problem]]:
    """Read and check a folder: the testimony, or everything that is wrong with it."""
    if not folder.is_dir():
        return None, [Problem(str(folder), "", "is not a folder")]
    reading = Reading(str(folder / DESCRIPTION))
    described = _description(folder, reading)
    reading.begin(described)
    narratives = [folder / name for name in NARRATIVES if (folder / name).is_file()]
    if len(narratives) > 1:
        reading.wrong("", f"there are two narratives: keep {' or '.join(NARRATIVES)}", folder)
    narrative = read_text(narratives[0], reading) if narratives else ""
    left = sorted(p.name for p in folder.iterdir() if (p.is_dir() or p.is_symlink()) and p.name[0] != ".")
    if left:
        reading.wrong(
            "",
            f"folders and links are not sent: {', '.join(left)}."
            f" Put the files themselves beside {NARRATIVES[0]}",
            folder,
        )
    files = {p.name: p for p in sorted(folder.iterdir()) if _is_medium(p)}
    about = described.get("media", {})
    if not isinstance(about, dict):
        reading.wrong("media", "media maps names of files to what is known of them")
        about = {}
    if unknown := sorted(set(about) - set(files)):
        reading.wrong("media", f"describes files that are not there: {', '.join(unknown)}")
    media = [reading.medium(path, about.get(name, {}), given.origin) for name, path in files.items()]
    found = reading.testimony(described, narrative, media, given)
    if not narrative.strip() and not files and not (given.later and described.get("sections")):
        reading.wrong("", f"{folder} holds neither {NARRATIVES[0]} nor a photo or video", folder)
    return (None if reading.problems else found), reading.problems


def _is_medium(path: Path) -> bool:
    hidden = path.name.startswith(".")
    return path.is_file() and not hidden and path.name not in (*NARRATIVES, DESCRIPTION)


def _description(folder: Path, reading: Reading) -> Mapping[str, Json]:
    path = folder / DESCRIPTION
    if not path.exists():
        return {}
    try:
        value = parse_json(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except (FormatError, OSError) as error:
        reading.wrong("", str(error))
        return {}
    if not isinstance(value, dict):
        reading.wrong("", "is not an object")
        return {}
    return value
