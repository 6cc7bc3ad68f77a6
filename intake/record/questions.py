"""The structured part of a testimony as data: `data/questions/*.json`, one section a file.

    {"id": "events", "order": 30, "compartment": "account", "repeated": true, "maximum": 20,
     "title": {"be": …, "ru": …, "en": …}, "intro": {…}, "item_title": {…},
     "questions": [{"id": "date", "type": "date", "label": {…}, "hint": {…}}, …]}

Nothing here is needed to submit; each question can also be answered with `sections.UNKNOWN` or
`sections.DECLINED`. Ids are names of fields in sealed data: they keep their meaning for ever.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from crypto.encoding import Json
from intake.record.vocabulary import LANGUAGES, NAMES

LINE, TEXT = 500, 20_000  # most characters of an answer
LARGEST_NUMBER = 1_000_000
TYPES = ("line", "text", "date", "one", "many", "yes_no", "number", "country", "language")
MAX_QUESTIONS = 60
_FOLDER = Path(__file__).parent / "data" / "questions"
_MEDIUM = "medium"
_ID = re.compile(r"[a-z][a-z0-9_]{0,47}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_LIMITS = {"line": LINE, "text": TEXT, "number": LARGEST_NUMBER}
_WORDS = 2000  # most characters of a label or hint


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `maximum`: most characters of a line or text, or the largest number; else None."""

    id: str
    type: str
    label: Mapping[str, str]
    hint: Mapping[str, str] | None
    vocabulary: str | None
    required: bool = False
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Questions that belong together and are sealed as one part, into `compartment`.

    A repeated section is a list of at most `maximum` items, each with a heading of `item_title`.
    """

    id: str
    compartment: str
    repeated: bool
    maximum: int
    title: Mapping[str, str]
    intro: Mapping[str, str] | None
    questions: tuple[Question, ...]
    item_title: Mapping[str, str] | None


@cache
def sections() -> tuple[Section, ...]:
    """All sections, in the order in which a person would tell it."""
    files = [file for file in _FOLDER.glob("*.json") if file.stem != _MEDIUM]
    found = [json.loads(file.read_text("utf-8")) for file in files]
    return tuple(_section(data) for data in sorted(found, key=lambda data: int(data["order"])))


def section(id: str) -> Section:
    """One section; `KeyError` for any other."""
    return {section.id: section for section in sections()}[id]


@cache
def medium() -> Section:
    """What is asked about one photo, video or paper. The answers go into its label."""
    return _section(json.loads((_FOLDER / f"{_MEDIUM}.json").read_text("utf-8")))


def raw(id: str) -> bytes:
    """The file of a section, or of `medium`, as it is; `KeyError` for any other."""
    if id != _MEDIUM:
        section(id)
    return (_FOLDER / f"{id}.json").read_bytes()


def parse_questions(value: Json) -> tuple[Question, ...]:
    """Read a list of questions, strictly; `ValueError` says where something is wrong.

    Also for questions of a mechanism, which come from outside: their texts are at least in `LANGUAGES`.
    """
    if not isinstance(value, list) or len(value) > MAX_QUESTIONS:
        raise ValueError(f"questions: a list of at most {MAX_QUESTIONS}")
    found = tuple(_question(item, f"questions/{i}") for i, item in enumerate(value))
    ids = [question.id for question in found]
    for i, id in enumerate(ids):
        if id in ids[:i]:
            raise ValueError(f"questions/{i}/id: {id} is used twice")
    return found


def parse_words(value: Json, path: str) -> Mapping[str, str]:
    """A text in each of `LANGUAGES`, and perhaps in more; `ValueError` with the path if not."""
    if not isinstance(value, dict) or not set(LANGUAGES) <= set(value):
        raise ValueError(f"{path}: a text in each of {', '.join(LANGUAGES)}")
    for language, text in value.items():
        if not _LANGUAGE.fullmatch(language):
            raise ValueError(f"{path}: {language!r} is no language")
        if not isinstance(text, str) or not text.strip() or len(text) > _WORDS:
            raise ValueError(f"{path}/{language}: a text of at most {_WORDS} characters")
    return value


def _question(value: Json, path: str) -> Question:
    allowed = {"id", "type", "label", "hint", "vocabulary", "required", "maximum"}
    if not isinstance(value, dict) or not {"id", "type", "label"} <= set(value) <= allowed:
        raise ValueError(f"{path}: id, type and label, perhaps hint, vocabulary, required and maximum")
    id, kind = value["id"], value["type"]
    if not isinstance(id, str) or not _ID.fullmatch(id):
        raise ValueError(f"{path}/id: a word of small letters, digits and _")
    if kind not in TYPES:
        raise ValueError(f"{path}/type: one of {', '.join(TYPES)}")
    vocabulary = value.get("vocabulary")
    if (kind in ("one", "many")) != (vocabulary is not None):
        raise ValueError(f"{path}/vocabulary: for one and many, and only for them")
    if vocabulary is not None and vocabulary not in NAMES:
        raise ValueError(f"{path}/vocabulary: one of {', '.join(NAMES)}")
    required = value.get("required", False)
    if not isinstance(required, bool):
        raise ValueError(f"{path}/required: true or false")
    hint = value.get("hint")
    return Question(
        id=id,
        type=kind,
        label=parse_words(value["label"], f"{path}/label"),
        hint=None if hint is None else parse_words(hint, f"{path}/hint"),
        vocabulary=vocabulary,
        required=required,
        maximum=_maximum(value.get("maximum"), kind, f"{path}/maximum"),
    )


def _maximum(value: Json, kind: str, path: str) -> int | None:
    limit = _LIMITS.get(kind)
    if value is None:
        return limit
    if limit is None or not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= limit:
        raise ValueError(f"{path}: a number up to that of the type, for lines, texts and numbers")
    return value


def _section(data: dict[str, Json]) -> Section:
    item_title = data.get("item_title")
    intro = data.get("intro")
    path = str(data["id"])
    return Section(
        id=data["id"],
        compartment=data["compartment"],
        repeated=data["repeated"],
        maximum=data["maximum"],
        title=parse_words(data["title"], f"{path}/title"),
        intro=None if intro is None else parse_words(intro, f"{path}/intro"),
        questions=parse_questions(data["questions"]),
        item_title=None if item_title is None else parse_words(item_title, f"{path}/item_title"),
    )
