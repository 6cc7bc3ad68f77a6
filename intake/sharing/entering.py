"""How members come in: an application with an invitation, a session after an assertion that holds.

As everywhere, the entry is committed before the answer. A refusal is an entry only once the person is known
for certain, by a signature of their passkey. Everybody else is counted; and where somebody names a member's
passkey and cannot sign with it, the mechanism's auditors are told so, once an hour for each member.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from crypto.encoding import Json
from crypto.statement import PURPOSES
from intake import clock
from intake.audit import log, marks
from intake.audit.events import Event
from intake.db.engine import Database
from intake.errors import Forbidden, IntakeError, Invalid, Unauthenticated
from intake.people import (
    enrolment,
    invitations,
    mechanisms,
    memberships,
    passkeys,
    profiles,
    recovery,
    roles,
    sessions,
)
from intake.people.enrolment import NewPasskey, Waiting
from intake.people.invitations import Invitation
from intake.people.passkeys import Assertion, Created, Owner, Party
from intake.people.reader import Reader
from intake.sharing.access import Access, Visit, What


@dataclass(frozen=True, slots=True)
class Made:
    """A passkey that the browser has just made, its name, and the vault sealed to it, if it can open one."""

    created: Created
    name: str
    vault: bytes | None


class Entering:
    """The gate before the gate: here nobody is a reader yet."""

    def __init__(self, database: Database, access: Access, party: Party) -> None:
        self._database = database
        self._access = access
        self.party = party
        self._told: set[tuple[str, str, str]] = set()
        self._lock = threading.Lock()

    def challenge(self, kind: str, cookie: str | None = None) -> bytes:
        """32 random bytes to answer within five minutes; with `cookie`, in that session only."""
        session = None if cookie is None else sessions.hash_of(cookie)
        with self._database.write(durable=False) as connection:
            passkeys.expire(connection)
            return passkeys.challenge(connection, kind, session)

    def invited(
        self, secret: str, wanted: str | None = None
    ) -> tuple[Invitation, dict[str, str], bytes | None]:
        """What an invitation is for, the mechanism's names, and after a loss the vault of the printed key.

        `Unauthenticated` if it is over; `Conflict` (`member_exists`) if `wanted` is somebody's short name:
        a device keeps one passkey of a name, and a new one would take the place of theirs.
        """
        with self._database.read() as connection:
            found = invitations.get(connection, secret)
            if wanted is not None and found.kind == invitations.JOIN:
                enrolment.require_new(connection, found.mechanism, wanted)
            names = dict(mechanisms.get(connection, found.mechanism).names)
            return found, names, recovery.printed(connection, found)

    def apply(self, secret: str, request: bytes, made: Sequence[Made], printed: bytes | None) -> Waiting:
        """Enrol with an invitation. Whoever is refused can try again with the same one."""
        try:
            keys = [NewPasskey(self.created(m.created, passkeys.ENROL), m.name, m.vault) for m in made]
            with self._database.write() as connection:
                found = enrolment.apply(connection, secret, request, keys, printed)
        except IntakeError:
            self._access.note_anonymous()
            raise
        marks.logged(Event.MEMBER_APPLIED)
        return found

    def recover(self, secret: str, made: Made, signature: bytes) -> Invitation:
        """A new passkey for a member who lost the others: two people gave a link, the member's key signed."""
        try:
            key = NewPasskey(self.created(made.created, passkeys.ENROL), made.name, made.vault)
            with self._database.write() as connection:
                found = recovery.recover(connection, secret, key, made.created, signature)
        except IntakeError:
            self._access.note_anonymous()
            raise
        marks.logged(Event.MEMBER_APPLIED)
        return found

    def created(self, made: Created, kind: str, cookie: str | None = None) -> passkeys.Passkey:
        """A new passkey, verified; its challenge is used up either way."""
        answered = self.taken(made.client_data, kind, cookie)
        return passkeys.created(self.party, made, answered)

    def taken(self, client_data: bytes, kind: str, cookie: str | None = None) -> bytes:
        """The challenge that this answers, used up in a transaction of its own."""
        session = None if cookie is None else sessions.hash_of(cookie)
        with self._database.write(durable=False) as connection:
            return passkeys.take(connection, client_data, kind, session)

    def enter(self, given: Assertion, purpose: str, before: str) -> str:
        """A new session's cookie. The session of the cookie that came along (`before`) ends."""
        owner: Owner | None = None
        try:
            answered = self.taken(given.client_data, passkeys.LOGIN)
            with self._database.write() as connection:
                owner = passkeys.verify(connection, self.party, given, answered)
                cookie = self._begin(connection, owner, purpose, before)
        except (Unauthenticated, Forbidden, Invalid) as refused:
            self._refused(given.id, owner, refused.code)
            raise
        marks.logged(Event.MEMBER_ENTERED)
        return cookie

    def again(self, visit: Visit, given: Assertion) -> None:
        """The session's own member once more; what needs that may be done for five minutes."""

        def check(connection: Connection, reader: Reader) -> None:
            owner = passkeys.verify(connection, self.party, given, answered)
            if (owner.mechanism, owner.member) != (reader.mechanism, reader.member):
                raise Forbidden("assertion_other", "this is somebody else's passkey")
            sessions.refresh(connection, sessions.hash_of(visit.cookie))

        answered = self.taken(given.client_data, passkeys.FRESH, visit.cookie)
        self._access.admitted(visit, What(Event.MEMBER_ENTERED, fields=(("again", 1),)), check)

    def _begin(self, connection: Connection, owner: Owner, purpose: str, before: str) -> str:
        membership = memberships.valid(connection, owner.mechanism).get(owner.member)
        if membership is None:
            raise Forbidden("not_a_member", "the membership has not begun, or has ended")
        if not roles.reads(membership.roles):
            purpose = ""  # nobody is told of it: there is nothing that they read of anybody
        elif purpose not in purposes(connection, owner.mechanism):
            raise Invalid("purpose_not_offered", "the mechanism takes nothing for this purpose")
        sessions.end(connection, before)
        cookie = sessions.begin(connection, owner.mechanism, owner.member, purpose)
        fields: dict[str, Json] = {"member": owner.member, "roles": " ".join(membership.roles)}
        fields |= {"purpose": purpose} if purpose else {}
        log.append(connection, owner.mechanism, Event.MEMBER_ENTERED, **fields)
        return cookie

    def _refused(self, passkey: str, owner: Owner | None, reason: str) -> None:
        """An entry if it was certainly them; else a number, and once an hour a word about their passkey."""
        proven = owner is not None
        with self._database.write() as connection:
            owner = owner or passkeys.find(connection, passkey)
            if owner is not None and (proven or self._first(owner)):
                fields: dict[str, Json] = {"member": owner.member, "reason": reason, "proven": proven}
                log.append(connection, owner.mechanism, Event.ENTRY_REFUSED, **fields)
        if proven:
            marks.logged(Event.ENTRY_REFUSED)
        else:
            self._access.note_anonymous()

    def _first(self, owner: Owner) -> bool:
        """Whether this worker has not told of this member's passkey in this hour."""
        hour = clock.hour()
        with self._lock:
            self._told = {told for told in self._told if told[0] == hour}
            before = len(self._told)
            self._told.add((hour, owner.mechanism, owner.member))
            return len(self._told) > before


def purposes(connection: Connection, mechanism: str) -> list[str]:
    """What members of a mechanism may read for: what it asks people's consent for, in the usual order."""
    offered = profiles.newest(connection)[mechanism].purposes
    return [purpose for purpose in PURPOSES if purpose in offered]
