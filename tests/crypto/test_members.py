"""A mechanism's root certifies members, and nobody else does."""

from typing import Any

import pytest

from crypto.encoding import b64u_encode, canonical_json, parse_json
from crypto.errors import CryptoError, FormatError, VerifyError
from crypto.members import MAX_BYTES, sign_member, verify_member
from tests.crypto.members import ANNA, EVE, EXPIRES, OTHER_ROOT, ROOT, STARTS, certificate


def test_a_root_certifies_a_member_for_a_time() -> None:
    data = certificate(ANNA, "anna", name="Case officer")
    member = verify_member(data, ROOT.public)
    assert (member.mechanism, member.id, member.name) == ("demo", "anna", "Case officer")
    assert (member.key, member.raw) == (ANNA.public, data)
    valid = [member.valid_on(day) for day in ("2025-12-31", STARTS, EXPIRES, "2027-01-01")]
    assert valid == [False, True, True, False]
    assert verify_member(certificate(ANNA, "anna"), ROOT.public).name is None


def test_another_root_certifies_nobody_here() -> None:
    for data, root in (
        (certificate(ANNA, "anna", OTHER_ROOT), ROOT),
        (certificate(ANNA, "anna"), OTHER_ROOT),
    ):
        with pytest.raises(VerifyError):
            verify_member(data, root.public)


@pytest.mark.parametrize(
    "changes",
    [
        {"mechanism": "other"},
        {"member": "bela"},
        {"name": "Somebody"},
        {"key": b64u_encode(EVE.public)},
        {"starts": "2020-01-01"},
        {"expires": "2099-01-01"},
        {"signature": b64u_encode(bytes(64))},
        {"v": 2},
        {"more": 1},
        {"member": "A B"},
        {"signature": "short"},
    ],
    ids=str,
)
def test_a_certificate_with_anything_changed_is_refused(changes: dict[str, Any]) -> None:
    bent = canonical_json(parse_json(certificate(ANNA, "anna")) | changes)
    with pytest.raises(CryptoError):
        verify_member(bent, ROOT.public)


def test_a_root_cannot_sign_what_is_not_of_the_form() -> None:
    for member, name, starts, expires in (
        ("A", None, STARTS, EXPIRES),
        ("anna", "", STARTS, EXPIRES),
        ("anna", "a\nb", STARTS, EXPIRES),
        ("anna", None, "soon", EXPIRES),
        ("anna", None, EXPIRES, STARTS),
    ):
        with pytest.raises(FormatError):
            sign_member(ROOT, "demo", member, name, ANNA.public, starts, expires)
    with pytest.raises(FormatError):
        verify_member(certificate(ANNA, "anna") + b" " * MAX_BYTES, ROOT.public)
    with pytest.raises(FormatError):  # another spelling of the same
        verify_member(certificate(ANNA, "anna").replace(b":", b": ", 1), ROOT.public)
