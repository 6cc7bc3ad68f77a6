"""The blob store's contract. One test suite (`tests/contracts`) holds every back end to it.

A blob is an immutable string of bytes under a random name of 32 hex digits.

- A stage takes bytes; nothing of it MUST be visible under a blob name before `publish` returns.
- When `publish` returns, the blob MUST survive loss of power, whole. If it raises, the caller MUST
  assume nothing and throw the stage away; the same bytes MUST NOT be acknowledged.
- A named stage MUST survive the process: `reopen(name, durable)` continues after the last `sync`,
  discarding what came after it. An unnamed one MAY vanish.
- `publish` of a stage that was published before a crash cut the caller off MAY give a second blob;
  blobs that no row refers to are swept.
- `delete` of what is not there MUST succeed. A reader of a deleted blob MAY go on, or MAY see `NotFound`.
- Nothing stored MUST tell when it was stored more precisely than a day, as far as the medium allows.
- No room MUST be `StorageFull`; any other failure of the medium MUST be `Unavailable`.

All calls block. `write` may be called on the event loop with up to 256 KiB; the others belong in a
thread, `flush` among them, which is due whenever `full` says so: a stage on a network gathers bytes in
memory and MUST NOT send them from `write`.
"""

from collections.abc import Iterator
from typing import Protocol


class Stage(Protocol):
    """Bytes on their way to becoming a blob."""

    @property
    def full(self) -> bool:
        """Whether `flush` is due before more is written."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append."""

    def flush(self) -> None:
        """Hand on what `write` gathered."""

    def sync(self) -> None:
        """Make what was written durable, without publishing it."""

    def publish(self) -> str:
        """Make it a blob, durably; return its name. The stage is closed."""

    def close(self) -> None:
        """Let go of the stage; a named one can be reopened."""

    def discard(self) -> None:
        """Throw it away; harmless after `publish`."""


class Blob(Protocol):
    """A blob opened for reading."""

    size: int

    def read(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes at `offset`; fewer only at the end."""

    def close(self) -> None:
        """Let go of it."""


class BlobStore(Protocol):
    """A place for blobs."""

    def stage(self, name: str | None = None) -> Stage:
        """Begin; with a name (32 hex digits) it can be reopened."""

    def reopen(self, name: str, durable: int) -> Stage:
        """Continue a named stage after its first `durable` bytes; `NotFound` if it has fewer."""

    def staged(self, name: str, length: int) -> Iterator[bytes]:
        """The first `length` bytes of a named stage, in pieces."""

    def drop_stage(self, name: str) -> None:
        """Throw a named stage away."""

    def open(self, blob: str) -> Blob:
        """Open for reading; `NotFound` if there is none."""

    def delete(self, blob: str) -> None:
        """Remove it."""

    def names(self, min_age: int = 0) -> Iterator[str]:
        """Every blob published at least `min_age` seconds ago by the store's own clock, in no order."""

    def stages(self, min_age: int = 0) -> Iterator[str]:
        """Every named stage that was not touched for `min_age` seconds."""

    def free(self) -> int | None:
        """Bytes still free, or None where that is not known."""

    def forget_times(self) -> None:
        """Blur times that writing could not avoid leaving; called by maintenance."""
