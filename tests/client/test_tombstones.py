"""What people take back: a mechanism's program obeys, keeps nothing in use, and says what is to be done."""

import json
import secrets
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from crypto import restoration
from crypto.age_keys import Recipient
from crypto.message import seal_message, sign_message
from intake import clock
from intake.cli import app
from intake.client import custody, pull
from intake.client.api import ApiError
from intake.client.custody import Ended
from intake.submissions import withdraw
from tests.casework import bundle_of, client, make_member, register_member
from tests.client.forging import publish
from tests.client.test_revisions import through
from tests.client.test_witness import pull_with
from tests.own import Person, add_medium, allow, mover, on_the_server, sent, texts
from tests.service import (
    PURPOSE,
    Mechanism,
    Service,
    make_mechanism,
    on_every_database_in_time,
    register,
)


def withdrawn(out: Path, record: str) -> list[dict[str, Any]]:
    """What ended the consent, as it was written down."""
    found: list[dict[str, Any]] = json.loads((out / "withdrawn" / record / "withdrawal.json").read_bytes())
    return found


def held(out: Path) -> list[str]:
    return sorted(path.name for path in (out / "records").iterdir())


@on_every_database_in_time
def test_a_withdrawn_record_is_moved_out_and_comes_anew_when_consent_is_given_again(
    service: Service, tmp_path: Path
) -> None:
    out, person = tmp_path / "out", Person(service)
    person.send("Тэкст")
    record = person.record
    service.pull(out)
    ended = Ended(record, 2, True, granted(out, record), custody.PERSON)
    assert person.revise(choices=[]).status_code == 201
    publish(service)

    assert service.pull(out).ended == [ended]
    folder = out / "withdrawn" / record
    assert held(out) == [] and (folder / "record.json").exists() and list((folder / "parts").glob("*.age"))
    assert json.loads((folder / "log.json").read_bytes())["proof"]
    (noted,) = withdrawn(out, record)
    assert (noted["revision"], noted["whole"], noted["by"]) == (2, True, "person")
    assert service.open(out, tmp_path / "opened") == []
    assert service.pull(out).ended == []

    person.revise("Другі", choices=[allow()])
    again = service.pull(out)
    assert (again.records, again.ended) == ([record], []) and held(out) == [record]
    assert service.open(out, tmp_path / "opened")[0].problems == {}
    other = service.pull(out, purpose="archive")  # another purpose reads the same list from its beginning
    assert other.ended == [] and held(out) == [record]

    person.revise(choices=[])
    publish(service)
    assert [e.revision for e in service.pull(out).ended] == [4] and held(out) == []
    assert [noted["revision"] for noted in withdrawn(out, record)] == [2, 4]
    logs = sorted(path.name for path in folder.glob("log*.json"))
    assert logs == ["log-1.json", "log.json"] and (folder / "record-1.json").exists()
    assert all(json.loads((folder / name).read_bytes())["proof"] for name in logs)


def granted(out: Path, record: str) -> tuple[str, ...]:
    """The compartments that a pulled record grants."""
    found = json.loads((out / "records" / record / "record.json").read_bytes())
    asked = json.loads(found["statements"][-1]["statement"])["audience"]
    return tuple(a["compartment"] for a in asked)


@on_every_database_in_time
def test_of_a_record_withdrawn_in_part_only_that_part_is_moved_out_with_what_opened_it(
    service: Service, tmp_path: Path, photo: bytes
) -> None:
    out, person = tmp_path / "out", Person(service)
    composer = person.composer([allow("demo", "identity")])
    texts(["Тэкст"], composer)
    media = add_medium(service, composer, "identity", photo)
    person.post(
        "/v1/submissions", person.body(composer, media) | {"receipt": person.receipt(composer.writer)}
    )
    record = person.record
    service.pull(out)
    (first,) = service.open(out, tmp_path / "opened")
    assert first.media == ["a.jpg"] and first.sealed_elsewhere == 0

    person.revise("Другі", choices=[allow()])
    pulled = service.pull(out)
    (ended,) = pulled.ended
    assert pulled.revised == [record] and (ended.whole, ended.by) == (False, custody.PERSON)
    (gone,) = ended.compartments
    folder = out / "withdrawn" / record
    assert len(list((folder / "parts").glob("*.age"))) == 2  # the picture and its label
    kept = json.loads((out / "records" / record / "record.json").read_bytes())
    assert gone not in {grant["compartment"] for grant in kept["grants"]}
    assert gone in {g["compartment"] for g in json.loads((folder / "record.json").read_bytes())["grants"]}
    assert not {path.name for path in (folder / "parts").iterdir()} & {
        path.name for path in (out / "records" / record / "parts").iterdir()
    }
    (second,) = service.open(out, tmp_path / "opened")
    assert (second.problems, second.media, second.sealed_elsewhere) == ({}, [], 2)
    assert second.left == ["media/a.jpg"]
    text = (tmp_path / "opened" / record / "testimony.txt").read_text()
    assert "withdrawn IN PART" in text and "2 parts are not granted" in text


def test_whoever_pulls_late_hears_of_no_withdrawal_that_was_before(service: Service, tmp_path: Path) -> None:
    person = Person(service)
    person.send("Адзін", choices=[allow("demo", "identity")])
    person.revise("Два", choices=[allow()])
    person.revise(choices=[])
    nothing = service.pull(tmp_path / "none")
    assert nothing == pull.Pulled(log=nothing.log) and held(tmp_path / "none") == []
    person.revise("Тры", choices=[allow()])
    pulled = service.pull(tmp_path / "late")
    assert (pulled.records, pulled.revised, pulled.ended, pulled.refused) == ([person.record], [], [], {})


class WithdrawingMeanwhile(httpx.HTTPTransport):
    """The person withdraws in the moment before a part is fetched."""

    def __init__(self, person: Person) -> None:
        super().__init__()
        self.person: Person | None = person

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if "/parts/" in request.url.path and self.person:
            person, self.person = self.person, None
            assert person.revise(choices=[]).status_code == 201
        return super().handle_request(request)


def test_a_withdrawal_between_the_list_and_a_part_is_no_error(service: Service, tmp_path: Path) -> None:
    out, person = tmp_path / "out", Person(service)
    person.send("Адзін", "Два")
    pulled = through(service, out, WithdrawingMeanwhile(person))
    assert pulled.records == [] and pulled.ended == []
    assert service.pull(out).refused == {}
    assert held(out) == [] and not list((out / "waiting").glob("*/*.json"))


def ask_by_members(service: Service, folder: Path, record: str) -> None:
    """Two members sign that the person wants it."""
    signers = [make_member(folder / name, service.mechanism, name) for name in ("anna", "boris")]
    document = restoration.make_document(
        record=record,
        mechanism="demo",
        kind=restoration.WITHDRAWAL,
        receipt=None,
        day=clock.day(),
        nonce=secrets.token_bytes(16),
    )
    signed = [(restoration.sign_restoration(document, m.key), m.member.raw) for m in signers]
    for member in signers:
        register_member(service, member)
    service.installation.restorations.ask(restoration.encode_envelope(document, signed), [])


@on_every_database_in_time
def test_a_withdrawal_that_the_person_did_not_sign_is_obeyed_and_said_to_be_one(
    service: Service, tmp_path: Path
) -> None:
    person = Person(service)
    person.send()
    record = person.record
    folders = [tmp_path / "with", tmp_path / "without"]
    for out in folders:
        service.pull(out)
    ask_by_members(service, tmp_path, record)
    (by_members,) = pull_with(service, folders[0], readers=bundle_of(service.mechanism)).ended
    assert (by_members.by, by_members.whole, by_members.revision) == (custody.MEMBERS, True, 1)
    assert [e.by for e in service.pull(folders[1]).ended] == [custody.UNVERIFIED]
    assert held(folders[0]) == held(folders[1]) == []

    second = Person(service)
    second.send()
    record = second.record
    service.pull(folders[0])
    with service.installation.database.write() as connection:
        withdraw.by_mechanism(connection, record, "demo", b"nothing that anybody signed")
    assert [(e.by, e.whole) for e in service.pull(folders[0]).ended] == [(custody.UNVERIFIED, True)]
    assert held(folders[0]) == []


def test_a_pull_that_was_killed_while_it_moved_a_record_out_ends_the_move(
    service: Service, tmp_path: Path
) -> None:
    out, person = tmp_path / "out", Person(service)
    person.send("Тэкст")
    record = person.record
    service.pull(out)
    state = (out / f"state.{PURPOSE}.json").read_bytes()
    person.revise(choices=[])
    service.pull(out)
    target, moving = out / "withdrawn" / record, out / "withdrawn" / f".{record}.moving"
    (moving / "parts").mkdir(parents=True)  # as far as it had come
    whole = {path.name for path in (target / "parts").iterdir()}
    for path in (target / "record.json", *list((target / "parts").iterdir())[:1]):
        path.rename(moving / path.relative_to(target))
    (out / f"state.{PURPOSE}.json").write_bytes(state)
    assert service.pull(out).ended == []
    assert not moving.exists() and (target / "record.json").exists() and len(withdrawn(out, record)) == 1
    assert {path.name for path in (target / "parts").iterdir()} == whole


@on_every_database_in_time
def test_a_deletion_is_marked_unmarked_and_when_it_is_done_the_record_goes_out(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = mover(monkeypatch)
    out, person = tmp_path / "out", Person(service)
    person.send("Тэкст")
    record = person.record
    service.pull(out)
    due = person.ask_deletion().json()["due_day"]
    pulled = service.pull(out)
    marker = out / "deletions" / f"{record}.json"
    assert pulled.deletions == {record: due} and json.loads(marker.read_bytes())["by"] == custody.PERSON
    service.open(out, tmp_path / "opened")
    text = (tmp_path / "opened" / record / "testimony.txt").read_text()
    assert f"ASKED FOR THIS TO BE DELETED on {due}" in text

    assert person.cancel_deletion().status_code == 200
    assert service.pull(out).deletions == {} and not marker.exists() and held(out) == [record]

    person.ask_deletion()
    service.pull(out)
    move(15)
    on_the_server(lambda: service.installation.deletion.complete_due())
    move(0)
    pulled = service.pull(out)
    assert pulled.ended == [Ended(record, None, True, (), custody.PERSON)]
    assert held(out) == [] and not marker.exists() and (out / "withdrawn" / record / "record.json").exists()


def test_an_erasure_takes_out_what_waits_too_and_says_that_the_service_says_so(
    service: Service, tmp_path: Path
) -> None:
    out, person = tmp_path / "out", Person(service)
    person.send("Тэкст")
    record = person.record
    service.pull(out)
    service.installation.erasure.erase(record)
    assert service.pull(out).ended == [Ended(record, None, True, (), custody.SERVICE)]
    assert held(out) == [] and withdrawn(out, record)[0]["by"] == "service"


def test_the_commands_say_what_has_to_be_done_with_what_was_taken_back(
    service: Service, tmp_path: Path
) -> None:
    out, opened, person = tmp_path / "out", tmp_path / "opened", Person(service)
    person.send("Тэкст")
    record = person.record
    service.pull(out)
    service.open(out, opened)
    person.revise(choices=[])
    options = ["--client", str(service.mechanism.client_file), "--purpose", PURPOSE]

    def intake(*words: str) -> str:
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == 0, result.output
        return " ".join(result.output.split())

    shown = intake("pull", service.url, "--out", str(out), *options)
    folder = str(out / "withdrawn" / record)
    assert "CONSENT WITHDRAWN" in shown and "(signed by the person)" in shown
    assert f"intake answer {folder} 2 deleted" in shown
    shown = intake("open", str(out), "--keys", str(service.mechanism.keys), "--out", str(opened))
    assert f"{opened / record} was opened before" in shown
    intake("answer", folder, "2", "retained", "--server", service.url, *options)
    (answered,) = person.get("/standings").json()["withdrawals"]
    assert (answered["mechanism"], answered["answer"]) == ("demo", "retained")


@pytest.fixture
def other(tmp_path: Path) -> Mechanism:
    return make_mechanism(tmp_path / "other-keys", "other")


@on_every_database_in_time
def test_a_message_is_not_fetched_by_another_mechanism_that_holds_its_compartments_key(
    service: Service, tmp_path: Path, other: Mechanism
) -> None:
    register(service.installation, other)
    person = Person(service)
    person.send(choices=[allow(), allow("other")])
    signed = person.open().reader.statement
    holders = [a.compartment for a in signed.audience]
    (shared,) = {c for c in holders if holders.count(c) == 2}
    (entry,) = [c for c in signed.compartments if c.id == shared]
    part = seal_message(
        Recipient.parse(entry.recipient), signed.record, shared, {"text": "…"}, secrets.token_bytes
    )
    envelope = sign_message(
        person.keys.signing,
        record=signed.record,
        mechanism="demo",
        day=clock.day(),
        answers=None,
        part=part.entry,
    )
    body = {"envelope": envelope.decode(), **{k: v for k, v in sent(part).items() if k != "id"}}
    assert person.post("/v1/mailbox/messages", body).status_code == 201
    for mechanism, comes in ((service.mechanism, True), (other, False)):
        with client(service, mechanism) as feed:
            found = feed.record(signed.record)
            assert found["parts"] and part.entry.id not in {p["id"] for p in found["parts"]}
            target, size = tmp_path / f"{mechanism.id}.age", len(part.header) + len(part.payload)
            if comes:
                feed.download(signed.record, part.entry.id, size, target)
                assert target.read_bytes() == part.header + part.payload
                continue
            with pytest.raises(ApiError) as error:
                feed.download(signed.record, part.entry.id, size, target)
            assert error.value.status == 404
