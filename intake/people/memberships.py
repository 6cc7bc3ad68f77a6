"""Memberships: what a member may do in a mechanism, as its offline root signed it.

Verified whenever they are read: the database is not trusted either.
"""

import functools
from dataclasses import dataclass

from sqlalchemy import Connection, select

from crypto.membership import Membership, verify_membership
from intake import clock
from intake.db.tables.staff import memberships
from intake.people import mechanisms


@dataclass(frozen=True, slots=True)
class Known:
    """A membership as it was signed, and the day on which it was ended, or None.

    `removed_epoch`: the newest epoch of the mechanism's keys when it was ended, where that is known.
    """

    membership: Membership
    removed_day: str | None
    removed_epoch: int | None = None

    @property
    def valid(self) -> bool:
        """Whether it holds today."""
        return self.removed_day is None and self.membership.valid_on(clock.day())


def everyone(connection: Connection, mechanism: str) -> list[Known]:
    """All that a mechanism ever had, by member."""
    root = mechanisms.get(connection, mechanism).root
    query = select(memberships).where(memberships.c.mechanism == mechanism)
    rows = connection.execute(query.order_by(memberships.c.member)).all()
    return [Known(_verified(bytes(row.document), root), row.removed_day, row.removed_epoch) for row in rows]


# Once per process and content: every request of every member asks this.
_verified = functools.lru_cache(4096)(verify_membership)


def of(connection: Connection, mechanism: str, member: str) -> Membership | None:
    """One member's, if it holds today; None else."""
    root = mechanisms.get(connection, mechanism).root
    query = select(memberships).where(memberships.c.mechanism == mechanism, memberships.c.member == member)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    known = Known(_verified(bytes(row.document), root), row.removed_day)
    return known.membership if known.valid and known.membership.member == member else None


def valid(connection: Connection, mechanism: str) -> dict[str, Membership]:
    """Those that hold today, by member."""
    found = everyone(connection, mechanism)
    return {known.membership.member: known.membership for known in found if known.valid}
