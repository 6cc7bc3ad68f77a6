"""A testimony as a folder: `narrative.txt`, photos and videos beside it, `testimony.json` if wanted.

    {"language": "be", "capacity": "direct_witness",
     "media": {"IMG_1.jpg": {"origin": "received", "intimate": false, "compartment": "identity"}},
     "consent": [{"mechanism": "demo", "purposes": ["un_fact_finding"], "compartments": ["account"],
                  "expires": null, "successor": false}]}

Everything is checked before anything is sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crypto import checks
from crypto.compartments import CLASSES
from crypto.encoding import parse_json
from crypto.errors import FormatError
from crypto.statement import PURPOSES
from intake.record.media import ORIGINS
from intake.record.vocabulary import CAPACITIES

_NARRATIVES = ("narrative.txt", "narrative.md")
_DESCRIPTION = "testimony.json"


class FolderError(Exception):
    """The folder is not a testimony yet; says what is missing or wrong, and where."""


@dataclass(frozen=True, slots=True)
class MediumFile:
    """A file to send, and what is known of it."""

    path: Path
    origin: str
    intimate: bool
    compartment: str


@dataclass(frozen=True, slots=True)
class Consent:
    """What one mechanism may open, and for what."""

    mechanism: str
    purposes: tuple[str, ...]
    compartments: tuple[str, ...] = ("account",)
    expires: str | None = None
    successor: bool = False


@dataclass(frozen=True, slots=True)
class Testimony:
    """A checked folder."""

    narrative: str
    language: str
    capacity: str
    media: tuple[MediumFile, ...]
    consent: tuple[Consent, ...]


def read(
    folder: Path,
    *,
    language: str | None = None,
    capacity: str | None = None,
    origin: str = "unsaid",
    consent: tuple[Consent, ...] = (),
) -> Testimony:
    """Read and check a folder; arguments win over `testimony.json`. `FolderError` says what to mend."""
    if not folder.is_dir():
        raise FolderError(f"{folder} is not a folder")
    described = _description(folder)
    narratives = [folder / name for name in _NARRATIVES if (folder / name).is_file()]
    if len(narratives) > 1:
        raise FolderError("there are two narratives: keep narrative.txt or narrative.md")
    narrative = _text(narratives[0]) if narratives else ""
    about = described.get("media", {})
    if not isinstance(about, dict):
        raise FolderError(f"{_DESCRIPTION}: media maps names of files to what is known of them")
    left = sorted(p.name for p in folder.iterdir() if (p.is_dir() or p.is_symlink()) and p.name[0] != ".")
    if left:
        raise FolderError(
            f"folders and links are not sent: {', '.join(left)}."
            f" Put the files themselves beside {_NARRATIVES[0]}"
        )
    paths = sorted(p for p in folder.iterdir() if _is_medium(p))
    unknown = set(about) - {p.name for p in paths}
    if unknown:
        raise FolderError(f"{_DESCRIPTION} describes files that are not there: {', '.join(sorted(unknown))}")
    media = tuple(_medium(p, about.get(p.name, {}), origin) for p in paths)
    if not narrative.strip() and not media:
        raise FolderError(f"{folder} holds neither {_NARRATIVES[0]} nor a photo or video")
    capacity = capacity or described.get("capacity")
    if capacity not in CAPACITIES:
        raise FolderError(f"the capacity is one of: {', '.join(CAPACITIES)}")
    language = language or described.get("language")
    if not isinstance(language, str) or not checks.WORD.fullmatch(language):
        raise FolderError("the language is missing, for example: be")
    consents = consent or tuple(_consent(c) for c in described.get("consent", []))
    if not consents:
        raise FolderError("nobody is named who may receive this (consent)")
    return Testimony(narrative, language, capacity, media, consents)


def _is_medium(path: Path) -> bool:
    hidden = path.name.startswith(".")
    return path.is_file() and not hidden and path.name not in (*_NARRATIVES, _DESCRIPTION)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")  # line ends as they are
    except UnicodeDecodeError as error:
        raise FolderError(f"{path.name} is not UTF-8 text") from error


def _description(folder: Path) -> Mapping[str, Any]:
    path = folder / _DESCRIPTION
    if not path.exists():
        return {}
    try:
        value = parse_json(path.read_bytes())
    except FormatError as error:
        raise FolderError(f"{_DESCRIPTION}: {error}") from error
    if not isinstance(value, dict) or not set(value) <= {"language", "capacity", "media", "consent"}:
        raise FolderError(f"{_DESCRIPTION} holds language, capacity, media and consent, and nothing else")
    return value


def _medium(path: Path, about: Any, origin: str) -> MediumFile:
    if not isinstance(about, dict) or not set(about) <= {"origin", "intimate", "compartment"}:
        raise FolderError(f"{_DESCRIPTION}: {path.name} may have origin, intimate and compartment")
    origin = about.get("origin", origin)
    intimate = about.get("intimate", False)
    compartment = about.get("compartment", "sensitive" if intimate else "account")
    if origin not in ORIGINS or compartment not in CLASSES or not isinstance(intimate, bool):
        raise FolderError(
            f"{path.name}: origin is one of {', '.join(ORIGINS)}; compartment one of {', '.join(CLASSES)};"
            " intimate is true or false"
        )
    return MediumFile(path, origin, intimate, compartment)


def _consent(value: Any) -> Consent:
    try:
        consent = Consent(
            checks.text(value["mechanism"], checks.SLUG),
            tuple(checks.one_of(p, PURPOSES) for p in checks.items(value["purposes"], 20)),
            tuple(
                checks.one_of(c, CLASSES) for c in checks.items(value.get("compartments", ["account"]), 20)
            ),
            None if value.get("expires") is None else checks.text(value["expires"], checks.DAY),
            checks.boolean(value.get("successor", False)),
        )
    except (FormatError, KeyError, TypeError) as error:
        raise FolderError(f"{_DESCRIPTION}: a consent needs mechanism and purposes: {error}") from error
    if not consent.purposes or not consent.compartments:
        raise FolderError(f"{_DESCRIPTION}: a consent needs at least one purpose and one compartment")
    return consent
