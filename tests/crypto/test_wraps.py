"""A wrap gives one reader one epoch's key, or nothing; a drill shows that the keys are at hand."""

import os
from dataclasses import replace
from typing import Any

import pytest

from crypto import drill, sealing
from crypto.age_keys import Identity
from crypto.bundles import MechanismKey, sign_key
from crypto.compartments import CLASSES
from crypto.encoding import b64u_encode, canonical_json, parse_json
from crypto.errors import CryptoError, FormatError, NotMine, VerifyError
from crypto.membership import OPENS, ROLES, fingerprint, opens
from crypto.wraps import MEMBER, RECOVERY, Wrap, encode_wraps, open_wrap, parse_wraps, seal_wrap
from tests.crypto.members import ANNA, EXPIRES, ROOT, STARTS
from tests.tools import Typage

READER, STRANGER = Identity(b"1" * 32), Identity(b"2" * 32)
EPOCH = {kind: Identity(bytes([i]) * 32) for i, kind in enumerate(CLASSES)}


def key(kind: str, epoch: int = 1) -> MechanismKey:
    return sign_key(ROOT, "demo", epoch, kind, EPOCH[kind].recipient, STARTS, EXPIRES)


def wrap(kind: str = "triage", reader: Identity = READER) -> Wrap:
    return seal_wrap(key(kind), EPOCH[kind], MEMBER, "anna", reader.recipient, os.urandom)


def test_each_role_is_given_the_keys_that_it_needs() -> None:
    assert set(OPENS) == set(ROLES)
    assert opens(["reviewer"]) == ("triage",)
    assert opens(["reviewer", "custodian"]) == ("triage", "identity", "sensitive")
    assert opens(["key-holder", "reviewer"]) == CLASSES
    assert opens(["administrator"]) == opens(["auditor"]) == ()
    assert fingerprint(ANNA.public, READER.recipient) != fingerprint(ANNA.public, STRANGER.recipient)


def test_a_reader_opens_a_wrap_to_the_key_that_the_root_signed() -> None:
    made = wrap()
    assert open_wrap(made, key("triage"), [STRANGER, READER]).text == EPOCH["triage"].text
    with pytest.raises(NotMine):
        open_wrap(made, key("triage"), [STRANGER])
    with Typage() as typage:
        assert typage.decrypt(READER.text, made.file).decode() == EPOCH["triage"].text + "\n"


def test_a_wrap_of_another_key_is_refused() -> None:
    with pytest.raises(VerifyError):  # nobody seals the wrong identity by mistake
        seal_wrap(key("triage"), EPOCH["account"], MEMBER, "anna", READER.recipient, os.urandom)
    made = wrap()
    for other in (key("account"), key("triage", epoch=2)):
        with pytest.raises(VerifyError):
            open_wrap(made, other, [READER])
    with pytest.raises(VerifyError):  # the service says that it is of another class
        open_wrap(replace(made, compartment="account"), key("account"), [READER])
    nonsense = sealing.seal_file(
        b"AGE-SECRET-KEY-PQ-1" + b"Q" * 59, READER.recipient, file_key=bytes(16), nonce=bytes(16)
    )
    with pytest.raises(VerifyError):
        open_wrap(replace(made, file=nonsense), key("triage"), [READER])


def test_wraps_travel_in_one_form() -> None:
    recovery = seal_wrap(
        key("triage"),
        EPOCH["triage"],
        RECOVERY,
        STRANGER.recipient.fingerprint,
        STRANGER.recipient,
        os.urandom,
    )
    client = replace(wrap("account"), kind="client", reader="Puller-1")
    found = (wrap(), wrap("identity"), recovery, client)
    assert parse_wraps(encode_wraps(found)) == found == parse_wraps(encode_wraps(found) + b"\n")
    assert parse_wraps(encode_wraps([])) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"epoch": 0},
        {"epoch": True},
        {"class": "all"},
        {"kind": "reader"},
        {"kind": "recovery"},  # whose reader is a fingerprint
        {"reader": "A b"},
        {"reader": None},
        {"file": "AA"},
        {"file": b64u_encode(sealing.seal_file(b"x", READER.recipient, file_key=bytes(16), nonce=bytes(16)))},
        {"more": 1},
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_wraps_of_another_form_are_refused(changes: dict[str, Any]) -> None:
    (good,) = parse_json(encode_wraps([wrap()]))
    with pytest.raises(FormatError):
        parse_wraps(canonical_json([good | changes]))


def test_two_wraps_of_one_key_for_one_reader_are_refused() -> None:
    for bad in (encode_wraps([wrap(), wrap()]), b"{}", encode_wraps([wrap()]) + b" ", b"[" * 100):
        with pytest.raises(FormatError):
            parse_wraps(bad)


def asked(kinds: tuple[str, ...] = CLASSES) -> tuple[bytes, drill.Answer]:
    return drill.make_challenge("demo", [key(kind) for kind in kinds], os.urandom)


def test_who_has_all_keys_answers_a_drill_and_nobody_else() -> None:
    challenge, expected = asked()
    found = drill.parse_challenge(challenge)
    answer = drill.answer_challenge(found, list(EPOCH.values()))
    assert drill.parse_answer(answer) == expected == drill.parse_answer(answer + b"\n")
    assert (expected.mechanism, expected.epoch) == ("demo", 1)
    assert (
        drill.parse_answer(drill.answer_challenge(drill.parse_challenge(asked()[0]), list(EPOCH.values())))
        != expected
    )
    for held in ([], list(EPOCH.values())[1:], [READER]):
        with pytest.raises(NotMine):
            drill.answer_challenge(found, held)
    assert drill.make_challenge("demo", [key("triage")], os.urandom)[1].hash != expected.hash


def test_a_challenge_has_nothing_else_opened() -> None:
    top = parse_json(asked(("triage",))[0])
    for file in (wrap("triage", EPOCH["triage"]).file, seal(b"x" * 31), seal(b"x" * 33), seal(b"")):
        bent = canonical_json(top | {"keys": [top["keys"][0] | {"file": b64u_encode(file)}]})
        with pytest.raises(VerifyError):
            drill.answer_challenge(drill.parse_challenge(bent), list(EPOCH.values()))
    # A question about one key, sealed to another.
    bent = canonical_json(top | {"keys": [top["keys"][0] | {"recipient": READER.recipient.fingerprint}]})
    with pytest.raises(NotMine):
        drill.answer_challenge(drill.parse_challenge(bent), [*EPOCH.values(), READER])


def seal(plain: bytes) -> bytes:
    return sealing.seal_file(plain, EPOCH["triage"].recipient, file_key=os.urandom(16), nonce=os.urandom(16))


@pytest.mark.parametrize(
    "changes",
    [{"v": 2}, {"mechanism": "A"}, {"epoch": 0}, {"keys": []}, {"keys": [None]}, {"more": 1}],
    ids=str,
)
def test_challenges_and_answers_of_another_form_are_refused(changes: dict[str, Any]) -> None:
    challenge, _ = asked()
    answer = drill.answer_challenge(drill.parse_challenge(challenge), list(EPOCH.values()))
    with pytest.raises(FormatError):
        drill.parse_challenge(canonical_json(parse_json(challenge) | changes))
    with pytest.raises(FormatError):
        drill.parse_answer(canonical_json(parse_json(answer) | changes))
    answers: Any
    for answers in ({}, {"all": "00" * 32}, {"triage": "00"}, []):
        with pytest.raises(CryptoError):
            drill.parse_answer(canonical_json(parse_json(answer) | {"answers": answers}))
    top = parse_json(challenge)
    with pytest.raises(FormatError):
        drill.parse_challenge(canonical_json(top | {"keys": [top["keys"][0]] * 2}))
