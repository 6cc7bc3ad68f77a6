"""A legal hold binds whoever had read of it when consenting, on whatever day that was."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from crypto import statement as statements
from crypto.encoding import b64u_encode, canonical_json
from crypto.profiles import Profile
from intake.db import tickets
from intake.errors import NotFound
from intake.submissions import checks, holds
from tests.http.test_feed import Program
from tests.own import Person, allow, mover, publish_profile, texts
from tests.service import Mechanism, Service, on_every_database_in_time

HOLD = {"en": "What was opened is kept, by law."}
Move = Callable[[int], None]


@pytest.fixture
def move(monkeypatch: pytest.MonkeyPatch) -> Move:
    return mover(monkeypatch)


def sealed_offline(person: Person) -> dict[str, Any]:
    """A first submission, to be sent on a later day."""
    composer = person.composer([allow()])
    texts(["Тэкст"], composer)
    body = person.body(composer)
    signed = json.loads(body["statement"])
    data = canonical_json(signed | {"client": signed["client"] | {"name": checks.OFFLINE}})
    signature = b64u_encode(statements.sign(data, person.keys.signing))
    return body | {
        "statement": data.decode(),
        "signature": signature,
        "receipt": person.receipt(composer.writer),
    }


def bound(service: Service, person: Person) -> Profile | None:
    with service.installation.database.read() as connection:
        return holds.binding(connection, person.record, "demo")


@on_every_database_in_time
def test_a_hold_that_was_announced_while_a_testimony_travelled_binds_nobody(
    service: Service, demo: Mechanism, move: Move
) -> None:
    travelled = Person(service)
    body = sealed_offline(travelled)
    move(5)
    publish_profile(service, demo, hold=HOLD)
    move(7)
    assert travelled.post("/v1/submissions", body).status_code == 201
    assert bound(service, travelled) is None
    move(0)
    assert Program(service).enter().get(f"/feed/v1/records/{travelled.record}").status_code == 200
    assert travelled.revise(choices=[]).json()["withdrawn"] == {"demo": "deleted"}


def test_a_hold_that_was_read_binds_though_the_testimony_travelled(
    service: Service, demo: Mechanism, move: Move
) -> None:
    publish_profile(service, demo, hold=HOLD)
    travelled = Person(service)
    body = sealed_offline(travelled)
    move(7)
    assert travelled.post("/v1/submissions", body).status_code == 201
    found = bound(service, travelled)
    assert found is not None and found.hold == HOLD
    move(9)
    publish_profile(service, demo, 2)  # announced no more
    assert bound(service, travelled) == found


def test_a_hold_that_was_gone_on_arrival_binds_nobody(service: Service, demo: Mechanism, move: Move) -> None:
    publish_profile(service, demo, hold=HOLD)
    travelled = Person(service)
    body = sealed_offline(travelled)
    move(5)
    publish_profile(service, demo, 2)
    move(7)
    assert travelled.post("/v1/submissions", body).status_code == 201
    assert bound(service, travelled) is None


@on_every_database_in_time
def test_nothing_is_disclosed_of_a_record_that_was_just_erased(service: Service) -> None:
    person = Person(service)
    person.send()
    record = person.record
    service.installation.erasure.erase(record)
    with service.installation.database.write() as connection, pytest.raises(NotFound):
        tickets.newest_leaf(connection, record)
