"""Signed notes: others' examples hold, ours come back, altered ones do not."""

import base64
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import notes
from crypto.errors import CryptoError, FormatError, VerifyError
from crypto.notes import COSIGNATURE, ED25519, Note, Signature, VerifierKey
from crypto.primitives import SigningKey
from tests.crypto.logs import LOG_KEYS, WITNESSES, flips

# Published examples, as data. C2SP signed-note and tlog-cosignature, v1.0.0: CC BY 4.0.
# PeterNeumann: golang.org/x/mod/sumdb/note (its examples), BSD-3-Clause.
FOO_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOO_NOTE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
"""
PETER_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_NOTE = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""
PETER_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
QUASIMODO_NOTE = """Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
"""
SOFA_NOTE = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""


@pytest.mark.parametrize(("key", "note"), [(FOO_KEY, FOO_NOTE), (PETER_KEY, PETER_NOTE)])
def test_published_notes_verify_with_their_published_keys(key: str, note: str) -> None:
    parsed = VerifierKey.parse(key)
    assert parsed.text == key and parsed.kind == ED25519
    assert notes.verify(note.encode(), [parsed]).text == note.split("\n\n")[0] + "\n"
    for bad in flips(note.encode(), 300, 1):
        with pytest.raises(CryptoError):
            notes.verify(bad, [parsed])


def test_our_signature_is_the_published_one() -> None:
    peter = SigningKey(PETER_SEED)
    text = PETER_NOTE.split("\n\n")[0] + "\n"
    assert Note(text, (notes.sign(text, "PeterNeumann", peter),)).encode().decode() == PETER_NOTE
    assert VerifierKey("PeterNeumann", ED25519, peter.public).text == PETER_KEY


@pytest.mark.parametrize("text", [FOO_NOTE, PETER_NOTE, QUASIMODO_NOTE, SOFA_NOTE])
def test_published_notes_are_written_back_as_they_were(text: str) -> None:
    assert Note.parse(text.encode()).encode().decode() == text


def test_text_may_hold_empty_lines() -> None:
    note = Note.parse(QUASIMODO_NOTE.encode())
    assert note.text.endswith("sole:\n\ned è subito sera.\n") and len(note.signatures) == 1


GOOD = "— a AAAAAAA=\n"  # four zero bytes of key id, one of signature


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "\n",
        "\n\n",
        "text\n",
        "text\n\n",
        "text\n" + GOOD,
        "text\n\n" + GOOD[:-1],
        GOOD,
        "\n" + GOOD,
        "text\n\n" + GOOD + "\n",
        "text\n\n" + GOOD + "\n\n",
        "text\n\n" + GOOD + "rest\n",
        "te\x00xt\n\n" + GOOD,
        "te\txt\n\n" + GOOD,
        "text\r\n\r\n" + GOOD,
        "text\n\n" + GOOD.replace("\n", "\r\n"),
        "te\x1fxt\n\n" + GOOD,
        "text\n\n-- a AAAAAAA=\n",
        "text\n\n–" + GOOD[1:],
        "text\n\n " + GOOD,
        "text\n\n" + GOOD.replace("— ", "—"),
        "text\n\n" + GOOD.replace(" a ", "  "),
        "text\n\n" + GOOD.replace(" a ", "  a "),
        "text\n\n" + GOOD.replace(" a ", " a  "),
        "text\n\n" + GOOD.replace(" a ", " "),
        "text\n\n" + GOOD.replace(" a ", " a+b "),
        "text\n\n" + GOOD.replace(" a ", " a\u00a0b "),
        "text\n\n" + GOOD.replace(" a ", " a\u2028b "),
        "text\n\n" + GOOD.replace(" a ", " a\u0085b "),
        "text\n\n" + GOOD.replace("=", ""),
        "text\n\n" + GOOD.replace("=", "=="),
        "text\n\n" + GOOD.replace("A=", "B="),
        "text\n\n" + GOOD.replace("=\n", "= \n"),
        "text\n\n" + GOOD.replace("AAAAAAA=", "AAAAAA=="),
        "text\n\n" + GOOD.replace("AAAAAAA=", "AAAA"),
        "text\n\n" + GOOD.replace("AAAAAAA=", ""),
        "text\n\n" + GOOD.replace("AAAAAAA=", "===="),
        "text\n\n" + GOOD.replace("AAAAAAA=", "AAAAAAA-"),
        "text\n\n" + GOOD.replace("AAAAAAA=", "AAAA AAA="),
        "text\n\n" + GOOD.replace("AAAAAAA=", "AAAAАAA="),  # one of them Cyrillic
        "text\n\n" + GOOD * (notes.MAX_SIGNATURES + 1),
        "t" * notes.MAX_BYTES + "\n\n" + GOOD,
    ],
)
def test_note_of_another_form_is_refused(bad: str) -> None:
    with pytest.raises(FormatError):
        Note.parse(bad.encode())


def test_note_may_be_as_large_as_the_limits() -> None:
    assert len(Note.parse(("text\n\n" + GOOD * notes.MAX_SIGNATURES).encode()).signatures) == 32
    room = notes.MAX_BYTES - len(f"\n\n{GOOD}".encode())
    assert len(Note.parse(("t" * room + "\n\n" + GOOD).encode()).text) == room + 1
    with pytest.raises(FormatError):
        Note.parse(b"te\xffxt\n\n" + GOOD.encode())


def test_note_that_would_not_come_back_is_not_written() -> None:
    good = Signature.parse(GOOD)
    for note in (
        Note("no newline", (good,)),
        Note("", (good,)),
        Note("text\n", ()),
        Note("tab\t\n", (good,)),
        Note("\ud800\n", (good,)),
        Note("text\n", (replace(good, name="a b"),)),
        Note("text\n", (replace(good, name="a\n\n— b"),)),
        Note("text\n", (replace(good, key_id=b"123", value=b"45"),)),
        Note("text\n", (replace(good, value=b""),)),
        Note("text\n", (good,) * 33),
    ):
        with pytest.raises(FormatError):
            note.encode()


names = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters="+"), min_size=1
)
lines = st.text(st.characters(exclude_categories=["Cs", "Cc"]))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(lines, min_size=1),
    st.lists(
        st.tuples(names, st.binary(min_size=4, max_size=4), st.binary(min_size=1)), min_size=1, max_size=32
    ),
)
def test_any_note_comes_back(text: list[str], signatures: list[tuple[str, bytes, bytes]]) -> None:
    note = Note("".join(line + "\n" for line in text), tuple(Signature(*s) for s in signatures))
    assert Note.parse(note.encode()) == note


@settings(max_examples=400, deadline=None)
@given(
    st.binary(max_size=200),
    st.lists(st.sampled_from(["\n", "\n\n", "— ", GOOD, "a", " ", "+", "=", "\t", "é"])),
)
def test_whatever_is_read_as_a_note_is_written_the_same(noise: bytes, pieces: list[str]) -> None:
    for data in (noise, "".join(pieces).encode(), "".join(pieces).encode() + noise + GOOD.encode()):
        try:
            note = Note.parse(data)
        except FormatError:
            continue
        assert note.encode() == data


def test_signatures_by_unknown_keys_are_passed_over() -> None:
    foo = VerifierKey.parse(FOO_KEY)
    note = Note.parse(FOO_NOTE.encode())
    genuine = note.signatures[0]
    other_name = replace(genuine, name="example.com/bar", value=b"x")
    other_id = replace(genuine, key_id=b"\0\0\0\0", value=b"x")
    crowd = replace(note, signatures=(other_name, other_name, genuine, other_id, other_id))
    assert notes.verify(crowd.encode(), [foo]) == crowd
    with pytest.raises(VerifyError):
        notes.verify(replace(note, signatures=(other_name, other_id)).encode(), [foo])
    with pytest.raises(VerifyError):
        notes.verify(FOO_NOTE.encode(), [])
    with pytest.raises(VerifyError):
        notes.verify(FOO_NOTE.encode(), [VerifierKey.parse(PETER_KEY)])


def test_known_key_that_signed_twice_or_wrongly_spoils_the_note() -> None:
    foo, peter = VerifierKey.parse(FOO_KEY), SigningKey(PETER_SEED)
    note = Note.parse(FOO_NOTE.encode())
    genuine = note.signatures[0]
    for signatures in (
        (genuine, genuine),
        (genuine, replace(genuine, value=bytes(64))),
        (replace(genuine, value=bytes(64)),),
        (replace(genuine, value=genuine.value[:-1]),),
        (replace(genuine, value=genuine.value + b"\0"),),
    ):
        with pytest.raises(VerifyError):
            notes.verify(replace(note, signatures=signatures).encode(), [foo])
    both = note.with_signature(notes.sign(note.text, "PeterNeumann", peter))
    assert notes.verify(both.encode(), [foo, VerifierKey.parse(PETER_KEY)]) == both
    wrong = note.with_signature(notes.sign("other\n", "PeterNeumann", peter))
    with pytest.raises(VerifyError):
        notes.verify(wrong.encode(), [foo, VerifierKey.parse(PETER_KEY)])
    with pytest.raises(FormatError):
        both.with_signature(notes.sign(note.text, "PeterNeumann", peter))
    with pytest.raises(FormatError):
        notes.verify(FOO_NOTE.encode(), [foo, foo])
    with pytest.raises(FormatError):  # a cosigner's key does not sign notes
        notes.verify(FOO_NOTE.encode(), [VerifierKey("example.com/foo", COSIGNATURE, foo.public)])


def test_verifier_key_has_one_form_and_its_own_id() -> None:
    for key in (*LOG_KEYS, *WITNESSES):
        assert VerifierKey.parse(key.text) == key
    assert len({VerifierKey("n", kind, b"k" * 32).id for kind in (ED25519, COSIGNATURE)}) == 2
    for i in range(len(FOO_KEY)):
        for bad in (FOO_KEY[:i], FOO_KEY[i + 1 :], FOO_KEY[:i] + chr(ord(FOO_KEY[i]) + 1) + FOO_KEY[i + 1 :]):
            with pytest.raises(FormatError):
                VerifierKey.parse(bad)
    encoded = FOO_KEY.rsplit("+", 1)[1]
    for bad in (
        FOO_KEY.replace("530d903a", "530D903A"),
        FOO_KEY + "=",
        FOO_KEY + "\n",
        " " + FOO_KEY,
        # Right ids for keys that cannot be: of another type, and another length (from x/mod's tests).
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "++" + encoded,
    ):
        with pytest.raises(FormatError):
            VerifierKey.parse(bad)
    for name, kind, public in (
        ("", 1, 32),
        ("a b", 1, 32),
        ("a+b", 1, 32),
        ("a", 2, 32),
        ("a", 6, 32),
        ("a", 4, 33),
    ):
        with pytest.raises(FormatError):
            VerifierKey(name, kind, bytes(public))
