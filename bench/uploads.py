"""Rows `sealed` and `form`: eight large files at once, beside a floor; `polite`: others meanwhile."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from bench import floors, load, pages, samples
from bench.report import Line
from bench.stand import MIB, Server, Stand
from bench.wire import Address, Connection, Slice, form_body, send_form, upload

Send = Callable[[Connection, Slice], object]


@dataclass(frozen=True, slots=True)
class Spent:
    """What some bytes cost, in seconds."""

    cpu: float
    wall: float
    size: int

    @property
    def per_gib(self) -> float:
        """CPU seconds per GiB."""
        return self.cpu * 1024 * MIB / self.size

    def __str__(self) -> str:
        return f"{self.per_gib:.2f} CPU-s/GiB, {self.size / 1e6 / self.wall:.0f} MB/s"


def median(rounds: Sequence[Spent]) -> Spent:
    """Medians of both times."""
    return Spent(
        statistics.median(r.cpu for r in rounds), statistics.median(r.wall for r in rounds), rounds[0].size
    )


def by_form(connection: Connection, file: Slice) -> None:
    """The plain form with one video, received from somebody: its key follows from its content."""
    send_form(connection, form_body(samples.fields(), [file]))


def at_once(address: Address, send: Send, files: Iterable[Slice]) -> float:
    """Send each file on a connection of its own, all at once; return the seconds it took."""
    files = list(files)

    def one(file: Slice) -> None:
        connection = Connection(address)
        try:
            send(connection, file)
        finally:
            connection.close()

    started = time.perf_counter()
    with ThreadPoolExecutor(len(files)) as pool:
        list(pool.map(one, files))
    return time.perf_counter() - started


def serve(stand: Stand, send: Send, files: Sequence[Slice]) -> Spent:
    """One round on a fresh server, what it does after its answers included."""
    with stand.server() as server:
        before = server.cpu()
        wall = at_once(server.address, send, files)
        server.settle()
        return Spent(server.cpu() - before, wall, sum(map(len, files)))


def plain(stand: Stand, kind: str, files: Sequence[Slice]) -> Spent:
    """One round of a floor."""
    return Spent(*floors.measure(kind, stand.folder, files), sum(map(len, files)))


def sealed(stand: Stand) -> Iterator[Line]:
    """Row: pre-sealed payloads by tus."""
    files = stand.payloads()
    ours, floor = [], []
    for _ in range(stand.scale.rounds):
        floor.append(plain(stand, "sealed", files))
        ours.append(serve(stand, upload, files))
    server, least = median(ours), median(floor)
    what = f"8 × {stand.scale.large_mib} MiB"
    yield Line("sealed", f"a script: SHA-256, write, fdatasync; {what}", str(least))
    ratio = server.cpu / least.cpu
    yield Line("sealed", f"server's CPU, {what} by tus at once", str(server), "script", ratio, "≤ 2.2")
    yield Line("sealed", "time for the same", f"{server.wall:.1f} s", "script", server.wall / least.wall)


def form(stand: Stand) -> Iterator[Line]:
    """Row: videos by the plain form."""
    files = stand.originals()
    ours, floor, formats = [], [], []
    for _ in range(stand.scale.rounds):
        floor.append(plain(stand, "form", files))
        formats.append(plain(stand, "formats", files))
        ours.append(serve(stand, by_form, files))
    server, least = median(ours), median(floor)
    asked = median(formats)
    what = f"8 × {stand.scale.large_mib} MiB"
    yield Line("form", f"floor: digest, SHA-256, 2 × ChaCha20, write, fdatasync; {what}", str(least))
    yield Line(
        "form", "all that formats and spool ask for, as a script", str(asked), "floor", asked.cpu / least.cpu
    )
    ratio = server.cpu / least.cpu
    yield Line("form", f"server's CPU, {what} by the form at once", str(server), "floor", ratio, "≤ 2.0")
    yield Line("form", "the same", str(server), "formats", server.cpu / asked.cpu)
    yield Line("form", "time for the same", f"{server.wall:.1f} s", "floor", server.wall / least.wall)
    new, again = pages.measure(stand.folder, stand.scale.large_mib)
    what = f"writing alone, {what} of new files in turns"
    yield Line("form", what, f"{new:.2f} CPU-s/GiB", "over the same: " + f"{again:.2f}", new / again)


def polite(stand: Stand) -> Iterator[Line]:
    """Row: how long a small page takes while eight uploads run."""
    with stand.server() as server:
        idle = _probed(server, partial(time.sleep, min(3, stand.scale.seconds)))
    yield Line("polite", "GET /be/help, idle", load.shown(idle))
    ways: list[tuple[str, Send, list[Slice]]] = [
        ("sealed uploads", upload, stand.payloads()),
        ("forms", by_form, stand.originals()),
    ]
    for name, send, files in ways:
        with stand.server() as server:
            busy = _probed(server, partial(at_once, server.address, send, files))
        ratio = load.percentile(busy, 99) / load.percentile(idle, 99)
        yield Line("polite", f"GET /be/help while 8 {name} run", load.shown(busy), "idle", ratio, "< 20 ms")


def _probed(server: Server, work: Callable[[], object]) -> list[float]:
    """Seconds of each small request while `work` runs, asked for by another process."""
    host, port = server.address
    command = [sys.executable, "-m", "bench.probe", host, str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as probe:
        assert probe.stdin and probe.stdout
        probe.stdout.readline()  # it has warmed up
        try:
            work()
        finally:
            probe.stdin.close()
        return [float(value) for value in probe.stdout.read().split()]
