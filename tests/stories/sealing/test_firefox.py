"""A person with Firefox: what Chromium does with WebCrypto is done by libraries there, and comes out alike."""

import os
from pathlib import Path

from intake.settings import MIB
from tests.driven import Firefox, fill_and_send, to_form
from tests.sealing_pages import NARRATIVE, photos, readable
from tests.service import Service, video
from tests.wire import Wire

KINDS = ("ChaCha20-Poly1305", "ML-KEM-768")
_KNOWS = """async (name) => {
  try { await crypto.subtle.importKey("raw-secret", new Uint8Array(32), name, false, ["encrypt"]); return true; }
  catch (error) { return error.name !== "NotSupportedError" && error.name !== "SyntaxError"; }
}"""


def test_ten_photos_and_a_video_arrive_over_a_connection_that_breaks_twice(
    service: Service, tmp_path: Path
) -> None:
    pictures = photos(tmp_path, 10)
    film = tmp_path / "video-3391.mp4"
    film.write_bytes(video(6 * MIB + 77))
    with Firefox() as firefox, Wire(service.url, cut_at=(400_000, 4 * MIB)) as wire:
        receipt = to_form(firefox, wire.url)
        assert not any(firefox.evaluate(f"({_KNOWS})('{name}')") for name in KINDS), (
            "Firefox has it by now: the libraries that stand in for it need another browser to be tried in"
        )
        fill_and_send(firefox, [("received", pictures), ("self", [film])])
        firefox.visible("#received h1", seconds=180)
        if folder := os.environ.get("INTAKE_SCREENSHOTS"):
            firefox.screenshot(Path(folder) / "sealed-firefox.png")
        assert firefox.texts("#received [data-fill=files]") == ["11"]
        assert firefox.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
        assert wire.cuts == 2
        sent = bytes(wire.sent)
    texts = (*NARRATIVE.split("\n"), "needle-5521", film.name, *(path.name for path in pictures))
    assert b"/v1/submissions" in sent and readable(sent, receipt, texts, [*pictures, film]) == []

    (record,) = service.pull(tmp_path / "pulled").records
    (opened,) = service.open(tmp_path / "pulled", tmp_path / "opened")
    assert opened.problems == {}
    contents = sorted(path.read_bytes() for path in (tmp_path / "opened" / record / "media").iterdir())
    assert contents == sorted(path.read_bytes() for path in [*pictures, film])
