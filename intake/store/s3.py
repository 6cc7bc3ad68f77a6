"""Blobs as objects of any S3-compatible store, through obstore.

    blobs/ab/abcdef…               a blob
    stages/<name>/000000000012345  bytes of a named stage from this offset on

An object appears whole or not at all, and is durable when its upload is answered. An unnamed stage that
outgrows one part is a multipart upload to its blob's name; a named one leaves pieces, which are gathered
when it is published, so that any worker can go on with an upload begun on another. A piece is written
only where there is none (If-None-Match): of two holders of a stage, the slower one is told. Objects
carry the store's own exact time, which cannot be set: see the threat model.
"""

import asyncio
import hashlib
import secrets
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store as Bucket

from intake.errors import Conflict, NotFound, Unavailable
from intake.store.blobs import Stage

PART = 5 * 1024 * 1024  # bytes, the least that S3 takes as a part; less than that is one object
PIECE = 2 * 1024 * 1024  # bytes of a named stage that are sent at once
SLICE = 1024 * 1024  # bytes handed on at once to a multipart upload, which gathers parts by itself


class S3Store:
    """A `BlobStore` in a bucket, below the bucket's prefix."""

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket
        self.loop = asyncio.new_event_loop()  # for multipart uploads
        threading.Thread(target=self.loop.run_forever, name="s3-multipart", daemon=True).start()
        self._threads = ThreadPoolExecutor(64, "s3-publish")

    def stage(self, name: str | None = None) -> "S3Stage":
        """Nobody is kept out here: who is too late finds out when writing, or when publishing."""
        return S3Stage(self, name)

    def publish(self, stages: Sequence[tuple[Stage, str]]) -> list[str]:
        """All at once: each is a request of its own, and most are small."""

        def publish(pair: tuple[Stage, str]) -> str:
            return pair[0].publish(secrets.token_hex(1), pair[1])

        return list(self._threads.map(publish, stages))

    def staged(self, name: str, length: int) -> Iterator[bytes]:
        """The first `length` bytes of a named stage."""
        for path in self.chain(name, length):
            yield self.piece(path)

    def piece(self, path: str) -> bytes:
        """One piece of a named stage, whole."""
        with mapped():
            return bytes(obstore.get(self.bucket, path).bytes())

    def chain(self, name: str, durable: int, *, drop_others: bool = False) -> list[str]:
        """The pieces that make the first `durable` bytes, each beginning where the one before ends.

        Others were left by a request that was cut off, or that another one has overtaken.
        """
        pieces = {int(path.rpartition("/")[2]): (path, size) for path, size in self._pieces(name)}
        found, total = [], 0
        while total < durable and total in pieces:
            path, size = pieces.pop(total)
            found.append(path)
            total += size
        if total != durable:
            raise NotFound("not_found", "the staged bytes are gone")
        if drop_others:
            for path, _ in pieces.values():
                with mapped():
                    obstore.delete(self.bucket, path)
        return found

    def drop_stage(self, name: str) -> None:
        """Throw a named stage away."""
        for path, _ in self._pieces(name):
            with mapped():
                obstore.delete(self.bucket, path)

    def open(self, blob: str) -> "S3Blob":
        """Open for reading."""
        path = _path(blob)
        with mapped():
            return S3Blob(self.bucket, path, int(obstore.head(self.bucket, path)["size"]))

    def delete(self, blob: str) -> None:
        """Remove it."""
        with mapped():
            obstore.delete(self.bucket, _path(blob))

    def put(self, blob: str, pieces: Iterator[bytes]) -> None:
        """Store a blob under a given name."""
        upload = _Multipart(self.loop, self.bucket, blob)
        try:
            for piece in pieces:
                upload.send(piece)
        except BaseException:
            upload.abort()
            raise
        upload.finish()

    def names(self, min_age: int = 0, prefix: str = "") -> Iterator[str]:
        """Every blob; its age is that of the object."""
        for meta in self._list(f"blobs/{prefix}", min_age):
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
        return [(str(m["path"]), int(m["size"])) for m in self._list(f"stages/{name}/", 0)]

    def _list(self, prefix: str, min_age: int) -> Iterator[Any]:
        with mapped():
            for chunk in obstore.list(self.bucket, prefix):
                yield from (meta for meta in chunk if _older(meta, min_age))


class S3Stage:
    """A `Stage`: gathers bytes in memory, then wants to be flushed.

    What waits for the store is many times what it is handed at once: each of those who send holds a
    `PIECE`, or a `SLICE` and the part that obstore makes of them.
    """

    def __init__(self, store: S3Store, name: str | None) -> None:
        self._store = store
        self._bucket = store.bucket
        self._name = name
        self._pieces: list[str] = []
        self._offset = 0
        self._held = bytearray()
        self._multipart: _Multipart | None = None

    def rewind(self, durable: int) -> None:
        """Find the pieces of the first `durable` bytes, and drop all others."""
        assert self._name
        self._pieces = self._store.chain(self._name, durable, drop_others=True)
        self._offset = durable

    @property
    def full(self) -> bool:
        """Whether `flush` should be called before more is written."""
        return len(self._held) >= (PIECE if self._name else SLICE if self._multipart else PART)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append, in memory."""
        self._held += data

    def flush(self) -> None:
        """Send what is held: as a piece, or as a part of the upload."""
        if not self._held:
            return
        held, self._held = self._held, bytearray()
        if self._name is None:
            self._multipart = self._multipart or _Multipart(
                self._store.loop, self._bucket, secrets.token_hex(16)
            )
            self._multipart.send(held)
            return
        path = f"stages/{self._name}/{self._offset:015d}"
        with mapped():
            obstore.put(self._bucket, path, held, mode="create")
        self._pieces.append(path)
        self._offset += len(held)

    def sync(self) -> None:
        """Pieces are durable when they are sent; an unnamed stage becomes durable as a blob only."""
        if self._name:
            self.flush()

    def publish(self, prefix: str, digest: str) -> str:
        """One object, from what is held and what was sent before."""
        name = prefix + secrets.token_hex(15)
        if self._pieces:
            self._multipart = _Multipart(self._store.loop, self._bucket, name)
            self._gather(self._multipart, digest)
        if self._multipart:
            self._multipart.send(self._held)
            name = self._multipart.finish()
        else:
            with mapped():
                obstore.put(self._bucket, _path(name), self._held)
        self._multipart = self._name = None
        self._held = bytearray()
        return name

    def _gather(self, upload: "_Multipart", digest: str) -> None:
        """Send the pieces once more; `NotFound` if another holder has put one of its own among them."""
        seen = hashlib.sha256()
        for path in self._pieces:
            piece = self._store.piece(path)
            seen.update(piece)
            upload.send(piece)
        seen.update(self._held)
        if seen.hexdigest() != digest:
            raise NotFound("upload_unknown", "the upload was disturbed by another request; begin it anew")

    def close(self) -> None:
        """Let go; an upload that was not published never becomes an object."""
        self._held = bytearray()
        if self._multipart:
            self._multipart.abort()
            self._multipart = None

    def discard(self) -> None:
        """Throw it away."""
        self.close()
        if self._name:
            self._store.drop_stage(self._name)


class _Abandoned(OSError):
    """Ends a multipart upload that will not be finished, so that the store forgets its parts."""


class _Multipart:
    """One multipart upload, which goes on in the store's event loop while the caller produces bytes.

    obstore pulls, and aborts the upload by itself if what it pulls from fails. (A synchronous iterator
    would hold one of its few threads while it waits: a handful of slow uploads, and all is at a stand.)
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, bucket: Bucket, name: str) -> None:
        self._loop = loop
        self._bucket = bucket
        self._name = name
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(1)
        self._abandoned = False
        self._ended = False
        self._error: BaseException | None = None
        self._task = asyncio.run_coroutine_threadsafe(self._run(), loop)

    def send(self, data: bytes | bytearray) -> None:
        """Hand on the next bytes; waits while the part before is on its way."""
        for start in range(0, len(data), SLICE):
            self._raise()
            self._hand_on(bytes(data[start : start + SLICE]))

    def finish(self) -> str:
        """The blob's name, once the store has acknowledged all of it."""
        self._hand_on(None)
        self._task.result()
        self._raise()
        return self._name

    def abort(self) -> None:
        """End without an object."""
        self._abandoned = True
        self._hand_on(None)
        self._task.result()

    def _hand_on(self, data: bytes | None) -> None:
        asyncio.run_coroutine_threadsafe(self._queue.put(data), self._loop).result()

    def _raise(self) -> None:
        if self._error:
            with mapped():
                raise self._error

    async def _run(self) -> None:
        """Ends when None was taken from the queue: whoever puts something there never waits in vain."""
        try:
            options: Any = {"use_multipart": True, "chunk_size": PART, "max_concurrency": 1}
            await obstore.put_async(self._bucket, _path(self._name), self._pulled(), **options)
        except Exception as error:
            self._error = error
            while not self._ended:
                await self._next()

    async def _next(self) -> bytes | None:
        data = await self._queue.get()
        self._ended = data is None
        return data

    async def _pulled(self) -> AsyncIterator[bytes]:
        while (data := await self._next()) is not None:
            yield data
        if self._abandoned:
            raise _Abandoned


class S3Blob:
    """A `Blob`: each read is one request for a range."""

    near = False

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
    except AlreadyExistsError as error:
        raise Conflict("upload_busy", "another request holds this upload") from error
    except (BaseError, OSError) as error:
        raise Unavailable("unavailable", "the blob store does not answer") from error


def _path(blob: str) -> str:
    if len(blob) != 32 or not set(blob) <= set("0123456789abcdef"):
        raise NotFound("not_found", "not the name of a blob")
    return f"blobs/{blob[:2]}/{blob}"


def _older(meta: Any, min_age: int) -> bool:
    return bool(meta["last_modified"] <= datetime.now(UTC) - timedelta(seconds=min_age - 1))
