"""A record goes on: what was signed stays, and what does not follow from it is not stored."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from crypto import statement as statements
from crypto.encoding import b64u_encode, canonical_json
from crypto.withdrawal import DELETION, sign_withdrawal
from intake.people import mechanisms
from intake.submissions import revise
from intake.upkeep.check import check
from tests.own import Person, allow, identities
from tests.service import (
    PURPOSE,
    Mechanism,
    Service,
    make_mechanism,
    new_receipt,
    on_every_backend,
    on_every_database_in_time,
    register,
)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Mechanism:
    return make_mechanism(tmp_path_factory.mktemp("other-keys"), "other")


@pytest.fixture
def person(service: Service) -> Person:
    sender = Person(service)
    sender.send("Першы тэкст")
    return sender


def read(service: Service, folder: Path, mechanism: Mechanism | None = None) -> dict[str, set[str]]:
    """Record → texts that a mechanism's people open after a pull."""
    service.pull(folder / "pulled", mechanism)
    found = {}
    for opened in service.open(folder / "pulled", folder / "opened", mechanism):
        assert opened.problems == {}
        parts = json.loads((folder / "opened" / opened.record / "testimony.json").read_text())["parts"]
        found[opened.record] = {p["fields"]["text"] for p in parts.values() if p.get("kind") == "narrative"}
    return found


def resign(person: Person, body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The body with another statement, signed anew by the same receipt."""
    data = canonical_json(json.loads(body["statement"]) | changes)
    signature = statements.sign(data, person.keys.signing)
    return body | {"statement": data.decode(), "signature": b64u_encode(signature)}


@on_every_backend
def test_person_adds_a_text_and_the_mechanism_reads_both(service: Service, tmp_path: Path) -> None:
    person = Person(service)
    person.send("Першы тэкст")
    answer = person.revise("Другі тэкст")
    assert answer.status_code == 201 and answer.json()["revision"] == 2 and answer.json()["withdrawn"] == {}
    assert "intake/promise/v1" in answer.json()["promise"]
    assert person.look()["revision"] == 2 and person.look()["restored"] is False
    assert read(service, tmp_path / "a") == {person.record: {"Першы тэкст", "Другі тэкст"}}
    found = service.installation
    assert list(check(service.owner, found.store, found.log_keys, read_data=True)) == []


@on_every_database_in_time
def test_the_same_revision_twice_is_one_answer(service: Service, person: Person) -> None:
    body = person.revision("Другі тэкст")
    first = person.post("/v1/mailbox/revisions", body, "k" * 20)
    again = person.post("/v1/mailbox/revisions", body, "k" * 20)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["record"] == again.json()["record"] and again.json()["revision"] == 2
    third = person.post("/v1/mailbox/revisions", body)
    assert (third.status_code, third.json()["code"]) == (409, "revision_behind")
    assert person.look()["revision"] == 2
    stranger = Person(service)
    stranger.send()
    told = stranger.post("/v1/mailbox/revisions", body, "k" * 20)
    assert (told.status_code, told.json()["code"]) == (422, "key_reused")


@on_every_database_in_time
def test_of_two_revisions_at_once_one_is_stored_and_the_other_is_told(
    service: Service, person: Person
) -> None:
    bodies = [person.revision(f"Тэкст {n}") for n in range(4)]
    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda b=body: answers.append(person.post("/v1/mailbox/revisions", b)))
        for body in bodies
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    codes = sorted((a.status_code, a.json().get("code")) for a in answers)
    assert codes == [(201, None)] + [(409, "revision_behind")] * 3
    assert person.look()["revision"] == 2
    texts = [s.values["text"] for s in person.open().of("narrative")]
    assert len(texts) == 2
    found = service.installation
    assert list(check(service.owner, found.store, found.log_keys, read_data=True)) == []


@on_every_database_in_time
def test_the_same_revision_many_times_at_once_is_stored_once(service: Service, person: Person) -> None:
    body = person.revision("Другі тэкст")
    answers: list[Any] = []

    def post() -> None:
        answers.append(person.post("/v1/mailbox/revisions", body, "k" * 20))

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(a.status_code for a in answers) == [200, 200, 200, 201]
    assert {a.json()["revision"] for a in answers} == {2} and person.look()["revision"] == 2


def test_what_does_not_follow_from_the_record_is_refused(
    service: Service, person: Person, other: Mechanism
) -> None:
    register(service.installation, other)
    body = person.revision("Другі тэкст")
    signed = json.loads(body["statement"])
    stranger = new_receipt().keys()

    def refused(body: dict[str, Any]) -> tuple[int, str]:
        answer = person.post("/v1/mailbox/revisions", body)
        return answer.status_code, answer.json()["code"]

    forged = statements.sign(body["statement"].encode(), stranger.signing)
    assert refused(body | {"signature": b64u_encode(forged)}) == (422, "statement_invalid")
    assert refused(resign(person, body, revision=1, previous=None)) == (409, "revision_behind")
    assert refused(resign(person, body, revision=3)) == (409, "revision_behind")
    assert refused(resign(person, body, previous="00" * 32)) == (422, "statement_invalid")
    assert refused(resign(person, body, created_day="2020-08-09")) == (422, "day")
    without = signed["parts"][1:]
    assert refused(resign(person, body, parts=without)) == (422, "revision_drops")
    assert refused(resign(person, body, parts=[*reversed(signed["parts"])])) == (422, "revision_drops")
    moved = [signed["compartments"][0] | {"class": "identity"}, *signed["compartments"][1:]]
    assert refused(resign(person, body, compartments=moved)) == (422, "revision_drops")
    older = [signed["compartments"][0] | {"generation": 9}, *signed["compartments"][1:]]
    assert refused(resign(person, body, compartments=older)) == (422, "revision_drops")
    assert refused(body | {"parts": []}) == (422, "parts_differ")
    assert refused(body | {"unknown": 1}) == (422, "malformed")
    assert refused(body | {"withdrawals": {"demo": "{}"}}) == (422, "withdrawal_invalid")
    assert refused(resign(person, body, audience=[], consent=[])) == (422, "withdrawal_missing")
    foreign = Person(service)
    foreign.send("Чужы тэкст")
    assert refused(foreign.revision("Чужы тэкст"))[0] == 422
    assert person.look()["revision"] == 1 and foreign.look()["revision"] == 1
    assert person.post("/v1/mailbox/revisions", body).status_code == 201
    nobody = Person(service)
    assert nobody.post("/v1/mailbox/revisions", body).status_code == 404


def test_a_revision_that_changes_nothing_is_none(service: Service, person: Person) -> None:
    refused = person.revise()
    assert (refused.status_code, refused.json()["code"]) == (422, "revision_empty")
    assert person.look()["revision"] == 1


@pytest.mark.parametrize("limit", ["MAX_REVISIONS", "MAX_STATEMENTS"])
def test_a_record_that_is_full_goes_on_to_be_withdrawn(
    service: Service, person: Person, other: Mechanism, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    register(service.installation, other)
    assert person.revise(choices=[allow(), allow("other")]).status_code == 201
    size = sum(len(data) for data, _ in person.revisions())
    monkeypatch.setattr(revise, limit, {"MAX_REVISIONS": 2, "MAX_STATEMENTS": size}[limit])
    refused = person.revise("Яшчэ")
    assert (refused.status_code, refused.json()["code"]) == (413, "record_full")
    assert person.revise(choices=[allow()]).status_code == 201
    assert person.revise(choices=[allow(), allow("other")]).json()["code"] == "record_full"
    assert person.revise(choices=[]).status_code == 201
    assert person.look()["revision"] == 4


def test_a_withdrawal_says_what_the_statement_says(service: Service, person: Person) -> None:
    body = person.revision(choices=[])
    audience = json.loads(person.look()["statements"][0]["statement"])["audience"]
    all_of_it = tuple(a["compartment"] for a in audience)

    def refused(mechanism: str = "demo", **changes: Any) -> str:
        made = person.withdrawal(mechanism, **({"compartments": all_of_it} | changes))
        envelope = sign_withdrawal(made, person.keys.signing).decode()
        answer = person.post("/v1/mailbox/revisions", body | {"withdrawals": {"demo": envelope}})
        assert answer.status_code == 422
        return str(answer.json()["code"])

    assert refused(record="ab" * 32) == "withdrawal_other"
    assert refused(mechanism="other") == "withdrawal_other"
    assert refused(whole=False) == "withdrawal_other"
    assert refused(compartments=()) == "withdrawal_other"
    assert refused(revision=2) == "withdrawal_other"
    assert refused(statement="ab" * 32) == "withdrawal_other"
    assert refused(kind=DELETION) == "withdrawal_other"
    assert (
        person.post("/v1/mailbox/revisions", body | {"withdrawals": {}}).json()["code"]
        == "withdrawal_missing"
    )
    more = body["withdrawals"] | {"other": body["withdrawals"]["demo"]}
    assert person.post("/v1/mailbox/revisions", body | {"withdrawals": more}).status_code == 422
    assert person.look()["revision"] == 1
    assert person.post("/v1/mailbox/revisions", body).json()["withdrawn"] == {"demo": "destroyed"}


@on_every_database_in_time
def test_person_names_another_mechanism_which_then_reads_everything(
    service: Service, person: Person, other: Mechanism, tmp_path: Path
) -> None:
    register(service.installation, other)
    assert read(service, tmp_path / "a", other) == {}
    person.revise("Другі тэкст", choices=[allow(), allow("other")])
    assert read(service, tmp_path / "b", other) == {person.record: {"Першы тэкст", "Другі тэкст"}}
    assert person.open().choices().keys() == {"demo", "other"}
    assert identities(other)


@on_every_database_in_time
def test_a_receipt_that_shows_nothing_any_more_still_adds_and_withdraws(
    service: Service, person: Person, other: Mechanism, tmp_path: Path
) -> None:
    register(service.installation, other)
    person.revise(choices=[allow(), allow("other", purposes=("archive",))])
    assert person.delete("/grants").json()["deleted"] > 0
    assert person.look()["grants"] == [] and person.open().said == []
    assert person.delete("/grants").json() == {"deleted": 0}

    added = person.revise("Яшчэ", choices=[allow(), allow("other", purposes=("archive",))])
    assert added.status_code == 201, added.text
    assert person.look()["grants"] == []
    assert read(service, tmp_path / "a") == {person.record: {"Першы тэкст", "Яшчэ"}}
    gone = person.revise(choices=[allow()])
    assert gone.json()["withdrawn"] == {"other": "destroyed"}
    assert service.pull(tmp_path / "b", other).records == []


def test_a_revision_goes_on_while_a_mechanism_takes_nothing_new(
    service: Service, person: Person, other: Mechanism, tmp_path: Path
) -> None:
    register(service.installation, other)
    both = (PURPOSE, "archive")
    person.revise(choices=[allow(), allow("other", purposes=both)])
    with service.installation.database.write() as connection:
        mechanisms.close(connection, "other")
    less = person.revise("Другі", choices=[allow(), allow("other", purposes=(PURPOSE,))])
    assert less.status_code == 201, less.text
    more = person.revision()
    signed = json.loads(more["statement"])
    signed["consent"][1]["purposes"] = list(both)
    refused = person.post("/v1/mailbox/revisions", resign(person, more, consent=signed["consent"]))
    assert (refused.status_code, refused.json()["code"]) == (422, "mechanism_unknown")
