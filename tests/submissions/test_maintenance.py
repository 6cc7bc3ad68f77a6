"""Merging, sweeping, expiring, and the life of deduplication keys."""

import os
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crypto import oprf
from intake import clock
from intake.db.tables import submissions as t
from intake.errors import Conflict
from intake.store.local import LocalStore
from intake.submissions.secrets import OprfKeys, Pepper
from tests.service import Service, form_fields, new_receipt


def payload_rows(service: Service) -> int:
    with service.installation.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(t.payloads)).scalar_one())


def test_many_equal_photos_become_one_and_every_receipt_still_opens(
    service: Service, tmp_path: Path, photo: bytes
) -> None:
    for _ in range(6):
        service.send_form(form_fields(new_receipt(), ("received", "a.jpg", photo)))
    assert service.installation.payloads.maintain(merge_now=True).merged == 5
    assert service.installation.payloads.unreferenced() == 0
    assert len(list(service.installation.store.names())) == payload_rows(service)
    service.pull(tmp_path / "pulled")
    opened = service.open(tmp_path / "pulled", tmp_path / "opened")
    assert len(opened) == 6 and all(o.problems == {} and len(o.media) == 1 for o in opened)
    assert service.installation.payloads.maintain(merge_now=True).merged == 0


def test_a_later_copy_joins_what_was_merged_before(service: Service, photo: bytes) -> None:
    for expected in (0, 1, 1):
        service.send_form(form_fields(new_receipt(), ("received", "a.jpg", photo)))
        assert service.installation.payloads.maintain(merge_now=True).merged == expected


def test_merging_happens_when_its_hour_has_come(
    service: Service, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        service.send_form(form_fields(new_receipt(), ("received", "a.jpg", photo)))
    with service.installation.database.read() as connection:
        due = (
            connection.execute(select(t.payloads.c.merge_after).where(t.payloads.c.merge_after.is_not(None)))
            .scalars()
            .all()
        )
    now = clock.hour_number()
    assert len(due) == 2 and all(now + 1 <= hour <= now + 24 for hour in due)
    later = clock.now() + 25 * 3600
    monkeypatch.setattr("intake.clock.now", lambda: later)
    assert service.installation.payloads.maintain().merged == 1


def test_readers_are_not_disturbed_by_a_merge(service: Service, tmp_path: Path, photo: bytes) -> None:
    for _ in range(4):
        service.send_form(form_fields(new_receipt(), ("received", "a.jpg", photo)))
    errors: list[BaseException] = []

    def read(number: int) -> None:
        try:
            service.pull(tmp_path / f"pulled{number}")
        except BaseException as error:
            errors.append(error)

    readers = [threading.Thread(target=read, args=(n,)) for n in range(3)]
    for reader in readers:
        reader.start()
    service.installation.payloads.maintain(merge_now=True)
    for reader in readers:
        reader.join()
    assert errors == []
    assert all(o.problems == {} for o in service.open(tmp_path / "pulled0", tmp_path / "opened"))


def test_orphans_are_swept_when_they_are_old_and_nothing_else_is(
    service: Service, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.send_form(form_fields(new_receipt(), ("received", "a.jpg", photo)))
    before = set(service.installation.store.names())
    stage = service.installation.store.stage()
    stage.write(b"published, but its transaction never came")
    service.installation.store.publish([(stage, "")])
    service.installation.store.stage("ab" * 16).close()
    assert service.installation.payloads.maintain().swept == 0
    later = clock.now() + 2 * 3600
    monkeypatch.setattr("intake.clock.now", lambda: later)
    assert service.installation.payloads.maintain().swept == 2
    assert set(service.installation.store.names()) == before


def test_change_times_are_moved_away_by_maintenance(service: Service, photo: bytes) -> None:
    store = service.settings.data_dir / "store" / "blobs"
    for _ in range(2):  # at first by a process that did not write them, then in the course of its rounds
        service.send_form(form_fields(new_receipt(), ("self", "a.jpg", photo)))
        before = {p: os.stat(p).st_ctime_ns for p in store.rglob("*") if p.is_file()}
        time.sleep(0.05)
        LocalStore(service.settings.data_dir / "store").forget_times()
        assert all(os.stat(p).st_ctime_ns > then for p, then in before.items())
        assert all(os.stat(p).st_mtime % clock.DAY == 0 for p in before)


# --- deduplication keys ---


def test_an_epoch_ends_its_key_answers_for_a_while_and_is_destroyed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_800_000_000]
    monkeypatch.setattr("intake.clock.now", lambda: now[0])
    keys = OprfKeys(tmp_path, epoch_days=90, grace_hours=24)
    first, closes = keys.current()
    element = oprf.blind(b"x", os.urandom(48)).element
    answer = keys.evaluate(first, [element])
    assert OprfKeys(tmp_path, 90, 24).evaluate(first, [element]) == answer

    now[0] = closes * clock.HOUR
    assert keys.current()[0] == first + 1
    assert keys.evaluate(first, [element]) == answer
    assert keys.evaluate(first + 1, [element]) != answer
    assert keys.destroy_closed() == 0

    now[0] += 24 * clock.HOUR
    with pytest.raises(Conflict) as refused:
        keys.evaluate(first, [element])
    assert refused.value.values["epoch"] == first + 1
    assert keys.destroy_closed() == 1 and not (tmp_path / "oprf" / str(first)).exists()


def test_server_secrets_are_private_files_and_survive_a_restart(tmp_path: Path) -> None:
    pepper = Pepper(tmp_path)
    assert Pepper(tmp_path).lookup(b"x" * 32) == pepper.lookup(b"x" * 32)
    OprfKeys(tmp_path, 90, 24).current()
    for path in tmp_path.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
