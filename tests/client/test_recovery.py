"""All keys are lost, and two sheets of paper are left."""

import os
import secrets
import shutil
from pathlib import Path

import pytest
from shamir_mnemonic import generate_mnemonics

from crypto import drill
from crypto.age_keys import Identity
from crypto.bundles import verify_bundle
from crypto.errors import VerifyError
from crypto.wraps import RECOVERY, Wrap
from intake.client import mechanism_keys, recovery
from intake.client.wraps import Keys, write_identities
from tests.tools import Typage

Sheets = list[tuple[str, str]]


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    mechanism_keys.create(tmp_path / "keys", "demo", {"en": "Demonstration"}, 365, None)
    return tmp_path / "keys"


def sheets(folder: Path, *numbers: int) -> Sheets:
    return [(f"share {n}", (folder / f"share-{n}.txt").read_text()) for n in numbers]


def split(keys: Path) -> Path:
    recovery.split(keys, keys.parent / "shares")
    return keys.parent / "shares"


def wraps(keys: Path) -> list[Wrap]:
    return recovery.make(keys, Keys.load(keys))


def test_keepers_of_any_two_shares_bring_all_identities_back(keys: Path, tmp_path: Path) -> None:
    shares, before = split(keys), {one.text for one in mechanism_keys.identities(keys)}
    sealed, bundle = wraps(keys), verify_bundle((keys / "bundle.json").read_bytes())
    shutil.rmtree(keys)
    for n, pair in enumerate(((1, 2), (1, 3), (3, 2), (1, 2, 3))):
        found = recovery.recover(sealed, recovery.combine(sheets(shares, *pair)), bundle)
        write_identities(found, "demo", tmp_path / str(n))
        assert {one.text for one in mechanism_keys.identities(tmp_path / str(n))} == before
    with pytest.raises(FileExistsError):
        write_identities(found, "demo", tmp_path / "0")


def test_a_stock_age_tool_opens_a_wrap_with_the_key_that_the_shares_give(keys: Path) -> None:
    identity = recovery.combine(sheets(split(keys), 2, 3))
    with Typage() as typage:
        opened = {typage.decrypt(identity.text, wrap.file).decode().strip() for wrap in wraps(keys)}
    assert opened == {one.text for one in mechanism_keys.identities(keys)}


def test_the_recovery_key_is_written_nowhere(keys: Path, tmp_path: Path) -> None:
    shares = split(keys)
    identity = recovery.combine(sheets(shares, 1, 2))
    for path in (p for p in tmp_path.rglob("*") if p.is_file()):
        data = path.read_bytes()
        assert identity.text.encode() not in data and identity.seed not in data
        assert identity.seed.hex().encode() not in data
    assert all(path.stat().st_mode & 0o077 == 0 for path in shares.glob("*.txt"))
    # One share alone fixes nothing of the key: that of another key is as good to it.
    assert len({text for _, text in sheets(shares, 1, 2, 3)}) == 3


def test_one_share_or_the_same_twice_is_not_enough(keys: Path) -> None:
    shares = split(keys)
    for few in ([], sheets(shares, 2)):
        with pytest.raises(ValueError, match="2 different shares are needed"):
            recovery.combine(few)
    with pytest.raises(ValueError, match="are the same share"):
        recovery.combine(sheets(shares, 1, 1))


def test_a_keeper_who_typed_the_words_off_the_sheet_is_understood(keys: Path) -> None:
    (one, two) = sheets(split(keys), 1, 2)
    bare = " ".join(w for line in two[1].splitlines() if not line.startswith("#") for w in line.split())
    typed = bare.upper().replace(" ", "\n")
    expected = recovery.combine([one, two]).text
    assert recovery.combine([one, ("typed", typed)]).text == expected


def test_a_garbled_share_is_named_with_what_is_wrong(keys: Path) -> None:
    one, (_, good) = sheets(split(keys), 1, 2)
    lines = good.splitlines()
    body = next(i for i, line in enumerate(lines) if not line.startswith("#"))
    words = [w for line in lines[body:] for w in line.split() if not w.isdigit()]
    other = "academic" if words[8] != "academic" else "acid"
    exchanged = [*words[:4], words[5], words[4], *words[6:]]
    for text, said in (
        (" ".join([*words[:6], "qwerty", *words[7:]]), "word 7, 'qwerty', is not one of the list"),
        (" ".join(words[:-1]), "a share has 33 words, and this has 32"),
        (" ".join([*words, "academic"]), "a share has 33 words, and this has 34"),
        (" ".join([*words[:8], other, *words[9:]]), "a word is mistyped"),
        ("", "a share has 33 words, and this has 0"),
        *([(" ".join(exchanged), "two are exchanged")] if exchanged != words else []),
    ):
        with pytest.raises(ValueError, match=f"bela.txt: .*{said}"):
            recovery.combine([one, ("bela.txt", text)])


def test_shares_of_two_mechanisms_do_not_go_together(keys: Path, tmp_path: Path) -> None:
    shares = split(keys)
    mechanism_keys.create(tmp_path / "other" / "keys", "other", {"en": "Other"}, 365, None)
    others = split(tmp_path / "other" / "keys")
    with pytest.raises(ValueError, match="of different keys"):
        recovery.combine([*sheets(shares, 1), *sheets(others, 2)])
    theirs = recovery.combine(sheets(others, 1, 2))
    bundle = verify_bundle((keys / "bundle.json").read_bytes())
    with pytest.raises(ValueError, match="nothing in the file of wraps is sealed"):
        recovery.recover(wraps(keys), theirs, bundle)
    ((*wallet,),) = generate_mnemonics(1, [(2, 3)], secrets.token_bytes(16))
    with pytest.raises(ValueError):
        recovery.combine([("a", wallet[0]), ("b", wallet[1])])


def test_a_wrap_that_holds_another_key_is_refused(keys: Path) -> None:
    identity = recovery.combine(sheets(split(keys), 1, 2))
    keys_now, bundle = Keys.load(keys), verify_bundle((keys / "bundle.json").read_bytes())
    first, second, *rest = recovery.make(keys, keys_now)
    swapped = Wrap(first.epoch, first.compartment, RECOVERY, first.reader, second.file)
    with pytest.raises(VerifyError):
        recovery.recover([swapped, second, *rest], identity, bundle)
    unknown = Wrap(9, first.compartment, RECOVERY, first.reader, first.file)
    with pytest.raises(VerifyError):
        recovery.recover([unknown], identity, bundle)


def test_shares_last_for_epochs_that_are_made_later(keys: Path) -> None:
    shares = split(keys)
    mechanism_keys.rotate(keys, 365, None)
    found = recovery.recover(
        wraps(keys),
        recovery.combine(sheets(shares, 1, 3)),
        verify_bundle((keys / "bundle.json").read_bytes()),
    )
    assert {epoch for epoch, _ in found} == {1, 2} and len(found) == 8
    with pytest.raises(FileExistsError):
        recovery.split(keys, keys.parent / "again")
    recovery.split(keys, keys.parent / "again", replace=True)
    with pytest.raises(ValueError, match="nothing in the file of wraps"):  # the old shares have ended
        recovery.recover(wraps(keys), recovery.combine(sheets(shares, 1, 3)), None)
    with pytest.raises(FileExistsError):
        recovery.split(keys, shares, replace=True)


def test_two_shares_answer_a_drill_for_the_epoch_that_is_asked_for(keys: Path) -> None:
    identity, old = recovery.combine(sheets(split(keys), 1, 2)), wraps(keys)
    bundle = mechanism_keys.rotate(keys, 365, None)
    newest = [key for key in bundle.keys if key.epoch == 2]
    challenge, expected = drill.make_challenge("demo", newest, os.urandom)
    assert drill.parse_answer(recovery.answer(challenge, wraps(keys), identity)) == expected
    with pytest.raises(ValueError, match="do not open all keys of epoch 2"):
        recovery.answer(challenge, old, identity)
    with pytest.raises(ValueError, match="nothing in the file of wraps"):
        recovery.answer(challenge, wraps(keys), Identity(b"x" * 32))


def test_keys_without_an_identity_are_not_sealed_by_half(keys: Path) -> None:
    split(keys)
    (keys / "epoch-1.identity.key").unlink()
    with pytest.raises(ValueError, match="epoch 1, identity, is not in this folder"):
        wraps(keys)
