"""A round of maintenance: what fails in it holds up nothing else."""

from dataclasses import replace
from typing import Any, cast

import pytest

from intake.submissions import drafts
from intake.submissions.restorations import Restorations
from intake.upkeep.worker import maintain
from tests.own import Person, mover, on_the_server
from tests.service import Service, form_fields, new_receipt


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
