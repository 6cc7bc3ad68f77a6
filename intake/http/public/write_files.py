"""What arrives at a page of the long form: its fields, and files, sealed while they come.

A file belongs to no record yet. It is sealed as the one-page form does it, kept as a complete upload that
nobody has claimed, and all that opens it is an entry of the draft, sealed to the receipt.
"""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from fastapi.responses import Response

from crypto.encoding import Json
from crypto.receipt import Receipt, ReceiptKeys
from crypto.record_writer import RecordWriter, SealedMedium
from intake.errors import IntakeError, Invalid, StorageFull, TooLarge
from intake.http import multipart, reading
from intake.http.context import Services, breather, in_store, tidy
from intake.http.pages import message
from intake.http.problems import status_of
from intake.http.public import write_pages as pages
from intake.http.public.write_pages import Desk
from intake.record import media
from intake.record.questions import medium
from intake.settings import MIB
from intake.submissions.arrived import StagedPayload
from intake.submissions.drafts import HOURS, Drafts
from intake.submissions.plain_files import STEP, ArrivingFile, Workshop
from intake.submissions.workbench import IN_IDENTITY, MAX_APART, MAX_FILES, DraftFile

KINDS = ("account", "identity", "sensitive")
_OTHER_TEXTS = MIB  # bytes of all fields of a page together, besides one narrative
_CHECK_ROOM_EVERY = 4 * MIB


@dataclass(frozen=True, slots=True)
class ArrivedFile:
    """A file, sealed and staged: `found` is what its bytes and its name say."""

    medium: SealedMedium
    payload: StagedPayload
    found: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Wish:
    """What was said of the files of a form, before they came: class of compartment, and who alone."""

    kind: str
    only: tuple[str, ...]
    intimate: bool

    @classmethod
    def read(cls, typed: reading.Typed) -> "Wish":
        """From the fields; `Invalid` for a class that is none."""
        intimate = reading.one(typed, "intimate") == reading.YES
        kind = reading.one(typed, "kind")
        if not kind:
            in_identity = reading.one(typed, "q:depicts") in IN_IDENTITY
            kind = "sensitive" if intimate else "identity" if in_identity else "account"
        if kind not in KINDS:
            raise Invalid("malformed", "an unknown class of compartment")
        return cls(kind, tuple(dict.fromkeys(typed.get("only", []))), intimate)


class Arriving:
    """One request's fields, in order, the receipt first. `release` always, in a thread."""

    def __init__(self, found: Services) -> None:
        self._found = found
        self._known: tuple[Receipt, ReceiptKeys] | None = None
        self._name = ""
        self._text: bytearray | None = None
        self._size = self._file_size = self._unchecked = 0
        self._file: ArrivingFile | None = None
        self.typed: dict[str, list[str]] = {}
        self.files: list[ArrivedFile] = []

    def known(self) -> tuple[Receipt, ReceiptKeys]:
        """The receipt and its keys; `Invalid` if none came."""
        if self._known is None:
            raise Invalid("receipt_missing", "the receipt must be the form's first field")
        return self._known

    async def take(self, event: multipart.Event) -> None:
        """One event of a multipart body."""
        if isinstance(event, multipart.PartBegin):
            self._name = event.name
            if event.filename:
                self._begin(event.filename)
            elif event.filename is None:
                self._text = bytearray()
        elif isinstance(event, multipart.PartData):
            await self._data(event.data)
        elif self._file is not None:
            await self._end()
        elif self._text is not None:
            text, self._text = bytes(self._text), None
            await self.text(self._name, text.decode("utf-8", "replace"))

    async def text(self, name: str, value: str) -> None:
        """One field. `MistypedReceipt` if the first one is no receipt."""
        if self._known is None:
            if name != "receipt":
                raise Invalid("receipt_missing", "the receipt must be the form's first field")
            receipt = Receipt.parse(value)
            self._known = receipt, await self._found.derive(receipt)
            return
        self.typed.setdefault(name, []).append(reading.clean(value))

    def release(self) -> None:
        """Let go of what was not kept."""
        if self._file:
            self._file.release()
        for file in self.files:
            file.payload.stage.discard()

    def _begin(self, filename: str) -> None:
        _, keys = self.known()
        if reading.one(self.typed, "at") != "files":
            raise Invalid("malformed", "no file belongs to this page")
        if len(self.files) >= MAX_FILES:
            raise TooLarge("too_many_files", "too many files", limit=MAX_FILES)
        origin = reading.one(self.typed, "origin") or "unsaid"
        if origin not in media.ORIGINS:
            raise Invalid("malformed", "an unknown origin")
        self._require_room()
        self._file_size = 0
        found, wish = self._found, Wish.read(self.typed)
        workshop = Workshop(found.store, found.oprf, found.settings.spool_dir, breather(found))
        # What few may open gets a random key: nobody else should hold the same bytes, or be able to ask.
        private = wish.intimate or bool(wish.only) or wish.kind != "account"
        name = reading.clean(filename)[:1024]
        writer = RecordWriter(keys, secrets.token_bytes)  # of no record: it only draws what is random
        self._file = ArrivingFile(workshop, writer, name, origin, private)

    async def _data(self, data: memoryview) -> None:
        if self._file is None:
            if self._text is not None:
                self._text += data
                self._size += len(data)
                limit = self._found.settings.max_text_kib * 1024
                # Twice the limit is still read, so that a text that is too long can be shown again.
                if self._size > 2 * limit + _OTHER_TEXTS:
                    raise TooLarge("text_too_long", "a text is too long", limit=limit)
            return
        self._file_size += len(data)
        if self._file_size > self._found.settings.max_file_mib * MIB:
            limit = self._found.settings.max_file_mib
            raise TooLarge("too_large", "a file is too large", limit_mib=limit)
        self._unchecked += len(data)
        if self._unchecked >= _CHECK_ROOM_EVERY:
            self._require_room()
        for start in range(0, len(data), STEP):
            await self._file.take(data[start : start + STEP])

    async def _end(self) -> None:
        assert self._file is not None
        self.files.append(ArrivedFile(*await self._file.seal_apart()))
        await tidy(self._found, self._file.release)
        self._file = None

    def _require_room(self) -> None:
        self._unchecked = 0
        free = self._found.store.free()
        if free is not None and free < self._found.settings.reserve_mib * MIB:
            raise StorageFull("storage_full", "no room is left on the server")


async def keep_files(desk: Desk, drafts: Drafts, arriving: Arriving) -> Response | None:
    """Take files and what was said of them into the draft; the page again if that cannot be."""
    if not arriving.files:
        if reading.one(desk.typed, "go") == "add":
            return pages.files(desk, (), [message("draft_no_file", desk.language)], 422)
        return None
    read = reading.answers(medium().questions, desk.typed)
    again = message("draft_files_again", desk.language)
    if read.problems:
        return pages.files(desk, read.problems, [again], 422)
    try:
        wish = Wish.read(desk.typed)
        _check(desk, wish, arriving.files)
        said = read.answers | {"intimate": wish.intimate} | ({"apart": True} if wish.only else {})
        while arriving.files:
            file = arriving.files[0]
            label = {**file.found, **said}
            await in_store(desk.found, lambda: _keep(desk, drafts, file, label, wish))  # noqa: B023
            arriving.files.pop(0)
    except IntakeError as error:
        text = message(error.code, desk.language, **error.values)
        return pages.files(desk, (), [text, again], status_of(error))
    return None


def _check(desk: Desk, wish: Wish, files: Sequence[ArrivedFile]) -> None:
    if len(desk.draft.files) + len(files) > MAX_FILES:
        raise TooLarge("too_many_files", "too many files", limit=MAX_FILES)
    if not set(wish.only) <= desk.names().keys():
        raise Invalid("mechanism_unknown", "a mechanism is unknown")
    apart = sum(1 for file in desk.draft.files if file.only)
    if wish.only and apart + len(files) > MAX_APART:
        raise TooLarge("too_many_apart", "too many files with a consent of their own", limit=MAX_APART)


def _keep(desk: Desk, drafts: Drafts, file: ArrivedFile, label: dict[str, Json], wish: Wish) -> None:
    """Blob and row first: a crash before the entry leaves an upload that expires by itself."""
    upload = desk.found.uploads.keep(file.payload, HOURS)
    entry = DraftFile(upload, file.medium, label, wish.kind, wish.only)
    try:
        drafts.put(desk.keys, f"file:{file.medium.part}", entry.encode())
    except BaseException:
        with suppress(IntakeError):
            desk.found.uploads.cancel(upload)
        raise
