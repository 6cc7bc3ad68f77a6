"""A round of maintenance: what fails in it holds up nothing else."""

from dataclasses import replace
from typing import Any, cast

import pytest
from sqlalchemy import insert, select

from intake import clock
from intake.audit import log
from intake.audit.events import Log
from intake.audit.publish import Inconsistent
from intake.db.tables.review import member_grants
from intake.submissions import drafts
from intake.submissions.restorations import Restorations
from intake.upkeep.worker import maintain
from tests.client.forging import rewrite
from tests.own import Person, mover, on_the_server
from tests.service import Service, form_fields, new_receipt, on_every_database_in_time


def test_a_step_that_fails_skips_no_other_and_is_told(
    service: Service, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, keys = Person(service), new_receipt().keys()
    person.send()
    person.ask_deletion()
    service.installation.drafts.put(keys, "narrative", b"not sent")
    for _ in range(2):
        service.send_form(form_fields(new_receipt(), ("received", "a.jpg", photo)))
    mover(monkeypatch)(max(14, drafts.HOURS // 24 + 1))
    failed: list[Exception] = []
    broken = replace(service.installation, restorations=Restorations(cast(Any, None), cast(Any, None)))

    def run() -> None:
        try:
            maintain(broken, merge_now=True)
        except Exception as error:
            failed.append(error)

    on_the_server(run)
    assert [type(error) for error in failed] == [AttributeError]
    assert person.get("").status_code == 404
    assert service.installation.payloads.maintain(merge_now=True).merged == 0
    assert service.installation.drafts.all(keys) == {}


@on_every_database_in_time
def test_what_was_sealed_to_a_member_for_a_time_goes_when_that_is_over(service: Service) -> None:
    person = Person(service)
    person.send()
    row = {"record": person.record, "mechanism": "demo", "member": "rita", "file": b"sealed"}
    now = clock.hour_number()
    database = service.installation.database
    with database.write() as connection:
        rows = [
            {**row, "compartment": name * 16, "expires": expires}
            for name, expires in (("aa", now), ("bb", now + 1), ("cc", None))
        ]
        connection.execute(insert(member_grants), rows)
    maintain(service.installation)
    with database.read() as connection:
        left = list(connection.execute(select(member_grants.c.compartment)).scalars())
    assert sorted(left) == ["bb" * 16, "cc" * 16]


def test_old_entries_that_were_changed_are_found_by_a_round_and_the_log_is_signed_no_more(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    found = service.installation
    with service.owner.write() as connection:
        log.pad(connection, "demo", Log.ACCESS, 300)
    maintain(found)
    assert "log_inconsistent" not in caplog.messages and found.log_keys.stopped("demo", Log.ACCESS) is None
    rewrite(service, 7, Log.ACCESS, leaf=bytes(65))
    maintain(found)
    assert "log_inconsistent" in caplog.messages
    with pytest.raises(Inconsistent, match="entries 0 to 255 are not those that were appended"):
        found.publisher.publish("demo", Log.ACCESS, now=True)
