"""The words that stories are told in: `sentences/<language>.txt`, and `tables.txt` there with their cases.

A sentence file has headings (`= beating`) and below each one its phrasings, a line each. In a phrasing
`{means}` stands for a word or phrase of the story (`{Means}`: with a capital letter), and `[he|she]` for
the form that goes with the person who speaks. Tables have columns between strokes.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "sentences"
_PLACE = re.compile(r"\{(\w+)\}")
_GENDER = re.compile(r"\[([^|\]]*)\|([^|\]]*)\]")
_VOWELS = "аеёіоуыэюя"
# Belarusian: «у» that begins a word is «ў» after a vowel, unless there is a pause between.
_SHORT = re.compile(rf"(?<=[{_VOWELS}{_VOWELS.upper()}]) у(?=\w| \S)")
_LONG = re.compile(rf"(?<=[^{_VOWELS}{_VOWELS.upper()}\s]) ў(?=\w| \S)")
_COUNTED = {
    "be": {
        "people": ("чалавек", "чалавекі", "чалавек"),
        "places": ("месца", "месцы", "месцаў"),
        "hours": ("гадзіну", "гадзіны", "гадзін"),
        "minutes": ("хвіліну", "хвіліны", "хвілін"),
        "days": ("дзень", "дні", "дзён"),
        "years": ("год", "гады", "гадоў"),
    },
    "ru": {
        "people": ("человек", "человека", "человек"),
        "places": ("место", "места", "мест"),
        "hours": ("час", "часа", "часов"),
        "minutes": ("минуту", "минуты", "минут"),
        "days": ("день", "дня", "дней"),
        "years": ("год", "года", "лет"),
    },
    "en": {
        "people": ("person", "people", "people"),
        "places": ("person", "people", "people"),
        "hours": ("hour", "hours", "hours"),
        "minutes": ("minute", "minutes", "minutes"),
        "days": ("day", "days", "days"),
        "years": ("year", "years", "years"),
    },
}


@cache
def phrasings(language: str) -> Mapping[str, tuple[str, ...]]:
    """All sentences of a language, by heading."""
    return {name: tuple(lines) for name, lines in _headed(f"{language}.txt").items()}


@cache
def table(name: str) -> tuple[tuple[str, ...], ...]:
    """The rows of one table of `tables.txt`."""
    rows = _headed("tables.txt")
    found = next(lines for heading, lines in rows.items() if heading.partition(":")[0] == name)
    return tuple(tuple(cell.strip() for cell in line.split("|")) for line in found)


@cache
def words(name: str, code: str, column: int) -> str:
    """A cell, by the code in the first column; `KeyError` if there is no such row."""
    return {row[0]: row for row in table(name)}[code][column]


def place_of(language: str, pairs: int = 1) -> int:
    """The first column of a language in a table that has `pairs` columns for each of be, ru, en."""
    return 1 + ("be", "ru", "en").index(language) * pairs


def counted(language: str, thing: str, number: int) -> str:
    """A number with its noun."""
    one, few, many = _COUNTED[language][thing]
    if language == "en":
        return f"{number} {one if number == 1 else many}"
    tens, ones = number % 100, number % 10
    if ones == 1 and tens != 11:
        return f"{number} {one}"
    return f"{number} {few if 2 <= ones <= 4 and not 12 <= tens <= 14 else many}"


def fitting(language: str, name: str, story: Mapping[str, str]) -> list[str]:
    """The phrasings of a heading for which the story has all words."""
    lines = phrasings(language)[name]
    return [line for line in lines if all(place.lower() in story for place in _PLACE.findall(line))]


def fill(line: str, language: str, gender: str, story: Mapping[str, str]) -> str:
    """A phrasing with the story's words in it."""
    line = _GENDER.sub(lambda found: found[1 if gender == "m" else 2], line)
    line = _PLACE.sub(lambda found: _word(found[1], story), line)
    if language == "be":
        line = _LONG.sub(" у", _SHORT.sub(" ў", line))
    return line


def _word(name: str, story: Mapping[str, str]) -> str:
    text = story[name.lower()]
    return text[:1].upper() + text[1:] if name[0].isupper() else text


def _headed(name: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in (_FOLDER / name).read_text("utf-8").splitlines():
        if line.startswith("= "):
            lines = found.setdefault(line[2:], [])
        elif line.strip() and not line.startswith("#"):
            lines.append(line)
    return found
