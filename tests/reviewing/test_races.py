"""What is taken back while somebody reads: wholly before, or wholly after."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from intake.db.tables.review import assignments
from intake.db.tables.submissions import records
from intake.errors import NotFound
from intake.people.reader import Reader
from intake.reviewing.visible import require_visible
from tests.reviewing.desks import assign
from tests.service import PURPOSE, Service, on_every_database_in_time, prepared
from tests.staff import Staff


@on_every_database_in_time
def test_a_reviewer_who_asks_while_a_record_is_taken_back_waits_and_is_refused(
    service: Service, tmp_path: Path
) -> None:
    record = service.submit(prepared(tmp_path / "testimony", {}))[1].record
    assign(service, record, Staff(service).member("reviewer", id="anna"))
    database, answers = service.installation.database, list[str]()
    reader = Reader("demo", PURPOSE, member="anna", roles=("reviewer",))

    def ask() -> None:
        with pytest.raises(NotFound), database.write() as connection:
            require_visible(connection, reader, record)
        answers.append("refused")

    asking = threading.Thread(target=ask)
    with database.write() as connection:  # as `Assignments.take_back` does
        connection.execute(select(records.c.id).where(records.c.id == record).with_for_update())
        connection.execute(delete(assignments).where(assignments.c.record == record))
        asking.start()
        asking.join(1)
        assert answers == []
    asking.join(20)
    assert answers == ["refused"]
