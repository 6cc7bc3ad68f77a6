"""When checkpoints are signed, with which keys, and what stops it: clocks, lost keys, damaged files."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update
from typer.testing import CliRunner

from crypto import checkpoints, notes
from crypto.notes import VerifierKey
from crypto.primitives import SigningKey
from intake.audit import log, publish
from intake.audit.events import Event, Log
from intake.audit.keys import LogKeys
from intake.audit.publish import Cadence, Inconsistent, Publisher
from intake.audit.walk import Walk
from intake.cli import app
from intake.db.engine import Database
from intake.db.tables import audit as t
from intake.errors import Conflict, NotFound
from tests.audit.test_logs import HOUR, add, database, prepared, publisher

__all__ = ["database"]
START = 500_016 * HOUR  # midnight


@pytest.fixture
def small(tmp_path: Path) -> Database:
    return prepared(Database(f"sqlite:///{tmp_path}/small.db"))


def at(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    monkeypatch.setattr("intake.clock.now", lambda: seconds)


def test_a_longer_period_does_not_stop_the_publishing(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, START + 5 * HOUR)
    assert publisher(database, tmp_path).publish_due() == 2
    with database.write() as connection:  # numbers of hours, as earlier versions kept them
        connection.execute(update(t.checkpoints).values(slot=START // HOUR + 5))
    daily = Publisher(database, LogKeys(tmp_path, ""), Cadence(24 * HOUR, 16))
    at(monkeypatch, START + 6 * HOUR)
    assert daily.publish_due() == 0
    at(monkeypatch, START + 24 * HOUR + 1)
    assert daily.publish_due() == 2


def test_a_clock_that_was_ahead_once_does_not_stop_the_publishing(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    signer = publisher(database, tmp_path)
    at(monkeypatch, START + 365 * 24 * HOUR)
    assert signer.publish_due() == 2
    at(monkeypatch, START)
    assert signer.publish_due() == 2
    assert [r.levelname for r in caplog.records if r.msg == "checkpoint_from_the_future"] == ["ERROR"] * 2
    at(monkeypatch, START + HOUR)
    caplog.clear()
    with database.read() as connection:
        newest = publish.newest(connection, "demo", Log.ACCESS)
    assert newest and publish.verify_own(newest.note, LogKeys(tmp_path, ""), "demo", Log.ACCESS).time == START
    assert signer.publish_due() == 2 and not caplog.records


def test_new_keys_do_not_take_the_place_of_lost_ones(database: Database, tmp_path: Path) -> None:
    publisher(database, tmp_path).publish("demo", Log.RECORDS)
    shutil.rmtree(tmp_path / "log")
    again = publisher(database, tmp_path)
    assert any("not those that signed the newest checkpoint" in said for said in again.compare_all())
    with pytest.raises(Inconsistent, match="the keys in keys/log are not those that signed"):
        again.publish("demo", Log.RECORDS, now=True)


def test_checkpoints_of_retired_keys_are_still_ours(database: Database, tmp_path: Path) -> None:
    signer = publisher(database, tmp_path)
    signer.publish("demo", Log.RECORDS)
    keys = LogKeys(tmp_path, "")
    keys.rotate()
    keys.retire()
    assert signer.compare_all() == []
    assert signer.publish("demo", Log.RECORDS, now=True)
    assert (tmp_path / "log" / "1.public").exists() and not (tmp_path / "log" / "1.mldsa").exists()


@pytest.mark.parametrize("kept", [0, 1, 50, 200])
def test_a_damaged_memory_stops_one_log_and_says_so(small: Database, tmp_path: Path, kept: int) -> None:
    signer = publisher(small, tmp_path)
    assert signer.publish_due() == 2
    path = tmp_path / "log" / "newest.demo.access"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(Inconsistent, match=r"keys/log/newest\.demo\.access is empty or damaged"):
        signer.publish("demo", Log.ACCESS, now=True)
    assert len(signer.compare_all()) == 1


def test_a_damaged_checkpoint_does_not_stop_other_logs(
    small: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = publisher(small, tmp_path)
    assert signer.publish_due() == 2
    with small.write() as connection:
        connection.execute(update(t.checkpoints).where(t.checkpoints.c.log == "access").values(note=b"no"))
    at(monkeypatch, START + 10**9)
    assert signer.publish_due() == 1
    with pytest.raises(Inconsistent, match="in the database is damaged"):
        signer.publish("demo", Log.ACCESS)


def test_a_stopped_log_is_stopped_for_every_process_until_a_person_resumes_it(
    small: Database, tmp_path: Path
) -> None:
    publisher(small, tmp_path).stop("demo", Log.RECORDS, "w.example: it has seen 32 entries, we have 16")
    for _ in range(2):  # of any number, and after a restart
        with pytest.raises(Inconsistent, match=r"seen 32 entries.*intake log resume demo records"):
            publisher(small, tmp_path).publish("demo", Log.RECORDS, now=True)
    assert publisher(small, tmp_path).publish("demo", Log.ACCESS)
    LogKeys(tmp_path, "").resume("demo", Log.RECORDS)
    assert publisher(small, tmp_path).publish("demo", Log.RECORDS)
    with pytest.raises(NotFound):
        LogKeys(tmp_path, "").resume("demo", Log.RECORDS)


def announcements(database: Database) -> list[object]:
    with database.read() as connection:
        found = log.read(connection, "demo", Log.RECORDS, 0, 1000)
    return [entry.fields["keys"] for entry in found if entry.event is Event.LOG_KEYS]


def test_a_rotation_that_breaks_off_leaves_no_unannounced_keys_and_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTAKE_DATA_DIR", str(tmp_path))
    small = prepared(Database(f"sqlite:///{tmp_path}/intake.db"))
    keys = LogKeys(tmp_path / "keys", "http://127.0.0.1:8000")

    def intake(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["log", *arguments])
        return result.exit_code, result.output

    def power_fails(*_: object) -> None:
        raise ValueError("the power is gone")

    for broken in ("publish.announce", "keys.LogKeys.activate"):
        with monkeypatch.context() as patch:
            patch.setattr(f"intake.audit.{broken}", power_fails)
            assert intake("rotate")[0] == 1
        assert keys.rotating is None
    assert intake("rotate")[0] == 0 and keys.rotating == 2
    name = keys.name("demo", Log.RECORDS)
    assert announcements(small) == [[key.text for key in keys.verifiers(name)]]
    with pytest.raises(Conflict):
        keys.prepare()

    code, said = intake("retire")
    assert code == 1 and "no signed checkpoint announces the new keys to demo" in said
    assert intake("publish")[0] == 0
    assert intake("retire")[0] == 0 and keys.rotating is None
    assert intake("retire")[0] == 1


def test_commands_name_every_log_that_is_not_signed_and_resume_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTAKE_DATA_DIR", str(tmp_path))
    small = prepared(Database(f"sqlite:///{tmp_path}/intake.db"))
    publisher(small, tmp_path / "keys").stop("demo", Log.ACCESS, "because")
    first = CliRunner().invoke(app, ["log", "publish"])
    assert first.exit_code == 1 and "1 checkpoints signed" in first.output and "because" in first.output
    assert CliRunner().invoke(app, ["log", "resume", "demo", "access"]).exit_code == 0
    second = CliRunner().invoke(app, ["log", "publish"])
    assert second.exit_code == 0 and "1 checkpoints signed" in second.output


def test_a_note_never_has_more_signatures_than_can_be_read_and_witnesses_come_first(
    small: Database, tmp_path: Path
) -> None:
    publisher(small, tmp_path).publish("demo", Log.ACCESS)
    with small.write() as connection:
        newest = publish.newest(connection, "demo", Log.ACCESS)
        assert newest
        checkpoint, secret = publish.parse(newest.note), SigningKey(bytes(32))
        for number in range(40):
            name = f"reader-{number:02}" if number else "zz.witness.example"
            key = VerifierKey(name, notes.COSIGNATURE, secret.public)
            line = checkpoints.cosign(checkpoint, name, secret, 1).line
            row = {"mechanism": "demo", "log": "access", "size": newest.size, "key": key.text}
            connection.execute(insert(t.cosignatures).values(**row, line=line))
            if not number:
                connection.execute(insert(t.witnesses).values(key=key.text, url="https://w.example"))
        note = notes.Note.parse(publish.cosigned(connection, "demo", "access", newest))
        assert len(note.signatures) == notes.MAX_SIGNATURES
        assert note.signatures[2].name == "zz.witness.example"
        connection.execute(update(t.cosignatures).values(line="damaged"))
        assert publish.cosigned(connection, "demo", "access", newest) == newest.note
        assert connection.execute(select(t.cosignatures.c.key)).first()
        connection.execute(delete(t.cosignatures))


def test_an_old_entry_that_was_deleted_below_a_full_tile_stops_the_signing(
    database: Database, tmp_path: Path
) -> None:
    signer = publisher(database, tmp_path)
    add(database, 300)
    assert signer.publish("demo", Log.ACCESS) and signer.compare_all() == []
    assert list(Walk(database).go_on(None)) == []
    with database.write() as connection:
        own = t.log_entries.c
        connection.execute(delete(t.log_entries).where(own.log == "access", own.index == 100))
    with pytest.raises(Inconsistent, match="1 are missing: rows were deleted"):
        signer.publish("demo", Log.ACCESS, now=True)
    assert len(signer.compare_all()) == 1 and signer.publish("demo", Log.RECORDS)
    assert [found[2] for found in Walk(database).go_on(None)] == ["of entries 0 to 255 some are missing"]


def test_an_old_entry_that_was_changed_is_found_by_the_walk_wherever_it_begins(
    small: Database, tmp_path: Path
) -> None:
    add(small, 700)
    with small.write() as connection:
        own = t.log_entries.c
        leaf = connection.execute(select(own.leaf).where(own.log == "access", own.index == 3)).scalar_one()
        here = (own.log == "access") & (own.index == 300)
        connection.execute(update(t.log_entries).where(here).values(leaf=leaf))
    walk = Walk(small)
    found: list[tuple[str, Log, str]] = []
    for _ in range(2):
        found += walk.go_on(1)
    assert found == [("demo", Log.ACCESS, "entries 256 to 511 are not those that were appended")]
    assert list(walk.go_on(None)) == found


def test_publishing_by_hand_names_a_log_that_was_put_back_though_none_is_due(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTAKE_DATA_DIR", str(tmp_path))
    small = prepared(Database(f"sqlite:///{tmp_path}/intake.db"))
    assert CliRunner().invoke(app, ["log", "publish"]).exit_code == 0
    again = CliRunner().invoke(app, ["log", "publish"])
    assert again.exit_code == 0 and "0 checkpoints signed" in again.output
    with small.write() as connection:  # as a backup from before the first signature has it
        for table in (t.checkpoints, t.log_entries):
            connection.execute(delete(table).where(table.c.log == "access"))
        connection.execute(update(t.log_heads).where(t.log_heads.c.log == "access").values(size=0))
    put_back = CliRunner().invoke(app, ["log", "publish"])
    assert put_back.exit_code == 1 and "demo/access does not continue the checkpoint" in put_back.output
