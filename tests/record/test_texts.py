"""Vocabularies and questions as data: complete in three languages, without contradictions, in decent words."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from crypto.compartments import CLASSES
from crypto.profiles import CONDITIONS
from crypto.statement import PURPOSES
from intake import i18n
from intake.record import media, questions, triage
from intake.record import vocabulary as vocabularies
from intake.record.consent import CONTACTS, IDENTITY_USES
from intake.record.questions import Section
from intake.record.vocabulary import CAPACITIES, LANGUAGES, NAMES, country_names, vocabulary

DATA = Path(vocabularies.__file__).parent / "data"
FORBIDDEN = {
    "be": ("паказанн", "пацярпел", "ахвяр", "данос", "стукач", "заяўнік", "(а)", "(ла)"),
    "ru": ("показани", "потерпевш", "жертв", "донос", "стукач", "заявител", "(а)", "(ла)"),
    "en": ("whistleblow", "victim", "complainant", "informer", "informant", " he ", " she ", "his/her"),
}
# The glossary's own term for a capacity, and money given to a cause, are meant.
ALLOWED = {
    "Пацярпелая асоба",
    "Пакрыццё шкоды пацярпелым асобам",
    "Пераслед за ахвяраванні або дапамогу іншым",
    "Преследование за пожертвования или помощь другим",
}


def everything() -> list[Section]:
    return [*questions.sections(), questions.medium()]


def texts() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Everything that a person may read, by where it stands."""
    for name in NAMES:
        for term in vocabulary(name).terms:
            yield f"{name}/{term.code}", term.label
            if term.note:
                yield f"{name}/{term.code}/note", term.note
    for section in everything():
        for place, words in (
            ("title", section.title),
            ("intro", section.intro),
            ("item", section.item_title),
        ):
            if words:
                yield f"{section.id}/{place}", words
        for question in section.questions:
            yield f"{section.id}/{question.id}", question.label
            if question.hint:
                yield f"{section.id}/{question.id}/hint", question.hint


def test_every_text_is_there_in_each_language() -> None:
    assert LANGUAGES == i18n.LANGUAGES
    for place, words in texts():
        assert set(words) == set(LANGUAGES), place
        for text in words.values():
            assert text and text == text.strip() and "  " not in text and "<" not in text, place
            assert (text[-1] in ".?:") == (words["en"][-1] in ".?:"), place


def test_words_are_not_those_of_an_interrogation() -> None:
    for place, words in texts():
        for language, text in words.items():
            for word in FORBIDDEN[language]:
                assert word not in f" {text.lower()} " or text in ALLOWED, f"{place}: {text}"


def test_belarusian_and_russian_use_letters_of_their_own() -> None:
    for place, words in texts():
        belarusian, russian = words["be"].lower(), words["ru"].lower()
        assert not re.search("[ищъ]", belarusian), place
        assert not re.search(r"[бвгджзйклмнпрстфхцчшь] ў", belarusian), place
        assert not re.search(r"[аеёіоуыэюя] у", belarusian), place
        assert not re.search("[іў’]", russian), place


def test_a_question_to_a_person_leads_nowhere_and_is_never_required() -> None:
    for section in everything():
        for question in section.questions:
            assert not question.required
            english = question.label["en"].lower()
            assert not re.search(r"\b(isn't|wasn't|didn't|don't you|surely|of course)\b", english), english


def test_nobody_is_asked_for_a_legal_label_or_a_clinicians_judgement() -> None:
    for place, words in texts():
        english = words["en"].lower()
        for label in (
            "crime against humanity",
            "persecution",
            "torture",
            "rome statute",
            "istanbul protocol",
            "consistent with",
        ):
            assert label not in english, place


def test_the_files_are_exactly_the_vocabularies_and_each_knows_its_name() -> None:
    assert tuple(sorted(file.stem for file in (DATA / "vocabularies").iterdir())) == NAMES
    for name in NAMES:
        found = vocabulary(name)
        assert found.name == name and found.version and found.source and found.terms


@pytest.mark.parametrize("name", NAMES)
def test_a_code_or_a_label_stands_for_one_term_only(name: str) -> None:
    terms = vocabulary(name).terms
    assert len({term.code for term in terms}) == len(terms)
    for term in terms:
        assert re.fullmatch("[a-z0-9][a-z0-9_]{0,63}", term.code)
    for language in LANGUAGES:
        labels = [term.label[language] for term in terms]
        assert len(set(labels)) == len(labels), sorted(labels)


def test_a_code_of_a_later_version_stands_for_itself() -> None:
    means = vocabulary("means")
    assert means.label("truncheon", "be") == "Дубінка" and means.label("tear_gas", "ru") == "Слезоточивый газ"
    assert means.label("something_new", "ru") == "something_new"
    for name in ("", "zzz", "../consent"):
        with pytest.raises(KeyError):
            vocabulary(name)


def test_lists_that_the_program_knows_by_heart_are_those_of_the_data() -> None:
    assert vocabulary("capacities").codes == CAPACITIES
    assert set(vocabulary("media_origins").codes) == set(media.ORIGINS)
    assert vocabulary("consent_purposes").codes == PURPOSES
    assert set(vocabulary("consent_classes").codes) == set(CLASSES)
    assert vocabulary("consent_conditions").codes == CONDITIONS
    assert vocabulary("consent_contacts").codes == CONTACTS
    assert vocabulary("consent_identity_uses").codes == IDENTITY_USES
    assert {question.id for question in questions.section("gates").questions} == set(triage.GATES)
    border = [term.code for term in vocabulary("facilities").terms if term.extra["kind"] == "border"]
    assert list(vocabulary("border_points").codes) == border


def test_the_terms_that_documentalists_map_are_mapped_or_said_not_to_be() -> None:
    for name in ("violations", "methods"):
        mapped = [term.mapping["huridocs"] for term in vocabulary(name).terms]
        assert sum(1 for value in mapped if value) >= 0.6 * len(mapped)
        for value in mapped:
            assert value is None or re.fullmatch(r"[45] [A-Z][A-Za-z ]+, \d{12}: .+", value)
    assert 40 <= len(vocabulary("violations").terms) <= 60


def test_a_place_has_a_kind_and_a_region_of_belarus() -> None:
    kinds = {
        "holding",
        "remand",
        "prison",
        "colony",
        "police",
        "office",
        "base",
        "vehicle",
        "hospital",
        "court",
        "border",
        "other",
    }
    for term in vocabulary("facilities").terms:
        assert term.extra["kind"] in kinds, term.code
        assert term.extra.get("region", "BY-HM") in {
            "BY-BR",
            "BY-HM",
            "BY-HO",
            "BY-HR",
            "BY-MA",
            "BY-MI",
            "BY-VI",
        }


def test_countries_are_those_of_the_standard_in_the_alphabet_of_the_reader() -> None:
    for language in LANGUAGES:
        assert len(country_names(language)) == 249 and {"BY", "LT", "PL", "UA", "GE"} <= set(
            country_names(language)
        )
    belarusian = list(country_names("be").values())
    assert belarusian.index("Ірландыя") < belarusian.index("Літва")
    assert list(country_names("en").values())[:2] == ["Afghanistan", "Åland Islands"]


def test_sections_come_in_order_and_none_is_missing() -> None:
    ids = [section.id for section in questions.sections()]
    assert ids == [
        "submitter", "gates", "sensitive", "events", "acts", "detention", "injuries", "perpetrators", "exit", "legal_persecution",
        "disappearance_or_death", "domestic_remedy", "prior_statements", "account", "witnesses", "person", "contact", "safety",
    ]  # fmt: skip
    for section in everything():
        assert questions.medium() == section or questions.section(section.id) == section
        assert (section.item_title is not None) == section.repeated and (
            section.maximum > 1
        ) == section.repeated
        assert section.maximum * len(section.questions) < 1990
    orders = [json.loads(file.read_text())["order"] for file in (DATA / "questions").iterdir()]
    assert len(set(orders)) == len(orders)


def test_names_and_whereabouts_are_asked_for_in_the_identity_compartment_only() -> None:
    compartments = {section.id: section.compartment for section in questions.sections()}
    identity = {id for id, compartment in compartments.items() if compartment == "identity"}
    assert identity == {"person", "contact", "safety", "witnesses"}
    assert {id for id, compartment in compartments.items() if compartment == "sensitive"} == {"sensitive"}
    with pytest.raises(KeyError):
        questions.section("medium")
