"""Ask for a small page again and again, until standard input ends: `python -m bench.probe HOST PORT`.

A process of its own, so that it never waits for this one's other threads.
"""

import select
import sys
import time

from bench.wire import Connection

PAUSE = 0.005  # seconds
MOST = 300  # seconds


def main(host: str, port: str) -> None:
    """Print how long each request took, in seconds."""
    connection = Connection((host, int(port)))
    for _ in range(20):
        connection.ask("GET /be/help", {})
    print("ready", flush=True)
    took = []
    end = time.monotonic() + MOST
    while time.monotonic() < end and not select.select([sys.stdin], [], [], PAUSE)[0]:
        started = time.perf_counter()
        connection.ask("GET /be/help", {})
        took.append(time.perf_counter() - started)
    print("\n".join(map(str, took)))


if __name__ == "__main__":
    main(*sys.argv[1:])
