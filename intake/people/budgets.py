"""How many records a reader may open in a day: what one stolen session, key or conscience can take along.

Distinct records per UTC day are counted, for members and programs alike; reading one again costs nothing.
Lists, and triage cards in lists, are not openings. Two people change a budget (`proposals`).
"""

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from intake import clock
from intake.audit import log
from intake.audit.events import Event
from intake.db.tables.people import clients
from intake.db.tables.review import budgets, openings
from intake.db.tables.staff import memberships
from intake.errors import Forbidden, Invalid
from intake.people.reader import Reader

SPENT = "budget_spent"
MOST = 100_000


def spend(connection: Connection, reader: Reader, record: str, daily: int) -> tuple[int, int]:
    """Count the opening of a record; `Forbidden` if it would be one too many today.

    Gives how many records the reader has opened today, with this one, and how many they may.
    `daily` counts unless another number was decided for the reader. Openings of one reader wait for each
    other here, until the commit: else many at once would all be the last one. The record is locked before.
    """
    _one_at_a_time(connection, reader)
    today = {"mechanism": reader.mechanism, "reader": reader.name, "day": clock.day()}
    mine = [openings.c[name] == value for name, value in today.items()]
    count = int(connection.execute(select(func.count()).select_from(openings).where(*mine)).scalar_one())
    most = of(connection, reader.mechanism, reader.name) or daily
    if connection.execute(select(openings.c.record).where(*mine, openings.c.record == record)).first():
        return count, most
    if count >= most:
        raise Forbidden(SPENT, "no more records may be opened today; the mechanism's auditors see this")
    connection.execute(insert(openings).values(**today, record=record))
    return count + 1, most


def of(connection: Connection, mechanism: str, reader: str) -> int | None:
    """What was decided for a reader, if anything was."""
    query = select(budgets.c.daily).where(budgets.c.mechanism == mechanism, budgets.c.reader == reader)
    return connection.execute(query).scalar_one_or_none()


def decided(connection: Connection, mechanism: str) -> dict[str, int]:
    """What was decided for readers of a mechanism, by reader."""
    query = select(budgets.c.reader, budgets.c.daily).where(budgets.c.mechanism == mechanism)
    return {reader: daily for reader, daily in connection.execute(query)}


def change(connection: Connection, mechanism: str, reader: str, daily: int, **said: str) -> None:
    """What two people decided: `reader` is a member's id, or "client:" and a program's.

    `said`: what the entry says of whoever decided.
    """
    if not 1 <= daily <= MOST:
        raise Invalid("budget_range", f"a day's budget is 1 to {MOST} records")
    here = (budgets.c.mechanism == mechanism) & (budgets.c.reader == reader)
    if not connection.execute(update(budgets).where(here).values(daily=daily)).rowcount:
        try:
            with connection.begin_nested():
                connection.execute(insert(budgets).values(mechanism=mechanism, reader=reader, daily=daily))
        except IntegrityError:  # somebody was as fast
            connection.execute(update(budgets).where(here).values(daily=daily))
    log.append(connection, mechanism, Event.BUDGET_CHANGED, reader=reader, daily=daily, **said)


def expire(connection: Connection) -> None:
    """Drop what was counted on earlier days: the log has it."""
    connection.execute(delete(openings).where(openings.c.day < clock.day()))


def _one_at_a_time(connection: Connection, reader: Reader) -> None:
    if reader.member is not None:
        here = (memberships.c.mechanism == reader.mechanism) & (memberships.c.member == reader.member)
        query = select(memberships.c.member).where(here)
    else:
        query = select(clients.c.id).where(clients.c.id == reader.client)
    # `key_share`: rows that refer to this one are not kept out.
    connection.execute(query.with_for_update(key_share=True))
