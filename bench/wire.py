"""A client that costs next to nothing: raw sockets, files by sendfile, requests prepared as bytes."""

import json
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

Address = tuple[str, int]
PLACE = "upload-{:025}"  # stands in a prepared body for the i-th upload's name, which has 32 characters


@dataclass(frozen=True, slots=True)
class Slice:
    """The first `length` bytes of a file, sent without passing through this process."""

    path: Path
    length: int

    def __len__(self) -> int:
        return self.length


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed submission: payloads to upload, and the body with a `PLACE` for each upload's name."""

    payloads: tuple[bytes, ...]
    body: bytes


class Connection:
    """One connection, kept open; a refusal is an exception."""

    def __init__(self, address: Address) -> None:
        self._socket = socket.create_connection(address, timeout=300)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self._socket.makefile("rb")

    def ask(self, line: str, headers: dict[str, str], *pieces: bytes | Slice) -> Answer:
        """Send a request; `line` is method and path. Pieces are its body."""
        fields = {"Host": "bench", "Content-Length": str(sum(map(len, pieces)))} | headers
        head = f"{line} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields.items()) + "\r\n"
        held = head.encode()
        for piece in pieces:
            if isinstance(piece, bytes):
                held += piece
                continue
            self._socket.sendall(held)
            held = b""
            with piece.path.open("rb") as file:
                self._socket.sendfile(file, 0, piece.length)
        if held:
            self._socket.sendall(held)
        return self._answer(line)

    def close(self) -> None:
        """Hang up."""
        self._reader.close()
        self._socket.close()

    def _answer(self, line: str) -> Answer:
        status = int(self._reader.readline().split()[1])
        headers = {}
        while (field := self._reader.readline()) not in (b"\r\n", b""):
            name, _, value = field.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = self._reader.read(int(headers.get("content-length", "0")))
        if status >= 400:
            raise RuntimeError(f"{line} was refused: {status} {body[:300].decode('utf-8', 'replace')}")
        return Answer(status, headers, body)


_TUS = {"Tus-Resumable": "1.0.0"}


def upload(connection: Connection, payload: bytes | Slice) -> str:
    """Upload by tus in two requests; return the upload's name."""
    created = connection.ask("POST /v1/uploads", _TUS | {"Upload-Length": str(len(payload))})
    name = created.headers["location"].rpartition("/")[2]
    headers = _TUS | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    connection.ask(f"PATCH /v1/uploads/{name}", headers, payload)
    return name


def send_sealed(connection: Connection, sealed: Sealed) -> None:
    """Upload the payloads, then send the body."""
    body = sealed.body
    for position, payload in enumerate(sealed.payloads):
        body = body.replace(PLACE.format(position).encode(), upload(connection, payload).encode())
    headers = {"Content-Type": "application/json", "Idempotency-Key": secrets.token_hex(16)}
    answer = connection.ask("POST /v1/submissions", headers, body)
    assert answer.status == 201 and json.loads(answer.body)["revision"] == 1


_BOUNDARY = "bench-5f3d2c9a7b41"
FORM = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}


def form_body(fields: Sequence[tuple[str, str]], media: Sequence[bytes | Slice]) -> list[bytes | Slice]:
    """Pieces of the plain form's body: fields, then media of origin `received`."""
    pieces: list[bytes | Slice] = [b"".join(_field(name, value) for name, value in fields)]
    for row, medium in enumerate(media, start=1):
        head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="media:{row}"; filename="v{row}.mp4"'
        kind = "Content-Type: application/octet-stream\r\n\r\n"
        pieces.append(_field(f"origin:{row}", "received") + f"{head}\r\n{kind}".encode())
        pieces += [medium, b"\r\n"]
    return [*pieces, f"--{_BOUNDARY}--\r\n".encode()]


def send_form(connection: Connection, body: Sequence[bytes | Slice]) -> None:
    """Send the plain form."""
    answer = connection.ask("POST /be/submit", FORM, *body)
    assert answer.status == 200


def _field(name: str, value: str) -> bytes:
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'
    return f"{head}\r\n\r\n{value}\r\n".encode()
