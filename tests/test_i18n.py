"""The catalogues: complete, current, and in words that respect the people who read them."""

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

import intake
from intake.http import messages
from intake.http.messages import message
from intake.i18n import LANGUAGES, LOCALES, translator
from intake.record import consent_texts, help

ROOT = Path(intake.__file__).parents[1]
TRANSLATED = [language for language in LANGUAGES if language != "en"]
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_VALUES: dict[str, str | int] = {
    "found": 7,
    "group": 3,
    "limit": 524288,
    "limit_mib": 4096,
    "mechanism": "X",
    "retry_after": 60,
}
# Words of an interrogation or of pity, words that fix a gender, words for spies.
FORBIDDEN = {
    "be": ("паказанн", "пацярпелы ", "ахвяр", "данос", "стукач", "заяўнік", "(а)", "(ла)"),
    "ru": ("показани", "потерпевш", "жертв", "донос", "стукач", "заявител", "(а)", "(ла)"),
    "en": ("whistleblow", "victim", "complainant", "informer", "informant", " he ", " she ", "his/her"),
}


@cache
def catalogue(language: str) -> Catalog:
    with (LOCALES / language / "LC_MESSAGES" / "intake.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


@cache
def template() -> Catalog:
    with (LOCALES / "intake.pot").open("rb") as file:
        return read_po(file, abort_invalid=True)


def entries(catalog: Catalog) -> list[Message]:
    return [entry for entry in catalog if entry.id]


def ids(catalog: Catalog) -> list[str | tuple[str, ...]]:
    return [entry.id if isinstance(entry.id, str) else tuple(entry.id) for entry in entries(catalog)]


def forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text or ""] if isinstance(text, str | None) else list(text)


def shown(language: str) -> dict[str, str]:
    """Everything in a language that a person may read, by where it stands."""
    texts = {}
    for entry in entries(template()):
        translated = catalogue(language).get(forms(entry.id)[0])
        assert translated is not None
        for form in forms(entry.id if language == "en" else translated.string):
            texts[form] = form
    texts["consent"] = consent_texts.current(language).text
    for country in help.countries(language):
        texts |= {entry.note: entry.note for entry in country.entries}
    return texts


def test_the_template_holds_exactly_what_the_source_says() -> None:
    with (LOCALES / "babel.cfg").open() as file:
        mapping, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    extracted = {
        (tuple(text) if isinstance(text, tuple) else text)
        for _, _, text, _, _ in extract_from_dir(
            ROOT, mapping, options, keywords=DEFAULT_KEYWORDS | {"mark": None}
        )
    }
    assert extracted == set(ids(template())), "extract again: see intake/i18n.py"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_missing_stale_or_fuzzy(language: str) -> None:
    catalog = catalogue(language)
    assert set(ids(catalog)) == set(ids(template())), "update: see intake/i18n.py"
    assert not catalog.obsolete
    assert not [entry.id for entry in entries(catalog) if entry.fuzzy]
    if language == "en":
        assert not [entry.id for entry in entries(catalog) if any(forms(entry.string))]
    else:
        assert not [entry.id for entry in entries(catalog) if not all(forms(entry.string))]


@pytest.mark.parametrize("language", TRANSLATED)
def test_placeholders_and_ends_of_sentences_are_the_same_in_each_language(language: str) -> None:
    for entry in entries(catalogue(language)):
        source = forms(entry.id)[0]
        if entry.pluralizable:
            assert len(forms(entry.string)) == catalogue(language).num_plurals == 3
        for form in forms(entry.string):
            assert sorted(_PLACEHOLDER.findall(form)) == sorted(_PLACEHOLDER.findall(source)), form
            assert "%" not in _PLACEHOLDER.sub("", form), form
            assert "<" not in form and "&" not in form, form
            assert form == form.strip() and "  " not in form, form
            assert (form[-1] in ".?:") == (source[-1] in ".?:"), form


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_not_those_of_an_interrogation(language: str) -> None:
    for text in shown(language).values():
        for word in FORBIDDEN[language]:
            assert word not in f" {text.lower()} ", text


def test_belarusian_and_russian_use_letters_of_their_own() -> None:
    for text in shown("be").values():
        assert not re.search("[ищъ]", text.lower()), text
        # Short ў stands after a vowel, and only there.
        assert not re.search(r"[бвгджзйклмнпрстфхцчшь] ў", text.lower()), text
        assert not re.search(r"[аеёіоуыэюя] у", text.lower()), text
    for text in shown("ru").values():
        assert not re.search("[іў’]", text.lower()), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_words_for_people(language: str) -> None:
    unknown = message("internal", language)
    for code in messages.CODES:
        text = message(code, language, **_VALUES)
        assert "%" not in text and "{" not in text
        assert code == "internal" or text != unknown
    assert message("epoch_closed", language, epoch=4) == unknown


def test_a_refusal_names_its_values() -> None:
    assert "3" in message("receipt_range", "be", group=3)
    assert "4 ГБ" in message("too_large", "ru", limit_mib=4096)
    assert "262,144" in message("text_too_long", "en", limit=512 * 1024)
    assert "IAPB" in message("purpose_missing", "be", mechanism="IAPB")
    assert message("too_large", "en", limit_kib=64) == message("too_large", "en")


@pytest.mark.parametrize(
    ("language", "number", "expected"),
    [
        ("be", 1, "1 файл"),
        ("be", 3, "3 файлы"),
        ("be", 5, "5 файлаў"),
        ("be", 21, "21 файл"),
        ("ru", 2, "2 файла"),
        ("ru", 11, "11 файлов"),
        ("ru", 22, "22 файла"),
        ("en", 1, "1 file"),
        ("en", 2, "2 files"),
    ],
)
def test_numbers_take_the_right_form(language: str, number: int, expected: str) -> None:
    text = translator(language).ngettext("%(count)s file", "%(count)s files", number)
    assert text % {"count": number} == expected


def test_days_and_sizes_read_as_people_write_them() -> None:
    assert translator("be").day("2026-11-23") == "23 лістапада 2026\u202fг."
    assert translator("en").size(5 * 1024 * 1024) == "5 MB"
    assert translator("ru").size(1_600_000) == "1,5 МБ"
    assert translator("be").size(12) == "0,1 КБ"


def test_a_language_that_is_not_there_is_an_error() -> None:
    for language in ("pl", "", "../en"):
        with pytest.raises(KeyError):
            translator(language)
        with pytest.raises(KeyError):
            consent_texts.current(language)


def test_consent_texts_say_the_same_in_each_language() -> None:
    texts = [consent_texts.current(language) for language in LANGUAGES]
    assert len({len(text.paragraphs) for text in texts}) == 1
    assert len({text.sha256 for text in texts}) == 3
    assert {text.version for text in texts} == {consent_texts.VERSION}
