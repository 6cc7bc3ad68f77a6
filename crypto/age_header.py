"""The header of an age v1 file (C2SP age.md, "Header").

    age-encryption.org/v1
    -> mlkem768x25519 <enc, base64>
    <wrapped file key, base64, lines of 64 columns, the last one shorter>
    --- <HMAC-SHA-256 of all of the above up to and including "---", base64>

`parse` takes the general form, any stanza types, so that it can be held against age's own test
vectors; `require_post_quantum` is the narrower form that intake accepts.
"""

import re
from dataclasses import dataclass

from crypto import primitives
from crypto.encoding import b64_decode, b64_encode
from crypto.errors import FormatError, VerifyError

VERSION_LINE = b"age-encryption.org/v1\n"
STANZA_TYPE = "mlkem768x25519"
MAX_HEADER = 64 * 1024  # bytes; ours has about 1.6 kB
MAX_STANZAS = 20
FILE_KEY_SIZE = 16
_COLUMNS = 64
_ARGUMENT = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Stanza:
    """One wrapped copy of the file key: its type, arguments after the type, and body."""

    kind: str
    arguments: tuple[str, ...]
    body: bytes

    def encode(self) -> bytes:
        """The stanza's lines."""
        text = b64_encode(self.body)
        lines = [text[i : i + _COLUMNS] for i in range(0, len(text) + 1, _COLUMNS)]
        return "\n".join([" ".join(("->", self.kind, *self.arguments)), *lines, ""]).encode("ascii")


@dataclass(frozen=True, slots=True)
class Header:
    """A parsed header. `raw` are its bytes, from the version line to the line feed after the MAC."""

    stanzas: tuple[Stanza, ...]
    mac: bytes
    raw: bytes

    def check_mac(self, file_key: bytes) -> None:
        """`VerifyError` unless the MAC was made with this file key."""
        authenticated = self.raw[: self.raw.rindex(b"\n---") + 4]
        if not primitives.same(_mac(file_key, authenticated), self.mac):
            raise VerifyError("the header was altered")


def encode(stanzas: tuple[Stanza, ...], file_key: bytes) -> bytes:
    """Header bytes for these stanzas, MAC included."""
    authenticated = VERSION_LINE + b"".join(s.encode() for s in stanzas) + b"---"
    return authenticated + b" " + b64_encode(_mac(file_key, authenticated)).encode("ascii") + b"\n"


def parse(data: bytes) -> Header:
    """Parse the header at the start of `data`; bytes after it are left alone.

    `FormatError` if it is malformed, longer than `MAX_HEADER`, or has more than `MAX_STANZAS` stanzas.
    """
    if not data.startswith(VERSION_LINE):
        raise FormatError("not an age v1 file")
    position = len(VERSION_LINE)
    stanzas: list[Stanza] = []
    while True:
        line, position = _line(data, position)
        if line.startswith("---"):
            break
        if len(stanzas) == MAX_STANZAS:
            raise FormatError("too many stanzas")
        stanza, position = _stanza(data, line, position)
        stanzas.append(stanza)
    if not stanzas:
        raise FormatError("a header needs at least one stanza")
    if not line.startswith("--- "):
        raise FormatError("malformed footer")
    mac = b64_decode(line[4:])
    if len(mac) != 32:
        raise FormatError("the header's MAC has 32 bytes")
    return Header(tuple(stanzas), mac, data[:position])


def require_post_quantum(header: Header) -> Stanza:
    """The single `mlkem768x25519` stanza; `FormatError` for anything else.

    One classic stanza over a payload that others share would undo the others' protection too.
    """
    if len(header.stanzas) != 1 or header.stanzas[0].kind != STANZA_TYPE:
        raise FormatError(f"exactly one {STANZA_TYPE} stanza is accepted")
    check_hybrid(header.stanzas[0])
    return header.stanzas[0]


def check_hybrid(stanza: Stanza) -> bytes:
    """The encapsulation of a well-formed `mlkem768x25519` stanza, checked before any decryption."""
    if len(stanza.arguments) != 1 or len(stanza.body) != FILE_KEY_SIZE + primitives.TAG_SIZE:
        raise FormatError(f"malformed {STANZA_TYPE} stanza")
    enc = b64_decode(stanza.arguments[0])
    if len(enc) != primitives.HYBRID_ENC:
        raise FormatError(f"malformed {STANZA_TYPE} stanza")
    primitives.refuse_low_order(enc)
    return enc


def _stanza(data: bytes, line: str, position: int) -> tuple[Stanza, int]:
    marker, *words = line.split(" ")
    if marker != "->" or not words or not all(_ARGUMENT.fullmatch(word) for word in words):
        raise FormatError("malformed stanza")
    body = []
    while True:
        row, position = _line(data, position)
        if len(row) > _COLUMNS:
            raise FormatError("a stanza's body has lines of 64 columns")
        body.append(row)
        if len(row) < _COLUMNS:
            return Stanza(words[0], tuple(words[1:]), b64_decode("".join(body))), position


def _line(data: bytes, position: int) -> tuple[str, int]:
    end = data.find(b"\n", position, MAX_HEADER)
    if end < 0:
        raise FormatError("the header is cut short or too long")
    try:
        return data[position:end].decode("ascii"), end + 1
    except UnicodeDecodeError as error:
        raise FormatError("the header is not ASCII") from error


def _mac(file_key: bytes, authenticated: bytes) -> bytes:
    return primitives.hmac_sha256(primitives.hkdf(file_key, b"header"), authenticated)
