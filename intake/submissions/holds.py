"""Whether a legal hold keeps what a mechanism has opened: what is said about it, and what is done, is this.

A hold binds a person who had been told of it before consenting. The newest profile does not matter: it may
announce one that nobody agreed to, or announce it no more.
"""

from sqlalchemy import Connection, select, union_all

from crypto.log_leaf import Opening
from crypto.profiles import Profile
from intake.audit.events import Event
from intake.db.tables.audit import log_entries, log_pending
from intake.people import profiles
from intake.submissions import handovers


def binding(connection: Connection, record: str, mechanism: str) -> Profile | None:
    """The profile whose hold the person had read of when consenting; None if no hold binds.

    A testimony that travelled is consented to on the day of its sealing; what was announced between that
    day and its arrival had not been read, and what was no longer said on its arrival does not bind either.
    A successor that was handed the record is never bound by a hold of its own.
    """
    if handovers.origin_of(connection, record, mechanism) is not None:
        return None
    told = [profiles.hold_on(connection, mechanism, day) for day in _days(connection, record, mechanism)]
    return told[0] if all(told) else None


def _days(connection: Connection, record: str, mechanism: str) -> list[str]:
    """The day since which it has had consent without a break, by its records log; before it the sealing's."""
    mine = [
        select(table.c.opening, table.c.counter).where(
            table.c.record == record,
            table.c.mechanism == mechanism,
            table.c.event == Event.RECORD_ADDED,
        )
        for table in (log_entries, log_pending)
    ]
    newest = union_all(*mine).subquery()
    opening = connection.execute(select(newest.c.opening).order_by(newest.c.counter.desc()).limit(1))
    said = Opening.parse(bytes(opening.scalar_one())).values
    return [str(said[name]) for name in ("sealed", "day") if name in said]
