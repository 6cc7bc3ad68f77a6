"""Alarms: what the mechanism's auditors have to look at. A row, and an entry in the access log."""

import secrets

from sqlalchemy import Connection, insert, select

from intake import clock
from intake.audit import log
from intake.audit.events import Event
from intake.db.tables.review import alarms
from intake.people.reader import Reader

BUDGET = "budget_spent"  # a reader asked for more records than a day allows
RECOVERED = "member_recovered"  # two members let a third make a new passkey, or it was made
REMOVAL = "guard_removal"  # to remove an auditor, or the last key-holder or custodian, was proposed, or done
ALONE = "admitted_alone"  # the operator admitted somebody whom two members should have wanted
KINDS = (BUDGET, RECOVERED, REMOVAL, ALONE)


def raise_once(connection: Connection, reader: Reader, kind: str) -> bool:
    """The same about who is reading."""
    return raise_about(connection, reader.mechanism, reader.name, kind)


def raise_about(connection: Connection, mechanism: str, name: str, kind: str) -> bool:
    """Raise an alarm about a member or a program, once a day for each kind; whether it was a new one.

    Two requests at once may raise it twice. Nothing is raised too seldom for it.
    """
    row = {"mechanism": mechanism, "kind": kind, "reader": name, "day": clock.day()}
    known = select(alarms.c.id).where(*(alarms.c[name] == value for name, value in row.items()))
    if connection.execute(known).first():
        return False
    connection.execute(insert(alarms).values(id=secrets.token_hex(16), **row, seen_by=None))
    log.append(connection, mechanism, Event.ALARM_RAISED, alarm=kind, reader=name, day=row["day"])
    return True
