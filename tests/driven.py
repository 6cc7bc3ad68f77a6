"""Browsers that playwright does not drive, or not so: a real Firefox, and a Chromium that nobody watches.

`tests/node/driven.mjs` drives them. Elements are named by CSS selectors.
"""

import json
import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from crypto.receipt import Receipt
from tests.sealing_pages import NARRATIVE
from tests.service import PURPOSE
from tests.tools import (
    NODE_TOOLS,
    chromium_arguments,
    find_chromium,
    find_node,
    missing,
    require_program,
    tool,
)

WAIT = 60.0  # seconds


class DrivenError(Exception):
    """What could not be done in the page."""


class Driven:
    """One page, 320 × 640, in a profile of its own."""

    name = "chrome"

    def command(self) -> tuple[list[str], dict[str, str]]:
        """The browser's path, the arguments of its command line; its environment."""
        path, environment = find_chromium()
        return [path, *chromium_arguments()["args"]], environment

    def __enter__(self) -> Self:
        (path, *arguments), environment = self.command()
        if not (NODE_TOOLS / "node_modules" / "puppeteer-core").is_dir():
            missing("puppeteer-core", "run 'make test', or npm ci in tests/node")
        self._process = subprocess.Popen(
            [find_node(), tool("driven.mjs"), self.name, path, "320", "640", *arguments],
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._process.stdout.close()

    def goto(self, url: str) -> None:
        """Open a page."""
        self._ask("goto", url=url)

    def visible(self, selector: str, seconds: float = WAIT) -> None:
        """Wait until it can be seen."""
        self._ask("visible", selector=selector, timeout=int(seconds * 1000))

    def click(self, selector: str) -> None:
        """With the mouse, in the middle of it."""
        self._ask("click", selector=selector)

    def fill(self, selector: str, text: str) -> None:
        """Type into a field, in place of what is there."""
        self._ask("fill", selector=selector, text=text)

    def select(self, selector: str, value: str) -> None:
        """Choose in a list."""
        self._ask("select", selector=selector, value=value)

    def files(self, selector: str, paths: Sequence[Path]) -> None:
        """Choose files."""
        self._ask("files", selector=selector, paths=[str(path) for path in paths])

    def texts(self, selector: str) -> list[str]:
        """What all these elements show."""
        found: list[str] = self._ask("texts", selector=selector)
        return found

    def evaluate(self, code: str) -> Any:
        """The value of an expression, awaited."""
        return self._ask("evaluate", code=code)

    def renderers_mib(self) -> float:
        """What the pages and workers hold in memory of their own by now; in Firefox all of its processes."""
        held, wanted = 0, {str(self._ask("pid"))}
        for status in sorted(Path("/proc").glob("[0-9]*/status"), key=lambda path: int(path.parent.name)):
            with suppress(OSError):
                fields = dict(
                    line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line
                )
                if fields["PPid"] not in wanted:
                    continue
                wanted.add(fields["Pid"])
                line = status.with_name("cmdline").read_bytes()
                if b"--type=renderer" in line or b"-contentproc" in line:
                    held += int(fields["RssAnon"].removesuffix(" kB"))
        return held / 1024

    def screenshot(self, path: Path) -> None:
        """The whole page, as PNG."""
        self._ask("screenshot", path=str(path))

    def _ask(self, op: str, **request: Any) -> Any:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"op": op, **request}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise DrivenError(f"{op}: the driver has ended")
        answer = json.loads(line)
        if not answer["ok"]:
            raise DrivenError(f"{op} {request}: {answer['error']}")
        return answer["result"]


class Firefox(Driven):
    """Debian's."""

    name = "firefox"

    def command(self) -> tuple[list[str], dict[str, str]]:
        """Without arguments."""
        return [
            require_program("firefox-esr", "Debian's package firefox-esr, to run in a second browser")
        ], {}


def to_form(page: Driven, url: str) -> Receipt:
    """First page, receipt, form; the receipt that the person writes down."""
    page.goto(f"{url}/be/")
    page.visible("[data-way=sealed]")
    page.click("form[data-begin] button")
    page.visible(".receipt")
    receipt = Receipt.parse(" ".join(page.texts(".receipt .digits")))
    page.click("input[name=written]")
    page.click("#go-on button")
    page.visible("#narrative")
    return receipt


def fill_and_send(page: Driven, files: list[tuple[str, list[Path]]]) -> None:
    """A complete form; files are (origin, paths), each in a row of its own."""
    page.fill("#narrative", NARRATIVE)
    for ticked in (
        "[name=capacity][value=direct_witness]",
        "input[name=mechanism][value=demo]",
        f"input[name='purpose:demo'][value={PURPOSE}]",
        "input[name='triage:demo']",
    ):
        page.click(ticked)
    for row, (origin, paths) in enumerate(files, start=1):
        page.select(f"select[name='origin:{row}']", origin)
        page.files(f"input[name='media:{row}']", paths)
    page.click("form[data-seal] section.card button")
