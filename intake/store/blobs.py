"""The blob store's contract. One test suite (`tests/contracts`) holds every back end to it.

A blob is an immutable string of bytes under a random name of 32 hex digits.

- A stage takes bytes; nothing of it MUST be visible under a blob name before `publish` returns.
- When `publish` returns, its blobs MUST survive loss of power, whole. If it raises, the caller MUST
  assume nothing and throw the stages away; the same bytes MUST NOT be acknowledged.
- A named stage MUST survive the process: `rewind(durable)` goes on after the last `sync`, discarding
  what came after it. An unnamed one MAY vanish.
- `publish` leaves a named stage's bytes in place, so that a caller who is cut off before its row is
  committed can publish them again: that MAY give a second blob. Blobs that no row refers to are swept;
  `drop_stage` comes after the commit.
- Two holders of one named stage MUST NOT mix their bytes unnoticed: `stage`, or a holder's `flush`,
  `sync` or publication, is `Conflict`. A store that cannot exclude it compares SHA-256 when it publishes.
- `delete` of what is not there MUST succeed. A reader of a deleted blob MAY go on, or MAY see `NotFound`.
- Nothing stored MUST tell when it was stored more precisely than a day, as far as the medium allows.
- No room MUST be `StorageFull`; any other failure of the medium MUST be `Unavailable`.

All calls block. `write` may be called on the event loop with up to 256 KiB; the others belong in a
thread, `flush` among them, which is due whenever `full` says so: a stage on a network gathers bytes in
memory and MUST NOT send them from `write`.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol


class Stage(Protocol):
    """Bytes on their way to becoming a blob."""

    @property
    def full(self) -> bool:
        """Whether `flush` is due before more is written."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append."""

    def rewind(self, durable: int) -> None:
        """Go on after the first `durable` bytes of a named stage; `NotFound` if fewer are there.

        Due before anything is written to one. Between `stage` and this the caller makes sure that
        `durable` is what its row says, and that nobody else has taken over.
        """

    def flush(self) -> None:
        """Hand on what `write` gathered."""

    def sync(self) -> None:
        """Make what was written durable, without publishing it."""

    def publish(self, prefix: str, digest: str) -> str:
        """What `BlobStore.publish` does with each stage; only the store calls it.

        Returns a fresh random name, which starts with the two hex digits `prefix` if there was a choice.
        """

    def close(self) -> None:
        """Let go of the stage; a named one can be continued."""

    def discard(self) -> None:
        """Throw it away; harmless after it was published."""


class Blob(Protocol):
    """A blob opened for reading."""

    size: int
    near: bool  # reading 256 KiB takes no longer than computing on them: it may be done on the event loop

    def read(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes at `offset`; fewer only at the end."""

    def close(self) -> None:
        """Let go of it."""


class BlobStore(Protocol):
    """A place for blobs."""

    def stage(self, name: str | None = None) -> Stage:
        """Begin; or, with a name (32 hex digits), hold what was begun under it."""

    def publish(self, stages: Sequence[tuple[Stage, str]]) -> list[str]:
        """Make each stage a blob, durably; return their names. The stages are closed.

        With each comes the SHA-256 (hex) of its bytes, as the caller hashed them on the way in.
        """

    def staged(self, name: str, length: int) -> Iterator[bytes]:
        """The first `length` bytes of a named stage, in pieces."""

    def drop_stage(self, name: str) -> None:
        """Throw a named stage away."""

    def open(self, blob: str) -> Blob:
        """Open for reading; `NotFound` if there is none."""

    def delete(self, blob: str) -> None:
        """Remove it."""

    def put(self, blob: str, pieces: Iterator[bytes]) -> None:
        """Store a blob under a given name, durably: for moving a store into another."""

    def names(self, min_age: int = 0, prefix: str = "") -> Iterator[str]:
        """Every blob published at least `min_age` seconds ago by the store's own clock, in no order.

        With `prefix`, the first two hex digits of a name, only a 256th of them.
        """

    def stages(self, min_age: int = 0) -> Iterator[str]:
        """Every named stage that was not touched for `min_age` seconds."""

    def free(self) -> int | None:
        """Bytes still free, or None where that is not known."""

    def forget_times(self) -> None:
        """Blur times that writing could not avoid leaving; called by maintenance."""
