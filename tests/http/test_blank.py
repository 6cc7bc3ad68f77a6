"""Empty pages of the long form: complete, the same for everybody, and of nobody."""

import json
import re
from pathlib import Path

import pytest

from intake.i18n import LANGUAGES
from intake.record.questions import sections
from intake.submissions.workbench import MAX_FILES
from tests.http.test_write import Writing
from tests.service import Mechanism, Service, running

PAGES = {
    "overview",
    "narrative",
    "items",
    "files",
    "consent",
    "review",
    "delete",
    "deleted",
    "errors",
    "kept",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_everybody_gets_the_same_pages_and_all_of_them(service: Service, language: str) -> None:
    url = f"{service.url}/{language}/pages"
    answer = service.http.get(url)
    assert answer.status_code == 200 and answer.text == service.http.get(url).text
    named = set(re.findall(r'<template data-page="([^"]+)">', answer.text))
    assert named == PAGES | {f"section:{s.id}" for s in sections()} | {"received-before"}
    assert 'name="receipt"' not in answer.text and "<script" not in answer.text
    assert f'data-text="files:{MAX_FILES}"' in answer.text and 'data-root="' in answer.text
    (data,) = re.findall(r'<div id="write-data" hidden>(.*?)</div>', answer.text, re.DOTALL)
    known = json.loads(
        data.replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&").replace("&lt;", "<")
    )
    assert [s["id"] for s in known["sections"]] == [s.id for s in sections()]
    assert len(known["months"]["format"]) == 12 and [c for c, _ in known["countries"] if c == "BY"] == ["BY"]
    # What a person who writes about one thing needs is what everybody needs: it has to stay small enough.
    assert len(answer.content) < 500_000


def test_there_are_none_where_only_sealed_testimonies_are_taken(tmp_path: Path, demo: Mechanism) -> None:
    with running(tmp_path, demo, plain_form=False) as service:
        assert service.http.get(f"{service.url}/be/pages").status_code == 404
    with running(tmp_path / "other", demo) as service:
        assert service.http.get(f"{service.url}/xx/pages").status_code == 404


def test_a_date_that_three_boxes_cannot_show_is_shown_and_kept(service: Service) -> None:
    me = Writing(service)
    me.save("section:person", q__birth__year="197X")
    page = me.post("section:person")
    assert page.status_code == 200 and 'value="197X"' in page.text
    me.save("section:person", q__birth__kept="197X", q__birth__keep="yes", q__name="Янка")
    page = me.post("section:person")
    assert 'value="197X"' in page.text and "Янка" in page.text
