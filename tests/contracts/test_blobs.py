"""The blob store's contract, for every back end."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from intake.errors import Conflict, NotFound
from intake.store.blobs import BlobStore, Stage
from intake.store.local import LocalStore
from intake.store.s3 import PART, S3Store
from tests import s3


def s3_store(_: Path) -> BlobStore:
    return S3Store(s3.at(s3.started().place()))


MAKERS: dict[str, Callable[[Path], BlobStore]] = {"local": LocalStore, "s3": s3_store}


@pytest.fixture(params=MAKERS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    return MAKERS[request.param](tmp_path / "store")


def put(store: BlobStore, data: bytes) -> str:
    stage = store.stage()
    for start in range(0, len(data), 256 * 1024):
        stage.write(data[start : start + 256 * 1024])
        if stage.full:
            stage.flush()
    return publish(store, stage, hashlib.sha256(data).hexdigest())


def publish(store: BlobStore, stage: Stage, digest: str) -> str:
    (blob,) = store.publish([(stage, digest)])
    return blob


def go_on(store: BlobStore, name: str, durable: int) -> Stage:
    stage = store.stage(name)
    try:
        stage.rewind(durable)
    except BaseException:
        stage.close()
        raise
    return stage


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def read(store: BlobStore, blob: str) -> bytes:
    opened = store.open(blob)
    try:
        return opened.read(0, opened.size)
    finally:
        opened.close()


@pytest.mark.parametrize("size", [0, 1, 70_000, PART, 3 * PART + 5])
def test_what_was_published_is_read_whole_and_in_ranges(store: BlobStore, size: int) -> None:
    data = os.urandom(size)
    blob = put(store, data)
    assert read(store, blob) == data and list(store.names()) == [blob]
    opened = store.open(blob)
    assert opened.size == size
    assert opened.read(size // 3, 100) == data[size // 3 : size // 3 + 100]
    assert opened.read(size, 10) == b""
    opened.close()


def test_a_blob_moved_in_keeps_its_name_and_is_listed_by_its_first_digits(store: BlobStore) -> None:
    data = os.urandom(PART + 77)
    store.put("ab" * 16, iter([data[:PART], data[PART:]]))
    assert read(store, "ab" * 16) == data
    assert list(store.names(0, "ab")) == ["ab" * 16] and list(store.names(0, "ac")) == []

    def broken() -> Iterator[bytes]:
        yield b"half"
        raise RuntimeError("the source broke off")

    with pytest.raises(RuntimeError):
        store.put("cd" * 16, broken())
    assert list(store.names()) == ["ab" * 16]


def test_equal_content_gives_two_blobs_of_random_names(store: BlobStore) -> None:
    one, two = put(store, b"same"), put(store, b"same")
    assert one != two and sorted(store.names()) == sorted([one, two])
    assert all(len(name) == 32 for name in (one, two))


def test_nothing_shows_before_publish_or_after_discard(store: BlobStore) -> None:
    for name in (None, "ab" * 16):
        stage = go_on(store, name, 0) if name else store.stage()
        stage.write(b"half")
        stage.sync()
        assert list(store.names()) == []
        stage.discard()
    assert list(store.names()) == [] and list(store.stages()) == []


def test_a_named_stage_goes_on_after_what_was_durable(store: BlobStore) -> None:
    stage = go_on(store, "cd" * 16, 0)
    stage.write(b"durable")
    stage.sync()
    stage.write(b" and lost")
    stage.close()
    again = go_on(store, "cd" * 16, 7)
    assert b"".join(store.staged("cd" * 16, 7)) == b"durable"
    again.write(b"!")
    blob = publish(store, again, sha(b"durable!"))
    assert read(store, blob) == b"durable!"
    assert list(store.stages()) == ["cd" * 16]  # until the caller's row is committed
    store.drop_stage("cd" * 16)
    assert list(store.stages()) == [] and read(store, blob) == b"durable!"


def test_a_long_named_stage_is_finished_by_another_process(store: BlobStore) -> None:
    data = os.urandom(2 * PART + 12_345)
    name = "0f" * 16
    stage = go_on(store, name, 0)
    stage.write(data[:PART])
    stage.flush()
    stage.write(data[PART : PART + 1000])
    stage.sync()
    stage.write(b"not durable" * 10)
    stage.close()
    again = go_on(store, name, PART + 1000)
    again.write(data[PART + 1000 :])
    blob = publish(store, again, sha(data))
    store.drop_stage(name)
    assert read(store, blob) == data and list(store.stages()) == []


def test_many_slow_stages_do_not_hold_up_one_another(store: BlobStore) -> None:
    waiting = [store.stage() for _ in range(12)]
    for stage in waiting:
        stage.write(os.urandom(PART))
        stage.flush()
    assert read(store, put(store, b"quick")) == b"quick"
    for stage in waiting[:6]:
        stage.discard()
    for stage in waiting[6:]:
        stage.write(b"end")
    blobs = store.publish([(stage, "") for stage in waiting[6:]])
    assert all(read(store, blob).endswith(b"end") for blob in blobs)
    assert len(list(store.names())) == 7


def test_a_long_stage_that_is_thrown_away_never_shows(store: BlobStore) -> None:
    stage = store.stage()
    for _ in range(2):
        stage.write(os.urandom(PART))
        stage.flush()
    stage.discard()
    assert list(store.names()) == []


def test_a_stage_that_lost_durable_bytes_is_not_found(store: BlobStore) -> None:
    stage = go_on(store, "ef" * 16, 0)
    stage.write(b"abc")
    stage.sync()
    stage.close()
    with pytest.raises(NotFound):
        go_on(store, "ef" * 16, 4)
    with pytest.raises(NotFound):
        go_on(store, "00" * 16, 1)
    store.drop_stage("00" * 16)
    store.drop_stage("ef" * 16)
    store.drop_stage("ef" * 16)
    assert list(store.stages()) == []


def test_bytes_published_before_a_crash_can_be_published_again(store: BlobStore) -> None:
    data = os.urandom(1000)
    stage = go_on(store, "12" * 16, 0)
    stage.write(data)
    stage.sync()
    first = publish(store, stage, sha(data))
    second = publish(store, go_on(store, "12" * 16, 1000), sha(data))
    assert first != second and read(store, first) == read(store, second) == data


def test_of_two_holders_of_a_stage_one_is_told_and_bytes_never_mix(store: BlobStore) -> None:
    name = "34" * 16
    first = go_on(store, name, 0)
    first.write(b"first")
    with pytest.raises((Conflict, NotFound)):
        second = go_on(store, name, 0)
        second.write(b"other holder")
        second.sync()
        second.write(b", and more")
        first.sync()
        second.sync()
        publish(store, second, sha(b"other holder, and more"))
        publish(store, first, sha(b"first"))
    first.close()
    assert list(store.names()) in (
        [],
        [n for n in store.names() if read(store, n) == b"other holder, and more"],
    )


def test_a_piece_of_an_overtaken_holder_is_never_part_of_the_blob(store: BlobStore) -> None:
    name = "56" * 16
    first = go_on(store, name, 0)
    first.write(b"12345")
    first.sync()
    try:
        second = go_on(store, name, 0)
    except Conflict:
        return  # it was kept out
    second.write(b"abcdefgh")
    second.sync()
    first.write(b"678")
    first.sync()  # at an offset where the other one has nothing of its own
    third = go_on(store, name, 8)
    assert b"".join(store.staged(name, 8)) == b"abcdefgh"
    third.write(b"!")
    assert read(store, publish(store, third, sha(b"abcdefgh!"))) == b"abcdefgh!"


def test_many_stages_are_published_together(store: BlobStore) -> None:
    contents = [os.urandom(n * 1000) for n in range(20)]
    stages = [(store.stage(), sha(content)) for content in contents]
    for (stage, _), content in zip(stages, contents, strict=True):
        stage.write(content)
    blobs = store.publish(stages)
    assert [read(store, blob) for blob in blobs] == contents
    assert store.publish([]) == []


def test_a_deleted_blob_is_gone_and_readers_finish_or_are_told(store: BlobStore) -> None:
    blob = put(store, b"data")
    reader = store.open(blob)
    store.delete(blob)
    store.delete(blob)
    with suppress(NotFound):
        assert reader.read(0, 4) == b"data"
    reader.close()
    with pytest.raises(NotFound):
        store.open(blob)


@pytest.mark.parametrize(
    "name", ["", "..", "../../etc/passwd", "AB" * 16, "ab" * 15, "ab" * 16 + "\0", "zz" * 16]
)
def test_what_is_no_name_is_not_found(store: BlobStore, name: str) -> None:
    with pytest.raises(NotFound):
        store.open(name)


def test_the_age_of_blobs_keeps_fresh_ones_out_of_the_sweep(store: BlobStore) -> None:
    blob = put(store, b"fresh")
    assert list(store.names(3600)) == []
    assert list(store.names(0)) == [blob]
