"""A real Firefox: Debian's, driven over WebDriver BiDi by `tests/node/firefox.mjs`."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from tests.tools import NODE_TOOLS, find_node, missing, require_program, tool

WAIT = 60.0  # seconds


class FirefoxError(Exception):
    """What could not be done in the page."""


class Firefox:
    """One page in a profile of its own, without traces of others. Elements are named by CSS selectors."""

    def __init__(self, width: int = 320, height: int = 640) -> None:
        self._size = (str(width), str(height))

    def __enter__(self) -> Self:
        path = require_program("firefox-esr", "Debian's package firefox-esr, to run in a second browser")
        if not (NODE_TOOLS / "node_modules" / "puppeteer-core").is_dir():
            missing("puppeteer-core", "run 'make test', or npm ci in tests/node")
        self._process = subprocess.Popen(
            [find_node(), tool("firefox.mjs"), path, *self._size],
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

    def screenshot(self, path: Path) -> None:
        """The whole page, as PNG."""
        self._ask("screenshot", path=str(path))

    def _ask(self, op: str, **request: Any) -> Any:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"op": op, **request}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise FirefoxError(f"{op}: the driver has ended")
        answer = json.loads(line)
        if not answer["ok"]:
            raise FirefoxError(f"{op} {request}: {answer['error']}")
        return answer["result"]
