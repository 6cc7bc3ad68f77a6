"""Drafts: what a thief finds, how much fits, how long they last, and when they go."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crypto import sealing
from crypto.age_keys import Identity
from crypto.errors import NotMine
from crypto.receipt import ReceiptKeys
from intake import clock
from intake.db.engine import Database
from intake.db.tables.coming_back import drafts as table
from intake.errors import StorageFull, TooLarge
from intake.settings import MIB
from intake.submissions import drafts
from intake.submissions.drafts import Drafts
from intake.submissions.secrets import Pepper
from tests.http.test_write import Writing
from tests.service import Service, digits, form_fields, new_receipt, on_every_database_in_time

CANARY = "Канарэйка-draft-51c9 🕊"


def made(service: Service, free: Callable[[], int | None] = lambda: None, most: int = 100 * MIB) -> Drafts:
    return Drafts(service.installation.database, Pepper(service.settings.keys_dir), free, MIB, most)


def someone() -> ReceiptKeys:
    return new_receipt().keys()


def rows(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


@on_every_database_in_time
def test_writer_gets_back_what_was_put_and_nobody_elses(service: Service) -> None:
    kept, one, other = made(service), someone(), someone()
    kept.put(one, "narrative", CANARY.encode())
    kept.put(one, "section:events", b"")
    kept.put(other, "narrative", b"other")
    kept.put(one, "narrative", CANARY.encode() * 2)
    assert kept.all(one) == {"narrative": CANARY.encode() * 2, "section:events": b""}
    assert kept.get(other, "narrative") == b"other" and kept.get(other, "section:events") is None
    kept.drop(one, "narrative")
    kept.drop(one, "never there")
    assert kept.all(one) == {"section:events": b""}
    kept.drop_all(one)
    assert kept.all(one) == {} and kept.all(other) == {"narrative": b"other"}


@on_every_database_in_time
def test_all_drafts_together_have_a_limit_and_what_is_there_stays(service: Service) -> None:
    kept, one, other = made(service, most=MIB), someone(), someone()
    kept.put(one, "narrative", b"a" * (600 * 1024))
    with pytest.raises(StorageFull):
        kept.put(other, "narrative", b"b" * (600 * 1024))
    with pytest.raises(StorageFull):
        kept.put(one, "section:events", b"c" * (600 * 1024))
    kept.put(one, "narrative", b"d" * (600 * 1024))  # in the place of the first one
    assert kept.all(one) == {"narrative": b"d" * (600 * 1024)} and kept.all(other) == {}
    kept.drop_all(one)
    kept.put(other, "narrative", b"b" * (600 * 1024))


def test_thief_of_disk_and_keys_reads_neither_texts_nor_names_of_pages(service: Service) -> None:
    me = Writing(service)
    me.tell(CANARY)
    me.save("section:disappearance_or_death:0", q__last_place=CANARY)
    me.post(
        "files",
        "add",
        [("канарэйка.jpg", b"\xff\xd8\xff" + CANARY.encode() * 4000, "image/jpeg")],
        origin="self",
    )
    me.allow()
    assert rows(service.installation.database) == 4
    needles = [
        CANARY.encode(),
        "канарэйка.jpg".encode(),
        b"disappearance",
        b"narrative:",
        digits(me.receipt).encode(),
    ]
    for path in service.everything_on_disk():
        data = path.read_bytes()
        for needle in needles:
            assert needle not in data, f"{needle!r} in {path}"
    with sqlite3.connect(service.settings.data_dir / "intake.db") as database:
        files = [row[0] for row in database.execute("SELECT file FROM drafts")]
        names = [row[0] for row in database.execute("SELECT name FROM drafts")]
    assert all(len(name) == 64 and set(name) <= set("0123456789abcdef") for name in names)
    secrets = {path.read_bytes() for path in service.settings.keys_dir.rglob("*") if path.is_file()}
    server = [Identity(secret) for secret in secrets if len(secret) == 32]
    assert files and server
    for file in files:
        with pytest.raises(NotMine):
            sealing.open_file(file, server)
        assert sealing.open_file(file, [me.receipt.keys().identity])  # the thief of the receipt would


def test_short_entries_all_look_alike(service: Service) -> None:
    kept, me = made(service), someone()
    kept.put(me, "narrative", b"x")
    kept.put(me, "section:contact", b"y" * 9000)
    with service.installation.database.read() as connection:
        sizes = set(connection.execute(select(func.length(table.c.file))).scalars())
    assert len(sizes) == 1


@on_every_database_in_time
def test_a_draft_has_its_limits_and_keeps_what_it_had(service: Service) -> None:
    kept, me = made(service), someone()
    for n in range(drafts.MAX_ENTRIES):
        kept.put(me, f"section:{n}", b"x")
    with pytest.raises(TooLarge):
        kept.put(me, "one more", b"x")
    kept.put(me, "section:0", b"changed")
    with pytest.raises(TooLarge):
        kept.put(me, "section:1", bytes(drafts.MAX_BYTES))
    assert kept.get(me, "section:1") == b"x" and kept.get(me, "section:0") == b"changed"


def test_a_full_disk_takes_no_draft_and_loses_none(service: Service) -> None:
    free = [None, 10 * MIB, MIB - 1]
    kept, me = made(service, lambda: free.pop(0)), someone()
    kept.put(me, "a", b"1")
    kept.put(me, "b", b"2")
    with pytest.raises(StorageFull):
        kept.put(me, "a", b"3")
    assert kept.all(me) == {"a": b"1", "b": b"2"}


@on_every_database_in_time
def test_a_draft_expires_a_week_after_it_was_last_saved(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, me = made(service), someone()
    database, start = service.installation.database, clock.now()

    def at(days: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: start + int(days * clock.DAY))
        with database.write() as connection:
            drafts.expire(connection)

    kept.put(me, "first", b"1")
    at(6)
    kept.put(me, "second", b"2")
    at(12.5)
    assert kept.all(me) == {"first": b"1", "second": b"2"}
    monkeypatch.setattr(clock, "now", lambda: start + int(13.1 * clock.DAY))
    assert kept.all(me) == {} and rows(database) == 2  # not shown, even before maintenance
    at(13.1)
    assert rows(database) == 0


@on_every_database_in_time
def test_receiving_the_testimony_deletes_its_draft_and_no_other(service: Service) -> None:
    me, other = Writing(service), Writing(service)
    other.tell()
    me.tell()
    me.allow()
    assert rows(service.installation.database) == 3
    assert me.send().status_code == 200
    assert rows(service.installation.database) == 1
    me.save("narrative", narrative="Яшчэ.", capacity="victim")
    assert me.send(base=1).status_code == 200
    assert rows(service.installation.database) == 1


def test_the_short_form_with_the_same_receipt_deletes_the_draft_too(service: Service) -> None:
    me = Writing(service)
    me.tell()
    assert service.send_form(form_fields(me.receipt)).status_code == 200
    assert rows(service.installation.database) == 0


def test_what_was_deleted_is_gone_from_the_databases_files(service: Service, tmp_path: Path) -> None:
    kept, me = made(service), someone()
    kept.put(me, "narrative", b"x" * 5000)
    with service.installation.database.read() as connection:
        file = bytes(connection.execute(select(table.c.file)).scalar_one())
    piece = file[9000:9100]

    def found() -> bool:
        return any(piece in path.read_bytes() for path in service.settings.data_dir.glob("intake.db*"))

    assert found()
    kept.drop_all(me)
    assert not found()
