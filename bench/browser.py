"""Row `browser`: sealing 50 MB in one page of Chromium, beside typage and beside WebCrypto alone; `page`."""

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from playwright.sync_api import Page, Route

from bench.page import page_lines
from bench.report import Line
from bench.stand import Stand
from tests.tools import NODE_TOOLS, browser, find_node
from tests.web.twin import WEB, require_modules

MEGABYTES = 50
_SOURCE = Path(__file__).with_name("browser.ts")
_ADDRESS = "http://localhost/"  # where WebCrypto is offered; nothing is listening, and nothing is asked

# What is measured, and the function of browser.ts that does it.
_WAYS = {
    "ours": "seal",
    "ours without WebCrypto": "sealPortably",
    "typage's encrypt": "typage",
    "WebCrypto's ChaCha20-Poly1305 alone": "raw",
    "ours, with content digest, SHA-256 of the file and payload id": "medium",
    "the same without WebCrypto": "mediumPortably",
    "content digest": "digest",
    "SHA-256 in WebAssembly": "wasmHash",
    "SHA-256 in JavaScript": "portableHash",
}


def browser_row(stand: Stand) -> Iterator[Line]:
    """Milliseconds for 50 MB, the median of several rounds in turns."""
    code = _bundle(stand.folder / "browser")
    with browser() as chromium:
        page = chromium.new_page()
        _serve(page, code)
        found = page.evaluate(
            "([ways, megabytes, rounds]) => measure(ways, megabytes, rounds)",
            [list(_WAYS.values()), MEGABYTES, stand.scale.rounds + 2],
        )
        page.close()
        yield Line("browser", "Chromium", chromium.version)
        yield from _ways(found)
        yield from page_lines(stand, chromium)


def _ways(found: Mapping[str, float]) -> Iterator[Line]:
    for what, name in _WAYS.items():
        value = f"{found[name]:.0f} ms ({MEGABYTES / found[name] * 1000:.0f} MB/s)"
        ours = name == "seal"
        aim = "≤ 0.67" if ours else ""
        yield Line("browser", f"{MEGABYTES} MB: {what}", value, "typage", found[name] / found["typage"], aim)
        if ours:
            yield Line("browser", "the same", value, "WebCrypto alone", found[name] / found["raw"])


def _bundle(folder: Path) -> str:
    """One file for the page: our library, and typage with its own dependencies."""
    require_modules()
    folder.mkdir()
    source = _SOURCE.read_text("utf-8")
    for name, path in (("web/", WEB), ("typage/", NODE_TOOLS / "node_modules" / "age-encryption")):
        source = source.replace(f'from "{name}', f'from "{path}/')
    (folder / "browser.ts").write_text(source, "utf-8")
    rolldown = WEB / "node_modules" / "rolldown" / "bin" / "cli.mjs"
    options = ["--file", "browser.js", "--format", "iife", "--minify", "--log-level", "silent"]
    command: list[str | Path] = [find_node(), rolldown, "browser.ts", *options]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return (folder / "browser.js").read_text("utf-8")


def _serve(page: Page, code: str) -> None:
    def answer(route: Route) -> None:
        script = route.request.url.endswith("browser.js")
        kind = "text/javascript" if script else "text/html"
        html = '<!doctype html><meta charset="utf-8"><script src="browser.js"></script>'
        route.fulfill(content_type=f"{kind}; charset=utf-8", body=code if script else html)

    page.route("**/*", answer)
    page.goto(_ADDRESS)
