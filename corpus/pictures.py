"""Small valid pictures: PNG (ISO/IEC 15948) and baseline JPEG (ITU-T T.81), written without an image library.

Nothing is compressed, so that a file has the same bytes whatever zlib a machine has.
"""

import struct
import zlib

from corpus.dice import Dice

_STORED = 65535  # most bytes of one stored deflate block (RFC 1951, 3.2.4)
_GRAIN = 0x07  # how much noise there is in each colour of a pixel
_SIZE_BITS = 4  # every code for the size of a difference has as many bits


def scene(dice: Dice, width: int, height: int) -> bytes:
    """A PNG of a sky, a ground, and upright shapes between, with grain; of about 3·width·height bytes."""
    horizon = height * dice.between(35, 60) // 100
    sky, ground = [_colour(dice, 120, 230) for _ in range(2)], _colour(dice, 60, 140)
    shapes = [_shape(dice, width, height, horizon) for _ in range(dice.between(6, 16))]
    mask = int.from_bytes(bytes([_GRAIN]) * (3 * width), "big")
    rows = []
    for y in range(height):
        shade = [a + (b - a) * y // height for a, b in zip(*sky, strict=True)]
        row = bytearray((bytes(shade) if y < horizon else ground) * width)
        for left, right, top, bottom, colour in shapes:
            if top <= y < bottom:
                row[3 * left : 3 * right] = colour * (right - left)
        grain = int.from_bytes(dice.noise(3 * width), "big") & mask
        rows.append((int.from_bytes(row, "big") ^ grain).to_bytes(3 * width, "big"))
    return png(width, rows)


def noise(dice: Dice, width: int, height: int) -> bytes:
    """A PNG of noise: as large and as hard to compress as a photo of a telephone."""
    return png(width, [dice.noise(3 * width) for _ in range(height)])


def png(width: int, rows: list[bytes]) -> bytes:
    """A PNG of rows of 8-bit RGB."""
    header = struct.pack(">IIBBBBB", width, len(rows), 8, 2, 0, 0, 0)
    pixels = b"".join(b"\0" + row for row in rows)
    chunks = [(b"IHDR", header), (b"IDAT", _stored(pixels)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def mosaic(dice: Dice, columns: int, rows: int, least: int = 0) -> bytes:
    """A JPEG whose blocks of 8 × 8 pixels have one colour each; filled up with a comment to `least` bytes.

    With means alone (no AC coefficients) an encoder needs neither a cosine nor the usual tables: each
    difference is a size in 4 bits and its bits, each block ends with the one code of the other table.
    """
    cells = _cells(dice, columns, rows)
    steps = zip([(0, 0, 0), *cells], cells, strict=False)
    bits = "".join(_CODES[now[i] - was[i]] for was, now in steps for i in range(3))
    bits += "1" * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    frame = struct.pack(">BHHB", 8, 8 * rows, 8 * columns, 3) + bytes([1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0])
    dc = bytes([0, 0, 0, 0, 12, *(0,) * 12, *range(12)])
    ac = bytes([0x10, 1, *(0,) * 15, 0])
    segments = [
        (0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
        (0xDB, b"\0" + b"\x08" * 64),  # one step of a mean is one step of colour
        (0xC0, frame),
        (0xC4, dc),
        (0xC4, ac),
        (0xDA, bytes([3, 1, 0, 2, 0, 3, 0, 0, 63, 0])),
    ]
    if (short := least - len(scan)) > 0:
        segments.insert(1, (0xFE, dice.noise(short)))
    head = b"".join(struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data for marker, data in segments)
    return b"\xff\xd8" + head + scan + b"\xff\xd9"


def _colour(dice: Dice, least: int, most: int) -> bytes:
    return bytes(dice.between(least, most) for _ in range(3))


def _shape(dice: Dice, width: int, height: int, horizon: int) -> tuple[int, int, int, int, bytes]:
    """(left, right, top, bottom, colour): a house behind the horizon or somebody before it."""
    left = dice.below(width - 8)
    if dice.chance(40):
        right = min(width, left + dice.between(8, width // 4))
        return left, right, horizon - dice.between(5, horizon - 1), horizon, _colour(dice, 70, 180)
    top = dice.between(horizon - 4, height - 20)
    return left, left + dice.between(3, 7), top, top + dice.between(12, 20), _colour(dice, 0, 80)


def _stored(data: bytes) -> bytes:
    """A zlib stream (RFC 1950) of stored blocks."""
    blocks = []
    for start in range(0, len(data), _STORED):
        piece = data[start : start + _STORED]
        last = start + _STORED >= len(data)
        blocks.append(struct.pack("<BHH", last, len(piece), len(piece) ^ 0xFFFF) + piece)
    return b"\x78\x01" + b"".join(blocks) + struct.pack(">I", zlib.adler32(data))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _cells(dice: Dice, columns: int, rows: int) -> list[tuple[int, int, int]]:
    """Luminance and two chrominances of each block, as distances from the middle grey: a scene in blocks."""
    horizon = rows * dice.between(35, 60) // 100
    tints = [(dice.between(-25, 25), dice.between(-25, 25)) for _ in range(2)]
    lights = dice.between(30, 70), dice.between(-50, -10)
    shapes = [
        (dice.below(columns), dice.between(2, 8), dice.between(-70, 30)) for _ in range(dice.between(4, 10))
    ]
    grain = dice.noise(3 * columns * rows)
    cells = []
    for i in range(columns * rows):
        (y, x), (g, b, r) = divmod(i, columns), grain[3 * i : 3 * i + 3]
        below = y >= horizon
        light = lights[below] - 20 * y // rows
        for left, width, shade in shapes:
            if left <= x < left + width and abs(y - horizon) < 2 + width * (left % 3):
                light = shade
        cells.append((light + g % 8 - 4, tints[below][0] + b % 4 - 2, tints[below][1] + r % 4 - 2))
    return cells


def _code(difference: int) -> str:
    """The bits of a block that differs by so much from the one before: T.81, F.1.2.1."""
    size = abs(difference).bit_length()
    value = difference if difference >= 0 else difference + (1 << size) - 1
    return f"{size:0{_SIZE_BITS}b}" + (f"{value:0{size}b}" if size else "") + "0"


_CODES = {difference: _code(difference) for difference in range(-255, 256)}
