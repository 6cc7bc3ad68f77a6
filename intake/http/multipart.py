"""A multipart/form-data body as a stream of events, with nothing ever written to disk (RFC 7578).

`python-multipart` does the parsing; the guards are ours, because alone it accepts a body that stops
before its end, headers of any size and any number of parts.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from intake.errors import Malformed

MAX_PARTS = 2000
MAX_PART_HEADERS = 8 * 1024  # bytes, all header lines of one part together
MAX_EPILOGUE = 64 * 1024
_FILENAME = re.compile(rb'filename="(.*)"\s*$', re.DOTALL)
_NAME = re.compile(rb'[;\s]name="([^"]*)"')


@dataclass(frozen=True, slots=True)
class PartBegin:
    """A new field; `filename` is None unless it is a file input (empty: no file was chosen)."""

    name: str
    filename: str | None


@dataclass(frozen=True, slots=True)
class PartData:
    """The next bytes of the field."""

    data: memoryview


@dataclass(frozen=True, slots=True)
class PartEnd:
    """The field is complete."""


Event = PartBegin | PartData | PartEnd


class _Collector:
    """The parser's callbacks: each puts an event on a list."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.ended = False
        self._parts = 0
        self._header_bytes = 0
        self._name = bytearray()
        self._value = bytearray()
        self._disposition = b""

    def on_part_begin(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise Malformed("malformed", f"more than {MAX_PARTS} fields")
        self._header_bytes = 0
        self._disposition = b""

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._name += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._value += data[start:end]

    def on_header_end(self) -> None:
        if bytes(self._name).lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._name.clear()
        self._value.clear()

    def on_headers_finished(self) -> None:
        self.events.append(_begin(self._disposition))

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self.events.append(PartData(memoryview(data)[start:end]))

    def on_part_end(self) -> None:
        self.events.append(PartEnd())

    def on_end(self) -> None:
        self.ended = True

    def _count(self, size: int) -> None:
        self._header_bytes += size
        if self._header_bytes > MAX_PART_HEADERS:
            raise Malformed("malformed", f"a field's headers exceed {MAX_PART_HEADERS} bytes")


async def events(content_type: str, body: AsyncIterator[bytes]) -> AsyncIterator[Event]:
    """The body's fields in order. `Malformed` if it is not multipart/form-data, garbled or cut short."""
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 1 <= len(boundary) <= 70:
        raise Malformed("malformed", "expected multipart/form-data with a boundary of 1 to 70 characters")
    collector = _Collector()
    callbacks = {name: getattr(collector, name) for name in dir(collector) if name.startswith("on_")}
    parser = MultipartParser(boundary, callbacks)  # type: ignore[arg-type]
    epilogue = 0  # bytes after the last boundary, which nobody reads
    try:
        async for data in body:
            epilogue += len(data) if collector.ended else 0
            if epilogue > MAX_EPILOGUE:
                raise Malformed("malformed", "the form's body goes on after its last boundary")
            parser.write(data)
            ready, collector.events = collector.events, []
            for event in ready:
                yield event
        parser.finalize()
    except MultipartParseError as error:
        raise Malformed("malformed", "the form's body is garbled") from error
    for event in collector.events:
        yield event
    if not collector.ended:
        raise Malformed("malformed", "the form's body ends before its last boundary")


def _begin(disposition: bytes) -> PartBegin:
    if not disposition.lower().startswith(b"form-data"):
        raise Malformed("malformed", "a field lacks Content-Disposition: form-data")
    name = _NAME.search(disposition)
    if name is None:
        raise Malformed("malformed", "a field has no name")
    filename = _FILENAME.search(disposition)
    return PartBegin(_text(name[1]), None if filename is None else _text(filename[1]))


def _text(raw: bytes) -> str:
    """Undo what browsers do to names (WHATWG HTML, "multipart/form-data encoding algorithm")."""
    for escaped, character in ((b"%22", b'"'), (b"%0D", b"\r"), (b"%0A", b"\n")):
        raw = raw.replace(escaped, character)
    return raw.decode("utf-8", "replace")
