"""The server's clock is moved by years: the feed's order is by index, and nothing is lost."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crypto.log_leaf import Opening
from intake import clock
from intake.client import api, mechanism_keys, pull
from intake.db.tables.submissions import records
from intake.store.local import LocalStore
from tests.faults.ground import check_readable, check_whole, kept
from tests.sealed import PATCH, TUS, Sealed
from tests.service import PURPOSE, Mechanism, Service, form_fields, new_receipt, running

YEAR = 365 * clock.DAY
Move = Callable[[int], None]


@pytest.fixture
def move(monkeypatch: pytest.MonkeyPatch) -> Move:
    """Moves the clock of all threads but the test's own: of the server, not of its clients."""
    shift = [0]
    real = clock.now
    own = threading.get_ident()
    monkeypatch.setattr(clock, "now", lambda: real() + (0 if threading.get_ident() == own else shift[0]))

    def set_shift(seconds: int) -> None:
        shift[0] = seconds

    return set_shift


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Service]:
    """A service whose mechanism made its keys ten years ago, for thirty."""
    keys = tmp_path / "keys"
    keys.mkdir()

    class Past(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Past":
            return cls.fromtimestamp(clock.now() - 10 * YEAR, tz)

    with pytest.MonkeyPatch.context() as past:
        past.setattr(mechanism_keys, "datetime", Past)
        mechanism_keys.create(keys, "demo", {"en": "Demo"}, 30 * 365, None)
    pull.new_client("demo-puller", keys)
    with running(tmp_path / "s", Mechanism("demo", keys)) as service:
        yield service


def days(service: Service) -> dict[str, str]:
    """Record → the day on which it was received, by the server's clock."""
    with service.installation.database.read() as connection:
        return {row.id: row.received_day for row in connection.execute(select(records))}


def events(service: Service) -> list[str]:
    """Records in the order of the feed."""
    key = pull.load_client(service.mechanism.client_file)
    with api.api(service.url, patience=5) as connection:
        page = pull.FeedClient(connection, key, PURPOSE).events(0)
        assert [e["index"] for e in page["events"]] == list(range(page["next"]))
        said = [Opening.parse(e["opening"].encode()).values for e in page["events"]]
        return [str(s["record"]) for s in said if s.get("event") == "record.added"]


def in_server(work: Callable[[], object]) -> None:
    """In another thread than the test's: by the server's clock."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(60)


def test_feed_is_in_the_order_of_arrival_whatever_the_clock_says(
    old: Service, move: Move, photo: bytes
) -> None:
    sent: list[str] = []
    for years in (0, 4, -6, 2, -1, 0):
        move(years * YEAR)
        receipt = new_receipt()
        answer = old.send_form(form_fields(receipt, ("received", "a.jpg", photo)))
        assert answer.status_code == 200, answer.text
        sent.append(kept(old, receipt) or "")
        in_server(old.installation.payloads.maintain)
    move(0)
    assert events(old) == sent and len(set(days(old).values())) == 5
    check_whole(old)
    in_server(lambda: old.installation.payloads.maintain(merge_now=True))
    check_whole(old)
    assert check_readable(old) == set(sent)


def test_server_whose_clock_is_wrong_refuses_a_sealed_submission_and_takes_it_later(
    old: Service, move: Move
) -> None:
    sealed = Sealed(old)
    body = sealed.body()
    for years in (-3, 3):
        move(years * YEAR)
        answer = sealed.send(body)
        assert (answer.status_code, answer.json()["code"]) == (422, "day")
    move(0)
    assert sealed.send(body).status_code == 201


def test_upload_outlives_a_clock_that_goes_back_and_expires_by_one_that_goes_forward(
    old: Service, move: Move
) -> None:
    payload = Sealed(old).narrative.payload
    created = old.http.post(f"{old.url}/v1/uploads", headers={**TUS, "Upload-Length": str(len(payload))})
    address = created.headers["location"]
    assert old.http.patch(address, content=payload[:9], headers={**PATCH, "Upload-Offset": "0"}).is_success

    def state() -> int:
        return old.http.head(address, headers=TUS).status_code

    move(-5 * YEAR)
    in_server(old.installation.payloads.maintain)
    assert state() == 200
    move(5 * YEAR)
    assert state() == 404
    move(0)  # a clock that was wrong only for a while does no harm
    assert state() == 200
    rest = old.http.patch(address, content=payload[9:], headers={**PATCH, "Upload-Offset": "9"})
    assert rest.status_code == 204
    move(5 * YEAR)
    in_server(old.installation.payloads.maintain)
    move(0)
    assert state() == 404 and list(old.installation.store.names()) == []


def test_token_ends_by_the_clock_and_assertions_need_a_clock_that_is_right(
    old: Service, move: Move, tmp_path: Path
) -> None:
    receipt = new_receipt()
    assert old.send_form(form_fields(receipt)).status_code == 200
    key = pull.load_client(old.mechanism.client_file)
    with api.api(old.url, patience=2) as connection:
        feed = pull.FeedClient(connection, key, PURPOSE)
        assert feed.events(0)["next"] >= 1
        for years in (1, -1):
            move(years * YEAR)
            with pytest.raises(api.ApiError) as refused:
                feed.events(0)
            assert refused.value.status == 401
        move(0)
        assert feed.events(0)["next"] >= 1
    assert old.pull(tmp_path / "pulled").records == [kept(old, receipt)]


def test_form_that_pauses_longer_than_the_sweep_waits_is_not_acknowledged_without_its_payloads(
    service: Service, move: Move, monkeypatch: pytest.MonkeyPatch, photo: bytes
) -> None:
    """A slow store or a machine that sleeps: hours pass between a form's first blob and its commit."""
    publish = LocalStore.publish

    def then_pause(self: LocalStore, *arguments: Any) -> Any:
        names = publish(self, *arguments)
        move(3 * clock.HOUR)
        service.installation.payloads.maintain()
        return names

    fields = form_fields(new_receipt(), ("received", "a.jpg", photo))
    with monkeypatch.context() as pause:
        pause.setattr(LocalStore, "publish", then_pause)
        answer = service.send_form(fields)
    move(0)
    assert answer.status_code in (200, 503)
    check_whole(service)
    assert service.send_form(fields).status_code == 200
    check_readable(service)
