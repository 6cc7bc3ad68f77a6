"""The JSON Schema (2020-12) of a whole testimony, made from the questions and the vocabularies.

    python -m intake.record.schema > docs/schema/testimony-1.json

A testimony is one object: `narrative`, `triage`, each section under its id, `media` (the labels),
`consent`, `messages`. The schema is for readers, so it is open to later versions: unknown names are
allowed everywhere, and so are codes that no vocabulary has yet. `sections.check` is stricter.
"""

import json

from crypto.compartments import CLASSES
from crypto.encoding import Json
from crypto.message import MECHANISM, SUBMITTER
from crypto.profiles import CONDITIONS
from crypto.statement import PURPOSES
from intake.record.consent import CONTACTS, IDENTITY_USES
from intake.record.questions import LARGEST_NUMBER, Question, Section, medium, sections
from intake.record.sections import LANGUAGE_TAG, SCHEMA
from intake.record.triage import GATES
from intake.record.vocabulary import NAMES, country_names, vocabulary

VERSION = "2026-11"
# Some dialects of patterns let `$` match before a line end; none may.
_END = r"$(?!\n)"
_SINGLE = "(?:[0-9]{3}X|[0-9]{4}-XX(?:-XX)?|[0-9]{4}-[0-9]{2}-XX|[0-9]{4}(?:-[0-9]{2}){0,2}[~?%]?)"
DATE_PATTERN = rf"^(?:{_SINGLE}(?:/(?:{_SINGLE}|\.\.))?|\.\./{_SINGLE}){_END}"
CODE_PATTERN = "^[a-z0-9][a-z0-9_]{0,63}" + _END
_TEXT: Json = {"type": "string"}
_YES_NO: Json = {"type": "boolean"}
_HASH: Json = {"type": "string", "pattern": "^[0-9a-f]{64}" + _END}
_PART: Json = {"type": "string", "pattern": "^[0-9a-f]{32}" + _END}
_DAY: Json = {"type": "string", "format": "date"}


def testimony_schema() -> dict[str, Json]:
    """The whole schema. `version` is that of the questions; `schema` in the data stays 1 while it fits."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:testimony-intake:schema:testimony:{SCHEMA}",
        "title": "Testimony",
        "version": VERSION,
        "type": "object",
        "required": ["schema", "capacity", "consent"],
        "anyOf": [
            {"required": ["narrative"]},
            {"required": ["media"], "properties": {"media": {"minItems": 1}}},
        ],
        "properties": {
            "schema": {"const": SCHEMA},
            "record": _HASH,
            "language": _ref("language"),
            "capacity": _code("capacities"),
            "narrative": _narrative(),
            "triage": _triage(),
            **{section.id: _section(section) for section in sections()},
            "media": _list(_label(), "Photos, videos, papers: their labels"),
            "consent": _list(_consent(), "What each mechanism is allowed, as the person sealed it"),
            "messages": _list(_message(), "Correspondence with mechanisms"),
        },
        "$defs": _definitions(),
    }


def _definitions() -> dict[str, Json]:
    return {
        "unsaid": {
            "title": "Not known, or preferred not to be said",
            "type": "object",
            "required": ["unsaid"],
            "properties": {"unsaid": {"enum": ["unknown", "declined"]}},
        },
        "date": {
            "title": "EDTF Level 1, a subset: docs/record.md",
            "type": "string",
            "pattern": DATE_PATTERN,
        },
        "language": {"title": "BCP 47", "type": "string", "pattern": f"^{LANGUAGE_TAG.pattern}{_END}"},
        "country": {"title": "ISO 3166-1 alpha-2", "enum": sorted(country_names("en"))},
        "later_code": {
            "title": "A code of a later version of the vocabulary",
            "type": "string",
            "pattern": CODE_PATTERN,
        },
        **{f"vocabulary_{name}": _vocabulary(name) for name in NAMES},
    }


def _vocabulary(name: str) -> Json:
    found = vocabulary(name)
    return {
        "title": f"Vocabulary {name}, {found.version}",
        "anyOf": [
            *({"const": term.code, "title": term.label["en"]} for term in found.terms),
            _ref("later_code"),
        ],
    }


def _section(section: Section) -> Json:
    item = {
        "type": "object",
        "properties": {question.id: _question(question) for question in section.questions},
    }
    about = {"title": section.title["en"], "compartment": section.compartment}
    if not section.repeated:
        return {**about, **item}
    return {**about, "type": "array", "maxItems": section.maximum, "items": item}


def _question(question: Question) -> Json:
    about = {"title": question.label["en"]}
    if question.hint:
        about["description"] = question.hint["en"]
    return {**about, "anyOf": [_answer(question), _ref("unsaid")]}


def _answer(question: Question) -> Json:
    vocabulary_name = question.vocabulary or ""
    answers: dict[str, Json] = {
        "line": {"type": "string", "maxLength": question.maximum, "pattern": r"^[^\r\n]*" + _END},
        "text": {"type": "string", "maxLength": question.maximum},
        "date": _ref("date"),
        "one": _code(vocabulary_name),
        "many": {"type": "array", "uniqueItems": True, "items": _code(vocabulary_name)},
        "yes_no": _YES_NO,
        "number": {"type": "integer", "minimum": 0, "maximum": question.maximum or LARGEST_NUMBER},
        "country": _ref("country"),
        "language": _ref("language"),
    }
    return answers[question.type]


def _narrative() -> Json:
    return {
        "title": "What happened, in the person's own words",
        "type": "object",
        "required": ["text"],
        "properties": {
            "text": {"type": "string", "minLength": 1},
            "language": _ref("language"),
            "capacity": _code("capacities"),
            "revises": _PART,
        },
    }


def _triage() -> Json:
    return {
        "title": "Triage card: codes and counts, no names and no narrative",
        "type": "object",
        "properties": {
            "language": _ref("language"),
            "capacity": _code("capacities"),
            "media": {"type": "integer", "minimum": 0},
            "month": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}" + _END},
            "facility": _code("facilities"),
            "violations": {"type": "array", "uniqueItems": True, "items": _code("violations")},
            "gates": {"type": "array", "uniqueItems": True, "items": _open(GATES)},
        },
    }


def _label() -> Json:
    """A label: what every one holds, and what the person may say about the file."""
    asked = {question.id: _question(question) for question in medium().questions}
    return {
        "type": "object",
        "required": ["part", "name", "type", "size", "digest", "sha256"],
        "properties": {
            "part": _PART,
            "name": {"title": "Name of the file", **_TEXT},
            "type": {"title": "Media type (RFC 6838)", **_TEXT},
            "size": {"title": "Bytes, without padding", "type": "integer", "minimum": 0},
            "digest": {"title": "Content digest D, docs/wire.md", **_HASH},
            "sha256": {"title": "SHA-256 of the original bytes", **_HASH},
            "origin": _code("media_origins"),
            "intimate": {"title": "Kept in the sensitive compartment", **_YES_NO},
            "dedup": _open(("oprf", "none")),
            "apart": {"title": "In a compartment of its own", **_YES_NO},
            **asked,
        },
    }


def _consent() -> Json:
    return {
        "type": "object",
        "required": ["mechanism", "purposes"],
        "properties": {
            "mechanism": _TEXT,
            "purposes": {"type": "array", "minItems": 1, "items": _open(PURPOSES)},
            "classes": {"type": "array", "items": _open(CLASSES)},
            "expires": {"title": "Last day, null for no end", "anyOf": [_DAY, {"type": "null"}]},
            "successor": {"title": "Also the body appointed to continue the mandate", **_YES_NO},
            "identity": {"title": "Who may learn the name, at the most", **_open(IDENTITY_USES)},
            "contact": _open(CONTACTS),
            "conditions": {"type": "array", "items": _open(CONDITIONS)},
            "states": {"type": "array", "items": _ref("country")},
            "answers": {"title": "Answers to the mechanism's own questions", "type": "object"},
            "text": {
                "title": "The text that was shown",
                "type": "object",
                "properties": {"version": _TEXT, "language": _ref("language"), "sha256": _HASH},
            },
            "profile": {
                "title": "The mechanism's description that was shown",
                "type": "object",
                "properties": {
                    "version": {"type": "integer"},
                    "sha256": {"anyOf": [_HASH, {"type": "null"}]},
                    "root": {
                        "title": "SHA-256 of the mechanism's root key that was shown",
                        "anyOf": [_HASH, {"type": "null"}],
                    },
                },
            },
        },
    }


def _message() -> Json:
    return {
        "type": "object",
        "required": ["text"],
        "properties": {
            "mechanism": _TEXT,
            "sender": _open((SUBMITTER, MECHANISM)),
            "day": _DAY,
            "part": _PART,
            "answers": {"title": "The part that it answers", "anyOf": [_PART, {"type": "null"}]},
            "text": _TEXT,
            "language": _ref("language"),
        },
    }


def _ref(name: str) -> Json:
    return {"$ref": f"#/$defs/{name}"}


def _code(vocabulary_name: str) -> Json:
    return _ref(f"vocabulary_{vocabulary_name}")


def _open(codes: tuple[str, ...]) -> Json:
    """Codes of the program itself: these, or one of a later version."""
    return {"anyOf": [{"enum": list(codes)}, _ref("later_code")]}


def _list(items: Json, title: str) -> Json:
    return {"title": title, "type": "array", "items": items}


def schema_text() -> str:
    """The schema as it is published."""
    return json.dumps(testimony_schema(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    print(schema_text(), end="")
