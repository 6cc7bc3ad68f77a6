"""The blob store's contract, for every back end."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from intake.errors import NotFound
from intake.store.blobs import BlobStore
from intake.store.local import LocalStore

MAKERS: dict[str, Callable[[Path], BlobStore]] = {"local": LocalStore}


@pytest.fixture(params=MAKERS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    return MAKERS[request.param](tmp_path / "store")


def put(store: BlobStore, data: bytes) -> str:
    stage = store.stage()
    stage.write(data)
    return stage.publish()


def read(store: BlobStore, blob: str) -> bytes:
    opened = store.open(blob)
    try:
        return opened.read(0, opened.size)
    finally:
        opened.close()


@pytest.mark.parametrize("size", [0, 1, 70_000, 3_000_000])
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


def test_a_deleted_blob_is_gone_but_readers_finish(store: BlobStore) -> None:
    blob = put(store, b"data")
    reader = store.open(blob)
    store.delete(blob)
    store.delete(blob)
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
