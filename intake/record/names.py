"""A name of two words for a record, by which people speak of it: easier to tell apart than 64 digits.

    h = SHA-256("intake/record-name/v1" ‖ id)
    words[u16(h[0:2]) mod 7776] + "-" + words[u16(h[2:4]) mod 7776]

Of some thousands of records a few share a name: it is for the eye, and the citation number is what counts.
"""

from crypto.primitives import sha256
from crypto.receipt_words import ENGLISH

_DOMAIN = b"intake/record-name/v1"


def record_name(record: str) -> str:
    """The name of a record by its id (64 hex digits)."""
    digest = sha256(_DOMAIN, bytes.fromhex(record))
    first, second = (int.from_bytes(digest[i : i + 2], "big") % len(ENGLISH) for i in (0, 2))
    return f"{ENGLISH[first]}-{ENGLISH[second]}"
