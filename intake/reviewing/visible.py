"""Which records a member may see: those assigned to them; a key-holder, whose keys open all, all of them.

And of those, what the persons' consents let the mechanism see for what the session is for.
"""

import re
from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, ScalarSelect, exists, select

from intake import clock
from intake.db.tables.coming_back import deletions
from intake.db.tables.review import assignments
from intake.db.tables.staff import sessions
from intake.db.tables.submissions import audience
from intake.db.tables.submissions import records as records_
from intake.errors import NotFound
from intake.people.reader import Reader
from intake.people.roles import KEY_HOLDER
from intake.people.sessions import hash_of
from intake.sharing.access import Visit
from intake.sharing.consented import known, require_consent

_ID = re.compile(r"[0-9a-f]{32}")
_AT_ONCE = 500  # ids in one statement: SQLite has a limit


def require_visible(connection: Connection, reader: Reader, record: str) -> None:
    """`NotFound` if the record is not assigned to this member, or not of their mechanism.

    What is theirs and cannot be read today is `Forbidden`, with the reason: `consent_purpose`,
    `consent_expired`, `deletion_pending`. The record's row is locked to the end of the transaction.
    """
    if known(record) is None:
        raise NotFound("not_found", "there is no such record")
    # First: whoever takes the record back at this moment is waited for, and what they did is seen below.
    connection.execute(select(records_.c.id).where(records_.c.id == record).with_for_update())
    theirs = select(audience.c.record).where(audience.c.record == record, _may_see(reader))
    if connection.execute(theirs).first() is None:
        raise NotFound("not_found", "there is no such record")
    require_consent(connection, reader, record)


def said(name: str, id_: str) -> tuple[tuple[str, str], ...]:
    """An id of 16 bytes as a field of an entry; nothing, if it cannot be one: no free text gets there."""
    return ((name, id_),) if _ID.fullmatch(id_) else ()


def own_mechanism(visit: Visit) -> ScalarSelect[str]:
    """The mechanism of whoever asks, before they are admitted: for what an entry says of a refusal."""
    mine = sessions.c.hash == hash_of(visit.cookie)
    return select(sessions.c.mechanism).where(mine).scalar_subquery()


def visible_of(connection: Connection, reader: Reader, records: Iterable[str] | None = None) -> set[str]:
    """Of these records (None: of all), those that `require_visible` lets through. Locks nothing."""
    query = select(audience.c.record, audience.c.purposes, audience.c.expires).where(
        _may_see(reader), ~exists().where(deletions.c.record == audience.c.record)
    )
    today = clock.day()
    return {
        row.record
        for wanted in _groups(records)
        for row in connection.execute(query if wanted is None else query.where(audience.c.record.in_(wanted)))
        if reader.purpose in row.purposes and (row.expires is None or row.expires >= today)
    }


def _may_see(reader: Reader) -> ColumnElement[bool]:
    """On rows of `audience`."""
    ours = audience.c.mechanism == reader.mechanism
    if KEY_HOLDER in reader.roles:
        return ours
    mine = (assignments.c.mechanism == reader.mechanism) & (assignments.c.member == reader.member)
    return ours & exists().where(mine, assignments.c.record == audience.c.record)


def _groups(records: Iterable[str] | None) -> Iterable[list[str] | None]:
    if records is None:
        return [None]
    ids = [id_ for id_ in dict.fromkeys(records) if known(id_)]
    return [ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE)]
