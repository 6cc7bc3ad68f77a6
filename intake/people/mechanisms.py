"""Mechanisms: imported as signed public bundles, never with a private key.

A mechanism's root key is what its own people publish elsewhere. A bundle signed by another root is
refused for an existing mechanism, and a bundle can only add keys: one that drops or changes a key that
was imported before is refused, because records may be sealed to it. So is one with a key that another
mechanism has: a grant belongs to whoever's key it is sealed to.

It takes testimonies once a drill has shown that its people can bring back lost keys (`drills`). From then
on that is for its profile (`closes`) and for the operator (`close`) to say.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from crypto.bundles import Bundle, verify_bundle
from crypto.compartments import CLASSES
from crypto.errors import CryptoError
from intake import clock
from intake.audit import log
from intake.audit.events import Event
from intake.db.tables.people import mechanisms
from intake.db.tables.staff import drills
from intake.errors import Conflict, Invalid, NotFound
from intake.people import profiles


@dataclass(frozen=True, slots=True)
class Known:
    """A mechanism, and whether the operator lets it take testimonies."""

    bundle: Bundle
    open: bool


def add(connection: Connection, data: bytes) -> Bundle:
    """Import a bundle, new or renewed; `Invalid` or `Conflict` says why not."""
    try:
        bundle = verify_bundle(data)
    except CryptoError as error:
        raise Invalid("bundle_invalid", f"the bundle does not hold: {error}") from error
    if any(bundle.key_for(kind, clock.day()) is None for kind in CLASSES):
        raise Invalid(
            "bundle_incomplete", f"the bundle needs a key valid today for each of: {', '.join(CLASSES)}"
        )
    _require_own_keys(connection, bundle)
    row = connection.execute(select(mechanisms).where(mechanisms.c.id == bundle.mechanism)).one_or_none()
    if row is None:
        connection.execute(
            insert(mechanisms).values(
                id=bundle.mechanism, root=bundle.root.hex(), bundle=bundle.raw, version=1, open=False
            )
        )
        log.create(connection, bundle.mechanism)
        before: set[tuple[int, str, str]] = set()
    else:
        if row.root != bundle.root.hex():
            raise Conflict("root_changed", "the bundle is signed by another root than the mechanism's")
        before = _fingerprints(verify_bundle(row.bundle))
        if not before <= _fingerprints(bundle):
            raise Conflict("keys_missing", "the bundle drops or changes a key that was imported before")
        connection.execute(
            update(mechanisms)
            .where(mechanisms.c.id == bundle.mechanism)
            .values(bundle=bundle.raw, version=row.version + 1)
        )
    for epoch, kind, fingerprint in sorted(_fingerprints(bundle) - before):
        log.append(
            connection, bundle.mechanism, Event.KEYS_ADDED, epoch=epoch, compartment=kind, key=fingerprint
        )
    return bundle


def everyone(connection: Connection) -> list[Bundle]:
    """All mechanisms that take testimonies today, by name of id."""
    rows = connection.execute(_OPEN).all()
    # Afterwards: a mechanism that is added meanwhile must not be one without a profile.
    day, offered = clock.day(), profiles.newest(connection)
    return [_trusted(row.bundle) for row in rows if offered[row.id].takes_on(day)]


def known(connection: Connection) -> dict[str, Known]:
    """All mechanisms by id, in its order, whether they take testimonies or not."""
    rows = connection.execute(
        select(mechanisms.c.id, mechanisms.c.bundle, mechanisms.c.open).order_by(mechanisms.c.id)
    )
    return {row.id: Known(_trusted(row.bundle), row.open) for row in rows}


def drilled(connection: Connection, mechanism: str) -> set[int]:
    """The epochs for which a drill has succeeded."""
    done = select(drills.c.epoch).where(drills.c.mechanism == mechanism, drills.c.done_day.is_not(None))
    return set(connection.execute(done).scalars())


def close(connection: Connection, mechanism: str) -> None:
    """No new testimonies from now on; what it has, it keeps reading. `Conflict` if it is closed."""
    _set_open(connection, mechanism, False)


def reopen(connection: Connection, mechanism: str) -> None:
    """Undo `close`; `Conflict` if it is open, or no drill has succeeded yet.

    What the profile says about closing still counts.
    """
    get(connection, mechanism)
    if not drilled(connection, mechanism):
        raise Conflict("drill_missing", "no drill has succeeded: its people have to answer one first")
    _set_open(connection, mechanism, True)


def get(connection: Connection, mechanism: str) -> Bundle:
    """One mechanism; `NotFound` if there is none."""
    row = connection.execute(select(mechanisms.c.bundle).where(mechanisms.c.id == mechanism)).one_or_none()
    if row is None:
        raise NotFound("mechanism_unknown", "there is no such mechanism")
    return _trusted(row.bundle)


# Built once: it runs for every submission.
_OPEN = select(mechanisms.c.id, mechanisms.c.bundle).where(mechanisms.c.open).order_by(mechanisms.c.id)
_verified: dict[bytes, Bundle] = {}


def _trusted(data: bytes) -> Bundle:
    """Verify a stored bundle, once per process and content: the database is not trusted either."""
    if data not in _verified:
        if len(_verified) > 1000:
            _verified.clear()
        _verified[data] = verify_bundle(data)
    return _verified[data]


def _require_own_keys(connection: Connection, bundle: Bundle) -> None:
    """No key is another mechanism's: who lists somebody else's would get the grants that are sealed to it."""
    named = {key.recipient.fingerprint for key in bundle.keys}
    for id, other in known(connection).items():
        if id != bundle.mechanism and named & {key.recipient.fingerprint for key in other.bundle.keys}:
            raise Conflict("key_of_another", "the bundle names a key that another mechanism has")


def _set_open(connection: Connection, mechanism: str, wanted: bool) -> None:
    changed = connection.execute(
        update(mechanisms)
        .where(mechanisms.c.id == mechanism, mechanisms.c.open != wanted)
        .values(open=wanted)
    )
    if not changed.rowcount:
        get(connection, mechanism)
        raise Conflict("mechanism_state", f"the mechanism is {'open' if wanted else 'closed'} already")
    log.append(connection, mechanism, Event.MECHANISM_OPENED if wanted else Event.MECHANISM_CLOSED)


def _fingerprints(bundle: Bundle) -> set[tuple[int, str, str]]:
    return {(key.epoch, key.kind, key.recipient.fingerprint) for key in bundle.keys}
