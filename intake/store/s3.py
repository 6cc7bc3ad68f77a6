"""Blobs as objects of any S3-compatible store, through obstore.

    blobs/ab/abcdef…               a blob
    stages/<name>/begun            a named stage exists
    stages/<name>/000000000012345  its bytes from this offset on

An object appears whole or not at all, and is durable when its upload is answered. An unnamed stage is
one multipart upload to a fresh name; a named one is gathered from its pieces when it is published, so
that any worker can go on with an upload begun on another. Objects carry the store's own exact time,
which cannot be set: see the threat model.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store as Bucket

from intake.errors import NotFound, Unavailable

PART = 8 * 1024 * 1024  # held in memory by each stage, and sent as one part
_MARK = "begun"


class S3Store:
    """A `BlobStore` in a bucket, below the bucket's prefix."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def stage(self, name: str | None = None) -> "S3Stage":
        """Begin; a named stage leaves a mark."""
        if name:
            with mapped():
                obstore.put(self._bucket, f"stages/{name}/{_MARK}", b"")
        return S3Stage(self._bucket, name, [])

    def reopen(self, name: str, durable: int) -> "S3Stage":
        """Continue after `durable` bytes; pieces beyond them are dropped."""
        pieces, total, marked = [], 0, False
        for path, size in self._pieces(name):
            if path.endswith(_MARK):
                marked = True
            elif total < durable:
                pieces.append(path)
                total += size
            else:
                with mapped():
                    obstore.delete(self._bucket, path)
        if total != durable or not marked:
            raise NotFound("not_found", "the staged bytes are gone")
        return S3Stage(self._bucket, name, pieces, durable)

    def staged(self, name: str, length: int) -> Iterator[bytes]:
        """The first `length` bytes of a named stage."""
        for path, _ in self._pieces(name):
            if path.endswith(_MARK) or length <= 0:
                continue
            with mapped():
                piece = bytes(obstore.get(self._bucket, path).bytes())[:length]
            length -= len(piece)
            yield piece
        if length > 0:
            raise NotFound("not_found", "the staged bytes are gone")

    def drop_stage(self, name: str) -> None:
        """Throw a named stage away."""
        for path, _ in self._pieces(name):
            with mapped():
                obstore.delete(self._bucket, path)

    def open(self, blob: str) -> "S3Blob":
        """Open for reading."""
        path = _path(blob)
        with mapped():
            return S3Blob(self._bucket, path, int(obstore.head(self._bucket, path)["size"]))

    def delete(self, blob: str) -> None:
        """Remove it."""
        with mapped():
            obstore.delete(self._bucket, _path(blob))

    def names(self, min_age: int = 0) -> Iterator[str]:
        """Every blob; its age is that of the object."""
        for meta in self._list("blobs/", min_age):
            yield str(meta["path"]).rpartition("/")[2]

    def stages(self, min_age: int = 0) -> Iterator[str]:
        """Every named stage of which nothing was touched for `min_age`."""
        found: dict[str, bool] = {}
        for meta in self._list("stages/", 0):
            name = str(meta["path"]).split("/")[1]
            found[name] = found.get(name, True) and _older(meta, min_age)
        return (name for name, old in found.items() if old)

    def free(self) -> None:
        """Not known."""
        return None

    def forget_times(self) -> None:
        """Objects' times cannot be changed."""

    def _pieces(self, name: str) -> list[tuple[str, int]]:
        found = [(str(m["path"]), int(m["size"])) for m in self._list(f"stages/{name}/", 0)]
        return sorted(found)

    def _list(self, prefix: str, min_age: int) -> Iterator[Any]:
        with mapped():
            for chunk in obstore.list(self._bucket, prefix):
                yield from (meta for meta in chunk if _older(meta, min_age))


class S3Stage:
    """A `Stage`: gathers `PART` bytes in memory, then wants to be flushed."""

    def __init__(self, bucket: Bucket, name: str | None, pieces: list[str], offset: int = 0) -> None:
        self._bucket = bucket
        self._name = name
        self._pieces = pieces
        self._offset = offset
        self._held = bytearray()
        self._blob = secrets.token_hex(16)
        self._writer: Any = None

    @property
    def full(self) -> bool:
        """Whether `flush` should be called before more is written."""
        return len(self._held) >= PART

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append, in memory."""
        self._held += data

    def flush(self) -> None:
        """Send what is held: as a piece, or as a part of the upload."""
        if not self._held:
            return
        with mapped():
            if self._name:
                path = f"stages/{self._name}/{self._offset:015d}"
                obstore.put(self._bucket, path, bytes(self._held))
                self._pieces.append(path)
                self._offset += len(self._held)
            else:
                self._open_writer().write(bytes(self._held))
        self._held.clear()

    def sync(self) -> None:
        """Pieces are durable when they are sent; an unnamed stage becomes durable as a blob only."""
        if self._name:
            self.flush()

    def publish(self) -> str:
        """One object under a fresh name, from what is held and what was sent before."""
        with mapped():
            if self._writer is None and not self._pieces:
                obstore.put(self._bucket, _path(self._blob), bytes(self._held))
            else:
                writer = self._open_writer()
                for path in self._pieces:
                    writer.write(bytes(obstore.get(self._bucket, path).bytes()))
                writer.write(bytes(self._held))
                writer.close()
                self._writer = None
            if self._name:
                S3Store(self._bucket).drop_stage(self._name)
        self._held.clear()
        return self._blob

    def close(self) -> None:
        """Let go; an upload that was not published never becomes an object."""
        self._held.clear()
        self._writer = None

    def discard(self) -> None:
        """Throw it away."""
        self.close()
        if self._name:
            S3Store(self._bucket).drop_stage(self._name)

    def _open_writer(self) -> Any:
        if self._writer is None:
            path = _path(self._blob)
            self._writer = obstore.open_writer(self._bucket, path, buffer_size=PART, max_concurrency=1)
        return self._writer


class S3Blob:
    """A `Blob`: each read is one request for a range."""

    def __init__(self, bucket: Bucket, path: str, size: int) -> None:
        self._bucket = bucket
        self._path = path
        self.size = size

    def read(self, offset: int, length: int) -> bytes:
        """A range, cut at the end."""
        length = min(length, self.size - offset)
        if length <= 0:
            return b""
        with mapped():
            return bytes(obstore.get_range(self._bucket, self._path, start=offset, length=length))

    def close(self) -> None:
        """Nothing is held."""


@contextmanager
def mapped() -> Iterator[None]:
    """Turn obstore's errors into the store's."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound("not_found", "no such blob") from error
    except (BaseError, OSError) as error:
        raise Unavailable("unavailable", "the blob store does not answer") from error


def _path(blob: str) -> str:
    if len(blob) != 32 or not set(blob) <= set("0123456789abcdef"):
        raise NotFound("not_found", "not the name of a blob")
    return f"blobs/{blob[:2]}/{blob}"


def _older(meta: Any, min_age: int) -> bool:
    return bool(meta["last_modified"] <= datetime.now(UTC) - timedelta(seconds=min_age - 1))
