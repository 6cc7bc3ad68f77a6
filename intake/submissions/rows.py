"""The rows of a record, as a submission or a revision adds them. All within the caller's transaction."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import SystemRandom

from sqlalchemy import Connection, delete, insert, select

from crypto import statement
from crypto.statement import BINARY_KINDS, AudienceEntry, CompartmentEntry, ConsentEntry, PartEntry, Statement
from intake import clock
from intake.db.tables import submissions as t
from intake.errors import Conflict, IntakeError, Invalid
from intake.store.blobs import BlobStore
from intake.submissions.arrived import Outcome, ReceivedGrant, Request, StagedPayload, StoredPayload
from intake.submissions.checks import Arrived

_random = SystemRandom()


@dataclass(frozen=True, slots=True)
class MergeDelay:
    """Equal payloads are merged after a random whole number of hours in this range."""

    minimum: int
    maximum: int


def publish(store: BlobStore, arrived: Arrived) -> tuple[dict[str, str], list[str]]:
    """Make staged payloads durable: blob names by part id, and those that were made here."""
    came = [(part, p) for part, (_, p) in arrived.items() if isinstance(p, StagedPayload)]
    published = store.publish([(payload.stage, payload.payload_id) for _, payload in came])
    blobs = {part: p.blob for part, (_, p) in arrived.items() if isinstance(p, StoredPayload)}
    return blobs | dict(zip((part for part, _ in came), published, strict=True)), published


def forget(store: BlobStore, blobs: Sequence[str]) -> None:
    """Take back what `publish` made and no row refers to."""
    with suppress(IntakeError):  # the sweep finds what stays
        for blob in blobs:
            store.delete(blob)


def signed(connection: Connection, checked: Statement, data: bytes, signature: bytes) -> None:
    """The statement."""
    connection.execute(
        insert(t.statements).values(
            record=checked.record,
            revision=checked.revision,
            data=data,
            signature=signature.hex(),
            hash=statement.statement_hash(data),
        )
    )


def compartments(connection: Connection, record: str, entries: Sequence[CompartmentEntry]) -> None:
    """New compartments."""
    rows = [{"record": record, "id": c.id, "class": c.kind, "generation": c.generation} for c in entries]
    if rows:
        connection.execute(insert(t.compartments), rows)


def audience(connection: Connection, record: str, consents: Sequence[ConsentEntry]) -> None:
    """What is acted on, by mechanism: exactly this."""
    connection.execute(delete(t.audience).where(t.audience.c.record == record))
    rows = [
        {
            "record": record,
            "mechanism": c.mechanism,
            "purposes": list(c.purposes),
            "expires": c.expires,
            "successor": c.successor,
        }
        for c in consents
    ]
    if rows:
        connection.execute(insert(t.audience), rows)


def parts(
    connection: Connection,
    record: str,
    entries: Sequence[PartEntry],
    arrived: Arrived,
    blobs: Mapping[str, str],
    delay: MergeDelay,
) -> None:
    """New parts and their payloads."""
    if not entries:
        return
    now = clock.hour_number()
    connection.execute(
        insert(t.payloads),
        [
            {
                "blob": blobs[p.id],
                "payload_id": p.payload_id,
                "size": arrived[p.id][1].size,
                # Only media can be equal; a random hour hides which of two came first.
                "merge_after": now + _random.randint(delay.minimum, delay.maximum)
                if p.kind in BINARY_KINDS
                else None,
            }
            for p in entries
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
                "header": arrived[p.id][0],
                "blob": blobs[p.id],
            }
            for p in entries
        ],
    )


def grants(
    connection: Connection, record: str, entries: Iterable[AudienceEntry], sent: Sequence[ReceivedGrant]
) -> None:
    """New grants, each to the mechanism whose key it is sealed to, or the receipt's own.

    `Invalid` if a grant would be two mechanisms': whose it is could not be said.
    """
    holders: dict[tuple[str, str], str] = {}
    for entry in entries:
        if holders.setdefault((entry.compartment, entry.recipient), entry.mechanism) != entry.mechanism:
            raise Invalid("grants_differ", "two mechanisms are named with one key")
    rows = [
        {
            "record": record,
            "compartment": g.compartment,
            "recipient": g.recipient,
            "mechanism": holders.get((g.compartment, g.recipient)),
            "file": g.file,
        }
        for g in sent
    ]
    if rows:
        connection.execute(insert(t.grants), rows)


def take_uploads(connection: Connection, uploads: Sequence[str]) -> None:
    """Uploads belong to the record from now on; `Conflict` if one is gone."""
    if uploads:
        taken = connection.execute(delete(t.uploads).where(t.uploads.c.id.in_(uploads)))
        if taken.rowcount != len(uploads):
            raise Conflict("upload_taken", "an upload was used by another submission, or has expired")


def answer(connection: Connection, request: Request, record: str) -> None:
    """Remember the request, so that its repetition is recognised."""
    hours = request.keep_hours
    connection.execute(
        insert(t.answers).values(
            key=request.key,
            body=request.body,
            record=record,
            expires=None if hours is None else clock.hour_number() + hours,
        )
    )


def repeated(connection: Connection, request: Request, revision: int = 1) -> Outcome | None:
    """The first answer to this request. `Invalid` if the body was another."""
    row = connection.execute(select(t.answers).where(t.answers.c.key == request.key)).one_or_none()
    if row is None:
        return None
    if row.body != request.body:
        raise Invalid("key_reused", "this idempotency key was used with another body; nothing was stored")
    there = (t.statements.c.record == row.record) & (t.statements.c.revision == revision)
    hashed: str = connection.execute(select(t.statements.c.hash).where(there)).scalar_one()
    return Outcome(row.record, hashed, False, revision)
