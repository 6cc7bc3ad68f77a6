"""What the pages of the long form show: the draft, the record before it, and what was just typed."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from crypto.bundles import Bundle
from crypto.encoding import Json
from crypto.receipt import Receipt, ReceiptKeys
from crypto.record_writer import RecordWriter
from intake import clock
from intake.errors import Invalid
from intake.http import reading
from intake.http.context import Services
from intake.http.pages import message
from intake.http.public.pages import Offer, page
from intake.record import consent_texts
from intake.record.consent import Choice
from intake.record.questions import Section, medium, section, sections
from intake.record.sections import Problem
from intake.record.vocabulary import CAPACITIES
from intake.submissions.workbench import MAX_FILES, Before, Draft, composing

GATES = "gates"
NOTICED = ("events", "acts")  # where what follows from the gates is said again, as beside the free text
Answers = dict[str, Json]


@dataclass(slots=True)
class Desk:
    """One person at one page. `before` is what was sent already, None for a first testimony."""

    request: Request
    language: str
    found: Services
    receipt: Receipt
    keys: ReceiptKeys
    confirmed: bool
    offer: Offer
    draft: Draft
    before: Before | None
    typed: dict[str, list[str]] = field(default_factory=dict)

    def render(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """One of the pages, each of which carries the receipt on."""
        return page(
            self.request,
            template,
            self.language,
            status,
            receipt=" ".join(self.receipt.digits()),
            confirmed=self.confirmed,
            first=self.before is None,
            **context,
        )

    def answers(self, id: str) -> Json:
        """What a section says now: the draft's, else the record's, else nothing."""
        if id in self.draft.sections:
            return self.draft.sections[id]["value"]
        held = self.before.section(id) if self.before else None
        return held[0] if held else ([] if section(id).repeated else {})

    def revises(self, id: str) -> str | None:
        """The part of the record that a changed section takes the place of."""
        if id in self.draft.sections:
            known = self.draft.sections[id]["revises"]
            return str(known) if known else None
        held = self.before.section(id) if self.before else None
        return held[1] if held else None

    def names(self) -> dict[str, str]:
        """Who may be chosen for a file: at first everybody, later those who were."""
        known = self.offer.everyone
        ids = known if self.before is None else [c.mechanism for c in self.before.earlier.statement.consent]
        names = {id: b.names.get(self.language, b.names["en"]) for id, b in known.items()}
        return {id: names.get(id, id) for id in ids if self.before or id in self.offer.bundles}


def pages_in_order(desk: Desk) -> list[str]:
    """All pages, as "save and go on" leads from one to the next."""
    middle = [f"section:{s.id}" for s in sections() if s.id != GATES]
    consent = ["consent"] if desk.before is None else []
    return [f"section:{GATES}", "narrative", *middle, "files", *consent, "review"]


def page_after(desk: Desk, at: str) -> str:
    """The next page; from anything that is in no order, the overview."""
    order = pages_in_order(desk)
    kind, _, rest = at.partition(":")
    here = f"section:{rest.partition(':')[0]}" if kind == "section" else kind
    return order[order.index(here) + 1] if here in order[:-1] else ""


def hub(desk: Desk, errors: Sequence[str] = (), status: int = 200) -> HTMLResponse:
    """The overview."""
    rows = [
        {
            "at": f"section:{s.id}",
            "title": s.title[desk.language],
            "state": _state(desk, s),
            "count": len(desk.answers(s.id)) if s.repeated else 0,
        }
        for s in sections()
        if s.id != GATES
    ]
    opened = desk.before.earlier.opened if desk.before else None
    return desk.render(
        "write.html",
        status,
        errors=errors,
        rows=rows,
        texts=texts(desk),
        gates=raised(desk),
        gates_state=_state(desk, section(GATES)),
        gates_title=section(GATES).title[desk.language],
        files=len(desk.draft.files),
        sent_files=len(opened.of("label")) if opened else 0,
        readable=opened is None or bool(opened.said),
        consent=desk.draft.consent is not None,
        empty=desk.draft.empty,
        kept=bool(not desk.draft.empty or desk.draft.consent),
    )


def raised(desk: Desk) -> list[str]:
    """The gates that were answered with yes: each has consequences."""
    said = desk.answers(GATES)
    return [gate for gate, answer in said.items() if answer is True] if isinstance(said, dict) else []


def narrative(desk: Desk, part: str, errors: Sequence[str] = (), status: int = 200) -> HTMLResponse:
    """The free text: a new one, or (`part`) the correction of one that was sent."""
    typed = desk.typed
    if not errors:
        held = texts(desk).get(part)
        said = desk.draft.texts.get(part)
        capacity = str(said["capacity"]) if said else (desk.before.capacity if desk.before else "")
        written = held["language"] if held else desk.language
        typed = {"narrative": [held["text"] if held else ""], "capacity": [capacity]}
        typed |= reading.typed_written_in(str(written))
    return desk.render(
        "write_narrative.html",
        status,
        at=f"narrative:{part}" if part else "narrative",
        correcting=bool(part),
        gates=raised(desk),
        capacities=CAPACITIES,
        values=typed,
        errors=errors,
    )


def section_page(
    desk: Desk, id: str, item: int | None, problems: Sequence[Problem] = (), status: int = 200
) -> HTMLResponse:
    """The questions of a section, or of one of its items; without `item`, the list of its items."""
    asked, held = section(id), desk.answers(id)
    if asked.repeated and item is None and held:
        return _items(desk, asked, held)
    number = item or 0
    typed = desk.typed
    if not problems:
        given = (held[number] if number < len(held) else {}) if asked.repeated else held
        typed = reading.typed(asked.questions, given)
    labels = {f"q:{q.id}": q.label[desk.language] for q in asked.questions}
    wrong = {f"q:{p.path}": told(p, desk.language) for p in problems}
    return desk.render(
        "write_section.html",
        status,
        at=f"section:{id}:{number}" if asked.repeated else f"section:{id}",
        title=asked.title[desk.language],
        intro=asked.intro[desk.language] if asked.intro else "",
        heading=heading(asked, number, desk.language),
        repeated=asked.repeated,
        room=number + 1 < asked.maximum,
        apart=asked.compartment != "account",
        openly=id == GATES,
        gates=raised(desk) if id in NOTICED else [],
        starting=id == GATES and desk.draft.empty and desk.draft.consent is None and desk.before is None,
        asked=reading.asked(asked.questions, desk.language),
        typed=typed,
        problems=wrong,
        errors=[f"{labels[name]}: {text}" if name in labels else text for name, text in wrong.items()],
    )


def _items(desk: Desk, asked: Section, held: Sequence[Answers]) -> HTMLResponse:
    items = [
        {"title": heading(asked, n, desk.language), "about": _about(asked, item, desk.language)}
        for n, item in enumerate(held)
    ]
    return desk.render(
        "write_items.html",
        section=asked.id,
        title=asked.title[desk.language],
        items=items,
        room=len(items) < asked.maximum,
        maximum=asked.maximum,
    )


def files(
    desk: Desk, problems: Sequence[Problem] = (), errors: Sequence[str] = (), status: int = 200
) -> HTMLResponse:
    """The files of the draft, and a form for more."""
    asked = medium().questions
    labels = {f"q:{q.id}": q.label[desk.language] for q in asked}
    wrong = {f"q:{p.path}": told(p, desk.language) for p in problems}
    opened = desk.before.earlier.opened if desk.before else None
    return desk.render(
        "write_files.html",
        status,
        files=shown_files(desk),
        sent=[str(said.values["name"]) for said in opened.of("label")] if opened else [],
        room=len(desk.draft.files) < MAX_FILES,
        limit=MAX_FILES,
        limit_mib=desk.found.settings.max_file_mib,
        mechanisms=desk.names(),
        asked=reading.asked(asked, desk.language),
        typed=desk.typed if problems or errors else {},
        problems=wrong,
        errors=[*errors, *(f"{labels[name]}: {text}" for name, text in wrong.items() if name in labels)],
    )


def consent(desk: Desk, errors: Sequence[str] = (), status: int = 200) -> HTMLResponse:
    """Who may receive it, and on what conditions."""
    kept = desk.draft.consent
    return desk.render(
        "write_consent.html",
        status,
        mechanisms=desk.offer.shown(desk.language),
        consent_text=consent_texts.current(desk.language),
        ask_identity=True,
        values=desk.typed if errors else (kept["typed"] if kept else {}),
        problems={},
        errors=errors,
    )


def choices(desk: Desk) -> list[Choice]:
    """Those of the draft, as they were shown; of a record that was received, those that hold.

    `Invalid` if nothing is chosen yet, or what was shown then is not what holds now.
    """
    if desk.before is not None:
        return list(desk.before.earlier.choices().values())
    kept = desk.draft.consent
    if kept is None:
        raise Invalid("draft_consent", "no recipient was chosen")
    found = reading.choices(
        kept["typed"], desk.offer.bundles, desk.offer.profiles, str(kept["language"]), clock.day()
    )
    if kept["version"] != consent_texts.VERSION or kept["profiles"] != profiles_shown(desk.offer, found):
        raise Invalid("consent_changed", "a mechanism has a newer profile than the one that was shown")
    return found


def profiles_shown(offer: Offer, found: Sequence[Choice]) -> dict[str, Json]:
    """By mechanism: the hash of what it said of itself when it was chosen."""
    return {c.mechanism: offer.profiles[c.mechanism].sha256 for c in found}


def shown_files(desk: Desk, chosen: Sequence[Choice] = ()) -> list[dict[str, Any]]:
    """The draft's files; `nobody`: of those whom it is for none was `chosen`, or not for this class."""
    names = desk.names()
    return [
        {
            "part": file.medium.part,
            "name": str(file.label["name"]),
            "type": str(file.label["type"]),
            "size": file.medium.size,
            "kind": file.kind,
            "only": [names.get(id, id) for id in file.only],
            "nobody": bool(file.only and chosen)
            and not any(c.mechanism in file.only and file.kind in c.classes for c in chosen),
        }
        for file in desk.draft.files
    ]


def check_choices(desk: Desk, found: Sequence[Choice]) -> None:
    """`Invalid` if a choice of a first testimony cannot be followed today."""
    writer = RecordWriter(desk.keys, secrets.token_bytes)
    text = consent_texts.current(desk.language)
    composing(writer, found, text, desk.offer.bundles, desk.offer.profiles)


def readers(desk: Desk) -> Mapping[str, Bundle]:
    """Who can be sealed to: of a record that was received also those that take nothing new."""
    if desk.before is None:
        return desk.offer.bundles
    named = {c.mechanism for c in desk.before.earlier.statement.consent}
    return {**desk.offer.bundles, **{id: b for id, b in desk.offer.everyone.items() if id in named}}


def correctable(desk: Desk) -> set[str]:
    """The parts of the record that hold a text, as far as the receipt opens them."""
    if desk.before is None:
        return set()
    return {said.entry.id for said in desk.before.earlier.opened.current("narrative")}


def told(problem: Problem, language: str) -> str:
    """What is wrong with an answer, in words."""
    return message(f"answer_{problem.code}", language, limit=problem.values.get("maximum", 0))


def texts(desk: Desk) -> dict[str, dict[str, Any]]:
    """Texts by the part that they correct ("" for a new one): what is sent, under what is not sent yet."""
    found: dict[str, dict[str, Any]] = {}
    if desk.before:
        for said in desk.before.earlier.opened.current("narrative"):
            language = str(said.values.get("language") or desk.language)
            text = str(said.values.get("text", ""))
            found[said.entry.id] = {"text": text, "language": language, "unsent": False}
    for part, draft in desk.draft.texts.items():
        found[part] = {"text": str(draft["text"]), "language": str(draft["language"]), "unsent": True}
    return found


def _state(desk: Desk, asked: Section) -> str:
    if asked.id in desk.draft.sections:
        return "unsent"
    return "sent" if desk.before and desk.before.section(asked.id) else "empty"


def heading(asked: Section, number: int, language: str) -> str:
    """Of an item; "" in a section that has none."""
    return f"{asked.item_title[language]} {number + 1}" if asked.item_title and asked.repeated else ""


def _about(asked: Section, item: Answers, language: str) -> str:
    """The first words of an item, to tell it from the others."""
    said = (reading.words(q, item.get(q.id), language) for q in asked.questions if q.type != "yes_no")
    return " · ".join(text[:60] for text in said if text)[:140]
