"""Export: many records as one archive, once, when another member has approved it.

    export/records/<record>/record.json        as a pull lays it out: `intake open export …` opens it
    export/records/<record>/parts/<part>.age
    export/records/<record>/messages.json      signed envelopes (parts: as above), restored receipts
    export/records/<record>/proof.txt          log proof of the record's arrival, once it is in a checkpoint
    export/records/<record>/work.json          the workspace with the member's grants
    export/records/<record>/entries/<number>.json its entries, and their files as <part>.age
    export/wraps.json                          the member's wraps of the mechanism's keys to which records are
                                               sealed, and not to the member: a key-holder's only way in
    export/refused.json                        records that were not released any more, and why

Everything stays sealed as it is: to the member, or to the mechanism's keys. The daily budget does not count
here; that is what the second person is for. Each record has its entries as if it had been opened singly.
"""

import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from crypto.encoding import b64u_encode
from crypto.wraps import MEMBER, encode_wraps
from intake import clock
from intake.audit import log
from intake.audit.events import Event
from intake.audit.proofs import Proofs
from intake.db import content
from intake.db.content import RecordContent
from intake.db.engine import Database
from intake.db.tables import submissions as t
from intake.db.tables.coming_back import messages
from intake.db.tables.review import statuses, work, work_files, workspaces
from intake.errors import Conflict, Forbidden, IntakeError, Invalid, NotFound, Unauthenticated
from intake.people import mechanisms, proposals, wraps
from intake.people.reader import Reader
from intake.people.roles import Action
from intake.record.names import record_name
from intake.reviewing import rights
from intake.reviewing.visible import said, visible_of
from intake.reviewing.workspaces import Shown, shown
from intake.sharing.access import Access, Admitted, Visit, What
from intake.sharing.casework import restored
from intake.sharing.consented import known
from intake.store.blobs import BlobStore
from intake.submissions.mailbox import part_file

MAX_RECORDS = 2_000
# A closed list: words of one's own, in the clear, would say something of the people who testified.
REASONS = ("proceedings", "analysis", "transfer", "keeping")
HOURS = 24  # from the proposal, in which an export is approved and started
_PIECE = 256 * 1024
_BLOCK = 512  # of a tar archive


class Exports:
    """Proposes and streams exports, through `Access` only. Blocks."""

    def __init__(self, database: Database, store: BlobStore, access: Access, proofs: Proofs) -> None:
        self._database = database
        self._store = store
        self._access = access
        self._proofs = proofs

    def propose(self, visit: Visit, records: Sequence[str], reason: str) -> str:
        """Ask for these records, all of which the member sees, for one of `REASONS`; the proposal's id."""
        id_ = proposals.new_id()

        def write(connection: Connection, reader: Reader) -> None:
            wanted = sorted(set(records))
            if not 0 < len(wanted) <= MAX_RECORDS:
                raise Invalid("export_size", f"an export has 1 to {MAX_RECORDS} records")
            if visible_of(connection, reader, wanted) != set(wanted):
                raise NotFound("not_found", "one of the records is not there")
            if reason not in REASONS:
                raise Invalid("reason_unknown", f"reasons are: {', '.join(REASONS)}")
            # What an approval has opened for a time goes out for good: whoever approves this is told.
            subject = {
                "records": wanted,
                "reason": reason,
                "opened": rights.opened(connection, reader, wanted),
            }
            proposals.make(connection, reader, proposals.EXPORT, subject, id_)

        about = (("kind", proposals.EXPORT), ("subject", len(set(records))), ("proposal", id_))
        what_for = (("what_for", reason),) if reason in REASONS else ()  # `reason` is why one is refused
        self._access.admitted(visit, What(Event.PROPOSAL_MADE, fields=(*about, *what_for)), write)
        return id_

    def start(self, visit: Visit, id_: str) -> Iterator[bytes]:
        """Begin an export that was approved, once; the archive in pieces.

        `Forbidden` (`second_person`) unless another member approved what this one proposed; `Conflict`
        (`export_over`) if it was started before, or not in time.
        """
        records: dict[str, frozenset[str]] = {}

        def check(connection: Connection, reader: Reader) -> None:
            found = proposals.get(connection, reader.mechanism, id_)
            if found.kind != proposals.EXPORT or found.proposed_by != reader.member:
                raise NotFound("not_found", "there is no such export")
            if found.state == proposals.WAITING or found.decided_by in (None, reader.member):
                raise Forbidden("second_person", "another member has to approve the export")
            proposals.take(connection, id_, HOURS)
            agreed = found.subject.get("opened", {})
            records.update({one: frozenset(agreed.get(one, ())) for one in found.subject["records"]})
            seen = visible_of(connection, reader, list(records))
            who = {**visit.said(reader), "export": id_}
            log.append_each(connection, reader.mechanism, Event.RECORD_EXPORTED, sorted(seen), **who)

        fields = said("export", id_)
        self._access.admitted(visit, What(Event.RECORD_EXPORTED, fields=fields), check)
        return self._archive(Visit(visit.cookie, Action.OPEN), records)

    def _archive(self, visit: Visit, records: Mapping[str, frozenset[str]]) -> Iterator[bytes]:
        """`records`: with the guarded classes that were open, and named, when it was proposed."""
        refused: dict[str, str] = {}
        sealed_to: set[tuple[str, str, str]] = set()
        for record, agreed in records.items():
            try:
                yield from self._record(visit, record, agreed, f"export/records/{record}", sealed_to)
            except Unauthenticated:
                raise  # the session is over: the archive breaks off
            except IntakeError as error:  # taken back, or assigned to somebody else, since it was proposed
                refused[record] = error.code
        if data := self._wraps(sealed_to):
            yield from _file("export/wraps.json", data)
        yield from _file("export/refused.json", _json(refused))
        yield bytes(2 * _BLOCK)

    def _record(
        self,
        visit: Visit,
        record: str,
        agreed: frozenset[str],
        folder: str,
        sealed_to: set[tuple[str, str, str]],
    ) -> Iterator[bytes]:
        """`sealed_to` gets (mechanism, member, recipient) of each key to which only a wrap leads."""
        own: dict[str, tuple[bytes, int | None]] = {}
        kinds: dict[str, str] = {}
        closed: set[str] = set()  # guarded, and nobody has agreed that it leaves

        def check(connection: Connection, reader: Reader) -> None:
            rights.require(connection, reader, record)
            kinds.update(rights.granted(connection, reader.mechanism, record))
            closed.update(c for c, kind in kinds.items() if kind in rights.GUARDED and kind not in agreed)
            held = rights.own_grants(connection, reader, record)
            own.update({c: grant for c, grant in held.items() if c not in closed})

        reader = self._access.admitted(visit, What(Event.RECORD_OPENED, known(record)), check)
        found = content.of_record(self._database, reader.ticket)
        released = rights.released(reader, kinds) - closed
        with self._database.read() as connection:
            parts, letters, described = _listed(
                connection, reader, record, rights.readable(reader, kinds, own)
            )
            place = _workspace(connection, reader, record)
            receipts = [data.decode() for data in restored(connection, record, reader.mechanism)]
        grants = [{"compartment": c, "file": b64u_encode(file)} for c, (file, _) in sorted(own.items())]
        grants += [
            {"compartment": c, "file": b64u_encode(file)} for c, _, file in found.grants if c in released
        ]
        sealed_to.update(
            (reader.mechanism, str(reader.member), recipient)
            for c, recipient, _ in found.grants
            if c in released and c not in own and kinds[c] in rights.ASSIGNABLE
        )
        yield from _file(f"{folder}/record.json", _json(described | _signed(found) | {"grants": grants}))
        if letters:
            yield from _file(
                f"{folder}/messages.json", _json({"messages": letters, "restorations": receipts})
            )
        with suppress(Conflict):  # too new: the next checkpoint will prove it
            if proof := self._proofs.proofs(record).get(reader.mechanism):
                yield from _file(f"{folder}/proof.txt", proof.encode())
        for part in parts:
            yield from self._part(visit, record, part, f"{folder}/parts/{part}.age")
        if place:
            yield from self._work(reader, place, folder, closed)

    def _wraps(self, sealed_to: set[tuple[str, str, str]]) -> bytes:
        """As `intake open` follows them with the member's own key; nothing, if that opens all by itself."""
        needed = {recipient for _, _, recipient in sealed_to}
        found = []
        with self._database.read() as connection:
            for mechanism, member in {(mechanism, member) for mechanism, member, _ in sealed_to}:
                keys = mechanisms.get(connection, mechanism).keys
                places = {(k.epoch, k.kind) for k in keys if k.recipient.fingerprint in needed}
                theirs = wraps.of(connection, mechanism, MEMBER, member)
                found += [wrap for wrap in theirs if (wrap.epoch, wrap.compartment) in places]
        return encode_wraps(found) if found else b""

    def _part(self, visit: Visit, record: str, part: str, name: str) -> Iterator[bytes]:
        def check(connection: Connection, reader: Reader) -> dict[str, str]:
            rights.require(connection, reader, record)
            kinds = rights.granted(connection, reader.mechanism, record)
            readable = rights.readable(reader, kinds, rights.own_grants(connection, reader, record))
            here = select(t.parts.c.compartment).where(t.parts.c.record == record, t.parts.c.id == part)
            compartment = connection.execute(here).scalar_one_or_none()
            if compartment not in readable:
                raise NotFound("not_found", "there is no such part")
            return {"class": kinds[compartment]}

        once = f"{record}/{part}"
        what = What(Event.PART_DOWNLOADED, record, once=once, part=part)
        file = part_file(self._database, self._store, self._access.admitted(visit, what, check).ticket)
        try:
            yield from _stream(name, file.size, file.pieces(0, file.size, _PIECE))
        finally:
            file.blob.close()

    def _work(self, reader: Admitted, place: Shown, folder: str, closed: set[str]) -> Iterator[bytes]:
        """One entry at a time: a workspace can be larger than the memory. None about what is `closed`."""
        keys = [{"reader": grant.reader, "file": b64u_encode(grant.file)} for grant in place.grants]
        yield from _file(f"{folder}/work.json", _json({"envelope": place.envelope.decode(), "grants": keys}))
        last = 0
        while True:
            with self._database.read() as connection:
                found = _next_entry(connection, reader, place, last)
            if found is None:
                return
            row, files = found
            last = row.number
            if row.compartment in closed:
                continue
            entry = {
                "number": row.number,
                "envelope": bytes(row.document).decode(),
                "header": b64u_encode(bytes(row.header)),
                "payload": b64u_encode(bytes(row.payload)),
            }
            yield from _file(f"{folder}/entries/{row.number}.json", _json(entry))
            for file in files:
                yield from self._stored(f"{folder}/entries/{file.part}.age", bytes(file.header), file.blob)

    def _stored(self, name: str, header: bytes, blob_name: str) -> Iterator[bytes]:
        blob = self._store.open(blob_name)
        try:
            pieces = (blob.read(at, min(_PIECE, blob.size - at)) for at in range(0, blob.size, _PIECE))
            yield from _stream(name, len(header) + blob.size, chain((header,), pieces))
        finally:
            blob.close()


def _listed(
    connection: Connection, reader: Admitted, record: str, readable: frozenset[str]
) -> tuple[list[str], list[dict[str, object]], dict[str, object]]:
    """Parts that are open to the member, messages with this mechanism, and the record's own values."""
    here = t.parts.c.record == record
    query = select(t.parts.c.id, t.parts.c.kind).where(here, t.parts.c.compartment.in_(readable))
    rows = connection.execute(query.order_by(t.parts.c.id)).all()
    mine = (messages.c.record == record) & (messages.c.mechanism == reader.mechanism)
    letters = connection.execute(select(messages).where(mine).order_by(messages.c.number)).all()
    ours = {letter.part for letter in letters}
    parts = [row.id for row in rows if row.kind != "message" or row.id in ours]
    day = select(t.records.c.received_day).where(t.records.c.id == record)
    cited = (statuses.c.record == record) & (statuses.c.mechanism == reader.mechanism)
    described = {
        "record": record,
        # As the console calls it: whoever has the export has to find it there.
        "number": connection.execute(select(statuses.c.number).where(cited)).scalar_one_or_none(),
        "name": record_name(record),
        "received_day": connection.execute(day).scalar_one_or_none(),
    }
    shown_ = [
        {"number": m.number, "day": m.day, "sender": m.sender, "envelope": bytes(m.document).decode()}
        for m in letters
        if m.part in parts
    ]
    return parts, shown_, described


def _workspace(connection: Connection, reader: Admitted, record: str) -> Shown | None:
    here = (workspaces.c.record == record) & (workspaces.c.mechanism == reader.mechanism)
    ids = list(connection.execute(select(workspaces.c.id).where(here)).scalars())
    return shown(connection, reader, ids)[0] if ids else None


def _next_entry(
    connection: Connection, reader: Admitted, place: Shown, after: int
) -> tuple[Row[Any], list[Row[Any]]] | None:
    """The next entry that refers to nothing that is closed to the member, and its files."""
    if not visible_of(connection, reader, [place.record or ""]):
        return None  # taken back since the last one
    query = select(work).where(work.c.workspace == place.id, work.c.number > after)
    may = or_(work.c.about.is_(None), rights.is_open(reader, work.c.about, work.c.compartment))
    row = connection.execute(query.where(may).order_by(work.c.number).limit(1)).first()
    if row is None:
        return None
    return row, list(connection.execute(select(work_files).where(work_files.c.entry == row.part)))


def _signed(found: RecordContent) -> dict[str, object]:
    return {
        "statements": [
            {"statement": data.decode(), "signature": b64u_encode(signature)}
            for data, signature in found.revisions
        ]
    }


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, indent=1).encode() + b"\n"


def _file(name: str, data: bytes) -> Iterator[bytes]:
    yield _head(name, len(data)) + data + _fill(len(data))


def _stream(name: str, size: int, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """A file whose size is known. If it fails on the way the archive breaks off: it never looks whole."""
    yield _head(name, size)
    try:
        yield from pieces
    except IntakeError as error:
        raise OSError(f"{name} could not be read to its end") from error
    yield _fill(size)


def _head(name: str, size: int) -> bytes:
    """A tar header (POSIX.1-2001, pax). Its time is the day: no finer."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    info.mtime = clock.now() // clock.DAY * clock.DAY
    return info.tobuf(tarfile.PAX_FORMAT)


def _fill(size: int) -> bytes:
    return bytes(-size % _BLOCK)
