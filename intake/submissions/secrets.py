"""The server's own secrets: pepper and OPRF keys, as files beside the database, never in it.

    keys/pepper            32 bytes; without it a stolen database cannot be searched by receipt
    keys/oprf/<epoch>      32 bytes: the scalar of a deduplication epoch
    keys/oprf/current      the epoch's number and the hour it closes

An epoch's key is destroyed when it has closed and its grace is over. That it was cannot be proved.
"""

import errno
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from crypto import oprf, primitives
from crypto.errors import FormatError
from intake import clock
from intake.errors import ConfigurationError, Conflict, Invalid
from intake.store.local import mapped

_HOURS = 24


class Pepper:
    """Keys the look-up of receipts."""

    def __init__(self, folder: Path) -> None:
        self._secret = _file(folder / "pepper", lambda: secrets.token_bytes(32))

    def lookup(self, lookup: bytes) -> str:
        """What is stored in place of a receipt's `lookup`: HMAC(pepper, lookup), hex."""
        return primitives.hmac_sha256(self._secret, lookup).hex()

    def form_key(self, lookup: bytes) -> str:
        """What recognises a form sent again under the same receipt, hex."""
        return primitives.hmac_sha256(self._secret, b"form", lookup).hex()

    def __repr__(self) -> str:
        return "Pepper(secret)"


class OprfKeys:
    """The deduplication key of the current epoch, and for a while that of the one before."""

    def __init__(self, folder: Path, epoch_days: int, grace_hours: int) -> None:
        self._folder = folder / "oprf"
        self._life = epoch_days * _HOURS
        self._grace = grace_hours
        self._lock = threading.Lock()
        self._keys: dict[int, oprf.Key] = {}
        _private_folder(self._folder)

    def current(self) -> tuple[int, int]:
        """(epoch, closing hour since 1970); begins a new epoch when the last one is over."""
        with self._lock:
            epoch, closes = self._read()
            now = clock.hour_number()
            if epoch == 0 or now >= closes:
                epoch, closes = epoch + 1, now + self._life
                self._begin(epoch, closes)
            return epoch, closes

    def key(self, epoch: int) -> oprf.Key:
        """The epoch's key; `Conflict` if it is closed, with the one to use instead."""
        current, closes = self.current()
        started = closes - self._life
        in_grace = epoch == current - 1 and clock.hour_number() < started + self._grace
        if epoch != current and not in_grace:
            raise Conflict(
                "epoch_closed", "this epoch is closed; evaluate again", epoch=current, closes=closes
            )
        with self._lock:
            if epoch not in self._keys:
                path = self._folder / str(epoch)
                if not path.exists():
                    raise Conflict("epoch_closed", "this epoch is closed", epoch=current, closes=closes)
                self._keys[epoch] = oprf.Key(path.read_bytes())
            return self._keys[epoch]

    def evaluate(self, epoch: int, elements: list[bytes]) -> list[bytes]:
        """Blind evaluations for one client."""
        key = self.key(epoch)
        try:
            return [key.evaluate(element) for element in elements]
        except FormatError as error:
            raise Invalid("element_invalid", "an element is not a point of P-256") from error

    def direct(self, message: bytes) -> bytes:
        """The same function where the server knows the input: the plain form."""
        return self.key(self.current()[0]).direct(message)

    def destroy_closed(self) -> int:
        """Remove keys that answer no more; return how many. Called by maintenance."""
        current, closes = self.current()
        keep = {current}
        if clock.hour_number() < closes - self._life + self._grace:
            keep.add(current - 1)
        gone = [p for p in self._folder.iterdir() if p.name.isdigit() and int(p.name) not in keep]
        with self._lock:
            for path in gone:
                path.write_bytes(bytes(32))
                path.unlink()
                self._keys.pop(int(path.name), None)
        return len(gone)

    def _read(self) -> tuple[int, int]:
        try:
            epoch, closes = (self._folder / "current").read_text("ascii").split()
            return int(epoch), int(closes)
        except FileNotFoundError:
            return 0, 0
        except ValueError as error:
            raise ConfigurationError(f"{self._folder / 'current'} is damaged") from error

    def _begin(self, epoch: int, closes: int) -> None:
        """Key first, then the pointer to it: a crash in between leaves a key that is simply used."""
        _file(self._folder / str(epoch), lambda: oprf.derive_scalar(secrets.token_bytes(32), b"intake/oprf"))
        _replace(self._folder / "current", f"{epoch} {closes}".encode())


def _file(path: Path, make: Callable[[], bytes]) -> bytes:
    """32 bytes of a file that is made once: of several processes that try, the first one wins."""
    _private_folder(path.parent)
    if not path.exists():
        with mapped(), _written(path, make()) as fresh:
            with suppress(FileExistsError):
                os.link(fresh, path)
            _sync_folder(path.parent)
    data = path.read_bytes()
    if len(data) != 32:
        raise ConfigurationError(f"{path} is damaged: it must have 32 bytes")
    return data


def _replace(path: Path, data: bytes) -> None:
    with mapped(), _written(path, data) as fresh:
        os.rename(fresh, path)
        _sync_folder(path.parent)


@contextmanager
def _written(path: Path, data: bytes) -> Iterator[Path]:
    """A new file beside `path`, whole and durable; removed at the end if it still has its name."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
    try:
        with open(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb", 0) as file:
            if file.write(data) != len(data):
                raise OSError(errno.ENOSPC, "written in part")
            os.fsync(file.fileno())
        yield fresh
    finally:
        fresh.unlink(missing_ok=True)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _private_folder(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
