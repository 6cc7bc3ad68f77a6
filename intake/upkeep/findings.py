"""What checks find, and how they say how far they are."""

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[str, int, int], None]  # what, how many are done, how many there are

RESTORE = "restore the database and the blobs together from one backup, then run this again"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: `what` of `where`, and the mend."""

    what: str
    where: str
    mend: str
