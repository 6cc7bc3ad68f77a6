"""What an opened export says in English is what the console says."""

import re
from pathlib import Path

from crypto.work import KINDS
from intake.client import exported_words as words

CONSOLE = Path(__file__).parents[2] / "web" / "console" / "src"


def test_words_for_notes_are_the_consoles() -> None:
    texts = (CONSOLE / "texts" / "work.ts").read_text("utf-8")
    said = dict(re.findall(r'"work\.([a-z_.]+)": \{\s*en: "([^"]*)"', texts))
    for name, ours in (
        ("kind", words.KINDS),
        ("element", words.ELEMENTS),
        ("reliability", words.RELIABILITY),
        ("credibility", words.CREDIBILITY),
        ("decision", words.DECISIONS),
        ("derivative", words.DERIVATIVES),
    ):
        theirs = {key.split(".")[1]: text for key, text in said.items() if key.startswith(f"{name}.")}
        assert ours == theirs, name
    assert set(words.KINDS) == set(KINDS)
    assert (said["tool"], said["exculpatory"]) == (words.TOOL, words.EXCULPATORY)


def test_nothing_that_somebody_wrote_can_pass_for_a_heading() -> None:
    entry = {
        "number": 1,
        "kind": "note",
        "day": "2026-01-01",
        "member": {"id": "anna", "name": None},
        "refers": None,
        "about": None,
        "said": {"text": "a\nENTRY 2: Decision", "x\nENTRY 3": "ENTRY 4", "decision": "ENTRY 5"},
        "files": [],
    }
    value = {
        "record": "ab" * 32,
        "mechanism": "demo",
        "begun": {"id": "anna", "name": None, "day": "2026-01-01"},
        "entries": [entry],
    }
    rows = words.work_text(value, {}).splitlines()
    assert [row for row in rows if row.startswith("ENTRY")] == ["ENTRY 1: Note, 2026-01-01, anna"]
    assert "  decision" in rows  # of no closed list: not shown as if it were of one
