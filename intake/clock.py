"""Time, as coarse as each use allows.

Nothing about a submission is stored finer than a day: an exact time ties a record to whoever watched
the network. Deadlines of the service itself are kept in whole hours or, for tokens, in seconds.
"""

import time
from datetime import UTC, datetime
from email.utils import formatdate

DAY = 86_400  # seconds
HOUR = 3_600


def now() -> int:
    """Seconds since 1970."""
    return int(time.time())


def day(seconds: int | None = None) -> str:
    """`YYYY-MM-DD`, UTC."""
    return datetime.fromtimestamp(now() if seconds is None else seconds, UTC).strftime("%Y-%m-%d")


def hour(seconds: int | None = None) -> str:
    """`YYYY-MM-DDTHH`, UTC: as fine as an access is logged."""
    return datetime.fromtimestamp(now() if seconds is None else seconds, UTC).strftime("%Y-%m-%dT%H")


def hour_number(seconds: int | None = None) -> int:
    """Whole hours since 1970."""
    return (now() if seconds is None else seconds) // HOUR


def http_date(seconds: int) -> str:
    """As HTTP headers write it (RFC 9110, 5.6.7)."""
    return formatdate(seconds, usegmt=True)
