"""A person with many files and a bad connection: all of it arrives, little memory is taken, nothing is left."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from intake.settings import MIB
from tests import driven
from tests import sealed_writing as writing
from tests.driven import Driven
from tests.sealing_pages import (
    NARRATIVE,
    PHONE,
    WAIT,
    encodings,
    fill,
    inspect,
    photos,
    readable,
    received,
    renderings,
    send,
    to_form,
    watched,
)
from tests.service import FILES, Mechanism, Service, free_port, prepare, serving, video
from tests.soak import rounds
from tests.tools import chromium_arguments
from tests.wire import Wire

GROWN = 200  # MiB, of a file of 300 (or, in a soak, of 2048): pieces of 8 MiB, and what the collector has not taken yet


@contextmanager
def profile(chromium: Browser, folder: Path) -> Iterator[BrowserContext]:
    """A browser that keeps what it keeps in a folder that can be looked through."""
    opened = chromium.browser_type.launch_persistent_context(
        folder,
        **chromium_arguments(),
        viewport=PHONE,
    )
    try:
        yield opened
    finally:
        opened.close()


@pytest.mark.slow
def test_ten_photos_and_a_video_arrive_over_breaks_a_pause_and_a_server_that_moves(
    chromium: Browser, built: tuple[Path, str], tmp_path: Path, demo: Mechanism
) -> None:
    pictures = photos(tmp_path, 10)
    film = tmp_path / "video-3391.mp4"
    film.write_bytes(video(80 * MIB + 77))
    ports = free_port(), free_port()
    settings, installation = prepare(tmp_path / "var", ports[0], demo, web_dir=built[0])
    with (
        ExitStack() as first,
        profile(chromium, tmp_path / "profile") as context,
        Wire(settings.public_url, cut_at=(400_000, 4 * MIB)) as wire,
    ):
        first.enter_context(serving(settings, ports[0]))
        page = context.new_page()
        page.set_default_timeout(WAIT)
        asked = watched(page)
        receipt = to_form(page, wire.url)
        fill(page, [("received", pictures), ("self", [film])])
        send(page)
        while len(wire.sent) < 10 * MIB:
            page.wait_for_timeout(20)
        _pause(page)
        first.close()
        _resume(page)
        expect(page.locator("#sealing-state")).to_have_text(_text(page, "waiting"))
        with serving(settings, ports[1]):
            wire.leads_to(f"http://127.0.0.1:{ports[1]}")
            received(page, asked)
            assert wire.cuts == 2 and page.locator("#received [data-fill=files]").inner_text() == "11"
            service = Service(settings, installation, demo, f"http://127.0.0.1:{ports[1]}", tmp_path)
            (record,) = service.pull(tmp_path / "pulled").records
            service.http.close()
        sent = bytes(wire.sent)
    (opened,) = service.open(tmp_path / "pulled", tmp_path / "opened")
    assert opened.problems == {}
    contents = sorted(path.read_bytes() for path in (tmp_path / "opened" / record / "media").iterdir())
    assert contents == sorted(path.read_bytes() for path in [*pictures, film])
    texts = (*NARRATIVE.split("\n"), film.name, *(path.name for path in pictures))
    assert readable(sent, receipt, texts, [*pictures, film]) == []
    # Neither what was written nor what was sent lies on the device.
    sealed = b"".join(path.read_bytes()[4096:4128] for path in (tmp_path / "pulled").rglob("*.age"))
    secrets = [*renderings(receipt), *(form for text in texts for form in encodings(text))]
    for path in (tmp_path / "profile").rglob("*"):
        data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        assert not [secret for secret in secrets if secret in data], path
        assert not [i for i in range(0, len(sealed), 32) if sealed[i : i + 32] in data], path
    installation.database.close()


def test_a_person_whose_connection_broke_while_the_program_came_still_sends(
    service: Service, page: Page, tmp_path: Path
) -> None:
    broken: list[str] = []

    def once(route: Route) -> None:
        broken.append(route.request.url)
        route.abort() if len(broken) == 1 else route.continue_()

    page.context.route("**/job-*.js", once)
    to_form(page, service.url)
    asked = watched(page)
    fill(page, [])
    send(page)
    received(page, asked)
    assert len(broken) == 2
    assert len(service.pull(tmp_path / "pulled").records) == 1


@pytest.mark.slow
def test_a_large_video_takes_little_memory(service: Service, tmp_path: Path) -> None:
    size = rounds(300, 2048) * MIB  # as much memory for two gigabytes as for a seventh of that
    film = tmp_path / "long.mp4"
    with film.open("wb") as file:
        file.write(video(MIB))
        file.truncate(size)
    with Driven() as chromium:
        driven.to_form(chromium, service.url)
        before = most = chromium.renderers_mib()
        driven.fill_and_send(chromium, [("self", [film])])
        while chromium.evaluate("document.querySelector('#received').hidden"):
            most = max(most, chromium.renderers_mib())
            assert chromium.evaluate("document.querySelector('#sealing-error')?.hidden ?? true")
        assert most - before < GROWN, f"{before:.0f} MiB, then {most:.0f} MiB"
    (record,) = service.pull(tmp_path / "pulled").records
    parts = (tmp_path / "pulled" / "records" / record).rglob("*.age")
    assert max(path.stat().st_size for path in parts) > size  # padded, and sealed


def test_a_photo_is_shown_with_what_it_says_of_itself_before_it_is_sent(
    service: Service, page: Page, tmp_path: Path
) -> None:
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    to_form(page, service.url, "en")
    asked = watched(page)
    fill(page, [("received", [FILES / "phone.jpg", FILES / "phone.heic", FILES / "screenshot.png"])])
    rows = page.locator(".chosen li")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("This photo says when it was taken: 20")
    expect(rows.nth(0)).to_contain_text("This photo says where it was taken: ")
    expect(rows.nth(2)).to_contain_text("It does not say when or where it was taken.")
    expect(page.locator(".chosen canvas")).to_have_count(2)  # Chromium decodes no HEIC
    inspect(page, "8-photos")
    assert all(url.startswith("static/") for url in asked)
    assert not [text for text in refused if "Content Security Policy" in text or "Trusted" in text]
    fill(page, [("received", [])])
    expect(rows).to_have_count(0)


def test_a_photo_is_shown_with_what_it_says_of_itself_before_it_is_added_to_the_long_form(
    service: Service, page: Page
) -> None:
    writing.begin(page, service.url, "en")
    writing.save(page, "save")
    writing.overview(page)
    writing.go(page, "files")
    chosen = page.locator("input[name=media]")
    chosen.set_input_files([FILES / "phone.jpg", FILES / "screenshot.png"])
    rows = page.locator(".chosen li")
    expect(rows.nth(0)).to_contain_text("This photo says where it was taken: ")
    expect(rows.nth(1)).to_contain_text("It does not say when or where it was taken.")
    expect(page.locator(".chosen canvas")).to_have_count(2)
    inspect(page, "w-photos")
    chosen.set_input_files([FILES / "screenshot.png"])
    expect(rows).to_have_count(1)
    writing.save(page, "add")
    expect(page.locator("ul.files:not(.chosen) li")).to_have_count(1, timeout=WAIT)
    expect(rows).to_have_count(0)


def _pause(page: Page) -> None:
    page.locator("#sealing-pause").click()
    expect(page.locator("#sealing-state")).to_have_text(_text(page, "paused"))


def _resume(page: Page) -> None:
    page.locator("#sealing-pause").click()


def _text(page: Page, name: str) -> str:
    return str(page.locator(f"#sealing-texts [data-text={name}]").text_content())
