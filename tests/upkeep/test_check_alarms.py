"""An operator finds alarms that somebody took from the list, or put there: the log says which there were."""

import pytest
from sqlalchemy import delete, insert, update

from intake.db.tables.audit import log_entries
from intake.db.tables.review import alarms
from intake.people.alarms import ALONE, BUDGET, raise_about
from intake.upkeep.check import check
from tests.service import Service, on_every_database_in_time

TAKEN = "the log has it, and it is not among the alarms"
MADE_UP = "it is among the alarms, and the log does not know it"


def findings(service: Service) -> list[tuple[str, str]]:
    found = service.installation
    listed = check(service.owner, found.store, found.log_keys, read_data=False)
    return [(one.what, one.where.partition(" of ")[0]) for one in listed]


@pytest.fixture
def alarmed(service: Service) -> Service:
    with service.installation.database.write() as connection:
        assert raise_about(connection, "demo", "anna", BUDGET)
        assert raise_about(connection, "demo", "bela", ALONE)
        assert not raise_about(connection, "demo", "bela", ALONE)
    return service


@on_every_database_in_time
def test_nothing_is_found_where_every_alarm_is_in_the_log(alarmed: Service) -> None:
    assert findings(alarmed) == []


def test_a_deleted_alarm_is_found_beside_a_changed_entry_of_the_log(alarmed: Service) -> None:
    first = (log_entries.c.log == "records") & (log_entries.c.index == 0)
    with alarmed.owner.write() as connection:
        connection.execute(delete(alarms).where(alarms.c.reader == "anna"))
        connection.execute(update(log_entries).where(first).values(opening=b"{}"))
    found = findings(alarmed)
    assert (TAKEN, "alarm budget_spent about anna") in found
    assert any(what.startswith("entry 0 does not open") for what, _ in found) and len(found) == 2


def test_an_alarm_that_was_made_up_and_one_about_somebody_else_now_are_found(alarmed: Service) -> None:
    row = {"id": "00" * 16, "mechanism": "demo", "kind": BUDGET, "reader": "vera", "day": "2026-11-01"}
    with alarmed.owner.write() as connection:
        connection.execute(insert(alarms).values(**row, seen_by=None))
        connection.execute(update(alarms).where(alarms.c.reader == "bela").values(reader="zoya"))
    assert set(findings(alarmed)) == {
        (TAKEN, "alarm admitted_alone about bela"),
        (MADE_UP, "alarm admitted_alone about zoya"),
        (MADE_UP, "alarm budget_spent about vera"),
    }
