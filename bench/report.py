"""What a run found, as one Markdown table."""

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

HEAD = "| row | measured | value | compared with | ratio | aim |\n|---|---|---|---|---|---|"


@dataclass(frozen=True, slots=True)
class Line:
    """One line. The ratio is to what `against` names; `aim` is empty where there is none."""

    row: str
    what: str
    value: str
    against: str = ""
    ratio: float | None = None
    aim: str = ""

    def __str__(self) -> str:
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        cells = (self.row, self.what, self.value, self.against, ratio, self.aim)
        return "| " + " | ".join(cells) + " |"


def table(lines: Iterable[Line]) -> str:
    """The table."""
    return "\n".join([HEAD, *map(str, lines)])


def section(lines: Iterable[Line], command: str, minutes: float) -> str:
    """A table with where it comes from: kind of machine, never its name."""
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    machine = f"{os.cpu_count()} cores {platform.machine()}, Python {platform.python_version()}"
    return f"`{command}`, {day}, {minutes:.1f} minutes, {machine}.\n\n{table(lines)}\n"


def document(before: str, name: str, new: str, order: Iterable[str]) -> str:
    """All results, with the section of one row in the place of what it was `before`."""
    sections = dict(part.split("\n\n", 1) for part in before.split("\n## ")[1:]) | {name: new}
    known = [f"## {each}\n\n{sections[each].strip()}\n" for each in order if each in sections]
    return "\n".join(["# Results\n\nHow to read it: [README.md](README.md).\n", *known])
