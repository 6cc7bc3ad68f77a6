"""Exports: two people, once, and everything on the log."""

import io
import json
import os
import tarfile
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from crypto.age_keys import Identity
from crypto.compartments import Compartment
from crypto.encoding import b64u_decode, b64u_encode
from crypto.record_reader import RecordReader
from intake import clock
from intake.audit.events import Event
from intake.client import mechanism_keys, opening
from intake.db.tables import review as r
from intake.db.tables import staff as s
from intake.db.tables import submissions as t
from intake.errors import Conflict
from intake.people import proposals
from intake.people.reader import Reader
from intake.record.names import record_name
from tests.casework import withdraw_consent
from tests.http.test_feed import entries
from tests.reviewing.desks import assign, desk
from tests.service import PURPOSE, Service, on_every_database_in_time, prepared
from tests.staff import Person, Staff

pytestmark = on_every_database_in_time


@pytest.fixture
def records(service: Service, tmp_path: Path) -> list[str]:
    photo = {"a.jpg": b"\xff\xd8\xff photo"}
    return [
        service.submit(prepared(tmp_path / str(n), photo, narrative=f"Сведчанне {n}"))[1].record
        for n in (1, 2, 3)
    ]


def approve(service: Service, id_: str, by: Person, yes: bool = True) -> None:
    reader = Reader("demo", PURPOSE, member=by.member, roles=by.roles)
    with service.installation.database.write() as connection:
        proposals.decide(connection, reader, id_, yes)


def unpacked(data: bytes, out: Path) -> Path:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:  # `filter` is in Python 3.11.4 and later only
            assert member.isfile() and ".." not in member.name
            archive.extract(member, out)
    return out / "export"


def test_what_two_people_agreed_on_is_exported_once_and_opens_with_the_members_own_key(
    service: Service, records: list[str], tmp_path: Path
) -> None:
    staff = Staff(service)
    anna, kim = staff.member("reviewer", id="anna"), staff.member("key-holder", id="kim")
    for record in records:
        assign_to(kim, record, anna, mechanism_keys.identities(service.mechanism.keys))
    place = desk(staff, anna, records[0]).begin()
    place.write("note", {"text": "нататка"})
    photo = _photo(service, records[0])
    body = place.entry("derivative", {"derivative": "preview"}, refers=photo, files=[("p.jpg", b"small")])
    assert place.send(body).status_code == 200
    made = body["files"][0]["part"]
    with service.owner.write() as connection:  # and one of what is closed to her
        hidden = {"about": records[0], "compartment": "ab" * 16, "part": "cd" * 16, "number": 3}
        query = select(r.work).where(r.work.c.kind == "note")
        connection.execute(insert(r.work).values(connection.execute(query).one()._asdict() | hidden))
    rows = anna.get("/records").json()["records"]
    number = next(row["number"] for row in rows if row["record"] == records[0])
    id_ = anna.post("/exports", {"records": records, "reason": "proceedings"}).json()["id"]
    refused = anna.get(f"/exports/{id_}")
    assert (refused.status_code, refused.json()["code"]) == (403, "second_person")
    approve(service, id_, kim)
    assert kim.get(f"/exports/{id_}").status_code == 404  # whoever approves is not who takes it
    withdraw_consent(service, records[2])
    before = len(entries(service))

    answer = anna.get(f"/exports/{id_}")
    assert answer.status_code == 200, answer.text
    folder = unpacked(answer.content, tmp_path)
    assert json.loads((folder / "refused.json").read_text()) == {records[2]: "not_found"}
    opened = [
        opening.open_record(path, [anna.keys.identity], tmp_path / "opened")
        for path in opening.pulled_records(folder)
    ]
    assert {one.record for one in opened} == set(records[:2]) and not any(one.problems for one in opened)
    called = (number, record_name(records[0]))
    told = json.loads((folder / "records" / records[0] / "record.json").read_text())
    assert (told["number"], told["name"]) == called
    said = (tmp_path / "opened" / records[0] / "testimony.txt").read_text("utf-8")
    assert "as no. {}, by the name {}.".format(*called) in said
    texts = {(tmp_path / "opened" / r / "narrative.txt").read_text("utf-8").strip() for r in records[:2]}
    assert texts == {"Сведчанне 1", "Сведчанне 2"} and all(one.media == ["a.jpg"] for one in opened)
    work = folder / "records" / records[0] / "entries"
    assert place.opened(json.loads((work / "1.json").read_text())) == {"text": "нататка"}
    assert place.opened(json.loads((work / "2.json").read_text()))["files"][0]["part"] == made
    assert (work / f"{made}.age").read_bytes().startswith(b"age-encryption.org/v1")
    assert {path.name for path in work.iterdir()} == {"1.json", "2.json", f"{made}.age"}

    logged = entries(service)[before:]
    for event in (Event.RECORD_EXPORTED, Event.RECORD_OPENED):
        assert {e.record for e in logged if e.event is event and e.record} == set(records[:2])
    assert sum(e.event is Event.PART_DOWNLOADED for e in logged) >= 6
    again = anna.get(f"/exports/{id_}")
    assert (again.status_code, again.json()["code"]) == (409, "export_over")


def test_an_export_needs_somebody_else_and_records_that_one_sees(
    service: Service, records: list[str]
) -> None:
    staff = Staff(service)
    anna, kim = staff.member("reviewer", id="anna"), staff.member("key-holder", id="kim")
    custodian, auditor = staff.member("custodian", id="olga"), staff.member("auditor", id="adam")
    assign(service, records[0], anna)
    for one, status in ((custodian, 403), (auditor, 403)):
        assert one.post("/exports", {"records": records[:1], "reason": "proceedings"}).status_code == status
    assert anna.post("/exports", {"records": records, "reason": "proceedings"}).status_code == 404
    unknown = anna.post("/exports", {"records": records[:1], "reason": "because"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "reason_unknown")
    for wrong in ([], ["x"], ["ab" * 32] * 2001):
        assert anna.post("/exports", {"records": wrong, "reason": "proceedings"}).status_code == 422
    own = kim.post("/exports", {"records": records, "reason": "proceedings"}).json()["id"]
    with pytest.raises(Exception, match="somebody else"):
        approve(service, own, kim)
    refused = anna.post("/exports", {"records": records[:1], "reason": "proceedings"}).json()["id"]
    approve(service, refused, kim, yes=False)
    assert anna.get(f"/exports/{refused}").json()["code"] == "export_over"
    assert anna.get(f"/exports/{'ab' * 16}").status_code == anna.get("/exports/x").status_code == 404


def test_of_two_who_take_an_approved_export_at_once_one_gets_it(
    service: Service, records: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = Staff(service)
    anna, kim = staff.member("reviewer", id="anna"), staff.member("key-holder", id="kim")
    assign(service, records[0], anna)
    id_ = anna.post("/exports", {"records": records[:1], "reason": "proceedings"}).json()["id"]
    approve(service, id_, kim)
    database, taken = service.installation.database, []
    looked = threading.Barrier(2)

    def meet() -> int:
        """Both have looked before one of them writes (SQLite: it lets one in at a time)."""
        with suppress(threading.BrokenBarrierError):
            looked.wait(1)
        return clock.now() // clock.HOUR

    def take() -> None:
        with suppress(Conflict), database.write() as connection:
            proposals.take(connection, id_, proposals.HOURS)
            taken.append(1)

    monkeypatch.setattr("intake.clock.hour_number", meet)
    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken == [1]


def test_an_approval_is_good_for_a_day_and_a_fresh_assertion(service: Service, records: list[str]) -> None:
    staff = Staff(service)
    anna, kim = staff.member("reviewer", id="anna"), staff.member("key-holder", id="kim")
    assign(service, records[0], anna)
    id_ = anna.post("/exports", {"records": records[:1], "reason": "proceedings"}).json()["id"]
    approve(service, id_, kim)
    with service.owner.write() as connection:
        connection.execute(update(s.sessions).values(fresh=0))
    assert anna.get(f"/exports/{id_}").json()["code"] == "assertion_needed"
    with service.owner.write() as connection:
        later = update(s.proposals).values(expires=s.proposals.c.expires - 25)
        connection.execute(later)
    fresh = staff.enter(anna)
    assert fresh.get(f"/exports/{id_}").json()["code"] == "export_over"


def test_what_was_opened_for_a_time_leaves_only_if_whoever_approves_was_told(
    service: Service, records: list[str], tmp_path: Path
) -> None:
    staff = Staff(service)
    # A custodian is given, beside what is hers, what is sealed to the mechanism: of that too, only what was said.
    anna, kim = staff.member("reviewer", "custodian", id="anna"), staff.member("key-holder", id="kim")
    for record in records[:2]:
        assign(service, record, anna)
    until = clock.hour_number() + 24
    told = _open(service, records[0], until)
    id_ = anna.post("/exports", {"records": records[:2], "reason": "proceedings"}).json()["id"]
    (proposed,) = kim.get("/people").json()["proposals"]
    assert proposed["subject"]["reason"] == "proceedings"
    assert proposed["subject"]["opened"] == {records[0]: {"identity": until}}
    since = _open(service, records[1], until)
    approve(service, id_, kim)
    folder = unpacked(anna.get(f"/exports/{id_}").content, tmp_path) / "records"
    given = [
        {one["compartment"] for one in json.loads((folder / r / "record.json").read_text())["grants"]}
        for r in records[:2]
    ]
    assert told in given[0] and since not in given[1]


def _open(service: Service, record: str, until: int) -> str:
    """A compartment of who somebody is, granted to the mechanism and opened to anna for a time."""
    id_ = os.urandom(16).hex()
    here = {"record": record, "mechanism": "demo", "compartment": id_, "file": b"age"}
    with service.owner.write() as connection:
        made = {"record": record, "id": id_, "class": "identity", "generation": 0}
        connection.execute(insert(t.compartments).values(made))
        connection.execute(insert(t.grants).values(**here, recipient="ab" * 32, locked=False))
        connection.execute(insert(r.member_grants).values(**here, member="anna", expires=until))
    return id_


def _photo(service: Service, record: str) -> str:
    with service.owner.read() as connection:
        here = (t.parts.c.record == record) & (t.parts.c.kind == "medium")
        return str(connection.execute(select(t.parts.c.id).where(here)).scalar_one())


def assign_to(kim: Person, record: str, member: Person, held: list[Identity]) -> None:
    """As a key-holder's browser assigns: the record's keys, sealed to the member."""
    opened = kim.get(f"/records/{record}").json()
    revisions = [(s["statement"].encode(), b64u_decode(s["signature"], 64)) for s in opened["statements"]]
    files = [(g["compartment"], b64u_decode(g["file"])) for g in opened["grants"]]
    found = RecordReader(revisions, files, held, record=record)
    fresh = {"file_key": os.urandom(16), "nonce": os.urandom(16)}
    grants = [
        {
            "compartment": id_,
            "file": b64u_encode(Compartment(id_, "", key).grant(member.keys.identity.recipient, **fresh)),
        }
        for id_, key in found.identities.items()
    ]
    answer = kim.post(f"/records/{record}/assignments", {"member": member.member, "grants": grants})
    assert answer.status_code == 200, answer.text
