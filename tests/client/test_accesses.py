"""What the service says about accesses is compared with the logs that it signed; so is its promise."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from crypto import log_leaf
from crypto.encoding import b64u_encode
from crypto.log_leaf import LogLeaf, Opening
from crypto.receipt import Receipt
from intake import clock
from intake.audit.events import Log
from intake.cli import app
from intake.client import api
from intake.client.search import days_from_now
from tests.client.forging import index_of, padding_entry, publish, rewrite, sign_anyway
from tests.client.test_mine import mine
from tests.service import Service, digits, new_receipt, prepared

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def receipt(service: Service, tmp_path: Path) -> Receipt:
    """Of a record that was pulled."""
    receipt, _ = service.submit(prepared(tmp_path / "t", {}))
    service.pull(tmp_path / "out")
    return receipt


def bend(monkeypatch: pytest.MonkeyPatch, path: str, change: Change) -> None:
    whole = api.Api.get

    def get(self: api.Api, asked: str, **options: Any) -> Any:
        answer = whole(self, asked, **options)
        if asked == path:
            change(answer)
        return answer

    monkeypatch.setattr(api.Api, "get", get)


def last_dropped(answer: dict[str, Any]) -> None:
    del answer["accesses"][1:]


def test_entries_that_are_not_signed_yet_are_marked(service: Service, receipt: Receipt) -> None:
    assert "opened by demo for un_fact_finding (not signed yet)" in mine(service, receipt)
    publish(service)
    shown = mine(service, receipt)
    assert "not signed yet" not in shown and "of 2 logs" in shown


def test_a_list_that_is_cut_at_its_end_is_found_in_the_logs(
    service: Service, receipt: Receipt, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(service)
    bend(monkeypatch, "/v1/mailbox/accesses", last_dropped)
    shown = mine(service, receipt, code=2)
    assert "(number 1), and is not in the list: a hidden access" in shown and "FORGED" in shown


def test_accesses_that_were_made_up_are_named(
    service: Service, receipt: Receipt, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(service)
    item: dict[str, Any] = {"mechanism": "demo", "log": "access", "index": 5}

    def add(answer: dict[str, Any]) -> None:
        counter = len(answer["accesses"])
        values = {"event": "record.opened", "mechanism": item["mechanism"], "day": clock.day()}
        opening = Opening.salted(values, secrets.token_bytes)
        key = receipt.keys().record_key(bytes.fromhex(answer["share"]))  # the service holds it, too
        leaf = LogLeaf(log_leaf.tag(key, counter), opening.commitment())
        shown = {"leaf": b64u_encode(leaf.encode()), "opening": opening.encode().decode()}
        answer["accesses"].append(item | {"counter": counter} | shown)

    bend(monkeypatch, "/v1/mailbox/accesses", add)
    assert "the log holds another entry there: it was made up" in mine(service, receipt, code=2)
    item["mechanism"] = "harmless"
    assert "in a log that the service does not show" in mine(service, receipt, code=2)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda answer: answer["logs"].pop(), "the service shows no log of"),
        (lambda answer: answer.update(logs=5), "not of the form"),
        (lambda answer: answer["logs"][0].update(keys=[]), "there is no key to verify it with"),
        (lambda answer: answer["logs"][0].update(keys=answer["logs"][1]["keys"]), "keys of another log"),
    ],
)
def test_logs_that_cannot_be_checked_are_named(
    service: Service, receipt: Receipt, monkeypatch: pytest.MonkeyPatch, change: Change, what: str
) -> None:
    publish(service)
    bend(monkeypatch, "/v1/logs", change)
    assert what in mine(service, receipt, code=2)


def test_entries_that_are_not_those_that_were_signed_are_named(service: Service, receipt: Receipt) -> None:
    publish(service)
    rewrite(service, 3, Log.ACCESS, **padding_entry())
    assert "are not those that were signed" in mine(service, receipt, code=2)


def test_keys_given_by_hand_are_believed_instead_of_those_shown(
    service: Service, receipt: Receipt, tmp_path: Path
) -> None:
    publish(service)
    keys = service.installation.log_keys
    own = [key.text for kind in Log for key in keys.verifiers(keys.name("demo", kind))]
    (tmp_path / "keys").write_text("".join(f"{text}\n" for text in own))
    mine(service, receipt, "--log-key", str(tmp_path / "keys"))
    keys.rotate()
    strangers = [key.text for kind in Log for key in keys.verifiers(keys.name("demo", kind))]
    (tmp_path / "keys").write_text("".join(f"{text}\n" for text in strangers if text not in own))
    mine(service, receipt)  # the next checkpoint will have both signatures
    shown = mine(service, receipt, "--log-key", str(tmp_path / "keys"), code=2)
    assert "a key of the log has not signed it" in shown


def test_a_promise_is_kept_when_asked_for_and_compared_with_the_logs(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(tmp_path / "t", {})
    receipt, path = new_receipt(), tmp_path / "promise"
    arguments = ["submit", str(tmp_path / "t"), "--server", service.url, "--yes", "--receipt"]
    arguments += [
        "--to",
        "demo:un_fact_finding",
        "--capacity",
        "victim",
        "--language",
        "be",
        "--promise",
        str(path),
    ]
    sent = CliRunner().invoke(app, arguments, input=digits(receipt) + "\n")
    assert sent.exit_code == 0, sent.output
    assert path.stat().st_mode & 0o777 == 0o600 and "intake/promise/v1" in path.read_text()
    again = CliRunner().invoke(app, arguments, input=digits(receipt) + "\n")
    assert again.exit_code == 1 and "nothing was sent" in again.output
    assert "not due yet" in mine(service, receipt, "--promise", str(path))
    publish(service)
    assert "Promise kept" in mine(service, receipt, "--promise", str(path))

    record = path.read_text().split("\n")[1]
    nothing: dict[str, Any] = {"record": None, "event": None, "counter": None}
    rewrite(service, index_of(service, record), **padding_entry(), **nothing)
    sign_anyway(service)
    assert "not due yet" in mine(service, receipt, "--promise", str(path), code=2)  # the list is forged
    monkeypatch.setattr(clock, "now", lambda now=clock.now: now() + clock.DAY)
    sign_anyway(service)
    shown = mine(service, receipt, "--promise", str(path), code=2)
    assert "BROKEN PROMISE" in shown and f"signed on {days_from_now(1)}" in shown
    path.write_text(path.read_text().replace(record, "ab" * 32))
    assert "no promise of the service" in mine(service, receipt, "--promise", str(path), code=2)
