"""What a member sees and changes of themselves."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from crypto.membership import Membership
from intake.audit.events import Event
from intake.db.engine import Database
from intake.errors import Invalid
from intake.people import mechanisms, members, memberships, passkeys, sessions, vaults
from intake.people.reader import Reader
from intake.sharing.access import Access, Visit, What
from intake.sharing.entering import purposes


@dataclass(frozen=True, slots=True)
class Oneself:
    """A member's own page. `names` are the mechanism's; `root` is its public key, 32 bytes."""

    membership: Membership
    names: dict[str, str]
    root: bytes
    name: str | None
    purpose: str
    purposes: list[str]
    passkeys: list[dict[str, Any]]
    vaults: dict[str, bytes]


class OwnPage:
    """For members, about themselves."""

    def __init__(self, database: Database, access: Access) -> None:
        self._database = database
        self._access = access

    def see(self, visit: Visit) -> Oneself:
        """Everything that the console needs to begin."""
        reader = self._access.admitted(visit, What(Event.ONESELF_SEEN), lambda *_: None)
        with self._database.read() as connection:
            return _oneself(connection, reader)

    def change_purpose(self, visit: Visit, purpose: str) -> None:
        """What the session's reading is for from now on; `Invalid` if the mechanism asks nobody for that."""

        def check(connection: Connection, reader: Reader) -> None:
            if purpose not in purposes(connection, reader.mechanism):
                raise Invalid("purpose_not_offered", "the mechanism takes nothing for this purpose")
            sessions.change_purpose(connection, sessions.hash_of(visit.cookie), purpose)

        self._access.admitted(visit, What(Event.ONESELF_CHANGED, fields=(("purpose_now", purpose),)), check)


def _oneself(connection: Connection, reader: Reader) -> Oneself:
    mechanism, member = reader.mechanism, str(reader.member)
    bundle = mechanisms.get(connection, mechanism)
    return Oneself(
        membership=memberships.valid(connection, mechanism)[member],
        names=dict(bundle.names),
        root=bundle.root,
        name=certified.name if (certified := members.valid(connection, mechanism).get(member)) else None,
        purpose=reader.purpose,
        purposes=purposes(connection, mechanism),
        passkeys=passkeys.of_member(connection, mechanism, member),
        vaults=vaults.files(connection, mechanism, member),
    )
