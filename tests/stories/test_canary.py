"""Under strace: nothing that a person sends is ever written in clear, to any file, by either way in."""

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crypto.receipt import Receipt
from intake.settings import MIB
from tests.program import Program
from tests.service import (
    Mechanism,
    Service,
    digits,
    form_fields,
    free_port,
    new_receipt,
    prepare,
    prepared,
    video,
)
from tests.tools import require_program

NARRATIVE = "Канарэйка: іх было трое, вуліца Кастрычніцкая 🕊 canary-narrative-7f3a."
NAME = "канарэйка-canary-name.jpg"
_CALLS = "write,pwrite64,writev,pwritev,pwritev2,sendfile,splice,copy_file_range,vmsplice"
_LINE = re.compile(r"(\w+)\(\d+<((?:\\x[0-9a-f]{2})*)>(?:\(deleted\))?, (.*)")
_BYTES = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@contextmanager
def traced(service: Service, trace: Path, log: Path) -> Iterator[None]:
    """The real server program with every write recorded in full."""
    strace = ("strace", "-f", "-y", "-xx", "-s", str(8 * MIB), "-e", f"trace={_CALLS}", "-o", str(trace))
    server = Program(service.settings, log, before=strace)
    server.start()
    try:
        yield
    finally:
        server.stop()


def written(trace: Path) -> dict[str, bytes]:
    """Path → all bytes written to it, in order; sockets and pipes left out."""
    found: dict[str, bytearray] = defaultdict(bytearray)
    for line in trace.read_text("ascii", "replace").splitlines():
        match = _LINE.search(line)
        if not match:
            continue
        call, encoded, rest = match.groups()
        path = bytes.fromhex(encoded.replace("\\x", "")).decode("utf-8", "replace")
        assert call not in ("sendfile", "splice", "copy_file_range", "vmsplice"), f"unseen bytes by {call}"
        if path.startswith(("socket:", "pipe:", "anon_inode:", "TCP:", "UNIX")):
            continue
        for piece in _BYTES.findall(rest):
            found[path] += bytes.fromhex(piece.replace("\\x", ""))
    return {path: bytes(data) for path, data in found.items()}


def needles(receipts: list[Receipt], *contents: bytes) -> list[bytes]:
    """What must not be seen: texts, names, receipts in every form, pieces of each file."""
    found = [NARRATIVE.encode(), b"canary-narrative-7f3a", NAME.encode(), b"canary-name", b"direct_witness"]
    for receipt in receipts:
        keys = receipt.keys()
        found += [
            digits(receipt).encode(),
            "".join(receipt.digits()).encode(),
            "+".join(receipt.digits()).encode(),
        ]
        found += [" ".join(receipt.words("en") or ()).encode()]
        found += [keys.auth, keys.lookup, keys.access_tag, keys.identity.seed]
    for content in contents:
        step = max(1, len(content) // 40)
        found += [content[i : i + 24] for i in range(600, len(content) - 24, step)]
    return found


def test_no_plaintext_name_or_receipt_is_ever_written(tmp_path: Path, demo: Mechanism, photo: bytes) -> None:
    require_program("strace", "the canary reads every write of the server")
    port = free_port()
    settings, installation = prepare(tmp_path / "var", port, demo)
    service = Service(settings, installation, demo, settings.public_url, tmp_path)
    clip = video(5 * MIB)  # over the memory limit: goes through the spool
    own_clip = video(5 * MIB, b"own")  # over the limit, random key: sealed while it arrives
    by_form, by_client = new_receipt(), new_receipt()
    media = (("received", NAME, photo), ("downloaded", "b.mp4", clip), ("self", "c.mp4", own_clip))
    fields = [
        (n, "direct_witness" if n == "capacity" else v)
        for n, v in form_fields(by_form, *media, narrative=NARRATIVE)
    ]

    with traced(service, tmp_path / "trace", tmp_path / "log"):
        assert service.send_form(fields).status_code == 200
        folder = prepared(tmp_path / "t", {NAME: photo, "b.mp4": clip}, narrative=NARRATIVE)
        service.submit(folder, by_client)
        page = service.http.post(f"{service.url}/be/return", data={"receipt": digits(by_form)})
        assert NARRATIVE in page.text
        service.http.post(f"{service.url}/be/return", data={"receipt": digits(new_receipt())})
        service.send_form(form_fields(by_form, narrative=NARRATIVE + "other"))
        service.pull(tmp_path / "pulled")

    writes = written(tmp_path / "trace")
    store = {path: data for path, data in writes.items() if "/store/" in path}
    # The canary can sing: what was stored was seen being written, to blobs and to the database.
    blob = max(
        (p for p in (settings.data_dir / "store" / "blobs").rglob("*") if p.is_file()),
        key=lambda p: p.stat().st_size,
    )
    assert any(blob.read_bytes()[4000:4200] in data for data in store.values())
    assert any(path.endswith("intake.db-wal") and data for path, data in writes.items())
    writes["log"] = (tmp_path / "log").read_bytes()
    for file in service.everything_on_disk():
        writes[f"file {file}"] = file.read_bytes()
    for needle in needles([by_form, by_client], photo, clip, own_clip):
        for path, data in writes.items():
            assert needle not in data, f"{needle!r} was written to {path}"
    for line in (tmp_path / "log").read_text().splitlines():
        assert "127.0.0.1" not in line and "/submit" not in line and "/return" not in line
