"""`intake migrate-store`: an embedded installation moves to PostgreSQL and S3, whole."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from intake.db.engine import Database
from intake.db.tables.submissions import payloads
from intake.errors import Conflict, Invalid
from intake.installation import open_installation, open_store
from intake.upkeep.check import check
from intake.upkeep.move import Move
from tests import s3
from tests.postgres import owners, postgres
from tests.program import INTAKE
from tests.service import (
    Mechanism,
    Service,
    digits,
    form_fields,
    new_receipt,
    prepared,
    running,
    serving,
    settings_for,
    video,
)


@pytest.fixture
def elsewhere() -> Iterator[dict[str, Any]]:
    """Settings of an empty PostgreSQL and an empty place in a bucket."""
    with postgres() as url, s3.credentials():
        place = s3.started().place()
        yield {"database_url": owners(url), "store_url": place, "s3_endpoint": s3.server()}


@pytest.fixture
def old(tmp_path: Path, demo: Mechanism, photo: bytes) -> tuple[Service, list[str]]:
    """An embedded installation with testimonies; its server has stopped."""
    with running(tmp_path, demo) as service:
        receipts = [new_receipt() for _ in range(3)]
        for receipt in receipts:
            service.send_form(form_fields(receipt, ("received", "a.jpg", photo)))
        service.installation.payloads.maintain(merge_now=True)
        service.submit(prepared(tmp_path / "t", {"clip.mp4": video(6_000_000)}, origin="self"))
        service.pull(tmp_path / "pulled-before")
    return service, [digits(receipt) for receipt in receipts]


def move(service: Service, elsewhere: dict[str, Any]) -> Move:
    target = settings_for(service.settings.data_dir, service.settings.port, **elsewhere)
    found = open_installation(service.settings)
    return Move(found.database, found.store, Database(target.database), open_store(target))


def test_everything_is_there_after_a_move_and_people_and_programs_go_on(
    old: tuple[Service, list[str]], elsewhere: dict[str, Any], tmp_path: Path, photo: bytes
) -> None:
    service, receipts = old
    environment = os.environ | {
        "INTAKE_DATA_DIR": str(service.settings.data_dir),
        "INTAKE_RESERVE_MIB": "0",
    }
    options = [
        f"--database-url={elsewhere['database_url']}",
        f"--store-url={elsewhere['store_url']}",
        f"--s3-endpoint={elsewhere['s3_endpoint']}",
    ]
    moved = subprocess.run(
        [*INTAKE, "migrate-store", *options], env=environment, capture_output=True, text=True
    )
    assert moved.returncode == 0, moved.stderr
    assert "every byte is what was received" in moved.stdout and "INTAKE_DATABASE_URL" in moved.stdout

    port = service.settings.port
    settings = settings_for(service.settings.data_dir, port, **elsewhere)
    with serving(settings, port):
        new = Service(settings, open_installation(settings), service.mechanism, settings.public_url, tmp_path)
        for receipt in receipts:
            page = new.http.post(f"{new.url}/be/return", data={"receipt": receipt})
            assert page.status_code == 200 and "a.jpg" in page.text
        new.send_form(form_fields(new_receipt(), ("received", "a.jpg", photo)))
        assert new.installation.payloads.maintain(merge_now=True).merged == 1  # with a payload that moved
        assert len(new.pull(tmp_path / "pulled").records) == 5
        assert all(o.problems == {} for o in new.open(tmp_path / "pulled", tmp_path / "opened"))
        # A program that pulled before the move goes on where it was: the indexes are the same.
        assert len(new.pull(tmp_path / "pulled-before").records) == 1
        new.installation.database.close()


def test_a_move_that_was_cut_off_goes_on_and_sends_no_blob_twice(
    old: tuple[Service, list[str]], elsewhere: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    service, _ = old
    first = move(service, elsewhere)

    class Cut(Exception):
        pass

    def cut(what: str, done: int, total: int) -> None:
        if done == total // 2:
            raise Cut

    with pytest.raises(Cut):
        first.run(cut)
    again = move(service, elsewhere)
    sent: list[str] = []
    put = again._target_blobs.put

    def noted(name: str, pieces: Iterator[bytes]) -> None:
        sent.append(name)
        put(name, pieces)

    monkeypatch.setattr(again._target_blobs, "put", noted)
    again.run(lambda *_: None)
    with again._source.read() as connection:
        total = len(connection.execute(select(payloads.c.blob)).all())
    assert 0 < len(sent) <= total - total // 2
    assert (
        list(check(again._target, again._target_blobs, service.installation.log_keys, read_data=True)) == []
    )
    with pytest.raises(Conflict):
        again.run(lambda *_: None)


def test_a_damaged_blob_stops_the_move_and_is_named(
    old: tuple[Service, list[str]], elsewhere: dict[str, Any]
) -> None:
    service, _ = old
    blobs = [p for p in (service.settings.data_dir / "store" / "blobs").rglob("*") if p.is_file()]
    victim = max(blobs, key=lambda p: p.stat().st_size)
    data = bytearray(victim.read_bytes())
    data[-1] ^= 1
    victim.write_bytes(data)
    moving = move(service, elsewhere)
    with pytest.raises(Invalid, match=victim.name):
        moving.run(lambda *_: None)
    assert victim.name not in set(moving._target_blobs.names())


def test_a_running_service_is_not_moved(service: Service, elsewhere: dict[str, Any]) -> None:
    environment = os.environ | {"INTAKE_DATA_DIR": str(service.settings.data_dir)}
    options = [f"--database-url={elsewhere['database_url']}", f"--store-url={elsewhere['store_url']}"]
    refused = subprocess.run(
        [*INTAKE, "migrate-store", *options], env=environment, capture_output=True, text=True
    )
    assert refused.returncode == 1 and "stop the service first" in refused.stderr
