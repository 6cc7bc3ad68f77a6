"""A browser that seals meets a server that does not tell the truth, and files that change meanwhile."""

import base64
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from intake.settings import MIB
from tests.sealing_pages import (
    NARRATIVE,
    fill,
    inspect,
    posts,
    received,
    send,
    to_form,
)
from tests.service import FILES, Mechanism, Service, make_mechanism, video

Alter = Callable[[Any], Any]


def altered(page: Page, path: str, alter: Alter) -> None:
    """The server's JSON answers at this path come back changed."""

    def answer(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, json=alter(response.json()))

    page.context.route(lambda url: url.endswith(path), answer)


def garbage(answer: Any) -> Any:
    return (
        answer
        if "closes" in answer
        else answer | {"evaluations": [base64.urlsafe_b64encode(b"\5" * 33).decode()]}
    )


def identity(answer: Any) -> Any:
    return answer if "closes" in answer else answer | {"evaluations": ["AA"]}


def wrong_signature(answer: Any) -> Any:
    bundle = answer["mechanisms"][0]
    bundle["names"]["en"] = "Somebody else"
    return answer


def other_text(answer: Any) -> Any:
    for text in answer["texts"]:
        text["text"] += " And everything else."
    return answer


@pytest.mark.parametrize(
    ("path", "alter"),
    [
        ("/v1/oprf", garbage),
        ("/v1/oprf", identity),
        ("/v1/mechanisms", wrong_signature),
        ("/v1/consent-texts", other_text),
    ],
)
def test_a_server_that_does_not_tell_the_truth_is_noticed_and_gets_nothing(
    service: Service, page: Page, tmp_path: Path, path: str, alter: Alter
) -> None:
    altered(page, path, alter)
    to_form(page, service.url)
    asked = posts(page)
    fill(page, [("received", [FILES / "phone.jpg"])])
    send(page)
    error = page.locator("#sealing-error")
    error.wait_for()
    expected = page.locator("#sealing-texts [data-code=server_untrue]").text_content()
    assert error.locator("p").inner_text() == expected
    assert set(asked) <= {"v1/oprf"}  # no upload, no submission
    assert page.locator("#narrative").input_value() == NARRATIVE
    inspect(page, "4-untrue")


def test_another_root_than_the_one_shown_is_noticed(
    service: Service, page: Page, tmp_path: Path, demo: Mechanism
) -> None:
    impostor = make_mechanism(tmp_path / "impostor", "demo")
    bundle = json.loads((impostor.keys / "bundle.json").read_text("utf-8"))
    altered(page, "/v1/mechanisms", lambda answer: answer | {"mechanisms": [bundle], "profiles": {}})
    to_form(page, service.url)
    asked = posts(page)
    fill(page, [])
    send(page)
    page.locator("#sealing-error").wait_for()
    assert asked == []


def test_a_file_that_changes_while_it_is_sent_is_noticed_and_nothing_is_kept(
    service: Service, page: Page, tmp_path: Path
) -> None:
    film = tmp_path / "changing.mp4"
    film.write_bytes(video(24 * MIB))
    to_form(page, service.url)
    asked = posts(page)
    started = threading.Event()

    def slowly(route: Route) -> None:
        if not started.is_set():
            started.set()
            with film.open("r+b") as file:
                file.seek(20 * MIB)
                file.write(b"other")
        route.continue_()

    page.context.route(lambda url: "/v1/uploads/" in url, slowly)
    fill(page, [("received", [film])])
    send(page)
    error = page.locator("#sealing-error")
    error.wait_for()
    assert "changing.mp4" in error.inner_text()
    assert "v1/submissions" not in asked and any(url.startswith("v1/uploads/") for url in asked)
    page.wait_for_timeout(500)
    uploads = service.settings.data_dir / "uploads"
    assert not [path for path in uploads.rglob("*") if path.is_file() and path.stat().st_size]

    fill(page, [("received", [FILES / "phone.jpg"])])  # it is chosen anew, and sent again
    send(page)
    received(page, asked)
    assert len(service.pull(tmp_path / "pulled").records) == 1
