"""Two spellings of one value are never both accepted."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from crypto import checks, encoding
from crypto.encoding import canonical_json
from crypto.errors import FormatError
from tests.tools import Typage

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


@given(st.binary())
def test_base64_round_trip(data: bytes) -> None:
    assert encoding.b64_decode(encoding.b64_encode(data)) == data
    assert encoding.b64u_decode(encoding.b64u_encode(data)) == data


@pytest.mark.parametrize("text", ["YQ==", "YR", "Y", "Y Q", "YQ\n", "Y+Q-", "é", "====", "YQ="])
def test_base64_that_an_encoder_would_not_write_is_refused(text: str) -> None:
    for decode in (encoding.b64_decode, encoding.b64u_decode):
        with pytest.raises(FormatError):
            decode(text)


@pytest.mark.parametrize(
    "text", ["AB" * 16, "ab" * 15, "ab" * 17, "g0" * 16, " " + "ab" * 15 + "a", "ab " * 10 + "ab"]
)
def test_hex_is_lower_case_and_exact(text: str) -> None:
    with pytest.raises(FormatError):
        encoding.hex_decode(text, 16)


@given(json_values)
def test_canonical_json_round_trip(value: Any) -> None:
    data = encoding.canonical_json(value)
    assert encoding.parse_canonical_json(data) == value
    assert encoding.canonical_json(json.loads(data)) == data


@pytest.mark.parametrize(
    "data",
    [
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1,"a":1}',
        b"1.0",
        b"1e3",
        b'"\\u0041"',
        b"NaN",
        b'"\xff"',
        b"[1,]",
        b'"\\ud800"',
        b"[" * 100_000,
        b"9007199254740993",
    ],
    ids=lambda d: str(d[:16]),
)
def test_json_in_another_spelling_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        encoding.parse_canonical_json(data)


@pytest.mark.parametrize("value", [0.5, {"a": [1.0]}, 2**53, "\ud800"])
def test_values_that_two_languages_would_write_differently_are_refused(value: Any) -> None:
    with pytest.raises(FormatError):
        encoding.canonical_json(value)


def test_member_names_are_ordered_by_utf_16() -> None:
    expected = '{"\U0001f600":1,"\ufb33":2}'
    assert encoding.canonical_json({"\ufb33": 2, "\U0001f600": 1}) == expected.encode()


@given(st.binary(min_size=1, max_size=100), st.integers(0, 200), st.sampled_from("qpzry9x8"))
def test_bech32_notices_a_changed_character(data: bytes, place: int, other: str) -> None:
    text = encoding.bech32_encode("age1pq", data)
    assert encoding.bech32_decode(text, "age1pq") == encoding.bech32_decode(text.upper(), "age1pq") == data
    place = 7 + place % (len(text) - 7)
    if text[place] != other:
        with pytest.raises(FormatError):
            encoding.bech32_decode(text[:place] + other + text[place + 1 :], "age1pq")


def test_bech32_refuses_mixed_case_and_other_prefixes() -> None:
    text = encoding.bech32_encode("age1pq", b"123")
    for wrong in (text[:-1] + text[-1].upper(), text.replace("age1pq", "age"), "", "1", "age1pq1"):
        with pytest.raises(FormatError):
            encoding.bech32_decode(wrong, "age1pq")


def test_keys_are_written_as_typage_writes_them() -> None:
    from crypto.age_keys import Identity

    with Typage() as age:
        identity, recipient = age.keypair()
        assert Identity.parse(identity).text == identity
        assert Identity.parse(identity).recipient.text == recipient
        ours = Identity(bytes(range(32)))
        assert age.recipient(ours.text) == ours.recipient.text


@given(json_values)
def test_canonical_json_is_what_another_implementation_writes(value: Any) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [1.0, [1.5], {"a": {"b": [0.0]}}, float("nan"), (1, 2.0), 2**53, -(2**60)])
def test_canonical_json_refuses_numbers_with_two_spellings(value: Any) -> None:
    with pytest.raises(FormatError):
        canonical_json(value)


def test_canonical_json_refuses_lone_surrogates_and_takes_odd_letters() -> None:
    for value in ("\ud800", {"a": "\udfff"}, {"\ud800": 1}):
        with pytest.raises(FormatError):
            canonical_json(value)
    odd: Any = {"\u20ac": '\u007f\u0000\u001f\u2028"\\/', "\U0001f600": 1, "\ufb33": 2, "a": "\b\f\n\r\t"}
    assert canonical_json(odd) == rfc8785.dumps(odd)


@pytest.mark.parametrize("value", [{"é": 0.5}, {"é": [{"a": 1.0}]}, {"a": {"ё": {"b": 0.1}}}])
def test_a_fraction_is_refused_wherever_it_stands(value: Any) -> None:
    with pytest.raises(FormatError):
        canonical_json(value)


def test_a_day_is_written_with_the_ten_digits_of_ascii() -> None:
    assert checks.text("2026-11-23", checks.DAY)
    with pytest.raises(FormatError):
        checks.text("٢٠٢٦-11-23", checks.DAY)


@pytest.mark.parametrize("version", [True, 2, "1", None, 1.0])
def test_a_version_is_the_number_one(version: Any) -> None:
    checks.version(1, "thing")
    with pytest.raises(FormatError):
        checks.version(version, "thing")
