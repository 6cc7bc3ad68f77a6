"""What a receipt's holder is shown of their own record, in words: values for the templates `mailbox*`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crypto import statement
from crypto.encoding import Json
from crypto.log_leaf import Opening
from crypto.profiles import Profile
from crypto.statement import PURPOSES, Statement
from intake.audit.events import FETCHED_APART
from intake.audit.proofs import Seen
from intake.http import reading
from intake.i18n import LANGUAGE_NAMES
from intake.record import consent_texts
from intake.record.consent import Choice
from intake.record.media import ORIGINS
from intake.record.opened import OpenedRecord, Said
from intake.record.questions import Question, medium, parse_questions, section
from intake.record.sections import DECLINED, UNKNOWN, from_fields
from intake.record.vocabulary import CAPACITIES, country_names
from intake.submissions.own import Held

Names = Mapping[str, str]


def written(held: Held, language: str, names: Names) -> dict[str, Any]:
    """Texts, answers and files; each with what it replaced, the newest of those first."""
    opened, days = held.opened, _days(held)

    def shown(said: Said) -> dict[str, Any]:
        return _text(said, days) if said.entry.kind == "narrative" else _section(said, days, language)

    return {
        "texts": [shown(s) | {"earlier": _earlier(opened, s, shown)} for s in opened.current("narrative")],
        "sections": [shown(s) | {"earlier": _earlier(opened, s, shown)} for s in opened.current("section")],
        "files": [_file(held, said, days, language, names) for said in opened.current("label")],
        "problems": len(opened.problems),
    }


def consents(held: Held, language: str, names: Names) -> list[dict[str, Any]]:
    """What each mechanism may do now, by the name of the mechanism.

    `unread`: the receipt does not open what was chosen, so contact, name and conditions are not known.
    """
    earlier = held.earlier()
    choices, unread = earlier.choices(), earlier.unread
    found = [chosen(c, language, names) | {"unread": c.mechanism in unread} for c in choices.values()]
    return sorted(found, key=lambda c: str(c["name"]))


def chosen(choice: Choice, language: str, names: Names) -> dict[str, Any]:
    """One choice."""
    countries = country_names(language)
    return {
        "id": choice.mechanism,
        "name": names.get(choice.mechanism, choice.mechanism),
        "purposes": choice.purposes,
        "classes": choice.classes,
        "identity": choice.identity,
        "contact": choice.contact,
        "conditions": choice.conditions,
        "states": [countries.get(code, code) for code in choice.states],
        "expires": choice.expires,
        "successor": choice.successor,
    }


def tied_to(profile: Profile) -> str:
    """What a consent is tied to: the text, and what the mechanism says of itself."""
    return f"{consent_texts.VERSION} {profile.sha256 or ''}".strip()


def accesses(seen: Iterable[Seen], names: Names) -> dict[str, Any]:
    """Who did what with the record, as whom and what for, by day and counted; so is what is shown later."""
    lines: dict[tuple[str, ...], dict[str, Any]] = {}
    later: dict[str, int] = {}
    read: dict[str, str] = {}
    for one in seen:
        if one.until is not None:
            later[one.until] = later.get(one.until, 0) + 1
            continue
        said = Opening.parse(one.opening).values
        event = str(said["event"])
        told = f"{event}.{said.get('class')}"
        told = told if told in FETCHED_APART else event
        roles, purpose = str(said.get("roles", "")), str(said.get("purpose", ""))
        key = (one.day, one.mechanism, told, roles, purpose, _other(said, names))
        if key not in lines:
            lines[key] = {
                "day": one.day,
                "mechanism": names.get(one.mechanism, one.mechanism),
                "event": told,
                "roles": roles.split(),
                "purpose": purpose if purpose in PURPOSES else "",
                "other": key[-1],
                "count": 0,
            }
        lines[key]["count"] += 1
        if event in ("record.opened", "part.downloaded"):
            read.setdefault(one.mechanism, one.day)
    return {"accesses": list(lines.values()), "later": sorted(later.items()), "read": read}


def _other(said: Mapping[str, Json], names: Names) -> str:
    """The mechanism that a record was handed over to, or came from; "" where it is about one alone."""
    other = str(said.get("successor", said.get("from", "")))
    return names.get(other, other)


def ledger(held: Held, names: Names) -> list[dict[str, Any]]:
    """Revision by revision, the newest first: what was allowed to whom, and what was taken back."""
    found: list[dict[str, Any]] = []
    before: Statement | None = None
    for data, _ in held.own.revisions:
        signed = statement.parse(data)
        earlier = {c.mechanism: c for c in before.consent} if before else {}
        kept = {(a.mechanism, a.compartment) for a in before.audience} if before else set()
        kinds = {c.id: c.kind for c in signed.compartments}
        now = {(a.mechanism, a.compartment) for a in signed.audience}
        less = {mechanism for mechanism, _ in kept - now}
        rows = [
            {
                "name": names.get(c.mechanism, c.mechanism),
                "purposes": c.purposes,
                "classes": list(
                    dict.fromkeys(kinds[a.compartment] for a in signed.audience if a.mechanism == c.mechanism)
                ),
                "expires": c.expires,
                "successor": c.successor,
                "version": c.text_version,
                "language": LANGUAGE_NAMES.get(c.text_language, c.text_language),
                "new": c.mechanism not in earlier,
                "less": c.mechanism in less,
            }
            for c in signed.consent
        ]
        gone = sorted(earlier.keys() - {c.mechanism for c in signed.consent})
        found.append(
            {
                "number": signed.revision,
                "day": signed.created_day,
                "sealed_by": signed.sealed_by,
                "rows": rows,
                "gone": [names.get(id, id) for id in gone],
                "added": len(signed.parts) - (len(before.parts) if before else 0),
            }
        )
        before = signed
    return found[::-1]


def typed(choice: Choice, profile: Profile, language: str) -> dict[str, list[str]]:
    """The form's fields that show a choice; the end of it is not among them."""
    id, countries = choice.mechanism, country_names(language)
    fields = {
        "mechanism": [id],
        f"purpose:{id}": list(choice.purposes),
        f"use:{id}": [choice.identity or ""],
        f"contact:{id}": [choice.contact or ""],
        f"condition:{id}": list(choice.conditions),
        f"states:{id}": [", ".join(countries.get(code, code) for code in choice.states)],
        f"successor:{id}": [reading.YES] if choice.successor else [],
    }
    fields |= {f"{kind}:{id}": [reading.YES] for kind in choice.classes if kind != "account"}
    questions = parse_questions(list(profile.questions))
    return fields | reading.typed(questions, choice.answers, f"own:{id}:")


def _days(held: Held) -> dict[str, str]:
    """Part → the day on which it was signed first."""
    found: dict[str, str] = {}
    for data, _ in held.own.revisions:
        signed = statement.parse(data)
        for part in signed.parts:
            found.setdefault(part.id, signed.created_day)
    return found


def _earlier(opened: OpenedRecord, said: Said, shown: Any) -> list[dict[str, Any]]:
    by_id = {one.entry.id: one for one in opened.of(said.entry.kind)}
    found: list[dict[str, Any]] = []
    seen = {said.entry.id}
    before = by_id.get(said.revises or "")
    while before is not None and before.entry.id not in seen:
        seen.add(before.entry.id)
        found.append(shown(before))
        before = by_id.get(before.revises or "")
    return found


def _text(said: Said, days: Mapping[str, str]) -> dict[str, Any]:
    capacity = said.values.get("capacity")
    return {
        "text": str(said.values.get("text", "")),
        "capacity": capacity if capacity in CAPACITIES else "",
        "day": days[said.entry.id],
    }


def _section(said: Said, days: Mapping[str, str], language: str) -> dict[str, Any]:
    id = str(said.values.get("section", ""))
    found: dict[str, Any] = {"title": id, "day": days[said.entry.id], "answers": []}
    try:
        asked = section(id)
        _, value = from_fields(said.values)
    except (KeyError, ValueError):  # of a later version: it is there, and cannot be shown in words
        return found
    items = value if isinstance(value, list) else [value]
    found["title"] = asked.title[language]
    found["answers"] = [
        {
            "title": f"{asked.item_title[language]} {n + 1}" if asked.item_title and asked.repeated else "",
            "rows": _rows(asked.questions, item, language),
        }
        for n, item in enumerate(items)
        if isinstance(item, dict)
    ]
    return found


def _rows(asked: Sequence[Question], item: Mapping[str, Json], language: str) -> list[dict[str, str]]:
    rows = []
    for question in asked:
        answer = item.get(question.id)
        if answer is None:
            continue
        kind = "unknown" if answer == UNKNOWN else "declined" if answer == DECLINED else "text"
        if isinstance(answer, bool):
            kind = "yes" if answer else "no"
        text = reading.words(question, answer, language) or ""
        rows.append({"label": question.label[language], "kind": kind, "text": text})
    return rows


def _file(held: Held, said: Said, days: Mapping[str, str], language: str, names: Names) -> dict[str, Any]:
    values, signed = said.values, held.reader.statement
    kinds = {c.id: c.kind for c in signed.compartments}
    origin = values.get("origin")
    apart = values.get("apart") is True
    return {
        "name": str(values["name"]),
        "type": str(values["type"]),
        "size": int(values["size"]),
        "origin": origin if origin in ORIGINS else "unsaid",
        "kind": kinds[said.entry.compartment],
        "apart": apart,
        "only": [
            names.get(a.mechanism, a.mechanism)
            for a in signed.audience
            if apart and a.compartment == said.entry.compartment and a.mechanism in held.live
        ],
        "day": days[said.entry.id],
        "rows": _rows(medium().questions, values, language),
    }
