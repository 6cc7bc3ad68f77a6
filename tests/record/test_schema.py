"""The published schema: current, a valid schema, and of one mind with the program."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from intake.record import questions, schema, triage
from intake.record.dates import Date, DateError
from intake.record.sections import DECLINED, UNKNOWN, check
from tests.record.test_dates import FORMS, REFUSED
from tests.record.test_sections import example

ROOT = Path(__file__).parents[2]
SCHEMA = schema.testimony_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
DATES = Draft202012Validator(SCHEMA["$defs"]["date"])
LABEL = {
    "part": "ab" * 16, "name": "IMG_1.jpg", "type": "image/jpeg", "size": 5, "digest": "cd" * 32, "sha256": "ef" * 32,
    "origin": "received", "intimate": False, "dedup": "oprf", "messenger": "telegram", "edited": UNKNOWN,
    "capture_proof": "c2pa", "depicts": "injuries", "minors": DECLINED,
}  # fmt: skip
CONSENT = {
    "mechanism": "demo", "purposes": ["un_fact_finding"], "classes": ["account", "identity"], "expires": None, "successor": True,
    "identity": "mechanism", "contact": "here", "conditions": ["not_to_states"], "states": ["RU"], "answers": {"unit": "x"},
    "text": {"version": "2026-12", "language": "be", "sha256": "ab" * 32}, "profile": {"version": 0, "sha256": None},
}  # fmt: skip


def whole() -> dict[str, Any]:
    """A testimony with an answer to everything."""
    told: dict[str, Any] = {}
    for section in questions.sections():
        item = {question.id: example(question) for question in section.questions}
        told[section.id] = [item, {}] if section.repeated else item
    return {
        "schema": 1,
        "record": "12" * 32,
        "language": "be",
        "capacity": "victim",
        "narrative": {"text": "Што адбылося", "language": "be", "capacity": "victim"},
        "triage": triage.card(language="be", capacity="victim", media=1, sections=told),
        "media": [LABEL],
        "consent": [CONSENT],
        "messages": [
            {"mechanism": "demo", "sender": "mechanism", "day": "2026-11-25", "answers": None, "text": "?"}
        ],
        **told,
    }


def test_the_published_schema_is_the_one_that_the_data_makes() -> None:
    published = (ROOT / "docs" / "schema" / "testimony-1.json").read_text("utf-8")
    assert published == schema.schema_text(), "python -m intake.record.schema > docs/schema/testimony-1.json"
    printed = subprocess.run(
        [sys.executable, "-m", "intake.record.schema"], cwd=ROOT, capture_output=True, check=True
    )
    assert printed.stdout.decode("utf-8") == published


def test_the_schema_is_itself_valid_and_names_its_version() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"].endswith(":1") and SCHEMA["version"]
    assert json.loads(schema.schema_text()) == SCHEMA


def test_a_reader_accepts_a_whole_testimony_and_the_least_one() -> None:
    assert list(VALIDATOR.iter_errors(whole())) == []
    least = {"schema": 1, "capacity": "other", "consent": [CONSENT]}
    assert list(VALIDATOR.iter_errors({**least, "narrative": {"text": "x"}})) == []
    assert list(VALIDATOR.iter_errors({**least, "media": [LABEL]})) == []
    for broken in (least, {**least, "media": []}, {**least, "narrative": {"text": ""}}):
        assert not VALIDATOR.is_valid(broken)


def test_a_reader_accepts_what_a_later_version_adds() -> None:
    testimony = whole()
    testimony["hearings"] = [{"day": 1}]
    testimony["exit"]["weather"] = {"rain": True}
    testimony["events"][0] |= {"type": "a_later_type", "basis": ["dreamt"]}
    testimony["media"][0] = {**LABEL, "sensor": "x", "dedup": "later"}
    testimony["consent"][0] = {**CONSENT, "purposes": ["a_later_purpose"], "scope": []}
    assert list(VALIDATOR.iter_errors(testimony)) == []


@pytest.mark.parametrize(
    ("section", "value"),
    [
        ("events", {}),
        ("events", [{"date": "09.08.2020"}]),
        ("events", [{"place": "x" * 501}]),
        ("events", [{"place": "a\nb"}]),
        ("events", [{"place": "a\n"}]),
        ("events", [{"type": "custody\n"}]),
        ("events", [{"place": {"unsaid": "because"}}]),
        ("events", [{"basis": ["saw", "saw"]}]),
        ("events", [{"type": "Not a code"}]),
        ("events", [{}] * 31),
        ("exit", []),
        ("exit", {"country": "XX"}),
        ("gates", {"insider": "yes"}),
        ("detention", [{"people": 1001}]),
        ("contact", {"language": "be_BY"}),
        ("contact", {"language": "be\n"}),
    ],
)
def test_program_and_schema_refuse_alike(section: str, value: Any) -> None:
    assert check(section, value)
    assert not VALIDATOR.is_valid({**whole(), section: value})


@pytest.mark.parametrize("text", [form[0] for form in FORMS])
def test_the_schema_knows_every_form_of_a_date(text: str) -> None:
    assert VALIDATOR.is_valid({**whole(), "events": [{"date": text}]})


@given(st.from_regex(r"[0-9X~?%./-]{0,24}", fullmatch=True))
def test_what_the_schema_takes_for_a_date_differs_from_the_program_only_by_the_calendar(text: str) -> None:
    compare(text)


@pytest.mark.parametrize("text", [text for text in REFUSED if isinstance(text, str)])
def test_the_schema_refuses_what_the_program_refuses_but_for_the_calendar(text: str) -> None:
    compare(text)


def compare(text: str) -> None:
    accepted = DATES.is_valid(text)
    try:
        Date.parse(text)
    except DateError as error:
        assert not accepted or any(why in str(error) for why in ("no such", "years are", "before the first"))
    else:
        assert accepted
