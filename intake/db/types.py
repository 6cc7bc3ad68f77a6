"""Column types that both databases store alike."""

from typing import Any

from sqlalchemy import Dialect, LargeBinary, TypeDecorator


class Hex(TypeDecorator[str]):
    """Bytes in the database, lower-case hex in Python: half the space of text."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Hex to bytes."""
        if value is None:
            return None
        try:
            return bytes.fromhex(value)
        except ValueError:
            return b""  # what is not hex was never stored: it equals no row's value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        """Bytes to hex."""
        return None if value is None else bytes(value).hex()
