"""What was durably logged for the request at hand: marked after the commit, looked at before the answer.

The mark travels with the request into the threads that work for it. Outside of a request that is
watched (commands, maintenance) it goes nowhere.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from intake.audit.events import Event


@dataclass(slots=True)
class Marks:
    """Events whose entries were committed, those that only repeat an earlier entry, refusals of strangers."""

    logged: set[Event] = field(default_factory=set)
    repeated: set[Event] = field(default_factory=set)
    stranger: bool = False


_watched: ContextVar[Marks | None] = ContextVar("marks", default=None)


@contextmanager
def watching() -> Iterator[Marks]:
    """The marks of what happens inside the block."""
    marks = Marks()
    token = _watched.set(marks)
    try:
        yield marks
    finally:
        _watched.reset(token)


def logged(event: Event, *, again: bool = False) -> None:
    """An entry of this event is committed; with `again`, by an earlier request that this one repeats."""
    marks = _watched.get()
    if marks is not None:
        (marks.repeated if again else marks.logged).add(event)


def refused_stranger() -> None:
    """Somebody unknown was refused: counted, not listed."""
    marks = _watched.get()
    if marks is not None:
        marks.stranger = True
