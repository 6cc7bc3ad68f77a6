"""Strict readers for values of parsed JSON: each returns the value in its type or raises `FormatError`."""

import re

from crypto.age_keys import Recipient
from crypto.encoding import Json, hex_decode
from crypto.errors import FormatError

DAY = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,30}[a-z0-9]")  # names of mechanisms
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")  # names and versions of programs and texts


def exactly(value: Json, names: str) -> dict[str, Json]:
    """An object with these names (separated by spaces) and no others."""
    if not isinstance(value, dict) or set(value) != set(names.split()):
        raise FormatError(f"expected an object with exactly: {names}")
    return value


def version(value: Json, what: str) -> None:
    """The number 1, and no `true`."""
    if type(value) is not int or value != 1:
        raise FormatError(f"unknown version of the {what}")


def items(value: Json, maximum: int) -> list[Json]:
    """A list of at most `maximum`."""
    if not isinstance(value, list) or len(value) > maximum:
        raise FormatError(f"expected a list of at most {maximum}")
    return value


def text(value: Json, pattern: re.Pattern[str]) -> str:
    """A string that matches as a whole."""
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise FormatError("a text field is not of the expected form")
    return value


def one_of(value: Json, allowed: tuple[str, ...]) -> str:
    """One of the allowed strings."""
    if not isinstance(value, str) or value not in allowed:
        raise FormatError(f"expected one of: {', '.join(allowed)}")
    return value


def positive(value: Json) -> int:
    """An integer from 1 to 2³¹-1."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**31:
        raise FormatError("expected a positive number")
    return value


def boolean(value: Json) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise FormatError("expected true or false")
    return value


def identifier(value: Json) -> str:
    """16 bytes in hex."""
    return hex_decode(value, 16).hex()


def digest(value: Json) -> str:
    """32 bytes in hex."""
    return hex_decode(value, 32).hex()


def recipient(value: Json) -> Recipient:
    """`age1pq1…`, as it is always written: in lower case."""
    found = Recipient.parse(value)
    if found.text != value:
        raise FormatError("a recipient is written in lower case")
    return found
