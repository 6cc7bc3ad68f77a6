"""For how long a submitter is not shown a mechanism's accesses: what its profile says, and no more.

A mechanism that announces a longer period later does not bind those who had agreed before. Nor does a
successor: what its person read and agreed to was the profile of the mechanism that it came from.
"""

from sqlalchemy import Connection, select

from intake.audit import log
from intake.audit.events import Event
from intake.db.tables.people import profiles as table
from intake.people import profiles
from intake.submissions import handovers


def of(connection: Connection, record: str) -> dict[str, int]:
    """Days, by mechanism: of its newest profile, or of that on the day of its first consent if shorter.

    For whoever was handed the record over, also if that has ended, at most those of where it came from.
    """
    first: dict[str, str] = {}
    origins = {one.mechanism: {one.origin} for one in handovers.of(connection, record)}
    for mechanism, _, _, entry in log.of_record(connection, record):
        if entry.event is Event.RECORD_ADDED:
            said = entry.fields
            first.setdefault(mechanism, str(said["day"]))
            if "from" in said:
                origins.setdefault(mechanism, set()).add(str(said["from"]))
    own = {
        mechanism: min(profile.delay_days, _then(connection, mechanism, first[mechanism]))
        if mechanism in first
        else profile.delay_days
        for mechanism, profile in profiles.newest(connection).items()
    }
    return {
        mechanism: min([days, *(own[origin] for origin in origins.get(mechanism, ()))])
        for mechanism, days in own.items()
    }


def _then(connection: Connection, mechanism: str, day: str) -> int:
    """The shortest that held on this day: one of that day may have come after the consent."""
    theirs = select(table.c.version).where(table.c.mechanism == mechanism)
    earlier = theirs.where(table.c.day < day).order_by(table.c.version.desc()).limit(1)
    versions = [
        *connection.execute(earlier).scalars(),
        *connection.execute(theirs.where(table.c.day == day)).scalars(),
    ]
    return min((profiles.get(connection, mechanism, version).delay_days for version in versions), default=0)
