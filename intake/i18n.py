"""Languages of the pages: gettext catalogues, read as they are in git (`.po`), with no compile step.

The English text in the source is the message's id; `en` therefore stays untranslated. After a change
of a text, from the repository's root:

    pybabel extract -F intake/locales/babel.cfg -k mark --add-location file --sort-by-file \
        --omit-header -o intake/locales/intake.pot .
    pybabel update -D intake -i intake/locales/intake.pot -d intake/locales \
        --no-fuzzy-matching --width 100

then fill in what is empty. `tests/test_i18n.py` names what is missing, stale or fuzzy.
"""

import gettext
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LANGUAGES = ("be", "ru", "en")
LANGUAGE_NAMES = {"be": "Беларуская", "ru": "Русский", "en": "English"}  # each in its own words
LOCALES = Path(__file__).parent / "locales"
KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30


def mark(message: str) -> str:
    """Mark a text for extraction where it is written; it is translated where it is used."""
    return message


class Translator:
    """Texts, dates and sizes in one language."""

    def __init__(self, language: str, catalogue: gettext.NullTranslations) -> None:
        self.language = language
        self._catalogue = catalogue

    def gettext(self, message: str) -> str:
        """The text in this language."""
        return self._catalogue.gettext(message)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """The text in the form that this number needs."""
        return self._catalogue.ngettext(singular, plural, number)

    def day(self, day: str) -> str:
        """`2026-11-23` as people write it."""
        return format_date(date.fromisoformat(day), "long", locale=self.language)

    def number(self, number: float) -> str:
        """A number, rounded to one decimal place, with this language's separators."""
        return format_decimal(round(number, 1), locale=self.language)

    def size(self, size: int) -> str:
        """A number of bytes, rounded, with a unit."""
        if size >= GIB:
            unit, text = GIB, self.gettext("%(number)s GB")
        elif size >= MIB:
            unit, text = MIB, self.gettext("%(number)s MB")
        else:
            unit, text = KIB, self.gettext("%(number)s KB")
        return text % {"number": self.number(max(size / unit, 0.1))}


@cache
def translator(language: str) -> Translator:
    """The translator of one of `LANGUAGES`; `KeyError` for any other."""
    if language not in LANGUAGES:
        raise KeyError(language)
    with (LOCALES / language / "LC_MESSAGES" / "intake.po").open("rb") as file:
        catalogue = read_po(file, locale=language, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translator(language, gettext.GNUTranslations(compiled))
