"""At the terminal: a member gets a key, writes, says what became of it; a lost receipt is replaced."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crypto.receipt import Receipt
from intake import clock
from intake.cli import app
from tests.service import PURPOSE, Service, digits, prepared

Intake = Callable[..., str]


@pytest.fixture
def intake(service: Service, monkeypatch: pytest.MonkeyPatch) -> Intake:
    """The command; as the operator it works on the service's own data."""
    for name in service.settings.model_fields_set:
        monkeypatch.setenv(f"INTAKE_{name.upper()}", str(getattr(service.settings, name)))

    def run(*arguments: str | Path, code: int = 0, answers: str = "") -> str:
        result = CliRunner().invoke(app, [str(a) for a in arguments], input=answers)
        assert result.exit_code == code, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return " ".join(result.output.split())

    return run


class People:
    """The mechanism's, with a pulled record."""

    def __init__(self, service: Service, intake: Intake, folder: Path) -> None:
        self.folder, self.intake, self.service = folder, intake, service
        self.receipt, sent = service.submit(prepared(folder / "testimony", {}, narrative="Was ich sah"))
        service.pull(folder / "pulled")
        self.record = folder / "pulled" / "records" / sent.record
        self.bundle = service.mechanism.keys / "bundle.json"
        self.access = [
            "--server",
            service.url,
            "--client",
            service.mechanism.client_file,
            "--purpose",
            PURPOSE,
        ]
        self.case = [*self.access, "--keys", service.mechanism.keys, "--bundle", self.bundle]

    def member(self, name: str, *more: str) -> list[str | Path]:
        """Made, certified, added; how they sign."""
        run, keys = self.intake, self.folder / name
        assert "keep secret" in run("member", "new", name, "--out", keys, "--no-passphrase", *more)
        public, root = keys / f"{name}.member.json", self.service.mechanism.keys
        assert "until" in run("member", "certify", root, public, "--no-passphrase")
        assert f"{name} speaks for demo" in run("member", "add", "demo", keys / f"{name}.certificate.json")
        return ["--member", keys / f"{name}.member.key", "--no-passphrase"]

    def own(self, receipt: Receipt, *more: str, code: int = 0) -> str:
        """What the submitter does."""
        given = digits(receipt) + "\n"
        return self.intake("message", "--server", self.service.url, *more, answers=given, code=code)


@pytest.fixture
def people(service: Service, intake: Intake, tmp_path: Path) -> People:
    return People(service, intake, tmp_path)


def test_a_member_and_a_submitter_write_to_each_other(people: People, tmp_path: Path) -> None:
    anna = people.member("anna", "--name", "Case officer")
    text = tmp_path / "question.txt"
    text.write_text("Якога дня?\n", "utf-8")
    sent = people.intake("reply", people.record, *people.case, *anna, "--file", text)
    assert "Sent: message " in sent
    shown = people.own(people.receipt)
    assert "Case officer, with demo" in shown and "Якога дня?" in shown and "waits for your answer" in shown
    answer = tmp_path / "answer.txt"
    answer.write_text("Дзявятага.", "utf-8")
    people.own(people.receipt, "--to", "demo", "--file", str(answer), "--answers", sent.split()[-1])
    shown = people.intake("messages", people.record, *people.case)
    assert "Дзявятага." in shown and "the person, with demo" in shown
    assert "in_case" in people.intake("standing", people.record, "in_case", *people.access)
    assert f"opened, in_case since {clock.day()}" in people.own(people.receipt)
    assert "no longer" in people.intake("member", "revoke", "demo", "anna")
    assert "revoked" in people.intake("reply", people.record, *people.case, *anna, "--file", text, code=1)


def test_what_is_wrong_is_said_in_one_sentence(people: People, tmp_path: Path) -> None:
    run = people.intake
    assert "there is no such withdrawal" in run("answer", people.record, 1, "deleted", *people.access, code=1)
    assert "one of: in_case, closed" in run("standing", people.record, "lost", *people.access, code=1)
    assert "Nothing of this" not in people.own(people.receipt, "--to", "nobody", "--file", __file__, code=1)
    assert "mistyped" in run("message", "--server", people.service.url, answers="1234 " * 9 + "\n", code=1)
    assert "--root is" in run("message", "--root", "demo", answers="\n", code=1)
    assert "error:" in run("messages", tmp_path, *people.case, code=1)
    assert "either --receipt" in run(
        "restore", "ask", people.record, "--bundle", people.bundle, "--out", "x", code=1
    )


def test_two_members_replace_a_lost_receipt(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, service = people.intake, people.service
    anna, bela = people.member("anna"), people.member("bela")
    shown = run("restore", "receipt", "--out", tmp_path / "halves.json", "--yes")
    groups = [word for word in shown.split() if word.isdigit() and len(word) == 4][:9]
    new = Receipt.parse(" ".join(groups))
    file = tmp_path / "restoration.json"
    run(
        "restore",
        "ask",
        people.record,
        "--bundle",
        people.bundle,
        "--receipt",
        tmp_path / "halves.json",
        "--out",
        file,
    )
    for member in (anna, bela):
        assert "a second receipt" in run(
            "restore", "sign", file, "--bundle", people.bundle, *member, answers="y\n"
        )
    assert "already" in run("restore", "sign", file, "--bundle", people.bundle, *bela, "--yes", code=1)
    sent = run(
        "restore", "send", file, people.record, "--keys", service.mechanism.keys, "--server", service.url
    )
    assert "waiting" in sent and clock.day(clock.now() + 14 * clock.DAY) in sent
    assert "to refuse it: --object" in people.own(people.receipt)
    people.own(new, code=1)
    real = clock.now
    with monkeypatch.context() as future:
        future.setattr(clock, "now", lambda: real() + 14 * clock.DAY)
        assert service.installation.restorations.complete_due() == 1
    assert "demo: received, opened" in people.own(new) and "done" in people.own(people.receipt)
    withdrawal = tmp_path / "withdrawal.json"
    run("restore", "ask", people.record, "--bundle", people.bundle, "--withdrawal", "--out", withdrawal)
    for member in (anna, bela):
        run("restore", "sign", withdrawal, "--bundle", people.bundle, *member, "--yes")
    said = run(
        "restore",
        "send",
        withdrawal,
        people.record,
        "--keys",
        service.mechanism.keys,
        "--server",
        service.url,
    )
    assert "Consent is withdrawn" in said
    assert "no answer yet" in people.own(people.receipt)
    people.own(new, code=1)  # it was a window of the mechanism that is out now
    run("answer", people.record, 1, "retained", *people.access)
    assert "withdrawn from demo" in people.own(people.receipt) and "retained" in people.own(people.receipt)
