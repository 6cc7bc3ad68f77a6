"""Memberships: what a member may do in a mechanism, as its offline root signed it.

Verified each time they are read: the database is not trusted either.
"""

from sqlalchemy import Connection, select

from crypto.membership import Membership, verify_membership
from intake import clock
from intake.db.tables.staff import memberships
from intake.people import mechanisms


def valid(connection: Connection, mechanism: str) -> dict[str, Membership]:
    """Those that hold today, by member."""
    root = mechanisms.get(connection, mechanism).root
    query = select(memberships).where(
        memberships.c.mechanism == mechanism, memberships.c.removed_day.is_(None)
    )
    found = {row.member: verify_membership(bytes(row.document), root) for row in connection.execute(query)}
    return {id_: one for id_, one in found.items() if one.valid_on(clock.day())}
