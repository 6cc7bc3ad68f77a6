"""One form, two readers: the browser takes from it what the plain form's server takes, and refuses what it refuses."""

import json
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crypto import profiles
from crypto.bundles import verify_bundle
from crypto.encoding import canonical_json, parse_json
from crypto.primitives import SigningKey
from crypto.receipt import RANDOM_BYTES, WORD_LISTS, Receipt
from intake.errors import Invalid
from intake.http import reading
from intake.record import consent, consent_texts, media
from tests.service import FILES, Mechanism
from tests.web.twin import Twin, b64

TODAY = "2028-02-29"
WORDS = {"be": "Пытанне", "ru": "Вопрос", "en": "Question"}
TYPES = ("line", "text", "date", "yes_no", "number", "country", "language")
QUESTIONS: list[dict[str, Any]] = [{"id": type, "type": type, "label": WORDS} for type in TYPES] + [
    {"id": "needed", "type": "line", "label": WORDS, "required": True, "maximum": 20},
    {"id": "many", "type": "many", "label": WORDS, "vocabulary": "violations"},
]
BASE = {"mechanism": ["demo"], "purpose:demo": ["un_fact_finding"], "own:demo:needed": ["так"]}


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with Twin() as running:
        yield running


@pytest.fixture(scope="module")
def offer(demo: Mechanism) -> tuple[bytes, bytes]:
    """(bundle, profile) of a mechanism that offers nearly everything."""
    root = SigningKey.from_pem((demo.keys / "root.key").read_bytes(), None)
    profile = profiles.sign_profile(
        root,
        mechanism="demo",
        version=3,
        day="2026-11-23",
        mandate={"en": "Examines."},
        purposes=("un_fact_finding", "criminal_investigation"),
        compartments=("account", "triage", "sensitive"),
        conditions=profiles.CONDITIONS,
        contact=True,
        questions=QUESTIONS,
    )
    return (demo.keys / "bundle.json").read_bytes(), profile


def by_server(fields: Mapping[str, list[str]], offer: tuple[bytes, bytes], language: str, today: str) -> Any:
    """The sealed parts, or the code of the refusal."""
    bundle, profile = verify_bundle(offer[0]), profiles.verify_profile(offer[1])
    typed = {name: [reading.clean(value) for value in values] for name, values in fields.items()}
    try:
        found = reading.choices(typed, {"demo": bundle}, {"demo": profile}, language, today)
        for choice in found:
            consent.check(choice, bundle, profile, language, today)
    except (Invalid, consent.ConsentError) as error:
        return error.code
    text, root = consent_texts.current(language), bundle.root_fingerprint
    return [choice.fields(text, profile, root) for choice in found]


def by_browser(
    twin: Twin, fields: Mapping[str, list[str]], offer: tuple[bytes, bytes], language: str, today: str
) -> Any:
    texts = [
        {"version": t.version, "language": t.language, "sha256": t.sha256, "text": t.text}
        for t in consent_texts.every()
    ]
    answer = {"mechanisms": [parse_json(offer[0])], "profiles": {"demo": parse_json(offer[1])}}
    return json.loads(
        twin.ask(
            "consents",
            fields=[[name, value] for name, values in fields.items() for value in values],
            mechanisms=canonical_json(answer).decode(),
            texts=canonical_json({"current": consent_texts.VERSION, "texts": texts}).decode(),
            language=language,
            today=today,
            countries=reading.countries(language),
        )
    )


CASES: list[dict[str, list[str]]] = [
    {},
    {"mechanism": []},
    {"mechanism": ["nobody"]},
    {"purpose:demo": []},
    {"purpose:demo": ["archive", "criminal_investigation", "un_fact_finding"]},
    {"triage:demo": ["yes"], "sensitive:demo": ["yes"], "successor:demo": ["yes"]},
    {"identity:demo": ["yes"], "use:demo": ["court"]},
    {"use:demo": ["court"]},
    {"until:demo": ["1"]},
    {"until:demo": ["5"]},
    {"until:demo": ["7"]},
    {"identity:demo": ["yes"], "use:demo": [""]},
    {"contact:demo": ["here"]},
    {"contact:demo": ["never"]},
    {"contact:demo": [""]},
    {"contact:demo": ["elsewhere"]},
    {"condition:demo": ["not_to_states", "no_death_penalty"], "states:demo": ["by, Расія ;Россия; РБ"]},
    {"condition:demo": ["not_to_states"], "states:demo": ["Нарнія"]},
    {"condition:demo": ["not_to_states"], "states:demo": [""]},
    {"condition:demo": ["ask_first"], "states:demo": ["Беларусь"]},
    {"own:demo:needed": ["  "]},
    {"own:demo:needed": ["x" * 21]},
    {"own:demo:needed:unsaid": ["~declined"]},
    {"own:demo:needed": [], "own:demo:needed:unsaid": ["~declined"]},
    {"own:demo:line": [" дзве \r\n лініі\x07 "], "own:demo:text": [" першая\r\nдругая "]},
    {"own:demo:yes_no": ["yes"], "own:demo:country": ["~unknown"], "own:demo:language": ["be"]},
    {"own:demo:yes_no": ["perhaps"]},
    {"own:demo:number": ["1 000"]},
    {"own:demo:number": ["1000001"]},
    {"own:demo:number": ["-1"]},
    {"own:demo:many": ["beating", "beating", ""]},
]
DATES: list[dict[str, str]] = [
    {"year": "2020"},
    {"year": "2020", "month": "8", "about": "about"},
    {"year": "2020", "month": "08", "day": "9", "about": "unsure"},
    {"year": "2020", "month": "2", "day": "30"},
    {"year": "2020", "month": "13"},
    {"year": "20"},
    {"year": "1899"},
    {"year": "2101"},
    {"month": "8"},
    {"year": "2020", "day": "9"},
    {"year": "2020", "until:year": "2021", "until:month": "1"},
    {"year": "2021", "until:year": "2020"},
    {"year": "2020", "month": "8", "until:year": "2020", "until:month": "8"},
    {"until:year": "2020"},
    {"year": "2020", "about": "certainly"},
]
CASES += [{f"own:demo:date:{box}": [value] for box, value in date.items()} for date in DATES]


@pytest.mark.parametrize("case", CASES)
def test_the_browser_seals_the_consent_that_the_server_would_seal(
    twin: Twin, offer: tuple[bytes, bytes], case: dict[str, list[str]]
) -> None:
    fields = BASE | case
    for language, today in (("be", TODAY), ("ru", "2026-11-24")):
        assert by_browser(twin, fields, offer, language, today) == by_server(fields, offer, language, today)


KINDS = [
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"RIFF0000WEBP",
    b"RIFF0000WAVE",
    b"RIFF0000none",
    b"\x1a\x45\xdf\xa3webm",
]
KINDS += [b"\0\0\0\x18ftyp" + brand for brand in (b"heic", b"avif", b"qt  ", b"M4A ", b"3gp5", b"isom")]
KINDS += [
    b"\x1a\x45\xdf\xa3",
    b"%PDF-1",
    b"G" + bytes(187) + b"G" + bytes(187) + b"G",
    b"G",
    b"",
    b"text",
    b"OggS",
]


def test_both_tell_the_type_from_the_same_bytes_and_key_the_same_files(twin: Twin) -> None:
    for start in (*KINDS, *(path.read_bytes()[:600] for path in FILES.iterdir())):
        kind = media.sniff(start[: media.SNIFF_BYTES])
        for size in (16383, 16384):
            for origin in media.ORIGINS:
                for intimate in (False, True):
                    keyed = media.deduplicates(kind, size, origin, intimate=intimate)
                    asked = {"start": b64(start), "size": size, "origin": origin, "intimate": intimate}
                    assert twin.ask("medium", **asked) == [kind, keyed], (start, asked)


def test_both_find_a_receipt_in_a_text(twin: Twin) -> None:
    receipt = Receipt.from_random(secrets.token_bytes(RANDOM_BYTES))
    digits, words = receipt.digits(), [w for w in receipt.words("en") or []]
    assert "en" in WORD_LISTS and words
    wrong = [*digits[:8], f"{(int(digits[8]) + 1) % 1296:04}"]
    for text in (
        f"мой {' '.join(digits)} нумар",
        "-".join(digits),
        f"12{' '.join(digits)}",
        f"«{', '.join(words)}»",
        " ".join([*digits[:4], *words[4:]]).upper(),
        " ".join(wrong),
        " ".join(digits[:8]),
        "zzz " + " ".join(words) + ". Amen",
        "",
    ):
        assert twin.ask("holdsReceipt", text=text) == reading.holds_receipt(text), text


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from("ab\0\x07\t\n\r\x0b\x1f\x7f\x85\x9f\xa0ў😀"), max_size=12))
def test_both_clean_a_text_alike(twin: Twin, text: str) -> None:
    assert twin.ask("clean", text=text) == reading.clean(text)
