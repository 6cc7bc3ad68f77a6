"""Dates as people remember them: a subset of EDTF Level 1 (Library of Congress; ISO 8601-2:2019).

    2020 · 2020-08 · 2020-08-09     a year, month or day; with ~ about, ? not certain, % both
    202X · 2020-XX                  some year of a decade, some month of a year
    2020-08-XX · 2020-XX-XX         some day of a month or year
    A/B · ../B · A/..               from A to B, until B, from A on; each side is one of the above

Years are 1900 to 2100. One date has one spelling: what `Date.parse` accepts comes back from `str`.

`earliest` and `latest` are the bounds that are written down. "About August 2020" has those of August
2020: how far "about" reaches is nothing that a program knows.
"""

import re
from calendar import monthrange
from dataclasses import dataclass

from babel import Locale

FIRST_YEAR, LAST_YEAR = 1900, 2100
_EXAMPLES = "for example 2020-08-09, 2020-08, 2020-08~, 2020-08-XX, 2020-08-09/2020-08-12 or ../2020-08"
_SINGLE = re.compile(r"([0-9]{3}[0-9X])(?:-([0-9]{2}|XX))?(?:-([0-9]{2}|XX))?([~?%]?)", re.ASCII)
_OPEN = ".."
_TEXTS = {
    "en": {
        "about": "about",
        "uncertain": "(not certain)",
        "year": "{0}",
        "year_genitive": "{0}",
        "in_year": "{0} {1}",
        "decade": "the {0}s",
        "decade_genitive": "the {0}s",
        "some_day": "a day in {0}",
        "some_day_genitive": "a day in {0}",
        "some_month": "a month in {0}",
        "some_month_genitive": "a month in {0}",
        "to": "and",
        "until": "until",
        "since": "from",
        "on": " on",
    },
    "be": {
        "about": "прыкладна",
        "uncertain": "(дакладна невядома)",
        "year": "{0} год",
        "year_genitive": "{0} года",
        "in_year": "{0} {1} года",
        "decade": "{0}-я гады",
        "decade_genitive": "{0}-х гадоў",
        "some_day": "нейкі дзень {0}",
        "some_day_genitive": "нейкага дня {0}",
        "some_month": "нейкі месяц {0}",
        "some_month_genitive": "нейкага месяца {0}",
        "to": "да",
        "until": "да",
        "since": "пачынаючы {0}",
        "on": "",
    },
    "ru": {
        "about": "примерно",
        "uncertain": "(точно неизвестно)",
        "year": "{0} год",
        "year_genitive": "{0} года",
        "in_year": "{0} {1} года",
        "decade": "{0}-е годы",
        "decade_genitive": "{0}-х годов",
        "some_day": "какой-то день {0}",
        "some_day_genitive": "какого-то дня {0}",
        "some_month": "какой-то месяц {0}",
        "some_month_genitive": "какого-то месяца {0}",
        "to": "до",
        "until": "до",
        "since": "начиная {0}",
        "on": "",
    },
}
_MARKS = {"exact": "", "": "", "about": "~", "unsure": "?"}


class DateError(ValueError):
    """Not a date of this subset; the message has examples of what is."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason}; {_EXAMPLES}")


@dataclass(frozen=True, slots=True)
class _Single:
    """One side. `decade` is set for 202X; `any_month`, `any_day` where XX is written."""

    earliest: str
    latest: str
    year: int
    month: int | None
    day: int | None
    decade: bool
    any_month: bool
    any_day: bool
    mark: str

    @property
    def about(self) -> bool:
        return self.mark in ("~", "%")

    @property
    def uncertain(self) -> bool:
        return self.mark in ("?", "%")


@dataclass(frozen=True, slots=True)
class Date:
    """A date or an interval; made by `parse`. Bounds are `YYYY-MM-DD`, None where an interval is open."""

    text: str
    earliest: str | None
    latest: str | None

    @classmethod
    def parse(cls, text: str) -> "Date":
        """Read one date; `DateError` for anything but the forms above."""
        first, last = _sides(text)
        if first and last and first.earliest > last.latest:
            raise DateError("the second date lies before the first")
        return cls(text, first.earliest if first else None, last.latest if last else None)

    def __str__(self) -> str:
        return self.text

    @property
    def month(self) -> str | None:
        """`YYYY-MM` if both bounds lie in one month, else None."""
        if self.earliest and self.latest and self.earliest[:7] == self.latest[:7]:
            return self.earliest[:7]
        return None

    def words(self, language: str) -> str:
        """The date in words for people: `be`, `ru` or `en`; `KeyError` for any other language."""
        texts = _TEXTS[language]
        first, last = _sides(self.text)
        if first is None:
            assert last is not None
            return _side(last, texts["until"], language)
        if last is None:
            return _side(first, texts["since"].format(_from(first, language)), language) + texts["on"]
        if "/" not in self.text:
            return _side(first, "", language)
        if _days_of_one_month(first, last):
            start = f"{_from(first, language)} {first.day}"
        else:
            start = _side(first, _from(first, language), language)
        return f"{start} {_side(last, texts['to'], language)}"


def from_words(year: str, month: str, day: str, about: str) -> str | None:
    """The form's three boxes and `exact`, `about` or `unsure` as EDTF; None if all boxes are empty.

    Months and days may have one digit. A day needs a month, and a month a year.
    """
    year, month, day = year.strip(), month.strip(), day.strip()
    if about not in _MARKS:
        raise DateError("it is not said whether the date is exact, approximate or not certain")
    if not (year or month or day):
        return None
    if not year or (day and not month):
        raise DateError("a day needs its month, and a month its year")
    if not re.fullmatch("[0-9]{3}[0-9X]", year):
        raise DateError("a year has four digits")
    if not all(re.fullmatch("[0-9]{1,2}", box) for box in (month, day) if box):
        raise DateError("months and days are numbers")
    text = "-".join([year, *(box.zfill(2) for box in (month, day) if box)]) + _MARKS[about]
    return str(Date.parse(text))


def between(first: str | None, last: str | None) -> str:
    """An interval of two single dates; None leaves that side open. Two equal dates are that date."""
    if first is None and last is None:
        raise DateError("an interval needs a beginning or an end")
    for side in (first, last):
        if side is not None:
            _single(side)
    if first == last:
        return str(first)
    return str(Date.parse(f"{first or _OPEN}/{last or _OPEN}"))


def _sides(text: str) -> tuple[_Single | None, _Single | None]:
    """Both sides; a date that is no interval stands on both."""
    if not isinstance(text, str):
        raise DateError("a date is a text")
    if "/" not in text:
        single = _single(text)
        return single, single
    before, _, after = text.partition("/")
    if before == after == _OPEN:
        raise DateError("an interval needs a beginning or an end")
    return (
        None if before == _OPEN else _single(before),
        None if after == _OPEN else _single(after),
    )


def _single(text: str) -> _Single:
    found = _SINGLE.fullmatch(text)
    if not found:
        raise DateError("this is not a date")
    year, month, day, mark = found.groups()
    unspecified = "X" in text
    if unspecified and mark:
        raise DateError("X and a mark do not go together")
    if year.endswith("X") and month:
        raise DateError("some year of a decade has no month")
    if month == "XX" and day not in (None, "XX"):
        raise DateError("a day needs its month")
    first_year, last_year = int(year.replace("X", "0")), int(year.replace("X", "9"))
    if not FIRST_YEAR <= first_year <= last_year <= LAST_YEAR:
        raise DateError(f"years are {FIRST_YEAR} to {LAST_YEAR}")
    known_month = int(month) if month and month != "XX" else None
    known_day = int(day) if day and day != "XX" else None
    if known_month is not None and not 1 <= known_month <= 12:
        raise DateError("there is no such month")
    last_day = monthrange(first_year, known_month)[1] if known_month else 31
    if known_day is not None and not 1 <= known_day <= last_day:
        raise DateError("there is no such day")
    return _Single(
        earliest=f"{first_year}-{known_month or 1:02}-{known_day or 1:02}",
        latest=f"{last_year}-{known_month or 12:02}-{known_day or last_day:02}",
        year=first_year,
        month=known_month,
        day=known_day,
        decade=year.endswith("X"),
        any_month=month == "XX" and day is None,
        any_day=day == "XX",
        mark=mark,
    )


def _days_of_one_month(first: _Single, last: _Single) -> bool:
    """Whether the first of two exact days can be shortened to its number."""
    exact = first.day and last.day and not (first.mark or last.mark)
    return bool(exact) and first.earliest[:7] == last.earliest[:7]


def _side(date: _Single, preposition: str, language: str) -> str:
    """One side with its preposition (may be empty) and its marks."""
    texts = _TEXTS[language]
    about = texts["about"] if date.about else ""
    form = _form(date, language, genitive=bool(preposition))
    # "between about August 2020", but «прыкладна са жніўня 2020 года».
    pieces = [preposition, about, form] if language == "en" else [about, preposition, form]
    return " ".join(piece for piece in [*pieces, texts["uncertain"] if date.uncertain else ""] if piece)


def _form(date: _Single, language: str, *, genitive: bool) -> str:
    """The date itself. After a preposition Belarusian and Russian need the genitive."""
    texts, months = _TEXTS[language], Locale.parse(language).months
    case = "_genitive" if genitive else ""
    if date.decade:
        return texts["decade" + case].format(date.year)
    of_year = texts["year_genitive"].format(date.year)
    if date.any_month:
        return texts["some_month" + case].format(of_year)
    if date.month is None:
        return (
            texts["some_day" + case].format(of_year)
            if date.any_day
            else texts["year" + case].format(date.year)
        )
    of_month = texts["in_year"].format(months["format"]["wide"][date.month], date.year)
    if date.day:
        return f"{date.day} {of_month}"
    if date.any_day:
        return texts["some_day" + case].format(of_month)
    name = months["format" if genitive else "stand-alone"]["wide"][date.month]
    return texts["in_year"].format(name, date.year)


def _from(date: _Single, language: str) -> str:
    """The preposition before a beginning, as the sound of what follows asks."""
    if language == "en":
        return "between"
    if language == "ru":
        return "со" if date.day == 2 else "с"
    # «са студзеня, са снежня, са жніўня»: before two consonants of which the first hisses.
    return "са" if date.day is None and not date.any_day and date.month in (1, 8, 12) else "з"
