"""What was typed into a form, as values; and values as what a form shows.

Fields of a form are texts, several under one name: `Typed`. A question `place` has the field `q:place`
(with another prefix for a mechanism's own questions), and besides, by its type:

    date      q:date:year, :month, :day, :about; the same with q:date:until:…; q:date:kept
    many      q:basis, once for each tick
    others    q:place:unsaid, if they have no list in which "don't know" can stand

`UNSAID` values stand for "don't know" and "prefer not to say". What was typed always survives: a form
that is not accepted is shown again with the same `Typed`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from babel import Locale

from crypto.bundles import Bundle
from crypto.encoding import Json
from crypto.profiles import CONDITIONS, Profile
from crypto.receipt import GROUPS, WORD_LISTS, MistypedReceipt, Receipt
from crypto.statement import PURPOSES
from intake.errors import Invalid
from intake.record import dates, sections
from intake.record.consent import Choice
from intake.record.dates import Date, DateError
from intake.record.questions import Question, parse_questions
from intake.record.sections import DECLINED, UNKNOWN, Problem
from intake.record.vocabulary import country_names, vocabulary

Typed = Mapping[str, Sequence[str]]
UNSAID: dict[str, Json] = {"~unknown": UNKNOWN, "~declined": DECLINED}
YES, NO = "yes", "no"
YEARS = {"": 0, "1": 1, "5": 5}  # how long a consent may hold
_BOXES = ("year", "month", "day", "about")
_CONTROLS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f]")
_SIDE = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?([~?]?)")
_ABOUT = {"": "exact", "~": "about", "?": "unsure"}
_DIGITS = re.compile(r"(?<![0-9])(?=((?:[0-9]{4}[\s,;.-]*){9})(?![0-9]))")
_WORDS = frozenset(word for words in WORD_LISTS.values() for word in words)
WRITTEN = ("be", "ru", "en", "pl", "lt", "uk", "de")  # languages of a narrative that a form offers
OTHER = "other"  # … and one that is named by its code
_LANGUAGES = (
    *("be", "ru", "en", "pl", "uk", "lt", "lv", "et", "de", "nl", "fr", "es", "it", "pt", "cs", "sk", "sv"),
    *("no", "fi", "ka", "hy", "az", "kk", "tr", "ro", "bg", "el", "he", "ar", "zh"),
)
_ALIASES = {"be": ("Рэспубліка Беларусь", "РБ"), "ru": ("Белоруссия", "РБ", "РФ"), "en": ()}


@dataclass(frozen=True, slots=True)
class Read:
    """Answers, and what is wrong with some of them: paths are ids of questions."""

    answers: dict[str, Json]
    problems: list[Problem] = field(default_factory=list)


def clean(text: str) -> str:
    """A typed text without control characters, but for line breaks and tabs; nothing else is changed."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def holds_receipt(text: str) -> bool:
    """Whether a receipt, in digits or words, stands anywhere in a text."""
    if any(_is_receipt(found[1]) for found in _DIGITS.finditer(text)):
        return True
    run: list[str] = []
    for token in re.split(r"[\s,;.]+", text):
        token = token.strip("()[]«»“”\"'!?:").lower()
        run = [*run[-GROUPS + 1 :], token] if token in _WORDS or re.fullmatch("[0-9]{4}", token) else []
        if len(run) == GROUPS and _is_receipt(" ".join(run)):
            return True
    return False


def _is_receipt(text: str) -> bool:
    try:
        Receipt.parse(text)
    except MistypedReceipt:
        return False
    return True


def one(typed: Typed, name: str) -> str:
    """The last value of a field, without spaces around it; "" if there is none."""
    values = typed.get(name)
    return values[-1].strip() if values else ""


def answers(questions: Sequence[Question], typed: Typed, prefix: str = "q:") -> Read:
    """Everything that was answered. What cannot be read is a problem, and not among the answers."""
    found = Read({})
    for question in questions:
        name = f"{prefix}{question.id}"
        unsaid = UNSAID.get(one(typed, f"{name}:unsaid"))
        try:
            answer = _READERS[question.type](question, typed, name)
        except DateError as error:
            found.problems.append(Problem(question.id, "date", {"example": error.args[0]}))
            continue
        except ValueError:
            found.problems.append(Problem(question.id, "malformed"))
            continue
        if isinstance(answer, str) and question.type in ("line", "text") and holds_receipt(answer):
            found.problems.append(Problem(question.id, "receipt_in_text"))
        elif unsaid is not None and answer is not None:
            found.problems.append(Problem(question.id, "both"))
        elif unsaid is not None or answer is not None:
            found.answers[question.id] = unsaid if answer is None else answer
    checked = sections.check_answers(tuple(questions), found.answers)
    named = {problem.path for problem in found.problems}
    found.problems.extend(problem for problem in checked if problem.path not in named)
    return found


def typed(
    questions: Sequence[Question], given: Mapping[str, Json], prefix: str = "q:"
) -> dict[str, list[str]]:
    """The fields that show these answers; the inverse of `answers`."""
    fields: dict[str, list[str]] = {}
    for question in questions:
        answer, name = given.get(question.id), f"{prefix}{question.id}"
        if answer is None:
            continue
        code = next((code for code, value in UNSAID.items() if value == answer), None)
        if code is not None:
            in_list = question.type in ("one", "yes_no", "country", "language")
            fields[name if in_list else f"{name}:unsaid"] = [code]
        elif question.type == "date":
            fields |= _typed_date(str(answer), name)
        elif question.type == "many":
            fields[name] = [str(code) for code in answer] if isinstance(answer, list) else []
        elif isinstance(answer, bool):
            fields[name] = [YES if answer else NO]
        else:
            fields[name] = [str(answer)]
    return fields


def words(question: Question, answer: Json, language: str) -> str | None:
    """An answer as a person reads it; None for "don't know" and the like, and for what is no answer."""
    if answer is None or answer in (UNKNOWN, DECLINED):
        return None
    try:
        if question.type == "date":
            return Date.parse(answer).words(language)
    except DateError:
        return str(answer)
    if question.type == "country":
        return country_names(language).get(str(answer), str(answer))
    if question.vocabulary:
        codes = answer if isinstance(answer, list) else [answer]
        return "; ".join(vocabulary(question.vocabulary).label(str(code), language) for code in codes)
    return str(answer)


def asked(questions: Sequence[Question], language: str, prefix: str = "q:") -> list[dict[str, Any]]:
    """Questions as `_question.html` shows them, each with the terms that it can be answered with."""
    return [
        {
            "id": question.id,
            "name": f"{prefix}{question.id}",
            "type": question.type,
            "label": question.label[language],
            "hint": question.hint[language] if question.hint else "",
            "required": question.required,
            "terms": _terms(question, language),
        }
        for question in questions
    ]


def language_names(language: str) -> dict[str, str]:
    """Languages that a form offers, with their names in one of them."""
    names = Locale.parse(language).languages
    return {code: names[code] for code in _LANGUAGES}


def written_languages(language: str) -> list[tuple[str, str]]:
    """The languages of a narrative that a form offers, with their names in one of them."""
    names = Locale.parse(language).languages
    return [(code, names[code]) for code in WRITTEN]


def written_in(typed: Typed, language: str) -> str:
    """In which language a narrative is, BCP 47: that of the page, unless another one is chosen.

    `Invalid` if another one is to be named, and what is typed is no code.
    """
    chosen = one(typed, "written-in") or language
    if chosen != OTHER:
        if chosen not in WRITTEN:
            raise Invalid("malformed", "an unknown language of the narrative")
        return chosen
    first, hyphen, rest = one(typed, "written-in:code").replace("_", "-").partition("-")
    code = f"{first.lower()}{hyphen}{rest}"
    if not sections.LANGUAGE_TAG.fullmatch(code):
        raise Invalid("written_in", "the code of the narrative's language is none")
    return code


def typed_written_in(code: str) -> dict[str, list[str]]:
    """The fields that show the language of a narrative; the inverse of `written_in`."""
    if code in WRITTEN:
        return {"written-in": [code]}
    return {"written-in": [OTHER], "written-in:code": [code]}


def _terms(question: Question, language: str) -> list[tuple[str, str]]:
    if question.vocabulary:
        return [(term.code, term.label[language]) for term in vocabulary(question.vocabulary).terms]
    if question.type == "country":
        return list(country_names(language).items())
    return list(language_names(language).items()) if question.type == "language" else []


# --- choices of a consent ---


def choices(
    typed: Typed, known: Mapping[str, Bundle], profiles: Mapping[str, Profile], language: str, today: str
) -> list[Choice]:
    """One for each mechanism that was ticked; `Invalid` says what is missing. Not checked further here."""
    chosen = list(dict.fromkeys(typed.get("mechanism", [])))
    if not chosen:
        raise Invalid("consent_missing", "no recipient was chosen")
    if not set(chosen) <= known.keys():
        raise Invalid("mechanism_unknown", "a mechanism is unknown")
    return [_choice(typed, known[m], profiles.get(m) or Profile.plain(m), language, today) for m in chosen]


def _choice(typed: Typed, bundle: Bundle, profile: Profile, language: str, today: str) -> Choice:
    id = bundle.mechanism
    name = bundle.names.get(language, bundle.names["en"])
    years = YEARS.get(one(typed, f"until:{id}"))
    if years is None:
        raise Invalid("malformed", "an unknown term")
    own = answers(parse_questions(list(profile.questions)), typed, f"own:{id}:")
    if own.problems:
        raise Invalid("own_question", "a mechanism's own question is answered wrongly", mechanism=name)
    conditions = tuple(c for c in CONDITIONS if c in typed.get(f"condition:{id}", []))
    countries = read_countries(one(typed, f"states:{id}"), language)
    if countries is None:
        raise Invalid("states_unknown", "a country is not known", mechanism=name)
    identity = one(typed, f"identity:{id}") == YES
    return Choice(
        mechanism=id,
        purposes=tuple(p for p in PURPOSES if p in typed.get(f"purpose:{id}", [])),
        classes=(
            "account",
            *(c for c in ("triage", "identity", "sensitive") if one(typed, f"{c}:{id}") == YES),
        ),
        expires=in_years(today, years),
        successor=one(typed, f"successor:{id}") == YES,
        identity=(one(typed, f"use:{id}") or None) if identity else None,
        contact=one(typed, f"contact:{id}") or None,
        conditions=conditions,
        # Without the tick the list says nothing: it may stand there from before.
        states=countries if "not_to_states" in conditions else (),
        answers=own.answers,
    )


def countries(language: str) -> dict[str, str]:
    """Names of countries that can be typed, with their codes."""
    names = {name: code for code, name in country_names(language).items()}
    return names | {alias: "RU" if alias == "РФ" else "BY" for alias in _ALIASES[language]}


def read_countries(text: str, language: str) -> tuple[str, ...] | None:
    """Codes of the countries that are named, with commas or line breaks between; None if one is unknown."""
    names = {name.casefold(): code for name, code in countries(language).items()}
    names |= {code.casefold(): code for code in country_names(language)}
    asked = [piece.strip().casefold() for piece in re.split("[,;\n]", text) if piece.strip()]
    if not set(asked) <= names.keys():
        return None
    return tuple(dict.fromkeys(names[name] for name in asked))


def in_years(day: str, years: int) -> str | None:
    """The day so many years later, None for no years: without an end."""
    if not years:
        return None
    start = date.fromisoformat(day)
    last = 28 if (start.month, start.day) == (2, 29) else start.day
    return start.replace(year=start.year + years, day=last).isoformat()


# --- one type of question each ---


def _line(_: Question, typed: Typed, name: str) -> Json:
    return " ".join(one(typed, name).split("\n")) or None


def _text(_: Question, typed: Typed, name: str) -> Json:
    values = typed.get(name)
    return values[-1] if values and values[-1].strip() else None


def _code(_: Question, typed: Typed, name: str) -> Json:
    value = one(typed, name)
    return UNSAID.get(value, value) or None


def _yes_no(_: Question, typed: Typed, name: str) -> Json:
    value = one(typed, name)
    if value in ("", *UNSAID):
        return UNSAID.get(value)
    if value not in (YES, NO):
        raise ValueError(value)
    return value == YES


def _codes(_: Question, typed: Typed, name: str) -> Json:
    return list(dict.fromkeys(code for code in typed.get(name, []) if code)) or None


def _number(_: Question, typed: Typed, name: str) -> Json:
    value = one(typed, name).replace(" ", "")
    if value and not (value.isascii() and value.isdigit() and len(value) < 12):
        raise ValueError(value)
    return int(value) if value else None


def _date(_: Question, typed: Typed, name: str) -> Json:
    first, last = _boxes(typed, name), _boxes(typed, f"{name}:until")
    if last is not None:
        return dates.between(first, last)
    kept = one(typed, f"{name}:kept")  # of a form that three boxes cannot show
    return first or (str(Date.parse(kept)) if kept and one(typed, f"{name}:keep") == YES else None)


def _boxes(typed: Typed, name: str) -> str | None:
    year, month, day, about = (one(typed, f"{name}:{box}") for box in _BOXES)
    return dates.from_words(year, month, day, about)


def _typed_date(answer: str, name: str) -> dict[str, list[str]]:
    first, _, last = answer.partition("/")
    shown: dict[str, list[str]] = {}
    for side, place in ((first, name), (last, f"{name}:until")):
        if side in ("", ".."):
            continue
        found = _SIDE.fullmatch(side)
        if not found or last == "..":
            return {f"{name}:kept": [answer], f"{name}:keep": [YES]}
        year, month, day, mark = found.groups()
        values = (year, month or "", day or "", _ABOUT[mark])
        shown |= {f"{place}:{box}": [value] for box, value in zip(_BOXES, values, strict=True)}
    return shown


_READERS = {
    "line": _line,
    "text": _text,
    "date": _date,
    "one": _code,
    "many": _codes,
    "yes_no": _yes_no,
    "number": _number,
    "country": _code,
    "language": _code,
}
