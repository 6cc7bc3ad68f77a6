"""Zero padding to Padmé lengths (Nikitin et al., PURBs, PETS 2019, section 4).

The exact length of a video identifies it; Padmé leaves O(log log n) bits of it, for at most 12 % more
bytes. Small things are padded further, to a floor: all testimonies of a few pages look alike.
"""

from crypto.errors import FormatError

TEXT_FLOOR = 16 * 1024  # bytes: narratives, sections, messages, triage cards, consent details
FLOOR = 2 * 1024  # bytes: media (an empty file is as long as a short one) and their labels


def padme(length: int) -> int:
    """The smallest allowed length that is not below `length`."""
    if length < 2:
        return length
    exponent = length.bit_length() - 1
    free_bits = exponent - exponent.bit_length()
    mask = (1 << max(free_bits, 0)) - 1
    return (length + mask) & ~mask


def padded_length(length: int, floor: int) -> int:
    """`length` after padding: at least `floor`, else Padmé."""
    if length < 0:
        raise FormatError("a length is not negative")
    return max(floor, padme(length))


def strip_text(padded: bytes) -> bytes:
    """Remove the zeros after a JSON text, which itself never ends in one."""
    return padded.rstrip(b"\0")
