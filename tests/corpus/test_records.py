"""The corpus' records: the same for a seed, valid, of one mind with themselves, in three languages."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import corpus
from corpus import texts
from corpus.consents import FIRST_YEAR, Offer
from corpus.texts import phrasings, table
from crypto.profiles import Profile
from intake.record import consent_texts, questions, schema, sections, triage
from intake.record.consent import Choice
from intake.record.dates import Date
from intake.record.vocabulary import LANGUAGES, vocabulary

ROOT = Path(__file__).parents[2]
SEED, COUNT = 1, 400
OFFERS = (
    Offer("demo"),
    Offer("iapb", ("criminal_investigation", "archive")),
    Offer("third", ("statistics",), plain=True),
)
# Characters of the other languages.
FOREIGN = {"be": "[ищъИЩЪ]", "ru": "[іўІЎ]", "en": "[а-яА-ЯёЁіІўЎ]"}


@pytest.fixture(scope="module")
def interviews() -> list[dict[str, Any]]:
    return list(corpus.records(SEED, COUNT, OFFERS))


def strings(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a document, with the name of its field."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from strings(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner, name)


def plain(text: str) -> str:
    return text.casefold().replace("ў", "у")


def fingerprint(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_whoever_makes_it_again_elsewhere_gets_the_same_bytes(tmp_path: Path) -> None:
    for name, hashing in (("a", "1"), ("b", "2")):
        subprocess.run(
            [sys.executable, "-m", "corpus", "--records", "25", "--seed", "3", "--out", str(tmp_path / name)],
            cwd=ROOT,
            env=os.environ
            | {"PYTHONHASHSEED": hashing, "TZ": "Pacific/Apia" if name == "a" else "UTC", "LC_ALL": "C"},
            check=True,
            capture_output=True,
        )
    made = fingerprint(tmp_path / "a")
    assert made == fingerprint(tmp_path / "b") and len(made) > 60
    corpus.write(tmp_path / "c", 4, 25)
    assert made["interviews.jsonl"] != fingerprint(tmp_path / "c")["interviews.jsonl"]


def test_the_bytes_of_seed_one_have_not_changed(tmp_path: Path) -> None:
    """Whoever changes what is made, on purpose, writes the new number here."""
    corpus.write(tmp_path, 1, 10)
    everything = json.dumps(fingerprint(tmp_path), sort_keys=True).encode()
    assert (
        hashlib.sha256(everything).hexdigest()
        == "6fc63225d558fba07075bd10e9fceef3b32b7779e0c5ee76cf8ace5053a18821"
    )


def test_an_interview_is_the_same_however_many_are_made() -> None:
    assert list(corpus.records(SEED, 12))[:5] == list(corpus.records(SEED, 5))


def test_every_record_fits_the_questions_and_the_published_schema(interviews: list[dict[str, Any]]) -> None:
    validator = Draft202012Validator(schema.testimony_schema())
    profile = Profile.plain("demo")
    for interview in interviews:
        told = interview["sections"]
        for id, value in told.items():
            assert sections.check(id, value) == [], (interview["id"], id)
        labels = []
        for path, about in interview["media"].items():
            answers = {
                k: v for k, v in about.items() if k not in ("origin", "intimate", "compartment", "only")
            }
            assert sections.check_answers(questions.medium().questions, answers) == [], path
            label = {
                "part": "ab" * 16,
                "name": path,
                "type": "x/y",
                "size": 1,
                "digest": "cd" * 32,
                "sha256": "ef" * 32,
            }
            labels.append({**label, "origin": about["origin"], **answers})
        about = {"language": interview["language"], "capacity": interview["capacity"]}
        choices = [
            Choice.parse({"expires": None, "successor": False} | given) for given in interview["consent"]
        ]
        whole = {
            "schema": 1, **about, **told, "narrative": {"text": interview["narrative"], **about}, "media": labels,
            "triage": triage.card(**about, media=len(labels), sections=told),
            "consent": [choice.fields(consent_texts.current(about["language"]), profile, "0a" * 32) for choice in choices],
        }  # fmt: skip
        assert [error.message for error in validator.iter_errors(whole)] == []


def test_dates_are_of_every_form_that_people_use(interviews: list[dict[str, Any]]) -> None:
    asked = {
        q.id for s in (*questions.sections(), questions.medium()) for q in s.questions if q.type == "date"
    }
    forms = Counter[str]()
    for interview in interviews:
        for name, text in strings([interview["sections"], interview["media"]]):
            if name in asked and text not in ("unknown", "declined"):
                assert Date.parse(text).text == text
                forms[re.sub("[0-9]", "9", text)] += 1
    assert set(forms) >= {
        "9999", "9999~", "9999-99", "9999-99~", "9999-99-XX", "9999-XX", "9999-XX-XX", "999X", "9999-99-99", "9999-99-99~",
        "9999-99-99?", "9999-99-99%", "9999-99-99/9999-99-99", "../9999-99-99", "9999-99/..",
    }  # fmt: skip


def test_prose_and_sections_tell_one_story_that_is_over(
    interviews: list[dict[str, Any]],
) -> None:
    for interview in interviews:
        told = interview["sections"]
        for stay in told.get("detention", []):
            bounds = [Date.parse(stay[side]) for side in ("from", "to") if isinstance(stay.get(side), str)]
            if len(bounds) == 2:
                assert str(bounds[0].earliest) <= str(bounds[1].latest), interview["id"]
        if interview["capacity"] == "victim" and len(interview["narrative"]) > 800:
            prose = plain(interview["narrative"])
            for stay in told.get("detention", [])[1:]:
                at = 1 + 2 * LANGUAGES.index(interview["language"])
                row = next(row for row in table("facilities") if row[0] == stay["facility"])
                assert any(plain(words) in prose for words in row[at : at + 2]), interview["id"]
        for name, text in strings(told):
            if name in ("date", "to", "outcome_date") and text not in ("unknown", "declined"):
                assert "2020" <= (Date.parse(text).earliest or "2020")[:4] <= "2026"
        country = told.get("exit", {}).get("country")
        if (
            isinstance(country, str)
            and len(interview["narrative"]) > 400
            and interview["capacity"] == "victim"
        ):
            words = table("countries")
            said = next(row for row in words if row[0] == country)[1 + LANGUAGES.index(interview["language"])]
            assert plain(said) in plain(interview["narrative"]), interview["id"]


def test_texts_are_in_one_language_and_have_no_gap_in_them(interviews: list[dict[str, Any]]) -> None:
    latin = re.compile("[A-Za-z]")
    codes = {
        code
        for q in questions.sections()
        for a in q.questions
        if a.vocabulary
        for code in vocabulary(a.vocabulary).codes
    }
    for interview in interviews:
        language = interview["language"]
        texts_told = [("narrative", interview["narrative"])]
        for section, value in interview["sections"].items():
            types = {question.id: question.type for question in questions.section(section).questions}
            texts_told += [(n, t) for n, t in strings(value) if types.get(n) in ("line", "text")]
        for name, text in texts_told:
            assert not re.search(r"[{}\[\]|]|\s\s\S", text.replace("\n\n", "\n")), text
            assert text.strip() and not re.search(FOREIGN[language], text), (name, text)
            if name not in ("contact", "interviewer") and language != "en":
                assert not latin.search(text), (name, text)
            assert text not in codes - {"none"}, (name, text)
            assert not re.search("показан|потерпевш|паказанн", text, re.IGNORECASE)


def test_belarusian_writes_the_short_u_where_it_is_heard() -> None:
    said = texts.fill("Мяне прывезлі {a} і {b}, {a}", "be", "m", {"a": "у турму", "b": "у суд ў зале"})
    assert said == "Мяне прывезлі ў турму і ў суд у зале, у турму"
    assert not [
        t
        for i in corpus.records(2, 60)
        for t in re.findall(r"[аеёіоуыэюя] у [а-я]", i["narrative"])
        if i["language"] == "be"
    ]


def test_each_person_keeps_one_grammatical_gender() -> None:
    for language in ("be", "ru"):
        for lines in phrasings(language).values():
            for line in lines:
                assert line.count("[") == line.count("|") == line.count("]"), line
    he, she = (texts.fill("Я [шёл|шла]", "ru", gender, {}) for gender in "mf")
    assert (he, she) == ("Я шёл", "Я шла")


def test_the_three_languages_have_the_same_sentences_and_tables_their_codes() -> None:
    names = [set(phrasings(language)) for language in LANGUAGES]
    assert names[0] == names[1] == names[2]
    for language in LANGUAGES:
        for name, lines in phrasings(language).items():
            assert len(lines) == len(set(lines)) == len(phrasings("en")[name]), (language, name)
    lists = {
        "facilities": "facilities", "agencies": "agencies", "means": "means", "regions": "body_regions",
        "borders": "border_points", "relations": "relations", "bodies": "remedies", "times": "times_of_day",
    }  # fmt: skip
    for name, codes in lists.items():
        assert {row[0] for row in table(name)} <= set(vocabulary(codes).codes), name
        assert len({len(row) for row in table(name)}) == 1, name


def test_languages_lengths_and_gaps_are_as_documented(interviews: list[dict[str, Any]]) -> None:
    languages = Counter(interview["language"] for interview in interviews)
    assert all(
        abs(100 * languages[code] / COUNT - share) < 8 for code, share in (("be", 45), ("ru", 40), ("en", 15))
    )
    lengths = sorted(len(interview["narrative"]) for interview in interviews)
    usual = [length for length in lengths if 800 <= length <= 6000]
    assert len(usual) > 0.94 * COUNT
    assert sum(length < 300 for length in lengths) >= 3 and sum(length > 45_000 for length in lengths) >= 1
    assert not [
        length for length in lengths if 300 < length < 800 or 6000 < length < 45_000 or length > 70_000
    ]
    unsaid = Counter(text for i in interviews for name, text in strings(i["sections"]) if name == "unsaid")
    assert unsaid["unknown"] > COUNT and unsaid["declined"] > COUNT / 2
    media = [len(interview["media"]) for interview in interviews]
    assert 4.5 <= sum(media) / COUNT <= 5.5 and min(media) == 0 and max(media) == 8
    capacities = {interview["capacity"] for interview in interviews}
    assert capacities == set(vocabulary("capacities").codes)


def test_nobody_describes_sexual_violence_and_no_complaint_had_an_outcome(
    interviews: list[dict[str, Any]],
) -> None:
    asked = 0
    for interview in interviews:
        told = interview["sections"]
        if told.get("gates", {}).get("sexual_violence") is True:
            asked += 1
            assert "text" not in told["sensitive"]
        else:
            assert "sensitive" not in told
        violations = [
            code
            for act in told.get("acts", [])
            for code in act.get("violations", [])
            if isinstance(code, str)
        ]
        assert not {"sexual_violence", "forced_nakedness"} & set(violations)
        for complaint in told.get("domestic_remedy", []):
            assert complaint.get("outcome") not in ("case_opened", "pending", "other")
    assert asked


def test_nobody_can_be_reached_at_an_address_of_the_corpus(interviews: list[dict[str, Any]]) -> None:
    reserved = r".+@example\.org|@example_\d+|\+1 202 555 01\d\d|\+44 7700 900\d{3}"
    addresses = [text for i in interviews for name, text in strings(i["sections"]) if name == "contact"]
    assert len(addresses) > 50
    for address in addresses:
        assert re.fullmatch(reserved, address), address


def test_people_choose_differently_and_only_what_is_offered(interviews: list[dict[str, Any]]) -> None:
    named, offered = Counter[int](), {offer.mechanism: offer for offer in OFFERS}
    seen: dict[str, set[Any]] = {"identity": set(), "contact": set(), "successor": set(), "conditions": set()}
    for interview in interviews:
        named[len(interview["consent"])] += 1
        for given in interview["consent"]:
            offer = offered[given["mechanism"]]
            assert set(given["purposes"]) <= set(offer.purposes)
            assert "account" in given["classes"]
            assert ("not_to_states" in given.get("conditions", ())) == bool(given.get("states"))
            assert given["expires"] is None or int(given["expires"][:4]) >= FIRST_YEAR
            if offer.plain:
                assert not given.get("conditions") and given["contact"] != "here"
            for name, values in seen.items():
                answer = given.get(name)
                values |= set(answer) if isinstance(answer, list) else {answer}
    assert set(named) == {1, 2, 3}
    assert seen["identity"] == {"closed", "mechanism", "court", "public"}
    assert seen["contact"] == {"never", "here", "safe_channel"} and seen["successor"] == {True, False}
    assert seen["conditions"] >= {"no_death_penalty", "not_to_states", "ask_first"}


def test_whoever_names_a_mechanism_wrongly_is_told(tmp_path: Path) -> None:
    for text in ("Demo", "demo:everything", "demo:archive+archive", ""):
        with pytest.raises(ValueError, match="not ID"):
            Offer.parse(text)
    assert Offer.parse("demo:un_fact_finding+archive").purposes == ("un_fact_finding", "archive")
    (tmp_path / "mine.txt").write_text("keep")
    run = [sys.executable, "-m", "corpus", "--records", "1", "--out", str(tmp_path)]
    refused = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)
    assert refused.returncode == 2 and "not an empty folder" in refused.stderr


def test_without_media_no_file_is_named() -> None:
    for interview in corpus.records(SEED, 40, media="none"):
        assert interview["media"] == {} and "consent_scan" not in interview
