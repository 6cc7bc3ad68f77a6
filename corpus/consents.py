"""What each invented person allows: choices as varied as the form lets people make them."""

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.dice import Dice
from crypto.checks import SLUG
from crypto.encoding import Json
from crypto.profiles import CONDITIONS
from crypto.statement import PURPOSES

_USUAL = ("criminal_investigation", "un_fact_finding")  # what most people come for
_IDENTITY = (("closed", 35), ("mechanism", 35), ("court", 25), ("public", 5))
_CONTACT = (("never", 45), ("here", 30), ("safe_channel", 25))
_STATES = (("RU",), ("BY", "RU"), ("BY",), ("CN", "RU"))
FIRST_YEAR, LAST_YEAR = 2030, 2045  # in which consents end


@dataclass(frozen=True, slots=True)
class Offer:
    """A mechanism as far as consents may ask for it; `plain` ones offer neither conditions nor messages."""

    mechanism: str
    purposes: tuple[str, ...] = PURPOSES
    plain: bool = False

    @classmethod
    def parse(cls, text: str, plain: bool = False) -> "Offer":
        """`demo`, or `demo:un_fact_finding+archive`; `ValueError` for anything else."""
        name, _, listed = text.partition(":")
        purposes = tuple(listed.split("+")) if listed else PURPOSES
        unknown = [purpose for purpose in purposes if purpose not in PURPOSES]
        if not SLUG.fullmatch(name) or unknown or len(set(purposes)) < len(purposes):
            raise ValueError(f"not ID or ID:purpose+purpose, of {', '.join(PURPOSES)}: {text}")
        return cls(name, purposes, plain)


def consents(dice: Dice, offers: Sequence[Offer], *, sensitive: bool, safe_channel: bool) -> list[Json]:
    """Choices for one to three of the mechanisms, in the order in which they are offered."""
    return [_consent(dice, o, sensitive, safe_channel) for o in dice.some(offers, 1, 3)]


def _consent(dice: Dice, offer: Offer, sensitive: bool, safe_channel: bool) -> Json:
    identity = dice.chance(50)
    classes = [
        *(["triage"] if dice.chance(80) else []),
        "account",
        *(["identity"] if identity else []),
        *(["sensitive"] if sensitive and dice.chance(65) else []),
    ]
    consent: dict[str, Json] = {
        "mechanism": offer.mechanism,
        "purposes": _purposes(dice, offer),
        "classes": classes,
        "expires": None,
        "successor": dice.chance(55),
        "identity": dice.weighted(_IDENTITY) if identity else "closed",
        "contact": dice.weighted(_CONTACT),
    }
    if dice.chance(30):
        year, month = dice.between(FIRST_YEAR, LAST_YEAR), dice.between(1, 12)
        consent["expires"] = f"{year}-{month:02}-{dice.between(1, 28):02}"
    if consent["contact"] == "safe_channel" and not (identity and safe_channel):
        consent["contact"] = "here"
    if offer.plain:
        return consent | {"contact": "never" if consent["contact"] == "here" else consent["contact"]}
    conditions = dice.some(CONDITIONS, 1, 2) if dice.chance(40) else []
    if conditions:
        consent["conditions"] = conditions
    if "not_to_states" in conditions:
        consent["states"] = list(dice.pick(_STATES))
    return consent


def _purposes(dice: Dice, offer: Offer) -> list[str]:
    chosen = [purpose for purpose in offer.purposes if dice.chance(65 if purpose in _USUAL else 22)]
    return chosen or [dice.pick(offer.purposes)]
