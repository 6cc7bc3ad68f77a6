"""The intake transaction: everything of one submission becomes visible at once, or nothing does.

Both ways in end here with the same `Submission`: payloads already durable under random blob names,
headers, grants and a signed statement that ties them together. The order is fixed:

    1. everything is checked that can be without the database
    2. payloads become durable blobs, with no row yet    crash: orphan blobs, swept later
    3. one transaction: rows, log entries                crash before commit: as 2; after: stored
    4. the answer                                        lost: the same request gives it again
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from random import SystemRandom

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from crypto import age_header, age_stream, compartments, statement
from crypto.age_keys import Recipient
from crypto.bundles import Bundle
from crypto.errors import CryptoError
from crypto.primitives import sha256
from crypto.statement import BINARY_KINDS, Statement
from intake import clock
from intake.audit import log
from intake.audit.events import Event
from intake.db.engine import Database
from intake.db.tables import submissions as t
from intake.errors import Conflict, IntakeError, Invalid
from intake.people import mechanisms
from intake.store.blobs import BlobStore, Stage
from intake.submissions.blob_rows import still_young
from intake.submissions.secrets import Pepper

MAX_STRUCTURED = 9 * 1024 * 1024  # bytes of a sealed text, padding included: such parts are opened in memory
_random = SystemRandom()


@dataclass(frozen=True, slots=True)
class StoredPayload:
    """A durable blob: its random name, SHA-256 (hex) and size."""

    blob: str
    payload_id: str
    size: int


@dataclass(frozen=True, slots=True)
class StagedPayload:
    """A payload that came with the submission, written and not yet published."""

    stage: Stage
    payload_id: str
    size: int


@dataclass(frozen=True, slots=True)
class ReceivedGrant:
    """A grant as it came: compartment, fingerprint of the reader's key, age file."""

    compartment: str
    recipient: str
    file: bytes


@dataclass(frozen=True, slots=True)
class Submission:
    """All of one submission. `parts` maps part ids to (header, payload)."""

    statement: bytes
    signature: bytes
    lookup: bytes
    auth: bytes
    record_key: bytes
    parts: Mapping[str, tuple[bytes, StoredPayload | StagedPayload]]
    grants: tuple[ReceivedGrant, ...]
    upload_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """What makes a repeated request recognisable: hash of its key, and of its body (both hex)."""

    key: str
    body: str
    keep_hours: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """`fresh` is False for a repetition: nothing was stored again. `statement` is the signed one's hash."""

    record: str
    statement: str
    fresh: bool


@dataclass(frozen=True, slots=True)
class MergeDelay:
    """Equal payloads are merged after a random whole number of hours in this range."""

    minimum: int
    maximum: int


class Receiver:
    """Accepts submissions into the database."""

    def __init__(self, database: Database, store: BlobStore, pepper: Pepper, merge_delay: MergeDelay) -> None:
        self._database = database
        self._store = store
        self._pepper = pepper
        self._delay = merge_delay

    def form_request(self, lookup: bytes, digest: bytes) -> Request:
        """How a form is recognised when it is sent again: by its receipt, for as long as the record."""
        return Request(self._pepper.form_key(lookup), digest.hex(), None)

    def repeated(self, request: Request) -> Outcome | None:
        """The first answer to this request, if there was one. `Invalid` if the body was another."""
        with self._database.read() as connection:
            return _repeated(connection, request)

    def accept(self, submission: Submission, request: Request) -> Outcome:
        """Check and store. `Invalid` or `Conflict` if it does not hold: then nothing is stored."""
        checked = _check_form(submission)
        began = clock.now()
        blobs, published = self._publish(submission)
        outcome: Outcome | None = None
        try:
            with self._database.write() as connection:
                still_young(self._database, connection, began)
                outcome = _repeated(connection, request)
                if outcome is None:
                    self._store_rows(connection, submission, checked, blobs, request)
        except IntegrityError as error:
            # PostgreSQL: the same receipt, or the same request, was faster by a moment.
            self._forget(published)
            outcome = self.repeated(request)
            if outcome is None:
                raise Conflict("receipt_used", "this receipt, or an upload, was just used") from error
            return outcome
        except (Invalid, Conflict):
            self._forget(published)
            raise  # after any other error it cannot be known what was committed: the sweep finds orphans
        if outcome is not None:  # the same request was faster
            self._forget(published)
            return outcome
        return Outcome(checked.record, statement.statement_hash(submission.statement), True)

    def _publish(self, submission: Submission) -> tuple[dict[str, str], list[str]]:
        """Blob names by part id, and those that were made here."""
        came = [(part, p) for part, (_, p) in submission.parts.items() if isinstance(p, StagedPayload)]
        published = self._store.publish([(payload.stage, payload.payload_id) for _, payload in came])
        blobs = {part: p.blob for part, (_, p) in submission.parts.items() if isinstance(p, StoredPayload)}
        return blobs | dict(zip((part for part, _ in came), published, strict=True)), published

    def _forget(self, blobs: list[str]) -> None:
        with suppress(IntakeError):  # the sweep finds what stays
            for blob in blobs:
                self._store.delete(blob)

    def _store_rows(
        self,
        connection: Connection,
        submission: Submission,
        checked: Statement,
        blobs: Mapping[str, str],
        request: Request,
    ) -> None:
        bundles = _check_audience(connection, checked)
        self._insert(connection, submission, checked, blobs)
        connection.execute(
            insert(t.answers).values(
                key=request.key,
                body=request.body,
                record=checked.record,
                expires=None if request.keep_hours is None else clock.hour_number() + request.keep_hours,
            )
        )
        for mechanism in sorted(bundles):
            log.append(connection, mechanism, Event.RECORD_ADDED, record=checked.record, revision=1)

    def _insert(
        self, connection: Connection, submission: Submission, checked: Statement, blobs: Mapping[str, str]
    ) -> None:
        record = checked.record
        lookup = self._pepper.lookup(submission.lookup)
        used = select(t.records.c.id).where((t.records.c.lookup == lookup) | (t.records.c.id == record))
        if connection.execute(used).first():
            raise Conflict("receipt_used", "a testimony was already received with this receipt")
        connection.execute(
            insert(t.records).values(
                id=record,
                lookup=lookup,
                auth=sha256(submission.auth).hex(),
                record_key=submission.record_key.hex(),
                share=checked.share.hex(),
                entries=0,
                received_day=clock.day(),
                revision=1,
            )
        )
        connection.execute(
            insert(t.statements).values(
                record=record,
                revision=1,
                data=submission.statement,
                signature=submission.signature.hex(),
                hash=statement.statement_hash(submission.statement),
            )
        )
        connection.execute(
            insert(t.compartments),
            [
                {"record": record, "id": c.id, "class": c.kind, "generation": c.generation}
                for c in checked.compartments
            ],
        )
        connection.execute(
            insert(t.audience),
            [
                {
                    "record": record,
                    "mechanism": c.mechanism,
                    "purposes": list(c.purposes),
                    "expires": c.expires,
                    "successor": c.successor,
                }
                for c in checked.consent
            ],
        )
        now = clock.hour_number()
        connection.execute(
            insert(t.payloads),
            [
                {
                    "blob": blobs[p.id],
                    "payload_id": p.payload_id,
                    "size": submission.parts[p.id][1].size,
                    # Only media can be equal; a random hour hides which of two came first.
                    "merge_after": now + _random.randint(self._delay.minimum, self._delay.maximum)
                    if p.kind in BINARY_KINDS
                    else None,
                }
                for p in checked.parts
            ],
        )
        connection.execute(
            insert(t.parts),
            [
                {
                    "record": record,
                    "id": p.id,
                    "kind": p.kind,
                    "compartment": p.compartment,
                    "header": submission.parts[p.id][0],
                    "blob": blobs[p.id],
                }
                for p in checked.parts
            ],
        )
        holders = {(a.compartment, a.recipient): a.mechanism for a in checked.audience}
        connection.execute(
            insert(t.grants),
            [
                {
                    "record": record,
                    "compartment": g.compartment,
                    "recipient": g.recipient,
                    "mechanism": holders.get((g.compartment, g.recipient)),
                    "file": g.file,
                }
                for g in submission.grants
            ],
        )
        if submission.upload_ids:
            taken = connection.execute(delete(t.uploads).where(t.uploads.c.id.in_(submission.upload_ids)))
            if taken.rowcount != len(submission.upload_ids):
                raise Conflict("upload_taken", "an upload was used by another submission, or has expired")


def _repeated(connection: Connection, request: Request) -> Outcome | None:
    row = connection.execute(select(t.answers).where(t.answers.c.key == request.key)).one_or_none()
    if row is None:
        return None
    if row.body != request.body:
        raise Invalid("key_reused", "this idempotency key was used with another body; nothing was stored")
    first = (t.statements.c.record == row.record) & (t.statements.c.revision == 1)
    signed: str = connection.execute(select(t.statements.c.hash).where(first)).scalar_one()
    return Outcome(row.record, signed, False)


def _check_form(submission: Submission) -> Statement:
    """Everything that can be checked without the database; `Invalid` says what does not hold."""
    try:
        checked = statement.verify(submission.statement, submission.signature)
        if checked.revision != 1:
            raise Invalid("revision", "a first submission has revision 1")
        _check_parts(submission, checked)
        _check_grants(submission, checked)
    except CryptoError as error:
        raise Invalid("statement_invalid", str(error)) from error
    today = clock.now()
    if checked.created_day not in {clock.day(today + shift * clock.DAY) for shift in (-1, 0, 1)}:
        raise Invalid("day", "created_day is not today, a day earlier or later included")
    return checked


def _check_parts(submission: Submission, checked: Statement) -> None:
    if not any(p.kind in ("narrative", "medium") for p in checked.parts):
        raise Invalid("empty", "a submission needs a narrative or a medium")
    if set(submission.parts) != {p.id for p in checked.parts}:
        raise Invalid("parts_differ", "the parts sent are not the parts that the statement names")
    uploads = [p.blob for _, p in submission.parts.values() if isinstance(p, StoredPayload)]
    if len(set(uploads)) != len(uploads):
        raise Invalid("upload_shared", "two parts refer to one upload")
    for entry in checked.parts:
        raw, payload = submission.parts[entry.id]
        if payload.payload_id != entry.payload_id:
            raise Invalid("payload_differs", "what was uploaded is not the payload that the statement names")
        if entry.kind not in BINARY_KINDS and payload.size > MAX_STRUCTURED:
            raise Invalid("part_too_large", "only media may be larger than 9 MiB: send it as one")
        age_stream.plain_length(payload.size)
        header = age_header.parse(raw)
        if len(header.raw) != len(raw):
            raise Invalid("header_invalid", "bytes follow a part's header")
        age_header.require_post_quantum(header)
    labels = {p.commitment for p in checked.parts if p.kind == "label"}
    if any(p.kind in BINARY_KINDS and p.commitment not in labels for p in checked.parts):
        raise Invalid("label_missing", "a medium needs a label with the same commitment")


def _check_grants(submission: Submission, checked: Statement) -> None:
    for grant in submission.grants:
        compartments.check_grant_form(grant.file)
    sent = [(g.compartment, g.recipient) for g in submission.grants]
    asked = {(a.compartment, a.recipient) for a in checked.audience}
    own = Recipient.parse(checked.recipient).fingerprint
    optional = {(c.id, own) for c in checked.compartments}
    if len(set(sent)) != len(sent) or not asked <= set(sent) or not set(sent) <= asked | optional:
        raise Invalid("grants_differ", "the grants sent are not those that the statement's audience names")


def _check_audience(connection: Connection, checked: Statement) -> dict[str, Bundle]:
    """Every mechanism exists, takes testimonies, and the keys used are valid today for their class."""
    if not checked.consent:
        raise Invalid("consent_missing", "a submission names at least one mechanism with consent")
    takes = {bundle.mechanism: bundle for bundle in mechanisms.everyone(connection)}
    kinds = {c.id: c.kind for c in checked.compartments}
    today = clock.day()
    for consent in checked.consent:
        if consent.mechanism not in takes:
            raise Invalid("mechanism_unknown", "a mechanism is unknown, or takes no testimonies now")
        if consent.expires is not None and consent.expires < today:
            raise Invalid("consent_expired", "a consent has expired before it was given")
    for entry in checked.audience:
        keys = takes[entry.mechanism].keys
        if not any(
            key.recipient.fingerprint == entry.recipient
            and key.kind == kinds[entry.compartment]
            and key.valid_on(today)
            for key in keys
        ):
            raise Invalid(
                "mechanism_key",
                "a key is unknown, expired, or for another compartment: fetch the mechanisms again",
            )
    return {c.mechanism: takes[c.mechanism] for c in checked.consent}
