"""Questions and the terms of their answers as JSON, for what a browser shows by itself."""

from functools import cache

from babel import Locale

from crypto.encoding import Json, canonical_json
from intake.http import reading
from intake.i18n import LANGUAGE_NAMES
from intake.record.questions import Section, medium, sections
from intake.record.vocabulary import NAMES, vocabulary


@cache
def terms(language: str) -> str:
    """Questions, and what their answers are called, as JSON: `Terms` in `web/src/own_words.ts`."""
    months = Locale.parse(language).months
    found: Json = {
        "sections": {section.id: _section(section, language) for section in sections()},
        "medium": _section(medium(), language),
        "vocabularies": {
            name: {term.code: term.label[language] for term in vocabulary(name).terms} for name in NAMES
        },
        "countries": [[name, code] for name, code in reading.countries(language).items()],
        "languages": dict(LANGUAGE_NAMES),
        "months": {
            form: [months[form]["wide"][month] for month in range(1, 13)]
            for form in ("format", "stand-alone")
        },
    }
    return canonical_json(found).decode()


def _section(asked: Section, language: str) -> Json:
    return {
        "title": asked.title[language],
        "item_title": asked.item_title[language] if asked.item_title else None,
        "repeated": asked.repeated,
        "questions": [
            {"id": q.id, "type": q.type, "label": q.label[language], "vocabulary": q.vocabulary}
            for q in asked.questions
        ],
    }
