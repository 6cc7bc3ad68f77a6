"""Messages between a submitter and one mechanism: kept sealed, in the order in which they came.

As in `receive`, blob first, then all rows and the entry in one transaction, then the answer. A message
that is sent again is found by its part's id, and gives the first answer again. Who has asked is for the
caller to know: a receipt's holder is let in by `mailbox`, a program by `sharing.access`.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import Connection, Row, func, insert, select
from sqlalchemy.exc import IntegrityError

from crypto import age_header, age_stream, statement
from crypto.errors import CryptoError
from crypto.message import MAX_ENVELOPE, SUBMITTER, Message, addressed, verify_message
from intake import clock
from intake.audit import log
from intake.audit.events import Event
from intake.db.engine import Database
from intake.db.tables import coming_back as c
from intake.db.tables import submissions as t
from intake.errors import Conflict, Forbidden, IntakeError, Invalid, NotFound, TooLarge, Unauthenticated
from intake.people import mechanisms, members
from intake.people.reader import Reader
from intake.store.blobs import BlobStore
from intake.submissions.blob_rows import still_young

MAX_PAYLOAD = 64 * 1024  # bytes
MAX_EACH_WAY = 500  # messages about a record from its submitter to one mechanism, and as many back
MAX_A_DAY = 20  # from one mechanism about one record
# Of the one form that is taken (`age_header`): version, stanza, body and MAC lines. Headers are content, so
# their length cannot be asked for.
HEADER_SIZE = 22 + len("-> mlkem768x25519 ") + 1494 + 1 + 43 + 1 + len("--- ") + 43 + 1


@dataclass(frozen=True, slots=True, repr=False)
class Sent:
    """A message as it came: its envelope, and the part's header and payload."""

    envelope: bytes
    header: bytes
    payload: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """Its number among those with the mechanism, from 1; `fresh` is False if it was there already."""

    part: str
    number: int
    fresh: bool


@dataclass(frozen=True, slots=True, repr=False)
class Listed:
    """One message of a list; `size` is its age file's, in bytes."""

    number: int
    part: str
    mechanism: str
    sender: str
    day: str
    envelope: bytes
    size: int


class Published:
    """A payload that is a durable blob and has no row yet."""

    def __init__(self, blob: str, payload_id: str, size: int, began: int) -> None:
        self.blob, self.payload_id, self.size, self.began = blob, payload_id, size, began
        self.used = False


class Messages:
    """Stores and lists messages. Blocks."""

    def __init__(self, database: Database, store: BlobStore) -> None:
        self._database = database
        self._store = store

    def from_submitter(self, record: str, revisions: Sequence[tuple[bytes, bytes]], sent: Sent) -> Stored:
        """Store a message of the receipt's holder. `Invalid`, `Conflict` or `NotFound`: nothing is stored."""
        own = statement.verify_chain(list(revisions)).sign_key
        with self.published(sent) as blob:
            mechanism, _ = named(sent.envelope)
            with self._database.write() as connection:
                keys = [own, *restored_keys(connection, record, mechanism)]
                message = self._checked(connection, record, mechanism, sent, keys)
                if message.sender != SUBMITTER:
                    raise Invalid("message_invalid", "a submitter's message is signed by a receipt")
                stored = self._store_rows(connection, message, sent, blob)
                if stored.fresh:
                    log.append(connection, mechanism, Event.MESSAGE_ADDED, record=record, part=stored.part)
        return stored

    def from_mechanism(
        self, connection: Connection, reader: Reader, record: str, sent: Sent, blob: Published
    ) -> Stored:
        """Store a member's message in the transaction of the entry, which the caller appends.

        A program brings what any member signed; a member's own session, only what they signed themselves.
        """
        mechanism = reader.mechanism
        message = self._checked(connection, record, mechanism, sent, [])
        if message.member is None:
            raise Invalid("message_invalid", "a mechanism's message is signed by a member")
        known = members.valid(connection, mechanism).get(message.member.id)
        if known is None or known.raw != message.member.raw:
            raise Forbidden("member_unknown", "this member is unknown here, revoked, or no longer valid")
        if reader.member not in (None, known.id):
            raise Forbidden("author_differs", "it is not signed by the member whose session this is")
        return self._store_rows(connection, message, sent, blob)

    @contextmanager
    def published(self, sent: Sent) -> Iterator[Published]:
        """The payload as a durable blob, deleted at the end if no row was made for it.

        `Invalid` or `TooLarge` if it cannot be a message's. After an error in which it cannot be known
        what was committed, the blob stays: the sweep finds orphans.
        """
        _check_form(sent)
        began = clock.now()
        digest = hashlib.sha256(sent.payload).hexdigest()
        stage = self._store.stage()
        try:
            stage.write(sent.payload)
            (name,) = self._store.publish([(stage, digest)])
        finally:
            stage.discard()
        blob = Published(name, digest, len(sent.payload), began)
        try:
            yield blob
        except (Invalid, Conflict, Forbidden, NotFound, Unauthenticated):
            self._forget(name)
            raise
        except IntegrityError as error:
            self._forget(name)
            raise Conflict("message_differs", "something of this id was just stored") from error
        if not blob.used:
            self._forget(name)

    def of(self, record: str, mechanism: str | None = None) -> list[Listed]:
        """A record's messages by mechanism, oldest first; with `mechanism`, those with that one alone."""
        query = (
            select(c.messages, t.payloads.c.size)
            .join(t.parts, (t.parts.c.record == c.messages.c.record) & (t.parts.c.id == c.messages.c.part))
            .join(t.payloads, t.payloads.c.blob == t.parts.c.blob)
            .where(c.messages.c.record == record)
            .order_by(c.messages.c.mechanism, c.messages.c.number)
        )
        if mechanism is not None:
            query = query.where(c.messages.c.mechanism == mechanism)
        with self._database.read() as connection:
            return [_listed(row) for row in connection.execute(query)]

    def _checked(
        self, connection: Connection, record: str, mechanism: str, sent: Sent, keys: Sequence[bytes]
    ) -> Message:
        """The message, if it holds, is of these days and may be written here."""
        # Locked to the commit: numbers have no gap, and no withdrawal or deletion comes in between.
        here = select(t.records.c.id).where(t.records.c.id == record).with_for_update()
        if connection.execute(here).first() is None:
            raise NotFound("not_found", "there is no such record")
        root = mechanisms.get(connection, mechanism).root
        try:
            message = verify_message(
                sent.envelope, sign_keys=keys, root=root, record=record, mechanism=mechanism
            )
        except CryptoError as error:
            raise Invalid("message_invalid", f"the message does not hold: {error}") from error
        if message.part.payload_id != hashlib.sha256(sent.payload).hexdigest():
            raise Invalid("payload_differs", "the payload is not the one that the message names")
        require_open(connection, record, mechanism)
        _require_grant(connection, message)
        return message

    def _store_rows(self, connection: Connection, message: Message, sent: Sent, blob: Published) -> Stored:
        record, part = message.record, message.part
        before = _before(connection, record, part.id, sent.envelope)
        if before is not None:
            return Stored(part.id, before, False)
        _require_today(message.day)
        _require_room(connection, message)
        still_young(self._database, connection, blob.began)
        connection.execute(
            insert(t.payloads).values(
                blob=blob.blob, payload_id=blob.payload_id, size=blob.size, merge_after=None
            )
        )
        connection.execute(
            insert(t.parts).values(
                record=record,
                id=part.id,
                kind=part.kind,
                compartment=part.compartment,
                header=sent.header,
                blob=blob.blob,
            )
        )
        number = 1 + int(
            connection.execute(
                select(func.coalesce(func.max(c.messages.c.number), 0)).where(
                    c.messages.c.record == record, c.messages.c.mechanism == message.mechanism
                )
            ).scalar_one()
        )
        connection.execute(
            insert(c.messages).values(
                record=record,
                part=part.id,
                mechanism=message.mechanism,
                number=number,
                sender=message.sender,
                day=clock.day(),
                document=sent.envelope,
            )
        )
        blob.used = True
        return Stored(part.id, number, True)

    def _forget(self, blob: str) -> None:
        with suppress(IntakeError):  # the sweep finds what stays
            self._store.delete(blob)


def named(envelope: bytes) -> tuple[str, str]:
    """(mechanism, part id) that an envelope names, before anything of it is verified; or `Invalid`."""
    try:
        return addressed(envelope)
    except CryptoError as error:
        raise Invalid("message_invalid", f"the message does not hold: {error}") from error


def require_open(connection: Connection, record: str, mechanism: str) -> None:
    """`Conflict` unless the record is consented to be with this mechanism, and no deletion waits."""
    here = (t.audience.c.record == record) & (t.audience.c.mechanism == mechanism)
    consent = connection.execute(select(t.audience.c.expires).where(here)).one_or_none()
    if consent is None:
        raise Conflict("consent_withdrawn", "this mechanism has no consent for the record, or no longer")
    if consent.expires is not None and consent.expires < clock.day():
        raise Conflict("consent_expired", "the consent for this mechanism has expired")
    waiting = select(c.deletions.c.record).where(c.deletions.c.record == record)
    if connection.execute(waiting).first() is not None:
        raise Conflict("deletion_pending", "the person has asked for the record to be deleted")


def restored_keys(connection: Connection, record: str, mechanism: str) -> list[bytes]:
    """The signing keys of receipts that this mechanism has restored: it can verify those, nobody else can."""
    query = select(c.restorations.c.sign_key).where(
        c.restorations.c.record == record,
        c.restorations.c.mechanism == mechanism,
        c.restorations.c.state == "done",
        c.restorations.c.sign_key.is_not(None),
    )
    return [bytes.fromhex(key) for key in connection.execute(query).scalars()]


def _check_form(sent: Sent) -> None:
    """What can be checked without the database."""
    if len(sent.payload) > MAX_PAYLOAD or len(sent.envelope) > MAX_ENVELOPE:
        raise TooLarge("too_large", "the message is too long", limit_kib=MAX_PAYLOAD // 1024)
    try:
        age_stream.plain_length(len(sent.payload))
        header = age_header.parse(sent.header)
        age_header.require_post_quantum(header)
    except CryptoError as error:
        raise Invalid("header_invalid", f"not a part's header and payload: {error}") from error
    if len(header.raw) != len(sent.header) or len(sent.header) != HEADER_SIZE:
        raise Invalid("header_invalid", "bytes follow the part's header")


def _require_grant(connection: Connection, message: Message) -> None:
    """The compartment is the record's, and open to this mechanism now."""
    granted = select(t.grants.c.compartment).where(
        t.grants.c.record == message.record,
        t.grants.c.compartment == message.part.compartment,
        t.grants.c.mechanism == message.mechanism,
        ~t.grants.c.locked,
    )
    if connection.execute(granted).first() is None:
        raise Invalid("compartment_other", "the compartment is not one that this mechanism was granted")


def _require_today(day: str) -> None:
    today = clock.now()
    if day not in {clock.day(today + shift * clock.DAY) for shift in (-1, 0, 1)}:
        raise Invalid("day", "the message's day is not today, a day earlier or later included")


def _require_room(connection: Connection, message: Message) -> None:
    count = select(func.count()).where(
        c.messages.c.record == message.record,
        c.messages.c.mechanism == message.mechanism,
        c.messages.c.sender == message.sender,
    )
    if connection.execute(count).scalar_one() >= MAX_EACH_WAY:
        raise Conflict("messages_full", f"a mechanism has at most {MAX_EACH_WAY} messages each way")
    if message.sender == SUBMITTER:
        return
    today = count.where(c.messages.c.day == clock.day())
    if connection.execute(today).scalar_one() >= MAX_A_DAY:
        raise Conflict("messages_today", f"at most {MAX_A_DAY} messages about a record are sent in a day")


def _before(connection: Connection, record: str, part: str, envelope: bytes) -> int | None:
    """The number of this message if it was stored before; `Conflict` if something else has its id."""
    here = (t.parts.c.record == record) & (t.parts.c.id == part)
    if connection.execute(select(t.parts.c.id).where(here)).first() is None:
        return None
    query = select(c.messages).where(c.messages.c.record == record, c.messages.c.part == part)
    row = connection.execute(query).one_or_none()
    if row is None or bytes(row.document) != envelope:
        raise Conflict("message_differs", "something else is stored under this part's id")
    return int(row.number)


def _listed(row: Row[tuple[object, ...]]) -> Listed:
    return Listed(
        number=row.number,
        part=row.part,
        mechanism=row.mechanism,
        sender=row.sender,
        day=row.day,
        envelope=bytes(row.document),
        size=HEADER_SIZE + row.size,
    )
