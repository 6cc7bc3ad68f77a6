"""Whether a server of this data folder runs on this machine: held by each of its processes while it lives."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from intake.errors import Conflict
from intake.settings import Settings

_NAME = "serving.lock"


@contextmanager
def serving(settings: Settings) -> Iterator[None]:
    """Hold the mark, together with others."""
    with (settings.data_dir / _NAME).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict("moving", "this installation is being moved: serving waits until then") from error
        yield


@contextmanager
def not_serving(settings: Settings, why: str) -> Iterator[None]:
    """Keep servers from starting; `Conflict`, with `why`, if one runs."""
    with (settings.data_dir / _NAME).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict("serving", why) from error
        yield
