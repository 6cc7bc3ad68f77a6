"""A submitter looks again: every access is listed and checked, proofs are kept, promises are verified."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from crypto import log_leaf
from crypto.encoding import b64u_encode
from crypto.log_leaf import LogLeaf, Opening
from crypto.notes import Note, Signature
from crypto.receipt import Receipt
from intake.audit.events import Log
from intake.cli import app
from intake.client import api, proofs, submit
from intake.client.submit import Sent
from intake.record import consent_texts
from tests.client.forging import publish
from tests.service import Service, digits, new_receipt, on_every_database_in_time, prepared

KEY = b"k" * 32
RECORD = "ab" * 32
SHARE = b"s" * 32


def mine(service: Service, receipt: Receipt, *more: str, code: int = 0) -> str:
    arguments = ["mine", "--server", service.url, *more]
    result = CliRunner().invoke(app, arguments, input=digits(receipt) + "\n")
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


@on_every_database_in_time
def test_submitter_sees_who_opened_the_record_and_takes_a_proof(service: Service, tmp_path: Path) -> None:
    receipt, sent = service.submit(prepared(tmp_path / "t", {"a.txt": b"x"}))
    service.pull(tmp_path / "out")
    shown = mine(service, receipt, "--proofs", str(tmp_path / "kept"))
    assert "the record was given to demo" in shown and "opened by demo for un_fact_finding" in shown
    assert "a part was fetched by demo" in shown and "demo-puller" not in shown
    assert "not ready yet" in shown and not (tmp_path / "kept").exists()
    publish(service)
    shown = mine(service, receipt, "--proofs", str(tmp_path / "kept"))
    assert [p.name for p in (tmp_path / "kept").iterdir()] == ["notes-1.txt"]
    keys = service.installation.log_keys
    found = proofs.check_proof(
        (tmp_path / "kept" / "notes-1.txt").read_bytes(),
        keys.verifiers(keys.name("demo", Log.RECORDS)),
        sent.record,
    )
    assert found.signed and found.mechanism == "demo"
    mine(service, receipt, "--proofs", str(tmp_path / "kept"))
    assert len(list((tmp_path / "kept").iterdir())) == 2  # nothing is written over


def test_an_access_that_the_service_leaves_out_is_noticed(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt, _ = service.submit(prepared(tmp_path / "t", {}))
    service.pull(tmp_path / "out")
    whole = api.Api.get
    bend = {"delayed": 0}

    def get(self: api.Api, path: str, **options: Any) -> Any:
        answer = whole(self, path, **options)
        if path == "/v1/mailbox/accesses":
            del answer["accesses"][1]
            answer["delayed"] = bend["delayed"]
        return answer

    monkeypatch.setattr(api.Api, "get", get)
    shown = mine(service, receipt, code=2)
    assert "1 accesses are missing from the list (numbers 1)" in shown and "FORGED" in shown
    bend["delayed"] = 1
    shown = mine(service, receipt)
    assert "1 accesses are not shown yet: the mechanism shows them after its delay" in shown


def access(counter: int, **values: str) -> dict[str, Any]:
    fields = {"event": "record.opened", "mechanism": "demo", "day": "2026-11-05", "record": RECORD}
    opening = Opening.salted(fields | values, lambda n: b"x" * n)
    leaf = LogLeaf(log_leaf.tag(KEY, counter), opening.commitment())
    return {
        "mechanism": "demo", "log": "access", "index": 5, "counter": counter,
        "leaf": b64u_encode(leaf.encode()), "opening": opening.encode().decode(),
    }  # fmt: skip


def problems(*accesses: Any, **more: Any) -> list[str]:
    answer = {"accesses": list(accesses), "share": SHARE.hex()} | more
    return proofs.check_accesses(answer, RECORD, SHARE, KEY).problems


def test_every_forgery_of_the_list_of_accesses_is_named() -> None:
    zero, one, two = (access(n) for n in range(3))
    assert problems(zero, one, two) == [] and problems(two, zero, one) == []
    assert problems(zero, two, delayed=1) == []
    assert "numbers 1)" in problems(zero, two)[0]
    assert "numbers 0, 1)" in problems(two, delayed=1)[0]
    assert "numbers 0)" in problems()[0]
    assert "twice" in problems(zero, one, one)[0]
    assert "another record's" in problems(zero, one | {"counter": 2})[0]
    for names in ([], ["event", "mechanism"], ["mechanism", "day"], ["event", "day"]):
        blank = Opening.parse(one["opening"].encode()).disclose(names).encode().decode()
        assert "does not say its" in problems(zero, one | {"opening": blank})[0]
    other = access(1, purpose="archive")["opening"]
    assert "opening is not that of the leaf" in problems(zero, one | {"opening": other})[0]
    assert "another mechanism" in problems(zero, one | {"mechanism": "other"})[0]
    assert "about something else" in problems(zero, access(1, record="cd" * 32))[0]
    assert "another share" in problems(zero, share="00" * 32)[0]
    assert problems(zero, one | {"counter": True}) and problems(zero, "nonsense") and problems(zero, {})
    answer: Any
    for answer in ({}, [], {"accesses": 5}, {"accesses": [], "delayed": "1"}):
        assert "not of the form" in proofs.check_accesses(answer, RECORD, SHARE, KEY).problems[0]


@on_every_database_in_time
def test_the_promise_in_the_answer_is_verified(service: Service, tmp_path: Path) -> None:
    _, sent = service.submit(prepared(tmp_path / "t", {}))
    assert sent.broken is None and sent.promise and sent.statement in sent.promise


def bent(service: Service, tmp_path: Path, change: Any) -> Sent:
    """Submit, with the promise of the answer changed on its way."""

    class Bending(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = super().handle_request(request)
            if request.url.path != "/v1/submissions":
                return response
            response.read()
            body = response.json()
            change(body)
            return httpx.Response(response.status_code, json=body)

    with api.api(service.url, patience=10, transport=Bending()) as connection:
        known = submit.fetch_bundles(connection, {})
        sender = submit.Submitter(connection, new_receipt(), known, consent_texts.current("be"))
        return sender.submit(prepared(tmp_path, {}))


def other_text(service: Service, old: str, new: str) -> Any:
    """A promise that holds, and says something else."""

    def change(body: dict[str, Any]) -> None:
        text = Note.parse(body["promise"].encode()).text.replace(old or body["record"], new)
        body["promise"] = service.installation.log_keys.promise(text).decode()

    return change


def unsigned(body: dict[str, Any]) -> None:
    note = Note.parse(body["promise"].encode())
    (line,) = note.signatures
    wrong = Signature(line.name, line.key_id, bytes(64))
    body["promise"] = Note(note.text, (wrong,)).encode().decode()


def test_a_missing_or_forged_promise_is_complained_about_and_the_testimony_is_received(
    service: Service, tmp_path: Path
) -> None:
    for number, (change, sentence) in enumerate(
        [
            (lambda body: body.pop("promise"), "there is none"),
            (unsigned, "does not hold"),
            (other_text(service, "", "cd" * 32), "another record"),
            (other_text(service, "/demo/records", "/other/records"), "does not name the log of: demo"),
            (other_text(service, "/v1\n", "/v2\n"), "not of the form"),
            (other_text(service, "\n202", "\n192"), "over before it was made"),
            (other_text(service, "\n202", "\n982"), "until then the record could be kept out"),
        ]
    ):
        sent = bent(service, tmp_path / str(number), change)
        assert sent.fresh and sent.broken and sentence in sent.broken


def test_the_command_complains_loudly_and_keeps_nothing(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(tmp_path / "t", {})
    monkeypatch.chdir(tmp_path)
    arguments = ["submit", str(tmp_path / "t"), "--server", service.url, "--yes"]
    arguments += ["--to", "demo:un_fact_finding", "--capacity", "victim", "--language", "be"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0 and "Received" in result.output and "WARNING" not in result.output
    monkeypatch.setattr(submit.Submitter, "_promise_key", lambda self: "")
    result = CliRunner().invoke(app, arguments)
    shown = " ".join(result.output.split())
    assert "signed no valid promise" in shown and "record " in shown and "statement " in shown
    assert {p.name for p in tmp_path.iterdir()} == {"t", "var"}
