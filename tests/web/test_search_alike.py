"""The list of accesses, compared with whole logs twice: the browser finds what the Python client finds."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crypto import log_leaf
from crypto.encoding import b64u_encode
from crypto.log_leaf import LogLeaf, Opening
from crypto.receipt import Receipt
from intake import clock
from intake.audit import log
from intake.audit.events import Log
from intake.client import api
from intake.client.accesses import check_accesses, compare
from intake.client.search import signed_logs
from tests.client.forging import padding_entry, publish, rewrite, sign_anyway
from tests.own import Person
from tests.service import Service, prepared
from tests.web.twin import Twin

Found = tuple[list[Any], dict[str, Any], bytes]  # the service's logs, its list, the record's key
Change = Callable[[list[Any], dict[str, Any], bytes], None]


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with Twin() as running:
        yield running


@pytest.fixture
def receipt(service: Service, tmp_path: Path) -> Receipt:
    """Of a record that was pulled; what became of it is signed."""
    found, _ = service.submit(prepared(tmp_path / "t", {}))
    service.pull(tmp_path / "out")
    publish(service)
    return found


def compared(twin: Twin, service: Service, receipt: Receipt, change: Change) -> list[str]:
    """What both complain about; they agree."""
    person = Person(service, receipt.keys())
    share = person.open().reader.statement.share
    key = receipt.keys().record_key(share)
    logs = service.http.get(f"{service.url}/v1/logs").json()["logs"]
    answer = person.get("/accesses").json()
    change(logs, answer, key)
    with api.api(service.url, patience=5) as connection:
        signed = signed_logs(connection, logs, [], ["demo"])
        ours = check_accesses(answer, person.record, share, key)
        signed.search(ours.tags(key))
    problems = ours.problems + compare(ours, signed) + signed.problems
    theirs = twin.ask(
        "compared",
        url=service.url,
        logs=logs,
        needed=["demo"],
        answer=answer,
        record=person.record,
        share=share.hex(),
        key=key.hex(),
    )
    assert len(theirs["problems"]) == len(problems), (theirs["problems"], problems)
    assert theirs["unsigned"] == len(ours.unsigned)
    assert (theirs["entries"], theirs["logs"]) == (
        sum(log.size for log in signed.logs.values()),
        len(signed.logs),
    )
    assert theirs["stale"] == len(signed.warnings)
    return problems


def nothing(logs: list[Any], answer: dict[str, Any], key: bytes) -> None:
    return None


def made_up(mechanism: str, index: int) -> Change:
    def change(logs: list[Any], answer: dict[str, Any], key: bytes) -> None:
        counter = len(answer["accesses"])
        values = {"event": "record.opened", "mechanism": mechanism, "day": clock.day()}
        opening = Opening.salted(values, secrets.token_bytes)
        leaf = b64u_encode(LogLeaf(log_leaf.tag(key, counter), opening.commitment()).encode())
        item = {"mechanism": mechanism, "log": "access", "index": index, "counter": counter, "leaf": leaf}
        answer["accesses"].append(item | {"opening": opening.encode().decode()})

    return change


def last_dropped(logs: list[Any], answer: dict[str, Any], key: bytes) -> None:
    del answer["accesses"][1:]


def last_delayed(logs: list[Any], answer: dict[str, Any], key: bytes) -> None:
    answer["delayed"] = len(answer["accesses"]) - 1
    del answer["accesses"][1:]


def too_few_delayed(logs: list[Any], answer: dict[str, Any], key: bytes) -> None:
    last_dropped(logs, answer, key)
    answer["delayed"] = 1


def no_log(logs: list[Any], answer: dict[str, Any], key: bytes) -> None:
    logs.pop()


def no_key(logs: list[Any], answer: dict[str, Any], key: bytes) -> None:
    logs[0]["keys"] = []


def keys_of_another(logs: list[Any], answer: dict[str, Any], key: bytes) -> None:
    logs[0]["keys"] = logs[1]["keys"]


def no_form(logs: list[Any], answer: dict[str, Any], key: bytes) -> None:
    logs[0]["keys"] = 5


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        (nothing, True),
        (last_delayed, True),
        (last_dropped, False),
        (too_few_delayed, False),
        (made_up("demo", 5), False),
        (made_up("demo", 10_000), True),  # newer than what was signed: nobody can tell yet
        (made_up("harmless", 5), False),
        (no_log, False),
        (no_key, False),
        (keys_of_another, False),
        (no_form, False),
    ],
)
def test_both_find_the_same_in_a_list_and_in_logs(
    twin: Twin, service: Service, receipt: Receipt, change: Change, holds: bool
) -> None:
    assert (compared(twin, service, receipt, change) == []) is holds


def test_both_find_that_entries_are_not_those_that_were_signed(
    twin: Twin, service: Service, receipt: Receipt
) -> None:
    rewrite(service, 3, Log.ACCESS, **padding_entry())
    assert compared(twin, service, receipt, nothing)


def test_both_read_logs_of_many_bundles_and_such_as_were_never_signed(
    twin: Twin, service: Service, tmp_path: Path
) -> None:
    found, _ = service.submit(prepared(tmp_path / "t", {}))
    assert compared(twin, service, found, nothing) == []
    with service.owner.write() as connection:
        log.pad(connection, "demo", Log.ACCESS, 700)
    sizes = [sign_anyway(service, kind) for kind in (Log.ACCESS, Log.RECORDS)]
    assert sizes[0] > 700 and sizes[0] % 256
    assert compared(twin, service, found, nothing) == []
