"""At the terminal: the operator invites, hands requests to the root's keeper, admits with the card, removes."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from intake import clock
from intake.audit import log
from intake.audit.events import Event, Log
from intake.cli import app
from intake.people import members, memberships
from intake.upkeep import check_people
from tests.service import Service
from tests.staff import Staff, client

Intake = Callable[..., str]


@pytest.fixture
def intake(service: Service, monkeypatch: pytest.MonkeyPatch) -> Intake:
    for name in service.settings.model_fields_set:
        monkeypatch.setenv(f"INTAKE_{name.upper()}", str(getattr(service.settings, name)))

    def run(*arguments: str | Path, code: int = 0, answers: str = "") -> str:
        result = CliRunner().invoke(app, [str(a) for a in arguments], input=answers)
        assert result.exit_code == code, result.output
        return " ".join(result.output.split())

    return run


def test_an_operator_invites_admits_with_the_roots_card_and_removes(
    service: Service, intake: Intake, tmp_path: Path
) -> None:
    link = intake("member", "invite", "demo", "--role", "reviewer", "--role", "custodian", "--days", "7")
    link, _, said = link.partition(" It names the root")
    secret, _, root = link.partition("/review#join=")[2].partition("&root=")
    assert root == Staff(service).bundle.root_fingerprint  # what the vault will keep
    assert said.endswith(" ".join(root[at : at + 4] for at in range(0, 64, 4)))  # to be compared by eye
    told = client(service).post("/review/v1/invitation", json={"secret": secret}).json()
    assert (told["roles"], told["days"]) == (["custodian", "reviewer"], 7)
    assert "no other role" in intake(
        "member", "invite", "demo", "--role", "auditor", "--role", "reviewer", code=1
    )
    assert "no such mechanism" in intake("member", "invite", "nobody", "--role", "auditor", code=1)

    assert intake("member", "requests", "demo") == "nobody waits"
    asked = Staff(service).applicant("reviewer", id="anna", name="Анна")
    said = intake("member", "requests", "demo", "--out", tmp_path)
    assert "anna (Анна): reviewer, 56 days" in said
    fingerprint = said.partition("the person: ")[2].partition(" written")[0]
    request = tmp_path / "anna.request.json"
    assert json.loads(request.read_bytes()) == {**json.loads(asked.request), "days": 56}
    # The root's keeper, on another machine.
    card = tmp_path / "card.json"
    keys = service.mechanism.keys
    more = ("--role", "reviewer", "--no-passphrase", "--yes", "--out")
    longer = tmp_path / "longer.json"
    assert "LONGER than the 56 days" in intake("keys", "admit", keys, request, "--days", "365", *more, longer)
    assert "the invitation was for 56" in intake("member", "admit", "demo", longer, code=1)
    said = intake("keys", "admit", keys, request, *more, card)
    assert fingerprint in said and "for 56 days" in said and "LONGER" not in said
    assert "anna is reviewer of demo" in intake("member", "admit", "demo", card)
    assert "is a member already, until" in intake("member", "admit", "demo", card, code=1)

    renewed = tmp_path / "renewed.json"
    assert "same keys, roles and first day" in intake(
        "member", "admit", "demo", other_roles(service, asked.request), code=1
    )
    intake("keys", "renew", keys, card, "--days", "90", "--no-passphrase", "--yes", "--out", renewed)
    until = (date.fromisoformat(clock.day()) + timedelta(days=90)).isoformat()
    assert f"anna is reviewer of demo until {until}" in intake("member", "admit", "demo", renewed)
    with service.installation.database.read() as connection:
        assert memberships.valid(connection, "demo")["anna"].expires == until
        assert members.valid(connection, "demo")["anna"].expires == until
    assert list(check_people.check(service.owner)) == []

    assert "needs a new epoch of keys" in intake("member", "remove", "demo", "anna")
    assert "no such member" in intake("member", "remove", "demo", "anna", code=1)
    assert "this membership has ended" in intake("member", "admit", "demo", renewed, code=1)
    with service.installation.database.read() as connection:
        events = [e.event for e in log.read(connection, "demo", Log.ACCESS, 0, 100)]
    admitted = [Event.MEMBER_ADMITTED] * 2
    wanted = [Event.MEMBER_INVITED, Event.MEMBER_APPLIED, *admitted, Event.MEMBER_REMOVED]
    assert [e for e in events if e in wanted] == wanted


def other_roles(service: Service, request: bytes) -> Path:
    path = service.scratch / "other.card.json"
    path.write_bytes(Staff(service).sign(request, ["custodian"], 90))
    return path


def test_admitting_to_the_demonstration_says_what_a_mechanism_would_not_do(
    service: Service, intake: Intake
) -> None:
    (service.settings.data_dir / "demo-mechanism-keys").symlink_to(service.mechanism.keys)
    staff, alone = Staff(service), "No second member had to agree"
    staff.applicant("reviewer", id="rita")
    said = intake("member", "admit-demo")
    assert "nobody compared a fingerprint" in said and alone not in said
    for name in ("one", "two"):
        staff.applicant("key-holder", id=name)
    assert alone in intake("member", "admit-demo")
    staff.applicant("custodian", id="carl")
    said = intake("member", "admit-demo")
    assert "carl was not admitted" in said and alone not in said
