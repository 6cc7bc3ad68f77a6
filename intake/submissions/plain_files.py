"""One file of the plain form on its way into a sealed stage, without its plaintext touching a disk.

Up to 4 MiB it is held in memory. Beyond that, a file under a random key is sealed as it comes; one
whose key follows from its content waits in a `Spool` until all of it has been digested.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from crypto import content_key
from crypto.encoding import Json
from crypto.record_writer import MediumSealer, RecordWriter, SealedMedium, SealedPart
from intake.record import media
from intake.settings import MIB
from intake.store.blobs import BlobStore, Stage
from intake.submissions.arrived import StagedPayload
from intake.submissions.secrets import OprfKeys
from intake.submissions.spool import Spool

IN_MEMORY = 4 * MIB
STEP = 256 * 1024  # computed inline on the event loop between two yields


@dataclass(frozen=True, slots=True)
class Workshop:
    """What sealing a file needs besides its bytes."""

    store: BlobStore
    oprf: OprfKeys
    spool_folder: Path
    breathe: Callable[[Stage | None], Awaitable[None]]  # let others run; flush a stage that is full


class ArrivingFile:
    """Feed it pieces of at most 256 KiB, then `seal`. `release` always, in a thread."""

    def __init__(
        self, workshop: Workshop, writer: RecordWriter, name: str, origin: str, intimate: bool
    ) -> None:
        self._workshop = workshop
        self._writer = writer
        self._name = name
        self._origin = origin
        self._intimate = intimate
        self._kind: str | None = None
        self._size = 0
        self._held = bytearray()
        self._digest = content_key.ContentDigest()
        self._spool: Spool | None = None
        self._sealer: MediumSealer | None = None
        self._stage: Stage | None = None
        self.part = ""

    async def take(self, piece: memoryview) -> None:
        """The next bytes: into memory first; when that is full, into spool or sealer."""
        self._take(piece)
        await self._workshop.breathe(self._stage)

    def _take(self, piece: memoryview) -> None:
        self._size += len(piece)
        if self._sealer and self._stage:
            self._stage.write(self._sealer.update(piece))
            return
        self._digest.update(piece)
        if self._spool:
            self._spool.write(piece)
            return
        self._held += piece
        if len(self._held) > IN_MEMORY:
            self._leave_memory()

    @property
    def digest(self) -> bytes:
        """D of the file, once it is sealed."""
        assert self._sealer
        return bytes.fromhex(str(self._sealer.measurements()["digest"]))

    async def seal(self) -> tuple[bytes, StagedPayload, SealedPart]:
        """Seal what is not sealed yet: the medium's header, its payload in a stage, and its label."""
        if self._sealer is None:
            await self._seal_whole()
        assert self._sealer and self._stage
        stage, sealer = self._stage, self._sealer
        for sealed in sealer.finish():
            stage.write(sealed)
            await self._workshop.breathe(self._stage)
        label = {
            "name": self._name,
            "type": self._kind or media.OTHER,
            "origin": self._origin,
            "intimate": self._intimate,
            "dedup": "oprf" if self._keyed_by_content() else "none",
        }
        compartment = self._writer.compartment("sensitive" if self._intimate else "account")
        self.part = sealer.part
        header, label_part = self._writer.end_medium(sealer, compartment, label)
        self._stage = None  # the caller's from here on
        return header, StagedPayload(stage, sealer.payload_id, sealer.sealed_size), label_part

    async def seal_apart(self) -> tuple[SealedMedium, StagedPayload, dict[str, Json]]:
        """Seal it for a record that is not written yet: the medium, its payload, and what was found of it."""
        if self._sealer is None:
            await self._seal_whole()
        assert self._sealer and self._stage
        stage, sealer = self._stage, self._sealer
        for sealed in sealer.finish():
            stage.write(sealed)
            await self._workshop.breathe(stage)
        said = sealer.measurements()
        medium = SealedMedium(
            sealer.part,
            sealer.file_key,
            sealer.payload_id,
            self._size,
            str(said["digest"]),
            str(said["sha256"]),
        )
        found: dict[str, Json] = {
            "name": self._name,
            "type": self._kind or media.OTHER,
            "origin": self._origin,
            "dedup": "oprf" if self._keyed_by_content() else "none",
        }
        self._stage = None  # the caller's from here on
        return medium, StagedPayload(stage, sealer.payload_id, sealer.sealed_size), found

    def release(self) -> None:
        """Let go of spool and stage; freeing a large spool takes a while."""
        if self._spool:
            self._spool.close()
        if self._stage:
            self._stage.discard()

    def _leave_memory(self) -> None:
        self._kind = media.sniff(bytes(self._held[: media.SNIFF_BYTES]))
        if self._keyed_by_content():
            self._spool = Spool(self._workshop.spool_folder)
            self._spool.write(self._held)
        else:
            self._sealer = self._writer.begin_medium()
            self._stage = self._workshop.store.stage()
            self._stage.write(self._sealer.update(self._held))
        self._held = bytearray()

    async def _seal_whole(self) -> None:
        if self._spool is None:
            self._kind = media.sniff(bytes(self._held[: media.SNIFF_BYTES]))
        digest = self._digest.finish()
        if self._keyed_by_content():
            file_key, nonce = content_key.file_key_and_nonce(self._workshop.oprf.direct(digest), digest)
            self._sealer = self._writer.begin_medium(file_key, nonce, digest)
        else:
            self._sealer = self._writer.begin_medium(digest=digest)
        self._stage = self._workshop.store.stage()
        blocks: Iterable[bytes | memoryview] = self._spool.read() if self._spool else _steps(self._held)
        for block in blocks:
            self._stage.write(self._sealer.update(block))
            await self._workshop.breathe(self._stage)

    def _keyed_by_content(self) -> bool:
        return media.deduplicates(self._kind, self._size, self._origin, intimate=self._intimate)


def _steps(data: bytearray) -> list[memoryview]:
    return [memoryview(data)[i : i + STEP] for i in range(0, len(data), STEP)]
