"""Two members can vouch for a second receipt, or withdraw; one cannot, whatever the names."""

from typing import Any

import pytest

from crypto import primitives
from crypto.encoding import b64u_encode, canonical_json, parse_json
from crypto.errors import CryptoError, FormatError, VerifyError
from crypto.primitives import SigningKey
from crypto.receipt import Receipt
from crypto.restoration import (
    MAX_ENVELOPE,
    NewReceipt,
    Restoration,
    encode_envelope,
    make_document,
    parse_envelope,
    sign_restoration,
    verify_restoration,
)
from tests.crypto.members import ANNA, BELA, DAY, EVE, OTHER_ROOT, ROOT, certificate

KEYS = Receipt.from_random(b"\7" * 32).keys()
RECORD = "ab" * 32
ANNAS, BELAS = certificate(ANNA, "anna"), certificate(BELA, "bela")


def document(kind: str = "receipt", **changes: Any) -> bytes:
    receipt = NewReceipt.of(KEYS) if kind == "receipt" else None
    said = {"record": RECORD, "mechanism": "demo", "kind": kind, "receipt": receipt, "day": DAY}
    return make_document(**(said | {"nonce": bytes(16)} | changes))


def signed(said: bytes, *by: tuple[SigningKey, bytes]) -> bytes:
    return encode_envelope(said, [(sign_restoration(said, key), cert) for key, cert in by])


def verify(data: bytes, day: str = DAY, root: SigningKey = ROOT) -> Restoration:
    return verify_restoration(data, root.public, day)


def test_two_members_vouch_for_a_new_receipt() -> None:
    said = document()
    found = verify(signed(said, (ANNA, ANNAS), (BELA, BELAS)))
    assert (found.record, found.mechanism, found.kind, found.day) == (RECORD, "demo", "receipt", DAY)
    assert found.receipt is not None and found.receipt.lookup == KEYS.lookup
    assert found.receipt.auth_sha256 == primitives.sha256(KEYS.auth).hex()
    assert found.receipt.recipient.fingerprint == KEYS.identity.recipient.fingerprint
    assert {member.id for member in found.members} == {"anna", "bela"}
    assert found.id == primitives.sha256(said).hex()
    assert parse_envelope(found.raw).receipt == found.receipt


def test_a_restoration_holds_nothing_by_which_the_receipt_opens() -> None:
    data = signed(document(), (ANNA, ANNAS), (BELA, BELAS))
    for secret in (KEYS.auth, KEYS.access_tag):
        assert b64u_encode(secret).encode() not in data and secret.hex().encode() not in data


def test_two_members_withdraw_without_a_receipt() -> None:
    found = verify(signed(document("withdrawal"), (ANNA, ANNAS), (BELA, BELAS)))
    assert (found.kind, found.receipt) == ("withdrawal", None)


@pytest.mark.parametrize(
    "by",
    [
        [],
        [(ANNA, ANNAS)],
        [(ANNA, ANNAS), (ANNA, ANNAS)],
        [(ANNA, ANNAS), (ANNA, certificate(ANNA, "anna-2"))],  # one key, two names
        [(ANNA, ANNAS), (BELA, certificate(BELA, "anna"))],  # one name, two keys
        [(ANNA, ANNAS), (EVE, BELAS)],
        [(ANNA, ANNAS), (BELA, certificate(BELA, "bela", OTHER_ROOT))],
        [(ANNA, ANNAS), (BELA, certificate(BELA, "bela", mechanism="other"))],
        [(ANNA, ANNAS), (BELA, certificate(BELA, "bela", expires="2026-11-22"))],
        [(ANNA, ANNAS), (BELA, certificate(BELA, "bela", starts="2026-11-24"))],
    ],
)
def test_fewer_than_two_valid_members_restore_nothing(by: list[tuple[SigningKey, bytes]]) -> None:
    with pytest.raises(VerifyError):
        verify(signed(document(), *by))


def test_members_of_another_mechanism_restore_nothing_here() -> None:
    theirs = [
        (key, certificate(key, name, OTHER_ROOT, "other")) for key, name in ((ANNA, "anna"), (BELA, "bela"))
    ]
    with pytest.raises(VerifyError):
        verify(signed(document(), *theirs))
    with pytest.raises(VerifyError):
        verify(signed(document(), *theirs), root=OTHER_ROOT)
    with pytest.raises(CryptoError):
        verify(signed(document(), (ANNA, ANNAS), (BELA, BELAS), (EVE, certificate(EVE, "eve"))))


@pytest.mark.parametrize(
    "changes",
    [
        {"record": "cd" * 32},
        {"mechanism": "other"},
        {"day": "2026-11-24"},
        {"kind": "withdrawal"},
        {"receipt": None},
    ],
    ids=str,
)
def test_a_restoration_with_anything_changed_is_refused(changes: dict[str, Any]) -> None:
    top = parse_json(signed(document(), (ANNA, ANNAS), (BELA, BELAS)))
    with pytest.raises(CryptoError):
        verify(canonical_json(top | {"document": top["document"] | changes}))


def test_a_document_is_of_one_form() -> None:
    changes: dict[str, Any]
    for changes in (
        {"kind": "withdrawal", "receipt": NewReceipt.of(KEYS)},
        {"receipt": None},
        {"nonce": bytes(15)},
        {"day": "today"},
    ):
        with pytest.raises(FormatError):
            document(**({"kind": "receipt"} | changes))
    with pytest.raises(FormatError):
        verify(signed(document(), (ANNA, ANNAS), (BELA, BELAS)) + b" " * MAX_ENVELOPE)
