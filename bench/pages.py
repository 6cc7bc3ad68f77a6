"""What the kernel's memory for files costs: `python -m bench.pages FOLDER MIB`

Eight files of so many MiB are written in turns, unnamed, as spools and stages are; then the same bytes over
them. The difference is the price of memory that the kernel did not have in use: small on a machine of one's
own, large on a virtual one whose host gives each page only when it is first touched.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

FILES = 8
BLOCK = 256 * 1024
GIB = 1 << 30


def measure(folder: Path, mib: int) -> tuple[float, float]:
    """CPU seconds for each GiB, in a process of its own: (into new files, over them)."""
    found = json.loads(subprocess.check_output([sys.executable, "-m", "bench.pages", str(folder), str(mib)]))
    return found["new"], found["again"]


def main(folder: str, mib: str) -> None:
    """Write twice; print both as JSON. The disk is not waited for: `write` alone is meant."""
    block = os.urandom(BLOCK)
    files = [os.open(folder, os.O_TMPFILE | os.O_WRONLY, 0o600) for _ in range(FILES)]
    rounds = int(mib) * (1 << 20) // BLOCK
    took = []
    for _ in range(2):
        before = time.process_time()
        for _ in range(rounds):
            for file in files:
                os.write(file, block)
        took.append((time.process_time() - before) * GIB / (rounds * BLOCK * FILES))
        for file in files:
            os.lseek(file, 0, os.SEEK_SET)
    for file in files:
        os.close(file)
    print(json.dumps({"new": took[0], "again": took[1]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
