"""What a mechanism was allowed, for its people to read: in the words that the person chose from.

The words are those of the pages in the language of the consent's text, each with its code: that is the
same in every language, and what `testimony.json` has.
"""

from collections.abc import Mapping
from typing import Any

from crypto.encoding import Json, canonical_json
from intake.record.consent import Choice
from intake.record.vocabulary import LANGUAGES, country_names, vocabulary

_LABELS = {
    "purposes": "Purposes",
    "classes": "May open",
    "identity": "How far the person's name may go",
    "contact": "Contact",
    "conditions": "Conditions",
    "states": "Not to these states",
    "expires": "Until the end of",
    "successor": "Also the body appointed to continue this mandate",
    "answers": "Answers to your own questions",
    "text": "Consent text that was shown",
    "profile": "Profile that was shown",
}
_WORDS = {
    "purposes": "consent_purposes",
    "classes": "consent_classes",
    "identity": "consent_identity_uses",
    "contact": "consent_contacts",
    "conditions": "consent_conditions",
}


def in_words(choice: Mapping[str, Any]) -> list[tuple[str, list[Json]]]:
    """(label, what was chosen) of a sealed choice, as it came; fields of a later version as they are."""
    text = choice.get("text")
    said = text.get("language") if isinstance(text, Mapping) else None
    language = said if said in LANGUAGES else "en"
    names = (*(name for name in _LABELS if name in choice), *(name for name in choice if name not in _LABELS))
    return [
        (_LABELS.get(name, name.replace("_", " ")), _values(name, choice[name], language))
        for name in names
        if name != "mechanism"
    ]


def lines(choice: Choice, language: str) -> list[str]:
    """What is about to be allowed, a line each, for whoever is asked whether that is meant."""
    said = {
        "purposes": list(choice.purposes),
        "classes": list(choice.classes),
        "identity": choice.identity,
        "contact": choice.contact,
        "conditions": list(choice.conditions),
        "states": list(choice.states),
        "expires": choice.expires,
        "successor": choice.successor,
        "answers": dict(choice.answers),
    }
    labels = _LABELS | {"answers": "Answers to its own questions"}
    found = []
    for name, value in said.items():
        if value not in ([], {}) or name == "conditions":
            words = _values(name, value, language)
            values = [one if isinstance(one, str) else canonical_json(one).decode() for one in words]
            found.append(f"{labels[name]}: {'; '.join(values) or 'none'}")
    return found


def _values(name: str, value: Json, language: str) -> list[Json]:
    values = value if isinstance(value, list) else [value]
    if name in _WORDS:
        words = vocabulary(_WORDS[name])
        return [
            _both(words.label(code, language), code) if isinstance(code, str) else code for code in values
        ]
    if name == "states":
        names = country_names(language)
        return [_both(names.get(code, code), code) if isinstance(code, str) else code for code in values]
    if name == "expires" and value is None:
        return ["(without an end date)"]
    if name == "successor" and isinstance(value, bool):
        return ["yes" if value else "no"]
    if name == "answers" and isinstance(value, Mapping):
        return [{id: answer} for id, answer in value.items()]
    return values


def _both(words: str, code: str) -> str:
    return code if words == code else f"{words} ({code})"
