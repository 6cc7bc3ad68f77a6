"""What was made of a part is read by those who may read the part, and goes when the part goes."""

from pathlib import Path

import httpx
import pytest
from sqlalchemy import delete, func, insert, select, update

from intake.audit.events import Event
from intake.db.tables import submissions as t
from intake.db.tables.review import budgets, member_grants, work, work_files, workspaces
from intake.upkeep.check import check
from tests.http.test_feed import entries
from tests.own import allow, publish_profile
from tests.reviewing.desks import Desk, assign, desk
from tests.reviewing.people import a_record
from tests.service import Service, on_every_database_in_time, prepared
from tests.staff import Person, Staff

pytestmark = on_every_database_in_time
PHOTO = b"\xff\xd8\xff" + bytes(range(256)) * 40


def a_testimony(service: Service, folder: Path) -> str:
    return str(service.submit(prepared(folder, {"a.jpg": b"\xff\xd8\xff photo"}))[1].record)


def photo_of(service: Service, record: str) -> str:
    with service.owner.read() as connection:
        here = (t.parts.c.record == record) & (t.parts.c.kind == "medium")
        return str(connection.execute(select(t.parts.c.id).where(here)).scalar_one())


def derived(place: Desk, of: str) -> tuple[str, str]:
    """A derivative of a part: its id, and its file's path."""
    body = place.entry("derivative", {"derivative": "preview"}, refers=of, files=[("p.jpg", PHOTO)])
    answer = place.send(body)
    assert answer.status_code == 200, answer.text
    return answer.json()["part"], f"/workspaces/{place.id}/files/{body['files'][0]['part']}"


def count(service: Service) -> tuple[int, int]:
    with service.owner.read() as connection:
        tables = (work, work_files)
        found = [connection.execute(select(func.count()).select_from(x)).scalar_one() for x in tables]
    return found[0], found[1]


@pytest.fixture
def staff(service: Service) -> Staff:
    return Staff(service)


@pytest.fixture
def anna(staff: Staff) -> Person:
    return staff.member("reviewer", id="anna")


def test_a_derivative_in_a_case_is_for_those_who_see_its_record_and_is_on_its_log(
    service: Service, staff: Staff, anna: Person, photo: bytes, tmp_path: Path
) -> None:
    bela = staff.member("reviewer", id="bela")
    person = a_record(service, photo=photo, kind="account")
    record, other = person.record, a_testimony(service, tmp_path / "2")
    assign(service, record, anna)
    assign(service, other, bela)
    case = desk(staff, anna, None).begin(bela)
    anna.put(f"/cases/{case.id}/records/{record}", {})
    bela.put(f"/cases/{case.id}/records/{other}", {})
    case.write("note")
    made, file = derived(case, photo_of(service, record))
    _, of_it = derived(case, made)  # through another entry
    assert [e["number"] for e in case.entries()] == [1, 2, 3]
    assert (entries(service)[-2].event, entries(service)[-2].record) == (Event.WORK_LISTED, record)
    assert anna.get(file).status_code == anna.get(of_it).status_code == 200
    assert (entries(service)[-1].event, entries(service)[-1].record) == (Event.WORK_LISTED, record)

    theirs = case.of(bela)
    assert [e["number"] for e in theirs.entries()] == [1]
    assert bela.get(file).status_code == bela.get(of_it).status_code == 404
    for hidden in (photo_of(service, record), made):
        body = theirs.entry("note", refers=hidden)
        assert theirs.send(body).json()["code"] == "refers_unknown"
    assert theirs.send(theirs.entry("note", refers=photo_of(service, other))).status_code == 200

    assert person.revise(choices=[]).status_code in (200, 201)
    assert anna.get(file).status_code == 404
    assert [e["number"] for e in case.entries()] == [1]
    assert count(service) == (2, 0)
    assert case.write("note") and [e["number"] for e in case.entries()] == [1, 5]
    found = service.installation
    assert list(check(service.owner, found.store, found.log_keys, read_data=True)) == []


def test_erasing_a_record_takes_what_was_made_of_it_out_of_cases(
    service: Service, staff: Staff, anna: Person, tmp_path: Path
) -> None:
    record = a_testimony(service, tmp_path / "1")
    assign(service, record, anna)
    case = desk(staff, anna, None).begin()
    anna.put(f"/cases/{case.id}/records/{record}", {})
    case.write("title")
    _, file = derived(case, photo_of(service, record))
    anna.delete(f"/cases/{case.id}/records/{record}")
    service.installation.erasure.erase(record)
    assert anna.get(file).status_code == 404
    assert count(service) == (1, 0) and service.installation.payloads.unreferenced() == 0
    found = service.installation
    assert list(check(service.owner, found.store, found.log_keys, read_data=True)) == []
    with service.owner.write() as connection:
        connection.execute(update(workspaces).values(gone=0))
    (problem,) = check(service.owner, found.store, found.log_keys, read_data=True)
    assert "1 of its entries are missing" in str(problem)


def test_what_was_made_of_an_identity_photo_opens_with_the_approval_and_closes_with_it(
    service: Service, staff: Staff, anna: Person, photo: bytes
) -> None:
    person = a_record(service, photo=photo)
    record, bela = person.record, staff.member("reviewer", id="bela")
    assign(service, record, anna, bela)
    place, part = desk(staff, anna, record).begin(bela), photo_of(service, record)
    refused = place.send(place.entry("derivative", refers=part, files=[("p.jpg", PHOTO)]))
    assert refused.json()["code"] == "refers_unknown"
    with service.owner.write() as connection:  # as a custodian's decision does
        here = select(t.parts.c.compartment).where(t.parts.c.id == part)
        row = {"record": record, "mechanism": "demo", "member": "anna", "file": b"sealed"}
        compartment = connection.execute(here).scalar_one()
        connection.execute(insert(member_grants).values(**row, compartment=compartment, expires=2**31 - 1))
    _, file = derived(place, part)
    place.write("note")
    assert anna.get(file).status_code == 200 and len(place.entries()) == 2
    assert bela.get(file).status_code == 404
    assert [e["kind"] for e in place.of(bela).entries()] == ["note"]
    with service.owner.write() as connection:
        connection.execute(delete(member_grants).where(member_grants.c.compartment == compartment))
    assert anna.get(file).status_code == 404 and [e["kind"] for e in place.entries()] == ["note"]
    assert count(service) == (2, 1)

    fewer = person.revise(choices=[allow("demo", "triage", "sensitive")])
    assert fewer.status_code in (200, 201), fewer.text
    assert count(service) == (1, 0)


def test_what_a_hold_keeps_is_kept_and_read_by_nobody(
    service: Service, staff: Staff, anna: Person, photo: bytes
) -> None:
    publish_profile(service, service.mechanism, hold={"en": "What was opened is kept, by law."})
    person = a_record(service, photo=photo, kind="account")
    assign(service, person.record, anna)
    assert anna.get(f"/records/{person.record}").status_code == 200
    case = desk(staff, anna, None).begin()
    anna.put(f"/cases/{case.id}/records/{person.record}", {})
    _, file = derived(case, photo_of(service, person.record))
    assert anna.get(file).status_code == 200
    assert person.revise(choices=[]).json()["withdrawn"] == {"demo": "locked"}
    assert count(service) == (1, 1)
    assert anna.get(file).status_code == 404 and case.entries() == []


def test_reading_what_was_made_of_records_counts_in_the_days_budget(
    service: Service, staff: Staff, anna: Person, tmp_path: Path
) -> None:
    bela = staff.member("reviewer", id="bela")
    first, second = a_testimony(service, tmp_path / "1"), a_testimony(service, tmp_path / "2")
    for record in (first, second):
        assign(service, record, anna, bela)
    places = [desk(staff, anna, record).begin(bela) for record in (first, second)]
    files = [derived(place, photo_of(service, place.record or ""))[1] for place in places]
    with service.owner.write() as connection:
        connection.execute(insert(budgets).values(mechanism="demo", reader="bela", daily=1))

    def spent(answer: httpx.Response) -> bool:
        return answer.status_code == 403 and answer.json()["code"] == "budget_spent"

    assert bela.get(files[0]).status_code == bela.get(f"/workspaces/{places[0].id}/work").status_code == 200
    assert bela.get(f"/records/{first}").status_code == 200
    assert spent(bela.get(files[1])) and spent(bela.get(f"/workspaces/{places[1].id}/work"))
    case = desk(staff, anna, None).begin(bela)
    anna.put(f"/cases/{case.id}/records/{second}", {})
    assert case.of(bela).entries() == []
    _, file = derived(case, photo_of(service, second))
    assert spent(bela.get(file)) and spent(bela.get(f"/workspaces/{case.id}/work"))
