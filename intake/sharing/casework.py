"""What a mechanism's program does about one record: messages, what became of it, answers, handing it over.

As with everything that goes out, the check and the entry are one transaction of `access`; and what is
written is written in it, so that nothing changes without its entry.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from intake.audit.events import Event
from intake.db.engine import Database
from intake.db.tables.coming_back import restorations
from intake.db.tables.submissions import records
from intake.errors import IntakeError, NotFound
from intake.people.reader import Reader
from intake.record.consent import ANSWERS
from intake.sharing.access import Access, Credentials, What
from intake.sharing.consented import known, require_consent
from intake.submissions import handovers, standings
from intake.submissions.arrived import ReceivedGrant
from intake.submissions.messages import Listed, Messages, Sent, Stored, named
from intake.submissions.restorations import DONE
from intake.submissions.standings import STANDINGS

May = Callable[[Connection, Reader, str], None]


@dataclass(frozen=True, slots=True, repr=False)
class Correspondence:
    """The messages between a record's submitter and one mechanism.

    `restorations` are the signed envelopes of receipts that this mechanism restored: by those receipts'
    keys, too, the submitter may sign.
    """

    messages: list[Listed]
    restorations: list[bytes]


class Casework:
    """Acts for mechanisms, through `Access` only. Blocks.

    `may` says of which records: for programs those with consent, for members those that they see.
    """

    def __init__(
        self, database: Database, messages: Messages, access: Access, may: May = require_consent
    ) -> None:
        self._database = database
        self._messages = messages
        self._access = access
        self._may = may

    def messages(self, asked: Credentials, record: str) -> Correspondence:
        """The mechanism's own correspondence about a record; parts are downloaded as others are."""
        what = What(Event.MESSAGES_LISTED, known(record))
        reader = self._access.admitted(asked, what, lambda c, r: self._may(c, r, record))
        with self._database.read() as connection:
            documents = restored(connection, record, reader.mechanism)
        return Correspondence(self._messages.of(record, reader.mechanism), documents)

    def send(self, asked: Credentials, record: str, sent: Sent) -> Stored:
        """Store a member's message; sent again under the same token it is no entry of its own."""
        try:
            _, part = named(sent.envelope)
        except IntakeError as error:
            self._unread(asked, record, error)
            raise
        once = f"{record}/message/{part}" if known(record) else None
        what = What(Event.MESSAGE_SENT, known(record), fields=(("part", part),), once=once)
        if not self._admissible(asked):  # nothing is written to the store for a stranger
            self._access.admitted(asked, what, _no_record)
        stored: list[Stored] = []

        with self._messages.published(sent) as blob:

            def write(connection: Connection, reader: Reader) -> None:
                self._may(connection, reader, record)
                stored.append(self._messages.from_mechanism(connection, reader, record, sent, blob))

            self._access.admitted(asked, what, write)
        return stored[0]

    def _unread(self, asked: Credentials, record: str, refused: IntakeError) -> None:
        """An envelope that names nothing: who sent it comes first all the same, and is on the log."""

        def check(connection: Connection, reader: Reader) -> None:
            self._may(connection, reader, record)
            raise refused

        self._access.admitted(asked, What(Event.MESSAGE_SENT, known(record)), check)

    def say(self, asked: Credentials, record: str, standing: str) -> None:
        """What became of the record, for its submitter to see."""

        def write(connection: Connection, reader: Reader) -> None:
            self._may(connection, reader, record)
            standings.say(connection, record, reader.mechanism, standing)

        said = (("standing", standing),) if standing in STANDINGS else ()
        self._access.admitted(asked, What(Event.STANDING_SET, known(record), said), write)

    def answer(self, asked: Credentials, record: str, revision: int, answer: str) -> None:
        """Answer a withdrawal: the record is not released any more, and what was read is spoken of."""

        def write(connection: Connection, reader: Reader) -> None:
            if known(record) is None:
                raise NotFound("not_found", "there is no such withdrawal")
            standings.answer(connection, record, reader.mechanism, revision, answer)

        said: tuple[tuple[str, str | int], ...] = (("revision", revision),)
        if answer in ANSWERS:
            said += (("answer", answer),)
        self._access.admitted(asked, What(Event.WITHDRAWAL_ANSWERED, known(record), said), write)

    def hand_over(
        self, asked: Credentials, record: str, successor: str, grants: Sequence[ReceivedGrant]
    ) -> int:
        """Hand a record over to the body that continues the mandate; how many grants were new."""
        given: list[int] = []

        def write(connection: Connection, reader: Reader) -> None:
            if known(record):  # locked first: nothing is withdrawn between the checks and the grants
                connection.execute(select(records.c.id).where(records.c.id == record).with_for_update())
            self._may(connection, reader, record)
            given.append(handovers.hand_over(connection, record, reader.mechanism, successor, grants))

        what = What(Event.HANDED_OVER, known(record), (("successor", successor),))
        self._access.admitted(asked, what, write)
        return given[0]

    def _admissible(self, asked: Credentials) -> bool:
        """Whether the token or session is somebody's: before anything is stored, and no other check."""
        with self._database.read() as connection:
            return asked.somebodys(connection)


def _no_record(connection: Connection, reader: Reader) -> None:
    raise NotFound("not_found", "there is no such record")


def restored(connection: Connection, record: str, mechanism: str) -> list[bytes]:
    """The signed envelopes of receipts that this mechanism restored of a record, and that still count."""
    query = select(restorations.c.document).where(
        restorations.c.record == record,
        restorations.c.mechanism == mechanism,
        restorations.c.state == DONE,
        restorations.c.lookup.is_not(None),
    )
    return [bytes(data) for data in connection.execute(query).scalars()]
