"""Answers to a section: whether they fit its questions, and how they become fields of a sealed part.

    single    {"date": "2020-08-09", "place": {"unsaid": "unknown"}}
    repeated  [{"date": …}, …]

What is not answered is left out; `UNKNOWN` and `DECLINED` may stand in for any answer. Names that no
question has are kept: data of a later version passes through unchanged.

As fields (`crypto.commitments`), each answer can be shown or left out by itself:

    {"section": "events", "schema": 1, "items": 2, "0/date": "2020-08-09", "1/place": …}

The number before the stroke counts items from 0; a section that is not repeated has item 0 and no
`items`. A list of codes is one value.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from crypto.commitments import MAX_FIELDS
from crypto.encoding import Json, canonical_json
from crypto.errors import FormatError
from intake.record.dates import Date, DateError
from intake.record.questions import LARGEST_NUMBER, LINE, Question, Section, section
from intake.record.vocabulary import country_names, vocabulary

SCHEMA = 1
MAX_BYTES = 256 * 1024  # of one section as canonical JSON
UNKNOWN: Json = {"unsaid": "unknown"}
DECLINED: Json = {"unsaid": "declined"}
LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}")  # BCP 47, as far as testimonies need it
_META = 10  # section, schema, items, and what stands beside the answers, such as `revises`
_FIELD = re.compile(r"(0|[1-9][0-9]{0,3})/(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Problem:
    """What does not fit. `path` is `<item>/<question>`, `<item>`, or empty for the whole section.

    Codes: `malformed`, `too_large`, `too_many` (maximum), `too_long` (maximum), `too_large_number`
    (maximum), `date` (example), `code_unknown` (value), `required`.
    """

    path: str
    code: str
    values: Mapping[str, str | int] = field(default_factory=dict)


def check(section_id: str, value: Json) -> list[Problem]:
    """What is wrong with the answers to a section; `KeyError` if there is no such section."""
    asked = section(section_id)
    try:
        if len(canonical_json(value)) > MAX_BYTES:
            return [Problem("", "too_large", {"limit_kib": MAX_BYTES // 1024})]
    except FormatError:
        return [Problem("", "malformed")]
    if not isinstance(value, list if asked.repeated else dict):
        return [Problem("", "malformed")]
    items = _items(value)
    if len(items) > asked.maximum:
        return [Problem("", "too_many", {"maximum": asked.maximum})]
    if _fields_needed(items) > MAX_FIELDS:
        return [Problem("", "too_large", {"limit_kib": MAX_BYTES // 1024})]
    return [problem for i, item in enumerate(items) for problem in _check_item(asked, item, str(i))]


def check_answers(questions: tuple[Question, ...], value: Json) -> list[Problem]:
    """The same for questions that are in no section, such as a mechanism's own; paths are their ids."""
    if not isinstance(value, dict):
        return [Problem("", "malformed")]
    found = [(question.id, _check_answer(question, value)) for question in questions]
    return [Problem(id, *problem) for id, problem in found if problem]


def to_fields(section_id: str, value: Json) -> dict[str, Json]:
    """Answers as flat fields. Any section id will do; `ValueError` if it is too much for one part."""
    items = _items(value)
    if not all(isinstance(item, dict) for item in items):
        raise ValueError("a section is an object or a list of objects")
    if _fields_needed(items) > MAX_FIELDS:
        raise ValueError(f"a section has at most {MAX_FIELDS} fields")
    if len(canonical_json(value)) > MAX_BYTES:
        raise ValueError(f"a section has at most {MAX_BYTES} bytes")
    fields: dict[str, Json] = {"section": section_id, "schema": SCHEMA}
    if isinstance(value, list):
        fields["items"] = len(items)
    for i, item in enumerate(items):
        fields |= {f"{i}/{name}": answer for name, answer in item.items()}
    return fields


def from_fields(fields: Mapping[str, Json]) -> tuple[str, Json]:
    """(section id, answers) of `to_fields`; `ValueError` if the fields are not those of a section.

    Any field but the section's id may be missing: an export can leave it out. Fields of another form,
    which a later version may have beside the answers, are passed over.
    """
    section_id, count = fields.get("section"), fields.get("items")
    if not isinstance(section_id, str):
        raise ValueError("not the fields of a section")
    answers: dict[int, dict[str, Json]] = {}
    for name, answer in fields.items():
        if found := _FIELD.fullmatch(name):
            answers.setdefault(int(found[1]), {})[found[2]] = answer
    needed = max(answers, default=0) + 1
    if count is None and needed == 1:
        return section_id, answers.get(0, {})
    if count is not None and (not isinstance(count, int) or not 0 <= count <= MAX_FIELDS):
        raise ValueError("the number of items is not a number")
    if count is not None and answers and needed > count:
        raise ValueError("there are more items than their number says")
    return section_id, [answers.get(i, {}) for i in range(needed if count is None else count)]


def is_said(value: Json) -> bool:
    """Whether a question was answered, and with something else than `UNKNOWN` or `DECLINED`."""
    return value is not None and value not in (UNKNOWN, DECLINED)


def _items(value: Json) -> list[Json]:
    return list(value) if isinstance(value, list) else [value]


def _fields_needed(items: list[Json]) -> int:
    return _META + sum(len(item) for item in items if isinstance(item, dict))


def _check_item(asked: Section, item: Json, path: str) -> list[Problem]:
    if not isinstance(item, dict):
        return [Problem(path, "malformed")]
    found = check_answers(asked.questions, item)
    return [Problem(f"{path}/{problem.path}", problem.code, problem.values) for problem in found]


_Found = tuple[str, Mapping[str, str | int]] | None


def _check_answer(question: Question, answers: dict[str, Json]) -> _Found:
    if question.id not in answers:
        return ("required", {}) if question.required else None
    answer = answers[question.id]
    if answer in (UNKNOWN, DECLINED):
        return None
    return _CHECKS[question.type](question, answer)


def _check_text(question: Question, answer: Json) -> _Found:
    if not isinstance(answer, str) or (question.type == "line" and {"\n", "\r"} & set(answer)):
        return "malformed", {}
    limit = question.maximum or LINE
    return ("too_long", {"maximum": limit}) if len(answer) > limit else None


def _check_date(question: Question, answer: Json) -> _Found:
    try:
        Date.parse(answer)
    except DateError as error:
        return "date", {"example": error.args[0]}
    return None


def _check_codes(question: Question, answer: Json) -> _Found:
    codes = [answer] if question.type == "one" else answer
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        return "malformed", {}
    if len(set(codes)) != len(codes):
        return "malformed", {}
    assert question.vocabulary
    known = vocabulary(question.vocabulary).codes
    unknown = next((code for code in codes if code not in known), None)
    return ("code_unknown", {"value": unknown[:64]}) if unknown is not None else None


def _check_yes_no(question: Question, answer: Json) -> _Found:
    return None if isinstance(answer, bool) else ("malformed", {})


def _check_number(question: Question, answer: Json) -> _Found:
    if not isinstance(answer, int) or isinstance(answer, bool) or answer < 0:
        return "malformed", {}
    limit = question.maximum or LARGEST_NUMBER
    return ("too_large_number", {"maximum": limit}) if answer > limit else None


def _check_country(question: Question, answer: Json) -> _Found:
    if not isinstance(answer, str):
        return "malformed", {}
    return None if answer in country_names("en") else ("code_unknown", {"value": answer[:64]})


def _check_language(question: Question, answer: Json) -> _Found:
    return None if isinstance(answer, str) and LANGUAGE_TAG.fullmatch(answer) else ("malformed", {})


_CHECKS = {
    "line": _check_text,
    "text": _check_text,
    "date": _check_date,
    "one": _check_codes,
    "many": _check_codes,
    "yes_no": _check_yes_no,
    "number": _check_number,
    "country": _check_country,
    "language": _check_language,
}
