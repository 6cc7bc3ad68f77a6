"""Answers: what fits, what does not and where, and the way into fields of a sealed part and back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.commitments import MAX_FIELDS, Fields
from intake.record import questions
from intake.record.questions import Question
from intake.record.sections import (
    DECLINED,
    MAX_BYTES,
    UNKNOWN,
    Problem,
    check,
    from_fields,
    is_said,
    to_fields,
)
from intake.record.vocabulary import vocabulary

EVENTS: list[dict[str, Any]] = [
    {"type": "detention", "date": "2020-08-09~", "place": "Мінск", "basis": ["saw", "heard"]},
    {"date": UNKNOWN, "place": DECLINED, "description": "Радок\nі яшчэ адзін"},
    {},
]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
items = st.dictionaries(st.text(max_size=12), json_values, max_size=6)


def example(question: Question) -> Any:
    """An answer that fits."""
    code = vocabulary(question.vocabulary).codes[0] if question.vocabulary else ""
    return {
        "line": "text", "text": "a\nb", "date": "2020-08", "one": code, "many": [code], "yes_no": False,
        "number": 0, "country": "LT", "language": "be-tarask",
    }[question.type]  # fmt: skip


@pytest.mark.parametrize("section", questions.sections(), ids=lambda section: section.id)
def test_a_person_may_answer_every_question_or_say_unknown_or_prefer_not_to(
    section: questions.Section,
) -> None:
    full = [
        {question.id: example(question) for question in section.questions},
        {question.id: UNKNOWN for question in section.questions},
        {question.id: DECLINED for question in section.questions},
    ]
    values = [full, []] if section.repeated else [*full, {}]
    for value in values:
        assert check(section.id, value) == []
        fields = to_fields(section.id, value)
        assert from_fields(fields) == (section.id, value)


def test_a_full_section_of_the_greatest_length_fits_into_one_part() -> None:
    for section in questions.sections():
        item = {question.id: example(question) for question in section.questions}
        value: Any = [item] * section.maximum if section.repeated else item
        assert check(section.id, value) == []
        assert len({**to_fields(section.id, value), "revises": "0" * 32}) <= MAX_FIELDS


def test_what_a_later_version_adds_is_kept() -> None:
    value = [{**EVENTS[0], "weather": {"rain": True}, "0/odd": 1, "": None}]
    assert check("events", value) == []
    assert from_fields(to_fields("events", value)) == ("events", value)
    assert from_fields(to_fields("hearings", {"section": "x", "items": 3})) == (
        "hearings",
        {"section": "x", "items": 3},
    )
    with pytest.raises(KeyError):
        check("hearings", {})


@given(st.text(max_size=12), st.lists(items, max_size=4) | items)
def test_any_section_survives_the_way_through_a_sealed_part(section: str, value: Any) -> None:
    salted = Fields.salted(to_fields(section, value), lambda size: bytes(size))
    assert from_fields(Fields.parse(salted.encode()).values) == (section, value)


def test_an_answer_that_an_export_leaves_out_does_not_move_the_others() -> None:
    fields = to_fields("events", EVENTS)
    assert fields["items"] == 3 and fields["0/basis"] == ["saw", "heard"]
    for left_out in ("0/date", "items", "schema"):
        id, value = from_fields({name: answer for name, answer in fields.items() if name != left_out})
        assert id == "events" and value[1] == EVENTS[1]
    assert from_fields({**fields, "revises": "ab" * 16, "later": 1}) == ("events", EVENTS)


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"text": "a narrative"}, {"section": 5}, {"section": "events", "items": -1}, {"section": "events", "items": "2"},
        {"section": "events", "items": 1, "1/date": "2020"}, {"section": "events", "items": 2001},
    ],
)  # fmt: skip
def test_fields_of_something_else_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        from_fields(fields)


@pytest.mark.parametrize(
    ("section", "value", "problem"),
    [
        ("events", {}, Problem("", "malformed")),
        ("exit", [], Problem("", "malformed")),
        ("exit", "text", Problem("", "malformed")),
        ("exit", None, Problem("", "malformed")),
        ("exit", {"words": 1.5}, Problem("", "malformed")),
        ("exit", {"words": "\ud800"}, Problem("", "malformed")),
        ("events", [{}] * 31, Problem("", "too_many", {"maximum": 30})),
        ("events", [{}, "x"], Problem("1", "malformed")),
        ("events", [{}, {"type": "riot"}], Problem("1/type", "code_unknown", {"value": "riot"})),
        ("events", [{"basis": ["saw", "guessed"]}], Problem("0/basis", "code_unknown", {"value": "guessed"})),
        ("events", [{"basis": ["saw", "saw"]}], Problem("0/basis", "malformed")),
        ("events", [{"basis": "saw"}], Problem("0/basis", "malformed")),
        ("events", [{"basis": [["saw"]]}], Problem("0/basis", "malformed")),
        ("events", [{"place": "x" * 501}], Problem("0/place", "too_long", {"maximum": 500})),
        ("events", [{"place": "a\nb"}], Problem("0/place", "malformed")),
        ("events", [{"place": {"unsaid": "because"}}], Problem("0/place", "malformed")),
        ("events", [{"place": None}], Problem("0/place", "malformed")),
        ("events", [{"description": "x" * 20_001}], Problem("0/description", "too_long", {"maximum": 20_000})),
        ("exit", {"country": "XX"}, Problem("0/country", "code_unknown", {"value": "XX"})),
        ("exit", {"country": "lt"}, Problem("0/country", "code_unknown", {"value": "lt"})),
        ("exit", {"country": 5}, Problem("0/country", "malformed")),
        ("contact", {"language": "Belarusian language"}, Problem("0/language", "malformed")),
        ("contact", {"language": None}, Problem("0/language", "malformed")),
        ("gates", {"insider": "yes"}, Problem("0/insider", "malformed")),
        ("gates", {"insider": 1}, Problem("0/insider", "malformed")),
        ("detention", [{"people": -1}], Problem("0/people", "malformed")),
        ("detention", [{"people": True}], Problem("0/people", "malformed")),
        ("detention", [{"people": "5"}], Problem("0/people", "malformed")),
        ("detention", [{"people": 1001}], Problem("0/people", "too_large_number", {"maximum": 1000})),
        ("events", [{"later": "x" * MAX_BYTES}], Problem("", "too_large", {"limit_kib": 256})),
        ("exit", {f"later{i}": 1 for i in range(MAX_FIELDS)}, Problem("", "too_large", {"limit_kib": 256})),
    ],
)  # fmt: skip
def test_an_answer_that_does_not_fit_is_named_by_its_place(
    section: str, value: Any, problem: Problem
) -> None:
    assert check(section, value) == [problem]


def test_a_date_that_does_not_fit_comes_with_an_example() -> None:
    problems = check("events", [{"date": "09.08.2020"}, {"date": "2021-02-29"}, {"date": 2020}])
    assert [(problem.path, problem.code) for problem in problems] == [
        ("0/date", "date"),
        ("1/date", "date"),
        ("2/date", "date"),
    ]
    assert all("2020-08-09" in str(problem.values["example"]) for problem in problems)


def test_too_much_for_one_part_is_refused() -> None:
    for value in ({"text": "x" * MAX_BYTES}, {f"later{i}": 1 for i in range(MAX_FIELDS)}, "text", [1]):
        with pytest.raises(ValueError):
            to_fields("exit", value)


def test_an_unsaid_answer_is_not_something_said() -> None:
    assert is_said("text") and is_said(False) and is_said([])
    assert not any(map(is_said, (None, UNKNOWN, DECLINED)))
