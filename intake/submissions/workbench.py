"""From a draft to a testimony, or to the next revision of one: what the long form sends.

A draft's entries (`drafts`), by name, as JSON:

    narrative, narrative:<part>     {"text", "capacity", "language"}: a new text; a corrected one
    section:<id>                    {"value", "revises": part or null}
    file:<part>                     a sealed file: where it is, its key, its label (`DraftFile`)
    consent                         {"typed", "language", "version", "profiles": {mechanism: hash or null}}

A draft is deleted in the transaction by which it becomes a record or a revision. So one record and one
revision number mean one draft: a form that is sent twice, because its answer was lost, is recognised by
them, and its body needs no digest.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import intake
from crypto import statement
from crypto.bundles import Bundle
from crypto.encoding import Json, canonical_json, parse_json
from crypto.primitives import sha256
from crypto.profiles import Profile
from crypto.receipt import ReceiptKeys
from crypto.record_reader import RecordReader
from crypto.record_writer import RecordWriter, SealedMedium
from crypto.withdrawal import sign_withdrawal
from intake import clock
from intake.errors import Invalid
from intake.record import sections, triage
from intake.record.compose import Composed, Composer, Earlier
from intake.record.consent import Choice, ConsentError
from intake.record.consent_texts import ConsentText
from intake.record.opened import REVISES, ever_granted, open_all
from intake.record.vocabulary import CAPACITIES
from intake.submissions import drafts
from intake.submissions.arrived import (
    Outcome,
    ReceivedGrant,
    Request,
    Revision,
    StagedPayload,
    StoredPayload,
    Submission,
)
from intake.submissions.drafts import Drafts
from intake.submissions.mailbox import Mailbox, OwnRecord
from intake.submissions.own import part_bytes
from intake.submissions.receive import Receiver
from intake.submissions.revise import Reviser
from intake.submissions.uploads import Uploads

NARRATIVE, CONSENT = "narrative", "consent"
MAX_FILES = 30  # of one draft: each is an entry, and the sections have to find room too
MAX_APART = 10  # files with a consent of their own: each takes a compartment for good
IN_IDENTITY = ("letter", "medical_document", "identity_document", "voice")  # what `depicts` says
_CLIENT = ("intake-form", intake.__version__, None)
_BODY = sha256(b"intake/draft/v1")
_Parts = dict[str, tuple[bytes, StagedPayload | StoredPayload]]


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file that is sealed and stored, and belongs to no record yet. `only`: who alone may open it.

    `upload` is its name among the uploads; `kind` the class of its compartment.
    """

    upload: str
    medium: SealedMedium
    label: Mapping[str, Json]
    kind: str
    only: tuple[str, ...]

    def encode(self) -> bytes:
        """As an entry of a draft."""
        medium = self.medium
        return canonical_json(
            {
                "upload": self.upload,
                "part": medium.part,
                "file_key": medium.file_key.hex(),
                "payload_id": medium.payload_id,
                "size": medium.size,
                "digest": medium.digest,
                "sha256": medium.sha256,
                "label": dict(self.label),
                "kind": self.kind,
                "only": list(self.only),
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> "DraftFile":
        """Inverse of `encode`."""
        v = parse_json(data)
        key = bytes.fromhex(v["file_key"])
        medium = SealedMedium(v["part"], key, v["payload_id"], v["size"], v["digest"], v["sha256"])
        return cls(v["upload"], medium, v["label"], v["kind"], tuple(v["only"]))


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything that is not sent yet. Texts and sections by the names of their entries, without prefix."""

    texts: Mapping[str, Mapping[str, Json]]
    sections: Mapping[str, Mapping[str, Json]]
    files: Sequence[DraftFile]
    consent: Mapping[str, Json] | None

    @classmethod
    def parse(cls, entries: Mapping[str, bytes]) -> "Draft":
        """From what `Drafts.all` returns."""
        texts, answered, files, consent = {}, {}, [], None
        for name in sorted(entries):
            kind, _, id = name.partition(":")
            if kind == NARRATIVE:
                texts[id] = parse_json(entries[name])
            elif kind == "section":
                answered[id] = parse_json(entries[name])
            elif kind == "file":
                files.append(DraftFile.parse(entries[name]))
            elif kind == CONSENT:
                consent = parse_json(entries[name])
        return cls(texts, answered, sorted(files, key=lambda f: str(f.label.get("name"))), consent)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to send; a consent alone is nothing."""
        return not (self.texts or self.sections or self.files)


@dataclass(frozen=True, slots=True)
class Before:
    """A record that was received, opened with its receipt."""

    own: OwnRecord
    earlier: Earlier

    @classmethod
    def open(cls, mailbox: Mailbox, own: OwnRecord, keys: ReceiptKeys) -> "Before":
        """Read and open every text of it. Blocks."""

        reader = RecordReader(list(own.revisions), own.grants, [keys.identity])
        gone = frozenset(c.mechanism for c in reader.statement.consent) - mailbox.consenting(own.record)
        opened = open_all(reader, lambda part: part_bytes(mailbox, own, part))
        return cls(own, Earlier(opened, ever_granted(own.revisions), gone))

    @property
    def revision(self) -> int:
        """The newest one."""
        return self.earlier.statement.revision

    def section(self, id: str) -> tuple[Json, str] | None:
        """The newest answers to a section, and the part that has them."""
        held = [s for s in self.earlier.opened.current("section") if s.values.get("section") == id]
        return (sections.from_fields(held[-1].values)[1], held[-1].entry.id) if held else None

    @property
    def capacity(self) -> str:
        """As it was said last; "" if this receipt opens nothing."""
        said = [s.values.get("capacity") for s in self.earlier.opened.of("narrative")]
        return next((str(c) for c in reversed(said) if c), "")


@dataclass(slots=True)
class Sealing:
    """What one sending has sealed so far."""

    composer: Composer
    parts: _Parts = field(default_factory=dict)
    uploads: list[str] = field(default_factory=list)


class Workbench:
    """Sends drafts. Blocks."""

    def __init__(self, receiver: Receiver, reviser: Reviser, uploads: Uploads, drafts_: Drafts) -> None:
        self._receiver = receiver
        self._reviser = reviser
        self._uploads = uploads
        self._drafts = drafts_

    def send(
        self,
        keys: ReceiptKeys,
        draft: Draft,
        choices: Sequence[Choice],
        text: ConsentText,
        known: Mapping[str, Bundle],
        profiles: Mapping[str, Profile],
        before: Before | None,
    ) -> Outcome:
        """Seal, sign and store it all; `Invalid` or `Conflict` if that cannot be: then nothing is stored.

        `choices` are those of a first testimony; a later revision goes on with the ones that hold.
        """
        if before is None:
            writer, earlier = RecordWriter(keys, secrets.token_bytes), None
        else:
            earlier, revisions = before.earlier, list(before.own.revisions)
            choices = list(earlier.choices().values())
            writer = RecordWriter.continuing(keys, secrets.token_bytes, revisions, earlier.opened.reader)
        sealing = Sealing(composing(writer, choices, text, known, profiles, earlier))
        try:
            self._texts(sealing, draft, before)
            self._files(sealing, draft)
            if before is None or before.earlier.opened.said:
                self._card(sealing, draft, before)
            outcome = self._store_all(keys, sealing, before)
        finally:
            for _, payload in sealing.parts.values():
                if isinstance(payload, StagedPayload):
                    payload.stage.discard()
        return outcome

    def discard(self, keys: ReceiptKeys, draft: Draft) -> None:
        """Delete the draft and its files."""
        self._drafts.drop_all(keys)
        for file in draft.files:
            self._uploads.cancel(file.upload)

    def renew(self, draft: Draft) -> None:
        """The files live as long as the rest, which was just saved."""
        if draft.files:
            self._uploads.renew([file.upload for file in draft.files], drafts.HOURS)

    # --- steps ---

    def _texts(self, sealing: Sealing, draft: Draft, before: Before | None) -> None:
        composer = sealing.composer
        first = draft.texts.get("")
        if before is not None and draft.empty:
            raise Invalid("draft_unchanged", "there is nothing to add")
        if before is None and not (draft.files or (first and first["text"].strip())):
            raise Invalid("empty", "a testimony needs a narrative or a medium")
        if before is None and not (first and first["capacity"] in CAPACITIES):
            raise Invalid("capacity_missing", "the capacity is missing")
        for revised, said in draft.texts.items():
            composer.narrative(said["text"], said["capacity"], said["language"], revised or None)
        for id, said in draft.sections.items():
            composer.section(id, said["value"], said["revises"])

    def _files(self, sealing: Sealing, draft: Draft) -> None:
        claimed = self._uploads.claim([file.upload for file in draft.files])
        writer = sealing.composer.writer
        for file in draft.files:
            apart = f"medium:{file.medium.part}" if file.only else ""
            compartment = sealing.composer.medium(file.kind, apart, file.only)
            header, label = writer.end_medium(file.medium, compartment, file.label)
            upload, payload = claimed[file.upload]
            sealing.parts[file.medium.part] = (header, payload)
            sealing.uploads.append(upload)
            sealing.composer.parts.append(label)

    def _card(self, sealing: Sealing, draft: Draft, before: Before | None) -> None:
        """The triage card, if it says anything new. Without the earlier texts nobody can tell."""
        said = {id: s["value"] for id, s in draft.sections.items()}
        media, old, language = len(draft.files), None, _language(draft) or sealing.composer.text.language
        capacity = next((str(t["capacity"]) for t in draft.texts.values()), "")
        if before is not None:
            opened = before.earlier.opened
            said = {str(s.values.get("section")): _value(s.values) for s in opened.current("section")} | said
            media += len(opened.of("label"))
            capacity = capacity or before.capacity
            old = next(reversed(opened.current("triage")), None)
            if old and not any(said.entry.id in draft.texts for said in opened.current("narrative")):
                language = str(old.values.get("language"))
        card = triage.card(language=language, capacity=capacity, media=media, sections=said)
        if old is None:
            sealing.composer.triage(capacity, language, media, said)
        elif card != {name: value for name, value in old.values.items() if name != REVISES}:
            sealing.composer.triage(capacity, language, media, said, old.entry.id)

    def _store_all(self, keys: ReceiptKeys, sealing: Sealing, before: Before | None) -> Outcome:
        composer = sealing.composer
        composed = composed_by(composer)
        sealing.parts |= {p.entry.id: (p.header, self._stage(p.payload)) for p in composer.parts}
        writer = composer.writer
        data, signature = writer.statement(
            audience=composed.audience,
            consent=composed.consent,
            created_day=composer.today,
            sealed_by="server",
            client=_CLIENT,
        )
        grants = tuple(
            ReceivedGrant(g.compartment, g.recipient, g.file) for g in writer.grants(composed.readers)
        )
        request = self.request(keys, before.revision + 1 if before else 1)
        if before is None:
            submission = Submission(
                statement=data,
                signature=signature,
                lookup=keys.lookup,
                auth=keys.auth,
                record_key=keys.record_key(writer.share),
                parts=sealing.parts,
                grants=grants,
                upload_ids=tuple(sealing.uploads),
            )
            return self._receiver.accept(submission, request)
        taken = {w.mechanism: sign_withdrawal(w, keys.signing) for w in composed.withdrawals}
        drafts_ = self._drafts.of(keys)
        revision = Revision(data, signature, sealing.parts, grants, taken, tuple(sealing.uploads), drafts_)
        return self._reviser.accept(before.own, revision, request)

    def request(self, keys: ReceiptKeys, revision: int) -> Request:
        """How a draft is recognised that is sent again: see above."""
        lookup = keys.lookup if revision == 1 else keys.lookup + b"/revision/%d" % revision
        return self._receiver.form_request(lookup, _BODY)

    def sent(self, before: Before, revision: int) -> Outcome:
        """What was answered when this revision was sent, for a form whose answer was lost."""
        data, _ = before.own.revisions[revision - 1]
        return Outcome(before.own.record, statement.statement_hash(data), False, revision)

    def _stage(self, payload: bytes) -> StagedPayload:
        (held,) = self._uploads.hold([payload])
        return held


def composing(
    writer: RecordWriter,
    choices: Sequence[Choice],
    text: ConsentText,
    known: Mapping[str, Bundle],
    profiles: Mapping[str, Profile],
    earlier: Earlier | None = None,
) -> Composer:
    """A composer for today; `Invalid` if a choice cannot be followed."""
    try:
        return Composer(writer, known, profiles, text, clock.day(), choices, earlier)
    except ConsentError as error:
        raise Invalid(error.code, str(error), **error.values) from error


def composed_by(composer: Composer) -> Composed:
    """What a composer's choices come to; `Invalid` if a mechanism's key has expired."""
    try:
        return composer.finish()
    except ConsentError as error:
        raise Invalid(error.code, str(error), **error.values) from error


def _language(draft: Draft) -> str:
    """In which language the texts of a draft are: the first one's; "" if there is none."""
    return next((str(text["language"]) for text in draft.texts.values()), "")


def _value(fields: Mapping[str, Json]) -> Json:
    return sections.from_fields(fields)[1]
