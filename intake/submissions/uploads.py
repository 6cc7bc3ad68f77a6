"""Resumable uploads (tus 1.0 core, creation, termination, expiration) of sealed payloads.

An upload is named by 16 random bytes that only its client holds; the database knows their SHA-256.
`durable` counts the bytes that are certainly on disk: that is what a client is told after a crash.

Any worker may go on with an upload. Whoever appends writes its own random mark into the row, and moves
`durable` only while the mark is still there: of two requests for one upload the later one goes on, and
the earlier one, whose connection is usually dead, is told so.
"""

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from crypto import age_stream
from crypto.errors import CryptoError
from intake import clock
from intake.db.engine import Database
from intake.db.tables.submissions import uploads
from intake.errors import Busy, Conflict, Invalid, NotFound, StorageFull, TooLarge
from intake.settings import MIB
from intake.store.blobs import BlobStore, Stage
from intake.submissions.arrived import StagedPayload, StoredPayload
from intake.submissions.blob_rows import still_young

SYNC_EVERY = 32 * MIB  # at most this much is sent again after a crash
CHECK_ROOM_EVERY = 4 * MIB
MAX_UNCLAIMED = 100_000
_COUNT_SECONDS = 1.0
_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class Upload:
    """State of an upload, in bytes; `expires` is in hours since 1970."""

    id: str
    length: int
    durable: int
    expires: int
    complete: bool


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What one upload, and all unclaimed ones together, may take."""

    max_bytes: int
    max_pending: int
    reserve: int
    hours: int


class Uploads:
    """All uploads. Methods block; call them from a thread, except `Append.write`."""

    def __init__(self, database: Database, store: BlobStore, limits: UploadLimits) -> None:
        self._database = database
        self._store = store
        self._limits = limits
        self._lock = threading.Lock()
        self._counted = (float("-inf"), 0, 0)  # when; number and bytes of unclaimed uploads
        # SHA-256 states cannot be saved; they are kept here, and made anew by reading when missing.
        self._hashes: OrderedDict[str, tuple[int, hashlib._Hash]] = OrderedDict()

    @property
    def max_bytes(self) -> int:
        """Largest upload, in bytes."""
        return self._limits.max_bytes

    def create(self, length: int) -> tuple[str, Upload]:
        """Begin an upload of `length` bytes; return its secret name and its state."""
        if length > self._limits.max_bytes:
            raise TooLarge("too_large", "the upload is too large", limit_mib=self._limits.max_bytes // MIB)
        try:
            age_stream.plain_length(length)
        except CryptoError as error:
            raise Invalid("length", "no age payload has this length") from error
        self._require_room(length)
        name = secrets.token_hex(16)
        upload = Upload(_key(name), length, 0, clock.hour_number() + self._limits.hours, False)
        count, pending = self._pending()
        with self._database.write(durable=False) as connection:  # lost with the power: begun anew
            if count < MAX_UNCLAIMED and pending <= self._limits.max_pending:
                connection.execute(
                    insert(uploads).values(id=upload.id, length=length, durable=0, expires=upload.expires)
                )
                return name, upload
        raise Busy("busy", "too many uploads are waiting to be claimed", retry_after=600)

    def get(self, name: str) -> Upload:
        """State of an upload; `NotFound` if there is none of this name, or it has expired."""
        with self._database.read() as connection:
            return self._get(connection, name)

    def _get(self, connection: Connection, name: str) -> Upload:
        row = connection.execute(select(uploads).where(uploads.c.id == _key(name))).one_or_none()
        if row is None or row.expires <= clock.hour_number():
            raise NotFound("upload_unknown", "there is no such upload; it may have expired")
        return Upload(row.id, row.length, row.durable, row.expires, row.blob is not None)

    def append(self, name: str, offset: int) -> "Append":
        """Start appending at `offset`; `Conflict` if that is not where the upload stands."""
        self._require_room(0)
        stage = self._store.stage(self.get(name).id[:32])
        try:
            upload, writer = self._claim(name, offset)
            stage.rewind(upload.durable)
            return Append(self, upload, writer, stage, self._hash(upload))
        except BaseException:
            stage.close()
            raise

    def _claim(self, name: str, offset: int) -> tuple[Upload, str]:
        """Leave this request's mark in the row. From here on no earlier request can move it."""
        writer = secrets.token_hex(8)
        with self._database.write(durable=False) as connection:
            upload = self._get(connection, name)
            if offset != upload.durable or upload.complete:
                raise Conflict("offset", "the upload stands at another offset", offset=upload.durable)
            # The condition is for PostgreSQL, where another request may have moved it since.
            mine = (uploads.c.id == upload.id) & (uploads.c.durable == offset) & uploads.c.blob.is_(None)
            if connection.execute(update(uploads).where(mine).values(writer=writer)).rowcount != 1:
                raise Conflict("upload_busy", "another request is appending to this upload")
        return upload, writer

    def cancel(self, name: str) -> None:
        """Throw an upload away."""
        upload = self.get(name)
        with self._database.write() as connection:
            row = connection.execute(
                delete(uploads).where(uploads.c.id == upload.id).returning(uploads.c.blob)
            ).one_or_none()
        self._store.drop_stage(upload.id[:32])
        if row and row.blob:
            self._store.delete(row.blob)

    def keep(self, payload: StagedPayload, hours: int) -> str:
        """Publish what was sealed here as a complete upload that a later submission may claim; its name.

        For files of a draft (`drafts`). `Busy` if too much is waiting already: then the caller still has
        the stage.
        """
        count, pending = self._pending()
        if count >= MAX_UNCLAIMED or pending > self._limits.max_pending:
            raise Busy("busy", "too many uploads are waiting to be claimed", retry_after=600)
        name, began = secrets.token_hex(16), clock.now()
        (blob,) = self._store.publish([(payload.stage, payload.payload_id)])
        with self._database.write() as connection:
            still_young(self._database, connection, began)
            connection.execute(
                insert(uploads).values(
                    id=_key(name),
                    length=payload.size,
                    durable=payload.size,
                    expires=clock.hour_number() + hours,
                    blob=blob,
                    payload_id=payload.payload_id,
                )
            )
        return name

    def renew(self, names: list[str], hours: int) -> None:
        """Let these live this long from now on; those that are gone stay gone."""
        with self._database.write(durable=False) as connection:
            mine = uploads.c.id.in_([_key(name) for name in names])
            connection.execute(update(uploads).where(mine).values(expires=clock.hour_number() + hours))

    def claim(self, names: list[str]) -> dict[str, tuple[str, StoredPayload]]:
        """Complete uploads by name: (id, payload). `Invalid` if one is missing or incomplete."""
        with self._database.read() as connection:
            return self.claimed(connection, names)

    def claimed(self, connection: Connection, names: list[str]) -> dict[str, tuple[str, StoredPayload]]:
        """The same within a transaction."""
        keys = {_key(name): name for name in names}
        rows = connection.execute(select(uploads).where(uploads.c.id.in_(list(keys)))).all()
        found = {
            keys[row.id]: (row.id, StoredPayload(row.blob, row.payload_id, row.length))
            for row in rows
            if row.blob
        }
        if len(found) != len(set(names)):
            raise Invalid("upload_incomplete", "an upload is unknown, expired or not complete")
        return found

    def _pending(self) -> tuple[int, int]:
        """(number, bytes that arrived) of all unclaimed uploads, as of a second ago: counting takes time."""
        with self._lock:
            counted_at, *known = self._counted
            if time.monotonic() - counted_at > _COUNT_SECONDS:
                query = select(func.count(), func.coalesce(func.sum(uploads.c.durable), 0))
                with self._database.read() as connection:
                    known = [int(n) for n in connection.execute(query).one()]
                self._counted = (time.monotonic(), known[0], known[1])
            return known[0], known[1]

    def hold(self, payloads: list[bytes]) -> list[StagedPayload]:
        """Small payloads that came within a submission, written to stages."""
        held = []
        for data in payloads:
            stage = self._store.stage()
            held.append(StagedPayload(stage, hashlib.sha256(data).hexdigest(), len(data)))
            stage.write(data)
        return held

    def _require_room(self, length: int) -> None:
        free = self._store.free()
        if free is not None and free - length < self._limits.reserve:
            raise StorageFull("storage_full", "no room is left on the server")

    def _hash(self, upload: Upload) -> "hashlib._Hash":
        """The hash of what is durable, remembered or read again."""
        with self._lock:
            position, state = self._hashes.pop(upload.id, (0, hashlib.sha256()))
        if position != upload.durable:
            state = hashlib.sha256()
            for piece in self._store.staged(upload.id[:32], upload.durable):
                state.update(piece)
        return state

    def _remember(self, upload: str, position: int, state: "hashlib._Hash") -> None:
        with self._lock:
            self._hashes[upload] = (position, state)
            while len(self._hashes) > _REMEMBERED:
                self._hashes.popitem(last=False)

    def _move(self, upload: Upload, writer: str, began: int | None, **values: str | int) -> None:
        """Write down how far an upload has come; `Conflict` if another request has taken over.

        `began` is when its blob's publication did.
        """
        mine = (uploads.c.id == upload.id) & (uploads.c.writer == writer)
        # Only the end must survive a loss of power, because the stage is dropped after it.
        with self._database.write(durable="blob" in values) as connection:
            if began is not None:
                still_young(self._database, connection, began)
            if connection.execute(update(uploads).where(mine).values(**values)).rowcount != 1:
                raise Conflict("upload_busy", "another request has taken over this upload")


class Append:
    """One request's bytes. `write` may run on the event loop; `sync` and `close` belong in a thread."""

    def __init__(
        self, uploads_: Uploads, upload: Upload, writer: str, stage: Stage, state: "hashlib._Hash"
    ) -> None:
        self._uploads = uploads_
        self._upload = upload
        self._writer = writer
        self._stage = stage
        self._state = state
        self._durable_hash = state.copy()
        self.offset = upload.durable
        self._durable = upload.durable
        self._unchecked = 0

    @property
    def unsynced(self) -> int:
        """Bytes written since the last `sync`."""
        return self.offset - self._durable

    @property
    def full(self) -> bool:
        """Whether `flush` is due."""
        return self._stage.full

    def flush(self) -> None:
        """Hand on what was gathered; in a thread."""
        self._stage.flush()

    def write(self, data: bytes) -> None:
        """Take bytes; `TooLarge` if they exceed the announced length."""
        if self.offset + len(data) > self._upload.length:
            raise TooLarge("upload_overrun", "more bytes than were announced")
        self._unchecked += len(data)
        if self._unchecked >= CHECK_ROOM_EVERY:
            self._uploads._require_room(0)
            self._unchecked = 0
        self._stage.write(data)
        self._state.update(data)
        self.offset += len(data)

    def sync(self) -> None:
        """Make what was written durable, and when all is there, a blob."""
        if self.offset == self._durable:
            return
        if self.offset == self._upload.length:
            payload_id = self._state.hexdigest()
            began = clock.now()
            (blob,) = self._uploads._store.publish([(self._stage, payload_id)])
            self._uploads._move(
                self._upload, self._writer, began, durable=self.offset, blob=blob, payload_id=payload_id
            )
            # Until here the bytes are under the upload's name too: a crash costs nothing of them.
            self._uploads._store.drop_stage(self._upload.id[:32])
        else:
            self._stage.sync()
            self._uploads._move(self._upload, self._writer, None, durable=self.offset)
        self._durable, self._durable_hash = self.offset, self._state.copy()

    def close(self) -> None:
        """Let go; what was not synced is forgotten."""
        self._stage.close()
        if self._durable < self._upload.length:
            self._uploads._remember(self._upload.id, self._durable, self._durable_hash)


def _key(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()
