"""What a function answers to an input, as the vectors write it down."""

from collections.abc import Callable
from typing import Any

from crypto.errors import CryptoError

Case = dict[str, Any]


def outcome(call: Callable[..., object], *arguments: object) -> str | None:
    """The name of the class that is raised, or None."""
    try:
        call(*arguments)
    except CryptoError as error:
        return type(error).__name__
    return None


def case(what: str, call: Callable[..., object], *arguments: object, **given: Any) -> Case:
    """One case: what was called, with what (`given`, as JSON), and the outcome."""
    return {"what": what, **given, "error": outcome(call, *arguments)}
