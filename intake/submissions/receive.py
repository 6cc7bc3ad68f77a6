"""The intake transaction: everything of one submission becomes visible at once, or nothing does.

Both ways in end here with the same `Submission`: payloads already durable under random blob names,
headers, grants and a signed statement that ties them together. The order is fixed:

    1. everything is checked that can be without the database
    2. payloads become durable blobs, with no row yet    crash: orphan blobs, swept later
    3. one transaction: rows, log entries                crash before commit: as 2; after: stored
    4. the answer                                        lost: the same request gives it again
"""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from crypto import statement
from crypto.errors import CryptoError
from crypto.primitives import sha256
from crypto.statement import Statement
from intake import clock
from intake.audit import log
from intake.audit.events import Event
from intake.db.engine import Database
from intake.db.tables import submissions as t
from intake.db.tables.coming_back import drafts, receipts, restorations
from intake.errors import Conflict, Invalid
from intake.store.blobs import BlobStore
from intake.submissions import checks, rows
from intake.submissions.arrived import Outcome, Request, Submission
from intake.submissions.blob_rows import still_young
from intake.submissions.checks import Arrived
from intake.submissions.drafts import address
from intake.submissions.rows import MergeDelay
from intake.submissions.secrets import Pepper


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
            return rows.repeated(connection, request)

    def accept(self, submission: Submission, request: Request) -> Outcome:
        """Check and store. `Invalid` or `Conflict` if it does not hold: then nothing is stored."""
        checked = _check_form(submission)

        def store_rows(connection: Connection, blobs: Mapping[str, str]) -> Outcome:
            self._store_rows(connection, submission, checked, blobs, request)
            return Outcome(checked.record, statement.statement_hash(submission.statement), True)

        return store_once(self._database, self._store, submission.parts, request, 1, store_rows)

    def _store_rows(
        self,
        connection: Connection,
        submission: Submission,
        checked: Statement,
        blobs: Mapping[str, str],
        request: Request,
    ) -> None:
        if not checked.consent:
            raise Invalid("consent_missing", "a submission names at least one mechanism with consent")
        checks.readers(connection, checked, checked.consent, checked.audience)
        record = checked.record
        self._insert(connection, submission, checked)
        rows.signed(connection, checked, submission.statement, submission.signature)
        rows.compartments(connection, record, checked.compartments)
        rows.audience(connection, record, checked.consent)
        rows.parts(connection, record, checked.parts, submission.parts, blobs, self._delay)
        rows.grants(connection, record, checked.audience, submission.grants)
        rows.take_uploads(connection, submission.upload_ids)
        rows.answer(connection, request, record)
        # What was sealed offline may have travelled: which hold had been announced depends on that day.
        sealed = {"sealed": checked.created_day} if checked.created_day < clock.day() else {}
        for mechanism in sorted(c.mechanism for c in checked.consent):
            log.append(connection, mechanism, Event.RECORD_ADDED, record=record, revision=1, **sealed)

    def _insert(self, connection: Connection, submission: Submission, checked: Statement) -> None:
        lookup = self._pepper.lookup(submission.lookup)
        if _used(connection, lookup, checked.record):
            raise Conflict("receipt_used", "a testimony was already received with this receipt")
        connection.execute(
            insert(t.records).values(
                id=checked.record,
                lookup=lookup,
                auth=sha256(submission.auth).hex(),
                record_key=submission.record_key.hex(),
                share=checked.share.hex(),
                entries=0,
                received_day=clock.day(),
                revision=1,
            )
        )
        draft = address(lookup, sha256(submission.auth).hex())
        connection.execute(delete(drafts).where(drafts.c.lookup == draft))


def _used(connection: Connection, lookup: str, record: str) -> bool:
    """Whether a receipt has a record, was given access to one, or is soon to be.

    A second record under the same lookup would hide the first one from its holder.
    """
    waiting = (restorations.c.lookup == lookup) & (restorations.c.state == "waiting")
    return any(
        connection.execute(select(table).where(same)).first() is not None
        for table, same in (
            (t.records.c.id, (t.records.c.lookup == lookup) | (t.records.c.id == record)),
            (receipts.c.record, receipts.c.lookup == lookup),
            (restorations.c.id, waiting),
        )
    )


def store_once(
    database: Database,
    store: BlobStore,
    arrived: Arrived,
    request: Request,
    revision: int,
    store_rows: Callable[[Connection, Mapping[str, str]], Outcome],
) -> Outcome:
    """Publish payloads, then all rows in one transaction; a repeated request changes nothing."""
    began = clock.now()
    blobs, published = rows.publish(store, arrived)
    outcome: Outcome | None = None
    try:
        with database.write() as connection:
            still_young(database, connection, began)
            outcome = rows.repeated(connection, request, revision)
            if outcome is None:
                fresh = store_rows(connection, blobs)
    except (IntegrityError, Conflict) as error:
        # PostgreSQL: the same receipt, or the same request, was faster by a moment.
        rows.forget(store, published)
        with database.read() as connection:
            outcome = rows.repeated(connection, request, revision)
        if outcome is None and isinstance(error, Conflict):
            raise
        if outcome is None:
            raise Conflict("receipt_used", "this receipt, or an upload, was just used") from error
        return outcome
    except Invalid:
        rows.forget(store, published)
        raise  # after any other error it cannot be known what was committed: the sweep finds orphans
    if outcome is not None:  # the same request was faster
        rows.forget(store, published)
        return outcome
    return fresh


def _check_form(submission: Submission) -> Statement:
    """Everything that can be checked without the database; `Invalid` says what does not hold."""
    try:
        checked = statement.verify(submission.statement, submission.signature)
        if checked.revision != 1:
            raise Invalid("revision", "a first submission has revision 1")
        if not any(p.kind in ("narrative", "medium") for p in checked.parts):
            raise Invalid("empty", "a submission needs a narrative or a medium")
        checks.parts(submission.parts, checked.parts)
        checks.grants(submission.grants, checked.audience, checked, {c.id for c in checked.compartments})
    except CryptoError as error:
        raise Invalid("statement_invalid", str(error)) from error
    checks.first_day(checked)
    return checked
