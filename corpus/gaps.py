"""What people leave out: some questions are passed over, some not known, some not to be answered."""

from corpus.dice import Dice
from crypto.encoding import Json
from intake.record.sections import DECLINED, UNKNOWN

PASSED_OVER, UNKNOWN_TO, DECLINED_BY = 15, 3, 2  # of a hundred answers


def gaps(dice: Dice, value: Json) -> Json:
    """What is left when some questions are passed over, not known, or not to be answered."""
    if isinstance(value, list):
        return [item for item in (gaps(dice, item) for item in value) if item]
    kept: dict[str, Json] = {}
    for name, answer in value.items():
        if name in _ALWAYS:
            kept[name] = answer
            continue
        drawn = dice.below(100)
        if drawn < DECLINED_BY:
            kept[name] = DECLINED
        elif drawn < DECLINED_BY + UNKNOWN_TO:
            kept[name] = UNKNOWN
        elif drawn >= DECLINED_BY + UNKNOWN_TO + PASSED_OVER:
            kept[name] = answer
    return kept


# Without these the rest of an answer would say something else, or nothing.
_ALWAYS = frozenset(
    (
        "sexual_violence", "trained_interviewer", "person_agreed", "type", "facility", "citizenship",
        "may_be_contacted", "channel", "contact",
    )
)  # fmt: skip
