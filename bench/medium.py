"""Row `medium`: one submission with 10 MiB of media, in CPU time, both ways in."""

from collections.abc import Callable, Iterator
from functools import partial

from bench import samples
from bench.report import Line
from bench.stand import MIB, Server, Stand
from bench.wire import Connection, form_body, send_form, send_sealed

SHAPES = {"a video of 10 MiB": [10 * MIB], "four photos of 2.5 MiB": [10 * MIB // 4] * 4}


def medium(stand: Stand) -> Iterator[Line]:
    """All four."""
    times = stand.scale.repeats
    argon = samples.receipt_cpu(times)
    yield Line("medium", "Argon2id of a receipt, which the form adds", f"{argon * 1e3:.1f} ms")
    for shape, sizes in SHAPES.items():
        media = [samples.medium(size) for size in sizes]
        with stand.server() as server:
            prepared = [samples.sealed(stand.mechanism, media) for _ in range(times + 2)]
            spent = _each(server, [partial(send_sealed, sealed=p) for p in prepared])
            yield _line(f"sealed, {shape}", spent)
        with stand.server() as server:
            bodies = [form_body(samples.fields(), [m.plain for m in media]) for _ in range(times + 2)]
            spent = _each(server, [partial(send_form, body=b) for b in bodies])
            yield _line(f"form without Argon2id, {shape}", spent - argon)


def _each(server: Server, sends: list[Callable[[Connection], object]]) -> float:
    """CPU seconds of the server for one, after two that warm it up."""
    for send in sends[:2]:
        _send(server, send)
    server.settle()
    before = server.cpu()
    for send in sends[2:]:
        _send(server, send)
    server.settle()
    return (server.cpu() - before) / (len(sends) - 2)


def _send(server: Server, send: Callable[[Connection], object]) -> None:
    """On a connection of its own: the server hangs up on one that waits for long."""
    connection = Connection(server.address)
    send(connection)
    connection.close()


def _line(what: str, seconds: float) -> Line:
    return Line("medium", what, f"{seconds * 1e3:.1f} ms", "60 ms", seconds / 0.06, "≤ 1")
