"""Blobs as files: `blobs/ab/abcdef…`, stages in `stages/`.

`publish` is fdatasync of the files, links under fresh random names, fsync of the folder, in this order:
after a crash a name exists only with its whole content. Modification times are set to the start of the
day. The inode's change time cannot be set; `forget_times` moves it away later by touching every file
of the day (its birth time stays, where the file system keeps one: see the threat model).
"""

import errno
import fcntl
import os
import secrets
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from intake import clock
from intake.disk import mapped, sync_folder
from intake.errors import Conflict, NotFound
from intake.store.blobs import Stage

_PIECE = 256 * 1024
_ALIGNED = 64 * 1024  # bytes; the kernel keeps what is written in such steps in folios, not page by page


class LocalStore:
    """A `BlobStore` in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self._blobs = root / "blobs"
        self._stages = root / "stages"
        for folder in (root, self._blobs, self._stages):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for i in range(256):
            folder = self._blobs / f"{i:02x}"
            folder.mkdir(mode=0o700, exist_ok=True)
            _blur(folder)
        for folder in (self._blobs, root, root.parent):
            sync_folder(folder)
        # Published since the last forget_times; None: unknown, because another process published them.
        self._fresh: set[str] | None = None
        self._lock = threading.Lock()

    def stage(self, name: str | None = None) -> "LocalStage":
        """An unnamed file, so that a crash leaves nothing; or a named one, held by this caller alone."""
        with mapped():
            if name is None:
                return self._unnamed()
            path = self._stages / name
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            stage = LocalStage(self._blobs, os.open(path, flags, 0o600), path)
            try:
                stage.hold()
            except BaseException:
                stage.close()
                raise
            return stage

    def _unnamed(self) -> "LocalStage":
        try:
            flags = os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC
            return LocalStage(self._blobs, os.open(self._stages, flags, 0o600), None)
        except OSError as error:
            if error.errno not in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL):
                raise
        return self.stage(secrets.token_hex(16))  # a file system without unnamed files: the sweep tidies

    def publish(self, stages: Sequence[tuple[Stage, str]]) -> list[str]:
        """Steps in this order; a crash after any of them leaves no blob, or a whole one without a row.

        What is published together lies in one folder, which is synced once.
        """
        prefix = secrets.token_hex(1)
        with mapped():
            for stage, _ in stages:
                stage.sync()
            names = [stage.publish(prefix, digest) for stage, digest in stages]
            _blur(self._blobs / prefix)
            sync_folder(self._blobs / prefix)
        with self._lock:
            if self._fresh is not None:
                self._fresh.update(names)
        return names

    def staged(self, name: str, length: int) -> Iterator[bytes]:
        """The first `length` bytes of a named stage."""
        with _looked_up(), open(self._stages / name, "rb") as file:
            while length > 0:
                piece = file.read(min(_PIECE, length))
                if not piece:
                    raise NotFound("not_found", "the staged bytes are gone")
                length -= len(piece)
                yield piece

    def drop_stage(self, name: str) -> None:
        """Throw a named stage away."""
        with mapped():
            (self._stages / name).unlink(missing_ok=True)
            _blur(self._stages)

    def open(self, blob: str) -> "LocalBlob":
        """Open for reading."""
        with _looked_up():
            return LocalBlob(os.open(self._path(blob), os.O_RDONLY | os.O_CLOEXEC))

    def delete(self, blob: str) -> None:
        """Remove it, durably."""
        path = self._path(blob)
        with mapped():
            path.unlink(missing_ok=True)
            _blur(path.parent)
            sync_folder(path.parent)

    def put(self, blob: str, pieces: Iterator[bytes]) -> None:
        """Store a blob under a given name."""
        path = self._path(blob)
        stage = self._unnamed()
        try:
            for piece in pieces:
                stage.write(piece)
            with mapped():
                stage.sync()
                stage.link(path)
                _blur(path.parent)
                sync_folder(path.parent)
        finally:
            stage.discard()

    def names(self, min_age: int = 0, prefix: str = "") -> Iterator[str]:
        """Every blob; its age is that of its inode's last change."""
        folders = [self._blobs / prefix] if prefix else sorted(self._blobs.iterdir())
        for folder in folders:
            yield from _older(folder, min_age)

    def stages(self, min_age: int = 0) -> Iterator[str]:
        """Every named stage."""
        return _older(self._stages, min_age)

    def free(self) -> int:
        """Bytes an unprivileged process may still write."""
        with mapped():
            return shutil.disk_usage(self._blobs).free

    def forget_times(self) -> None:
        """Touch what was published since the last call: its change times become now.

        The first call of a process touches everything of the last two days.
        """
        with self._lock:
            fresh, self._fresh = self._fresh, set()
        if fresh is None:
            old = set(self.names(2 * clock.DAY))
            fresh = {name for name in self.names() if name not in old}
        for blob in fresh:
            with suppress(FileNotFoundError):
                _blur(self._path(blob))

    def _path(self, blob: str) -> Path:
        if len(blob) != 32 or not set(blob) <= set("0123456789abcdef"):
            raise NotFound("not_found", "not the name of a blob")
        return self._blobs / blob[:2] / blob


class LocalStage:
    """A `Stage` over a file descriptor. Less than 64 KiB is held back until `flush` or `sync`."""

    def __init__(self, blobs: Path, descriptor: int, path: Path | None) -> None:
        self._blobs = blobs
        self._descriptor = descriptor
        self._path = path
        self._entered = path is None  # whether the folder knows the name for certain
        self._dirty = True
        self._position = 0  # in the file; what is held follows
        self._held = bytearray()

    def hold(self) -> None:
        """Keep others out, in all processes, until it is closed or the process is gone."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict("upload_busy", "another request holds this upload") from error

    def rewind(self, durable: int) -> None:
        """Cut what follows `durable` bytes: it may not have reached the disk."""
        with mapped():
            if os.fstat(self._descriptor).st_size < durable:
                raise NotFound("not_found", "the staged bytes are gone")
            os.ftruncate(self._descriptor, durable)
            os.lseek(self._descriptor, durable, os.SEEK_SET)
        self._entered = durable > 0
        self._position = durable
        self._held.clear()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append."""
        self._dirty = True
        view = memoryview(data)
        end = self._position + len(self._held) + len(view)
        ready = end - end % _ALIGNED - self._position - len(self._held)  # bytes of `view`, if positive
        if ready > 0:
            self._append(view[:ready])
            view = view[ready:]
        self._held += view

    @property
    def full(self) -> bool:
        """Never: the kernel gathers."""
        return False

    def flush(self) -> None:
        """Write what is held back."""
        self._append(memoryview(b""))

    def sync(self) -> None:
        """fdatasync, with the file's time blurred first. After a failure nothing can be said: no retry."""
        if not self._dirty:
            return
        self.flush()
        with mapped():
            os.utime(self._descriptor, _start_of_day())
            os.fdatasync(self._descriptor)
            if self._path and not self._entered:
                _blur(self._path.parent)
                sync_folder(self._path.parent)
                self._entered = True
        self._dirty = False

    def _append(self, view: memoryview) -> None:
        """Write what is held, and then these bytes."""
        pieces = [memoryview(self._held), view] if self._held else [view]
        self._held = bytearray()
        with mapped():
            while pieces:
                written = os.writev(self._descriptor, pieces)
                self._position += written
                while pieces and written >= len(pieces[0]):
                    written -= len(pieces.pop(0))
                if pieces:
                    pieces[0] = pieces[0][written:]

    def publish(self, prefix: str, digest: str) -> str:
        """Link it as a blob. It must be synced."""
        name = prefix + secrets.token_hex(15)
        self.link(self._blobs / prefix / name)
        self.close()
        return name

    def link(self, blob: Path) -> None:
        """Give the file the name of a blob."""
        if self._path is None:
            # linkat through /proc, because AT_EMPTY_PATH needs a privilege. Python calls linkat, which
            # can follow the symbolic link, only if a folder is given; the path is absolute all the same.
            source = f"/proc/self/fd/{self._descriptor}"
            os.link(source, blob, src_dir_fd=self._descriptor, follow_symlinks=True)
        else:
            os.link(self._path, blob)
            self._path = None  # the bytes under its name are the caller's to drop

    def close(self) -> None:
        """Let go of the descriptor, and of the hold."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def discard(self) -> None:
        """Close, and remove the file if it has a name."""
        self.close()
        if self._path:
            self._path.unlink(missing_ok=True)


class LocalBlob:
    """A `Blob` over a file descriptor."""

    near = True

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.size = os.fstat(descriptor).st_size

    def read(self, offset: int, length: int) -> bytes:
        """pread: no position is shared between readers."""
        with mapped():
            return os.pread(self._descriptor, length, offset)

    def close(self) -> None:
        """Let go of the descriptor."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


@contextmanager
def _looked_up() -> Iterator[None]:
    """The same where a name may be one that is not there."""
    with mapped():
        try:
            yield
        except FileNotFoundError as error:
            raise NotFound("not_found", "no such blob") from error


def _older(folder: Path, min_age: int) -> Iterator[str]:
    limit = clock.now() - min_age
    for entry in os.scandir(folder):
        with suppress(FileNotFoundError):
            if entry.stat().st_ctime <= limit + 1:
                yield entry.name


def _start_of_day() -> tuple[int, int]:
    midnight = clock.now() // clock.DAY * clock.DAY
    return midnight, midnight


def _blur(path: Path) -> None:
    os.utime(path, _start_of_day())
