"""Invitations: a link that lets one person enrol, once, within 72 hours. What they may do the root decides.

The link's secret stands behind its `#`: no server and no log ever sees it. The database has its hash.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from crypto.errors import FormatError
from crypto.membership import parse_roles
from intake import clock
from intake.db.tables.staff import invitations
from intake.errors import Invalid, Unauthenticated
from intake.people import mechanisms

HOURS = 72
JOIN, RECOVER = "join", "recover"
MAX_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link is for. `member` is set when a known member is to have a new passkey."""

    mechanism: str
    kind: str
    member: str | None
    roles: tuple[str, ...]
    days: int


def make(
    connection: Connection, mechanism: str, roles: Sequence[str], days: int, member: str | None = None
) -> str:
    """A new invitation's secret, shown once; for a known `member`, a recovery."""
    mechanisms.get(connection, mechanism)
    try:
        wanted = parse_roles(sorted(set(roles)))
    except FormatError as error:
        raise Invalid("roles_invalid", str(error)) from error
    if not 1 <= days <= MAX_DAYS:
        raise Invalid("days_invalid", f"a membership lasts 1 to {MAX_DAYS} days")
    secret = secrets.token_urlsafe(32)
    row = {"kind": RECOVER if member else JOIN, "member": member, "roles": list(wanted), "days": days}
    until = clock.now() + HOURS * clock.HOUR
    connection.execute(
        insert(invitations).values(
            secret=_hash(secret), mechanism=mechanism, **row, expires=until, used=False
        )
    )
    return secret


def link(review_url: str, secret: str, kind: str = JOIN, root: str = "") -> str:
    """What the invited person opens. Their vault keeps `root`, its fingerprint in hex, and trusts no other.

    Where a member's browser asks for the link, that adds the root that its own vault names.
    """
    return f"{review_url}/review#{kind}={secret}" + (f"&root={root}" if root else "")


def get(connection: Connection, secret: str) -> Invitation:
    """What a secret invites to; `Unauthenticated` if it is over, used, or was never made."""
    query = select(invitations).where(invitations.c.secret == _hash(secret), _valid())
    row = connection.execute(query).one_or_none()
    if row is None:
        raise Unauthenticated("invitation_over", "this invitation was used, or is older than 72 hours")
    return Invitation(row.mechanism, row.kind, row.member, tuple(row.roles), row.days)


def use(connection: Connection, secret: str) -> Invitation:
    """The same, and nobody uses it again."""
    found = get(connection, secret)
    here = (invitations.c.secret == _hash(secret)) & _valid()
    if not connection.execute(update(invitations).where(here).values(used=True)).rowcount:
        raise Unauthenticated("invitation_over", "this invitation was used")
    return found


def expire(connection: Connection) -> None:
    """Drop what was used or is over."""
    connection.execute(delete(invitations).where(~_valid()))


def _valid() -> ColumnElement[bool]:
    return ~invitations.c.used & (invitations.c.expires >= clock.now())


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
