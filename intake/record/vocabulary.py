"""Closed lists of terms with their words in three languages: `data/vocabularies/*.json`, one list a file.

    {"name": "means", "version": "2026-11", "source": "…", "terms":
      [{"code": "truncheon", "label": {"be": …, "ru": …, "en": …}, "note": {…}, "mapping": {"huridocs": …}}]}

A code never changes its meaning and is never removed; a new list of terms is a new version. `note` and
`mapping` may be missing; whatever else a term has (the region of a place, say) is its `extra`.
"""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel import Locale

from crypto.encoding import Json

LANGUAGES = ("be", "ru", "en")
CAPACITIES = (
    "victim",
    "direct_witness",
    "relative",
    "on_behalf",
    "lawyer",
    "medic",
    "insider",
    "other",
)
_FOLDER = Path(__file__).parent / "data" / "vocabularies"
NAMES = (
    "age_bands",
    "agencies",
    "bases_of_knowledge",
    "body_regions",
    "border_points",
    "capacities",
    "capture_proofs",
    "consent_classes",
    "consent_conditions",
    "consent_contacts",
    "consent_identity_uses",
    "consent_purposes",
    "contact_channels",
    "depicts",
    "devices",
    "event_types",
    "exit_coercion",
    "exit_ways",
    "face_coverings",
    "facilities",
    "fates",
    "help_given",
    "injuries_documents",
    "legal_measures",
    "lights",
    "means",
    "media_origins",
    "messengers",
    "methods",
    "papers",
    "perpetrator_roles",
    "prior_forms",
    "prior_listeners",
    "purposes_of_acts",
    "relations",
    "remedies",
    "remedy_outcomes",
    "residence_statuses",
    "supplies",
    "takers",
    "temperatures",
    "times_of_day",
    "violations",
)
# What Babel names beside the countries and territories of ISO 3166-1.
_NO_COUNTRIES = frozenset(
    ("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ")
)
# Code points are not in the order of the Belarusian alphabet, nor quite in that of the Russian.
_ALPHABETS = {
    "be": "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
}


@dataclass(frozen=True, slots=True)
class Term:
    """One entry. `mapping` gives the term in other people's lists, or None where none is known to fit."""

    code: str
    label: Mapping[str, str]
    note: Mapping[str, str] | None
    mapping: Mapping[str, str | None]
    extra: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One list, in the order in which it is shown."""

    name: str
    version: str
    source: str
    terms: tuple[Term, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes, in order."""
        return tuple(term.code for term in self.terms)

    def label(self, code: str, language: str) -> str:
        """The words for a code; a code of a later version stands for itself."""
        return next((term.label[language] for term in self.terms if term.code == code), code)


def raw(name: str) -> bytes:
    """The file of a vocabulary, as it is; `KeyError` for any other name."""
    if name not in NAMES:
        raise KeyError(name)
    return (_FOLDER / f"{name}.json").read_bytes()


@cache
def vocabulary(name: str) -> Vocabulary:
    """One of `NAMES`; `KeyError` for any other."""
    if name not in NAMES:
        raise KeyError(name)
    data = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
    return Vocabulary(data["name"], data["version"], data["source"], tuple(map(_term, data["terms"])))


@cache
def country_names(language: str) -> Mapping[str, str]:
    """ISO 3166-1 alpha-2 codes with the countries' names, in the alphabet of the names."""
    names = Locale.parse(language).territories
    found = {
        code: name
        for code, name in names.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
    }
    return dict(sorted(found.items(), key=lambda item: _place(item[1], language)))


def _place(name: str, language: str) -> list[int]:
    """Where a name stands in the alphabet; accents of other alphabets do not count."""
    alphabet = _ALPHABETS.get(language)
    if alphabet:
        return [alphabet.find(letter) for letter in name.lower()]
    plain = unicodedata.normalize("NFD", name.lower())
    return [ord(letter) for letter in plain if not unicodedata.combining(letter)]


def _term(data: dict[str, Json]) -> Term:
    known = {"code", "label", "note", "mapping"}
    return Term(
        code=data["code"],
        label=data["label"],
        note=data.get("note"),
        mapping=data.get("mapping", {}),
        extra={name: value for name, value in data.items() if name not in known},
    )
