"""Who is a member: inviting, admitting what the root signed. By an administrator, each time with an entry."""

from collections.abc import Sequence

from sqlalchemy import Connection

from intake.audit.events import Event
from intake.db.engine import Database
from intake.people import enrolment, invitations
from intake.people.reader import Reader
from intake.sharing.access import Access, Visit, What


class Staffing:
    """For administrators of a mechanism, about its people."""

    def __init__(self, database: Database, access: Access, review_url: str) -> None:
        self._database = database
        self._access = access
        self._url = review_url

    def invite(self, visit: Visit, roles: Sequence[str], days: int) -> str:
        """A link for one person, shown once."""
        made: list[str] = []

        def check(connection: Connection, reader: Reader) -> None:
            made.append(invitations.make(connection, reader.mechanism, roles, days))

        what = What(Event.MEMBER_INVITED, fields=(("for_roles", " ".join(sorted(roles))), ("days", days)))
        self._access.admitted(visit, what, check)
        return invitations.link(self._url, made[0])

    def admit(self, visit: Visit, card: bytes) -> str:
        """Take a card that the root signed; whom it admits."""
        subject = enrolment.subject(card)
        what = What(Event.MEMBER_ADMITTED, fields=(("subject", subject),))

        def check(connection: Connection, reader: Reader) -> None:
            enrolment.admit(connection, reader.mechanism, card)

        self._access.admitted(visit, what, check)
        return subject
