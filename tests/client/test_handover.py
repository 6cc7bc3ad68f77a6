"""One body's mandate ends and another continues it: what is handed over, pulled, opened, and taken back."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from crypto.errors import VerifyError
from crypto.log_leaf import Opening
from intake import clock
from intake.audit import log
from intake.audit.events import Event
from intake.cli import app
from intake.client import api, custody, handover, opening, pull
from intake.client.custody import Ended
from intake.client.pull import Incomplete
from intake.db.tables import submissions as t
from intake.upkeep.check import check
from tests.casework import bundle_of
from tests.client.test_tombstones import ask_by_members, held, withdrawn
from tests.http.test_handover import appoint, heir, stored, told, witness_of_demo
from tests.own import Person, allow, identities, mover, on_the_server, publish_profile
from tests.service import PURPOSE, Mechanism, Service, on_every_database_in_time

__all__ = ["heir"]


def give(service: Service, out: Path, heir: Mechanism, **more: Any) -> handover.HandedOver:
    """What the people of `demo` do with what they pulled."""
    key = pull.load_client(service.mechanism.client_file)
    keys = more.pop("identities", identities(service.mechanism))
    with api.api(service.url, patience=5) as connection:
        feed = handover.HandoverClient(connection, key, PURPOSE)
        return handover.hand_over(feed, out, keys, bundle_of(heir), clock.day(), **more)


def texts(opened: Path, record: str) -> list[str]:
    """What can be read of it."""
    found = json.loads((opened / record / "testimony.json").read_bytes())
    return [line["said"]["text"] for line in found["narratives"]]


def silent(service: Service) -> bool:
    found = service.installation
    return not list(check(service.owner, found.store, found.log_keys, read_data=False))


@on_every_database_in_time
def test_one_body_hands_over_and_the_other_pulls_and_opens(
    service: Service, heir: Mechanism, tmp_path: Path
) -> None:
    appoint(service, heir)
    person, second = witness_of_demo(service, "identity"), witness_of_demo(service, successor=False)
    record, out, theirs = person.record, tmp_path / "out", tmp_path / "theirs"
    service.pull(out)
    done = give(service, out, heir)
    assert (done.records, done.not_allowed, done.failed) == ([record], [second.record], {})
    assert done.grants == len(stored(service, "heir")[1]) > 0
    again = give(service, out, heir)
    assert (again.records, again.before, again.grants) == ([], [record], 0)

    pulled = service.pull(theirs, heir)
    assert (pulled.records, pulled.refused) == ([record], {}) and held(theirs) == [record]
    (opened,) = service.open(theirs, tmp_path / "opened", heir)
    assert (opened.problems, opened.foreign) == ({}, False)
    assert texts(tmp_path / "opened", record) == ["Тэкст"]
    said = json.loads((tmp_path / "opened" / record / "testimony.json").read_bytes())
    assert said["handed_over_by"] == "demo" and said["consent"][0]["mechanism"] == "demo"
    kept = json.loads((theirs / "records" / record / "log.json").read_bytes())
    assert Opening.parse(kept["opening"].encode()).values["from"] == "demo"

    # The person adds, and withdraws in the end.
    assert person.revise("Больш", choices=[allow("demo", "identity", successor=True)]).status_code == 201
    assert service.pull(theirs, heir).revised == [record] and service.pull(out).revised == [record]
    service.open(theirs, tmp_path / "opened", heir)
    assert len(texts(tmp_path / "opened", record)) == 2  # it went into a compartment that both have
    assert give(service, out, heir).records == [record] and silent(service)
    person.revise(choices=[])
    (ended,) = service.pull(theirs, heir).ended
    assert (ended.record, ended.revision, ended.whole, ended.by) == (record, 3, True, custody.PERSON)
    assert held(theirs) == [] and withdrawn(theirs, record)[0]["by"] == "person"
    assert service.open(theirs, tmp_path / "opened", heir) == [] and silent(service)
    assert give(service, out, heir).before == [record]  # not pulled since, and nothing is sent of it


@on_every_database_in_time
def test_what_was_added_in_a_new_compartment_comes_after_a_second_handing_over(
    service: Service, heir: Mechanism, tmp_path: Path
) -> None:
    appoint(service, heir)
    person = witness_of_demo(service)
    record, out, theirs = person.record, tmp_path / "out", tmp_path / "theirs"
    service.pull(out)
    give(service, out, heir)
    service.pull(theirs, heir)
    composer = person.composer([allow("demo", "identity", successor=True)])
    composer.section("person", {"names": "Ян"})
    assert person.post("/v1/mailbox/revisions", person.body(composer)).status_code == 201
    service.pull(theirs, heir)
    (opened,) = service.open(theirs, tmp_path / "opened", heir)
    assert opened.sealed_elsewhere == 1
    service.pull(out)
    done = give(service, out, heir)
    assert (done.records, done.grants) == ([record], 1)
    pulled = service.pull(theirs, heir)
    assert (pulled.records, pulled.revised) == ([], [record])
    (opened,) = service.open(theirs, tmp_path / "opened", heir)
    assert (opened.sealed_elsewhere, opened.problems) == (0, {}) and silent(service)

    assert person.revise(choices=[allow("demo", successor=True)]).status_code == 201
    (ended,) = service.pull(theirs, heir).ended
    assert (ended.whole, ended.by, len(ended.compartments)) == (False, custody.PERSON, 1)
    (opened,) = service.open(theirs, tmp_path / "opened", heir)
    assert (opened.sealed_elsewhere, opened.problems) == (1, {}) and held(theirs) == [record]


@on_every_database_in_time
def test_whoever_pulls_late_has_what_was_given_again_and_not_what_ended(
    service: Service, heir: Mechanism, tmp_path: Path
) -> None:
    appoint(service, heir)
    person, gone = witness_of_demo(service), witness_of_demo(service)
    record, out = person.record, tmp_path / "out"
    service.pull(out)
    give(service, out, heir)
    person.revise(choices=[allow("demo")])
    gone.revise(choices=[])
    person.revise(choices=[allow("demo", successor=True)])
    service.pull(out)
    assert give(service, out, heir).records == [record]
    theirs = tmp_path / "theirs"
    pulled = service.pull(theirs, heir)
    assert (pulled.records, pulled.ended, pulled.refused) == ([record], [], {}) and held(theirs) == [record]
    assert service.pull(theirs, heir, "archive").ended == [] and held(theirs) == [record]


def test_without_the_tick_any_more_the_successor_lets_go(
    service: Service, heir: Mechanism, tmp_path: Path
) -> None:
    appoint(service, heir)
    person = witness_of_demo(service)
    record, out, theirs = person.record, tmp_path / "out", tmp_path / "theirs"
    service.pull(out)
    give(service, out, heir)
    service.pull(theirs, heir)
    person.revise(choices=[allow("demo")])
    assert service.pull(theirs, heir).ended == [Ended(record, 2, True, (), custody.PERSON)]
    assert held(theirs) == [] and withdrawn(theirs, record)[0]["by"] == "person"
    service.pull(out)
    assert give(service, out, heir).not_allowed == [record]


def test_members_who_withdraw_for_the_person_withdraw_from_the_successor_too(
    service: Service, heir: Mechanism, tmp_path: Path
) -> None:
    appoint(service, heir)
    person = witness_of_demo(service)
    out, theirs = tmp_path / "out", tmp_path / "theirs"
    service.pull(out)
    give(service, out, heir)
    service.pull(theirs, heir)
    ask_by_members(service, tmp_path, person.record)
    (ended,) = service.pull(theirs, heir).ended
    assert (ended.whole, ended.by) == (True, custody.UNVERIFIED) and held(theirs) == []
    assert silent(service)


@on_every_database_in_time
def test_a_deletion_is_marked_and_done_at_the_successor_too(
    service: Service, heir: Mechanism, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = mover(monkeypatch)
    appoint(service, heir)
    person = witness_of_demo(service)
    record, out, theirs = person.record, tmp_path / "out", tmp_path / "theirs"
    service.pull(out)
    give(service, out, heir)
    service.pull(theirs, heir)
    due = person.ask_deletion().json()["due_day"]
    assert service.pull(theirs, heir).deletions == {record: due}
    marked = json.loads((theirs / "deletions" / f"{record}.json").read_bytes())
    assert marked["by"] == custody.PERSON
    service.pull(out)
    assert "deleted" in give(service, out, heir).failed[record]
    move(15)
    on_the_server(lambda: service.installation.deletion.complete_due())
    move(0)
    assert service.pull(theirs, heir).ended == [Ended(record, None, True, (), custody.PERSON)]
    assert held(theirs) == [] and silent(service)


def test_a_record_that_no_consent_covers_is_neither_kept_nor_opened(
    service: Service, heir: Mechanism, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    appoint(service, heir)
    person = witness_of_demo(service)
    record, out, theirs = person.record, tmp_path / "out", tmp_path / "theirs"
    service.pull(out)
    give(service, out, heir)
    signed = person.open().reader.statement
    custody.require_allowed(signed, "demo", None)
    custody.require_allowed(signed, "heir", "demo")
    for mechanism, origin in (("heir", None), ("heir", "other"), ("heir", "heir")):
        with pytest.raises(VerifyError, match="no consent for heir"):
            custody.require_allowed(signed, mechanism, origin)
    other = witness_of_demo(service, successor=False)  # and a service that hands it out all the same
    on_the_server(lambda: hand_out(service, other.record))
    with pytest.raises(Incomplete, match="released without consent"):
        service.pull(theirs, heir)
    assert [path.name for path in opening.pulled_records(theirs)] == [record]

    path = theirs / "records" / record / "record.json"
    kept = json.loads(path.read_bytes())
    person.revise(choices=[allow("demo")])
    kept["statements"] = person.look()["statements"]
    path.write_text(json.dumps(kept))
    (opened,) = service.open(theirs, tmp_path / "opened", heir)
    assert "no consent for heir" in opened.problems["record"] and not (tmp_path / "opened" / record).exists()


def hand_out(service: Service, record: str) -> None:
    """As a service would that asks nobody."""
    with service.owner.write() as connection:
        row = {"record": record, "mechanism": "heir", "purposes": [PURPOSE], "successor": False}
        connection.execute(t.audience.insert().values(row))
        log.append(connection, "heir", Event.RECORD_ADDED, record=record, **{"revision": 1, "from": "demo"})


def test_what_these_keys_do_not_open_and_what_the_successor_does_not_take_stays(
    service: Service, heir: Mechanism, tmp_path: Path
) -> None:
    appoint(service, heir, compartments=["account"])
    person = witness_of_demo(service, "identity")
    composer = person.composer(person.choices)
    composer.section("person", {"names": "Ян"})
    assert person.post("/v1/mailbox/revisions", person.body(composer)).status_code == 201
    out = tmp_path / "out"
    service.pull(out)
    assert give(service, out, heir, identities=[]).closed == [person.record]
    done = give(service, out, heir)
    assert done.records == [person.record]
    kinds = {c.id: c.kind for c in person.open().reader.statement.compartments}
    assert {kinds[id] for id in stored(service)[1]} == {"account"}
    assert give(service, out, heir).before == [person.record]


def test_the_command_hands_over_to_the_root_that_was_published_and_to_no_other(
    service: Service, heir: Mechanism, tmp_path: Path
) -> None:
    appoint(service, heir)
    record, out = witness_of_demo(service).record, tmp_path / "out"
    witness_of_demo(service, successor=False)
    service.pull(out)

    def run(root: str, code: int) -> str:
        words = ["hand-over", out, "--to", heir.keys / "bundle.json", "--keys", service.mechanism.keys]
        words += ["--client", service.mechanism.client_file, "--purpose", PURPOSE, "--server", service.url]
        result = CliRunner().invoke(app, [str(word) for word in (*words, "--root", root)])
        assert result.exit_code == code, result.output
        return " ".join(result.output.split())

    assert "is not signed by the root" in run("ab" * 32, 1)
    assert told(service, "heir") == []
    root = bundle_of(heir).root_fingerprint
    spaced = " ".join(root[n : n + 4].upper() for n in range(0, 64, 4))
    shown = run(spaced, 0)
    assert "1 records handed over to heir" in shown and "1 were not sent: the person did not" in shown
    assert "1 were handed over before" in run(root, 0)
    appoint(service, heir, 2)
    (out / "handed-over" / "heir" / f"{record}.json").unlink()  # a run that broke off before it was noted
    assert "1 records handed over to heir, 0 grants that are new" in run(root, 0)


def test_profiles_that_do_not_name_each_other_end_in_a_refusal_that_is_named(
    service: Service, heir: Mechanism, tmp_path: Path
) -> None:
    appoint(service, heir, 1)
    record = Person(service)
    record.send(choices=[allow("demo", successor=True)])
    service.pull(tmp_path / "out")
    publish_profile(service, service.mechanism, 2)
    done = give(service, tmp_path / "out", heir)
    assert done.failed == {record.record: "successor_not_named"} and done.records == []
