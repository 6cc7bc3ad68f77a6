"""Are the alarms those that the log knows? A row that was deleted is one that no auditor looks at.

Each alarm is a row and an entry of the access log, in one transaction, and neither is ever taken away. So
they are held against each other, as the console of auditors does.
"""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Connection, select

from crypto import log_leaf
from crypto.errors import CryptoError
from crypto.log_leaf import LogLeaf, Opening
from intake.audit.events import Event, Log
from intake.db.engine import Database
from intake.db.tables.audit import log_entries, log_pending
from intake.db.tables.review import alarms
from intake.upkeep.findings import Finding

_Alarm = tuple[str, str, str, str]  # mechanism, kind, whom it is about, day
_TAKEN = (
    "somebody took it away: keep a copy of this database as evidence, tell the mechanism's auditors by"
    " another way, and bring the row back from a backup"
)
_MADE_UP = (
    "somebody wrote it into the table, or changed it: keep a copy of this database as evidence, and tell the"
    " mechanism's auditors by another way"
)


def check(database: Database) -> Iterator[Finding]:
    """Alarms that one of the two lacks. Both are read in one snapshot: more may be raised meanwhile."""
    with database.read() as connection:
        columns = (alarms.c.mechanism, alarms.c.kind, alarms.c.reader, alarms.c.day)
        rows = connection.execute(select(*columns))
        listed: Counter[_Alarm] = Counter((row[0], row[1], row[2], row[3]) for row in rows)
        logged, shut = Counter[_Alarm](), set[str]()
        for mechanism, alarm in _logged(connection):
            if alarm is None:
                shut.add(mechanism)  # `check_logs` names the entry; which alarm it was, nobody knows
            else:
                logged[alarm] += 1
    for alarm, count in sorted((logged - listed).items()):
        yield _finding("the log has it, and it is not among the alarms", alarm, count, _TAKEN)
    for alarm, count in sorted((listed - logged).items()):
        if alarm[0] not in shut:
            yield _finding("it is among the alarms, and the log does not know it", alarm, count, _MADE_UP)


def _logged(connection: Connection) -> Iterator[tuple[str, _Alarm | None]]:
    """Mechanism, and what the entry says; None if it does not open. Those that wait for an index, too."""
    for table in (log_entries, log_pending):
        query = select(table.c.mechanism, table.c.leaf, table.c.opening).where(
            table.c.log == Log.ACCESS, table.c.event == Event.ALARM_RAISED, table.c.opening.is_not(None)
        )
        for mechanism, leaf, data in connection.execute(query):
            try:
                opening = Opening.parse(data)
                log_leaf.verify_opening(LogLeaf.parse(leaf), opening)
            except CryptoError:
                yield mechanism, None
                continue
            said = opening.values
            yield (
                mechanism,
                (mechanism, str(said.get("alarm")), str(said.get("reader")), str(said.get("day"))),
            )


def _finding(what: str, alarm: _Alarm, count: int, mend: str) -> Finding:
    mechanism, kind, about, day = alarm
    many = f" ({count} of them)" if count > 1 else ""
    return Finding(what + many, f"alarm {kind} about {about} of {day}, mechanism {mechanism}", mend)
