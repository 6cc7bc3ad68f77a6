"""A mechanism's keys among its members: each gets their own wraps, key-holders seal what others lack.

A key-holder's browser opens its own wraps and seals the identities to a new member, whose recipient it takes
from a membership that the root signed. The service passes sealed files on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from crypto.bundles import Bundle
from crypto.membership import KEY_HOLDER, Membership, opens
from crypto.wraps import MEMBER, Wrap
from intake import clock
from intake.audit.events import Event
from intake.db.engine import Database
from intake.errors import Forbidden
from intake.people import drills, mechanisms, memberships, wraps
from intake.people.reader import Reader
from intake.sharing.access import Access, Visit, What


@dataclass(frozen=True, slots=True)
class Lacking:
    """A member to whom keys, as (epoch, class), should be sealed and are not yet."""

    membership: Membership
    keys: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Leaver:
    """Somebody who left with keys that are still in use, and the last day."""

    member: str
    day: str
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ring:
    """What one member is shown: their own wraps; and a key-holder, for whom there is something to do."""

    bundle: Bundle
    own: tuple[Wrap, ...]
    lacking: tuple[Lacking, ...]
    leavers: tuple[Leaver, ...]


class Keyring:
    """For members who have keys."""

    def __init__(self, database: Database, access: Access) -> None:
        self._database = database
        self._access = access

    def see(self, visit: Visit) -> Ring:
        """The mechanism's bundle and the wraps that are the member's own, after their entry in the log."""
        found: list[Ring] = []

        def check(connection: Connection, reader: Reader) -> None:
            found.append(_ring(connection, reader))

        self._access.admitted(visit, What(Event.KEYS_LISTED), check)
        return found[0]

    def wrap(self, visit: Visit, member: str, given: Sequence[Wrap]) -> int:
        """Keep wraps for another member; how many. `Invalid` if the member's roles do not need one of them.

        `Conflict` if the member has one already: only the operator's command puts others in their place.
        Nobody seals to themselves: what a key-holder has to have was sealed offline, or by another.
        """
        keys = " ".join(sorted(f"{wrap.epoch}.{wrap.compartment}" for wrap in given))
        what = What(Event.KEYS_WRAPPED, fields=(("kind", MEMBER), ("reader", member), ("keys", keys)))

        def check(connection: Connection, reader: Reader) -> None:
            if reader.member == member:
                raise Forbidden("wrap_oneself", "another key-holder seals keys to this member")
            wraps.store(connection, reader.mechanism, given, again=False)

        self._access.admitted(visit, what, check)
        return len(given)


def _ring(connection: Connection, reader: Reader) -> Ring:
    mechanism, holder = reader.mechanism, KEY_HOLDER in reader.roles
    bundle = mechanisms.get(connection, mechanism)
    own = wraps.of(connection, mechanism, MEMBER, str(reader.member))
    valid = memberships.valid(connection, mechanism)
    lacking = wraps.lacking(connection, mechanism) if holder else {}
    return Ring(
        bundle,
        tuple(own),
        tuple(Lacking(valid[member], tuple(keys)) for member, keys in lacking.items()),
        tuple(_leavers(connection, bundle)) if holder else (),
    )


def _leavers(connection: Connection, bundle: Bundle) -> list[Leaver]:
    """Whose membership ended since the newest keys were made: they may have kept them."""
    newest = drills.newest(bundle)
    epoch, since = newest[0].epoch, min(key.starts for key in newest)
    found = []
    for known in memberships.everyone(connection, bundle.mechanism):
        membership = known.membership
        ended = known.removed_day or (membership.expires if membership.expires < clock.day() else None)
        if ended is None or not opens(membership.roles):
            continue
        # On one day, keys can be made after somebody has left or before: the epoch says which it was.
        at = known.removed_epoch
        if at >= epoch if at is not None else ended >= since:
            found.append(Leaver(membership.member, ended, opens(membership.roles)))
    return found
