"""Every page in every language, as a browser without JavaScript, or a screen reader, meets it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from jinja2 import UndefinedError

from intake.http.pages import Pages
from intake.i18n import LANGUAGES, translator
from intake.record import consent_texts, help
from tests.http import returning_samples

QUIT = "https://www.wikipedia.org/"
PURPOSES = (
    "criminal_investigation",
    "un_fact_finding",
    "reparation",
    "sanctions",
    "anonymised_advocacy",
    "statistics",
    "archive",
)
_VOID = {"meta", "link", "input", "br", "hr", "img"}
_NAMES = {
    "be": ("Міжнародная платформа адказнасці па Беларусі", "Група незалежных экспертаў ААН"),
    "ru": ("Международная платформа ответственности по Беларуси", "Группа независимых экспертов ООН"),
    "en": ("International Accountability Platform for Belarus", "Group of independent experts of the UN"),
}
_PLAIN = {
    "mandate": "",
    "note": "",
    "hold": "",
    "purposes": PURPOSES,
    "classes": ("triage", "account", "identity", "sensitive"),
    "conditions": (),
    "contact": False,
    "questions": [],
}
_FULL = {
    "mandate": "What it may do.",
    "note": "A note.",
    "hold": "A hold is announced.",
    "conditions": ("no_death_penalty", "not_to_states", "ask_first"),
    "contact": True,
    "questions": [
        {
            "id": "since",
            "name": "own:iapb:since",
            "type": "date",
            "label": "Since when?",
            "hint": "About is fine.",
            "required": False,
            "terms": [],
        }
    ],
}
_PROFILES = (_PLAIN | _FULL, _PLAIN)
_STORY = "Ён сказаў: <b>& нічога</b>\n\n…"


def samples(language: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Name → template and context: each template, and the variants that look different."""
    mechanisms = [
        {"id": id, "name": name, "root_fingerprint": f"{n}a5c" * 16} | _PROFILES[n]
        for n, (id, name) in enumerate(zip(("iapb", "un-group"), _NAMES[language], strict=True))
    ]
    names = [mechanism["name"] for mechanism in mechanisms]
    digits = ("0421", "7002", "1180", "0007", "6543", "2390", "5118", "0909", "1295")
    words = ("abacus", "breeze", "candle", "dinner", "elbow", "forest", "garnet", "hammock", "unselfish")
    form = {
        "receipt": " ".join(digits),
        "mechanisms": mechanisms,
        "consent_text": consent_texts.current(language),
        "limit_mib": 4096,
        "values": {},
        "errors": [],
    }
    typed = {
        "narrative": [_STORY],
        "capacity": ["relative"],
        "mechanism": ["iapb"],
        "purpose:iapb": ["reparation", "archive"],
        "triage:iapb": ["yes"],
        "until:iapb": ["5"],
        "origin:2": ["received"],
        "intimate:2": ["yes"],
    }
    promise = "intake/promise/v1\n" + "ab" * 32 + "\n\n— intake.example.org " + "A" * 92 + "\n"
    received = {
        "day": "2026-11-23",
        "mechanisms": names,
        "media_count": 3,
        "again": False,
        "promise": promise,
        "revision": 1,
    }
    return {
        "languages": ("languages.html", {}),
        "start": ("start.html", {"plain_form": True, "mechanisms": mechanisms}),
        "start-sealed-only": ("start.html", {"plain_form": False, "mechanisms": mechanisms}),
        "start-nobody": ("start.html", {"plain_form": True, "mechanisms": []}),
        "receipt": ("receipt.html", {"digits": digits, "words": words if language == "en" else None}),
        "testimony": ("testimony.html", form),
        "testimony-again": ("testimony.html", form | {"values": typed, "errors": ["One.", "Two."]}),
        "received": ("received.html", received),
        "received-again": ("received.html", received | {"again": True, "media_count": 0, "promise": None}),
        "received-addition": ("received.html", received | {"revision": 2}),
        "received-addition-again": ("received.html", received | {"revision": 2, "again": True}),
        "return": ("return.html", {"errors": []}),
        "return-again": ("return.html", {"errors": ["One."]}),
        "proof": ("proof.html", {"mechanisms": mechanisms, "errors": []}),
        "proof-again": ("proof.html", {"mechanisms": mechanisms, "errors": ["One."]}),
        "confirm": ("confirm.html", {"to": "return", "receipt": " ".join(digits)}),
        **returning_samples.samples(mechanisms, " ".join(digits), _STORY),
        "help": ("help.html", {"countries": help.countries(language)}),
        "error": ("error.html", {"title": "404", "text": "Text."}),
    }


ALL = [(language, name) for language in LANGUAGES for name in samples("en")]
IN_HISTORY = ("start", "start-sealed-only", "start-nobody", "return", "proof", "help")  # reached by a link


@pytest.fixture(scope="module")
def pages() -> Pages:
    return Pages(QUIT)


@dataclass
class Element:
    tag: str
    attrs: dict[str, str | None]
    text: str = ""
    inside: list[str] = field(default_factory=list)


class Document(HTMLParser):
    """The elements in order; fails on tags that do not nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.declared = ""
        self.feed(html)
        self.close()
        assert not self._open, f"not closed: {[e.tag for e in self._open]}"

    def handle_decl(self, decl: str) -> None:
        self.declared = decl

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice in <{tag}>"
        element = Element(tag, dict(attrs), inside=[e.tag for e in self._open])
        self.elements.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open and self._open[-1].tag == tag, f"</{tag}> closes nothing"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, *tags: str) -> list[Element]:
        return [e for e in self.elements if e.tag in tags]

    def controls(self) -> list[Element]:
        return [e for e in self.all("input", "select", "textarea") if e.attrs.get("type") != "hidden"]


def document(pages: Pages, language: str, name: str) -> Document:
    template, context = samples(language)[name]
    return Document(pages.render(template, language, **context))


@pytest.mark.parametrize(("language", "name"), ALL)
def test_a_page_names_its_language_and_nothing_telling_in_its_title(
    pages: Pages, language: str, name: str
) -> None:
    page = document(pages, language, name)
    assert page.declared == "doctype html"
    (html,), (title,), (main,) = page.all("html"), page.all("title"), page.all("main")
    assert html.attrs["lang"] == language
    assert title.text == translator(language).gettext("Page")
    assert len(page.all("h1")) == 1
    assert main.attrs["id"] == "main"


@pytest.mark.parametrize(("language", "name"), ALL)
def test_leaving_quickly_comes_first_after_the_skip_link(pages: Pages, language: str, name: str) -> None:
    skip, quit = document(pages, language, name).all("a", "button", "input", "select", "summary")[:2]
    assert skip.attrs["href"] == "#main"
    assert quit.attrs["href"] == QUIT
    assert quit.attrs["rel"] == "noreferrer"


@pytest.mark.parametrize(("language", "name"), ALL)
def test_nothing_runs_is_styled_inline_or_comes_from_elsewhere(
    pages: Pages, language: str, name: str
) -> None:
    page = document(pages, language, name)
    forbidden = {"script", "style", "iframe", "object", "embed", "base", "svg", "img", "video", "audio"}
    assert not page.all(*forbidden)
    for element in page.elements:
        assert "style" not in element.attrs
        assert not [name for name in element.attrs if name.startswith("on")]
        assert "src" not in element.attrs
        action = element.attrs.get("action") or element.attrs.get("formaction") or "/"
        assert action.startswith("/") and not action.startswith("//")
    for link in page.all("link"):
        _, version, name = str(link.attrs["href"]).removeprefix("/static").split("/")
        assert len(version) == 16 and pages.static(name)
    for anchor in page.all("a"):
        if not str(anchor.attrs["href"]).startswith(("/", "#")):
            assert "noreferrer" in str(anchor.attrs["rel"])


@pytest.mark.parametrize(("language", "name"), ALL)
def test_every_control_has_a_label_and_every_id_is_one(pages: Pages, language: str, name: str) -> None:
    page = document(pages, language, name)
    ids = [e.attrs["id"] for e in page.elements if "id" in e.attrs]
    assert len(ids) == len(set(ids))
    labels = {label.attrs["for"]: label.text.strip() for label in page.all("label")}
    for control in page.controls():
        assert labels[control.attrs["id"]]
        for described in str(control.attrs.get("aria-describedby") or "").split():
            assert described in ids
    assert set(labels) <= set(ids)
    for fieldset_legend in page.all("legend"):
        assert fieldset_legend.text.strip()


@pytest.mark.parametrize(("language", "name"), ALL)
def test_a_browser_is_told_to_remember_and_check_nothing(pages: Pages, language: str, name: str) -> None:
    page = document(pages, language, name)
    for form in page.all("form"):
        if form.attrs["action"] != f"/{language}/receipt":
            assert form.attrs["autocomplete"] == "off"
    for control in page.controls():
        if control.tag == "textarea" or control.attrs.get("type") == "text":
            assert control.attrs["autocomplete"] == "off"
            assert control.attrs["spellcheck"] == "false"


@pytest.mark.parametrize(("language", "name"), ALL)
def test_help_is_one_step_away_and_stopping_is_offered(pages: Pages, language: str, name: str) -> None:
    page = document(pages, language, name)
    if name == "languages":
        return
    links = [a for a in page.all("a") if a.attrs["href"] == f"/{language}/help"]
    assert links
    if name.startswith(("receipt", "testimony")):  # there, leaving the page loses something
        assert links[0].attrs["target"] == "_blank"
    (footer,) = page.all("footer")
    assert footer.text.strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_languages_are_offered_only_where_nothing_typed_is_lost(pages: Pages, language: str) -> None:
    for name in samples(language):
        offered = [a for a in document(pages, language, name).all("a") if "hreflang" in a.attrs]
        expected = 3 if name in (*IN_HISTORY, "languages", "return-again", "proof-again") else 0
        assert len(offered) == expected, name


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["receipt", "testimony", "testimony-again", "confirm", "mailbox-choose"])
def test_the_receipt_is_the_first_field(pages: Pages, language: str, name: str) -> None:
    page = document(pages, language, name)
    fields = [e for e in page.all("input", "select", "textarea", "button") if "form" in e.inside]
    assert fields[0].attrs["type"] == "hidden"
    assert fields[0].attrs["name"] == "receipt"
    assert fields[0].attrs["value"] == "0421 7002 1180 0007 6543 2390 5118 0909 1295"


def test_the_form_has_its_fields_in_their_order(pages: Pages) -> None:
    page = document(pages, "en", "testimony")
    names = [e.attrs.get("name") for e in page.all("input", "select", "textarea")]
    in_order = list(dict.fromkeys(names))
    expected = ["receipt", "narrative", "written-in", "written-in:code", "capacity", "mechanism"]
    usual = ("purpose", "triage", "sensitive", "successor")
    expected += [f"{name}:iapb" for name in (*usual, "contact", "condition", "states", "until")]
    boxes = [":year", ":month", ":day", ":about"]
    expected += [f"own:iapb:since{box}" for box in (*boxes, *(":until" + box for box in boxes), ":unsaid")]
    expected += ["mechanism", *(f"{name}:un-group" for name in (*usual, "until"))]
    expected = list(dict.fromkeys(expected))
    for row in range(1, 9):
        expected += [f"{name}:{row}" for name in ("origin", "intimate", "media")]
    assert in_order == expected
    (form,) = page.all("form")
    assert form.attrs["enctype"] == "multipart/form-data"
    purposes = [e.attrs["value"] for e in page.all("input") if e.attrs.get("name") == "purpose:iapb"]
    assert tuple(purposes) == PURPOSES


def test_nothing_is_ticked_beforehand(pages: Pages) -> None:
    page = document(pages, "be", "testimony")
    assert not [e for e in page.elements if "checked" in e.attrs]
    chosen = [e.attrs["value"] for e in page.elements if "selected" in e.attrs]
    assert chosen == ["be", "", "exact", "exact", "", ""] + ["unsaid"] * 8


def test_after_an_error_what_was_typed_is_there_and_escaped(pages: Pages) -> None:
    template, context = samples("be")["testimony-again"]
    html = pages.render(template, "be", **context)
    assert "<b>& нічога" not in html
    page = Document(html)
    (narrative,) = page.all("textarea")
    assert narrative.text.removeprefix("\n") == _STORY
    ticked = {(e.attrs["name"], e.attrs["value"]) for e in page.elements if "checked" in e.attrs}
    assert ticked == {
        ("capacity", "relative"),
        ("mechanism", "iapb"),
        ("purpose:iapb", "reparation"),
        ("purpose:iapb", "archive"),
        ("triage:iapb", "yes"),
        ("intimate:2", "yes"),
    }
    chosen = [e.attrs["value"] for e in page.elements if "selected" in e.attrs]
    assert chosen == ["be", "5", "exact", "exact", "", "", "unsaid", "received"] + ["unsaid"] * 6
    (alert,) = [e for e in page.elements if e.attrs.get("role") == "alert"]
    assert "One." in alert.text and "Two." in alert.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_consent_text_is_shown_whole_with_its_version(pages: Pages, language: str) -> None:
    html = pages.render("testimony.html", language, **samples(language)["testimony"][1])
    shown = " ".join(Document(html).all("main")[0].text.split())
    text = consent_texts.current(language)
    assert " ".join(text.text.split()) in " ".join(shown.split())
    assert text.version in shown
    assert "{" not in text.text and "%" not in text.text


def test_without_the_plain_form_there_is_nothing_to_send(pages: Pages) -> None:
    for language in LANGUAGES:
        for name in ("start-sealed-only", "start-nobody"):
            assert not document(pages, language, name).all("form")


def test_a_forgotten_value_is_an_error_not_a_gap(pages: Pages) -> None:
    with pytest.raises(UndefinedError):
        pages.render("error.html", "en", title="404")


def test_static_files_are_small_and_carry_their_hash(pages: Pages) -> None:
    found = pages.static("site.css")
    assert found
    css, media_type = found
    assert media_type == "text/css; charset=utf-8"
    assert len(css) < 12_000
    assert b"url(" not in css and b"@import" not in css
    assert pages.static("../pages.py") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_names_a_place_for_each_entry(language: str) -> None:
    anywhere, *others = help.countries(language)
    assert anywhere.code == help.ANYWHERE and others
    for country in (anywhere, *others):
        for entry in country.entries:
            assert entry.kind in help.KINDS
            assert entry.url.startswith(("https://", "tel:"))
            assert entry.name and entry.note
