"""Python and TypeScript believe the same of the logs: keys that are in them, and promises."""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crypto.bundles import verify_bundle
from crypto.encoding import canonical_json
from crypto.errors import CryptoError
from intake import clock
from intake.client import folder, submit
from intake.client.announced import check_logged
from intake.client.api import Api
from intake.client.promises import check_promise
from tests.service import Service, new_receipt, prepared
from tests.web.twin import Twin, TwinError

Change = Callable[[Any, Any], None]


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with Twin() as found:
        yield found


def _shorter(logs: Any, announced: Any) -> None:
    announced["demo"]["entries"].pop(0)


def _nowhere(logs: Any, announced: Any) -> None:
    del announced["demo"]


def _moved(logs: Any, announced: Any) -> None:
    announced["demo"]["entries"][0]["index"] += 1


def _another_path(logs: Any, announced: Any) -> None:
    announced["demo"]["entries"][1]["hashes"][0] = "00" * 32


def _another_opening(logs: Any, announced: Any) -> None:
    first, second = announced["demo"]["entries"][:2]
    first["opening"] = second["opening"]


def _unsigned(logs: Any, announced: Any) -> None:
    note = announced["demo"]["checkpoint"]
    announced["demo"]["checkpoint"] = "\n".join(note.split("\n")[:5]) + "\n"


def _ed25519_alone(logs: Any, announced: Any) -> None:
    for log in logs:
        log["keys"] = [key for key in log["keys"] if len(key) < 200]


def _the_other_log(logs: Any, announced: Any) -> None:
    for log in logs:
        log["log"] = {"access": "records", "records": "access"}[log["log"]]


def test_keys_are_believed_if_the_log_has_them_and_not_if_anything_is_different(
    service: Service, twin: Twin
) -> None:
    logs, announced, mechanisms = (
        service.http.get(f"{service.url}/v1/{name}").json()
        for name in ("logs", "logs/announced", "mechanisms")
    )
    (raw,) = mechanisms["mechanisms"]
    bundle, day = verify_bundle(canonical_json(raw)), clock.day()
    assert len(announced["announced"]["demo"]["entries"]) == 4
    check_logged(announced, logs, bundle, day)
    twin.ask("logged", logs=logs, announced=announced, bundle=raw, day=day)
    changes: list[Change] = [
        _shorter,
        _nowhere,
        _moved,
        _another_path,
        _another_opening,
        _unsigned,
        _ed25519_alone,
        _the_other_log,
    ]
    for change in changes:
        other = copy.deepcopy((logs, announced))
        change(other[0]["logs"], other[1]["announced"])
        with pytest.raises(CryptoError):
            check_logged(other[1], other[0], bundle, day)
        with pytest.raises(TwinError) as refused:
            twin.ask("logged", logs=other[0], announced=other[1], bundle=raw, day=day)
        assert refused.value.kind in ("VerifyError", "FormatError"), change


def test_a_promise_is_believed_by_both_or_by_neither(service: Service, twin: Twin, tmp_path: Path) -> None:
    testimony: folder.Testimony = prepared(tmp_path / "t", {})
    _, sent = service.submit(testimony, new_receipt())
    assert sent.promise is not None
    key = submit.promise_key(Api(service.url))
    for changed in (
        {},
        {"record": "00" * 32},
        {"statement": "00" * 32},
        {"mechanisms": ["demo", "other"]},
        {"today": "2020-01-01"},
        {"today": "2099-01-01"},
        {"promise": sent.promise.replace(sent.record, "11" * 32)},
        {"promise": None},
    ):
        said: dict[str, Any] = {
            "promise": sent.promise,
            "record": sent.record,
            "statement": sent.statement,
            "mechanisms": ["demo"],
            "today": clock.day(),
        } | changed
        try:
            check_promise(
                said["promise"], key, said["record"], said["statement"], said["mechanisms"], said["today"]
            )
            believed = True
        except CryptoError:
            believed = False
        assert believed == (not changed)
        names = {
            "record": "record",
            "statement": "statementHash",
            "mechanisms": "mechanisms",
            "today": "today",
        }
        given = {theirs: said[ours] for ours, theirs in names.items()}
        if believed:
            twin.ask("promise", promise=said["promise"], key=key, sent=given)
        else:
            with pytest.raises(TwinError) as refused:
                twin.ask("promise", promise=said["promise"], key=key, sent=given)
            assert refused.value.kind in ("VerifyError", "FormatError"), changed
