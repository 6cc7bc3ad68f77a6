"""What is taken back or erased takes with it what members did with it."""

from sqlalchemy import func, insert, select

from intake.db.tables import review as r
from tests.reviewing.people import a_record, assign, member
from tests.service import Service, on_every_database_in_time

OF_A_RECORD = (
    r.statuses,
    r.assignments,
    r.member_grants,
    r.identity_requests,
    r.openings,
    r.triage_seen,
    r.case_records,
)


def counts(service: Service) -> dict[str, int]:
    tables = (*OF_A_RECORD, r.workspaces, r.workspace_grants, r.work, r.work_files, r.deadlines)
    with service.owner.read() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        }


def about(service: Service, record: str) -> dict[str, int]:
    with service.owner.read() as connection:
        return {
            table.name: connection.execute(
                select(func.count()).select_from(table).where(table.c.record == record)
            ).scalar_one()
            for table in OF_A_RECORD
        }


def worked_on(service: Service, record: str, prefix: str) -> None:
    """Everything that can be there about a record, written by hand where others write it."""
    holder, rita = (
        member(service, f"kira{prefix}", "key-holder"),
        member(service, f"rita{prefix}", "reviewer"),
    )
    rita.inbox()
    assert assign(holder, record, rita).status_code == 200
    ask = {"classes": ["identity"], "reason": "contact"}
    assert rita.post(f"/records/{record}/identity-requests", ask).status_code == 200
    space, case = prefix * 32, prefix * 31 + "0"
    day = "2026-01-01"
    with service.owner.write() as connection:
        for id_, of in ((space, record), (case, None)):
            row = {"id": id_, "mechanism": "demo", "record": of, "document": b"{}", "entries": 1, "day": day}
            connection.execute(insert(r.workspaces).values(row))
        connection.execute(
            insert(r.case_records).values(workspace=case, record=record, added_by="x", day=day)
        )
        connection.execute(insert(r.workspace_grants).values(workspace=space, reader="x", file=b"age"))
        entry = {"part": space, "workspace": space, "number": 1, "kind": "note", "member": "x", "day": day}
        connection.execute(insert(r.work).values(**entry, document=b"", header=b"", payload=b""))
        due = {"id": space, "workspace": space, "due": day, "kind": "x", "member": "x"}
        connection.execute(insert(r.deadlines).values(due))


@on_every_database_in_time
def test_an_erased_record_leaves_nothing_and_another_keeps_what_is_its_own(
    service: Service, photo: bytes
) -> None:
    kept, gone = a_record(service, photo=photo).record, a_record(service, photo=photo).record
    worked_on(service, kept, "a")
    before = counts(service)
    worked_on(service, gone, "b")
    assert all(about(service, gone).values()) and counts(service)["work"] == before["work"] + 1
    theirs = about(service, kept)
    service.installation.erasure.erase(gone)
    assert not any(about(service, gone).values()) and about(service, kept) == theirs
    spaces = ("workspace_grants", "work", "work_files", "deadlines")
    after = counts(service)
    assert [after[name] for name in spaces] == [before[name] for name in spaces]
    assert after["workspaces"] == before["workspaces"] + 1  # the case stays, without the record
    assert service.installation.payloads.unreferenced() == 0


@on_every_database_in_time
def test_a_consent_that_ends_takes_the_mechanisms_work_along_and_keeps_its_number(
    service: Service, photo: bytes
) -> None:
    person = a_record(service, photo=photo)
    worked_on(service, person.record, "a")
    assert person.revise(choices=[]).status_code in (200, 201)
    left = {name: count for name, count in counts(service).items() if count}
    assert left == {"statuses": 1, "openings": 1, "workspaces": 1}
