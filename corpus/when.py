"""Days as people remember them: one invented day, as EDTF for a section and in words for the prose."""

from dataclasses import dataclass
from datetime import date, timedelta

from corpus.dice import Dice

# How sure somebody is, and how many in a hundred.
_FORMS = (
    ("exact", 50), ("about", 16), ("month", 12), ("unsure", 6), ("some_day", 6), ("both", 4),
    ("month_about", 4), ("year", 2),
)  # fmt: skip
_MONTHS = {
    "be": "студзеня лютага сакавіка красавіка мая чэрвеня ліпеня жніўня верасня кастрычніка лістапада снежня",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "en": "January February March April May June July August September October November December",
}
_IN_MONTH = {
    "be": "студзені лютым сакавіку красавіку маі чэрвені ліпені жніўні верасні кастрычніку лістападзе снежні",
    "ru": "январе феврале марте апреле мае июне июле августе сентябре октябре ноябре декабре",
    "en": _MONTHS["en"],
}
_WORDS = {
    "be": {
        "exact": "{d} {m} {y} года",
        "about": "прыкладна {d} {m} {y} года",
        "unsure": "{d} {m} {y} года (у даце ёсць сумнеў)",
        "both": "прыкладна {d} {m} {y} года (у даце ёсць сумнеў)",
        "month": "у {i} {y} года",
        "month_about": "прыкладна ў {i} {y} года",
        "some_day": "у нейкі дзень {m} {y} года",
        "year": "у {y} годзе",
    },
    "ru": {
        "exact": "{d} {m} {y} года",
        "about": "примерно {d} {m} {y} года",
        "unsure": "{d} {m} {y} года (в дате есть сомнение)",
        "both": "примерно {d} {m} {y} года (в дате есть сомнение)",
        "month": "в {i} {y} года",
        "month_about": "примерно в {i} {y} года",
        "some_day": "в какой-то день {m} {y} года",
        "year": "в {y} году",
    },
    "en": {
        "exact": "on {d} {m} {y}",
        "about": "around {d} {m} {y}",
        "unsure": "on {d} {m} {y} (I am not certain of the date)",
        "both": "around {d} {m} {y} (I am not certain of the date)",
        "month": "in {i} {y}",
        "month_about": "around {i} {y}",
        "some_day": "on a day in {m} {y}",
        "year": "in {y}",
    },
}


@dataclass(frozen=True, slots=True)
class When:
    """An invented day, and how well it is remembered: one of the forms above."""

    day: date
    form: str

    @property
    def edtf(self) -> str:
        """As `intake.record.dates` reads it."""
        day = self.day.isoformat()
        return {
            "exact": day,
            "about": f"{day}~",
            "unsure": f"{day}?",
            "both": f"{day}%",
            "month": day[:7],
            "month_about": f"{day[:7]}~",
            "some_day": f"{day[:7]}-XX",
            "year": day[:4],
        }[self.form]

    def words(self, language: str) -> str:
        """An adverbial: "on 9 August 2020"."""
        return _WORDS[language][self.form].format(
            d=self.day.day,
            m=_MONTHS[language].split()[self.day.month - 1],
            i=_IN_MONTH[language].split()[self.day.month - 1],
            y=self.day.year,
        )

    def later(self, days: int, dice: Dice) -> "When":
        """So many days after; remembered in its own way."""
        return remembered(self.day + timedelta(days), dice)


def remembered(day: date, dice: Dice) -> When:
    """A day, as surely or vaguely as it falls."""
    return When(day, dice.weighted(_FORMS))


def vague(day: date, dice: Dice) -> str:
    """EDTF of the rarer forms: intervals, open ones, some month of a year."""
    year, month, text = f"{day.year}", day.isoformat()[:7], day.isoformat()
    until = (day + timedelta(dice.between(3, 60))).isoformat()
    return dice.pick(
        (
            f"{text}/{until}",
            f"../{text}",
            f"{month}/..",
            f"{year}-XX",
            f"{year}-XX-XX",
            f"{month}~/{until[:7]}?",
        )
    )
