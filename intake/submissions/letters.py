"""Messages to and from the mechanisms, for a receipt's holder who has no program: with the receipt's keys,
for as long as one request lasts.
"""

import secrets
from dataclasses import dataclass

from crypto.age_keys import Recipient
from crypto.errors import CryptoError, FormatError
from crypto.message import Message, open_message, seal_message, sign_message, verify_message
from crypto.statement import CompartmentEntry
from intake import clock
from intake.db.engine import Database
from intake.errors import Invalid, NotFound
from intake.people import mechanisms
from intake.record.opened import correspondence
from intake.submissions import handovers
from intake.submissions.mailbox import Mailbox
from intake.submissions.messages import Listed, Messages, Sent, Stored, restored_keys
from intake.submissions.own import Held, part_bytes

MAX_MESSAGE = 8_000  # characters


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that holds. `text` is None where the receipt does not open it.

    `name` is the writer's, as the mechanism's root certified it for those whom they write to; "" without one.
    """

    number: int
    part: str
    mechanism: str
    day: str
    mine: bool
    text: str | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Letters:
    """Blocks."""

    database: Database
    mailbox: Mailbox
    messages: Messages

    def all(self, held: Held) -> list[Letter]:
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
        """The mechanisms that a message can be written to: of a restored receipt, those that know it.

        A successor is one of them, too.
        """
        with self.database.read() as connection:
            if not held.own.restored:
                came = {one.mechanism for one in handovers.of(connection, held.own.record)}
                return sorted(held.live | came)
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
        place = self._place(held, mechanism)
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

    def _place(self, held: Held, mechanism: str) -> CompartmentEntry:
        """What the message is sealed to; a successor opens what its origin was granted."""
        with self.database.read() as connection:
            came = {one.mechanism: one.origin for one in handovers.of(connection, held.own.record)}
        place = correspondence(held.reader.statement, came.get(mechanism, mechanism))
        if place is None:
            raise NotFound("mechanism_unknown", "nothing of the record is open to this mechanism")
        return place

    def _text(self, held: Held, message: Message) -> str | None:
        identity = held.reader.identities.get(message.part.compartment)
        if identity is None:
            return None
        try:
            file = part_bytes(self.mailbox, held.own, message.part.id)
        except FormatError:
            return None
        return str(open_message(message, file, identity).values.get("text", ""))


def _letter(listed: Listed, message: Message, text: str | None) -> Letter:
    member = message.member
    name = (member.name if member else None) or ""
    return Letter(listed.number, listed.part, listed.mechanism, message.day, member is None, text, name)
