"""From the mechanism's own machine to the operator's: profiles are written, signed, carried over, shown."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from crypto.profiles import FIELDS, verify_profile
from intake import clock
from intake.cli import app
from intake.record import consent_texts
from tests.service import make_mechanism

Intake = Callable[..., str]


@pytest.fixture
def intake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Intake:
    """The command on a fresh installation that knows the mechanism `iapb`, with keys in `tmp_path/keys`."""
    (tmp_path / "var").mkdir()
    monkeypatch.setenv("INTAKE_DATA_DIR", str(tmp_path / "var"))
    make_mechanism(tmp_path / "keys", "iapb")

    def run(*arguments: str | Path, code: int = 0, answers: str = "") -> str:
        result = CliRunner().invoke(app, [str(a) for a in arguments], input=answers)
        assert result.exit_code == code, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.output

    run("migrate")
    run("mechanism", "add", tmp_path / "keys" / "bundle.json")
    run("keys", "split", tmp_path / "keys", "--out", tmp_path)
    run("mechanism", "drill", "iapb", "--out", tmp_path / "asked.json")
    shares = [argument for n in (1, 2) for argument in ("--share", tmp_path / f"share-{n}.txt")]
    given = ("--wraps", tmp_path / "wraps.json", *shares, "--challenge", tmp_path / "asked.json")
    run("keys", "drill", *given, "--out", tmp_path / "answer.json")
    run("mechanism", "drilled", "iapb", tmp_path / "answer.json")
    return run


def write(path: Path, intake: Intake, **changes: Any) -> Path:
    """The template, rewritten by the mechanism's people."""
    template = json.loads(intake("keys", "profile", "--template"))
    path.write_text(json.dumps(template | changes, ensure_ascii=False))
    return path


def sign(tmp_path: Path, intake: Intake, **changes: Any) -> str:
    written = write(tmp_path / "written.json", intake, **changes)
    return intake(
        "keys", "profile", tmp_path / "keys", written
    )  # of a root without a passphrase none is asked


def test_mechanism_signs_the_template_and_the_operator_imports_it(tmp_path: Path, intake: Intake) -> None:
    said = sign(tmp_path, intake)
    file = tmp_path / "keys" / "profile-1.json"
    profile = verify_profile(file.read_bytes())
    assert (profile.mechanism, profile.version, profile.day) == ("iapb", 1, clock.day())
    assert str(profile.sha256) in said and str(file) in said
    assert "WARNING: mandate (be) is the text of the template" in said and "WARNING: questions" in said
    assert set(json.loads(intake("keys", "profile", "--template"))) < set(FIELDS.split())

    said = intake("mechanism", "profile", file)
    assert "version 1" in said and str(profile.sha256) in said
    assert "conditions: none → no_death_penalty, not_to_states, ask_first" in said
    assert "people are asked whether it may write" not in said  # they were before it had a profile, too
    assert "question 1: none → {" in said
    assert "nothing changed" in intake("mechanism", "profile", file)


def test_operator_sees_what_a_new_profile_changes_and_can_look_at_older_ones(
    tmp_path: Path, intake: Intake
) -> None:
    sign(tmp_path, intake)
    hold = {"en": "Kept, by [law] :x:.", "be": "Захоўваецца паводле закону."}
    sign(tmp_path, intake, hold=hold, purposes=["archive"], continues=["old-group"], questions=[])
    for version in (1, 2):
        said = intake("mechanism", "profile", tmp_path / "keys" / f"profile-{version}.json")
    assert "hold (en): none → Kept, by [law] :x:." in said and "→ archive" in said
    assert "knows no mechanism old-group" in said and "mandate" not in said
    shown = intake("mechanism", "show", "iapb")
    assert "versions: 1, 2" in shown and "profile 2 of" in shown and "Захоўваецца" in shown
    assert "takes testimonies until: further notice" in shown
    older = intake("mechanism", "show", "iapb", "--version", "1")
    assert "profile 1 of" in older and "hold" not in older and "question 1" in older
    assert "no profile of this version" in intake("mechanism", "show", "iapb", "--version", "3", code=1)
    assert "no such mechanism" in intake("mechanism", "show", "nobody", code=1)


def test_operator_closes_and_reopens_a_mechanism(tmp_path: Path, intake: Intake) -> None:
    listed = intake("mechanism", "list")
    assert "iapb: Mechanism iapb, takes testimonies\n" in listed and "no profile, keys until" in listed
    assert "what holds is" in intake("mechanism", "show", "iapb")
    intake("mechanism", "close", "iapb")
    assert "closed here" in intake("mechanism", "list")
    assert "closed already" in intake("mechanism", "close", "iapb", code=1)
    sign(tmp_path, intake, closes="2026-01-31")
    intake("mechanism", "profile", tmp_path / "keys" / "profile-1.json")
    assert "its own profile closed it" in intake("mechanism", "reopen", "iapb")
    listed = intake("mechanism", "list")
    assert "closed by its profile after 2026-01-31" in listed and "profile 1, keys until" in listed
    assert "no such mechanism" in intake("mechanism", "reopen", "nobody", code=1)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"mandate": {"be": "толькі"}}, "at least in English"),
        ({"purposes": ["fun"]}, "expected one of: criminal_investigation"),
        ({"compartments": ["triage"]}, "offers the class account"),
        ({"colour": "red"}, "no such field: colour"),
        ({"questions": [{"id": "q"}]}, "questions/0"),
        ({"mechanism": "demo"}, "of demo, and these keys are of iapb"),
        ({"version": 0}, "positive number"),
        ({"delay_days": 400}, "0 to 365 days"),
        ({"closes": 1.5}, "floating-point"),
    ],
)
def test_mistakes_of_a_mechanism_are_told_before_anything_is_signed(
    tmp_path: Path, intake: Intake, changes: dict[str, Any], sentence: str
) -> None:
    written = write(tmp_path / "written.json", intake, **changes)
    said = intake("keys", "profile", tmp_path / "keys", written, "--no-passphrase", code=1)
    assert sentence in said and list((tmp_path / "keys").glob("profile-*")) == []


def test_other_mistakes_are_answered_with_a_sentence(tmp_path: Path, intake: Intake) -> None:
    keys, written = tmp_path / "keys", tmp_path / "written.json"
    assert "or --template" in intake("keys", "profile", keys, code=1)
    assert "No such file" in intake("keys", "profile", keys, written, "--no-passphrase", code=1)
    for text, sentence in (("{}", "lacks: closes, compartments"), ("[]", "JSON object"), ("{", "not JSON")):
        written.write_text(text)
        assert sentence in intake("keys", "profile", keys, written, "--no-passphrase", code=1)
    sign(tmp_path, intake, version=5)
    again = write(written, intake, version=5)
    assert "File exists" in intake("keys", "profile", keys, again, "--no-passphrase", code=1)
    sign(tmp_path, intake)
    assert (keys / "profile-6.json").exists()
    intake("mechanism", "profile", keys / "profile-6.json")
    old = intake("mechanism", "profile", keys / "profile-5.json", code=1)
    assert "version 6 of this profile is there already" in old
    assert "does not hold" in intake("mechanism", "profile", keys / "bundle.json", code=1)
    impostor = make_mechanism(tmp_path / "impostor", "iapb").keys
    intake("keys", "profile", impostor, write(written, intake, version=7), "--no-passphrase")
    assert "another root" in intake("mechanism", "profile", impostor / "profile-7.json", code=1)


def test_a_root_key_with_a_passphrase_signs_only_with_it(tmp_path: Path, intake: Intake) -> None:
    keys = tmp_path / "protected"
    intake("keys", "new", "group", "--name", "en=Group", "--out", keys, answers="pass\npass\n")
    written = write(tmp_path / "written.json", intake)
    assert "passphrase" in intake("keys", "profile", keys, written, answers="wrong\n", code=1)
    intake("keys", "profile", keys, written, answers="pass\n")
    assert verify_profile((keys / "profile-1.json").read_bytes()).mechanism == "group"


def test_operator_compares_the_texts_that_people_read(intake: Intake) -> None:
    said = intake("mechanism", "texts")
    for language in ("be", "ru", "en"):
        text = consent_texts.current(language)
        assert f"{text.version} {language} sha256 {text.sha256}, shown now" in said
        assert f"2026-11 {language} sha256" in said
    assert said.count("shown now") == 3
