"""The plain form: the server seals what a browser without JavaScript sends, while it arrives.

The receipt comes first, so that everything after it can be sealed at once (`plain_files`). Nothing is
published before `Receiver.accept` has checked all of it.

The result is a `Submission` like a client's, with `sealed_by: server`.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import intake
from crypto import primitives
from crypto.content_key import ContentDigest
from crypto.receipt import Receipt, ReceiptKeys
from crypto.record_writer import RecordWriter, SealedPart
from intake import clock
from intake.errors import Invalid, StorageFull, TooLarge
from intake.record import media
from intake.record.compose import Composer
from intake.record.questions import TEXT
from intake.record.vocabulary import CAPACITIES
from intake.settings import MIB
from intake.submissions.arrived import Outcome, ReceivedGrant, StagedPayload, Submission
from intake.submissions.plain_files import STEP, ArrivingFile, Workshop
from intake.submissions.receive import Receiver
from intake.submissions.workbench import composed_by

MAX_FIELD = 4096  # bytes of any text field but the narrative, and answers to mechanisms' own questions
MAX_ANSWER = 4 * TEXT  # bytes: a character has at most four
CHECK_ROOM_EVERY = 4 * MIB
SYNC_EARLY = 4 * MIB  # a larger payload goes to the disk while the next file arrives
Typed = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class PlainLimits:
    """Limits in bytes, and in number of files."""

    max_file: int
    max_text: int
    max_files: int
    reserve: int


class PlainForm:
    """One submission by the form. Feed it fields and files in order, then `finish`; `abort` always.

    `compose` reads the choices among the fields, `written_in` the language of the narrative (BCP 47):
    `Invalid` if they cannot be followed.
    """

    def __init__(
        self,
        *,
        receiver: Receiver,
        workshop: Workshop,
        compose: Callable[[RecordWriter, Typed], Composer],
        written_in: Callable[[Typed], str],
        limits: PlainLimits,
        in_thread: Callable[[Callable[[], object]], Awaitable[object]],
        tidy: Callable[[Callable[[], object]], Awaitable[object]],
        derive: Callable[[Receipt], Awaitable[ReceiptKeys]],
        known: Callable[[bytes], Awaitable[bool]],
    ) -> None:
        self._receiver = receiver
        self._workshop = workshop
        self._compose = compose
        self._written_in = written_in
        self._limits = limits
        self._in_thread = in_thread
        self._tidy = tidy
        self._derive = derive
        self._known = known
        self._keys: ReceiptKeys | None = None
        self._writer: RecordWriter | None = None
        self._digest: primitives.Hmac | None = None
        self._repeated = False
        self._file: ArrivingFile | None = None
        self._file_size = self._unchecked = 0
        self._file_digest = ContentDigest()
        self._parts: dict[str, tuple[bytes, StagedPayload]] = {}
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
        if name == "narrative":
            return self._limits.max_text
        return MAX_ANSWER if name.startswith("own:") else MAX_FIELD

    def begin_file(self, name: str, filename: str) -> None:
        """A file starts; its row's origin and intimacy came before it."""
        if self._keys is None:
            raise Invalid("receipt_missing", "the receipt must be the form's first field")
        self.media_count += 1
        if self.media_count > self._limits.max_files:
            raise TooLarge("too_many_files", "too many files", limit=self._limits.max_files)
        self._require_room()
        row = name.rpartition(":")[2]
        origin = self._one(f"origin:{row}") or "unsaid"
        if origin not in media.ORIGINS:
            raise Invalid("malformed", "an unknown origin")
        self._note(b"file", name.encode(), filename.encode("utf-8", "replace"))
        self._file_size, self._file_digest = 0, ContentDigest()
        if not self._repeated:
            assert self._writer is not None
            intimate = self._one(f"intimate:{row}") == "yes"
            self._file = ArrivingFile(self._workshop, self._writer, filename[:1024], origin, intimate)

    async def file_data(self, data: memoryview) -> None:
        """The file's next bytes."""
        self._file_size += len(data)
        if self._file_size > self._limits.max_file:
            raise TooLarge("too_large", "a file is too large", limit_mib=self._limits.max_file // MIB)
        self._unchecked += len(data)
        if self._unchecked >= CHECK_ROOM_EVERY:
            self._require_room()
        for start in range(0, len(data), STEP):
            piece = data[start : start + STEP]
            if self._file:
                await self._file.take(piece)
            else:
                self._file_digest.update(piece)

    async def end_file(self) -> None:
        """The file is complete: seal it, and make the sealed bytes durable."""
        if self._file is None:
            self._note(self._file_digest.finish())
            return
        header, payload, label = await self._file.seal()
        self._note(self._file.digest)
        self._parts[self._file.part] = (header, payload)
        if payload.size > SYNC_EARLY:
            await self._in_thread(payload.stage.sync)
        await self._tidy(self._file.release)
        self._file = None
        self._stage_part(label)

    async def finish(self) -> Outcome:
        """Seal the texts, sign, store. `Invalid` if something is missing: then nothing is stored."""
        if self._keys is None or self._digest is None or self._writer is None:
            raise Invalid("receipt_missing", "the receipt must be the form's first field")
        request = self._receiver.form_request(self._keys.lookup, self._digest.digest())
        if self._repeated:
            return await self._answer(lambda: self._receiver.repeated(request))
        narrative = self._one("narrative") or ""
        capacity = self._check(narrative)
        writer, composer = self._writer, self._compose(self._writer, self.values)
        language = self._written_in(self.values)
        composer.narrative(narrative, capacity, language)
        composer.triage(capacity, language, self.media_count, {})
        composed = composed_by(composer)
        for part in composer.parts:
            self._stage_part(part)
        statement, signature = writer.statement(
            audience=composed.audience,
            consent=composed.consent,
            created_day=clock.day(),
            sealed_by="server",
            client=("intake-form", intake.__version__, None),
        )
        grants = writer.grants(composed.readers)
        keys = self._keys

        def accept() -> Outcome:
            submission = Submission(
                statement=statement,
                signature=signature,
                lookup=keys.lookup,
                auth=keys.auth,
                record_key=keys.record_key(writer.share),
                parts=self._parts,
                grants=tuple(ReceivedGrant(g.compartment, g.recipient, g.file) for g in grants),
            )
            return self._receiver.accept(submission, request)

        return await self._answer(accept)

    async def abort(self) -> None:
        """Let go of everything that was not published. Harmless after `finish`."""
        parts, file = list(self._parts.values()), self._file

        def discard() -> None:
            for _, payload in parts:
                payload.stage.discard()
            if file:
                file.release()

        if parts or file:
            await self._tidy(discard)

    # --- steps ---

    async def _start(self, receipt: Receipt) -> None:
        self._keys = await self._derive(receipt)
        self._writer = RecordWriter(self._keys, secrets.token_bytes)
        # Keyed by the receipt: the stored digest of a form tells a thief nothing about its content.
        self._digest = primitives.Hmac(primitives.hkdf(self._keys.auth, b"intake/form-digest/v1"))
        self._repeated = await self._known(self._keys.lookup)

    def _require_room(self) -> None:
        """The reserve is for texts alone."""
        self._unchecked = 0
        free = self._workshop.store.free()
        if free is not None and free < self._limits.reserve:
            raise StorageFull("storage_full", "no room is left on the server")

    def _stage_part(self, part: SealedPart) -> None:
        stage = self._workshop.store.stage()
        payload = StagedPayload(stage, part.entry.payload_id, len(part.payload))
        self._parts[part.entry.id] = (part.header, payload)
        stage.write(part.payload)

    async def _answer(self, work: Callable[[], Outcome | None]) -> Outcome:
        """The outcome; another testimony under the same receipt is told as such."""
        try:
            outcome = await self._in_thread(work)
        except Invalid as error:
            if error.code != "key_reused":
                raise
            outcome = None
        if not isinstance(outcome, Outcome):
            raise Invalid("receipt_used", "another testimony was received with this receipt")
        return outcome

    def _check(self, narrative: str) -> str:
        if not narrative.strip() and not self.media_count:
            raise Invalid("empty", "a submission needs a narrative or a medium")
        capacity = self._one("capacity")
        if capacity not in CAPACITIES:
            raise Invalid("capacity_missing", "the capacity is missing")
        return capacity

    def _one(self, name: str) -> str | None:
        values = self.values.get(name)
        return values[-1] if values else None

    def _note(self, *pieces: bytes) -> None:
        """Add to the digest that recognises the same form sent twice."""
        assert self._digest is not None
        for piece in pieces:
            self._digest.update(len(piece).to_bytes(8, "big"))
            self._digest.update(piece)
