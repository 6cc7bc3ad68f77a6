"""Row `small`: submissions of a text, or of a text and a photo, per second, by both ways in."""

from collections.abc import Iterator

from bench import load, samples
from bench.report import Line
from bench.samples import Medium
from bench.stand import BACK_ENDS, Server, Stand
from bench.wire import Sealed

PROCESSES = 2  # of clients


def small(stand: Stand) -> Iterator[Line]:
    """Every back end and number of workers; the ratio is to SQLite with one client, of the same kind."""
    photo = samples.medium(samples.PHOTO_BYTES)
    kinds: dict[str, list[Medium]] = {"text": [], "text + photo": [photo]}
    # Sealed once for all servers: each has its own database, and all know the same mechanism.
    count = stand.scale.sealed_jobs * len(stand.scale.clients)
    prepared = {k: [samples.sealed(stand.mechanism, m) for _ in range(count)] for k, m in kinds.items()}
    alone: dict[str, float] = {}
    places = [("files", 1), *(("s3", workers) for workers in stand.scale.workers)]
    for back_end, workers in places:
        where = f"{BACK_ENDS[back_end]}, {workers} worker{'s' * (workers > 1)}"
        for kind, media in kinds.items():
            with stand.server(back_end, workers=workers) as server:
                jobs = iter(prepared[kind])
                for clients in stand.scale.clients:
                    share = tuple(next(jobs) for _ in range(stand.scale.sealed_jobs))
                    for way, sealed in (("sealed", share), ("form", ())):
                        rate, value = _measure(stand, server, clients, sealed, media)
                        first = alone.setdefault(f"{way} {kind}", rate)
                        what = f"{way}, {kind}, {clients} at once; {where}"
                        yield Line("small", what, value, "SQLite, 1 at once", rate / first)


def _measure(
    stand: Stand, server: Server, clients: int, sealed: tuple[Sealed, ...], media: list[Medium]
) -> tuple[float, str]:
    """(submissions per second, all that is shown)."""
    server.settle()
    plain = tuple(medium.plain for medium in media)
    fields = tuple(field for field in samples.fields() if field[0] != "receipt")
    job = load.Job(server.address, clients, stand.scale.seconds, sealed, fields, plain)
    before = server.cpu()
    took, seconds = load.run(job, PROCESSES)
    cpu = (server.cpu() - before) / len(took)
    rate = len(took) / seconds
    return rate, f"{rate:.0f}/s, {load.shown(took)}, server {cpu * 1e3:.1f} ms CPU"
