"""What a mechanism itself asks, answered when a consent is changed with the client."""

import json
from pathlib import Path
from typing import Any

import pytest

from crypto.receipt import Receipt
from tests.client.test_own import opened, own, run
from tests.own import publish_profile
from tests.service import Service, prepared

HEARD = {
    "id": "heard_of_us",
    "type": "line",
    "label": {"be": "Адкуль?", "ru": "Откуда?", "en": "Heard where?"},
}
CONSENT = ("consent", "--to", "demo:un_fact_finding", "--yes")


@pytest.fixture
def sent(service: Service, tmp_path: Path) -> Receipt:
    """A testimony for `demo`, which asks something of its own by now."""
    publish_profile(service, service.mechanism, questions=[HEARD])
    receipt, _ = service.submit(prepared(tmp_path / "t", {}))
    return receipt


def written(path: Path, value: Any) -> str:
    path.write_text(value if isinstance(value, str) else json.dumps(value), "utf-8")
    return str(path)


def test_submitter_answers_what_a_mechanism_asks_and_the_answer_stays_until_it_is_taken_back(
    service: Service, tmp_path: Path, sent: Receipt
) -> None:
    said = run(service, sent, *CONSENT)
    assert "demo also asks (--answers): heard_of_us: Heard where?" in said
    answers = written(tmp_path / "answers.json", {"demo": {"heard_of_us": "Ад сяброў"}})
    said = run(service, sent, *CONSENT, "--answers", answers)
    assert "also asks" not in said and "Received: revision 3" in said
    assert own(service, sent).choices()["demo"].answers == {"heard_of_us": "Ад сяброў"}
    assert opened(service, tmp_path)["choices"]["demo"]["answers"] == {"heard_of_us": "Ад сяброў"}

    run(service, sent, "consent", "--to", "demo:archive", "--yes")
    changed = own(service, sent).choices()["demo"]
    assert (changed.purposes, changed.answers) == (("archive",), {"heard_of_us": "Ад сяброў"})
    run(service, sent, *CONSENT, "--answers", written(tmp_path / "none.json", {"demo": {}}))
    assert own(service, sent).choices()["demo"].answers == {}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{", "cannot be read"),
        ([], "maps mechanisms to their answers"),
        ({"demo": "так"}, "maps mechanisms to their answers"),
        ({"other": {}}, "other: is not a mechanism of --to"),
        ({"demo": {"heard_of_us": 5}}, "consent/demo/answers/heard_of_us"),
        ({"demo": {"unasked": "x"}}, "demo/unasked: demo does not ask this"),
    ],
    ids=str,
)
def test_answers_that_cannot_be_taken_are_named_and_nothing_is_changed(
    service: Service, tmp_path: Path, sent: Receipt, value: Any, expected: str
) -> None:
    path = written(tmp_path / "answers.json", value)
    assert expected in run(service, sent, *CONSENT, "--answers", path, code=1)
    assert own(service, sent).statement.revision == 1
