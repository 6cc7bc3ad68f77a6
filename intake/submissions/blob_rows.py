"""Between a blob's publication and its row's commit, only time protects it from the sweep: this is the rule.

The sweep deletes blobs without a row that are older than `SWEEP_AGE`, apart from all transactions that
make such rows. Whoever makes one first checks, within its transaction, that little time has passed since
before it published: then the sweep cannot have been there, and cannot come before the commit.
"""

from sqlalchemy import Connection

from intake import clock
from intake.db.engine import Database
from intake.errors import Unavailable

SWEEP_AGE = clock.HOUR
BLOB_ROWS = 100  # the task of `Database.together` and `apart`
_MOST = clock.HOUR // 6


def still_young(database: Database, connection: Connection, began: int) -> None:
    """`Unavailable` if what was published since `began` (seconds since 1970) may be swept already."""
    database.together(connection, BLOB_ROWS)
    if not -60 <= clock.now() - began <= _MOST:
        raise Unavailable("unavailable", "storing took too long; send again")
