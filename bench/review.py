"""Row `review`: what reviewers wait for: a list of 500 records, a record with 20 photos, the console."""

import gzip
import secrets
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, expect
from sqlalchemy import Engine, event

from bench import population
from bench.report import Line
from bench.stand import Stand
from intake.record.names import record_name
from tests.console import built_console
from tests.own import Person, add_medium, allow
from tests.service import FILES, Service, running
from tests.staff import Staff
from tests.stories.console.test_records import entered
from tests.tools import browser

RECORDS, FEW = 500, 50  # in one list
MANY, MEDIA = 1000, 5  # in an inbox; of each record
PHOTOS = 20
WAIT = 120_000  # milliseconds


def review(stand: Stand) -> Iterator[Line]:
    """In one process with the clients: the server's time is that of the answer, over loopback."""
    yield from _listed(stand)
    yield from _loaded()
    with browser() as chromium:
        yield from _inbox(stand, chromium)
        yield from _opened(stand, chromium)


def _listed(stand: Stand) -> Iterator[Line]:
    copied = population.pattern(stand.mechanism, stand.scale.media)
    found: dict[int, tuple[float, int]] = {}
    for count in (FEW, RECORDS):
        with running(stand.folder / f"list-{secrets.token_hex(4)}", stand.mechanism) as service:
            population.grow(service.owner, "demo", copied, 0, count)
            _cards(service, copied, count)
            found[count] = _asked(service, count, stand.scale.rounds + 2)
    (few, queries), (many, statements) = found[FEW], found[RECORDS]
    what = f"the list of {RECORDS} records with their triage cards"
    yield Line("review", what, f"{many * 1000:.0f} ms", f"of {FEW}", many / few, f"≤ {RECORDS / FEW:.0f}")
    yield Line("review", "its SQL statements", str(statements), f"of {FEW}", statements / queries, "≤ 1")


def _cards(service: Service, copied: population.Pattern, count: int) -> None:
    """The payloads that a list reads; others are not asked for."""
    store = service.settings.data_dir / "store" / "blobs"
    for record in range(count):
        for position, (kind, _, _) in enumerate(copied.parts):
            if kind == "triage":
                named = population.blob(record, position)
                (store / named[:2]).mkdir(exist_ok=True)
                (store / named[:2] / named).write_bytes(secrets.token_bytes(4096))


def _asked(service: Service, count: int, rounds: int) -> tuple[float, int]:
    """Median seconds of an answer, and how many statements one takes."""
    said: list[str] = []
    person = Staff(service).member("reviewer")
    taken = []
    for _ in range(rounds):
        started = time.monotonic()
        answer = person.get(f"/records?limit={count}")
        taken.append(time.monotonic() - started)
        assert len(answer.json()["records"]) == count

    def note(*given: object) -> None:
        said.append(str(given[2]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        person.get(f"/records?limit={count}")
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return statistics.median(taken), len(said)


def _loaded() -> Iterator[Line]:
    files = [path for path in built_console().iterdir() if path.suffix in (".js", ".css")]
    size = sum(len(gzip.compress(path.read_bytes(), 9)) for path in files) / 1000
    yield Line("review", "the console, loaded once", f"{size:.0f} kB gzipped")


def _inbox(stand: Stand, chromium: Browser) -> Iterator[Line]:
    """The records are rows made for this, and their cards cannot be opened: trying to takes as long."""
    copied = population.pattern(stand.mechanism, MEDIA)
    folder = stand.folder / f"inbox-{secrets.token_hex(4)}"
    with running(folder, stand.mechanism, console_dir=built_console()) as service:
        population.grow(service.owner, "demo", copied, 0, MANY)
        _cards(service, copied, MANY)
        first, whole = [], []
        with entered(chromium, service, "rita", "reviewer") as rita:
            for _ in range(stand.scale.rounds):
                rita.view("Myself")
                started = time.monotonic()
                rita.view("Inbox")
                rita.page.locator("tbody tr").first.wait_for(timeout=WAIT)
                first.append(time.monotonic() - started)
                said = rita.page.get_by_role("status")
                expect(said).to_have_text(f"{MANY} of {MANY} records", timeout=WAIT)
                whole.append(time.monotonic() - started)
    what = f"the inbox with {MANY} records and {MANY * MEDIA} media in Chromium, until"
    yield Line("review", f"{what} its first rows", f"{statistics.median(first):.2f} s")
    yield Line("review", f"{what} all are listed", f"{statistics.median(whole):.2f} s")


def _opened(stand: Stand, chromium: Browser) -> Iterator[Line]:
    folder = stand.folder / f"open-{secrets.token_hex(4)}"
    with running(folder, stand.mechanism, console_dir=built_console()) as service:
        record = _with_photos(service)
        first, whole = [], []
        with entered(chromium, service, "kira", "key-holder") as kira:
            for _ in range(stand.scale.rounds):
                kira.view("Inbox")
                button = kira.page.get_by_role("button", name=record_name(record))
                button.wait_for()
                started = time.monotonic()
                button.click()
                kira.page.locator("canvas.preview").first.scroll_into_view_if_needed()
                previews = kira.page.locator("canvas[data-drawn]")
                previews.first.wait_for(timeout=WAIT)
                first.append(time.monotonic() - started)
                for preview in kira.page.locator("canvas.preview").all():  # drawn when somebody comes near
                    preview.scroll_into_view_if_needed()
                expect(previews).to_have_count(PHOTOS, timeout=WAIT)
                whole.append(time.monotonic() - started)
    size = (FILES / "phone.jpg").stat().st_size * PHOTOS / 10**6
    what = f"a record with {PHOTOS} photos ({size:.1f} MB) in Chromium, until"
    yield Line("review", f"{what} the first preview", f"{statistics.median(first):.2f} s")
    yield Line("review", f"{what} all previews", f"{statistics.median(whole):.2f} s")


def _with_photos(service: Service) -> str:
    person = Person(service)
    composer = person.composer([allow("demo", "triage")])
    composer.narrative("Мяне затрымалі.", "victim", "be")
    composer.triage("victim", "be", PHOTOS, {})
    photo = Path(FILES / "phone.jpg").read_bytes()
    media: dict[str, tuple[bytes, str]] = {}
    for number in range(PHOTOS):
        media |= add_medium(service, composer, "account", photo + bytes([number]))
    receipt = {"receipt": person.receipt(composer.writer)}
    answer = person.post("/v1/submissions", person.body(composer, media) | receipt)
    assert answer.status_code == 201, answer.text
    return person.record
