"""A message is believed only from whom it says it is, about the record that was asked for."""

import os
from dataclasses import replace
from typing import Any

import pytest

from crypto.encoding import b64u_encode, canonical_json, parse_json
from crypto.errors import CryptoError, FormatError, NotMine, VerifyError
from crypto.message import MAX_ENVELOPE, addressed, open_message, seal_message, sign_message, verify_message
from crypto.primitives import SigningKey
from crypto.record_writer import SealedPart
from tests.crypto.members import ANNA, DAY, EVE, OTHER_ROOT, ROOT, certificate
from tests.crypto.test_record import ONE, TWO
from tests.tools import Typage

RECORD = ONE.writer.record
RESTORED = SigningKey(b"n" * 32)
VALUES = {"text": "Ці можна спытаць пра дату?", "language": "be"}


def sealed(record: Any = ONE) -> SealedPart:
    account = record.account
    return seal_message(account.identity.recipient, record.writer.record, account.id, VALUES, os.urandom)


def from_submitter(part: SealedPart, key: SigningKey = ONE.keys.signing, **changes: Any) -> bytes:
    said = {"record": RECORD, "mechanism": "demo", "day": DAY, "answers": None, "part": part.entry}
    return sign_message(key, **(said | changes))


def from_member(
    part: SealedPart, key: SigningKey = ANNA, signed: bytes | None = None, **changes: Any
) -> bytes:
    return from_submitter(part, key, certificate=signed or certificate(ANNA, "anna"), **changes)


def verify(envelope: bytes, *, record: str = RECORD, mechanism: str = "demo", root: SigningKey = ROOT) -> Any:
    keys = [ONE.keys.signing.public, RESTORED.public]
    return verify_message(envelope, sign_keys=keys, root=root.public, record=record, mechanism=mechanism)


def test_submitter_and_mechanism_write_to_each_other() -> None:
    asked, told = sealed(), sealed()
    question = verify(from_member(asked))
    answer = verify(from_submitter(told, answers=asked.entry.id))
    assert question.member is not None and question.member.id == "anna" and question.sender == "mechanism"
    assert (answer.member, answer.sender, answer.answers) == (None, "submitter", asked.entry.id)
    for message, part in ((question, asked), (answer, told)):
        opened = open_message(message, part.header + part.payload, ONE.account.identity)
        assert opened.values == VALUES
    assert len(asked.payload) >= 16 * 1024
    assert addressed(from_member(asked)) == ("demo", asked.entry.id)
    assert verify(from_submitter(told, RESTORED)).key == RESTORED.public


def test_any_age_tool_opens_a_message_with_the_compartments_key() -> None:
    part = sealed()
    with Typage() as typage:
        plain = typage.decrypt(ONE.account.identity.text, part.header + part.payload)
    assert parse_json(plain.rstrip(b"\0"))["fields"]["text"][1] == VALUES["text"]


def test_nobody_else_can_write_as_the_submitter() -> None:
    for key in (TWO.keys.signing, ANNA, ROOT):
        with pytest.raises(VerifyError):
            verify(from_submitter(sealed(), key))
    claimed = parse_json(from_member(sealed()))
    with pytest.raises(CryptoError):  # a member's signature does not do for a submitter's
        verify(canonical_json(claimed | {"document": claimed["document"] | {"sender": "submitter"}}))
    with pytest.raises(CryptoError):
        verify(canonical_json(parse_json(from_submitter(sealed())) | {"certificate": claimed["certificate"]}))


def test_nobody_else_can_write_as_the_mechanism() -> None:
    bad = [
        from_member(sealed(), EVE),  # with Anna's certificate
        from_member(sealed(), EVE, certificate(EVE, "eve", OTHER_ROOT)),
        from_member(sealed(), EVE, certificate(EVE, "eve", mechanism="other")),
        from_member(sealed(), signed=certificate(ANNA, "anna", expires="2026-11-22")),
        from_member(sealed(), signed=certificate(ANNA, "anna", starts="2026-11-24")),
        from_member(sealed(), ONE.keys.signing),
    ]
    for envelope in bad:
        with pytest.raises(VerifyError):
            verify(envelope)
    unsigned = parse_json(from_member(sealed())) | {"certificate": None}
    with pytest.raises(VerifyError):
        verify(canonical_json(unsigned))
    with pytest.raises(VerifyError):
        verify(from_member(sealed()), root=OTHER_ROOT)


def test_a_message_counts_for_its_record_and_its_mechanism_alone() -> None:
    for envelope in (from_member(sealed()), from_submitter(sealed())):
        with pytest.raises(VerifyError):
            verify(envelope, record=TWO.writer.record)
        with pytest.raises(VerifyError):
            verify(envelope, mechanism="other")


@pytest.mark.parametrize(
    "changes",
    [
        {"day": "2026-11-24"},
        {"answers": "ab" * 16},
        {"sender": "mechanism"},
        {"v": 2},
        {"more": 1},
        {"part": None},
    ],
    ids=str,
)
def test_a_message_with_anything_changed_is_refused(changes: dict[str, Any]) -> None:
    top = parse_json(from_submitter(sealed()))
    with pytest.raises(CryptoError):
        verify(canonical_json(top | {"document": top["document"] | changes}))


def test_an_envelope_is_of_one_form() -> None:
    envelope = from_submitter(sealed())
    for bent in (
        envelope + b" ",
        b"{}",
        canonical_json(parse_json(envelope) | {"signature": b64u_encode(bytes(63))}),
        canonical_json(parse_json(envelope) | {"more": "x" * MAX_ENVELOPE}),
    ):
        with pytest.raises(FormatError):
            verify(bent)
        if bent[-1:] != b" ":
            continue
        with pytest.raises(FormatError):
            addressed(bent)
    narrative = replace(sealed().entry, kind="narrative")
    with pytest.raises(FormatError):
        verify(from_submitter(replace(sealed(), entry=narrative)))


def test_a_part_that_is_not_the_signed_one_is_not_opened() -> None:
    part, other, elsewhere = sealed(), sealed(), sealed(TWO)
    message, key = verify(from_submitter(part)), ONE.account.identity
    for header, payload in ((part.header, other.payload), (other.header, other.payload)):
        with pytest.raises(VerifyError):
            open_message(message, header + payload, key)
    with pytest.raises(NotMine):
        open_message(message, elsewhere.header + elsewhere.payload, key)
    with pytest.raises(NotMine):
        open_message(message, part.header + part.payload, ONE.identity.identity)
    # Sealed for this compartment, but committed to for another record: the key commitment says so.
    moved = seal_message(key.recipient, TWO.writer.record, ONE.account.id, VALUES, os.urandom)
    with pytest.raises(VerifyError):
        open_message(verify(from_submitter(moved)), moved.header + moved.payload, key)
    fields = replace(part.entry, commitment="ab" * 32)
    with pytest.raises(VerifyError):
        open_message(verify(from_submitter(replace(part, entry=fields))), part.header + part.payload, key)
