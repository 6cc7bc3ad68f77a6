"""Every page of the long form in every language, as the pages' own tests look at them."""

from typing import Any

import pytest

from intake.http import reading
from intake.http.pages import Pages
from intake.i18n import LANGUAGES
from intake.record import consent_texts
from intake.record.questions import medium, section, sections
from intake.record.sections import Problem
from intake.record.vocabulary import CAPACITIES
from tests.http import test_pages_static as static
from tests.http.test_pages_static import Document

RECEIPT = "0421 7002 1180 0007 6543 2390 5118 0909 1295"
CARRIED = {"receipt": RECEIPT, "confirmed": True, "first": True}
GATES = ["sexual_violence", "under_18", "insider"]
MORE = static.samples
NASTY = "Ён сказаў: <b>& \"нічога'"


def file(**more: Any) -> dict[str, Any]:
    about = {"part": "ab" * 16, "name": NASTY + ".jpg", "type": "image/jpeg", "size": 3_400_000}
    return about | {"kind": "identity", "only": ["Група"], "nobody": True} | more


def section_sample(language: str, id: str, problem: Problem | None = None) -> dict[str, Any]:
    asked = section(id)
    names = {question.type: f"q:{question.id}" for question in asked.questions}
    typed = {name: [NASTY] for kind, name in names.items() if kind in ("line", "text")}
    typed |= {f"{name}:year": ["2020"] for kind, name in names.items() if kind == "date"}
    return CARRIED | {
        "at": f"section:{id}:0" if asked.repeated else f"section:{id}",
        "title": asked.title[language],
        "intro": asked.intro[language] if asked.intro else "",
        "heading": f"{asked.item_title[language]} 1" if asked.item_title else "",
        "repeated": asked.repeated,
        "room": True,
        "openly": id == "gates",
        "gates": [] if id == "gates" else GATES,
        "starting": id == "gates",
        "asked": reading.asked(asked.questions, language),
        "typed": typed,
        "problems": {f"q:{problem.path}": "One."} if problem else {},
        "errors": ["One."] if problem else [],
    }


def samples(language: str) -> dict[str, tuple[str, dict[str, Any]]]:
    mechanisms = MORE(language)["testimony"][1]["mechanisms"]
    rows = [
        {"at": f"section:{s.id}", "title": s.title[language], "state": state, "count": n}
        for n, (s, state) in enumerate(zip(sections()[2:], ("empty", "unsent", "sent") * 6, strict=False))
    ]
    hub = CARRIED | {
        "errors": ["One."],
        "rows": rows,
        "texts": {"": {"text": NASTY, "unsent": True}},
        "gates": GATES,
        "gates_state": "unsent",
        "gates_title": section("gates").title[language],
        "files": 2,
        "sent_files": 0,
        "readable": True,
        "consent": True,
        "empty": False,
        "kept": True,
    }
    later = {
        "first": False,
        "texts": {"ab" * 16: {"text": NASTY * 9, "unsent": False}},
        "sent_files": 1,
        "files": 0,
    }
    narrative = CARRIED | {
        "at": "narrative",
        "correcting": False,
        "gates": GATES,
        "capacities": CAPACITIES,
        "values": {"narrative": [NASTY], "capacity": ["victim"]},
        "errors": ["One."],
    }
    files = CARRIED | {
        "files": [file(), file(kind="sensitive", type="audio/ogg", only=[], part="cd" * 16)],
        "sent": [NASTY],
        "room": True,
        "limit": 30,
        "limit_mib": 4096,
        "mechanisms": {m["id"]: m["name"] for m in mechanisms},
        "asked": reading.asked(medium().questions, language),
        "typed": {"origin": ["received"], "only": ["iapb"], "q:note": [NASTY]},
        "problems": {"q:taken": "One."},
        "errors": ["One."],
    }
    kinds = ("text", "yes", "no", "unknown", "declined")
    answers = [{"label": "Question?", "kind": kind, "text": NASTY} for kind in kinds]
    choice = {
        "name": mechanisms[0]["name"],
        "purposes": static.PURPOSES,
        "classes": ("account", "triage", "identity", "sensitive"),
        "identity": "court",
        "contact": "safe_channel",
        "conditions": ("no_death_penalty", "not_to_states", "ask_first"),
        "states": ["Belarus"],
        "expires": "2031-11-23",
        "successor": True,
    }
    reviewed = {"at": "section:events", "title": "Events", "items": [{"title": "Event 1", "rows": answers}]}
    review = CARRIED | {
        "errors": [],
        "texts": [{"text": NASTY, "at": "narrative"}],
        "capacity": "victim",
        "sections": [reviewed, reviewed | {"items": [{"title": "", "rows": []}]}],
        "files": [file()],
        "choices": [choice],
        "closed": ["sensitive"],
        "base": 0,
    }
    consent = CARRIED | {
        "mechanisms": mechanisms,
        "consent_text": consent_texts.current(language),
        "ask_identity": True,
        "values": {"mechanism": ["iapb"], "states:iapb": [NASTY]},
        "errors": ["One."],
    }
    items = {"section": "events", "title": "T", "items": [{"title": "Event 1", "about": NASTY}], "maximum": 1}
    return {
        "write": ("write.html", hub),
        "write-later": ("write.html", hub | later),
        "write-narrative": ("write_narrative.html", narrative),
        "write-correcting": ("write_narrative.html", narrative | {"at": "narrative:ab", "correcting": True}),
        **{f"write-{s.id}": ("write_section.html", section_sample(language, s.id)) for s in sections()},
        "write-wrong": ("write_section.html", section_sample(language, "events", Problem("date", "date"))),
        "write-items": ("write_items.html", CARRIED | items | {"room": True}),
        "write-items-full": ("write_items.html", CARRIED | items | {"room": False}),
        "write-files": ("write_files.html", files),
        "write-files-full": ("write_files.html", files | {"room": False}),
        "write-consent": ("write_consent.html", consent),
        "write-review": ("write_review.html", review),
        "write-review-missing": (
            "write_review.html",
            review | {"errors": ["One."], "choices": [], "closed": []},
        ),
        "write-delete": ("write_delete.html", CARRIED),
        "write-deleted": ("write_told.html", {"what": "deleted"}),
        "write-restored": ("write_told.html", {"what": "restored"}),
        "write-confirm": ("confirm.html", {"to": "write", "receipt": RECEIPT}),
    }


ALL = [(language, name) for language in LANGUAGES for name in samples("en")]
CHECKS = (
    static.test_a_page_names_its_language_and_nothing_telling_in_its_title,
    static.test_leaving_quickly_comes_first_after_the_skip_link,
    static.test_nothing_runs_is_styled_inline_or_comes_from_elsewhere,
    static.test_every_control_has_a_label_and_every_id_is_one,
    static.test_a_browser_is_told_to_remember_and_check_nothing,
    static.test_help_is_one_step_away_and_stopping_is_offered,
)


@pytest.fixture(scope="module")
def pages() -> Pages:
    return Pages(static.QUIT)


def document(pages: Pages, language: str, name: str) -> Document:
    template, context = samples(language)[name]
    return Document(pages.render(template, language, **context))


@pytest.mark.parametrize(("language", "name"), ALL)
def test_a_page_of_the_long_form_is_as_sound_as_every_other(
    pages: Pages, language: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(static, "samples", samples)
    for check in CHECKS:
        check(pages, language, name)
    html = pages.render(samples(language)[name][0], language, **samples(language)[name][1])
    assert "<b>&" not in html
    page = Document(html)
    if page.all("form"):  # leaving the page would lose something: help opens beside it
        (beside, *_) = [a for a in page.all("a") if a.attrs["href"] == f"/{language}/help"]
        assert beside.attrs["target"] == "_blank"


@pytest.mark.parametrize(("language", "name"), ALL)
def test_every_form_begins_with_the_receipt_and_ends_in_one_address(
    pages: Pages, language: str, name: str
) -> None:
    page = document(pages, language, name)
    for form in page.all("form"):
        assert (form.attrs["action"], form.attrs["method"]) == (f"/{language}/write", "post")
    expecting = False
    for element in page.elements:
        if element.tag == "form":
            assert not expecting
            expecting = True
        elif (
            expecting
            and "form" in element.inside
            and element.tag in ("input", "select", "textarea", "button")
        ):
            assert (element.attrs.get("name"), element.attrs.get("value")) == ("receipt", RECEIPT)
            expecting = False
    assert not expecting


def test_nothing_of_a_consent_is_chosen_beforehand(pages: Pages) -> None:
    template, context = samples("be")["write-consent"]
    page = Document(pages.render(template, "be", **(context | {"values": {}})))
    assert not [e for e in page.elements if "checked" in e.attrs]
    chosen = {e.attrs["value"] for e in page.elements if "selected" in e.attrs}
    assert chosen == {"", "exact"}
    names = {e.attrs.get("name") for e in page.controls()}
    assert {
        "identity:iapb",
        "use:iapb",
        "contact:iapb",
        "condition:iapb",
        "states:iapb",
        "own:iapb:since:year",
    } <= names


def test_what_an_organisation_announces_stands_before_its_tick(pages: Pages) -> None:
    template, context = samples("en")["write-consent"]
    html = pages.render(template, "en", **context)
    assert html.index("A hold is announced.") < html.index('id="mechanism-iapb"')
    assert html.index("What it may do.") < html.index('id="mechanism-iapb"')
