"""Sounds like somebody speaking behind a wall: syllables of a pitch and two formants, as WAV (RIFF)."""

import io
import wave

from corpus.dice import Dice

RATE = 8000  # samples a second, of 8 bits
# A sine of 256 steps, as parabolas: a library's sine may differ in the last digit.
_SINE = [(1 if i < 128 else -1) * 4 * (i % 128) * (128 - i % 128) // 129 for i in range(256)]


def voice(dice: Dice, seconds: int) -> bytes:
    """A WAV file; its words are none."""
    pitch = dice.between(36, 84)  # samples of a period: 95 to 222 Hz
    samples = bytearray()
    while len(samples) < seconds * RATE:
        if dice.chance(18):
            samples += b"\x80" * dice.between(400, 2400)
        samples += _syllable(dice, pitch + dice.between(-5, 5))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(1)
        out.setframerate(RATE)
        out.writeframes(bytes(samples[: seconds * RATE]))
    return file.getvalue()


def _syllable(dice: Dice, period: int) -> bytes:
    low, high = dice.between(3, 8), dice.between(9, 20)
    shape = [
        (
            _SINE[256 * i // period % 256]
            + _SINE[256 * low * i // period % 256] // 2
            + _SINE[256 * high * i // period % 256] // 4
        )
        * (period - i)
        // period
        for i in range(period)
    ]
    times = dice.between(10, 26)
    return b"".join(_loud(shape, min(k, times - k, 6)) for k in range(1, times))


def _loud(shape: list[int], level: int) -> bytes:
    """One period at a loudness of 0 to 6."""
    return bytes(128 + value * level // 14 for value in shape)
