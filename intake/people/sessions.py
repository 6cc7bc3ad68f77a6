"""Sessions of members: opaque, short, and over at once when they are ended or the member is removed.

The cookie is 32 random bytes; the database has its hash. 15 minutes without a request end a session, and
8 hours end any (OWASP ASVS 3.3). What `roles.FRESH` lists needs an assertion of the last five minutes.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from intake import clock
from intake.db.tables.people import disclosures
from intake.db.tables.staff import sessions
from intake.errors import Forbidden, Unauthenticated
from intake.people import memberships
from intake.people.reader import Reader
from intake.people.roles import FRESH, Action, reads

IDLE, LIFE, FRESH_FOR = 15 * 60, 8 * 3600, 5 * 60  # seconds
STALE = "assertion_needed"  # the refusal until the passkey was shown again
_TOUCH = 30  # seconds: not every request is a write of its own


@dataclass(frozen=True, slots=True)
class Session:
    """Who is logged in. `hash` names the session where its cookie must not stand."""

    hash: str
    reader: Reader


def begin(connection: Connection, mechanism: str, member: str, purpose: str) -> str:
    """A new session after an assertion that was verified; its cookie's value. Never an older one's."""
    cookie = secrets.token_urlsafe(32)
    now = clock.now()
    row = {"mechanism": mechanism, "member": member, "purpose": purpose}
    connection.execute(insert(sessions).values(hash=hash_of(cookie), **row, started=now, seen=now, fresh=now))
    return cookie


def current(connection: Connection, cookie: str) -> Session:
    """The session of a cookie, which goes on with this; `Unauthenticated` if it is over or never was."""
    row = _going_on(connection, cookie)
    if row is None:
        raise Unauthenticated("session_over", "there is no session, or it is over: log in again")
    member = memberships.of(connection, row.mechanism, row.member)
    if member is None:
        raise Unauthenticated("session_over", "the membership has ended")
    now = clock.now()
    if row.seen < now - _TOUCH:
        connection.execute(update(sessions).where(sessions.c.hash == row.hash).values(seen=now))
    purpose = row.purpose if reads(member.roles) else ""  # who sees no content reads for nothing
    reader = Reader(row.mechanism, purpose, member=row.member, roles=member.roles)
    return Session(row.hash, reader)


def known(connection: Connection, cookie: str) -> bool:
    """Whether there is a session of this cookie, over or not."""
    mine = select(sessions.c.hash).where(sessions.c.hash == hash_of(cookie))
    return connection.execute(mine).first() is not None


def live(connection: Connection, cookie: str) -> bool:
    """Whether there is a session of this cookie that is not over."""
    return _going_on(connection, cookie) is not None


def require_fresh(connection: Connection, hash: str, action: Action) -> None:
    """`Forbidden` if the action needs a new assertion first."""
    if action not in FRESH:
        return
    mine = select(sessions.c.fresh).where(sessions.c.hash == hash)
    if connection.execute(mine).scalar_one() < clock.now() - FRESH_FOR:
        raise Forbidden(STALE, "confirm with your passkey first: the last time is too long ago")


def refresh(connection: Connection, hash: str) -> None:
    """A new assertion of the session's member was verified."""
    connection.execute(update(sessions).where(sessions.c.hash == hash).values(fresh=clock.now()))


def change_purpose(connection: Connection, hash: str, purpose: str) -> None:
    """What the member reads for from now on."""
    connection.execute(update(sessions).where(sessions.c.hash == hash).values(purpose=purpose))


def end(connection: Connection, cookie: str) -> None:
    """Log out."""
    _forget(connection, [hash_of(cookie)])


def end_all(connection: Connection, mechanism: str, member: str) -> None:
    """Every session of a member: they were removed, or lost a device."""
    theirs = (sessions.c.mechanism == mechanism) & (sessions.c.member == member)
    _forget(connection, list(connection.execute(select(sessions.c.hash).where(theirs)).scalars()))


def expire(connection: Connection) -> None:
    """Drop sessions that are over."""
    now = clock.now()
    over = (sessions.c.seen < now - IDLE) | (sessions.c.started < now - LIFE)
    _forget(connection, list(connection.execute(select(sessions.c.hash).where(over)).scalars()))


def _going_on(connection: Connection, cookie: str) -> Row[Any] | None:
    now = clock.now()
    row = connection.execute(select(sessions).where(sessions.c.hash == hash_of(cookie))).one_or_none()
    return None if row is None or row.seen < now - IDLE or row.started < now - LIFE else row


def _forget(connection: Connection, hashes: list[str]) -> None:
    connection.execute(delete(disclosures).where(disclosures.c.token.in_(hashes)))
    connection.execute(delete(sessions).where(sessions.c.hash.in_(hashes)))


def hash_of(cookie: str) -> str:
    """What the database has of a cookie."""
    return hashlib.sha256(cookie.encode()).hexdigest()
