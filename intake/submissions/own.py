"""What the pages do for a receipt's holder, with the receipt's keys, for as long as one request lasts.

The same steps as a client takes on a device: open, compose, sign, `Reviser.accept`. Records are sealed by
the server then, and say so. Whoever has no JavaScript can change and withdraw as everybody else can.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

import intake
from crypto.age_keys import Recipient
from crypto.encoding import Json, canonical_json
from crypto.errors import CryptoError, FormatError
from crypto.message import Message, open_message, seal_message, sign_message, verify_message
from crypto.objection import RESTORATION, target_of
from crypto.primitives import Hmac, hkdf, sha256
from crypto.profiles import Profile
from crypto.receipt import ReceiptKeys
from crypto.record_reader import RecordReader
from crypto.record_writer import RecordWriter, SealedPart
from crypto.statement import statement_hash
from crypto.withdrawal import CONSENT, DELETION, Withdrawal, sign_withdrawal
from intake import clock
from intake.db.engine import Database
from intake.db.tables import submissions as t
from intake.errors import Conflict, Invalid, NotFound, Unavailable
from intake.people import mechanisms, profiles
from intake.record.compose import Composer, Earlier
from intake.record.consent import Choice, ConsentError
from intake.record.consent_texts import ConsentText
from intake.record.opened import OpenedRecord, correspondence, ever_granted, open_all
from intake.store.blobs import BlobStore
from intake.submissions import handovers, holds, objections, restorations, standings, withdraw
from intake.submissions.arrived import ReceivedGrant, Request, Revision, StagedPayload
from intake.submissions.delete import Deletion
from intake.submissions.mailbox import Mailbox, OwnRecord, require_first
from intake.submissions.messages import Listed, Messages, Sent, Stored, restored_keys
from intake.submissions.receive import Receiver
from intake.submissions.restorations import Restorations
from intake.submissions.revise import Reviser

MAX_MESSAGE = 8_000  # characters
CLIENT = ("intake-form", intake.__version__, None)


@dataclass(frozen=True, slots=True, repr=False)
class Held:
    """One's own record and the keys that open it. `live` are the mechanisms that have consent now.

    The statement may go on to name others: those that members, or a restored receipt, took back.
    """

    keys: ReceiptKeys
    own: OwnRecord
    opened: OpenedRecord
    live: frozenset[str]

    @property
    def reader(self) -> RecordReader:
        """What the receipt opens."""
        return self.opened.reader

    @property
    def blind(self) -> bool:
        """Whether the receipt shows nothing of what was written any more."""
        return not self.reader.identities

    def earlier(self) -> Earlier:
        """For the next revision."""
        return Earlier(self.opened, ever_granted(self.own.revisions), self.gone)

    @property
    def gone(self) -> frozenset[str]:
        """Named by the newest statement, and without consent all the same."""
        return frozenset(c.mechanism for c in self.reader.statement.consent) - self.live

    def choices(self) -> dict[str, Choice]:
        """What holds, by mechanism."""
        return self.earlier().choices()


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of a change: the grants of each mechanism that lost some, and who gets nothing new."""

    withdrawn: Mapping[str, str]
    left_out: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that holds. `text` is None where the receipt does not open it."""

    number: int
    part: str
    mechanism: str
    day: str
    mine: bool
    text: str | None


@dataclass(frozen=True)
class OwnWork:
    """Blocks."""

    database: Database
    store: BlobStore
    mailbox: Mailbox
    receiver: Receiver
    reviser: Reviser
    deletion: Deletion
    restorations: Restorations
    messages: Messages

    def look_up(self, keys: ReceiptKeys) -> OwnRecord:
        """The receipt's record, still sealed; `NotFound` if there is none."""
        return self.mailbox.open(keys.lookup, keys.auth)

    def open(self, keys: ReceiptKeys, own: OwnRecord) -> Held:
        """Open it: every text and choice, and no file."""
        reader = RecordReader(list(own.revisions), own.grants, [keys.identity])

        opened = open_all(reader, lambda part: part_bytes(self.mailbox, own, part))
        with self.database.read() as connection:
            live = frozenset(_live(connection, own.record))
        return Held(keys, own, opened, live)

    def again(self, held: Held) -> Held:
        """As it is now; for a restored receipt that has just withdrawn, and opens nothing more, as it was."""
        try:
            return self.open(held.keys, self.look_up(held.keys))
        except NotFound:
            if not held.own.restored:
                raise
            return replace(held, live=frozenset())

    # --- consent ---

    def choose(
        self, held: Held, choices: Sequence[Choice], text: ConsentText, seen: int, asked: Json
    ) -> Changed:
        """Let exactly these choices hold from now on.

        `seen` is the revision that the person was shown; `asked` is what was sent, so that it is recognised
        when it is sent again. `Conflict` if the record has changed since, `ConsentError` if a choice cannot
        be followed.
        """
        request = self._request(held, seen, asked)
        before = self._repeated(held, request, seen)
        if before is not None:
            return before
        if len(held.own.revisions) != seen:
            raise Conflict("revision_behind", "the record has changed meanwhile")
        withdrawn: dict[str, str] = {}
        if held.gone & {c.mechanism for c in choices}:
            # Named by the newest statement, and not granted any more: it is left out first, so that the
            # next statement grants anew.
            rest = list(held.choices().values())
            first = self._revise(held, rest, text, self._request(held, seen, ["left out", asked]))
            withdrawn |= first.withdrawn
            held = self.again(held)
        done = self._revise(held, choices, text, request)
        return Changed({**withdrawn, **done.withdrawn}, done.left_out)

    def withdraw(self, held: Held, mechanism: str, text: ConsentText, seen: int) -> Changed:
        """Take back the whole consent of one mechanism, whatever the kind of receipt."""
        asked: Json = ["withdraw", mechanism]
        if held.own.restored:
            if mechanism not in held.live:
                raise NotFound("mechanism_unknown", "this mechanism has no consent")
            envelope = self._envelope(held, mechanism, CONSENT)
            return Changed(withdraw.by_restored(self.database, held.own, {mechanism: envelope}))
        rest = [choice for name, choice in held.choices().items() if name != mechanism]
        return self.choose(held, rest, text, seen, asked)

    def _revise(self, held: Held, choices: Sequence[Choice], text: ConsentText, request: Request) -> Changed:
        today = clock.day()
        writer = RecordWriter.continuing(
            held.keys, secrets.token_bytes, list(held.own.revisions), held.reader
        )
        with self.database.read() as connection:
            known = {name: one.bundle for name, one in mechanisms.known(connection).items()}
            takes = {bundle.mechanism for bundle in mechanisms.everyone(connection)}
            offered = profiles.newest(connection)
        composer = Composer(writer, known, offered, text, today, choices, held.earlier())
        closed = {c.mechanism for c in choices if c.mechanism not in takes} - held.choices().keys()
        if closed:
            raise ConsentError("mechanism_unknown", "a mechanism takes nothing new now")
        composed = composer.finish()
        now = held.reader.statement
        same = set(composed.audience) == set(now.audience) and set(composed.consent) == set(now.consent)
        if same and not composer.parts:
            return Changed({}, composed.left_out)  # saved as it was
        signed, signature = writer.statement(
            audience=composed.audience,
            consent=composed.consent,
            created_day=today,
            sealed_by="server",
            client=CLIENT,
        )
        grants = writer.grants(composed.readers)
        parts = {}
        try:
            for part in composer.parts:
                parts[part.entry.id] = (part.header, self._stage(part))
            outcome = self.reviser.accept(
                held.own,
                Revision(
                    statement=signed,
                    signature=signature,
                    parts=parts,
                    grants=tuple(ReceivedGrant(g.compartment, g.recipient, g.file) for g in grants),
                    withdrawals={
                        w.mechanism: sign_withdrawal(w, held.keys.signing) for w in composed.withdrawals
                    },
                ),
                request,
            )
        finally:
            for _, payload in parts.values():
                payload.stage.discard()
        return Changed(dict(outcome.withdrawn), composed.left_out)

    def _stage(self, part: SealedPart) -> StagedPayload:
        stage = self.store.stage()
        stage.write(part.payload)
        return StagedPayload(stage, part.entry.payload_id, len(part.payload))

    def _request(self, held: Held, seen: int, asked: Json) -> Request:
        """Keyed by the receipt and the revision that was seen; the digest tells a thief nothing."""
        digest = Hmac(hkdf(held.keys.auth, b"intake/form-digest/v1"))
        digest.update(canonical_json(asked))
        first = self.receiver.form_request(held.keys.lookup, digest.digest())
        step = "first" if isinstance(asked, list) and asked[:1] == ["left out"] else "all"
        key = sha256(b"intake/form-revision/v1\0", f"{first.key}/{seen}/{step}".encode()).hex()
        return Request(key, first.body, None)

    def _repeated(self, held: Held, request: Request, seen: int) -> Changed | None:
        """What became of the same request, if it was sent before."""
        try:
            outcome = self.reviser.repeated_at(held.own.record, request, seen + 1)
        except Invalid as error:
            if error.code != "key_reused":
                raise
            raise Conflict("revision_behind", "the record has changed meanwhile") from error
        return None if outcome is None else Changed(dict(outcome.withdrawn))

    def holds(self, held: Held) -> dict[str, Profile]:
        """The mechanisms that a legal hold lets keep what they opened, each with what announced it."""
        with self.database.read() as connection:
            found = {name: holds.binding(connection, held.own.record, name) for name in held.live}
        return {name: profile for name, profile in found.items() if profile is not None}

    # --- deleting ---

    def ask_deletion(self, held: Held) -> str:
        """Release nothing from now on; the day on which everything is deleted."""
        # Whoever else has consent is a successor, and told by its origin's.
        named = held.live & {c.mechanism for c in held.reader.statement.consent}
        envelopes = {name: self._envelope(held, name, DELETION) for name in named}
        return self.deletion.ask(held.own, envelopes)

    def _envelope(self, held: Held, mechanism: str, kind: str) -> bytes:
        """A whole withdrawal; it names the compartments that the newest statement grants."""
        audience = held.reader.statement.audience
        granted = tuple(a.compartment for a in audience if a.mechanism == mechanism)
        said = Withdrawal(
            held.own.record,
            mechanism,
            clock.day(),
            True,
            granted,
            revision=held.reader.statement.revision,
            statement=statement_hash(held.own.revisions[-1][0]),
            kind=kind,
            nonce=secrets.token_hex(16) if kind == DELETION else None,
        )
        return sign_withdrawal(said, held.keys.signing)

    def keep(self, held: Held) -> None:
        """Cancel the deletion; `Conflict` if none waits any more."""
        with self.database.read() as connection:
            asked = {m: target_of(told) for m, told in standings.asked(connection, held.own.record).items()}
        signed = {m: objections.sign(held.own, held.keys, m, DELETION, one) for m, one in asked.items()}
        self.deletion.cancel(held.own, signed)

    def object(self, held: Held, restoration: str) -> None:
        """Refuse a second receipt, or end it."""
        require_first(held.own)
        with self.database.read() as connection:
            waiting = {one.id: one.mechanism for one in restorations.of(connection, held.own.record)}
        if restoration not in waiting:
            raise NotFound("not_found", "there is no such restoration")
        signed = objections.sign(held.own, held.keys, waiting[restoration], RESTORATION, restoration)
        self.restorations.object(held.own, restoration, signed)

    # --- messages ---

    def letters(self, held: Held) -> list[Letter]:
        """All messages that hold, oldest first."""
        listed = self.messages.of(held.own.record, held.own.mechanism)
        found = []
        for one in listed:
            with self.database.read() as connection:
                root = mechanisms.get(connection, one.mechanism).root
                keys = [
                    held.reader.statement.sign_key,
                    *restored_keys(connection, held.own.record, one.mechanism),
                ]
            try:
                message = verify_message(
                    one.envelope,
                    sign_keys=keys,
                    root=root,
                    record=held.own.record,
                    mechanism=one.mechanism,
                )
                text = self._text(held, message)
            except CryptoError:
                continue
            found.append(_letter(one, message, text))
        return found

    def readers(self, held: Held) -> list[str]:
        """The mechanisms that a message can be written to: of a restored receipt, those that know it."""
        if not held.own.restored:
            return sorted(held.live)
        with self.database.read() as connection:
            return [
                mechanism
                for mechanism in sorted(held.live)
                if held.own.sign_key in restored_keys(connection, held.own.record, mechanism)
            ]

    def write(self, held: Held, mechanism: str, text: str, language: str, answers: str | None) -> Stored:
        """Send a message; the same one twice is two."""
        if mechanism not in self.readers(held):
            raise NotFound("mechanism_unknown", "this mechanism has no consent")
        if len(text) > MAX_MESSAGE:
            raise Invalid("message_too_long", "a message is too long")
        statement = held.reader.statement
        place = correspondence(statement, mechanism)
        if place is None:
            raise NotFound("mechanism_unknown", "nothing of the record is open to this mechanism")
        sealed = seal_message(
            Recipient.parse(place.recipient),
            statement.record,
            place.id,
            {"text": text, "language": language},
            secrets.token_bytes,
        )
        envelope = sign_message(
            held.keys.signing,
            record=statement.record,
            mechanism=mechanism,
            day=clock.day(),
            answers=answers,
            part=sealed.entry,
        )
        sent = Sent(envelope, sealed.header, sealed.payload)
        return self.messages.from_submitter(held.own.record, held.own.revisions, sent)

    def _text(self, held: Held, message: Message) -> str | None:
        identity = held.reader.identities.get(message.part.compartment)
        if identity is None:
            return None
        try:
            file = part_bytes(self.mailbox, held.own, message.part.id)
        except FormatError:
            return None
        return str(open_message(message, file, identity).values.get("text", ""))


def part_bytes(mailbox: Mailbox, own: OwnRecord, part: str) -> bytes:
    """A part's age file, in memory; `FormatError` if it cannot be had: that part does not open, others do.

    Whoever cannot read a text must still be able to take it back.
    """
    try:
        file = mailbox.part(own.record, part, own.mechanism)
        try:
            return file.read()
        finally:
            file.blob.close()
    except (NotFound, Unavailable) as error:
        raise FormatError("the part is not there now") from error


def _letter(listed: Listed, message: Message, text: str | None) -> Letter:
    mine = message.member is None
    return Letter(listed.number, listed.part, listed.mechanism, message.day, mine, text)


def _live(connection: Connection, record: str) -> list[str]:
    query = select(t.audience.c.mechanism).where(t.audience.c.record == record)
    handed = {one.mechanism for one in handovers.of(connection, record)}
    return [name for name in connection.execute(query).scalars() if name not in handed]
