"""The identity sections: invented names, addresses that belong to nobody, who could be harmed.

Telephone numbers are of ranges kept for fiction (NANP 555-0100 to 0199; Ofcom's 07700 900 000 to 999), mail
is at example.org (RFC 2606).
"""

from corpus.speech import Speech
from corpus.texts import table
from crypto.encoding import Json
from intake.record.sections import DECLINED

_CHANNELS = (("signal", 34), ("email", 24), ("telegram", 14), ("mailbox", 16), ("whatsapp", 4), ("never", 8))
_BANDS = (
    (18, "14_17"),
    (25, "18_24"),
    (35, "25_34"),
    (45, "35_44"),
    (55, "45_54"),
    (65, "55_64"),
    (200, "65_plus"),
)


def person_sections(speech: Speech) -> dict[str, Json]:
    """`witnesses`, `person`, `contact`, `safety`."""
    return {
        "witnesses": _witnesses(speech),
        "person": _person(speech),
        "contact": _contact(speech),
        "safety": _safety(speech),
    }


def _person(speech: Speech) -> dict[str, Json]:
    story, dice = speech.story, speech.dice
    age = story.when.day.year - story.born
    born = dice.weighted(
        ((f"{story.born}", 60), (f"{story.born}-{dice.between(1, 12):02}", 20), (f"{story.born}~", 20))
    )
    if dice.chance(4):
        born = f"{story.born // 10}X"
    closed = dice.chance(12)
    return {
        "name": DECLINED if closed else speech.name(story.given, story.surname),
        "birth": DECLINED if closed else born,
        "age_band": next(band for limit, band in _BANDS if age < limit),
        "citizenship": "BY",
        "occupation": table("work")[story.work][{"be": 0, "ru": 2, "en": 4}[story.language]],
        "activity": speech.note("s_activity"),
        "home": speech.known["town"],
    }


def _contact(speech: Speech) -> dict[str, Json]:
    dice = speech.dice
    channel = dice.weighted(_CHANNELS)
    if channel in ("mailbox", "never"):
        return {"channel": channel}
    return {
        "channel": channel,
        "contact": _address(speech, channel),
        "hours": speech.note("s_hours"),
        "language": speech.language,
        "avoid": speech.note("s_avoid"),
    }


def _address(speech: Speech, channel: str) -> str:
    dice = speech.dice
    if channel == "email":
        return f"lost.{dice.between(100, 9999)}@example.org"
    if channel == "telegram":
        return f"@example_{dice.between(1000, 99999)}"
    if dice.chance(50):
        return f"+1 202 555 01{dice.between(0, 99):02}"
    return f"+44 7700 900{dice.between(0, 999):03}"


def _witnesses(speech: Speech) -> list[dict[str, Json]]:
    dice = speech.dice
    found: list[dict[str, Json]] = []
    for _ in range(dice.pick((0, 0, 1, 1, 2))):
        agreed = dice.chance(35)
        name = speech.name(dice.below(len(table("given"))), dice.below(len(table("surnames"))))
        found.append(
            {
                "name": name,
                "saw": speech.note("s_saw"),
                "inside_belarus": dice.chance(60),
                "may_be_contacted": agreed,
            }
        )
        if agreed:
            found[-1] |= {"channel": "email", "contact": _address(speech, "email")}
    return found


def _safety(speech: Speech) -> dict[str, Json]:
    return {
        "people_at_risk": speech.note("s_risk"),
        "inside_belarus": speech.dice.chance(75),
        "revealing_details": speech.note("s_revealing"),
        "threats_abroad": speech.note("s_threats"),
        "wishes": speech.note("s_wishes"),
    }
