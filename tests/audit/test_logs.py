"""The logs in SQL, on both databases: trees, checkpoints, and what a changed row does to them."""

import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from crypto import checkpoints, log_leaf, merkle, tiles
from crypto.checkpoints import Checkpoint
from crypto.log_leaf import LogLeaf, Opening
from crypto.notes import Note
from intake.audit import log, publish, tree
from intake.audit.events import Event, Log
from intake.audit.keys import LogKeys
from intake.audit.log import Action
from intake.audit.publish import Cadence, Inconsistent, Publisher
from intake.db import migrate
from intake.db.engine import Database
from intake.db.tables import audit as t
from intake.db.tables.people import mechanisms
from intake.errors import NotFound
from tests.postgres import owners, postgres

HOUR = 3600


@pytest.fixture(params=["sqlite", "postgresql", "postgresql+sequencer"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """With a mechanism and its two empty logs."""
    if request.param == "sqlite":
        found = Database(f"sqlite:///{tmp_path}/test.db")
        yield prepared(found)
        found.close()
        return
    with postgres() as url:
        found = Database(owners(url), sequencer=request.param.endswith("sequencer"))
        yield prepared(found)
        found.close()


def prepared(database: Database) -> Database:
    migrate.upgrade(database)
    with database.write() as connection:
        row = {"id": "demo", "root": "ab" * 32, "bundle": b"{}", "version": 1, "open": True}
        connection.execute(mechanisms.insert().values(**row))
        log.create(connection, "demo")
    return database


def publisher(database: Database, folder: Path, block: int = 16) -> Publisher:
    return Publisher(database, LogKeys(folder, "https://intake.example.org"), Cadence(HOUR, block))


def add(database: Database, count: int, event: Event = Event.FEED_LISTED) -> None:
    with database.write() as connection:
        log.append_many(connection, "demo", [Action(event, None, {"number": n}) for n in range(count)])
        log.settle(connection, "demo", Log.ACCESS)


def entries(database: Database) -> list[log.Entry]:
    with database.read() as connection:
        return log.read(connection, "demo", Log.ACCESS, 0, 100_000)


def note(database: Database) -> Checkpoint:
    with database.read() as connection:
        found = publish.newest(connection, "demo", Log.ACCESS)
    assert found
    return Checkpoint.parse(Note.parse(found.note).text)


def test_the_tree_is_that_of_its_leaves_at_every_size_around_a_tile(database: Database) -> None:
    sizes = [1, 2, 255, 256, 257, 511, 512, 700]
    for before, size in zip([0, *sizes], sizes, strict=False):
        add(database, size - before)
        leaves = [merkle.leaf_hash(e.leaf) for e in entries(database)]
        assert len(leaves) == size
        with database.read() as connection:
            assert tree.root(connection, "demo", Log.ACCESS, size) == merkle.root_of(leaves)
            reads = tree.subtrees(connection, "demo", Log.ACCESS, size)
            for index in {0, size // 2, size - 1}:
                proof = merkle.inclusion_proof(index, size, reads)
                merkle.verify_inclusion(leaves[index], index, size, merkle.root_of(leaves), proof)


def test_tiles_are_served_as_the_specification_names_them(database: Database) -> None:
    add(database, 600)
    found = entries(database)
    with database.read() as connection:
        for tile in tiles.tiles(600):
            data = tree.content(connection, "demo", Log.ACCESS, 600, tile)
            start = tile.index * tiles.WIDTH
            if tile.level == tiles.ENTRIES:
                expected = tuple(e.leaf for e in found[start : start + tile.width])
                assert tiles.parse_entries(data, tile.width) == expected
            elif tile.level == 0:
                assert data == b"".join(merkle.leaf_hash(e.leaf) for e in found[start : start + tile.width])
            else:
                whole = [b"".join(merkle.leaf_hash(e.leaf) for e in found[i : i + 256]) for i in (0, 256)]
                assert data == b"".join(tiles.tile_root(w) for w in whole)
        # Never more than was asked for as published, whatever stands in the table.
        with pytest.raises(NotFound):
            tree.content(connection, "demo", Log.ACCESS, 599, tiles.Tile(0, 2, 88))


def test_every_entry_opens_to_what_it_says_and_its_leaf_shows_nothing(database: Database) -> None:
    with database.write() as connection:
        log.append(connection, "demo", Event.CLIENT_ADDED, client="secret-name")
        log.settle(connection, "demo", Log.ACCESS)
    (entry,) = entries(database)
    assert len(entry.leaf) == 65 and entry.opening
    opening = Opening.parse(entry.opening)
    log_leaf.verify_opening(LogLeaf.parse(entry.leaf), opening)
    assert opening.values["client"] == "secret-name" and b"secret" not in entry.leaf


def test_checkpoints_are_signed_by_both_keys_and_grow_by_blocks(database: Database, tmp_path: Path) -> None:
    signer = publisher(database, tmp_path)
    sizes = []
    for count in (0, 1, 16, 17, 40):
        add(database, count) if count else None
        assert signer.publish("demo", Log.ACCESS, now=True)
        sizes.append(note(database).size)
    assert sizes == [16, 32, 48, 80, 144]  # nothing and one entry look alike; so do 17 and 32
    keys = LogKeys(tmp_path, "https://other.example.org")
    origin = keys.name("demo", Log.ACCESS)
    assert origin == "intake.example.org/demo/access"  # as it was first
    with database.read() as connection:
        newest = publish.newest(connection, "demo", Log.ACCESS)
        assert newest
        served = publish.cosigned(connection, "demo", Log.ACCESS, newest)
    verified = checkpoints.verify(served, origin, keys.verifiers(origin))
    assert verified.checkpoint.size == 144
    assert verified.checkpoint.root == merkle.root_of(merkle.leaf_hash(e.leaf) for e in entries(database))


def test_publishing_happens_once_in_a_period_and_names_its_beginning(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = publisher(database, tmp_path)
    start = 500_000 * HOUR
    for seconds, expected in ((5, True), (1800, False), (3599, False), (3601, True), (3700, False)):
        monkeypatch.setattr("intake.clock.now", lambda seconds=seconds: start + seconds)
        assert signer.publish("demo", Log.ACCESS) is expected
    with database.read() as connection:
        notes = connection.execute(select(t.checkpoints.c.note)).scalars().all()
    keys = LogKeys(tmp_path, "")
    origin = keys.name("demo", Log.ACCESS)
    times = set()
    for data in notes:
        verified = checkpoints.verify(bytes(data), origin, keys.verifiers(origin))
        times |= {signed.time for signed in verified.log}
    assert times == {None, start, start + HOUR}


def test_sixteen_publishers_at_once_never_fork(database: Database, tmp_path: Path) -> None:
    signers = [publisher(database, tmp_path) for _ in range(16)]
    failures: list[BaseException] = []

    def run(signer: Publisher) -> None:
        try:
            for _ in range(3):
                add(database, 3)
                signer.publish("demo", Log.ACCESS, now=True)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(signer,)) for signer in signers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    leaves = [merkle.leaf_hash(e.leaf) for e in entries(database)]
    with database.read() as connection:
        rows = connection.execute(select(t.checkpoints.c.size, t.checkpoints.c.note)).all()
    assert len(rows) == 48
    for size, data in rows:
        assert Checkpoint.parse(Note.parse(bytes(data)).text).root == merkle.root_of(leaves[:size])
    numbers = [e.fields["number"] for e in entries(database) if "number" in e.fields]
    assert len(numbers) == 16 * 3 * 3


def test_many_writers_get_indexes_without_a_gap(database: Database) -> None:
    def run() -> None:
        for _ in range(10):
            add(database, 2)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.write() as connection:
        log.settle(connection, "demo", Log.ACCESS)
    assert [e.index for e in entries(database)] == list(range(160))


def edit_a_leaf(database: Database) -> None:
    with database.write() as connection:
        forged = LogLeaf(secrets.token_bytes(32), secrets.token_bytes(32)).encode()
        connection.execute(update(t.log_entries).where(t.log_entries.c.index == 3).values(leaf=forged))


def drop_the_last_entries(database: Database) -> None:
    with database.write() as connection:
        connection.execute(delete(t.log_entries).where(t.log_entries.c.index >= 10))
        connection.execute(update(t.log_heads).where(t.log_heads.c.log == "access").values(size=10))


def swap_two_leaves(database: Database) -> None:
    with database.write() as connection:
        own = t.log_entries
        rows = {row[0]: row[1] for row in connection.execute(select(own.c.index, own.c.leaf))}
        for one, other in ((1, 2), (2, 1)):
            connection.execute(update(own).where(own.c.index == one).values(leaf=rows[other]))


def drop_an_entry_in_the_middle(database: Database) -> None:
    with database.write() as connection:
        connection.execute(delete(t.log_entries).where(t.log_entries.c.index == 5))


@pytest.mark.parametrize(
    "harm", [edit_a_leaf, drop_the_last_entries, swap_two_leaves, drop_an_entry_in_the_middle]
)
def test_a_log_that_was_changed_is_not_signed_again(
    database: Database, tmp_path: Path, harm: Callable[[Database], None]
) -> None:
    signer = publisher(database, tmp_path)
    add(database, 30)
    signer.publish("demo", Log.ACCESS, now=True)
    harm(database)
    with pytest.raises((Inconsistent, NotFound)):
        signer.publish("demo", Log.ACCESS, now=True)


def test_a_restored_backup_is_not_signed_even_though_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    database = prepared(Database(f"sqlite:///{path}"))
    signer = publisher(database, tmp_path / "keys")
    add(database, 20)
    signer.publish("demo", Log.ACCESS, now=True)
    database.close()
    shutil.copy(path, tmp_path / "yesterday.db")
    add(database, 20)
    signer.publish("demo", Log.ACCESS, now=True)
    database.close()
    for stale in tmp_path.glob("test.db-*"):
        stale.unlink()
    shutil.copy(tmp_path / "yesterday.db", path)

    restored = Database(f"sqlite:///{path}")
    again = publisher(restored, tmp_path / "keys")
    assert ["demo/access" in sentence for sentence in again.compare_all()] == [True]
    with pytest.raises(Inconsistent, match="older backup was restored"):
        again.publish("demo", Log.ACCESS, now=True)
    add(restored, 60)  # people and programs go on; the log is longer again, and still another one
    with pytest.raises(Inconsistent):
        again.publish("demo", Log.ACCESS, now=True)
    restored.close()


def test_order_is_by_index_however_the_clock_jumps(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, now in enumerate((2_000_000_000, 1_000_000_000, 1_900_000_000)):
        monkeypatch.setattr("intake.clock.now", lambda now=now: now)
        with database.write() as connection:
            log.append(connection, "demo", Event.FEED_LISTED, number=number)
            log.settle(connection, "demo", Log.ACCESS)
    assert [e.fields["number"] for e in entries(database)] == [0, 1, 2]


def test_keys_rotate_with_both_signing_for_a_while(database: Database, tmp_path: Path) -> None:
    signer = publisher(database, tmp_path)
    keys = LogKeys(tmp_path, "")
    origin = keys.name("demo", Log.ACCESS)
    old = keys.verifiers(origin)
    assert keys.rotate() == 2
    add(database, 1)
    signer.publish("demo", Log.ACCESS, now=True)  # a running server notices
    both = keys.verifiers(origin)
    with database.read() as connection:
        first = publish.newest(connection, "demo", Log.ACCESS)
    assert first and len(both) == 4
    checkpoints.verify(first.note, origin, old)
    checkpoints.verify(first.note, origin, both)
    assert keys.retire() == 1
    signer.publish("demo", Log.ACCESS, now=True)
    with database.read() as connection:
        second = publish.newest(connection, "demo", Log.ACCESS)
    assert second
    checkpoints.verify(second.note, origin, both[2:])
    assert not (tmp_path / "log" / "1.ed25519").exists()
