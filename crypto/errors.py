"""What can go wrong in `crypto`.

    CryptoError
    ├── FormatError     the bytes or the JSON are not of the form that the wire format asks for
    ├── NotMine         a well-formed file that this key does not open ("try another key")
    └── VerifyError     a signature, MAC, tag, hash or commitment does not hold ("do not trust this")

`NotMine` differs from `VerifyError` so that a reader with several keys can go on to the next; all
other failures of a cryptographic check are one opaque error that tells an attacker nothing.
"""


class CryptoError(Exception):
    """Base of everything `crypto` raises on purpose."""


class FormatError(CryptoError):
    """The input is malformed."""


class NotMine(CryptoError):
    """The input is well formed, but sealed to somebody else."""


class VerifyError(CryptoError):
    """A check failed: the input was altered, cut, or does not belong here."""
