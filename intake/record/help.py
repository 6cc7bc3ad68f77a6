"""Where people find help, by country: data, so that it can be corrected without touching code.

`data/help.json` maps an ISO 3166-1 alpha-2 code, or `any`, to entries: `kind` (one of `KINDS`), `name`
and `url`, and a `note` in each language.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel import Locale

KINDS = ("emergency", "medical", "psychological", "legal", "general")
ANYWHERE = "any"
_FILE = Path(__file__).parent / "data" / "help.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """One place to turn to."""

    kind: str
    name: str
    url: str
    note: str


@dataclass(frozen=True, slots=True)
class Country:
    """A country's entries. `name` is the country in the reader's language, empty for `any`."""

    code: str
    name: str
    entries: tuple[Entry, ...]


@cache
def countries(language: str) -> tuple[Country, ...]:
    """What applies anywhere first, then countries in the alphabet of the language."""
    names = Locale.parse(language).territories
    found = [
        Country(
            code=code,
            name="" if code == ANYWHERE else names[code],
            entries=tuple(Entry(e["kind"], e["name"], e["url"], e["note"][language]) for e in entries),
        )
        for code, entries in json.loads(_FILE.read_text("utf-8")).items()
    ]
    return tuple(sorted(found, key=lambda country: country.name))
