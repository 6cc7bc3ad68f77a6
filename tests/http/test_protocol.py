"""Bodies as uvicorn's protocol gathers them, with what ours does to spare copies."""

from types import SimpleNamespace
from typing import Any

from intake.http.protocol import LARGE, GuardedProtocol


class Options:
    """A socket that remembers which options were set."""

    def __init__(self) -> None:
        self.values: list[int] = []

    def setsockopt(self, level: int, option: int, value: int) -> None:
        self.values.append(value)


def receiving() -> tuple[Any, Options]:
    """A protocol whose head is complete, and its socket."""
    protocol: Any = GuardedProtocol.__new__(GuardedProtocol)
    options = Options()
    protocol.transport = SimpleNamespace(get_extra_info=lambda name: options)
    protocol.parser = SimpleNamespace(should_upgrade=lambda: False)
    protocol.flow = SimpleNamespace(pause_reading=lambda: None)
    event = SimpleNamespace(set=lambda: None)
    protocol.cycle = SimpleNamespace(body=bytearray(), response_complete=False, message_event=event)
    protocol._large = False
    return protocol, options


def test_a_first_piece_is_kept_as_it_came_and_later_ones_are_added() -> None:
    protocol, _ = receiving()
    piece = b"first"
    protocol.on_body(piece)
    assert protocol.cycle.body is piece  # nothing was copied
    for more in (b" second", b" third"):
        protocol.on_body(more)
    assert protocol.cycle.body == b"first second third"
    assert isinstance(protocol.cycle.body, bytearray)  # many small pieces are added in place
    assert piece == b"first"


def test_only_a_large_body_widens_the_kernels_buffer_and_once() -> None:
    protocol, options = receiving()
    protocol.on_body(b"x" * (LARGE - 1))
    assert options.values == []
    protocol.on_body(b"x" * LARGE)
    protocol.on_body(b"x" * LARGE)
    assert options.values[-1:] == [1] and len(options.values) == 2  # reading waits for one byte again
