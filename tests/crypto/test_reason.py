"""A reason in words: believed from who asks alone, for the request that it names, and sealed to who decides."""

import os
from dataclasses import replace
from typing import Any

import pytest

from crypto import age_header, reason, sealing
from crypto.age_keys import Identity
from crypto.encoding import canonical_json, parse_json
from crypto.errors import CryptoError, FormatError, NotMine, VerifyError
from crypto.primitives import SigningKey
from tests.crypto.members import ANNA, BELA, DAY, EVE, OTHER_ROOT, ROOT, certificate
from tests.tools import Typage

CARD = certificate(ANNA, "anna")
ASKED = reason.Asked("cd" * 16, "ab" * 32, "anna", "anna", ("identity",), "protection")
WORDS = "Сведку пагражаюць.\nТрэба папярэдзіць."
READERS = [Identity(bytes([n]) * 32) for n in range(3)]


def signed(key: SigningKey = ANNA, card: bytes = CARD, asked: reason.Asked = ASKED, **changes: Any) -> bytes:
    said = {"mechanism": "demo", "day": DAY, "text": WORDS} | changes
    return reason.sign_reason(key, card, asked=asked, **said)


def sealed(envelope: bytes) -> bytes:
    return reason.seal_envelope(envelope, [one.recipient for one in READERS], os.urandom)


def verify(envelope: bytes, asked: reason.Asked = ASKED) -> reason.Reason:
    return reason.verify_envelope(envelope, ROOT.public, "demo", asked)


def test_each_reader_opens_the_words_and_nobody_else() -> None:
    file = sealed(signed())
    for one in READERS:
        found = verify(reason.open_envelope(file, [one]))
        assert (found.text, found.day, found.member.id) == (WORDS, DAY, "anna")
    with pytest.raises(NotMine):
        reason.open_envelope(file, [Identity(b"x" * 32)])
    with Typage() as typage:
        plain = typage.decrypt(READERS[2].text, file)
    assert len(plain) == 8 * 1024 and parse_json(plain.rstrip(b"\0"))["document"]["text"] == WORDS
    assert len(file) == len(sealed(signed(text="?")))  # its length says how many readers it has, no more


def test_the_words_of_one_request_are_not_anothers() -> None:
    envelope = signed()
    for other in (
        replace(ASKED, request="ce" * 16),
        replace(ASKED, record="cd" * 32),
        replace(ASKED, member="client:archive"),
        replace(ASKED, asked_by="bela"),
        replace(ASKED, classes=("identity", "sensitive")),
        replace(ASKED, reason="contact"),
    ):
        with pytest.raises(VerifyError):
            verify(envelope, other)
    with pytest.raises(VerifyError):
        reason.verify_envelope(envelope, ROOT.public, "other", ASKED)


def test_only_who_asks_gives_the_reason() -> None:
    theirs = replace(ASKED, asked_by="bela")
    verify(signed(BELA, certificate(BELA, "bela"), theirs), theirs)
    for bad in (
        signed(BELA, certificate(BELA, "bela")),  # Bela, in Anna's name
        signed(EVE),  # with Anna's certificate
        signed(EVE, certificate(EVE, "anna", OTHER_ROOT)),
        signed(ANNA, certificate(ANNA, "anna", expires="2026-11-22")),
        signed(ANNA, certificate(ANNA, "anna", mechanism="other")),
    ):
        with pytest.raises(VerifyError):
            verify(bad)


@pytest.mark.parametrize(
    "changes", [{"text": "Іншае."}, {"day": "2026-11-24"}, {"v": 2}, {"more": 1}], ids=str
)
def test_words_with_anything_changed_are_refused(changes: dict[str, Any]) -> None:
    top = parse_json(signed())
    with pytest.raises(CryptoError):
        verify(canonical_json(top | {"document": top["document"] | changes}))


def test_a_file_that_was_altered_or_holds_something_else_is_refused() -> None:
    file = sealed(signed())
    bent = bytearray(file)
    bent[-1] ^= 1
    with pytest.raises(VerifyError):
        reason.open_envelope(bytes(bent), READERS)
    twice = file.replace(b"-> mlkem", b"-> other", 1)
    short = sealing.seal_file(b"x" * 100, READERS[0].recipient, file_key=bytes(16), nonce=bytes(16))
    for bad in (b"", b"Why", file + b"\0", file[:-1], twice, short):
        with pytest.raises(FormatError):
            reason.check_form(bad)


def test_twenty_readers_fit_and_long_words_do_not() -> None:
    many = [Identity(os.urandom(32)).recipient for _ in range(age_header.MAX_STANZAS)]
    assert len(reason.seal_envelope(signed(text="ы" * 2000), many, os.urandom)) <= reason.MAX_FILE
    for readers in ([], many * 2):
        with pytest.raises(FormatError):
            reason.seal_envelope(signed(), readers, os.urandom)
    for text in ("", "x" * 2001, "😀" * 2000):
        with pytest.raises(FormatError):
            signed(text=text)
