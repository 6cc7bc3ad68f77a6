"""A mechanism's root says what a member may do, and which key is sealed to; nobody else does."""

from typing import Any

import pytest

from crypto.age_keys import Identity
from crypto.encoding import b64u_encode, canonical_json, parse_json
from crypto.errors import CryptoError, FormatError, VerifyError
from crypto.membership import (
    MAX_BYTES,
    MAX_CARD,
    ROLES,
    encode_card,
    parse_card,
    sign_membership,
    verify_membership,
)
from crypto.primitives import SigningKey
from tests.crypto.members import ANNA, EVE, EXPIRES, OTHER_ROOT, ROOT, STARTS, certificate

READER, OTHER = Identity(b"1" * 32), Identity(b"2" * 32)


def membership(root: SigningKey = ROOT, **changes: Any) -> bytes:
    said: dict[str, Any] = {
        "mechanism": "demo",
        "member": "anna",
        "key": ANNA.public,
        "recipient": READER.recipient,
        "roles": ["reviewer"],
        "starts": STARTS,
        "expires": EXPIRES,
    }
    return sign_membership(root, **(said | changes))


def test_a_root_gives_roles_and_a_key_for_a_time() -> None:
    data = membership(roles=["reviewer", "custodian"])
    found = verify_membership(data, ROOT.public)
    assert (found.mechanism, found.member, found.key) == ("demo", "anna", ANNA.public)
    assert (found.recipient.text, found.roles) == (READER.recipient.text, ("custodian", "reviewer"))
    valid = [found.valid_on(day) for day in ("2025-12-31", STARTS, EXPIRES, "2027-01-01")]
    assert (found.raw, valid) == (data, [False, True, True, False])
    assert [verify_membership(membership(roles=[role]), ROOT.public).roles for role in ROLES] == [
        (role,) for role in ROLES
    ]


def test_who_gives_rights_or_watches_others_has_no_other_role() -> None:
    for alone in ("administrator", "auditor"):
        for other in ROLES:
            if other != alone:
                with pytest.raises(FormatError):
                    membership(roles=[alone, other])
    for roles in ([], ["reader"], ["reviewer", "reviewer"]):
        with pytest.raises(FormatError):
            membership(roles=roles)


def test_another_root_gives_nothing_here() -> None:
    for data, root in ((membership(OTHER_ROOT), ROOT), (membership(), OTHER_ROOT)):
        with pytest.raises(VerifyError):
            verify_membership(data, root.public)
    # What the root signed as a certificate is no membership, and the other way round.
    with pytest.raises(CryptoError):
        verify_membership(certificate(ANNA, "anna"), ROOT.public)


@pytest.mark.parametrize(
    "changes",
    [
        {"mechanism": "other"},
        {"member": "bela"},
        {"key": b64u_encode(EVE.public)},
        {"recipient": OTHER.recipient.text},
        {"recipient": READER.recipient.text.upper()},
        {"roles": ["administrator"]},
        {"roles": ["custodian", "reviewer"]},
        {"starts": "2020-01-01"},
        {"expires": "2099-01-01"},
        {"signature": b64u_encode(bytes(64))},
        {"v": 2},
        {"more": 1},
    ],
    ids=lambda changes: str(changes)[:60],
)
def test_a_membership_with_anything_changed_is_refused(changes: dict[str, Any]) -> None:
    bent = canonical_json(parse_json(membership()) | changes)
    with pytest.raises(CryptoError):
        verify_membership(bent, ROOT.public)


def test_a_card_is_of_one_person() -> None:
    member, found = parse_card(encode_card(certificate(ANNA, "anna"), membership()), ROOT.public)
    assert (member.id, found.member, member.key) == ("anna", "anna", found.key)
    for other in (
        encode_card(certificate(EVE, "anna"), membership()),
        encode_card(certificate(ANNA, "bela"), membership()),
        encode_card(certificate(ANNA, "anna", mechanism="other"), membership()),
        encode_card(certificate(ANNA, "anna", starts="2026-01-02"), membership()),
        encode_card(certificate(ANNA, "anna", expires="2026-12-30"), membership()),
        encode_card(certificate(ANNA, "anna", OTHER_ROOT), membership()),
        encode_card(certificate(ANNA, "anna"), membership(OTHER_ROOT)),
    ):
        with pytest.raises(VerifyError):
            parse_card(other, ROOT.public)


def test_a_card_is_of_one_form() -> None:
    card = encode_card(certificate(ANNA, "anna"), membership())
    for bent in (
        card + b" ",
        card + b" " * MAX_CARD,
        b"[]",
        canonical_json(parse_json(card) | {"more": 1}),
        canonical_json({"certificate": parse_json(card)["certificate"]}),
    ):
        with pytest.raises(FormatError):
            parse_card(bent, ROOT.public)
    with pytest.raises(FormatError):
        verify_membership(membership() + b" " * MAX_BYTES, ROOT.public)
