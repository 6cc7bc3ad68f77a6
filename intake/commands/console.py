"""Talking to the person at the terminal: errors as one sentence, progress as one line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from crypto.errors import CryptoError
from intake.client.api import ApiError, Offline
from intake.client.folder import FolderError
from intake.client.submit import SubmitError
from intake.errors import ConfigurationError, IntakeError

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def fail(text: str, code: int = 1) -> NoReturn:
    """Say what is wrong, and end."""
    err.print(f"error: {text}", style="bold red", markup=False)
    raise typer.Exit(code)


def grouped(fingerprint: str) -> str:
    """Hex in groups of four, to be compared by eye."""
    return " ".join(fingerprint[i : i + 4] for i in range(0, len(fingerprint), 4))


def days_text(days: int) -> str:
    """A number of days, in words."""
    return f"{days} days" if days != 1 else "1 day"


def compared(question: str) -> None:
    """Ask what only a person can answer, who looks at it; ends unless they say yes.

    In a script nobody looks, and there the question would end the command without a word of why.
    """
    try:
        meant = typer.confirm(question)
    except typer.Abort:
        err.print()
        fail(
            "nobody answered, so nothing was signed or written: a person has to compare what is shown above,"
            " at a terminal, and type y. With --yes you say that this was done"
        )
    if not meant:
        fail("the answer was no: nothing was signed or written")


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn expected failures into one sentence instead of a traceback."""
    try:
        yield
    except (ConfigurationError, CryptoError, ApiError, Offline, FolderError, SubmitError) as error:
        fail(str(error))
    except IntakeError as error:
        fail(error.detail)
    except (FileExistsError, FileNotFoundError, PermissionError, NotADirectoryError) as error:
        fail(f"{error.strerror or error}: {error.filename}" if error.filename else str(error))
    except ValueError as error:
        fail(str(error))


@contextmanager
def transfer() -> "Iterator[Bars]":
    """A progress display in bytes; silent where the output is not a terminal."""
    with _bars(DownloadColumn()) as bars:
        yield bars


@contextmanager
def counted() -> "Iterator[Bars]":
    """A progress display in numbers of things."""
    with _bars(MofNCompleteColumn()) as bars:
        yield bars


@contextmanager
def _bars(amount: ProgressColumn) -> "Iterator[Bars]":
    columns = (TextColumn("{task.description}"), BarColumn(), amount, TimeRemainingColumn())
    with Progress(*columns, console=err, disable=not sys.stderr.isatty()) as progress:
        yield Bars(progress)


class Bars:
    """One bar for each thing that goes on."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show that `done` of `total` are through."""
        if what not in self._task:
            self._task[what] = self._progress.add_task(what, total=total)
        self._progress.update(self._task[what], completed=done, total=total)
