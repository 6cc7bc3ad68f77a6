"""Questions from outside (a mechanism's own) are read strictly, and a mistake is named by its place."""

from typing import Any

import pytest

from intake.record.questions import MAX_QUESTIONS, parse_questions
from intake.record.sections import DECLINED, UNKNOWN, Problem, check_answers

WORDS = {"be": "Пытанне?", "ru": "Вопрос?", "en": "Question?"}
LINE: dict[str, Any] = {"id": "unit", "type": "line", "label": WORDS}


def test_a_mechanism_asks_its_own_questions() -> None:
    found = parse_questions(
        [
            {**LINE, "maximum": 40, "required": True, "hint": {**WORDS, "pl": "Pytanie?"}},
            {"id": "means", "type": "many", "label": WORDS, "vocabulary": "means"},
            {"id": "how_many", "type": "number", "label": WORDS, "maximum": 9},
            {"id": "when", "type": "date", "label": WORDS},
        ]
    )
    assert [(q.id, q.type, q.vocabulary, q.required, q.maximum) for q in found] == [
        ("unit", "line", None, True, 40),
        ("means", "many", "means", False, None),
        ("how_many", "number", None, False, 9),
        ("when", "date", None, False, None),
    ]
    assert found[0].hint and found[0].hint["pl"] == "Pytanie?"
    assert check_answers(found, {"unit": DECLINED, "means": ["truncheon"], "how_many": UNKNOWN}) == []
    assert check_answers(found, {"how_many": 10}) == [
        Problem("unit", "required"),
        Problem("how_many", "too_large_number", {"maximum": 9}),
    ]
    assert check_answers(found, ["unit"]) == [Problem("", "malformed")]


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({}, "questions:"),
        ([LINE] * (MAX_QUESTIONS + 1), "questions:"),
        (["unit"], "questions/0:"),
        ([LINE, {"id": "x", "type": "line"}], "questions/1:"),
        ([{**LINE, "default": "x"}], "questions/0:"),
        ([{**LINE, "id": "Unit"}], "questions/0/id:"),
        ([{**LINE, "id": "0/unit"}], "questions/0/id:"),
        ([{**LINE, "id": 7}], "questions/0/id:"),
        ([LINE, LINE], "questions/1/id:"),
        ([{**LINE, "type": "file"}], "questions/0/type:"),
        ([{**LINE, "type": ["line"]}], "questions/0/type:"),
        ([{**LINE, "vocabulary": "means"}], "questions/0/vocabulary:"),
        ([{**LINE, "type": "one"}], "questions/0/vocabulary:"),
        ([{**LINE, "type": "one", "vocabulary": "unknown"}], "questions/0/vocabulary:"),
        ([{**LINE, "type": "one", "vocabulary": ["means"]}], "questions/0/vocabulary:"),
        ([{**LINE, "required": "yes"}], "questions/0/required:"),
        ([{**LINE, "maximum": 501}], "questions/0/maximum:"),
        ([{**LINE, "maximum": 0}], "questions/0/maximum:"),
        ([{**LINE, "maximum": True}], "questions/0/maximum:"),
        ([{**LINE, "type": "date", "maximum": 10}], "questions/0/maximum:"),
        ([{**LINE, "label": "Question?"}], "questions/0/label:"),
        ([{**LINE, "label": {"en": "Question?"}}], "questions/0/label:"),
        ([{**LINE, "label": {**WORDS, "ru": " "}}], "questions/0/label/ru:"),
        ([{**LINE, "label": {**WORDS, "ru": "x" * 2001}}], "questions/0/label/ru:"),
        ([{**LINE, "hint": {**WORDS, "EN": "x"}}], "questions/0/hint:"),
    ],
)
def test_a_mistake_in_a_question_is_named_by_its_place(value: Any, path: str) -> None:
    with pytest.raises(ValueError) as error:
        parse_questions(value)
    assert str(error.value).startswith(path)
