"""A mechanism's profile: what its root signed is what a person is shown, and nothing else passes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.compartments import CLASSES
from crypto.encoding import b64u_encode, canonical_json, parse_json
from crypto.errors import CryptoError, FormatError, VerifyError
from crypto.primitives import SigningKey, sha256
from crypto.profiles import (
    CONDITIONS,
    FIELDS,
    MAX_QUESTIONS,
    Profile,
    sign_fields,
    sign_profile,
    verify_profile,
)
from crypto.statement import PURPOSES

ROOT, OTHER = SigningKey(b"r" * 32), SigningKey(b"o" * 32)
DOMAIN = b"intake/mechanism-profile/v1\0"
FULL: dict[str, Any] = {
    "mechanism": "expert-group",
    "version": 3,
    "day": "2026-12-01",
    "mandate": {"en": "Examines.\n\nReports.", "be": "Вывучае."},
    "purposes": ["un_fact_finding", "archive"],
    "compartments": ["account", "triage"],
    "conditions": ["ask_first"],
    "contact": True,
    "hold": {"en": "Kept, by law.", "ru": "Хранится по закону."},
    "note": None,
    "questions": [{"id": "q", "anything": [1, None, {"x": "y"}]}],
    "continues": ["examination"],
    "continued_by": "successor",
    "delay_days": 30,
    "closes": "2027-05-31",
}


def signed(**changes: Any) -> bytes:
    """A profile as its root would sign it, whatever is in it."""
    body = {"v": 1, **FULL, "root": b64u_encode(ROOT.public)} | changes
    signature = SigningKey(b"r" * 32).sign(DOMAIN + canonical_json(body))
    return canonical_json(body | {"signature": b64u_encode(signature)})


def test_a_mechanism_signs_and_everybody_reads_the_same() -> None:
    data = sign_profile(ROOT, **FULL)
    profile = verify_profile(data, ROOT.public)
    assert profile.fields() == FULL and set(FULL) == set(FIELDS.split())
    assert profile.raw == data == signed() and profile.sha256 == sha256(data).hex()
    assert profile.root == ROOT.public
    assert verify_profile(b" " + data + b"\n") == profile  # as a file may hold it


def test_a_person_reads_a_text_in_their_language_or_in_english() -> None:
    profile = verify_profile(signed())
    assert profile.text(profile.mandate, "be") == "Вывучае."
    assert profile.text(profile.mandate, "ru") == "Examines.\n\nReports."
    assert profile.text(profile.note, "ru") == ""


def test_a_mechanism_that_closes_takes_testimonies_to_the_end_of_that_day() -> None:
    profile = verify_profile(signed())
    assert profile.takes_on("2027-05-31") and not profile.takes_on("2027-06-01")
    assert verify_profile(signed(closes=None)).takes_on("2999-01-01")


def test_a_mechanism_without_a_profile_offers_all_purposes_and_announces_nothing() -> None:
    plain = Profile.plain("demo")
    assert (plain.mechanism, plain.version, plain.sha256, plain.raw) == ("demo", 0, None, b"")
    assert (plain.purposes, plain.compartments, plain.conditions) == (PURPOSES, CLASSES, ())
    assert plain.hold is None and plain.questions == () and not plain.contact and plain.takes_on("2999-01-01")
    assert plain.text(plain.mandate, "be") == ""


def test_a_profile_of_another_root_is_not_the_mechanisms() -> None:
    forged = sign_profile(OTHER, **FULL)
    assert verify_profile(forged).root == OTHER.public
    with pytest.raises(VerifyError):
        verify_profile(forged, ROOT.public)
    value = parse_json(forged) | {"root": b64u_encode(ROOT.public)}
    with pytest.raises(VerifyError):
        verify_profile(canonical_json(value))


def test_a_signature_for_something_else_of_the_root_is_no_profiles() -> None:
    body = {"v": 1, **FULL, "root": b64u_encode(ROOT.public)}
    for domain in (b"", b"intake/mechanism-bundle/v1\0"):
        signature = ROOT.sign(domain + canonical_json(body))
        with pytest.raises(VerifyError):
            verify_profile(canonical_json(body | {"signature": b64u_encode(signature)}))


@given(st.integers(0, len(signed()) - 1), st.integers(0, 7))
def test_a_profile_with_one_bit_changed_is_refused(position: int, bit: int) -> None:
    data = bytearray(signed())
    data[position] ^= 1 << bit
    with pytest.raises(CryptoError):
        verify_profile(bytes(data), ROOT.public)


_TEXTS = st.fixed_dictionaries(
    {"en": st.text("abc é\nд", min_size=1).filter(str.strip)},
    optional={"be": st.text("ўіё'", min_size=1), "zh-Hant": st.just("權")},
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**40) | st.text('a"\\é\n', max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abж", max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
_SLUGS = st.sampled_from(["aa", "b-b", "c0"])


@given(
    st.fixed_dictionaries(
        {
            "mechanism": st.just("demo"),
            "version": st.integers(1, 2**31 - 1),
            "day": st.dates().map(str),
            "mandate": _TEXTS,
            "purposes": st.lists(st.sampled_from(PURPOSES), min_size=1, unique=True),
            "compartments": st.sets(st.sampled_from(CLASSES)).map(lambda some: sorted(some | {"account"})),
            "conditions": st.lists(st.sampled_from(CONDITIONS), unique=True),
            "contact": st.booleans(),
            "hold": st.none() | _TEXTS,
            "note": st.none() | _TEXTS,
            "questions": st.lists(_JSON, max_size=3),
            "continues": st.lists(_SLUGS, unique=True),
            "continued_by": st.sampled_from([None, "later"]),
            "delay_days": st.integers(0, 365),
            "closes": st.none() | st.dates().map(str),
        }
    )
)
def test_whatever_a_mechanism_may_say_survives_signing_and_reading(fields: dict[str, Any]) -> None:
    profile = verify_profile(sign_profile(ROOT, **fields), ROOT.public)
    assert profile.fields() == fields
    assert sign_fields(ROOT, profile.fields()) == profile.raw


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"v": True},
        {"more": 1},
        {"mechanism": "Demo"},
        {"version": 0},
        {"version": "1"},
        {"day": "2026-13-01"},
        {"day": None},
        {"mandate": None},
        {"mandate": {}},
        {"mandate": {"be": "Без англійскай."}},
        {"mandate": {"en": " \n"}},
        {"mandate": {"en": "x" * 4001}},
        {"mandate": {"en": "x", "English": "x"}},
        {"mandate": {"en": "over\u202etaken"}},
        {"mandate": {"en": "\x1b[2Jgone"}},
        {"mandate": {"en": 1}},
        {"purposes": []},
        {"purposes": ["fun"]},
        {"purposes": "archive"},
        {"purposes": ["archive", "archive"]},
        {"compartments": ["triage"]},
        {"compartments": ["account", "names"]},
        {"conditions": ["free_lunch"]},
        {"contact": "yes"},
        {"contact": 1},
        {"hold": ""},
        {"hold": {"ru": "x"}},
        {"note": []},
        {"questions": {}},
        {"questions": ["x" * MAX_QUESTIONS]},
        {"continues": ["expert-group"]},
        {"continues": ["aa", "aa"]},
        {"continues": [""]},
        {"continued_by": "expert-group"},
        {"continued_by": "examination"},
        {"continued_by": False},
        {"delay_days": -1},
        {"delay_days": 366},
        {"delay_days": True},
        {"closes": "soon"},
        {"root": "AAAA"},
    ],
)
def test_what_a_profile_cannot_say_is_refused_even_if_its_root_signed_it(changes: dict[str, Any]) -> None:
    with pytest.raises((FormatError, VerifyError)):
        verify_profile(signed(**changes))


def test_a_profile_that_lacks_a_field_is_refused() -> None:
    for name in ("v", *FULL, "root", "signature"):
        value = parse_json(signed())
        del value[name]
        with pytest.raises(FormatError):
            verify_profile(canonical_json(value))


def test_a_mechanism_cannot_sign_what_would_be_refused() -> None:
    changes: dict[str, Any]
    for changes in ({"mandate": {"be": "толькі"}}, {"purposes": []}, {"delay_days": 1.5}, {"more": 1}):
        with pytest.raises(FormatError):
            sign_fields(ROOT, FULL | changes)


def test_a_profile_that_would_fill_the_memory_is_refused() -> None:
    for data in (
        signed(note={f"a{chr(97 + i)}": "ж" * 4000 for i in range(26)} | {"en": "x"}),
        b" " * 300_000,
    ):
        assert len(data) > 200_000
        with pytest.raises(FormatError):
            verify_profile(data + b" " * (256 * 1024 + 1 - len(data)))
    nested = b"[" * 5000 + b"]" * 5000
    with pytest.raises(FormatError):
        verify_profile(signed().replace(b'"questions":[', b'"questions":[' + nested + b","))
