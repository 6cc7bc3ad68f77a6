"""A mechanism's people, offline, and the operator: members, keys for them, shares, and the drill that opens."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crypto.age_keys import Identity
from crypto.bundles import verify_bundle
from crypto.encoding import b64u_encode, canonical_json, parse_json
from crypto.membership import parse_card
from crypto.primitives import SigningKey
from crypto.wraps import parse_wraps
from intake.cli import app
from intake.client import mechanism_keys, staff
from intake.people import enrolment
from tests.service import make_mechanism

Intake = Callable[..., str]
BELA = Identity(b"b" * 32)


@pytest.fixture
def intake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Intake:
    """The command, on a fresh installation that knows the mechanism `demo`, with keys in `tmp_path/keys`."""
    (tmp_path / "var").mkdir()
    monkeypatch.setenv("INTAKE_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)
    make_mechanism(tmp_path / "keys", "demo")

    def run(*arguments: str | Path, code: int = 0, answers: str = "") -> str:
        result = CliRunner().invoke(app, [str(a) for a in arguments], input=answers)
        assert result.exit_code == code, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.output

    run("migrate")
    assert "intake mechanism drill demo" in run("mechanism", "add", "keys/bundle.json")
    return run


def request(path: Path, member: str = "bela", mechanism: str = "demo", **more: object) -> Path:
    asked = {
        "mechanism": mechanism,
        "member": member,
        "name": "Bela",
        "key": b64u_encode(SigningKey(os.urandom(32)).public),
        "recipient": BELA.recipient.text,
    }
    path.write_text(json.dumps(asked | more))
    return path


def admit(intake: Intake, path: Path, out: str, *roles: str, code: int = 0, yes: bool = True) -> str:
    given = [argument for role in roles for argument in ("--role", role)]
    more = ["--no-passphrase", "--days", "56", *(["--yes"] if yes else [])]
    return intake("keys", "admit", "keys", path, *given, "--out", out, *more, code=code)


def test_the_root_admits_who_is_asked_for_and_shows_what_it_signs(intake: Intake, tmp_path: Path) -> None:
    asked = request(tmp_path / "request.json")
    said = admit(intake, asked, "card.json", "reviewer", "custodian")
    assert "gets the keys of: triage, identity, sensitive" in said and "bela (Bela) of demo" in said
    root = verify_bundle((tmp_path / "keys/bundle.json").read_bytes()).root
    member, membership = parse_card((tmp_path / "card.json").read_bytes(), root)
    assert (member.id, membership.roles) == ("bela", ("custodian", "reviewer"))
    assert membership.recipient.text == BELA.recipient.text
    assert "nothing was changed" in admit(intake, asked, "card.json", "reviewer", code=1)
    for path, roles, wrong in (
        (asked, ("reader",), "no such role: reader"),
        (asked, ("administrator", "reviewer"), "no other role"),
        (request(tmp_path / "b.json", mechanism="other"), ("reviewer",), "the request is for other"),
        (request(tmp_path / "c.json", more=1), ("reviewer",), "exactly"),
        (request(tmp_path / "d.json", recipient="age1pq"), ("reviewer",), "key"),
    ):
        assert wrong in admit(intake, path, "other.json", *roles, code=1)
    unanswered = admit(intake, asked, "other.json", "reviewer", code=1, yes=False)
    assert "same fingerprint" in unanswered and "a person has to compare" in unanswered
    assert not (tmp_path / "other.json").exists()


def test_the_fingerprint_is_the_one_that_the_service_told_the_person(tmp_path: Path) -> None:
    asked = request(tmp_path / "request.json").read_bytes()
    told = enrolment.Request.parse(canonical_json(parse_json(asked)))
    assert staff.read_request(asked).fingerprint == told.fingerprint


def test_keys_are_sealed_as_roles_need_and_to_a_program(intake: Intake, tmp_path: Path) -> None:
    admit(intake, request(tmp_path / "request.json"), "card.json", "custodian")
    admit(intake, request(tmp_path / "r2.json", "adam"), "admin.json", "administrator")
    said = intake("keys", "wrap", "keys", "card.json", "admin.json", "--out", "wraps.json")
    assert "3 wraps" in said and "member adam: no keys" in said and "no recovery key yet" in said
    found = parse_wraps((tmp_path / "wraps.json").read_bytes())
    assert {(w.compartment, w.kind, w.reader) for w in found} == {
        (kind, "member", "bela") for kind in ("triage", "identity", "sensitive")
    }
    assert "the mechanism has no member bela" in intake("mechanism", "wraps", "demo", "wraps.json", code=1)

    program = "keys/demo-puller.public.json"
    wrap = ("keys", "wrap", "keys", program, "--out", "p.json")
    assert "a person has to compare" in intake(*wrap, code=1)  # as in a script: nobody answers
    assert "the answer was no" in intake(*wrap, code=1, answers="n\n")
    assert not (tmp_path / "p.json").exists()
    intake("keys", "wrap", "keys", program, "--out", "p.json", "--yes")
    intake("client", "add", "demo", program, "--purpose", "archive")
    assert "2 wraps for client demo-puller" in intake("mechanism", "wraps", "demo", "p.json")
    private, bundle = "keys/demo-puller.client.json", "keys/bundle.json"
    intake("keys", "unwrap", "p.json", "--client", private, "--bundle", bundle, "--out", "theirs")
    opened = {one.text for one in mechanism_keys.identities(tmp_path / "theirs")}
    every = {one.text for one in mechanism_keys.identities(tmp_path / "keys")}
    assert len(opened) == 2 and opened < every
    nothing = ("wraps.json", "--client", private, "--bundle", bundle, "--out", "none")
    assert "nothing in wraps.json is sealed" in intake("keys", "unwrap", *nothing, code=1)

    other = make_mechanism(tmp_path / "other", "other")
    assert "card.json:" in intake("keys", "wrap", other.keys, "card.json", "--out", "x.json", code=1)
    assert "nothing was changed" in intake("keys", "wrap", "keys", "--out", "p.json", code=1)


def test_two_shares_open_the_mechanism_and_bring_lost_keys_back(intake: Intake, tmp_path: Path) -> None:
    assert "drill" in intake("mechanism", "reopen", "demo", code=1)
    assert "until a drill has succeeded" in intake("mechanism", "list")
    said = intake("keys", "split", "keys", "--out", "shares")
    assert "share-1.txt" in said and "share-3.txt" in said
    assert "4 wraps for recovery" in intake("mechanism", "wraps", "demo", "shares/wraps.json")
    two = ("--share", "shares/share-3.txt", "--share", "shares/share-1.txt")
    intake("mechanism", "drill", "demo", "--out", "challenge.json")
    asked = ("--challenge", "challenge.json", "--out", "answer.json")
    one = ("--share", "shares/share-3.txt")
    assert "2 different" in intake("keys", "drill", "--wraps", "shares/wraps.json", *one, *asked, code=1)
    intake("keys", "drill", "--wraps", "shares/wraps.json", *two, *asked)
    assert "takes testimonies" in intake("mechanism", "drilled", "demo", "answer.json")
    assert "demo: Mechanism demo, takes testimonies" in intake("mechanism", "list")

    before = {one.text for one in mechanism_keys.identities(tmp_path / "keys")}
    shutil.copy(tmp_path / "keys/bundle.json", tmp_path / "bundle.json")  # it is public
    shutil.rmtree(tmp_path / "keys")
    back = ("--wraps", "shares/wraps.json", *two)
    intake("keys", "recover", *back, "--out", "again", "--bundle", "bundle.json")
    assert {one.text for one in mechanism_keys.identities(tmp_path / "again")} == before
    assert "holds keys already" in intake("keys", "recover", *back, "--out", "again", code=1)
    assert "give --bundle" in intake("keys", "recover", *back, "--out", "unchecked")
    assert {one.text for one in mechanism_keys.identities(tmp_path / "unchecked")} == before


def test_shares_last_for_the_next_epoch_once_it_is_wrapped(intake: Intake, tmp_path: Path) -> None:
    intake("keys", "split", "keys", "--out", "shares")
    intake("keys", "rotate", "keys", "--no-passphrase")
    intake("mechanism", "add", "keys/bundle.json")
    two = ("--share", "shares/share-2.txt", "--share", "shares/share-1.txt")
    intake("mechanism", "drill", "demo", "--out", "challenge.json")
    asked = ("--challenge", "challenge.json", "--out", "answer.json")
    old = intake("keys", "drill", "--wraps", "shares/wraps.json", *two, *asked, code=1)
    assert "epoch 2" in old
    half = ("--wraps", "shares/wraps.json", *two, "--out", "half", "--bundle", "keys/bundle.json")
    assert "nothing for: epoch 2 triage" in intake("keys", "recover", *half, code=2)
    intake("keys", "wrap", "keys", "--out", "wraps.json")
    intake("keys", "drill", "--wraps", "wraps.json", *two, *asked)
    assert "epoch 2" in intake("mechanism", "drilled", "demo", "answer.json")
    assert "last for all later epochs" in intake("keys", "split", "keys", "--out", "shares2", code=1)
