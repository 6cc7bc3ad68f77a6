"""Clients that send small submissions, in processes of their own: `python -m bench.load`.

Reads a pickled `Job` from standard input, says `ready`, waits for a line, and prints how long it worked
and how long each submission took. Clients are threads that wait for the network most of the time.
"""

import pickle
import secrets
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from bench.wire import Address, Connection, Sealed, form_body, send_form, send_sealed
from crypto.receipt import RANDOM_BYTES, Receipt


@dataclass(frozen=True, slots=True)
class Job:
    """Send `sealed` one after another, or, if there are none, forms, until time is over.

    A form is a fresh receipt, which must come first, then `fields`, then `media`.
    """

    address: Address
    clients: int
    seconds: float
    sealed: tuple[Sealed, ...]
    fields: tuple[tuple[str, str], ...]
    media: tuple[bytes, ...]


def run(job: Job, processes: int) -> tuple[list[float], float]:
    """Share the job among processes: (seconds of each submission, seconds from first to last)."""
    processes = min(processes, job.clients)
    running = []
    for number in range(processes):
        share = replace(job, clients=job.clients // processes, sealed=job.sealed[number::processes])
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdin
        pickle.dump(share, process.stdin)
        process.stdin.flush()
        running.append(process)
    for process in running:
        assert process.stdout
        process.stdout.readline()
    for process in running:
        assert process.stdin
        process.stdin.write(b"go\n")
        process.stdin.flush()
    took, longest = [], 0.0
    for process in running:
        output, _ = process.communicate(timeout=300)
        if process.returncode:
            raise RuntimeError("a client failed")
        seconds, *each = map(float, output.split())
        took += each
        longest = max(longest, seconds)
    return took, longest


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def shown(values: Sequence[float]) -> str:
    """Median and p99, in milliseconds."""
    return f"median {statistics.median(values) * 1e3:.1f} ms, p99 {percentile(values, 99) * 1e3:.1f} ms"


def _receipt() -> str:
    return " ".join(Receipt.from_random(secrets.token_bytes(RANDOM_BYTES)).digits())


def main() -> None:
    """One process's share."""
    job: Job = pickle.load(sys.stdin.buffer)
    waiting = list(job.sealed)
    took: list[float] = []
    go = threading.Event()
    connected = threading.Barrier(job.clients + 1)
    end = 0.0

    def client() -> None:
        connection = Connection(job.address)
        connected.wait()
        go.wait()
        while time.perf_counter() < end:
            if job.sealed:
                try:
                    one = waiting.pop()
                except IndexError:
                    break
                started = time.perf_counter()
                send_sealed(connection, one)
            else:
                body = form_body([("receipt", _receipt()), *job.fields], job.media)
                started = time.perf_counter()
                send_form(connection, body)
            took.append(time.perf_counter() - started)
        connection.close()

    with ThreadPoolExecutor(job.clients) as pool:
        clients = [pool.submit(client) for _ in range(job.clients)]
        connected.wait()
        print("ready", flush=True)
        sys.stdin.buffer.readline()
        begun = time.perf_counter()
        end = begun + job.seconds
        go.set()
        for one in clients:
            one.result()
        whole = time.perf_counter() - begun
    print("\n".join(map(str, [whole, *took])))


if __name__ == "__main__":
    main()
