"""The oblivious pseudorandom function P256-SHA256 in base mode (RFC 9497, mode 0).

    client: blind(input) → blinded element        (33 bytes, tells nothing about the input)
    server: Key.evaluate(blinded element) → evaluated element
    client: finalize(input, blind, evaluated element) → 32 bytes

`Key.direct(input)` is the same function where one party knows both sides (RFC 9497, "Evaluate").

The server's scalar is only ever used inside OpenSSL's ECDH, which gives the x coordinate of k·P. Which
of the two points with that x it is follows from a second ECDH with k+1: (k+1)·P = k·P + P. The
arithmetic in Python integers below touches no secret scalar of the server: it maps inputs to the curve
and adds public points. The client's blinds are one-time.
"""

from dataclasses import dataclass

from crypto import primitives
from crypto.errors import FormatError

# P-256 (FIPS 186-4, D.1.2.3)
_P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_A = _P - 3
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_Z = _P - 10  # RFC 9380, section 8.2
_MINUS_B_BY_A = -_B * pow(_A, -1, _P) % _P
_B_BY_ZA = _B * pow(_Z * _A, -1, _P) % _P
_ROOT_OF_MINUS_Z3 = pow(-(_Z**3), (_P + 1) // 4, _P)

_CONTEXT = b"OPRFV1-\x00-P256-SHA256"
_HASH_TO_GROUP = b"HashToGroup-" + _CONTEXT
_DERIVE_KEY = b"DeriveKeyPair" + _CONTEXT
ELEMENT_SIZE = 33

Point = tuple[int, int]


class Key:
    """The server's secret of one epoch, from 32 bytes (a scalar, big-endian)."""

    def __init__(self, scalar: bytes) -> None:
        self._k = primitives.P256Scalar(scalar)
        self._k_plus_one = primitives.P256Scalar(_increment(scalar))

    def evaluate(self, element: bytes) -> bytes:
        """BlindEvaluate: 33 bytes to 33 bytes. `FormatError` for anything but a point of the curve."""
        return _compress(self._multiply(_decompress(element)))

    def direct(self, message: bytes) -> bytes:
        """What `finalize` gives the client for this input, computed in one place."""
        return _hash_output(message, _compress(self._multiply(hash_to_curve(message))))

    def public(self) -> bytes:
        """k·G, 33 bytes."""
        return self._k.public()

    def _multiply(self, point: Point) -> Point:
        encoded = _uncompressed(point)
        x = int.from_bytes(self._k.x_of(encoded), "big")
        y = _lift(x)
        next_x = int.from_bytes(self._k_plus_one.x_of(encoded), "big")
        return (x, y) if _add((x, y), point)[0] == next_x else (x, _P - y)

    def __repr__(self) -> str:
        return "oprf.Key(secret)"


def derive_scalar(seed: bytes, info: bytes) -> bytes:
    """DeriveKeyPair (RFC 9497, 3.2.1): a scalar from a 32-byte seed."""
    for counter in range(256):
        material = seed + len(info).to_bytes(2, "big") + info + bytes([counter])
        scalar = int.from_bytes(_expand_message(material, _DERIVE_KEY, 48), "big") % _N
        if scalar:
            return scalar.to_bytes(32, "big")
    raise FormatError("no key follows from this seed")  # unreachable but for a broken hash


@dataclass(frozen=True, slots=True)
class Blinded:
    """What the client keeps (`blind`) and what it sends (`element`, 33 bytes)."""

    blind: int
    element: bytes

    def __repr__(self) -> str:
        return "Blinded(secret)"


def blind(message: bytes, randomness: bytes) -> Blinded:
    """Blind an input with 48 fresh random bytes (more than the group order, so that mod n is even)."""
    if len(randomness) < 48:
        raise FormatError("a blind needs 48 random bytes")
    scalar = int.from_bytes(randomness, "big") % (_N - 1) + 1
    return blind_with(message, scalar)


def blind_with(message: bytes, scalar: int) -> Blinded:
    """Blind with a given scalar in 1 … n-1 (for test vectors)."""
    return Blinded(scalar, _compress(_scalar_multiply(scalar, hash_to_curve(message))))


def finalize(message: bytes, blinded: Blinded, evaluated: bytes) -> bytes:
    """Unblind the server's answer: 32 bytes. `FormatError` if the answer is no point of the curve."""
    inverse = pow(blinded.blind, -1, _N)
    return _hash_output(message, _compress(_scalar_multiply(inverse, _decompress(evaluated))))


def _hash_output(message: bytes, element: bytes) -> bytes:
    return primitives.sha256(
        len(message).to_bytes(2, "big"), message, len(element).to_bytes(2, "big"), element, b"Finalize"
    )


def _scalar_multiply(scalar: int, point: Point) -> Point:
    """Multiply by a client's one-time scalar, with the same ECDH as the server's key."""
    if scalar == 1:
        return point
    if scalar == _N - 1:
        return point[0], _P - point[1]
    return Key(scalar.to_bytes(32, "big"))._multiply(point)


def _increment(scalar: bytes) -> bytes:
    out = bytearray(scalar)
    for i in reversed(range(len(out))):
        out[i] = (out[i] + 1) & 0xFF
        if out[i]:
            break
    return bytes(out)


# --- points ---


def _lift(x: int) -> int:
    y2 = (x * x * x + _A * x + _B) % _P
    y = pow(y2, (_P + 1) // 4, _P)
    if y * y % _P != y2:
        raise FormatError("not a point of P-256")
    return y


def _add(left: Point, right: Point) -> Point:
    """Affine addition of two points whose sum is not infinity."""
    if left[0] == right[0]:
        if left[1] != right[1]:
            return -1, -1  # infinity: equal to no x coordinate
        slope = (3 * left[0] * left[0] + _A) * pow(2 * left[1], -1, _P) % _P
    else:
        slope = (right[1] - left[1]) * pow(right[0] - left[0], -1, _P) % _P
    x = (slope * slope - left[0] - right[0]) % _P
    return x, (slope * (left[0] - x) - left[1]) % _P


def _uncompressed(point: Point) -> bytes:
    return b"\x04" + point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")


def _compress(point: Point) -> bytes:
    return bytes([2 + (point[1] & 1)]) + point[0].to_bytes(32, "big")


def _decompress(element: bytes) -> Point:
    if len(element) != ELEMENT_SIZE or element[0] not in (2, 3):
        raise FormatError("an element is a compressed point of 33 bytes")
    raw = primitives.p256_uncompressed(element)
    return int.from_bytes(raw[1:33], "big"), int.from_bytes(raw[33:], "big")


# --- P256_XMD:SHA-256_SSWU_RO_ (RFC 9380) ---


def hash_to_curve(message: bytes) -> Point:
    """hash_to_curve with the OPRF's domain separation tag."""
    uniform = _expand_message(message, _HASH_TO_GROUP, 96)
    u0 = int.from_bytes(uniform[:48], "big") % _P
    u1 = int.from_bytes(uniform[48:], "big") % _P
    point = _add(_map_to_curve(u0), _map_to_curve(u1))
    if point[0] < 0:
        raise FormatError("the input maps to infinity")  # happens for 1 in 2²⁵⁶ inputs
    return point


def _expand_message(message: bytes, tag: bytes, length: int) -> bytes:
    """expand_message_xmd (RFC 9380, 5.3.1)."""
    suffix = tag + bytes([len(tag)])
    first = primitives.sha256(bytes(64), message, length.to_bytes(2, "big"), b"\0", suffix)
    block = primitives.sha256(first, b"\1", suffix)
    out = block
    for i in range(2, -(-length // 32) + 1):
        block = primitives.sha256(bytes(a ^ b for a, b in zip(first, block, strict=True)), bytes([i]), suffix)
        out += block
    return out[:length]


def _map_to_curve(u: int) -> Point:
    """Simplified SWU (RFC 9380, 6.6.2), with one square root.

    If g(x₁) is no square, c = g(x₁)^((p+1)/4) is a root of -g(x₁), because p ≡ 3 mod 4; and g(x₂) is
    (Zu²)³ · g(x₁), so that its root is u³ · c · √(-Z³).
    """
    zu2 = _Z * u * u % _P
    divisor = (zu2 * zu2 + zu2) % _P
    x = _MINUS_B_BY_A * (1 + pow(divisor, -1, _P)) % _P if divisor else _B_BY_ZA
    y2 = (x * x * x + _A * x + _B) % _P
    y = pow(y2, (_P + 1) // 4, _P)
    if y * y % _P != y2:
        x = zu2 * x % _P
        y = _ROOT_OF_MINUS_Z3 * u * u * u * y % _P
    if u & 1 != y & 1:
        y = _P - y
    return x, y
