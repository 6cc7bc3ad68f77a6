"""A real browser runs what was built, in a worker, under the strictest policy; the Python library opens it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from crypto import sealing
from crypto.age_keys import Identity
from crypto.receipt import Receipt
from crypto.record_reader import RecordReader
from tests.tools import browser
from tests.vectors.generate import pattern
from tests.web.test_build import build
from tests.web.twin import raw

READER = Identity(b"r" * 32)
PAGE = '<!doctype html><meta charset="utf-8"><title>t</title><script type="module" src="page.js"></script>'
SCRIPT = """
const policy = trustedTypes.createPolicy("worker", { createScriptURL: (name) => name });
globalThis.ask = (asked) => new Promise((resolve, reject) => {
  const worker = new Worker(policy.createScriptURL("worker.js"), { type: "module" });
  worker.onmessage = (event) => resolve(event.data);
  worker.onerror = (event) => reject(new Error(event.message));
  worker.postMessage(asked);
});
"""
WORKER = """
import { Receipt, Recipient, RecordWriter, wordList } from "./SEAL";
const base64 = (data) => { let s = ""; for (const byte of data) s += String.fromCharCode(byte); return btoa(s); };
const random = (size) => crypto.getRandomValues(new Uint8Array(size));
const concat = async (pieces) => new Uint8Array(await new Blob(pieces).arrayBuffer());
onmessage = async ({ data: { recipient, length } }) => {
  const receipt = Receipt.fromRandom(random(32));
  const writer = new RecordWriter(await receipt.keys(), random);
  const account = writer.compartment("account");
  const narrative = await writer.structured("narrative", account, { text: "Сведчанне", language: "be" });
  const sealer = await writer.beginMedium();
  const pieces = [await sealer.update(Uint8Array.from({ length }, (_, i) => i % 251))];
  for await (const piece of sealer.finish()) pieces.push(piece);
  const sealed = sealer.sealed();
  const [header, label] = await writer.endMedium(sealed, account, { name: "a.mp4", type: "video/mp4" });
  const grants = await writer.grants([[account.id, Recipient.parse(recipient)]]);
  const [statement, signature] = writer.statement({
    audience: [], consent: [], createdDay: "2026-11-23", sealedBy: "submitter",
    client: { name: "web", version: "1", assets: null },
  });
  postMessage({
    digits: receipt.digits().join(" "), words: receipt.words(await wordList("en")).join(" "),
    statement: base64(statement), signature: base64(signature),
    grants: grants.map((g) => [g.compartment, g.recipient, base64(g.file)]),
    narrative: [narrative.entry.id, base64(await concat([narrative.header, narrative.payload]))],
    label: [label.entry.id, base64(await concat([label.header, label.payload]))],
    medium: [sealed.part, base64(await concat([header, ...pieces]))],
    loaded: performance.getEntriesByType("resource").map((entry) => entry.name),
  });
};
"""


class Handler(SimpleHTTPRequestHandler):
    """Files of a folder, under a policy without inline code, evaluation, or anything from elsewhere."""

    wasm: bool

    def end_headers(self) -> None:
        wasm = " 'wasm-unsafe-eval'" if self.wasm else ""
        policy = f"default-src 'none'; script-src 'self'{wasm}; worker-src 'self'"
        policy += "; require-trusted-types-for 'script'; trusted-types worker"
        self.send_header("Content-Security-Policy", policy)
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving(folder: Path, wasm: bool) -> Iterator[str]:
    handler = type("WithPolicy", (Handler,), {"wasm": wasm})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser") / "web"
    build(folder)
    (seal,) = (folder / "dist").glob("seal-*.js")
    for name, text in (("index.html", PAGE), ("page.js", SCRIPT), ("worker.js", WORKER)):
        (folder / "dist" / name).write_text(text.replace("SEAL", seal.name), "utf-8")
    return folder / "dist"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


# As in a browser whose WebCrypto has neither ChaCha20-Poly1305 nor HMAC.
OLD = "SubtleCrypto.prototype.importKey = () => Promise.reject(new DOMException('', 'NotSupportedError'));"


@pytest.mark.parametrize("kind", ["modern", "without WebAssembly", "without WebCrypto"])
def test_what_a_browser_seals_in_a_worker_opens(built: Path, chromium: Browser, kind: str) -> None:
    worker = built / "worker.js"
    whole = worker.read_text("utf-8")
    try:
        if kind == "without WebCrypto":
            worker.write_text(f"{OLD}\n{whole}", "utf-8")
        with serving(built, wasm=kind != "without WebAssembly") as address:
            page = chromium.new_page()
            refused: list[str] = []
            page.on("console", lambda message: refused.append(message.text))
            page.goto(address)
            v = page.evaluate(
                "(asked) => ask(asked)", {"recipient": READER.recipient.text, "length": 1_100_000}
            )
            page.close()
    finally:
        worker.write_text(whole, "utf-8")
    assert not [text for text in refused if "Content Security Policy" in text]
    # What stands in for WebAssembly is loaded only where that is refused.
    assert any("/argon2-" in name for name in v["loaded"]) == (kind == "without WebAssembly")

    receipt = Receipt.parse(v["digits"])
    assert Receipt.parse(v["words"]) == receipt
    for who in (receipt.keys().identity, READER):
        grants = [(c, raw(file)) for c, reader, file in v["grants"] if reader == who.recipient.fingerprint]
        assert len(grants) == 1
        reader = RecordReader([(raw(v["statement"]), raw(v["signature"]))], grants, [who])
        part, file = v["narrative"]
        assert reader.structured(part, raw(file)).values["text"] == "Сведчанне"
        label = reader.structured(v["label"][0], raw(v["label"][1]))
        header, payload = sealing.split(raw(v["medium"][1]))
        opener = reader.medium(v["medium"][0], header, label)
        assert bytes(opener.update(payload)) + bytes(opener.finish()) == pattern(1_100_000)
