"""What can be checked of a submission or a revision before it is stored: parts, grants, readers' keys."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from crypto import age_header, age_stream, compartments
from crypto.age_keys import Recipient
from crypto.statement import BINARY_KINDS, AudienceEntry, ConsentEntry, PartEntry, Statement
from intake import clock
from intake.errors import Invalid
from intake.people import mechanisms
from intake.submissions.arrived import ReceivedGrant, StagedPayload, StoredPayload

MAX_STRUCTURED = 9 * 1024 * 1024  # bytes of a sealed text, padding included: such parts are opened in memory
MAX_TRIAGE = 64 * 1024  # bytes of a sealed triage card: reviewers' lists hold hundreds

OFFLINE = "intake-offline"  # the client's name in a statement that was sealed without a network
OFFLINE_DAYS = 60  # how long such a statement may take to arrive

Arrived = Mapping[str, tuple[bytes, StoredPayload | StagedPayload]]


def day(created_day: str) -> None:
    """`Invalid` unless the day is about today."""
    today = clock.now()
    if created_day not in {clock.day(today + shift * clock.DAY) for shift in (-1, 0, 1)}:
        raise Invalid("day", "created_day is not today, a day earlier or later included")


def first_day(checked: Statement) -> None:
    """The same for a first submission: one that was sealed offline may have travelled (ADR 11)."""
    if not _travelled(checked):
        day(checked.created_day)
    elif not clock.day(clock.now() - OFFLINE_DAYS * clock.DAY) <= checked.created_day <= _tomorrow():
        raise Invalid("day", f"it was sealed more than {OFFLINE_DAYS} days ago, or later than today")


def _travelled(checked: Statement) -> bool:
    return checked.client_name == OFFLINE and checked.revision == 1


def _tomorrow() -> str:
    return clock.day(clock.now() + clock.DAY)


def parts(arrived: Arrived, entries: Sequence[PartEntry]) -> None:
    """The parts that came are these entries', each complete and well formed; `Invalid` or `CryptoError`."""
    if set(arrived) != {p.id for p in entries}:
        raise Invalid("parts_differ", "the parts sent are not the parts that the statement names")
    uploads = [p.blob for _, p in arrived.values() if isinstance(p, StoredPayload)]
    if len(set(uploads)) != len(uploads):
        raise Invalid("upload_shared", "two parts refer to one upload")
    if sum(entry.kind == "triage" for entry in entries) > 1:
        raise Invalid("triage_more", "a revision has one triage card at most")
    for entry in entries:
        raw, payload = arrived[entry.id]
        if payload.payload_id != entry.payload_id:
            raise Invalid("payload_differs", "what was uploaded is not the payload that the statement names")
        if entry.kind not in BINARY_KINDS and payload.size > MAX_STRUCTURED:
            raise Invalid("part_too_large", "only media may be larger than 9 MiB: send it as one")
        if entry.kind == "triage" and payload.size > MAX_TRIAGE:
            raise Invalid("part_too_large", "a triage card has 64 KiB at most, sealed")
        age_stream.plain_length(payload.size)
        header(raw)
    labels = {p.commitment for p in entries if p.kind == "label"}
    if any(p.kind in BINARY_KINDS and p.commitment not in labels for p in entries):
        raise Invalid("label_missing", "a medium needs a label with the same commitment")


def header(raw: bytes) -> None:
    """One header and nothing after it, for one post-quantum recipient."""
    parsed = age_header.parse(raw)
    if len(parsed.raw) != len(raw):
        raise Invalid("header_invalid", "bytes follow a part's header")
    age_header.require_post_quantum(parsed)


def grants(
    sent: Sequence[ReceivedGrant], audience: Iterable[AudienceEntry], checked: Statement, new: set[str]
) -> None:
    """Exactly the grants of these audience entries, and at will the receipt's own of `new` compartments."""
    for grant in sent:
        compartments.check_grant_form(grant.file)
    came = [(g.compartment, g.recipient) for g in sent]
    asked = {(a.compartment, a.recipient) for a in audience}
    own = Recipient.parse(checked.recipient).fingerprint
    optional = {(compartment, own) for compartment in new}
    if len(set(came)) != len(came) or not asked <= set(came) or not set(came) <= asked | optional:
        raise Invalid("grants_differ", "the grants sent are not those that the statement's audience names")


def readers(
    connection: Connection,
    checked: Statement,
    consents: Sequence[ConsentEntry],
    audience: Sequence[AudienceEntry],
) -> None:
    """These mechanisms exist and take testimonies; the keys are valid for their class.

    Valid today, or, of what was sealed offline, on the day on which it was sealed.
    """
    takes = {bundle.mechanism: bundle for bundle in mechanisms.everyone(connection)}
    kinds = {c.id: c.kind for c in checked.compartments}
    today = clock.day()
    sealed = checked.created_day if _travelled(checked) else today
    for consent in consents:
        if consent.mechanism not in takes:
            raise Invalid("mechanism_unknown", "a mechanism is unknown, or takes no testimonies now")
        if consent.expires is not None and consent.expires < today:
            raise Invalid("consent_expired", "a consent has expired before it was given")
    for entry in audience:
        bundle = takes.get(entry.mechanism) or mechanisms.get(connection, entry.mechanism)
        if not any(
            key.recipient.fingerprint == entry.recipient
            and key.kind == kinds[entry.compartment]
            and key.valid_on(sealed)
            for key in bundle.keys
        ):
            raise Invalid(
                "mechanism_key",
                "a key is unknown, expired, or for another compartment: fetch the mechanisms again",
            )
