"""The long form, two readers: the browser takes from its fields what the server takes, and refuses the same."""

import base64
import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crypto.encoding import Json, canonical_json
from crypto.receipt import RANDOM_BYTES, Receipt
from intake.http import reading
from intake.http.public.blank import questionnaire
from intake.record import sections, triage
from intake.record.dates import Date, DateError
from intake.record.questions import Question, Section, section
from intake.record.questions import sections as all_sections
from intake.record.vocabulary import CAPACITIES, vocabulary
from intake.submissions import drafts
from tests.http.test_write import answer_everything
from tests.web.twin import Twin

LANGUAGE = "be"
MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FEW = settings(MANY, max_examples=12)
Fields = dict[str, list[str]]


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with Twin() as running:
        running.ask("form", text=canonical_json(questionnaire(LANGUAGE)).decode())
        yield running


def by_server(asked: Section, fields: Fields) -> dict[str, Any]:
    typed = {name: [reading.clean(value) for value in values] for name, values in fields.items()}
    read = reading.answers(asked.questions, typed)
    value: Json = [read.answers] if asked.repeated else read.answers
    return {
        "answers": read.answers,
        "problems": [[p.path, p.code, p.values.get("maximum")] for p in read.problems],
        "shown": reading.typed(asked.questions, read.answers),
        "words": [reading.words(q, read.answers.get(q.id), LANGUAGE) or "" for q in asked.questions],
        "checked": [[p.path, p.code] for p in sections.check(asked.id, value)],
        "fields": sections.to_fields(asked.id, value),
    }


def compare(twin: Twin, asked: Section, fields: Fields) -> None:
    sent = [[name, value] for name, values in fields.items() for value in values]
    found = json.loads(twin.ask("section", id=asked.id, fields=sent, language=LANGUAGE))
    wanted = by_server(asked, fields)
    # Both say the same of booleans and of what stands for no answer; only one of them calls it words.
    wanted["words"] = [
        w if not isinstance(wanted["answers"].get(q.id), bool) else str(wanted["answers"][q.id]).lower()
        for q, w in zip(asked.questions, wanted["words"], strict=True)
    ]
    assert found == json.loads(canonical_json(wanted)), fields


def typed_words() -> st.SearchStrategy[str]:
    return st.one_of(
        st.sampled_from(["", " ", "Так", "першы\r\nдругі", " з краю ", "\x07", "\ufeff", "🕊" * 3, "x" * 501]),
        st.text(max_size=8),
    )


def fields_of(question: Question) -> st.SearchStrategy[Fields]:
    """What can stand in the fields of one question, and what cannot."""
    name = f"q:{question.id}"
    unsaid = st.sampled_from([None, "~unknown", "~declined", "", "~other"])
    if question.type == "date":
        year = st.sampled_from(["", "2020", "2019", "1899", "202X", "20", "2024 "])
        number = st.sampled_from(["", "2", "02", "12", "13", "29", "30", "31", "0", "x"])
        about = st.sampled_from(["exact", "about", "unsure", "", "other"])
        boxes = {"year": year, "month": number, "day": number, "about": about}
        until = {f"until:{box}": strategy for box, strategy in boxes.items()}
        empty: st.SearchStrategy[dict[str, str]] = st.fixed_dictionaries({})
        kept = st.fixed_dictionaries({"kept": st.sampled_from(["2020-XX", "A", ""]), "keep": st.just("yes")})
        made = st.tuples(
            st.fixed_dictionaries(boxes), st.one_of(empty, st.fixed_dictionaries(until)), kept | empty
        )
        values = made.map(lambda m: {f"{name}:{box}": [v] for part in m for box, v in part.items()})
    elif question.type in ("one", "many"):
        assert question.vocabulary
        codes = st.sampled_from([*vocabulary(question.vocabulary).codes[:4], "", "none_of_these", "~unknown"])
        values = st.lists(codes, max_size=3).map(lambda found: {name: found})
    else:
        of_type = {
            "yes_no": ["yes", "no", "", "perhaps", "~declined"],
            "number": ["", "0", "12", "1 000", "1001", "1000001", "-1", "1.5", "٣", "123456789012"],
            "country": ["", "BY", "LT", "XX", "~unknown"],
            "language": ["", "be", "pt-BR", "белы", "~declined", "BE"],
        }
        wanted = of_type.get(question.type)
        text = st.sampled_from(wanted) if wanted else typed_words()
        values = text.map(lambda value: {name: [value]})
    return st.tuples(values, unsaid).map(
        lambda made: made[0] | ({f"{name}:unsaid": [made[1]]} if made[1] is not None else {})
    )


@MANY
@given(st.data())
def test_both_read_the_same_answers_and_refuse_the_same(twin: Twin, data: st.DataObject) -> None:
    asked = data.draw(st.sampled_from(all_sections()))
    some = data.draw(st.lists(st.sampled_from(asked.questions), max_size=5, unique_by=lambda q: q.id))
    fields: Fields = {}
    for question in some:
        fields |= data.draw(fields_of(question))
    compare(twin, asked, fields)


def test_both_read_a_form_in_which_everything_is_answered(twin: Twin) -> None:
    for asked in all_sections():
        given = {n.replace("__", ":"): v for n, v in answer_everything(asked.id).items()}
        compare(twin, asked, {n: v if isinstance(v, list) else [v] for n, v in given.items()})


def test_both_find_a_receipt_in_an_answer(twin: Twin) -> None:
    receipt = Receipt.from_random(secrets.token_bytes(RANDOM_BYTES))
    for text in (" ".join(receipt.digits()), " ".join(receipt.words("en") or [])):
        compare(twin, section("person"), {"q:name": [f"Янка {text}"], "q:home": ["Мінск"]})


def test_both_check_whole_sections_alike(twin: Twin) -> None:
    item = {"place": "Мінск"}
    big = {"description": "ж" * 19_999}
    for id, value in (
        ("events", [item] * 30),
        ("events", [item] * 31),
        ("events", item),
        ("person", [item]),
        ("events", [big] * 7),
        ("events", [item, 1]),
        ("events", []),
        ("person", {"name": 1, "birth": "2020-13", "citizenship": "XX"}),
        ("person", {f"later{n}": "x" for n in range(1995)}),
    ):
        wanted = [[p.path, p.code] for p in sections.check(id, value)]
        assert twin.ask("checkSection", id=id, value=json.dumps(value)) == wanted, (id, wanted)


SINGLES = ["2020", "1999", "202X", "2020-08", "2020-01", "2020-XX", "2020-08-XX", "2020-XX-XX", "2020-08-02"]
SINGLES += ["2020-08-09", "2024-02-29", "2023-02-29", "2020-XX-01", "1899", "2020-13", "x", ""]


@MANY
@given(
    st.sampled_from([*SINGLES, ".."]),
    st.sampled_from([*SINGLES, "..", None]),
    st.sampled_from(["", "~", "?", "%"]),
    st.sampled_from(["", "~"]),
    st.sampled_from(["be", "ru", "en"]),
)
def test_both_read_dates_and_say_them_in_the_same_words(
    twin: Twin, first: str, last: str | None, mark: str, second: str, language: str
) -> None:
    text = first + mark if last is None else f"{first}{mark}/{last}{second}"
    twin.ask("form", text=canonical_json(questionnaire(language)).decode())
    try:
        date = Date.parse(text)
        wanted = [date.month, date.words(language)]
    except DateError:
        wanted = None
    found = twin.ask("date", text=text, language=language)
    twin.ask("form", text=canonical_json(questionnaire(LANGUAGE)).decode())
    assert found == wanted, text


_DATES = st.sampled_from(["2020-08-09", "2020-08", "2020", "2020-09-01/2020-09-02", "../2020-07", "x", 1])
_FACILITY = st.sampled_from(
    ["akrestsina", "nowhere", *vocabulary("facilities").codes[:3], {"unsaid": "unknown"}]
)
_VIOLATION = st.lists(st.sampled_from([*vocabulary("violations").codes[:6], "other_thing"]), max_size=4)


@FEW
@given(
    st.lists(st.fixed_dictionaries({}, optional={"date": _DATES}), max_size=3),
    st.lists(st.fixed_dictionaries({}, optional={"facility": _FACILITY}), max_size=2),
    st.lists(st.fixed_dictionaries({}, optional={"violations": _VIOLATION}), max_size=2),
    st.dictionaries(st.sampled_from([*triage.GATES, "other"]), st.sampled_from([True, False, "yes"])),
    st.sampled_from([*CAPACITIES, "nobody", ""]),
    st.sampled_from(["be", "pt-BR", "BE", ""]),
)
def test_both_make_the_same_triage_card(
    twin: Twin, events: Any, detention: Any, acts: Any, gates: Any, capacity: str, language: str
) -> None:
    said = {
        "events": events,
        "detention": detention,
        "acts": acts,
        "gates": gates,
        "person": {"name": "Янка"},
    }
    found = twin.ask("card", language=language, capacity=capacity, media=2, sections=said)
    wanted = triage.card(language=language, capacity=capacity, media=2, sections=said)
    assert json.loads(found) == json.loads(canonical_json(wanted))


def test_each_opens_the_entries_of_a_draft_that_the_other_sealed(twin: Twin) -> None:
    receipt = Receipt.from_random(secrets.token_bytes(RANDOM_BYTES))
    keys, digits = receipt.keys(), " ".join(receipt.digits())
    for name, value in (("narrative", "Тэкст"), ("section:events", "[" + '"ж",' * 9000 + "1]"), ("x", "")):
        named, file = twin.ask("sealEntry", receipt=digits, name=name, value=value)
        sealed = base64.b64decode(file)
        drafts.check(sealed)
        assert named == drafts._name(keys, name)
        assert drafts._open(keys, sealed) == (name, value.encode())
        ours = drafts._seal(keys, name, value.encode())
        drafts.check(ours)
        assert len(ours) == len(sealed)
        opened = twin.ask("openEntry", receipt=digits, file=base64.b64encode(ours).decode())
        assert opened == [name, value]
