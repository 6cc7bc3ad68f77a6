"""What somebody sees who watches a service's logs from outside: that they grow."""

from pathlib import Path

import pytest

from crypto import checkpoints
from crypto.log_leaf import LogLeaf
from crypto.tiles import ENTRIES, Tile, parse_entries, tiles
from intake.audit.events import Log
from tests.service import Mechanism, Service, form_fields, new_receipt, prepared, running


def publish(service: Service) -> None:
    for kind in Log:
        service.installation.publisher.publish("demo", kind, now=True)


def seen(service: Service, kind: Log) -> tuple[int, int, list[bytes]]:
    """(size, time signed, entries) as the public interface gives them."""
    base = f"{service.url}/log/demo/{kind}"
    origin = service.installation.log_keys.name("demo", kind)
    keys = service.installation.log_keys.verifiers(origin)
    verified = checkpoints.verify(service.http.get(f"{base}/checkpoint").content, origin, keys)
    size = verified.checkpoint.size
    entries: list[bytes] = []
    for tile in tiles(size):
        data = service.http.get(f"{base}/{tile.path}").content
        if tile.level == ENTRIES:
            entries += parse_entries(data, tile.width)
    return size, max(signed.time or 0 for signed in verified.log), entries


def test_outsider_cannot_tell_a_busy_hour_from_an_idle_one(
    tmp_path: Path, demo: Mechanism, photo: bytes
) -> None:
    with running(tmp_path / "idle", demo) as idle, running(tmp_path / "busy", demo) as busy:
        for _ in range(3):
            busy.send_form(form_fields(new_receipt(), ("received", "a.jpg", photo)))
        _, sent = busy.submit(prepared(tmp_path / "t", {}))
        publish(idle)
        publish(busy)
        size, time, entries = seen(busy, Log.RECORDS)
        assert (size, time % 3600) == (32, 0)
        assert (size, time) == seen(idle, Log.RECORDS)[:2]
        # The entries have one form, and nothing in them comes from a record or a client.
        assert {len(entry) for entry in entries} == {65}
        assert len({LogLeaf.parse(entry).tag for entry in entries}) == size
        everything = b"".join(entries + seen(busy, Log.ACCESS)[2])
        for secret in (bytes.fromhex(sent.record), b"demo-puller", b"record"):
            assert secret not in everything


def test_outsider_gets_nothing_beyond_the_signed_size(service: Service) -> None:
    service.send_form(form_fields(new_receipt()))
    base = f"{service.url}/log/demo/records"
    assert service.http.get(f"{base}/{Tile(ENTRIES, 0, 16).path}").status_code == 200
    for tile in (Tile(ENTRIES, 0, 17), Tile(0, 0, 17), Tile(0, 0), Tile(0, 1, 1), Tile(1, 0, 1)):
        assert service.http.get(f"{base}/{tile.path}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "demo/records/tile/0/0",
        "demo/records/tile/0/000.p/999",
        "demo/secrets/checkpoint",
        "nobody/records/checkpoint",
        "demo/records/tile/entries/x000/000",
        "demo/records/../../keys",
    ],
)
def test_addresses_that_are_none_are_not_found(service: Service, path: str) -> None:
    answer = service.http.get(f"{service.url}/log/{path}")
    assert answer.status_code == 404
