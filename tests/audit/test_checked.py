"""`intake check` of logs: tiles of every level, entries that wait, and refusals that are none of a record."""

from pathlib import Path

import pytest
from sqlalchemy import ColumnElement, update

from intake.audit import log
from intake.audit.events import Event, Log
from intake.db.tables import audit as logs
from tests.postgres import postgres
from tests.service import Mechanism, Service, form_fields, new_receipt, prepared, running
from tests.upkeep.test_check import execute, findings


@pytest.fixture
def tall(service: Service) -> Service:
    """With tiles of two levels, signed."""
    with service.owner.write() as connection:
        log.pad(connection, "demo", Log.RECORDS, 256 * 256)
    assert service.installation.publisher.publish("demo", Log.RECORDS, now=True)
    return service


@pytest.mark.slow
def test_every_level_of_tiles_is_computed_again(tall: Service) -> None:
    own = logs.log_tiles

    def low(index: int) -> ColumnElement[bool]:
        return (own.c.level == 0) & (own.c.index == index)

    high = own.c.level == 1
    execute(
        tall,
        update(own).where(low(7)).values(root=b"\1" * 32),
        update(own).where(low(8)).values(hashes=b"\1" * 8192),
        update(own).where(low(9)).values(hashes=b"short"),
        update(own).where(low(10)).values(index=300),
        update(own).where(high).values(root=b"\1" * 32),
    )
    found = {f.what for f in findings(tall)}
    assert found == {
        "the root of tile 7 of level 0 is not that of its hashes",
        "entry 2048 is not the one that was appended (nor are 255 others of its tile)",
        "tile 9 of level 0 is not what lies below it",
        "tile 10 of level 0 is missing",
        "the root of tile 0 of level 1 is not that of its hashes",
        "tile 300 of level 0 stands beyond the head 65552",
    }
    execute(tall, update(own).where(high).values(hashes=b"\1" * 8192))
    assert "tile 0 of level 1 is not what lies below it" in {f.what for f in findings(tall)}


def test_a_refusal_of_a_record_that_never_was_is_no_finding(service: Service) -> None:
    with service.owner.write() as connection:
        log.append(connection, "demo", Event.REFUSED, record="ab" * 32, client="x", reason="not_found")
    assert findings(service) == []


def test_entries_that_wait_for_their_index_are_no_findings(tmp_path: Path, demo: Mechanism) -> None:
    with postgres() as url, running(tmp_path, demo, database_url=url, log_sequencer=True) as waiting:
        waiting.send_form(form_fields(new_receipt()))
        waiting.submit(prepared(tmp_path / "t", {}))
        assert findings(waiting) == []
