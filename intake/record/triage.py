"""The triage card: what reviewers sort and count by without opening a testimony. Codes and counts only.

It is in a compartment of its own and is granted only where the person agreed to that. No name, place or
word that somebody typed gets here: codes count only if they are in today's vocabularies.
"""

from collections.abc import Mapping

from crypto.encoding import Json
from intake.record.dates import Date, DateError
from intake.record.sections import LANGUAGE_TAG
from intake.record.vocabulary import CAPACITIES, vocabulary

GATES = ("sexual_violence", "under_18", "insider")


def card(*, language: str, capacity: str, media: int, sections: Mapping[str, Json]) -> dict[str, Json]:
    """The card's fields; one that is not known is absent. `media` is the number of files.

    `sections` maps a section's id to its answers, which need not have been checked.
    """
    found: dict[str, Json] = {
        "language": language if LANGUAGE_TAG.fullmatch(language) else None,
        "capacity": capacity if capacity in CAPACITIES else None,
        "media": media,
        "month": _month(_items(sections, "events")),
        "facility": _facility(_items(sections, "detention")),
        "violations": _codes(_items(sections, "acts"), "violations", "violations"),
        "gates": [gate for item in _items(sections, "gates") for gate in GATES if item.get(gate) is True],
    }
    return {name: value for name, value in found.items() if value not in (None, [])}


def _items(sections: Mapping[str, Json], id: str) -> list[dict[str, Json]]:
    value = sections.get(id)
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]


def _month(events: list[dict[str, Json]]) -> str | None:
    """The month of the earliest event that can be told to lie in one."""
    months = []
    for event in events:
        try:
            months.append(Date.parse(event["date"]).month)
        except (DateError, KeyError):
            continue
    return min((month for month in months if month), default=None)


def _facility(detention: list[dict[str, Json]]) -> str | None:
    """The first place of detention that is in the vocabulary."""
    known = vocabulary("facilities").codes
    return next((d["facility"] for d in detention if d.get("facility") in known), None)


def _codes(items: list[dict[str, Json]], name: str, vocabulary_name: str) -> list[str]:
    """All codes of these answers, once each, in the order of the vocabulary."""
    answers = [item.get(name) for item in items]
    said = [code for answer in answers if isinstance(answer, list) for code in answer]
    return [code for code in vocabulary(vocabulary_name).codes if code in said]
