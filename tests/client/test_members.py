"""A member's key is the member's own, and goes with its own certificate."""

from pathlib import Path

import pytest

from intake.client import members
from tests.casework import bundle_of, make_member
from tests.service import Mechanism


def test_members_sign_with_a_key_that_is_kept_under_a_passphrase(demo: Mechanism, tmp_path: Path) -> None:
    private, public = members.new_member(tmp_path, "anna", "Case officer", b"a passphrase")
    assert b"ENCRYPTED" in private.read_bytes() and private.stat().st_mode & 0o077 == 0
    members.certify(demo.keys, public, 10, None)
    root = bundle_of(demo).root
    assert members.load_member(private, root, b"a passphrase").member.name == "Case officer"
    make_member(tmp_path / "b", demo, "bela")
    with pytest.raises(ValueError, match="not the certificate"):
        (tmp_path / "anna.certificate.json").write_bytes(
            (tmp_path / "b" / "bela.certificate.json").read_bytes()
        )
        members.load_member(private, root, b"a passphrase")
