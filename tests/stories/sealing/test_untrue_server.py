"""A browser that seals meets a server that does not tell the truth, and a way that changes what is sent."""

import base64
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route, expect

from intake.client import mechanism_keys
from intake.settings import MIB
from tests.sealing_pages import NARRATIVE, fill, inspect, posts, received, send, to_form
from tests.service import FILES, Mechanism, Service, free_port, make_mechanism, prepare, serving, video
from tests.stories.sealing.tampering import Tampering

Alter = Callable[[Any], Any]


@contextmanager
def lying(
    page: Page, path: str, alter: Alter, method: str = "GET", status: int | None = None
) -> Iterator[None]:
    """The server's JSON answers at this path come back changed."""

    def answer(route: Route) -> None:
        if route.request.method != method:
            route.continue_()
            return
        response = route.fetch()
        route.fulfill(response=response, json=alter(response.json()), status=status or response.status)

    def there(url: str) -> bool:
        return url.endswith(path)

    page.context.route(there, answer)
    yield
    page.context.unroute(there, answer)


def said(page: Page, code: str) -> None:
    """The page says this, and what was written is still there."""
    error = page.locator("#sealing-error p")
    expect(error).to_be_visible()
    expect(error).to_have_text(str(page.locator(f"#sealing-texts [data-code={code}]").text_content()))
    assert page.locator("#narrative").input_value() == NARRATIVE


def _garbage(answer: Any) -> Any:
    return answer | {"evaluations": [base64.urlsafe_b64encode(b"\5" * 33).decode()]}


def _no_point(answer: Any) -> Any:
    return answer | {"evaluations": ["AA"]}


def _closed(answer: Any) -> Any:
    return {"code": "epoch_closed", "epoch": answer["epoch"]}


def _another_name(answer: Any) -> Any:
    answer["mechanisms"][0]["names"]["en"] = "Somebody else"
    return answer


def _another_text(answer: Any) -> Any:
    for text in answer["texts"]:
        text["text"] += " And everything else."
    return answer


def _no_entries(answer: Any) -> Any:
    answer["announced"]["demo"]["entries"] = []
    return answer


def _another_place(answer: Any) -> Any:
    for entry in answer["announced"]["demo"]["entries"]:
        entry["index"] ^= 1
    return answer


def _another_size(answer: Any) -> Any:
    origin, size, rest = answer["announced"]["demo"]["checkpoint"].split("\n", 2)
    answer["announced"]["demo"]["checkpoint"] = f"{origin}\n{int(size) + 1}\n{rest}"
    return answer


def _one_signer(answer: Any) -> Any:
    for log in answer["logs"]:
        log["keys"] = log["keys"][:1]
    return answer


def _bundle(path: Path) -> Alter:
    bundle = json.loads(path.read_text("utf-8"))
    return lambda answer: answer | {"mechanisms": [bundle], "profiles": {}}


def _a_key_of_others(path: Path) -> Alter:
    stranger = json.loads(path.read_text("utf-8"))["keys"][0]["recipient"]

    def alter(answer: Any) -> Any:
        answer["mechanisms"][0]["keys"][0]["recipient"] = stranger
        return answer

    return alter


def test_a_server_that_does_not_tell_the_truth_is_noticed_and_gets_nothing(
    service: Service, page: Page, tmp_path: Path, demo: Mechanism
) -> None:
    stranger = make_mechanism(tmp_path / "stranger", "demo").keys / "bundle.json"
    shutil.copytree(demo.keys, tmp_path / "rotated")  # its root signs, and no log has it
    mechanism_keys.rotate(tmp_path / "rotated", 365, None)
    lies: list[tuple[str, Alter]] = [
        ("/v1/mechanisms", _another_name),
        ("/v1/mechanisms", _a_key_of_others(stranger)),
        ("/v1/mechanisms", _bundle(stranger)),
        ("/v1/mechanisms", _bundle(tmp_path / "rotated" / "bundle.json")),
        ("/v1/consent-texts", _another_text),
        ("/v1/logs", _one_signer),
        ("/v1/logs/announced", lambda answer: {"announced": {}}),
        ("/v1/logs/announced", _no_entries),
        ("/v1/logs/announced", _another_place),
        ("/v1/logs/announced", _another_size),
    ]
    to_form(page, service.url)
    asked = posts(page)
    fill(page, [("received", [FILES / "phone.jpg"])])
    for path, alter in lies:
        with lying(page, path, alter):
            send(page)
            said(page, "server_untrue")
    assert asked == []
    inspect(page, "4-untrue")
    for alter, status in ((_garbage, None), (_no_point, None), (_closed, 409)):
        with lying(page, "/v1/oprf", alter, "POST", status):
            send(page)
            said(page, "server_untrue")
    assert set(asked) == {"v1/oprf"}  # no upload, no submission
    with lying(page, "/v1/submissions", lambda answer: answer | {"record": "00" * 32}, "POST"):
        send(page)
        said(page, "answer_untrue")
    assert len(service.pull(tmp_path / "pulled").records) == 1  # as it says: that is not known in the browser


def test_what_is_dropped_repeated_or_reordered_on_the_way_is_noticed_and_sent_again(
    page: Page, built: tuple[Path, str], tmp_path: Path, demo: Mechanism
) -> None:
    port = free_port()
    settings, installation = prepare(tmp_path / "var", port, demo, web_dir=built[0])
    between: list[Tampering] = []

    def behind(app: Any) -> Tampering:
        between.append(Tampering(app))
        return between[0]

    with serving(settings, port, behind):
        service = Service(settings, installation, demo, settings.public_url, tmp_path)
        to_form(page, service.url)
        fill(page, [("received", [FILES / "phone.jpg"])])
        for how in Tampering.WAYS:
            between[0].how = how
            send(page)
            said(page, "server_untrue" if how == "ahead" else "arrived_differs")
        inspect(page, "7-differs")
        between[0].how = None
        asked = posts(page)

        def another_promise(answer: Any) -> Any:
            return answer | {"promise": answer["promise"].replace(answer["record"], "00" * 32)}

        with lying(page, "/v1/submissions", another_promise, "POST"):
            send(page)
            received(page, asked)
        expect(page.locator("#received [data-broken]")).to_be_visible()
        (record,) = service.pull(tmp_path / "pulled").records
        service.open(tmp_path / "pulled", tmp_path / "opened")
        (medium,) = (tmp_path / "opened" / record / "media").iterdir()
        assert medium.read_bytes() == (FILES / "phone.jpg").read_bytes()
    service.http.close()
    installation.database.close()


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
