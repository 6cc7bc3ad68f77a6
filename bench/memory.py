"""Row `memory`: the most memory that one worker had resident while it took uploads, both ways in."""

from collections.abc import Iterator

from bench.report import Line
from bench.stand import BACK_ENDS, MIB, Stand
from bench.uploads import Send, at_once, by_form
from bench.wire import Slice, upload
from crypto import age_stream


def memory(stand: Stand) -> Iterator[Line]:
    """Each number of uploads on a fresh server: what was once resident never counts less."""
    ways: list[tuple[str, Send, int]] = [
        ("sealed", upload, age_stream.sealed_length(stand.scale.memory_mib * MIB)),
        ("form", by_form, stand.scale.memory_mib * MIB),
    ]
    for back_end, place in BACK_ENDS.items():
        for way, send, length in ways:
            first = None
            for count in stand.scale.at_once:
                with stand.server(back_end) as server:
                    start = server.peak_mib()
                    # The same eight files in turn: the server cannot know, and does not care.
                    files = [Slice(stand.videos[i % 8], length) for i in range(count)]
                    at_once(server.address, send, files)
                    peak = server.peak_mib()
                first = first or peak
                what = f"{way}, {count} × {stand.scale.memory_mib} MiB at once; {place}"
                value = f"{peak:.0f} MiB ({start:.0f} before)"
                yield Line("memory", what, value, f"{stand.scale.at_once[0]} at once", peak / first)
