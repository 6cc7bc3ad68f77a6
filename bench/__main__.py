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
    started = time.monotonic()
    lines: list[report.Line] = []
    failed = False
    with scratch(options.folder) as folder:
        stand = Stand(folder, QUICK if options.quick else FULL)
        for name in options.names or ROWS:
            try:
                for line in ROWS[name](stand):
                    lines.append(line)
                    print(line, file=sys.stderr, flush=True)
            except (Exception, pytest.skip.Exception) as error:  # the tests' helpers skip what is missing
                failed = True
                lines.append(report.Line(name, "failed", f"{type(error).__name__}: {error}"))
                print(lines[-1], file=sys.stderr, flush=True)
    print(report.table(lines))
    if options.write:
        command = " ".join(["python -m bench", *sys.argv[1:]])
        RESULTS.write_text(report.document(lines, command, (time.monotonic() - started) / 60))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
