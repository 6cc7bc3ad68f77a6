"""The last page before sending: everything as it will be sent, and who gets what, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.responses import HTMLResponse

from crypto.encoding import Json
from intake.errors import IntakeError
from intake.http import reading
from intake.http.pages import message
from intake.http.public import write_pages as pages
from intake.http.public.write_pages import Desk
from intake.record.consent import Choice
from intake.record.questions import Section, sections
from intake.record.sections import DECLINED, UNKNOWN
from intake.record.vocabulary import country_names


def review(desk: Desk, errors: Sequence[str] = (), status: int = 200) -> HTMLResponse:
    """Everything as it will be sent, and who gets what."""
    missing = list(errors)
    try:
        chosen = pages.choices(desk)
    except IntakeError as error:
        chosen = []
        missing.append(message(error.code, desk.language, **error.values))
    unread = desk.before.earlier.unread if desk.before else ()
    first = desk.draft.texts.get("")
    if desk.before is None and not desk.draft.files and not (first and first["text"].strip()):
        missing.append(message("draft_nothing", desk.language))
    elif desk.before is None and not (first and first["capacity"]):
        missing.append(message("draft_capacity", desk.language))
    elif desk.before and desk.draft.empty:
        missing.append(message("draft_unchanged", desk.language))
    draft = desk.draft.sections
    shown = [_reviewed(desk, s, draft[s.id]["value"]) for s in sections() if s.id in draft]
    granted = {kind for choice in chosen for kind in choice.classes}
    used = {s["compartment"] for s in shown} | {f.kind for f in desk.draft.files if not f.only}
    return desk.render(
        "write_review.html",
        status,
        errors=missing,
        texts=[
            {"text": text["text"], "at": f"narrative:{part}" if part else "narrative"}
            for part, text in pages.texts(desk).items()
            if text["unsent"]
        ],
        capacity=str(first["capacity"]) if first else "",
        sections=shown,
        files=pages.shown_files(desk, chosen),
        choices=[_chosen(desk, choice) | {"unread": choice.mechanism in unread} for choice in chosen],
        closed=sorted(used - granted) if chosen else [],
        base=desk.before.revision if desk.before else 0,
    )


def _reviewed(desk: Desk, asked: Section, value: Json) -> dict[str, Any]:
    items = value if isinstance(value, list) else [value]
    return {
        "id": asked.id,
        "at": f"section:{asked.id}",
        "title": asked.title[desk.language],
        "compartment": asked.compartment,
        "items": [
            {"title": pages.heading(asked, n, desk.language), "rows": _rows(asked, item, desk.language)}
            for n, item in enumerate(items)
        ],
    }


def _rows(asked: Section, item: Mapping[str, Json], language: str) -> list[dict[str, str]]:
    rows = []
    for question in asked.questions:
        answer = item.get(question.id)
        if answer is None:
            continue
        kind = "unknown" if answer == UNKNOWN else "declined" if answer == DECLINED else "text"
        if isinstance(answer, bool):
            kind = "yes" if answer else "no"
        text = reading.words(question, answer, language) or ""
        rows.append({"label": question.label[language], "kind": kind, "text": text})
    return rows


def _chosen(desk: Desk, choice: Choice) -> dict[str, Any]:
    names = country_names(desk.language)
    return {
        "name": desk.names().get(choice.mechanism, choice.mechanism),
        "purposes": choice.purposes,
        "classes": choice.classes,
        "identity": choice.identity,
        "contact": choice.contact,
        "conditions": choice.conditions,
        "states": [names.get(code, code) for code in choice.states],
        "expires": choice.expires,
        "successor": choice.successor,
    }
