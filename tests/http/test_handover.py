"""A mechanism whose mandate ends hands a record over: who may, to whom, and what is refused."""

import secrets
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from crypto.compartments import Compartment
from crypto.encoding import b64u_decode, b64u_encode
from crypto.record_reader import RecordReader
from crypto.withdrawal import sign_withdrawal
from intake import clock
from intake.audit import log
from intake.audit.events import Event, Log
from intake.db.tables import submissions as t
from intake.db.tables.coming_back import handovers
from intake.people import mechanisms
from intake.submissions import withdraw
from tests.casework import bundle_of
from tests.http.test_feed import Program, entries
from tests.own import Person, allow, identities, mover, publish_profile
from tests.service import (
    PURPOSE,
    Mechanism,
    Service,
    make_mechanism,
    on_every_database_in_time,
    register,
)

pytestmark = on_every_database_in_time
LATER = "2100-01-01"


@pytest.fixture(scope="module")
def heir(tmp_path_factory: pytest.TempPathFactory) -> Mechanism:
    """The body appointed to continue the mandate of `demo`."""
    return make_mechanism(tmp_path_factory.mktemp("heir-keys"), "heir")


def appoint(service: Service, heir: Mechanism, version: int = 1, **more: Any) -> None:
    """Both profiles say so."""
    if version == 1:
        register(service.installation, heir)
    publish_profile(service, service.mechanism, version, continued_by=heir.id)
    publish_profile(service, heir, version, continues=[service.mechanism.id], **more)


def witness_of_demo(service: Service, *classes: str, **choice: Any) -> Person:
    """Somebody who allows `demo`, and a successor."""
    person = Person(service)
    person.send("Тэкст", choices=[allow("demo", *classes, **({"successor": True} | choice))])
    return person


class Giver:
    """The program of `demo` with its people's identities, each piece to be bent."""

    def __init__(self, service: Service, heir: Mechanism, purpose: str = PURPOSE) -> None:
        self.service, self.heir = service, heir
        self.program = Program(service, purpose=purpose).enter()

    def grants(self, record: str, day: str | None = None) -> list[dict[str, str]]:
        """What its people open, sealed to the successor."""
        found = self.program.get(f"/feed/v1/records/{record}").json()
        revisions = [(s["statement"].encode(), b64u_decode(s["signature"], 64)) for s in found["statements"]]
        own = [(g["compartment"], b64u_decode(g["file"])) for g in found["grants"]]
        reader = RecordReader(revisions, own, identities(self.service.mechanism))
        kinds = {c.id: c.kind for c in reader.statement.compartments}
        return [
            self.grant(Compartment(id, kinds[id], identity)) for id, identity in reader.identities.items()
        ]

    def grant(self, compartment: Compartment, kind: str | None = None) -> dict[str, str]:
        key = bundle_of(self.heir).key_for(kind or compartment.kind, clock.day())
        assert key is not None
        file = compartment.grant(
            key.recipient, file_key=secrets.token_bytes(16), nonce=secrets.token_bytes(16)
        )
        return {
            "compartment": compartment.id,
            "recipient": key.recipient.fingerprint,
            "file": b64u_encode(file),
        }

    def give(self, record: str, sealed: list[dict[str, str]] | None = None, **more: Any) -> httpx.Response:
        sent = self.grants(record) if sealed is None else sealed
        path = f"/feed/v1/records/{record}/successor"
        headers = {
            "Authorization": f"DPoP {self.program.token}",
            "DPoP": self.program.proof("POST", path, self.program.token),
        }
        body = {"mechanism": self.heir.id, "grants": sent} | more
        return self.service.http.post(self.service.url + path, json=body, headers=headers)

    def refused(
        self, record: str, grants: list[dict[str, str]] | None = None, **more: Any
    ) -> tuple[int, str]:
        """Status and code; nothing may have changed."""
        before = stored(self.service)
        answer = self.give(record, grants, **more)
        assert stored(self.service) == before
        return answer.status_code, answer.json()["code"]


def stored(service: Service, mechanism: str = "heir") -> tuple[Any, ...]:
    """A mechanism's audience row, its compartments, and that it is a successor: as the database has it."""
    with service.owner.read() as connection:
        allowed = connection.execute(
            select(t.audience.c.purposes, t.audience.c.expires, t.audience.c.successor).where(
                t.audience.c.mechanism == mechanism
            )
        ).all()
        held = connection.execute(select(t.grants.c.compartment).where(t.grants.c.mechanism == mechanism))
        rows = connection.execute(select(handovers.c.origin).where(handovers.c.mechanism == mechanism))
        return [tuple(row) for row in allowed], sorted(held.scalars()), sorted(rows.scalars())


def told(service: Service, mechanism: str, kind: Log = Log.RECORDS) -> list[tuple[Event, dict[str, Any]]]:
    """Entries about records in one of its logs."""
    with service.installation.database.read() as connection:
        found = log.read(connection, mechanism, kind, 0, 1000)
    return [(e.event, e.fields) for e in found if e.event and e.record]


def test_a_mechanism_hands_over_what_it_was_granted_and_both_logs_say_so(
    service: Service, heir: Mechanism
) -> None:
    appoint(service, heir)
    person = witness_of_demo(service, "identity", purposes=(PURPOSE, "archive"), expires=LATER)
    record, giver = person.record, Giver(service, heir)
    before = len(entries(service))
    sent = giver.grants(record)
    answer = giver.give(record, sent)
    assert (answer.status_code, answer.json()) == (200, {"mechanism": "heir", "added": len(sent)})
    events = entries(service)[before:]
    assert [e.event for e in events] == [Event.RECORD_OPENED, Event.HANDED_OVER]
    assert (events[1].record, events[1].fields["successor"]) == (record, "heir")
    compartments = sorted(g["compartment"] for g in sent)
    assert stored(service) == ([([PURPOSE, "archive"], LATER, False)], compartments, ["demo"])
    ((event, said),) = told(service, "heir")
    assert (event, said["record"], said["revision"], said["from"]) == (Event.RECORD_ADDED, record, 1, "demo")

    again = giver.give(record, sent)
    assert again.json()["added"] == 0 and len(told(service, "heir")) == 1
    theirs = Program(service, heir).enter().get(f"/feed/v1/records/{record}").json()
    assert {g["compartment"] for g in theirs["grants"]} == set(compartments) and theirs["parts"]
    listed = person.get("/accesses").json()["accesses"]
    assert "record.handed_over" in str(listed)


def test_without_the_persons_tick_nothing_is_handed_over(service: Service, heir: Mechanism) -> None:
    appoint(service, heir)
    record = witness_of_demo(service, successor=False).record
    assert Giver(service, heir).refused(record) == (403, "successor_not_allowed")
    assert [e.event for e in entries(service)][-1] is Event.REFUSED
    assert told(service, "heir") == []


def test_both_profiles_have_to_name_each_other_today(service: Service, heir: Mechanism) -> None:
    register(service.installation, heir)
    record, giver = witness_of_demo(service).record, Giver(service, heir)
    grants = giver.grants(record)
    assert giver.refused(record, grants) == (409, "successor_not_named")
    publish_profile(service, service.mechanism, continued_by="heir")
    assert giver.refused(record, grants) == (409, "successor_not_named")
    publish_profile(service, heir, continues=["another"])
    assert giver.refused(record, grants) == (409, "successor_not_named")
    publish_profile(service, heir, 2, continues=["another", "demo"])
    assert giver.refused(record, grants, mechanism="nobody") == (409, "successor_not_named")
    assert giver.refused(record, grants, mechanism="demo") == (409, "successor_not_named")
    publish_profile(service, service.mechanism, 2, continued_by="another")
    assert giver.refused(record, grants) == (409, "successor_not_named")
    publish_profile(service, service.mechanism, 3, continued_by="heir")
    assert giver.give(record, grants).status_code == 200


def test_consent_that_is_over_or_is_for_something_else_hands_nothing_over(
    service: Service, heir: Mechanism, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = mover(monkeypatch)
    appoint(service, heir)
    person = witness_of_demo(service, expires=clock.day(clock.now() + 2 * clock.DAY))
    record, giver = person.record, Giver(service, heir)
    grants = giver.grants(record)
    assert Giver(service, heir, "archive").refused(record, grants) == (403, "consent_purpose")
    assert giver.refused("ab" * 32, grants) == (404, "not_found")
    assert giver.refused("rubbish", grants) == (404, "not_found")
    stranger = Giver(service, heir)
    stranger.program = Program(service, heir).enter()
    assert stranger.refused(record, grants) == (404, "not_found")
    person.ask_deletion()
    assert giver.refused(record, grants) == (403, "deletion_pending")
    assert person.cancel_deletion().status_code == 200
    with service.owner.write() as connection:
        connection.execute(update(t.audience).values(expires="2020-08-09"))
    assert giver.refused(record, grants) == (403, "consent_expired")
    move(0)


def test_grants_are_of_what_one_has_and_to_a_key_of_the_successors_that_is_valid(
    service: Service, heir: Mechanism
) -> None:
    appoint(service, heir, compartments=["account", "triage"])
    person = witness_of_demo(service, "identity", "triage")
    composer = person.composer(person.choices)
    composer.section("person", {"names": "Ян"})
    assert person.post("/v1/mailbox/revisions", person.body(composer)).status_code == 201
    record, giver = person.record, Giver(service, heir)
    held = {c.id: c.kind for c in person.open().reader.statement.compartments}
    grants = giver.grants(record)
    (named,) = [g for g in grants if held[g["compartment"]] == "identity"]
    fits = [g for g in grants if g is not named]
    answer = giver.give(record, grants)
    assert (answer.status_code, answer.json()["code"]) == (422, "class_not_offered")
    assert answer.json()["kind"] == "identity"
    one, other = fits[:2]
    for wrong, code in (
        ([], "grants_differ"),
        ([one, one], "grants_differ"),
        ([one | {"compartment": "ab" * 16}], "grants_differ"),
        ([one | {"recipient": "cd" * 32}], "mechanism_key"),
        ([one | {"recipient": named["recipient"]}], "mechanism_key"),
        ([one | {"file": b64u_encode(b"age-encryption.org/v1\n")}], "grant_invalid"),
    ):
        assert giver.refused(record, wrong) == (422, code)
    with service.installation.database.write() as connection:
        mechanisms.close(connection, "heir")
    assert giver.refused(record, fits) == (422, "mechanism_unknown")
    with service.installation.database.write() as connection:
        mechanisms.reopen(connection, "heir")
    with service.owner.write() as connection:
        own = (t.grants.c.mechanism == "demo") & (t.grants.c.compartment == other["compartment"])
        connection.execute(update(t.grants).where(own).values(locked=True))
    assert giver.refused(record, fits) == (422, "grants_differ")
    assert giver.give(record, [one]).json()["added"] == 1


def test_what_the_person_says_of_the_successor_by_name_goes_first(
    service: Service, heir: Mechanism, tmp_path: Path
) -> None:
    appoint(service, heir)
    person = Person(service)
    person.send("Тэкст", choices=[allow("demo", successor=True), allow("heir", purposes=("archive",))])
    record, giver = person.record, Giver(service, heir)
    grants = giver.grants(record)[:1]
    assert giver.refused(record, grants) == (409, "successor_has_consent")
    person.revise(choices=[allow("demo", successor=True)])  # and now not this one
    assert giver.refused(record, grants) == (409, "successor_withdrawn")

    second = witness_of_demo(service)
    record = second.record
    assert giver.give(record).status_code == 200
    envelope = sign_withdrawal(second.withdrawal("heir"), second.keys.signing)
    with service.installation.database.write() as connection:  # as a restored receipt can
        withdraw.by_mechanism(connection, record, "heir", envelope)
    assert stored(service)[2] == [] and stored(service)[1] == []
    assert giver.refused(record) == (409, "successor_withdrawn")


def test_a_record_comes_from_one_mechanism_only(service: Service, heir: Mechanism, tmp_path: Path) -> None:
    appoint(service, heir)
    third = make_mechanism(tmp_path / "third", "third")
    register(service.installation, third)
    publish_profile(service, third, continued_by="heir")
    publish_profile(service, heir, 2, continues=["demo", "third"])
    person = Person(service)
    person.send("Тэкст", choices=[allow("demo", successor=True), allow("third", successor=True)])
    giver = Giver(service, heir)
    grants = giver.grants(person.record)
    assert giver.give(person.record, grants).status_code == 200
    other = Giver(service, heir)
    other.program = Program(service, third).enter()
    assert other.refused(person.record, grants[:1]) == (409, "successor_has_consent")


def test_a_successor_hands_nothing_on(service: Service, heir: Mechanism, tmp_path: Path) -> None:
    appoint(service, heir)
    third = make_mechanism(tmp_path / "third", "third")
    register(service.installation, third)
    record = witness_of_demo(service).record
    giver = Giver(service, heir)
    grants = giver.grants(record)
    assert giver.give(record, grants).status_code == 200
    publish_profile(service, heir, 2, continues=["demo"], continued_by="third")
    publish_profile(service, third, continues=["heir"])
    onward = Giver(service, third)
    onward.program = Program(service, heir).enter()
    assert onward.refused(record, grants, mechanism="third") == (403, "successor_not_allowed")


def test_when_the_log_cannot_be_written_nothing_is_handed_over(service: Service, heir: Mechanism) -> None:
    appoint(service, heir)
    record, giver = witness_of_demo(service).record, Giver(service, heir)
    grants, before = giver.grants(record), stored(service)
    with service.owner.engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE log_entries RENAME TO gone")
        connection.commit()
    assert giver.give(record, grants).status_code == 503
    with service.owner.engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO log_entries")
        connection.commit()
    assert stored(service) == before


@pytest.mark.parametrize(
    "body",
    [{"mechanism": "../x"}, {"grants": None}, {"more": 1}, {"grants": [{"compartment": "x"}]}],
    ids=str,
)
def test_a_body_of_another_form_is_refused(service: Service, heir: Mechanism, body: dict[str, Any]) -> None:
    giver = Giver(service, heir)
    answer = giver.give("ab" * 32, [], **body)
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")
