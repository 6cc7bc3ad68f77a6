"""A program that was registered for triage and account pulls, verifies and opens what it gets, and no more."""

from pathlib import Path

from sqlalchemy import update

from intake.db.tables.people import clients
from intake.people.clients import DEFAULT_CLASSES
from tests.reviewing.people import a_record, member
from tests.service import Service, on_every_database_in_time


@on_every_database_in_time
def test_a_program_without_identity_pulls_whole_records_and_opens_the_rest(
    service: Service, photo: bytes, tmp_path: Path
) -> None:
    person = a_record(service, photo=photo)
    with service.installation.database.write() as connection:
        connection.execute(update(clients).values(classes=list(DEFAULT_CLASSES)))
    pulled = service.pull(tmp_path / "pulled")
    assert (pulled.records, pulled.refused) == ([person.record], {})
    (opened,) = service.open(tmp_path / "pulled", tmp_path / "opened")
    assert (opened.problems, opened.media, opened.sealed_elsewhere) == ({}, [], 2)
    person.revise("Яшчэ.")
    again = service.pull(tmp_path / "pulled")
    assert (again.revised, again.refused, again.ended) == ([person.record], {}, [])
    member(service, "rita", "reviewer").inbox()
    assert service.pull(tmp_path / "pulled").refused == {}
