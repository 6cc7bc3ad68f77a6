"""A lost receipt: two members ask for another one, and whoever has the first can object for 14 days."""

import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from crypto import restoration
from crypto.encoding import b64u_encode, canonical_json, parse_json
from crypto.objection import verify_objection
from crypto.receipt import Receipt
from crypto.restoration import NewReceipt
from intake import clock
from intake.audit import log
from intake.audit.events import Event, Log
from intake.client import members
from intake.client.api import Api, ApiError
from intake.client.members import Grant, MemberKey
from intake.db.tables import submissions as t
from intake.upkeep.check import check
from tests.casework import (
    case,
    client,
    make_member,
    own_case,
    pulled_record,
    register_member,
    registered_member,
    revoke_member,
    withdraw_consent,
)
from tests.http.test_feed import Program, said
from tests.own import Person, allow
from tests.service import Service, make_mechanism, new_receipt, on_every_database_in_time, prepared, register

pytestmark = on_every_database_in_time


@dataclass
class Asking:
    """Two members of `demo`, a record whose receipt is lost, and a new one."""

    service: Service
    anna: MemberKey
    bela: MemberKey
    old: Receipt
    new: Receipt
    record: Path

    def begun(self, receipt: Receipt | None = None) -> bytes:
        halves = members.halves(NewReceipt.of((receipt or self.new).keys()))
        return members.ask(self.record.name, "demo", halves)

    def signed(self, begun: bytes | None = None) -> bytes:
        first = members.sign(begun or self.begun(), self.anna)[1]
        return members.sign(first, self.bela)[1]

    def grants(self, signed: bytes) -> list[Grant]:
        with case(self.service, self.record) as theirs:
            return members.grants(signed, theirs.reader)

    def send(self, signed: bytes, grants: list[Grant] | None = None) -> dict[str, object]:
        given = self.grants(signed) if grants is None else grants
        return members.send(Api(self.service.url, patience=5), signed, given)

    def refused(self, signed: bytes, grants: list[Grant] | None = None) -> tuple[int, str]:
        with pytest.raises(ApiError) as error:
            self.send(signed, grants)
        return error.value.status, error.value.code

    def own_grants(self) -> int:
        with self.service.installation.database.read() as connection:
            own = (t.grants.c.record == self.record.name) & t.grants.c.mechanism.is_(None)
            return len(connection.execute(select(t.grants.c.recipient).where(own)).all())

    def told(self) -> list[Event]:
        with self.service.installation.database.read() as connection:
            entries = log.read(connection, "demo", Log.RECORDS, 0, 1000)
        return [e.event for e in entries if e.event and str(e.event).startswith("restoration")]


@pytest.fixture
def asking(service: Service, tmp_path: Path) -> Asking:
    anna, bela = (registered_member(service, tmp_path, name) for name in ("anna", "bela"))
    old, record = pulled_record(service, tmp_path, narrative="Тое, што адбылося")
    return Asking(service, anna, bela, old, new_receipt(), record)


def complete_in(service: Service, days: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """What maintenance does, so many days from now."""
    real = clock.now
    with monkeypatch.context() as future:
        future.setattr(clock, "now", lambda: real() + days * clock.DAY)
        return service.installation.restorations.complete_due()


def narrative(service: Service, receipt: Receipt) -> str:
    with own_case(service, receipt) as own:
        (entry,) = [e for e in own.reader.readable() if e.kind == "narrative"]
        file = own._api.request("GET", f"/v1/mailbox/parts/{entry.id}", headers=own._headers).content
        return str(own.reader.structured(entry.id, file).values["text"])


def test_after_14_days_the_new_receipt_opens_the_old_text_and_the_old_one_still_does(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = asking.service
    found = asking.send(asking.signed())
    assert (found["state"], found["due_day"]) == ("waiting", clock.day(clock.now() + 14 * clock.DAY))
    with pytest.raises(ApiError, match="receipt_unknown"), own_case(service, asking.new):
        pass
    with own_case(service, asking.old) as own:
        (waiting,) = own.standings()["restorations"]
    assert (waiting["id"], waiting["mechanism"], waiting["state"]) == (found["id"], "demo", "waiting")
    said = restoration.parse_envelope(waiting["document"].encode())  # two members can be held to it
    assert said.receipt is not None and said.record == asking.record.name

    assert complete_in(service, 13, monkeypatch) == 0
    with pytest.raises(ApiError, match="receipt_unknown"), own_case(service, asking.new):
        pass
    assert complete_in(service, 14, monkeypatch) == 1
    assert complete_in(service, 15, monkeypatch) == 0

    assert narrative(service, asking.new) == narrative(service, asking.old) == "Тое, што адбылося"
    assert asking.told() == [Event.RESTORATION_ASKED, Event.RESTORATION_DONE]
    with own_case(service, asking.new) as new, own_case(service, asking.old) as old:
        new.send("demo", "I am back", "en")
        with case(service, asking.record) as theirs:
            theirs.reply(asking.anna, "Welcome", "en")
            for found_ in (new.read(), old.read(), theirs.read()):
                assert ([m.text for m in found_.messages], found_.hidden) == (["I am back", "Welcome"], 0)


def test_whoever_has_the_first_receipt_ends_a_restored_one_at_any_time(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, before = asking.service, asking.own_grants()
    found = asking.send(asking.signed())
    assert complete_in(service, 14, monkeypatch) == 1
    with own_case(service, asking.new) as new, pytest.raises(ApiError) as refused:
        new.object(str(found["id"]))
    assert (refused.value.status, refused.value.code) == (403, "receipt_restored")
    with own_case(service, asking.old) as old:
        old.object(str(found["id"]))
        old.object(str(found["id"]))
        assert [r["state"] for r in old.standings()["restorations"]] == ["refused"]
    with pytest.raises(ApiError, match="receipt_unknown"), own_case(service, asking.new):
        pass
    assert asking.own_grants() == before
    assert asking.told() == [Event.RESTORATION_ASKED, Event.RESTORATION_DONE, Event.RESTORATION_REFUSED]
    found_ = service.installation
    assert list(check(service.owner, found_.store, found_.log_keys, read_data=False)) == []


def test_consent_that_was_withdrawn_takes_the_restored_receipt_with_it(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, before = asking.service, asking.own_grants()
    asking.send(asking.signed())
    assert complete_in(service, 14, monkeypatch) == 1
    with own_case(service, asking.new) as new, case(service, asking.record) as theirs:
        new.send("demo", "I am back", "en")
        assert [m.text for m in theirs.read().messages] == ["I am back"]
    by_members = members.ask(asking.record.name, "demo", None)
    assert asking.send(asking.signed(by_members), [])["outcome"] == "deleted"
    with pytest.raises(ApiError, match="receipt_unknown"), own_case(service, asking.new):
        pass
    assert asking.own_grants() == before
    with own_case(service, asking.old) as old:  # what was said stays readable
        assert [m.text for m in old.read().messages] == ["I am back"]
    found = service.installation
    assert list(check(service.owner, found.store, found.log_keys, read_data=False)) == []


def test_whoever_has_the_old_receipt_can_object(
    asking: Asking, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    service, before = asking.service, asking.own_grants()
    signed = asking.signed()
    given = asking.grants(signed)
    found = asking.send(signed, given)
    assert asking.own_grants() == before + len(given) == 2 * before
    stranger, _ = pulled_record(service, tmp_path / "another")
    with own_case(service, stranger) as other, pytest.raises(ValueError, match="no second receipt"):
        other.object(str(found["id"]))
    with own_case(service, asking.old) as own:
        own.object(str(found["id"]))
        own.object(str(found["id"]))  # again: nothing changes
        assert [r["state"] for r in own.standings()["restorations"]] == ["refused"]
    assert asking.own_grants() == before
    assert asking.send(signed)["state"] == "refused"  # and sent again it stays so
    assert asking.own_grants() == before
    assert complete_in(service, 30, monkeypatch) == 0
    with pytest.raises(ApiError, match="receipt_unknown"), own_case(service, asking.new):
        pass
    assert asking.told() == [Event.RESTORATION_ASKED, Event.RESTORATION_REFUSED]
    told = said(Program(service).enter().get("/feed/v1/events?start=0"))
    (signed_no,) = [str(e["objection"]) for e in told if "objection" in e]
    objection = verify_objection(signed_no.encode(), asking.old.keys().signing.public)
    assert (objection.kind, objection.target) == ("restoration", found["id"])
    assert narrative(service, asking.old) == "Тое, што адбылося"
    if service.installation.database.engine.dialect.name == "sqlite":
        files = [path.read_bytes() for path in service.settings.data_dir.glob("intake.db*")]
        assert not any(grant.file[200:240] in data for data in files for grant in given)


def test_one_member_or_people_of_elsewhere_restore_nothing(asking: Asking, tmp_path: Path) -> None:
    service = asking.service
    unknown = make_member(tmp_path, service.mechanism, "unknown")
    once = members.sign(asking.begun(), asking.anna)[1]
    with pytest.raises(ValueError, match="already"):
        members.sign(once, asking.anna)
    top = parse_json(once)
    twice = canonical_json(top | {"signatures": top["signatures"] * 2})
    for signed in (asking.begun(), once, twice):
        assert asking.refused(signed, []) == (422, "restoration_invalid")
    assert asking.refused(members.sign(once, unknown)[1]) == (403, "member_unknown")
    with pytest.raises(ValueError, match="two members"):
        members.sign(asking.signed(), unknown)

    other = make_mechanism(tmp_path / "other", "other")
    register(service.installation, other)
    oleg, olga = (make_member(tmp_path, other, name) for name in ("oleg", "olga"))
    for member in (oleg, olga):
        register_member(service, member)
    with pytest.raises(ValueError, match="your key is of other"):
        members.sign(once, oleg)
    theirs = members.ask(asking.record.name, "other", members.halves(NewReceipt.of(asking.new.keys())))
    signed = members.sign(members.sign(theirs, oleg)[1], olga)[1]
    assert asking.refused(signed) == (404, "not_found")  # the record was never theirs
    nothing = members.ask("ab" * 32, "other", members.halves(NewReceipt.of(asking.new.keys())))
    signed = members.sign(members.sign(nothing, oleg)[1], olga)[1]
    assert asking.refused(signed, []) == (404, "not_found")

    revoke_member(service, asking.bela)
    assert asking.refused(asking.signed()) == (403, "member_unknown")
    assert asking.told() == []


def test_one_waits_at_a_time_and_a_receipt_is_of_one_record(asking: Asking, tmp_path: Path) -> None:
    signed = asking.signed()
    assert asking.refused(asking.signed(asking.begun(asking.old))) == (409, "receipt_used")
    first = asking.send(signed)
    assert asking.send(signed) == first  # the answer was lost: the same again
    assert asking.refused(asking.signed(asking.begun(new_receipt()))) == (409, "restoration_waits")
    assert asking.told() == [Event.RESTORATION_ASKED]


def test_a_new_receipt_is_granted_no_more_than_the_mechanism_has(asking: Asking) -> None:
    signed = asking.signed()
    grants, other = asking.grants(signed), new_receipt().keys().identity.recipient.fingerprint
    one = grants[0]
    bad = [
        [*grants, one],
        [Grant(secrets.token_hex(16), one.recipient, one.file)],
        [Grant(one.compartment, other, one.file)],
        [Grant(one.compartment, one.recipient, one.file + b"x" * 99)],
    ]
    for given in bad:
        status, code = asking.refused(signed, given)
        assert status == 422 and code in ("grants_differ", "grant_invalid")
    assert asking.told() == []
    assert asking.send(signed, [one])["state"] == "waiting"


def test_a_restoration_that_is_old_or_of_no_record_is_refused(asking: Asking) -> None:
    def made(**changes: Any) -> bytes:
        said: dict[str, Any] = {
            "record": asking.record.name,
            "mechanism": "demo",
            "kind": "receipt",
            "receipt": NewReceipt.of(asking.new.keys()),
            "day": clock.day(),
            "nonce": bytes(16),
        }
        begun = restoration.encode_envelope(restoration.make_document(**(said | changes)), [])
        return asking.signed(begun)

    assert asking.refused(made(day=clock.day(clock.now() - 31 * clock.DAY)), []) == (422, "day")
    assert asking.refused(made(day=clock.day(clock.now() + 2 * clock.DAY)), []) == (422, "day")
    assert asking.refused(made(record="ab" * 32), []) == (404, "not_found")
    url = f"{asking.service.url}/v1/restorations"
    for body in ({}, {"restoration": "x", "grants": []}, {"restoration": "{}", "grants": [{}]}):
        assert httpx.post(url, json=body).status_code == 422


def test_withdrawn_consent_ends_what_was_waiting(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    before = asking.own_grants()
    asking.send(asking.signed())
    withdraw_consent(asking.service, asking.record.name)
    assert complete_in(asking.service, 14, monkeypatch) == 0
    assert asking.told() == [Event.RESTORATION_ASKED, Event.RESTORATION_REFUSED]
    assert asking.own_grants() == before
    with pytest.raises(ApiError, match="receipt_unknown"), own_case(asking.service, asking.new):
        pass


def test_two_members_withdraw_for_a_person_without_a_receipt_and_their_mechanism_alone_is_out(
    asking: Asking,
) -> None:
    service, record = asking.service, asking.record.name
    signed = asking.signed(members.ask(record, "demo", None))
    assert asking.refused(signed, [Grant("ab" * 16, "cd" * 32, b"")]) == (422, "grants_differ")
    found = asking.send(signed)
    assert (found["state"], found["outcome"]) == ("done", "deleted")  # it had been opened
    assert asking.send(signed) == found  # the same again is no second withdrawal
    top = parse_json(signed)
    swapped = canonical_json(top | {"signatures": top["signatures"][::-1]})
    assert asking.send(swapped) == found
    with client(service) as feed:
        with pytest.raises(ApiError, match="404"):
            feed.record(record)
        with pytest.raises(ApiError, match="404"):
            feed.answer(record, 7, "deleted")
    with own_case(service, asking.old) as own:
        (withdrawn,) = own.standings()["withdrawals"]
    assert (withdrawn["mechanism"], withdrawn["answer"]) == ("demo", None)
    assert narrative(service, asking.old) == "Тое, што адбылося"


def test_a_withdrawal_of_members_is_not_carried_out_again_when_the_person_consents_anew(
    asking: Asking, tmp_path: Path
) -> None:
    person = Person(asking.service)
    person.send()
    signed = asking.signed(members.ask(person.record, "demo", None))
    found = asking.send(signed, [])
    person.revise(choices=[])
    assert person.revise(choices=[allow()]).status_code == 201
    top = parse_json(signed)
    swapped = canonical_json(top | {"signatures": top["signatures"][::-1]})
    for again in (signed, swapped):
        assert asking.send(again, []) == found
    assert person.record in asking.service.pull(tmp_path / "again").records
    with own_case(asking.service, asking.old) as own:
        assert own.standings()["restorations"] == []  # withdrawals are none
    whole = asking.service.installation
    assert list(check(asking.service.owner, whole.store, whole.log_keys, read_data=False)) == []


def test_one_mechanisms_waiting_receipt_keeps_no_other_from_asking(asking: Asking, tmp_path: Path) -> None:
    service = asking.service
    other = make_mechanism(tmp_path / "other", "other")
    register(service.installation, other)
    theirs = [make_member(tmp_path, other, name) for name in ("oleg", "olga")]
    for member in theirs:
        register_member(service, member)
    person = Person(service)
    person.send(choices=[allow(), allow("other")])

    def ask(name: str, by: list[MemberKey], receipt: Receipt) -> bytes:
        halves = members.halves(NewReceipt.of(receipt.keys()))
        return members.sign(members.sign(members.ask(person.record, name, halves), by[0])[1], by[1])[1]

    own, shared = [asking.anna, asking.bela], new_receipt()
    assert asking.send(ask("demo", own, shared), [])["state"] == "waiting"
    assert asking.refused(ask("demo", own, new_receipt()), []) == (409, "restoration_waits")
    assert asking.refused(ask("other", theirs, shared), []) == (409, "receipt_used")
    assert asking.send(ask("other", theirs, new_receipt()), [])["state"] == "waiting"


def test_a_restored_receipt_reads_no_messages_that_are_for_another_mechanism(
    asking: Asking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a record from before there were consent parts, both mechanisms open the same compartment."""
    service = asking.service
    other = make_mechanism(tmp_path / "other", "other")
    register(service.installation, other)
    testimony = prepared(tmp_path / "second", {})
    both = (*testimony.consent, replace(testimony.consent[0], mechanism="other"))
    receipt, sent = service.submit(replace(testimony, consent=both))
    service.pull(tmp_path / "both")
    record = tmp_path / "both" / "records" / sent.record
    halves = members.halves(NewReceipt.of(asking.new.keys()))
    signed = asking.signed(members.ask(sent.record, "demo", halves))
    with case(service, record) as theirs:
        asking.send(signed, members.grants(signed, theirs.reader))
    assert complete_in(service, 14, monkeypatch) == 1
    with own_case(service, receipt) as own:
        mine, others = own.send("demo", "for demo", "en"), own.send("other", "for the other", "en")
    with own_case(service, asking.new) as new:
        found = new.read()
        assert ([m.text for m in found.messages], found.hidden, found.closed) == (["for demo"], 0, 0)
        assert new._api.request("GET", f"/v1/mailbox/parts/{mine}", headers=new._headers).content
        with pytest.raises(ApiError, match="404"):
            new._api.request("GET", f"/v1/mailbox/parts/{others}", headers=new._headers)


def test_a_restoration_lets_nobody_in_by_what_is_public_of_it(asking: Asking) -> None:
    """Whoever reads the document has the look-up, and not what it is opened with."""
    asking.send(asking.signed())
    keys = asking.new.keys()
    headers = {"Authorization": f"Intake-Receipt {b64u_encode(keys.lookup)}.{b64u_encode(bytes(32))}"}
    assert httpx.get(f"{asking.service.url}/v1/mailbox", headers=headers).status_code == 404
