"""Whether a person's consent lets a mechanism open a record today: asked before everything that goes out."""

import re

from sqlalchemy import Connection, select

from intake import clock
from intake.db.tables import submissions as t
from intake.db.tables.coming_back import deletions
from intake.errors import Forbidden, NotFound
from intake.people.reader import Reader

_ID = re.compile(r"[0-9a-f]{64}")


def known(record: str) -> str | None:
    """A record id, or None for what cannot be one: ids have one spelling in the logs."""
    return record if _ID.fullmatch(record) else None


def require_consent(connection: Connection, reader: Reader, record: str) -> None:
    """Consent of this record for this mechanism, purpose and day; not named is `NotFound`.

    The record's row is locked from here to the commit of the entry: what a person takes back at the same
    moment comes wholly before it, or after it. Other locks are taken after this one.
    """
    if known(record) is None:
        raise NotFound("not_found", "there is no such record")
    connection.execute(select(t.records.c.id).where(t.records.c.id == record).with_for_update())
    query = select(t.audience).where(
        t.audience.c.record == record, t.audience.c.mechanism == reader.mechanism
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("not_found", "there is no such record")
    if connection.execute(select(deletions.c.record).where(deletions.c.record == record)).first():
        raise Forbidden("deletion_pending", "the person has asked for the record to be deleted")
    if reader.purpose not in row.purposes:
        raise Forbidden("consent_purpose", "the person did not consent to this purpose")
    if row.expires is not None and row.expires < clock.day():
        raise Forbidden("consent_expired", "the person's consent has expired")
