"""Entries of a workspace: titles, notes, tags, decisions, reasons, and derivatives with their files.

Everything is sealed to the workspace and signed by who wrote it; what a decision or a tag says is for the
mechanism's people alone. Files come by `/v1/uploads`, as a testimony's media do, and are payloads of which
nobody else has the key. An entry that is sent again is found by its part's id.

Whoever reads what was made of a part could as well read the part: an entry that refers to one, by itself or
through others, is there for those to whom that part is open now, counts in their budget as its record does,
and goes when the part goes. Which part it refers to is what its author says.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from crypto import age_stream, work
from crypto.envelopes import MAX_ENVELOPE
from crypto.errors import CryptoError
from crypto.work import DERIVATIVE, Entry
from intake import clock
from intake.audit import log
from intake.audit.events import Event
from intake.db.engine import Database
from intake.db.tables import submissions as t
from intake.db.tables.coming_back import messages
from intake.db.tables.review import case_records, workspaces
from intake.db.tables.review import work as entries
from intake.db.tables.review import work_files as files
from intake.errors import Conflict, IntakeError, Invalid, NotFound
from intake.people import budgets, mechanisms
from intake.people.reader import Reader
from intake.reviewing import rights
from intake.reviewing.rights import is_open
from intake.reviewing.visible import own_mechanism, require_visible, visible_of
from intake.reviewing.workspaces import (
    Place,
    about,
    named,
    require_author,
    require_today,
    require_workspace,
)
from intake.sharing.access import Access, Visit, What
from intake.store.blobs import Blob, BlobStore
from intake.submissions import checks, rows
from intake.submissions.arrived import StoredPayload
from intake.submissions.mailbox import PartFile
from intake.submissions.uploads import Uploads

MAX_PAYLOAD = 64 * 1024  # bytes of an entry itself; what is longer is a derivative's file
MAX_ENTRIES = 10_000  # in a workspace
PAGE = 100
_PART = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, repr=False)
class SentEntry:
    """As it came: the envelope, the part's header and payload, and (header, upload's name) by file."""

    envelope: bytes
    header: bytes
    payload: bytes
    files: Mapping[str, tuple[bytes, str]]


@dataclass(frozen=True, slots=True, repr=False)
class Listed:
    """One entry of a list; `files` are the sizes of its files, as age files, in bytes."""

    number: int
    part: str
    kind: str
    member: str
    day: str
    envelope: bytes
    header: bytes
    payload: bytes
    files: Mapping[str, int]


class Work:
    """Writes and lists entries, through `Access` only. Blocks."""

    def __init__(
        self, database: Database, store: BlobStore, uploads: Uploads, access: Access, daily: int
    ) -> None:
        self._database = database
        self._store = store
        self._uploads = uploads
        self._access = access
        self._daily = daily

    def listed(self, visit: Visit, workspace: str, after: int) -> list[Listed]:
        """Entries with a higher number than `after`, in the order in which they came; at most `PAGE`."""
        numbers: list[int] = []

        def check(connection: Connection, reader: Reader) -> None:
            place = require_workspace(connection, reader, workspace)
            records = {place.record} if place.record else set()
            for number, record in _page(connection, reader, place, after):
                numbers.append(number)
                records |= {record} if record else set()
            for record in sorted(records):  # one is locked already, if it is the workspace's
                budgets.spend(connection, reader, record, self._daily)
            others = sorted(records - {place.record})
            said = visit.said(reader) | dict(named(workspace))
            log.append_each(connection, reader.mechanism, Event.WORK_LISTED, others, **said)

        what = What(Event.WORK_LISTED, about(self._database, visit, workspace), named(workspace))
        self._access.admitted(visit, what, check)
        query = select(entries).where(entries.c.workspace == workspace, entries.c.number.in_(numbers))
        with self._database.read() as connection:
            return list(_listed(connection, connection.execute(query.order_by(entries.c.number))))

    def titles(self, connection: Connection, ids: Sequence[str]) -> dict[str, Listed]:
        """The newest title of each of these workspaces that has one."""
        newest = (
            select(entries.c.workspace, func.max(entries.c.number).label("number"))
            .where(entries.c.workspace.in_(list(ids)), entries.c.kind == "title", entries.c.about.is_(None))
            .group_by(entries.c.workspace)
            .subquery()
        )
        same = (entries.c.workspace == newest.c.workspace) & (entries.c.number == newest.c.number)
        found = connection.execute(select(entries).join(newest, same)).all()
        return {row.workspace: one for row, one in zip(found, _listed(connection, found), strict=True)}

    def write(self, visit: Visit, workspace: str, sent: SentEntry) -> tuple[str, int]:
        """(part, number) of an entry; `Invalid`, `Conflict` or `Forbidden`: nothing is stored."""
        stored: list[tuple[str, int]] = []

        def write(connection: Connection, reader: Reader) -> None:
            place = require_workspace(connection, reader, workspace)
            entry = self._checked(connection, reader, place, sent)
            before = _before(connection, workspace, entry.part.id, sent.envelope)
            if before is None:
                require_today(entry.day)
                before = self._store_rows(connection, reader, place, entry, sent)
            stored.append((entry.part.id, before))

        what = What(Event.WORK_WRITTEN, about(self._database, visit, workspace), named(workspace))
        try:
            self._access.admitted(visit, what, write)
        except IntegrityError as error:
            raise Conflict("entry_differs", "something of this id was just stored") from error
        return stored[0]

    def file(self, visit: Visit, workspace: str, part: str) -> PartFile:
        """A derivative's file, as an age file."""
        known = (files.c.part == part) & (entries.c.workspace == workspace)
        query = (
            select(files, entries.c.about, entries.c.compartment)
            .join(entries, entries.c.part == files.c.entry)
            .where(known)
        )
        with self._database.read() as connection:
            of = select(entries.c.about).join(files).join(workspaces)
            theirs = known & (workspaces.c.mechanism == own_mechanism(visit))
            record = connection.execute(of.where(theirs)).scalar_one_or_none()
        record = record or about(self._database, visit, workspace)

        def check(connection: Connection, reader: Reader) -> None:
            place = require_workspace(connection, reader, workspace)
            row = connection.execute(query).first()
            if row is None or not _open(connection, reader, row.about, row.compartment):
                raise NotFound("not_found", "there is no such file")
            if counts := row.about or place.record:
                budgets.spend(connection, reader, counts, self._daily)

        spelled = _PART.fullmatch(part) is not None
        once = f"{record or workspace}/entries/{part}" if spelled else None
        what = What(Event.WORK_LISTED, record, named(workspace), once, part if spelled else None)
        self._access.admitted(visit, what, check)

        def find() -> Blob:
            for _ in range(3):  # a merge may move it to another blob meanwhile
                with self._database.read() as connection:
                    row = connection.execute(query).one_or_none()
                if row is None:
                    break
                with suppress(NotFound):
                    return self._store.open(row.blob)
            raise NotFound("not_found", "there is no such file")

        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:  # erased since it was admitted
            raise NotFound("not_found", "there is no such file")
        return PartFile(bytes(row.header), find(), find)

    def _checked(self, connection: Connection, reader: Reader, place: Place, sent: SentEntry) -> Entry:
        """The entry, if it holds, and is this member's."""
        if len(sent.envelope) > MAX_ENVELOPE or len(sent.payload) > MAX_PAYLOAD:
            raise Invalid("entry_invalid", f"an entry has at most {MAX_PAYLOAD // 1024} KiB")
        bundle = mechanisms.get(connection, reader.mechanism)
        try:
            entry = work.verify_envelope(
                sent.envelope, bundle.root, bundle.mechanism, workspace=place.id, record=place.record
            )
            age_stream.plain_length(len(sent.payload))
            for header in (sent.header, *(header for header, _ in sent.files.values())):
                checks.header(header)
        except CryptoError as error:
            raise Invalid("entry_invalid", f"the entry does not hold: {error}") from error
        require_author(connection, reader, entry.member.raw)
        if entry.part.payload_id != hashlib.sha256(sent.payload).hexdigest():
            raise Invalid("payload_differs", "the payload is not the one that the entry names")
        if {file.id for file in entry.files} != set(sent.files):
            raise Invalid("parts_differ", "the files sent are not those that the entry names")
        return entry

    def _store_rows(
        self, connection: Connection, reader: Reader, place: Place, entry: Entry, sent: SentEntry
    ) -> int:
        record, compartment = _lineage(connection, reader, place, entry)
        # Counted in the workspace's row, which is locked by that: numbers have no gap.
        more = update(workspaces).where(workspaces.c.id == place.id).values(entries=workspaces.c.entries + 1)
        number = int(connection.execute(more.returning(workspaces.c.entries)).scalar_one())
        if number > MAX_ENTRIES:
            raise Conflict("workspace_full", f"a workspace has at most {MAX_ENTRIES} entries")
        connection.execute(
            insert(entries).values(
                part=entry.part.id,
                workspace=place.id,
                number=number,
                kind=entry.kind,
                member=reader.member,
                day=clock.day(),
                about=record,
                compartment=compartment,
                document=sent.envelope,
                header=sent.header,
                payload=sent.payload,
            )
        )
        if entry.files:
            self._store_files(connection, entry, sent)
        return number

    def _store_files(self, connection: Connection, entry: Entry, sent: SentEntry) -> None:
        claimed = self._uploads.claimed(connection, [upload for _, upload in sent.files.values()])
        payloads: dict[str, StoredPayload] = {}
        for file in entry.files:
            _, payload = claimed[sent.files[file.id][1]]
            if payload.payload_id != file.payload_id:
                raise Invalid("payload_differs", "what was uploaded is not the payload that the entry names")
            payloads[file.id] = payload
        if len({payload.blob for payload in payloads.values()}) != len(payloads):
            raise Invalid("upload_shared", "two files refer to one upload")
        connection.execute(
            insert(t.payloads),
            [
                # Sealed under random keys: there is nothing that such a payload could be merged with.
                {"blob": p.blob, "payload_id": p.payload_id, "size": p.size, "merge_after": None}
                for p in payloads.values()
            ],
        )
        connection.execute(
            insert(files),
            [
                {"part": id_, "entry": entry.part.id, "header": sent.files[id_][0], "blob": payload.blob}
                for id_, payload in payloads.items()
            ],
        )
        rows.take_uploads(connection, [upload for upload, _ in claimed.values()])


def _lineage(
    connection: Connection, reader: Reader, place: Place, entry: Entry
) -> tuple[str | None, str | None]:
    """(record, compartment) of the part that an entry refers to, by itself or by another entry.

    `Invalid` if that is not there, or not open to its author: a part of the record or of the case's records,
    or an entry of the workspace.
    """
    if entry.refers is None:
        if entry.kind == DERIVATIVE:
            raise Invalid("refers_missing", "a derivative says of which part it was made")
        return None, None
    here = (
        t.parts.c.record == place.record
        if place.record is not None
        else t.parts.c.record.in_(select(case_records.c.record).where(case_records.c.workspace == place.id))
    )
    letters = select(messages.c.part).where(messages.c.mechanism == reader.mechanism)
    part = select(t.parts.c.record, t.parts.c.compartment).where(
        t.parts.c.id == entry.refers, here, or_(t.parts.c.kind != "message", t.parts.c.id.in_(letters))
    )
    other = select(entries.c.about, entries.c.compartment).where(
        entries.c.part == entry.refers, entries.c.workspace == place.id
    )
    for query in (part, other):
        for record, compartment in connection.execute(query):  # a part's id is one's record's own
            if _open(connection, reader, record, compartment):
                return record, compartment
    raise Invalid("refers_unknown", "what the entry refers to is not there")


def _open(connection: Connection, reader: Reader, record: str | None, compartment: str | None) -> bool:
    """Whether a compartment is open to the member now; None: none is meant. Its record is locked."""
    if record is None or compartment is None:
        return True
    try:
        require_visible(connection, reader, record)
    except IntakeError:
        return False
    kinds = rights.granted(connection, reader.mechanism, record)
    return compartment in rights.readable(reader, kinds, rights.own_grants(connection, reader, record))


def _page(connection: Connection, reader: Reader, place: Place, after: int) -> list[tuple[int, str | None]]:
    """(number, record it refers to) of the entries after this one that the member may read; at most `PAGE`.

    The records that a case's entries refer to are locked.
    """
    query = (
        select(entries.c.number, entries.c.about)
        .where(entries.c.workspace == place.id, entries.c.number > after)
        .where(or_(entries.c.about.is_(None), is_open(reader, entries.c.about, entries.c.compartment)))
        .order_by(entries.c.number)
    )
    found = [(row.number, row.about) for row in connection.execute(query)]
    seen = visible_of(connection, reader, [record for _, record in found if record])
    page = [(number, record) for number, record in found if record is None or record in seen][:PAGE]
    ids = sorted({record for _, record in page if record})
    locked = select(t.records.c.id).where(t.records.c.id.in_(ids)).order_by(t.records.c.id)
    connection.execute(locked.with_for_update())
    seen = visible_of(connection, reader, ids)  # again: somebody may have been faster
    return [(number, record) for number, record in page if record is None or record in seen]


def _before(connection: Connection, workspace: str, part: str, envelope: bytes) -> int | None:
    """The number of this entry if it was stored before; `Conflict` if something else has its id."""
    row = connection.execute(select(entries).where(entries.c.part == part)).one_or_none()
    if row is None:
        return None
    if row.workspace != workspace or bytes(row.document) != envelope:
        raise Conflict("entry_differs", "something else is stored under this part's id")
    return int(row.number)


def _listed(connection: Connection, found: Iterable[Row[Any]]) -> Iterator[Listed]:
    kept = list(found)
    sizes: dict[str, dict[str, int]] = {row.part: {} for row in kept}
    size = (func.length(files.c.header) + t.payloads.c.size).label("size")
    query = (
        select(files.c.entry, files.c.part, size)
        .join(t.payloads, t.payloads.c.blob == files.c.blob)
        .where(files.c.entry.in_(list(sizes)))
    )
    for file in connection.execute(query.order_by(files.c.part)):
        sizes[file.entry][file.part] = int(file.size)
    for row in kept:
        yield Listed(
            number=row.number,
            part=row.part,
            kind=row.kind,
            member=row.member,
            day=row.day,
            envelope=bytes(row.document),
            header=bytes(row.header),
            payload=bytes(row.payload),
            files=sizes[row.part],
        )
