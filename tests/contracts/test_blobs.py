"""The blob store's contract, for every back end."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import obstore
import pytest

from intake.errors import NotFound
from intake.store.blobs import BlobStore
from intake.store.local import LocalStore
from intake.store.s3 import PART, S3Store
from tests import s3


def s3_store(_: Path) -> BlobStore:
    bucket = s3.connect(s3.server(), s3.fresh_bucket())
    obstore.put(bucket, "exists", b"")  # the server makes a bucket with its first object
    return S3Store(bucket)


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
    return stage.publish()


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


def test_equal_content_gives_two_blobs_of_random_names(store: BlobStore) -> None:
    one, two = put(store, b"same"), put(store, b"same")
    assert one != two and sorted(store.names()) == sorted([one, two])
    assert all(len(name) == 32 for name in (one, two))


def test_nothing_shows_before_publish_or_after_discard(store: BlobStore) -> None:
    for name in (None, "ab" * 16):
        stage = store.stage(name)
        stage.write(b"half")
        stage.sync()
        assert list(store.names()) == []
        stage.discard()
    assert list(store.names()) == [] and list(store.stages()) == []


def test_a_named_stage_goes_on_after_what_was_durable(store: BlobStore) -> None:
    stage = store.stage("cd" * 16)
    stage.write(b"durable")
    stage.sync()
    stage.write(b" and lost")
    stage.close()
    again = store.reopen("cd" * 16, 7)
    assert b"".join(store.staged("cd" * 16, 7)) == b"durable"
    again.write(b"!")
    blob = again.publish()
    assert read(store, blob) == b"durable!"
    assert list(store.stages()) == []


def test_a_long_named_stage_is_finished_by_another_process(store: BlobStore) -> None:
    data = os.urandom(2 * PART + 12_345)
    name = "0f" * 16
    stage = store.stage(name)
    stage.write(data[:PART])
    stage.flush()
    stage.write(data[PART : PART + 1000])
    stage.sync()
    stage.write(b"not durable" * 10)
    stage.close()
    again = store.reopen(name, PART + 1000)
    again.write(data[PART + 1000 :])
    blob = again.publish()
    assert read(store, blob) == data and list(store.stages()) == []


def test_a_long_stage_that_is_thrown_away_never_shows(store: BlobStore) -> None:
    stage = store.stage()
    for _ in range(2):
        stage.write(os.urandom(PART))
        stage.flush()
    stage.discard()
    assert list(store.names()) == []


def test_a_stage_that_lost_durable_bytes_is_not_found(store: BlobStore) -> None:
    stage = store.stage("ef" * 16)
    stage.write(b"abc")
    stage.sync()
    stage.close()
    with pytest.raises(NotFound):
        store.reopen("ef" * 16, 4)
    with pytest.raises(NotFound):
        store.reopen("00" * 16, 0)
    store.drop_stage("ef" * 16)
    store.drop_stage("ef" * 16)
    assert list(store.stages()) == []


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
