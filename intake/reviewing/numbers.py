"""By which number a mechanism cites a record: from 1, without gaps, never given twice.

A record gets its number when the mechanism may first see it, in the order of arrival. The number stays when
consent is withdrawn, and is gone with the record when that is erased.
"""

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from intake import clock
from intake.db.tables.review import citations, statuses
from intake.db.tables.submissions import audience, records
from intake.people.leaving import NEW
from intake.people.reader import Reader
from intake.reviewing.rights import consented


def give(connection: Connection, reader: Reader) -> None:
    """Number what has none. Before any record is locked: the counter's row comes first, and the log last."""
    if not _missing(connection, reader, limit=1):
        return
    counter = select(citations.c.last).where(citations.c.mechanism == reader.mechanism).with_for_update()
    last = connection.execute(counter).scalar_one_or_none()
    if last is None:
        try:
            with connection.begin_nested():
                connection.execute(insert(citations).values(mechanism=reader.mechanism, last=0))
        except IntegrityError:
            pass  # another request was faster
        last = connection.execute(counter).scalar_one()
    missing = _missing(connection, reader)  # again: whoever held the counter has numbered some
    if not missing:
        return
    row = {"mechanism": reader.mechanism, "status": NEW, "changed_by": None, "day": clock.day()}
    numbered = enumerate(missing, start=int(last) + 1)
    connection.execute(insert(statuses), [{**row, "record": id_, "number": n} for n, id_ in numbered])
    here = citations.c.mechanism == reader.mechanism
    connection.execute(update(citations).where(here).values(last=int(last) + len(missing)))


def _missing(connection: Connection, reader: Reader, limit: int | None = None) -> list[str]:
    numbered = select(statuses.c.record).where(
        statuses.c.record == audience.c.record, statuses.c.mechanism == reader.mechanism
    )
    query = (
        select(audience.c.record)
        .join(records, records.c.id == audience.c.record)
        .where(consented(reader), ~numbered.exists())
        .order_by(records.c.received_day, records.c.id)
    )
    return list(connection.execute(query.limit(limit)).scalars())
