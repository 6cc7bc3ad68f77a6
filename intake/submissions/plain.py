"""The plain form: the server seals what a browser without JavaScript sends, while it arrives.

The receipt comes first, so that everything after it can be sealed at once. Plaintext is only ever in
memory: files up to 4 MiB whole; larger ones are sealed as they come, or, where their key follows from
their content, wait in a `Spool`. Everything is published at the very end, just before the transaction.

The result is a `Submission` like a client's, with `sealed_by: server`.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import intake
from crypto import content_key, primitives
from crypto.age_keys import Recipient
from crypto.bundles import Bundle
from crypto.receipt import Receipt, ReceiptKeys
from crypto.record_writer import MediumSealer, RecordWriter, SealedPart
from crypto.statement import PURPOSES, AudienceEntry, ConsentEntry
from intake import clock
from intake.errors import Invalid, TooLarge
from intake.record import media
from intake.record.consent_texts import ConsentText
from intake.settings import MIB
from intake.store.blobs import BlobStore, Stage
from intake.submissions.receive import (
    Outcome,
    ReceivedGrant,
    Receiver,
    Request,
    StoredPayload,
    Submission,
)
from intake.submissions.secrets import OprfKeys
from intake.submissions.spool import Spool

IN_MEMORY = 4 * MIB
STEP = 256 * 1024  # computed inline on the event loop between two yields
CAPACITIES = (
    "victim",
    "direct_witness",
    "relative",
    "on_behalf",
    "lawyer",
    "medic",
    "insider",
    "other",
)
MAX_FIELD = 4096  # bytes of any text field but the narrative
YEARS = {"": 0, "1": 1, "5": 5}


@dataclass(frozen=True, slots=True)
class PlainLimits:
    """Limits in bytes, and in number of files."""

    max_file: int
    max_text: int
    max_files: int
    reserve: int


@dataclass(slots=True)
class _File:
    """The file that is arriving."""

    name: str
    origin: str
    intimate: bool
    kind: str | None = None
    size: int = 0
    held: bytearray = field(default_factory=bytearray)
    digest: content_key.ContentDigest = field(default_factory=content_key.ContentDigest)
    spool: Spool | None = None
    sealer: MediumSealer | None = None
    stage: Stage | None = None
    hash: primitives.Hmac | None = None


class PlainForm:
    """One submission by the form. Feed it fields and files in order, then `finish`; `abort` always."""

    def __init__(
        self,
        *,
        receiver: Receiver,
        store: BlobStore,
        oprf: OprfKeys,
        spool_folder: Path,
        bundles: dict[str, Bundle],
        consent_text: ConsentText,
        limits: PlainLimits,
        in_thread: Callable[[Callable[[], object]], Awaitable[object]],
        pause: Callable[[], Awaitable[None]],
        derive: Callable[[Receipt], Awaitable[ReceiptKeys]],
        known: Callable[[bytes], Awaitable[bool]],
    ) -> None:
        self._receiver = receiver
        self._store = store
        self._oprf = oprf
        self._spool_folder = spool_folder
        self._bundles = bundles
        self._text = consent_text
        self._limits = limits
        self._in_thread = in_thread
        self._pause = pause
        self._derive = derive
        self._known = known
        self._keys: ReceiptKeys | None = None
        self._writer: RecordWriter | None = None
        self._digest: primitives.Hmac | None = None
        self._repeated = False
        self._file: _File | None = None
        self._parts: dict[str, tuple[bytes, Stage, str, int]] = {}
        self.values: dict[str, list[str]] = {}
        self.media_count = 0

    async def text(self, name: str, value: bytes) -> None:
        """A text field. The receipt must be the first; `MistypedReceipt` if it is none."""
        decoded = value.decode("utf-8", "replace").replace("\r\n", "\n")
        if self._keys is None:
            if name != "receipt":
                raise Invalid("receipt_missing", "the receipt must be the form's first field")
            await self._start(Receipt.parse(decoded))
            return
        self._note(name.encode(), value)
        self.values.setdefault(name, []).append(decoded)

    def text_limit(self, name: str) -> int:
        """Most bytes a text field may have."""
        return self._limits.max_text if name == "narrative" else MAX_FIELD

    def begin_file(self, name: str, filename: str) -> None:
        """A file starts; its row's origin and intimacy came before it."""
        if self._keys is None:
            raise Invalid("receipt_missing", "the receipt must be the form's first field")
        self.media_count += 1
        if self.media_count > self._limits.max_files:
            raise TooLarge("too_many_files", "too many files", limit=self._limits.max_files)
        row = name.rpartition(":")[2]
        origin = self._one(f"origin:{row}") or "unsaid"
        if origin not in media.ORIGINS:
            raise Invalid("malformed", "an unknown origin")
        self._note(b"file", name.encode(), filename.encode("utf-8", "replace"))
        hasher = primitives.Hmac(self._keys.auth)
        self._file = _File(filename[:1024], origin, self._one(f"intimate:{row}") == "yes", hash=hasher)

    async def file_data(self, data: bytes) -> None:
        """The file's next bytes."""
        file = self._file
        assert file is not None and file.hash is not None
        file.size += len(data)
        if file.size > self._limits.max_file:
            raise TooLarge("too_large", "a file is too large", limit_mib=self._limits.max_file // MIB)
        for start in range(0, len(data), STEP):
            piece = data[start : start + STEP]
            file.hash.update(piece)
            if not self._repeated:
                self._take(file, piece)
            if start:
                await self._pause()

    async def end_file(self) -> None:
        """The file is complete: seal it, and make the sealed bytes durable."""
        file, self._file = self._file, None
        assert file is not None and file.hash is not None
        self._note(file.hash.digest())
        if self._repeated:
            return
        assert self._writer is not None
        try:
            await self._seal(file, self._writer)
        finally:
            if file.spool:
                await self._in_thread(file.spool.close)

    async def finish(self) -> Outcome:
        """Seal the texts, sign, store. `Invalid` if something is missing: then nothing is stored."""
        if self._keys is None or self._digest is None or self._writer is None:
            raise Invalid("receipt_missing", "the receipt must be the form's first field")
        request = Request(
            key=primitives.sha256(b"intake/form/v1", self._keys.lookup).hex(),
            body=self._digest.digest().hex(),
            keep_hours=None,
        )
        if self._repeated:
            return await self._again(request)
        narrative = self._one("narrative") or ""
        capacity = self._check(narrative)
        audience, consent = self._consents()
        writer = self._writer
        await self._texts(writer, narrative, capacity, audience)
        entries = [AudienceEntry(m, c, reader.fingerprint) for m, c, reader in audience]
        statement, signature = writer.statement(
            audience=entries,
            consent=consent,
            created_day=clock.day(),
            sealed_by="server",
            client=("intake-form", intake.__version__, None),
        )
        grants = writer.grants([(c, reader) for _, c, reader in audience])
        keys = self._keys

        def publish_and_accept() -> Outcome:
            parts = {
                part: (header, StoredPayload(stage.publish(), payload_id, size))
                for part, (header, stage, payload_id, size) in self._parts.items()
            }
            submission = Submission(
                statement=statement,
                signature=signature,
                lookup=keys.lookup,
                auth=keys.auth,
                record_key=keys.record_key(writer.share),
                parts=parts,
                grants=tuple(ReceivedGrant(g.compartment, g.recipient, g.file) for g in grants),
            )
            return self._receiver.accept(submission, request)

        outcome = await self._in_thread(publish_and_accept)
        assert isinstance(outcome, Outcome)
        return outcome

    async def abort(self) -> None:
        """Let go of everything that was not published. Harmless after `finish`."""
        stages = [stage for _, stage, _, _ in self._parts.values()]
        spool = None
        if self._file:
            spool = self._file.spool
            stages += [self._file.stage] if self._file.stage else []

        def discard() -> None:
            for stage in stages:
                stage.discard()
            if spool:
                spool.close()

        if stages or spool:
            await self._in_thread(discard)

    # --- steps ---

    async def _start(self, receipt: Receipt) -> None:
        self._keys = await self._derive(receipt)
        self._writer = RecordWriter(self._keys, secrets.token_bytes)
        # Keyed by the receipt: the stored digest of a form tells a thief nothing about its content.
        self._digest = primitives.Hmac(primitives.hkdf(self._keys.auth, b"intake/form-digest/v1"))
        self._repeated = await self._known(self._keys.lookup)

    def _take(self, file: _File, piece: bytes) -> None:
        """Where a piece of a file goes: memory first; when that is full, spool or sealer."""
        if file.sealer:
            assert file.stage
            file.stage.write(file.sealer.update(piece))
            return
        file.digest.update(piece)
        if file.spool:
            file.spool.write(piece)
            return
        file.held += piece
        if len(file.held) <= IN_MEMORY:
            return
        file.kind = media.sniff(bytes(file.held[: media.SNIFF_BYTES]))
        if media.deduplicates(file.kind, file.size, file.origin, intimate=file.intimate):
            file.spool = Spool(self._spool_folder)
            file.spool.write(file.held)
        else:
            assert self._writer is not None
            file.sealer = self._writer.begin_medium()
            file.stage = self._store.stage()
            file.stage.write(file.sealer.update(file.held))
        file.held = bytearray()

    async def _seal(self, file: _File, writer: RecordWriter) -> None:
        compartment = writer.compartment("sensitive" if file.intimate else "account")
        dedup = "oprf" if file.spool else "none"
        if file.sealer is None:
            if file.spool is None:
                file.kind = media.sniff(bytes(file.held[: media.SNIFF_BYTES]))
            digest = file.digest.finish()
            if media.deduplicates(file.kind, file.size, file.origin, intimate=file.intimate):
                dedup = "oprf"
                file_key, nonce = content_key.file_key_and_nonce(self._oprf.direct(digest), digest)
                file.sealer = writer.begin_medium(file_key, nonce, digest)
            else:
                file.sealer = writer.begin_medium(digest=digest)
            file.stage = self._store.stage()
            for block in file.spool.read() if file.spool else _steps(file.held):
                file.stage.write(file.sealer.update(block))
                await self._pause()
        assert file.stage is not None
        stage, sealer = file.stage, file.sealer
        for sealed in sealer.finish():
            stage.write(sealed)
            await self._pause()
        await self._in_thread(stage.sync)
        label = {
            "name": file.name,
            "type": file.kind or media.OTHER,
            "origin": file.origin,
            "intimate": file.intimate,
            "dedup": dedup,
        }
        header, label_part = writer.end_medium(sealer, compartment, label)
        self._parts[sealer.part] = (header, stage, sealer.payload_id, sealer.sealed_size)
        await self._stage_part(label_part)

    async def _texts(
        self,
        writer: RecordWriter,
        narrative: str,
        capacity: str,
        audience: list[tuple[str, str, Recipient]],
    ) -> None:
        account = writer.compartment("account")
        values = {"text": narrative, "language": self._text.language, "capacity": capacity}
        await self._stage_part(writer.structured("narrative", account, values))
        card = {"language": self._text.language, "capacity": capacity, "media": self.media_count}
        await self._stage_part(writer.structured("triage", writer.compartment("triage"), card))

    async def _stage_part(self, part: SealedPart) -> None:
        stage = self._store.stage()
        stage.write(part.payload)
        self._parts[part.entry.id] = (part.header, stage, part.entry.payload_id, len(part.payload))

    async def _again(self, request: Request) -> Outcome:
        def look() -> Outcome | None:
            return self._receiver.repeated(request)

        try:
            before = await self._in_thread(look)
        except Invalid as error:
            raise Invalid("receipt_used", "another testimony was received with this receipt") from error
        if not isinstance(before, Outcome):
            raise Invalid("receipt_used", "another testimony was received with this receipt")
        return before

    def _check(self, narrative: str) -> str:
        if not narrative.strip() and not self.media_count:
            raise Invalid("empty", "a submission needs a narrative or a medium")
        capacity = self._one("capacity")
        if capacity not in CAPACITIES:
            raise Invalid("capacity_missing", "the capacity is missing")
        return capacity

    def _consents(self) -> tuple[list[tuple[str, str, Recipient]], list[ConsentEntry]]:
        """(mechanism, compartment, reader) for each grant, and the consents themselves."""
        assert self._writer is not None
        chosen = self.values.get("mechanism", [])
        if not chosen:
            raise Invalid("consent_missing", "no recipient was chosen")
        today = clock.day()
        audience, consents = [], []
        for mechanism in dict.fromkeys(chosen):
            bundle = self._bundles.get(mechanism)
            if bundle is None:
                raise Invalid("mechanism_unknown", "a mechanism is unknown")
            purposes = tuple(p for p in PURPOSES if p in self.values.get(f"purpose:{mechanism}", []))
            name = bundle.names.get(self._text.language, bundle.names["en"])
            if not purposes:
                raise Invalid("purpose_missing", "a recipient without a purpose", mechanism=name)
            kinds = ["account"]
            kinds += ["triage"] if self._one(f"triage:{mechanism}") == "yes" else []
            kinds += ["sensitive"] if self._one(f"sensitive:{mechanism}") == "yes" else []
            for kind in kinds:
                key = bundle.key_for(kind, today)
                if key is None:
                    raise Invalid("mechanism_closed", "no valid key", mechanism=name)
                audience.append((mechanism, self._writer.compartment(kind).id, key.recipient))
            years = YEARS.get(self._one(f"until:{mechanism}") or "")
            if years is None:
                raise Invalid("malformed", "an unknown term")
            consents.append(
                ConsentEntry(
                    mechanism=mechanism,
                    purposes=purposes,
                    expires=_in_years(today, years),
                    successor=self._one(f"successor:{mechanism}") == "yes",
                    text_version=self._text.version,
                    text_language=self._text.language,
                    text_sha256=self._text.sha256,
                )
            )
        return audience, consents

    def _one(self, name: str) -> str | None:
        values = self.values.get(name)
        return values[-1] if values else None

    def _note(self, *pieces: bytes) -> None:
        """Add to the digest that recognises the same form sent twice."""
        assert self._digest is not None
        for piece in pieces:
            self._digest.update(len(piece).to_bytes(8, "big"))
            self._digest.update(piece)


def _steps(data: bytearray) -> list[bytes]:
    return [bytes(data[i : i + STEP]) for i in range(0, len(data), STEP)]


def _in_years(day: str, years: int) -> str | None:
    if not years:
        return None
    start = date.fromisoformat(day)
    last = 28 if (start.month, start.day) == (2, 29) else start.day
    return start.replace(year=start.year + years, day=last).isoformat()
