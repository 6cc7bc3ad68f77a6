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

    @property
    def exact_day(self) -> bool:
        return self.day is not None and not self.mark


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
        words = _WORDS[language]
        first, last = _sides(self.text)
        if first is None:
            assert last is not None
            return words.until(last)
        if last is None:
            return words.since(first)
        return words.single(first) if "/" not in self.text else words.between(first, last)


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
    if not all(re.fullmatch("[0-9]{1,2}", box) for box in (month, day) if box):
        raise DateError("months and days are numbers")
    text = "-".join([year, *(box.zfill(2) for box in (month, day) if box)]) + _MARKS[about]
    return str(Date.parse(text))


def between(first: str | None, last: str | None) -> str:
    """An interval of two single dates; None leaves that side open. Two equal dates are that date."""
    if first is None and last is None:
        raise DateError("an interval needs a beginning or an end")
    if first == last:
        return str(Date.parse(first or ""))
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


class _Words:
    """Words of one language. Slavic intervals need the genitive, which `forms` gives as well."""

    def __init__(self, language: str, **texts: str) -> None:
        months = Locale.parse(language).months
        self._language = language
        self._months = months["stand-alone"]["wide"]
        self._genitive = months["format"]["wide"]
        self._texts = texts

    def single(self, date: _Single) -> str:
        return self._marked(date, self._texts["about"].format(self._form(date, genitive=False)))

    def until(self, date: _Single) -> str:
        return self._side(date, "until")

    def since(self, date: _Single) -> str:
        return self._side(date, "since")

    def between(self, first: _Single, last: _Single) -> str:
        """Of two exact days in one month the first is shortened to its number."""
        same = first.year == last.year and first.month == last.month
        if first.exact_day and last.exact_day and same and first.day != last.day:
            start = f"{self._from(first)} {first.day}"
            return f"{start} {self._texts['to']} {self._form(last, genitive=True)}"
        start = self._side(first, "from")
        return f"{start} {self._side(last, 'to')}"

    def _side(self, date: _Single, word: str) -> str:
        before = self._from(date) if word == "from" else self._texts[word]
        if word == "since":
            before = before.format(self._with(date))
        text = f"{before} {self._form(date, genitive=True)}"
        if self._language == "en":
            text = f"{before} {self._texts['about'].format(self._form(date, genitive=True))}"
            return self._marked(date, text, keep=True)
        return self._marked(date, self._texts["about"].format(text))

    def _marked(self, date: _Single, about: str, *, keep: bool = False) -> str:
        raise NotImplementedError

    def _from(self, date: _Single) -> str:
        raise NotImplementedError

    def _with(self, date: _Single) -> str:
        raise NotImplementedError

    def _form(self, date: _Single, *, genitive: bool) -> str:
        raise NotImplementedError


_WORDS: dict[str, _Words] = {}
