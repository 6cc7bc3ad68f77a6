"""What a mechanism's people read of a consent: the words that the person chose from, in their language."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from intake.client.conditions import in_words
from tests.client.test_own import folder, own, run
from tests.own import Person, allow, publish_profile
from tests.service import Service, new_receipt

CHOICE: dict[str, Any] = {
    "mechanism": "demo",
    "purposes": ["un_fact_finding", "a_later_one"],
    "expires": None,
    "successor": True,
    "conditions": [],
    "states": ["RU"],
    "answers": {"unit": "x"},
    "more": [1, None],
}


def test_the_reader_of_a_testimony_finds_its_conditions_in_the_persons_words_and_by_their_codes(
    service: Service, tmp_path: Path
) -> None:
    publish_profile(service, service.mechanism, conditions=["no_death_penalty", "not_to_states"])
    kept: dict[str, Any] = {"conditions": ("not_to_states",), "states": ("RU",), "expires": "2100-01-01"}
    kept |= {"identity": "court", "contact": "never"}
    Person(service).send("Тэкст", choices=[allow("demo", "identity", **kept)])
    service.pull(tmp_path / "pulled")
    (opened,) = service.open(tmp_path / "pulled", tmp_path / "opened")
    text = (tmp_path / "opened" / opened.record / "testimony.txt").read_text("utf-8")
    conditions = text.split("CONDITIONS for demo")[1].split("WHAT HAPPENED")[0]
    for label, words in (
        ("Purposes", "Устанаўленне фактаў у ААН (un_fact_finding)"),
        (
            "May open",
            "Тэкст, адказы і файлы (account)\n    Хто я, як са мной звязацца, імёны іншых (identity)",
        ),
        ("How far the person's name may go", "Таксама перад судом (court)"),
        ("Contact", "Не звязвацца са мной (never)"),
        ("Conditions", "Не перадаваць пэўным дзяржавам (not_to_states)"),
        ("Not to these states", "Расія (RU)"),
        ("Until the end of", "2100-01-01"),
        ("Also the body appointed to continue this mandate", "no"),
    ):
        assert f"  {label}\n    {words}\n" in conditions, (label, conditions)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("be", "Устанаўленне фактаў у ААН (un_fact_finding)"),
        ("ru", "Установление фактов в ООН (un_fact_finding)"),
        ("en", "Fact-finding by the United Nations (un_fact_finding)"),
        ("tlh", "Fact-finding by the United Nations (un_fact_finding)"),
        (None, "Fact-finding by the United Nations (un_fact_finding)"),
    ],
)
def test_a_choice_reads_in_the_language_of_the_text_that_was_shown(language: Any, expected: str) -> None:
    found = dict(in_words(CHOICE | {"text": {"language": language}}))
    assert found["Purposes"] == [expected, "a_later_one"]
    assert (
        found["Contact"][0].startswith("(no answer")
        and "closed" in found["How far the person's name may go"][0]
    )


@pytest.mark.parametrize(
    "odd", [{"text": "x"}, {"text": None}, {"states": 5}, {"purposes": [None, {}]}], ids=str
)
def test_what_a_later_version_says_is_shown_as_it_is(odd: dict[str, Any]) -> None:
    found = dict(in_words(CHOICE | odd))
    assert found["more"] == [1, None] and found["Answers to your own questions"] == [{"unit": "x"}]
    assert found["Until the end of"] == ["(without an end date)"] and "mechanism" not in found


TERMS: dict[str, Any] = {
    "mechanism": "demo", "purposes": ["un_fact_finding"], "classes": ["account", "identity"],
    "expires": "2100-01-01", "identity": "court", "contact": "here",
    "conditions": ["not_to_states"], "states": ["BY", "RU"],
}  # fmt: skip
SHOWN = (
    "Purposes: Fact-finding by the United Nations (un_fact_finding)",
    "May open: The text, the answers and files (account); Who I am",
    "How far the person's name may go: ",
    "(court)",
    "(here)",
    "Conditions: Not to certain states (not_to_states)",
    "Not to these states: Belarus (BY); Russia (RU)",
    "Until the end of: 2100-01-01",
)


def test_the_terms_in_a_folder_are_shown_before_the_question_and_hold_beside_to(
    service: Service, tmp_path: Path
) -> None:
    publish_profile(service, service.mechanism, conditions=["not_to_states", "ask_first"], contact=True)
    path = folder(tmp_path / "t", "Тэкст", language="be", capacity="victim", consent=[TERMS])
    receipt = new_receipt()
    to = ("submit", path, "--receipt", "--to")
    assert "here they are un_fact_finding, and --to says archive" in run(
        service, receipt, *to, "demo:archive", "--yes", code=1
    )
    assert "--to names a mechanism twice" in run(
        service, receipt, *to, "demo:un_fact_finding", "--to", "demo:archive", "--yes", code=1
    )
    before, asked, _ = run(service, receipt, *to, "demo:un_fact_finding", typed="n\n", code=1).partition(
        "Does the person whose testimony this is consent?"
    )
    assert asked and [words for words in SHOWN if words not in before] == []
    run(service, receipt, *to, "demo:un_fact_finding", "--yes")
    choice = own(service, receipt).choices()["demo"]
    assert (choice.identity, choice.contact, choice.expires) == ("court", "here", "2100-01-01")
    assert (choice.conditions, choice.states) == (("not_to_states",), ("BY", "RU"))

    # What a later consent does not name stays; what it names, goes.
    run(service, receipt, "consent", "--to", "demo:archive", "--yes")
    changed = own(service, receipt).choices()["demo"]
    assert replace(choice, purposes=("archive",), classes=("account",)) == changed
    more = ("--condition", "ask_first", "--state", "KZ")
    run(service, receipt, "consent", "--to", "demo:archive", *more, "--yes")
    changed = own(service, receipt).choices()["demo"]
    assert (changed.conditions, changed.states) == (("not_to_states", "ask_first"), ("BY", "RU", "KZ"))
    less = ("--condition", "none", "--until", "none", "--contact", "never")
    run(service, receipt, "consent", "--to", "demo:archive", *less, "--yes")
    changed = own(service, receipt).choices()["demo"]
    assert (changed.conditions, changed.states, changed.expires) == ((), (), None)
    assert (changed.identity, changed.contact) == ("court", "never")
    run(service, receipt, "blind", "--yes")
    blind = ("consent", "--to", "demo:sanctions", "--yes")
    assert "This receipt cannot read which conditions" in run(service, receipt, *blind, code=1)
    said = ("--condition", "ask_first", "--identity", "closed", "--contact", "here")
    run(service, receipt, *blind, *said)
