"""Between a blob's publication and its row's commit, only time protects it from the sweep: this is the rule.

The sweep deletes blobs without a row that are older than `SWEEP_AGE`, apart from all transactions that
make such rows. Whoever makes one first checks, within its transaction, that little time has passed since
before it published: then the sweep cannot have been there, and cannot come before the commit.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, delete, or_, select

from intake import clock
from intake.db.engine import Database
from intake.db.tables.review import work_files
from intake.db.tables.submissions import parts, payloads
from intake.errors import Unavailable

SWEEP_AGE = clock.HOUR
BLOB_ROWS = 100  # the task of `Database.together` and `apart`
_MOST = clock.HOUR // 6
REFERRING = (parts, work_files)  # the tables whose rows keep a payload


def referred_to() -> ColumnElement[bool]:
    """On rows of `payloads`: whether a part of a record, or a file of reviewers, is there for it."""
    return or_(*(select(table.c.blob).where(table.c.blob == payloads.c.blob).exists() for table in REFERRING))


def still_young(database: Database, connection: Connection, began: int) -> None:
    """`Unavailable` if what was published since `began` (seconds since 1970) may be swept already."""
    database.together(connection, BLOB_ROWS)
    if not -60 <= clock.now() - began <= _MOST:
        raise Unavailable("unavailable", "storing took too long; send again")


def lonely(connection: Connection, blobs: Collection[str]) -> list[str]:
    """Of these payloads, drop the rows of those that nothing refers to any more; which they were."""
    gone = delete(payloads).where(payloads.c.blob.in_(blobs), ~referred_to())
    return list(connection.execute(gone.returning(payloads.c.blob)).scalars())
