"""What has arrived and is not stored yet: payloads, grants, and the request that they belong to."""

from collections.abc import Mapping
from dataclasses import dataclass

from intake.store.blobs import Stage


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
class Revision:
    """A later revision: what is new in it. `withdrawals` are envelopes by mechanism (crypto.withdrawal).

    `drafts` are those that it was made from, and that go with its commit (`Drafts.of`).
    """

    statement: bytes
    signature: bytes
    parts: Mapping[str, tuple[bytes, StoredPayload | StagedPayload]]
    grants: tuple[ReceivedGrant, ...]
    withdrawals: Mapping[str, bytes]
    upload_ids: tuple[str, ...] = ()
    drafts: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What makes a repeated request recognisable: hash of its key, and of its body (both hex)."""

    key: str
    body: str
    keep_hours: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """`fresh` is False for a repetition: nothing was stored again. `statement` is the signed one's hash.

    `withdrawn` says by mechanism what became of its grants: `record.consent.OUTCOMES`.
    """

    record: str
    statement: str
    fresh: bool
    revision: int = 1
    withdrawn: tuple[tuple[str, str], ...] = ()
