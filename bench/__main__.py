"""`python -m bench [NAME…] [--quick] [--write]`: print the table; see `README.md`."""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench import audit, browser, growth, medium, memory, others, puts, report, review, small, uploads
from bench.scale import FULL, QUICK
from bench.stand import Stand, scratch

Row = Callable[[Stand], Iterator[report.Line]]
ROWS: dict[str, Row] = {
    "sealed": uploads.sealed,
    "form": uploads.form,
    "others": others.others,
    "small": small.small,
    "medium": medium.medium,
    "memory": memory.memory,
    "polite": uploads.polite,
    "growth": growth.growth,
    "puts": puts.puts,
    "audit": audit.audit,
    "browser": browser.browser_row,
    "review": review.review,
}
RESULTS = Path(__file__).with_name("results.md")


def main() -> int:
    """Measure what was asked for. A row that fails says so, and the others go on."""
    asked = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    asked.add_argument("names", nargs="*", metavar="NAME", help=f"rows: {', '.join(ROWS)}; default: all")
    asked.add_argument("--quick", action="store_true", help="a small version")
    asked.add_argument("--write", action="store_true", help=f"write {RESULTS.name}, too")
    asked.add_argument("--folder", type=Path, help="where to put data: on a disk, with some 10 GiB free")
    options = asked.parse_args()
    if unknown := set(options.names) - set(ROWS):
        asked.error(f"no such row: {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers and data go, too
    lines: list[report.Line] = []
    failed = False
    with scratch(options.folder) as folder:
        stand = Stand(folder, QUICK if options.quick else FULL)
        for name in options.names or ROWS:
            first, started = len(lines), time.monotonic()
            try:
                for line in ROWS[name](stand):
                    lines.append(line)
                    print(line, file=sys.stderr, flush=True)
            except (Exception, pytest.skip.Exception) as error:  # the tests' helpers skip what is missing
                failed = True
                lines.append(report.Line(name, "failed", f"{type(error).__name__}: {error}"))
                print(lines[-1], file=sys.stderr, flush=True)
            if options.write:
                _write(name, lines[first:], options.quick, (time.monotonic() - started) / 60)
    print(report.table(lines))
    return int(failed)


def _write(name: str, lines: list[report.Line], quick: bool, minutes: float) -> None:
    """Its section of the results; the others stay, each with its day."""
    command = f"python -m bench {name}" + (" --quick" if quick else "")
    before = RESULTS.read_text() if RESULTS.exists() else ""
    RESULTS.write_text(report.document(before, name, report.section(lines, command, minutes), ROWS))


if __name__ == "__main__":
    sys.exit(main())
