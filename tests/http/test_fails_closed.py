"""Nothing leaves without its entry: routes that forget one, that go around `Access`, and a log that is gone."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, StreamingResponse
from sqlalchemy import select

from crypto.encoding import b64u_encode
from intake import app as apps
from intake import logs
from intake.audit import marks
from intake.audit.events import Event
from intake.db import tickets
from intake.db.tables import submissions as t
from intake.db.tickets import Ticket
from intake.errors import Unavailable
from intake.http.audited import AuditedRoute, audited, unaudited
from intake.http.context import in_thread, services
from intake.http.feed.pull import asked
from intake.sharing.access import What
from tests.http.test_audited import content_of
from tests.http.test_feed import Program, entries
from tests.postgres import APP, postgres
from tests.sealed import Sealed
from tests.service import Mechanism, Service, running

rogue = APIRouter(prefix="/feed/v1/rogue", route_class=AuditedRoute)
CANARY = "what must not leave"


@rogue.get("/forgets")
@audited(Event.RECORD_OPENED)
async def forgets() -> JSONResponse:
    return JSONResponse({"secret": CANARY}, headers={"X-Secret": CANARY})


@rogue.get("/streams")
@audited(Event.RECORD_OPENED)
async def streams() -> StreamingResponse:
    return StreamingResponse(iter([CANARY]))


@rogue.get("/other")
@audited(Event.RECORD_OPENED)
async def logs_something_else() -> JSONResponse:
    await in_thread(lambda: marks.logged(Event.FEED_LISTED))
    return JSONResponse({"secret": CANARY})


@rogue.get("/repeats")
@audited(Event.RECORD_OPENED)
async def says_that_it_repeats() -> JSONResponse:
    await in_thread(lambda: marks.logged(Event.RECORD_OPENED, again=True))
    return JSONResponse({"secret": CANARY})


@rogue.get("/refuses")
@audited(Event.RECORD_OPENED)
async def refuses_without_an_entry() -> JSONResponse:
    return JSONResponse({"secret": CANARY}, 403)


@rogue.get("/refusal")
@audited(Event.RECORD_OPENED)
async def answers_after_a_refusals_entry() -> JSONResponse:
    await in_thread(lambda: marks.logged(Event.REFUSED))
    return JSONResponse({"secret": CANARY})


FORGETFUL = ("forgets", "streams", "other", "repeats", "refuses", "refusal")


def _read(request: Request, times: int = 1) -> list[str]:
    found: list[str] = []
    for _ in range(times):
        with services(request).database.read() as connection:
            found += [b64u_encode(f) for f in connection.execute(select(t.grants.c.file)).scalars()]
    return found


@rogue.get("/bypasses")
@audited(Event.RECORD_OPENED)
async def bypasses(request: Request) -> JSONResponse:
    marks.logged(Event.RECORD_OPENED)
    return JSONResponse(await in_thread(lambda: _read(request)))


@rogue.get("/raw")
@unaudited("as somebody would write who means no harm")
async def raw(request: Request) -> JSONResponse:
    def work() -> list[str]:
        with services(request).database.engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT header FROM parts").scalars()
            return [b64u_encode(row) for row in rows]

    return JSONResponse(await in_thread(work))


@rogue.get("/cached")
@unaudited("as somebody would write who means no harm")
async def cached(request: Request) -> JSONResponse:
    def work() -> list[str]:
        found: list[str] = []
        for _ in range(10):
            try:
                found += _read(request, 2)
            except Exception:
                continue
        return found or ["nothing"]

    return JSONResponse(await in_thread(work))


@rogue.get("/swallows/{record}")
@audited(Event.RECORD_OPENED)
async def goes_on_after_a_failure(request: Request, record: str) -> JSONResponse:
    def work() -> None:
        what = What(Event.RECORD_OPENED, record)
        with suppress(Unavailable):
            services(request).access.admitted(asked(request), what, lambda *_: None)

    await in_thread(work)
    return JSONResponse({"secret": CANARY})


@pytest.fixture(params=["sqlite", "postgresql"])
def strange(
    request: pytest.FixtureRequest, tmp_path: Path, demo: Mechanism, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Service]:
    """A service into which somebody has put the routes above, and in which locks are given up soon."""
    monkeypatch.setattr(apps, "_FEED", (*apps._FEED, rogue))
    monkeypatch.setattr("intake.db.engine.LOCK_SECONDS", 1)
    with ExitStack() as stack:
        url = stack.enter_context(postgres()) if request.param == "postgresql" else ""
        yield stack.enter_context(running(tmp_path, demo, database_url=url))


def test_a_route_that_forgets_its_entry_answers_500_and_nothing_of_its_own(
    strange: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[str] = []
    monkeypatch.setattr(logs, "event", lambda name, *_, **__: noted.append(name))
    for name in FORGETFUL:
        answer = strange.http.get(f"{strange.url}/feed/v1/rogue/{name}")
        assert answer.status_code == 500, name
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "internal"
        assert CANARY not in answer.text and "x-secret" not in answer.headers
    assert noted.count("answer_without_entry") == len(FORGETFUL)


def test_an_entry_that_was_rolled_back_releases_nothing(
    strange: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Sealed(strange).send().json()["record"]
    program = Program(strange).enter()
    path = f"/feed/v1/rogue/swallows/{record}"
    assert program.get(path).status_code == 200
    before = _rows(strange)

    def fail(*_: Any) -> Ticket:
        raise Unavailable("unavailable")

    monkeypatch.setattr(tickets, "issue", fail)
    answer = program.get(path)
    assert answer.status_code == 500 and CANARY not in answer.text
    assert _rows(strange)["tickets"] == before["tickets"]


def test_a_route_that_goes_around_access_gets_no_content(strange: Service) -> None:
    record = Sealed(strange).send().json()["record"]
    program = Program(strange).enter()
    canaries = content_of(strange)
    for _ in range(8):  # between readings that are allowed, whose statements the driver keeps
        assert program.get(f"/feed/v1/records/{record}").status_code == 200
        for name, status in (("bypasses", 503), ("raw", 500), ("cached", 200)):
            # On a connection of its own: after an error that nobody expected the server closes it.
            answer = httpx.get(f"{strange.url}/feed/v1/rogue/{name}", timeout=60)
            assert answer.status_code == status, (name, answer.text)
            assert not [c for c in canaries if c in answer.content]
    assert answer.json() == ["nothing"]


# --- the log cannot be written ---


@contextmanager
def _renamed(service: Service) -> Iterator[None]:
    with service.owner.write() as connection:
        connection.exec_driver_sql("ALTER TABLE log_entries RENAME TO gone")
    yield
    with service.owner.write() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO log_entries")


@contextmanager
def _without_the_right(service: Service) -> Iterator[None]:
    if service.owner.engine.dialect.name == "sqlite":
        path = service.owner.engine.url.database
        with sqlite3.connect(str(path)) as connection:
            connection.execute(
                "CREATE TRIGGER full BEFORE INSERT ON log_entries BEGIN INSERT INTO missing VALUES (1); END"
            )
        yield
        with sqlite3.connect(str(path)) as connection:
            connection.execute("DROP TRIGGER full")
        return
    with service.owner.write() as connection:
        connection.exec_driver_sql(f"REVOKE INSERT ON log_entries FROM {APP}")
    yield
    with service.owner.write() as connection:
        connection.exec_driver_sql(f"GRANT INSERT ON log_entries TO {APP}")


@contextmanager
def _locked(service: Service) -> Iterator[None]:
    """By another process, which holds on to it."""
    with service.owner.engine.connect() as connection:
        connection.info["write"] = "FULL"
        connection.exec_driver_sql("UPDATE log_heads SET size = size")
        yield
        connection.rollback()
        connection.info.pop("write")


@pytest.mark.parametrize("trouble", [_renamed, _without_the_right, _locked])
def test_without_a_log_nothing_is_disclosed_or_changed_and_it_recovers(
    strange: Service, trouble: Any
) -> None:
    record = Sealed(strange).send().json()["record"]
    program = Program(strange).enter()
    part = program.get(f"/feed/v1/records/{record}").json()["parts"][0]["id"]
    paths = (f"/feed/v1/records/{record}", f"/feed/v1/records/{record}/parts/{part}", "/feed/v1/events")
    canaries = content_of(strange)
    waiting = Sealed(strange).body()
    before = _rows(strange)

    with trouble(strange):
        began = time.monotonic()
        for path in paths:
            answer = program.get(path)
            assert answer.status_code == 503, (path, answer.text)
            assert not [c for c in canaries if c in answer.content] and record not in answer.text
        assert program.ask_token().status_code == 503
        assert Sealed(strange).send(waiting).status_code == 503
        assert time.monotonic() - began < 60

    assert _rows(strange) == before
    for path in paths:
        assert program.get(path).status_code == 200
    assert Sealed(strange).send(waiting).status_code == 201


def _rows(service: Service) -> dict[str, int]:
    """What would show that something was done without its entry."""
    tables = ("log_entries", "records", "parts", "tokens", "disclosures", "tickets")
    with service.owner.read() as connection:
        return {
            name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() for name in tables
        } | {"entries": connection.exec_driver_sql("SELECT sum(entries) FROM records").scalar_one()}


def test_readings_at_once_are_an_entry_each_and_downloads_one_together(strange: Service) -> None:
    record = Sealed(strange).send().json()["record"]
    program = Program(strange).enter()
    part = program.get(f"/feed/v1/records/{record}").json()["parts"][0]["id"]
    before = len(entries(strange))
    statuses: list[int] = []

    def ask(path: str) -> None:
        sent = {"Authorization": f"DPoP {program.token}", "DPoP": program.proof("GET", path, program.token)}
        statuses.append(httpx.get(strange.url + path, headers=sent, timeout=60).status_code)

    base = f"/feed/v1/records/{record}"
    threads = [
        threading.Thread(target=ask, args=(p,)) for p in (base, f"{base}/parts/{part}") for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 16
    events = [e.event for e in entries(strange)[before:]]
    assert (events.count(Event.RECORD_OPENED), events.count(Event.PART_DOWNLOADED)) == (8, 1)
