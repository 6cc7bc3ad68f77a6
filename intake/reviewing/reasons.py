"""A reason in words: an entry that whoever asks has written in the record's workspace, and sealed there."""

from sqlalchemy import Connection, select

from intake.db.tables.review import work, workspaces
from intake.errors import Invalid
from intake.people.reader import Reader


def require_own(connection: Connection, reader: Reader, record: str, entry: str) -> None:
    """`Invalid` (`entry_unknown`) unless it is the member's own entry about this record."""
    query = (
        select(work.c.part)
        .join(workspaces, workspaces.c.id == work.c.workspace)
        .where(work.c.part == entry, work.c.member == reader.member)
        .where(workspaces.c.record == record, workspaces.c.mechanism == reader.mechanism)
    )
    if connection.execute(query).first() is None:
        raise Invalid("entry_unknown", "the reason is an entry of one's own in the record's workspace")
