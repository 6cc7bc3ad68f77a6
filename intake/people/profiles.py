"""Profiles: what a mechanism is, offers and announces, as signed by its offline root.

Only the mechanism's own root is accepted. Versions only grow, and none is ever changed or removed: a
person agreed to what the profile of that day said. A mechanism without one has `Profile.plain`.
"""

from sqlalchemy import Connection, and_, bindparam, func, insert, select

from crypto.errors import CryptoError
from crypto.profiles import Profile, verify_profile
from intake import clock
from intake.audit import log
from intake.audit.events import Event, Log
from intake.db.tables.people import mechanisms, profiles
from intake.errors import Conflict, Invalid, NotFound, Unavailable
from intake.record.questions import parse_questions


def add(connection: Connection, data: bytes) -> Profile:
    """Import a profile; the newest one again changes nothing. `Invalid`, `Conflict` or `NotFound`."""
    try:
        profile = verify_profile(data)
    except CryptoError as error:
        raise Invalid("profile_invalid", f"the profile does not hold: {error}") from error
    try:
        parse_questions(list(profile.questions))
    except ValueError as error:
        raise Invalid("profile_invalid", f"the profile's questions cannot be asked: {error}") from error
    if profile.root != _root(connection, profile.mechanism):
        raise Conflict("root_changed", "the profile is signed by another root than the mechanism's")
    before = newest(connection)[profile.mechanism]
    if profile.sha256 == before.sha256:
        return before
    if profile.version <= before.version:
        raise Conflict(
            "profile_old",
            f"version {before.version} of this profile is there already: sign the change as a higher one",
        )
    connection.execute(
        insert(profiles).values(
            mechanism=profile.mechanism,
            version=profile.version,
            data=profile.raw,
            sha256=profile.sha256,
            day=clock.day(),
        )
    )
    log.append(
        connection,
        profile.mechanism,
        Event.PROFILE_ADDED,
        version=profile.version,
        sha256=profile.sha256,
    )
    return profile


def newest(connection: Connection) -> dict[str, Profile]:
    """The profile that counts today, of every mechanism, open or not."""
    return {
        row.id: Profile.plain(row.id)
        if row.version is None
        else _trusted(connection, row.id, row.version, row.sha256, row.root)
        for row in connection.execute(_NEWEST).all()
    }


def get(connection: Connection, mechanism: str, version: int) -> Profile:
    """One version; 0 is the plain one, from before there was any. `NotFound` if there is none."""
    root = _root(connection, mechanism)
    if version == 0:
        return Profile.plain(mechanism)
    row = connection.execute(
        select(profiles.c.sha256).where(profiles.c.mechanism == mechanism, profiles.c.version == version)
    ).one_or_none()
    if row is None:
        raise NotFound("profile_unknown", "the mechanism has no profile of this version")
    return _trusted(connection, mechanism, version, row.sha256, root.hex())


def history(connection: Connection, mechanism: str) -> list[Profile]:
    """All versions of a mechanism's profile, oldest first; none, if it never had one."""
    root = _root(connection, mechanism).hex()
    rows = connection.execute(
        select(profiles.c.version, profiles.c.sha256)
        .where(profiles.c.mechanism == mechanism)
        .order_by(profiles.c.version)
    ).all()
    return [_trusted(connection, mechanism, row.version, row.sha256, root) for row in rows]


def announces_hold(connection: Connection, mechanism: str, day: str) -> bool:
    """Whether whoever consented on this day (`YYYY-MM-DD`) had been told of a legal hold."""
    return hold_on(connection, mechanism, day) is not None


def hold_on(connection: Connection, mechanism: str, day: str) -> Profile | None:
    """The profile that told whoever consented on this day of a legal hold; None if none surely did.

    Days are all that is known: if two versions held on that day, both must have announced it. Nobody is
    bound by what they may not have read.
    """
    root = _root(connection, mechanism).hex()
    rows = connection.execute(
        select(profiles.c.version, profiles.c.sha256, profiles.c.day)
        .where(profiles.c.mechanism == mechanism, profiles.c.day <= day)
        .order_by(profiles.c.version)
    ).all()
    before, that_day = [row for row in rows if row.day < day], [row for row in rows if row.day == day]
    if not before and _first_day(connection, mechanism) < day:
        return None  # there was no profile yet when the day began
    held = [_trusted(connection, mechanism, r.version, r.sha256, root) for r in before[-1:] + that_day]
    return held[-1] if held and all(profile.hold is not None for profile in held) else None


# Built once: making a statement costs more than running it, and `newest` runs for every submission.
_LAST = (
    select(profiles.c.mechanism, func.max(profiles.c.version).label("version"))
    .group_by(profiles.c.mechanism)
    .subquery()
)
_NEWEST = (
    select(mechanisms.c.id, mechanisms.c.root, profiles.c.version, profiles.c.sha256)
    .outerjoin(_LAST, _LAST.c.mechanism == mechanisms.c.id)
    .outerjoin(profiles, and_(profiles.c.mechanism == mechanisms.c.id, profiles.c.version == _LAST.c.version))
    .order_by(mechanisms.c.id)
)
_DATA = select(profiles.c.data).where(
    profiles.c.mechanism == bindparam("of_mechanism"), profiles.c.version == bindparam("of_version")
)
_verified: dict[tuple[str, str], Profile] = {}


def _trusted(connection: Connection, mechanism: str, version: int, sha256: str, root: str) -> Profile:
    """Verify a stored profile, once per process and content: the database is not trusted either.

    The content is read only for that: a row cannot pass for another one, as its hash, its place and
    the root that signed it are compared each time.
    """
    found = _verified.get((sha256, root))
    if found is None:
        data = connection.execute(_DATA, {"of_mechanism": mechanism, "of_version": version}).scalar_one()
        try:
            found = verify_profile(data, bytes.fromhex(root))
        except CryptoError as error:
            raise Unavailable("unavailable", f"a stored profile does not hold: {error}") from error
        if found.sha256 != sha256:
            raise Unavailable("unavailable", "a stored profile is not the one that was imported")
        if len(_verified) > 1000:
            _verified.clear()
        _verified[sha256, root] = found
    if (found.mechanism, found.version) != (mechanism, version):
        raise Unavailable("unavailable", "a stored profile is not at its place")
    return found


def _first_day(connection: Connection, mechanism: str) -> str:
    """When the mechanism was made known to this service, as its log says; today, if that is not in yet."""
    entries = log.read(connection, mechanism, Log.RECORDS, 0, 1)
    return str(entries[0].fields.get("day", "")) if entries else clock.day()


def _root(connection: Connection, mechanism: str) -> bytes:
    root: str | None = connection.execute(
        select(mechanisms.c.root).where(mechanisms.c.id == mechanism)
    ).scalar_one_or_none()
    if root is None:
        raise NotFound("mechanism_unknown", "there is no such mechanism")
    return bytes.fromhex(root)
