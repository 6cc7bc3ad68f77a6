"""What a member sees and changes of themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from crypto.membership import Membership, encode_card
from intake.audit.events import Event
from intake.db.engine import Database
from intake.errors import Conflict, Invalid, NotFound
from intake.people import mechanisms, members, memberships, passkeys, sessions, vaults
from intake.people.reader import Reader
from intake.sharing.access import Access, Visit, What
from intake.sharing.entering import Entering, Made, purposes


@dataclass(frozen=True, slots=True)
class Oneself:
    """A member's own page. `names` are the mechanism's; `root` is its public key, 32 bytes.

    `card` is what the root signed, for the browser to check against its vault.
    """

    membership: Membership
    names: dict[str, str]
    root: bytes
    name: str | None
    card: bytes | None
    purpose: str
    purposes: list[str]
    passkeys: list[dict[str, Any]]
    vaults: dict[str, bytes]


class OwnPage:
    """For members, about themselves."""

    def __init__(self, database: Database, access: Access, entering: Entering) -> None:
        self._database = database
        self._access = access
        self._entering = entering

    def see(self, visit: Visit) -> Oneself:
        """Everything that the console needs to begin."""
        reader = self._access.admitted(visit, What(Event.ONESELF_SEEN), lambda *_: None)
        with self._database.read() as connection:
            return _oneself(connection, reader)

    def change_purpose(self, visit: Visit, purpose: str) -> None:
        """What the session's reading is for from now on; `Invalid` if the mechanism asks nobody for that."""

        def change(connection: Connection, reader: Reader) -> None:
            if purpose not in purposes(connection, reader.mechanism):
                raise Invalid("purpose_not_offered", "the mechanism takes nothing for this purpose")
            sessions.change_purpose(connection, sessions.hash_of(visit.cookie), purpose)

        self._change(visit, "purpose", change)

    def add_passkey(self, visit: Visit, made: Made) -> None:
        """One passkey more, and the vault sealed to it, if it can open one."""
        passkey = self._entering.created(made.created, passkeys.ADD, visit.cookie)

        def change(connection: Connection, reader: Reader) -> None:
            mechanism, member = _whose(reader)
            passkeys.add(connection, mechanism, member, passkey, made.name)
            if made.vault is not None:
                vaults.put(connection, mechanism, member, passkey.id, made.vault)

        self._change(visit, "passkey.added", change)

    def rename_passkey(self, visit: Visit, id: str, name: str) -> None:
        """Call a passkey something else."""
        self._change(visit, "passkey.renamed", lambda c, r: passkeys.rename(c, *_whose(r), id, name))

    def remove_passkey(self, visit: Visit, id: str) -> None:
        """A passkey is good for nothing from now on; `Conflict` if nothing would be left to come in with."""

        def change(connection: Connection, reader: Reader) -> None:
            passkeys.remove(connection, *_whose(reader), id)
            vaults.remove(connection, *_whose(reader), id)
            if not passkeys.any_of(connection, *_whose(reader)):
                raise Conflict("last_passkey", "without it nobody could log in")
            if not vaults.files(connection, *_whose(reader)):
                raise Conflict("last_wrapper", "without it the keys could never be opened again")

        self._change(visit, "passkey.removed", change)

    def seal(self, visit: Visit, wrapper: str, file: bytes) -> None:
        """The vault for one of the member's passkeys, or for a new printed key: the old one opens nothing."""

        def change(connection: Connection, reader: Reader) -> None:
            own = [each["id"] for each in passkeys.of_member(connection, *_whose(reader))]
            if wrapper != vaults.RECOVERY and wrapper not in own:
                raise NotFound("not_found", "there is no such passkey")
            vaults.put(connection, *_whose(reader), wrapper, file)

        self._change(visit, "printed" if wrapper == vaults.RECOVERY else "sealed", change)

    def key_saved(self, visit: Visit) -> None:
        """The member's browser is about to write the private key into a file.

        What is opened with it elsewhere is on no log; that it leaves the page is.
        """
        self._change(visit, "key.saved", lambda *_: None)

    def _change(self, visit: Visit, what: str, change: Callable[[Connection, Reader], None]) -> None:
        self._access.admitted(visit, What(Event.ONESELF_CHANGED, fields=(("changed", what),)), change)


def _whose(reader: Reader) -> tuple[str, str]:
    return reader.mechanism, str(reader.member)


def _oneself(connection: Connection, reader: Reader) -> Oneself:
    mechanism, member = _whose(reader)
    bundle = mechanisms.get(connection, mechanism)
    certified = members.valid(connection, mechanism).get(member)
    membership = memberships.valid(connection, mechanism)[member]
    return Oneself(
        membership=membership,
        names=dict(bundle.names),
        root=bundle.root,
        name=certified.name if certified else None,
        card=encode_card(certified.raw, membership.raw) if certified else None,
        purpose=reader.purpose,
        purposes=purposes(connection, mechanism),
        passkeys=passkeys.of_member(connection, mechanism, member),
        vaults=vaults.files(connection, mechanism, member),
    )
