"""The pages of the long form without anybody's answers, for browsers that fill them in on the device.

All of them come at once, to everybody alike: which page somebody opens is nothing that this server learns.
"""

from collections.abc import Iterator
from typing import Any

from babel import Locale
from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from crypto.compartments import CLASSES
from crypto.encoding import Json, canonical_json
from crypto.profiles import CONDITIONS
from crypto.statement import PURPOSES
from intake import clock
from intake.http import reading
from intake.http.audited import unaudited
from intake.http.context import Services, services
from intake.http.public import write_pages
from intake.http.public.pages import known_language, offered, page, require_plain_form
from intake.record import consent_texts
from intake.record.consent import CONTACTS, IDENTITY_USES
from intake.record.questions import Question, Section, medium, sections
from intake.record.triage import GATES
from intake.record.vocabulary import CAPACITIES, country_names, vocabulary
from intake.submissions.workbench import IN_IDENTITY, MAX_APART, MAX_FILES

router = APIRouter(include_in_schema=False)
_FILE = {"part": "", "name": "{name}", "type": "", "size": 0, "kind": "account", "only": (), "nobody": True}
_EVERYTHING = {
    "name": "",
    "purposes": PURPOSES,
    "classes": CLASSES,
    "identity": "closed",
    "contact": "never",
    "conditions": CONDITIONS,
    "states": ("{states}",),
    "expires": None,
    "successor": True,
}


@unaudited("empty pages with public names of mechanisms, the same for everybody")
@router.get("/{language}/pages")
async def pages(request: Request, language: str) -> Response:
    """All pages as templates, the texts that a script shows, and what it has to know of the questions."""
    known_language(language)
    found = services(request)
    require_plain_form(found)
    offer = await offered(found)
    mechanisms = offer.shown(language)
    today = [clock.day(clock.now() + i * clock.DAY) for i in range(-1, 3)]
    return page(
        request,
        "write_blank.html",
        language,
        blank=True,
        pages=dict(_pages(found, language, mechanisms)),
        data=canonical_json(questionnaire(language)).decode(),
        text_limit=found.settings.max_text_kib * 1024,
        file_limit=found.settings.max_file_mib,
        counts=range(1, MAX_FILES + 1),
        classes=CLASSES,
        uses=IDENTITY_USES,
        contacts=CONTACTS,
        capacities=CAPACITIES,
        mechanisms=mechanisms,
        countries=reading.countries(language),
        days=sorted(reading.in_years(day, years) or day for day in today for years in reading.YEARS.values()),
    )


def _pages(found: Services, language: str, mechanisms: list[dict[str, Any]]) -> Iterator[tuple[str, Markup]]:
    """Each page by what `at` calls it."""

    def render(template: str, **context: Any) -> Markup:
        common = {"layout": "_bare.html", "blank": True, "first": True, "errors": (), "gates": GATES}
        return Markup(found.pages.render(template, language, **(common | context)))

    rest = [s for s in sections() if s.id != write_pages.GATES]
    (gates,) = (s for s in sections() if s.id == write_pages.GATES)
    yield (
        "overview",
        render(
            "write.html",
            rows=[
                {"at": f"section:{s.id}", "title": s.title[language], "state": "empty", "count": 0}
                for s in rest
            ],
            texts={},
            gates_state="empty",
            gates_title=gates.title[language],
            files=0,
            sent_files=0,
            readable=True,
            consent=False,
            empty=False,
            kept=True,
        ),
    )
    yield (
        "narrative",
        render("write_narrative.html", at="narrative", correcting=False, capacities=CAPACITIES, values={}),
    )
    for asked in sections():
        yield f"section:{asked.id}", render("write_section.html", **_section(asked, language))
    yield (
        "items",
        render(
            "write_items.html",
            section="",
            title="",
            items=[{"title": "{title}", "about": "{about}"}],
            room=True,
            maximum="{limit}",
        ),
    )
    yield (
        "files",
        render(
            "write_files.html",
            files=[_FILE],
            sent=(),
            room=True,
            limit=MAX_FILES,
            limit_mib=found.settings.max_file_mib,
            mechanisms={m["id"]: m["name"] for m in mechanisms},
            asked=_asked(medium(), language),
            typed={},
            problems={},
        ),
    )
    yield (
        "consent",
        render(
            "write_consent.html",
            mechanisms=mechanisms,
            consent_text=consent_texts.current(language),
            ask_identity=True,
            values={},
            problems={},
        ),
    )
    yield (
        "review",
        render(
            "write_review.html",
            texts=[{"text": "", "at": "narrative"}],
            capacity="other",
            sections=[{"title": "", "at": "", "items": [{"title": "{title}", "rows": ()}]}],
            files=[_FILE],
            choices=[_EVERYTHING],
            closed=CLASSES,
            base=0,
        ),
    )
    yield "delete", render("write_delete.html")
    yield "deleted", render("write_told.html", what="deleted")


def _section(asked: Section, language: str) -> dict[str, Any]:
    return {
        "at": f"section:{asked.id}",
        "title": asked.title[language],
        "intro": asked.intro[language] if asked.intro else "",
        "heading": "{heading}" if asked.repeated and asked.item_title else "",
        "repeated": asked.repeated,
        "room": True,
        "openly": asked.id == write_pages.GATES,
        "gates": GATES if asked.id in write_pages.NOTICED else (),
        "starting": asked.id == write_pages.GATES,
        "asked": _asked(asked, language),
        "typed": {},
        "problems": {},
    }


def _asked(asked: Section, language: str) -> list[dict[str, Any]]:
    """The questions; lists to choose one from are filled in from what `questionnaire` says of each, once."""
    found = reading.asked(asked.questions, language)
    return [q | {"terms": ()} if q["type"] in ("one", "country", "language") else q for q in found]


def questionnaire(language: str) -> Json:
    """What a script has to know to read answers as `intake.http.reading` and `intake.record` do."""
    months = Locale.parse(language).months
    every = [*sections(), medium()]
    used = {q.vocabulary for s in every for q in s.questions if q.vocabulary} | {"facilities", "violations"}
    return {
        "sections": [_described(s, language) for s in sections()],
        "medium": _described(medium(), language),
        "vocabularies": {
            name: [[term.code, term.label[language]] for term in vocabulary(name).terms]
            for name in sorted(used)
        },
        "countries": [[code, name] for code, name in country_names(language).items()],
        "languages": [[code, name] for code, name in reading.language_names(language).items()],
        "months": {
            form: [months[form]["wide"][m] for m in range(1, 13)] for form in ("format", "stand-alone")
        },
        "consent": consent_texts.VERSION,
        "in_identity": list(IN_IDENTITY),
        "apart": MAX_APART,
        "files": MAX_FILES,
    }


def _described(asked: Section, language: str) -> Json:
    return {
        "id": asked.id,
        "compartment": asked.compartment,
        "repeated": asked.repeated,
        "maximum": asked.maximum,
        "title": asked.title[language],
        "item_title": asked.item_title[language] if asked.item_title else None,
        "questions": [_question(q, language) for q in asked.questions],
    }


def _question(asked: Question, language: str) -> Json:
    return {
        "id": asked.id,
        "type": asked.type,
        "label": asked.label[language],
        "vocabulary": asked.vocabulary,
        "required": asked.required,
        "maximum": asked.maximum,
    }
