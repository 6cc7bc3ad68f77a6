"""What the console says: every text that is asked for is there, in three languages, and refusals have words."""

import ast
import json
import re

import pytest

from tests.http.test_refusals_in_words import codes
from tests.test_house import ROOT

SOURCE = ROOT / "web" / "console" / "src"
KEY = re.compile(r'^  "([a-z0-9_.-]+)": \{(.*?)\},?$', re.DOTALL | re.MULTILINE)
LANGUAGES = ("be", "en", "ru")
# Only a broken console or another program gets these.
NOT_SAID = {
    *("console_not_built", "proposal_unknown", "vault_invalid"),
    *("class_unknown", "deadline_exists", "deadline_kind", "entry_differs", "entry_invalid"),
    *("grant_invalid", "parts_differ", "payload_differs", "reason_unknown", "status_unknown"),
    *("request_exists", "upload_shared", "words_invalid", "workspace_invalid"),
}


def texts() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted((SOURCE / "texts").glob("*.ts")):
        for key, body in KEY.findall(path.read_text("utf-8")):
            assert key not in found, f"{key} stands twice"
            found[key] = body
    return found


def test_each_text_stands_in_three_languages_and_is_not_a_copy() -> None:
    found = texts()
    assert len(found) > 100
    for key, body in found.items():
        said = dict(re.findall(r'\b(be|en|ru):\s*"((?:[^"\\]|\\.)*)"', body))
        assert sorted(said) == sorted(LANGUAGES), key
        assert all(said.values()), key
        places = [sorted(re.findall(r"\{\w+\}", text)) for text in said.values()]
        assert places[0] == places[1] == places[2], f"{key} has other values in another language"


@pytest.mark.parametrize("area", ["login", "enrol", "recover", "oneself", "people", "shell"])
def test_no_text_is_asked_for_that_is_not_there_and_none_is_left_over(area: str) -> None:
    code = "\n".join(path.read_text("utf-8") for path in SOURCE.rglob("*.ts*") if path.parent.name != "texts")
    asked = {key for key in re.findall(r'"([a-z]+\.[a-z0-9_-]+)"', code) if key.startswith(f"{area}.")}
    there = {key for key in texts() if key.startswith(f"{area}.")}
    assert asked - there == set()
    computed = {f"{area}.title", *(f"people.{kind}" for kind in _KINDS)}
    computed |= {"people.approved", "people.done", "people.refused", "shell.be", "shell.ru", "shell.en"}
    assert there - asked - computed == set()


_KINDS = ("add_key_holder", "recover_member", "remove_member", "change_budget", "export")


def test_a_member_is_refused_in_words() -> None:
    """Whatever the review door may refuse; and what any door does: a page that is too large, a full disk."""
    raised = {"too_large", "unavailable", "request_invalid", "offline"}
    for path in (
        *(ROOT / "intake" / "people").glob("*.py"),
        *(ROOT / "intake" / "reviewing").glob("*.py"),
        *(ROOT / "intake" / "sharing" / f"{name}.py" for name in ("entering", "oneself", "staffing")),
        *(ROOT / "intake" / "http" / "review").glob("*.py"),
    ):
        if path.stem in ("clients", "mechanisms", "profiles", "members", "drills"):
            continue  # what operators and programs are told
        raised |= set(codes(ast.parse(path.read_text("utf-8"))))
    said = {key.removeprefix("refusal.") for key in texts() if key.startswith("refusal.")}
    assert len(raised) > 60
    assert raised - said - NOT_SAID == set()
    assert NOT_SAID & said == set() and NOT_SAID - raised == set()


def test_purposes_have_the_words_of_the_consents() -> None:
    path = ROOT / "intake" / "record" / "data" / "vocabularies" / "consent_purposes.json"
    for term in json.loads(path.read_text("utf-8"))["terms"]:
        body = texts()[f"purpose.{term['code']}"]
        assert dict(re.findall(r'\b(be|en|ru):\s*"([^"]*)"', body)) == term["label"]
