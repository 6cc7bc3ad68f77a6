"""Cases: whoever has the key is in, and sees of its records what they see anyway."""

from pathlib import Path

import pytest

from intake.audit.events import Event
from tests.http.test_feed import entries
from tests.reviewing.desks import assign, desk
from tests.service import Service, on_every_database_in_time, prepared
from tests.staff import Staff

pytestmark = on_every_database_in_time


@pytest.fixture
def records(service: Service, tmp_path: Path) -> list[str]:
    return [
        service.submit(prepared(tmp_path / str(n), {}, narrative=f"Сведчанне {n}"))[1].record for n in (1, 2)
    ]


def test_two_reviewers_share_a_case_and_each_sees_their_own_records_of_it(
    service: Service, records: list[str]
) -> None:
    staff = Staff(service)
    anna, bela, carla = (staff.member("reviewer", id=id_) for id_ in ("anna", "bela", "carla"))
    kim = staff.member("key-holder", id="kim")
    assign(service, records[0], anna)
    assign(service, records[1], anna, bela)
    case = desk(staff, anna, None).begin(bela)
    case.write("title", {"text": "Жодзіна, жнівень"})
    case.write("title", {"text": "Жодзіна, жнівень 2020"})
    for record in records:
        assert anna.put(f"/cases/{case.id}/records/{record}", {}).status_code == 200
    assert anna.put(f"/cases/{case.id}/records/{records[0]}", {}).status_code == 200  # again

    (listed,) = anna.get("/cases").json()["cases"]
    assert sorted(listed["records"]) == sorted(records)
    assert case.opened(listed["title"])["text"] == "Жодзіна, жнівень 2020"
    (theirs,) = bela.get("/cases").json()["cases"]
    assert theirs["records"] == [records[1]]
    assert case.of(bela).entries()[0]["kind"] == "title"

    for outside in (carla, kim):  # not even who opens every record, before they are let in
        assert outside.get("/cases").json()["cases"] == []
        assert outside.get(f"/cases/{case.id}").status_code == 404
        assert outside.get(f"/workspaces/{case.id}/work").status_code == 404
        assert outside.put(f"/cases/{case.id}/records/{records[0]}", {}).status_code == 404
    shown = anna.get(f"/cases/{case.id}").json()
    assert {card["member"] for card in shown["cards"]} == {"anna", "bela", "carla", "kim"}
    grants = {"grants": [{"reader": "carla", "file": case.grant(carla.keys.identity.recipient)}]}
    assert anna.post(f"/workspaces/{case.id}/grants", grants).status_code == 200
    assert carla.get(f"/cases/{case.id}").json()["case"]["records"] == []


def test_a_record_that_one_does_not_see_is_neither_put_in_nor_taken_out(
    service: Service, records: list[str]
) -> None:
    staff = Staff(service)
    anna, bela = staff.member("reviewer", id="anna"), staff.member("reviewer", id="bela")
    assign(service, records[0], anna)
    case = desk(staff, anna, None).begin(bela)
    assert anna.put(f"/cases/{case.id}/records/{records[0]}", {}).status_code == 200
    for record in (records[0], records[1], "ab" * 32, "rubbish"):
        path = f"/cases/{case.id}/records/{record}"
        assert bela.put(path, {}).status_code == bela.delete(path).status_code == 404
    assert anna.delete(f"/cases/{case.id}/records/{records[0]}").status_code == 200
    assert anna.get(f"/cases/{case.id}").json()["case"]["records"] == []


def test_what_happens_to_a_record_in_a_case_is_on_its_log(service: Service, records: list[str]) -> None:
    staff = Staff(service)
    anna = staff.member("reviewer", id="anna")
    assign(service, records[0], anna)
    before = len(entries(service))
    case = desk(staff, anna, None).begin()
    anna.put(f"/cases/{case.id}/records/{records[0]}", {})
    anna.get("/cases")
    anna.get(f"/cases/{case.id}")
    logged = [(e.event, e.record) for e in entries(service)[before:]]
    assert logged == [
        (Event.CASE_CHANGED, None),
        (Event.CASE_CHANGED, records[0]),
        (Event.CASES_LISTED, None),
        (Event.CASES_LISTED, None),
    ]


def test_a_records_workspace_is_no_case(service: Service, records: list[str]) -> None:
    staff = Staff(service)
    anna = staff.member("reviewer", id="anna")
    assign(service, records[0], anna)
    made = desk(staff, anna, records[0])
    assert anna.post("/cases", {k: v for k, v in made.body().items() if k != "record"}).status_code == 422
    made.begin()
    assert anna.get(f"/cases/{made.id}").status_code == 404
    assert anna.get("/cases").json()["cases"] == []
