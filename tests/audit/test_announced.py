"""What logs say to everybody: a mechanism's keys and the program that is served, and nothing of any record."""

import json
from pathlib import Path
from typing import Any

import pytest

from crypto.bundles import verify_bundle
from crypto.errors import VerifyError
from crypto.log_leaf import Opening
from intake import clock
from intake.audit import announced, log
from intake.audit.events import Event, Log
from intake.client import mechanism_keys
from intake.client.announced import check_logged
from intake.people import mechanisms
from tests.service import (
    Service,
    make_mechanism,
    new_receipt,
    on_every_database,
    prepared,
    register,
)

pytestmark = on_every_database


def _shown(service: Service) -> dict[str, Any]:
    found: dict[str, Any] = service.http.get(f"{service.url}/v1/logs/announced").json()
    return found


def _check(service: Service, bundle: Path) -> None:
    logs = service.http.get(f"{service.url}/v1/logs").json()
    check_logged(_shown(service), logs, verify_bundle(bundle.read_bytes()), clock.day())


def test_a_key_is_shown_with_its_proof_once_a_checkpoint_covers_it(service: Service, tmp_path: Path) -> None:
    other = make_mechanism(tmp_path / "keys", "other")
    register(service.installation, other)
    assert set(_shown(service)["announced"]) == {"demo"}
    service.installation.publisher.publish("other", Log.RECORDS, now=True)
    _check(service, other.keys / "bundle.json")
    assert len(_shown(service)["announced"]["other"]["entries"]) == 4

    renewed = mechanism_keys.rotate(other.keys, 365, None)
    with service.installation.database.write() as connection:
        mechanisms.add(connection, renewed.raw)
    with pytest.raises(VerifyError, match="not in its log"):
        _check(service, other.keys / "bundle.json")
    service.installation.publisher.publish("other", Log.RECORDS, now=True)
    _check(service, other.keys / "bundle.json")
    assert len(_shown(service)["announced"]["other"]["entries"]) == 8


def test_nothing_of_a_record_is_among_it(service: Service, tmp_path: Path) -> None:
    _, sent = service.submit(prepared(tmp_path / "t", {}), new_receipt())
    service.installation.publisher.publish("demo", Log.RECORDS, now=True)
    answer = _shown(service)
    assert sent.record not in json.dumps(answer)
    said = [Opening.parse(e["opening"].encode()).values for e in answer["announced"]["demo"]["entries"]]
    assert [values["event"] for values in said] == ["mechanism.keys"] * 4


def test_every_log_says_once_what_browsers_are_given(service: Service) -> None:
    for program in ("11" * 32, "11" * 32, "22" * 32, "22" * 32):
        with service.installation.database.write() as connection:
            announced.serve(connection, Event.CONSOLE_SERVED, program.replace("1", "3"))
            announced.serve(connection, Event.PROGRAM_SERVED, program)
    with service.installation.database.read() as connection:
        entries = log.read(connection, "demo", Log.RECORDS, 0, 1000)
    said = {
        event: [entry.fields["assets"] for entry in entries if entry.event is event]
        for event in (Event.PROGRAM_SERVED, Event.CONSOLE_SERVED)
    }
    assert said[Event.PROGRAM_SERVED] == ["11" * 32, "22" * 32]
    assert said[Event.CONSOLE_SERVED] == ["33" * 32, "22" * 32]
    service.installation.publisher.publish("demo", Log.RECORDS, now=True)
    newest = _shown(service)["announced"]["demo"]["entries"][-1]
    assert Opening.parse(newest["opening"].encode()).values["assets"] == "22" * 32
