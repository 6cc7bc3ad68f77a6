"""Text forms of bytes: strict base64 (RFC 4648), hex, bech32 (BIP 173) and canonical JSON (RFC 8785).

Every decoder accepts exactly what its encoder writes: it decodes, encodes again and compares. Two
spellings of one value would give two hashes of one statement.
"""

import base64
import binascii
import functools
import json
import operator
from typing import Any

import rfc8785

from crypto.errors import FormatError

Json = Any


def b64_encode(data: bytes) -> str:
    """Standard alphabet without padding, as age writes it."""
    return base64.b64encode(data).rstrip(b"=").decode("ascii")


def b64_decode(text: str) -> bytes:
    """Inverse of `b64_encode`; `FormatError` on padding, foreign characters or non-zero spare bits."""
    return _b64_strict(text, base64.b64decode, b64_encode)


def b64u_encode(data: bytes) -> str:
    """URL-safe alphabet without padding: binary values in our JSON."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def b64u_decode(text: str, length: int | None = None) -> bytes:
    """Inverse of `b64u_encode`; with `length`, any other number of bytes is a `FormatError`."""
    data = _b64_strict(text, base64.urlsafe_b64decode, b64u_encode)
    if length is not None and len(data) != length:
        raise FormatError(f"expected {length} bytes, got {len(data)}")
    return data


def _b64_strict(text: str, decode: Any, encode: Any) -> bytes:
    if not isinstance(text, str) or not text.isascii():
        raise FormatError("not base64")
    try:
        data: bytes = decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise FormatError("not base64") from error
    if encode(data) != text:
        raise FormatError("not canonical base64 without padding")
    return data


def hex_decode(text: str, length: int) -> bytes:
    """Lower-case hex of exactly `length` bytes: identifiers and hashes in our JSON."""
    if not isinstance(text, str) or len(text) != 2 * length or not text.isascii():
        raise FormatError(f"expected {length} bytes in hex")
    try:
        data = bytes.fromhex(text)
    except ValueError as error:
        raise FormatError("not hex") from error
    if data.hex() != text:
        raise FormatError("hex must be lower case, without spaces")
    return data


def utf8(text: str) -> bytes:
    """UTF-8; `FormatError` for lone surrogates, which JSON can smuggle into a string."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise FormatError("a text is not Unicode: it holds a lone surrogate") from error


def canonical_json(value: Json) -> bytes:
    """RFC 8785. Floats are refused: none of our formats has one, and they invite two spellings.

    Without floats, with ASCII names and small integers the standard library's encoder writes the same
    bytes, ten times as fast: names sort alike, strings are escaped alike (a test compares the two).
    """
    try:
        if _plain(value, _DEEPEST):
            return _ENCODER.encode(value).encode("utf-8")
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise FormatError(f"not representable in canonical JSON: {error}") from error


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)
_LARGEST = 2**53 - 1
_DEEPEST = 64  # nested lists and objects: none of our formats comes near


def _plain(value: Json, deep: int) -> bool:
    """Whether the standard library may encode it; `FormatError` for a float, or for absurd nesting."""
    if not deep:
        raise FormatError("JSON is nested too deeply")
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is int:
        return bool(-_LARGEST <= value <= _LARGEST)
    if kind is list:
        return all([_plain(item, deep - 1) for item in value])
    if kind is dict:
        plain = [_plain(item, deep - 1) for item in value.values()]  # all: the last may be a float
        return all(plain) and all(type(name) is str and name.isascii() for name in value)
    if isinstance(value, float):
        raise FormatError("floating-point numbers are not allowed")
    if isinstance(value, tuple):
        _plain(list(value), deep)  # for the floats in it
    return isinstance(value, str)  # a member of a StrEnum


def parse_canonical_json(data: bytes) -> Json:
    """JSON that is byte for byte its own canonical form; no duplicate names, no floats."""
    value = parse_json(data)
    if canonical_json(value) != data:
        raise FormatError("JSON is not in canonical form (RFC 8785)")
    return value


def parse_json(data: bytes | str) -> Json:
    """JSON with duplicate names, NaN, lone surrogates and absurd nesting refused."""
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        return json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constants)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise FormatError(f"not JSON: {type(error).__name__}") from error


def _no_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate name")
    return found


def _no_constants(name: str) -> Json:
    raise ValueError(name)


_BECH32 = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BASE32 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"  # RFC 4648: the same digits, spelled otherwise
_DIGITS = bytes.maketrans(_BECH32, b"0123456789abcdefghijklmnopqrstuv")  # as `int` reads them
_TO_VALUE = bytes.maketrans(_BECH32, bytes(range(32)))
_FROM_BASE32 = bytes.maketrans(_BASE32, _BECH32)
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
# What the five bits that leave the checksum's register are worth, and what the ten of two digits are.
_ONE = [
    functools.reduce(operator.xor, (g for bit, g in enumerate(_GENERATOR) if top >> bit & 1), 0)
    for top in range(32)
]
_TWO = [
    (shifted & 0x1FFFFFF) << 5 ^ _ONE[shifted >> 25]
    for shifted in ((top & 31) << 25 ^ _ONE[top >> 5] for top in range(1024))
]


def bech32_encode(hrp: str, data: bytes) -> str:
    """BIP 173 without its 90-character limit, as age uses it. Lower case."""
    body = base64.b32encode(data).rstrip(b"=").translate(_FROM_BASE32)
    check = _polymod(_expand(hrp) + _values(body) + bytes(6)) ^ 1
    body += bytes(_BECH32[(check >> 5 * (5 - i)) & 31] for i in range(6))
    return f"{hrp}1{body.decode()}"


def bech32_decode(text: str, hrp: str) -> bytes:
    """Inverse of `bech32_encode` for this `hrp` (given in lower case); mixed case is refused."""
    if not isinstance(text, str) or (text != text.lower() and text != text.upper()):
        raise FormatError("bech32 mixes upper and lower case")
    found, _, body = text.lower().rpartition("1")
    if found != hrp:
        raise FormatError(f"expected a key that starts with {hrp}1")
    digits = body.encode("utf-8", "replace")
    if len(digits) < 6 or digits.translate(None, _BECH32) or _polymod(_expand(hrp) + _values(digits)) != 1:
        raise FormatError("bech32 checksum does not hold (a character is mistyped or missing)")
    length, stray = divmod(5 * (len(digits) - 6), 8)
    value = int(digits[:-6].translate(_DIGITS) or b"0", 32)
    if stray > 4 or value & ((1 << stray) - 1):
        raise FormatError("bech32 has stray digits or bits at its end")
    return (value >> stray).to_bytes(length, "big")


def _values(digits: bytes) -> bytes:
    return digits.translate(_TO_VALUE)


def _expand(hrp: str) -> bytes:
    return bytes(ord(c) >> 5 for c in hrp) + b"\0" + bytes(ord(c) & 31 for c in hrp)


def _polymod(values: bytes) -> int:
    odd = len(values) % 2
    check = 1 << 5 ^ values[0] if odd else 1
    for first, second in zip(values[odd::2], values[odd + 1 :: 2], strict=True):
        check = (check & 0xFFFFF) << 10 ^ first << 5 ^ second ^ _TWO[check >> 20]
    return check
