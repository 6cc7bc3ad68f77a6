"""How long tests go on that get better with time: INTAKE_SOAK is the part of the longest, 0 to 1 (`make soak`).

`make test` leaves out what is marked `slow`. `make faults` runs that, and what is marked `soak` once more,
since it goes on for longer there if it is told to: `make faults SOAK=0.1`.
"""

import os

import pytest

from intake.i18n import LANGUAGES

SOAK = float(os.environ.get("INTAKE_SOAK") or 0)


def rounds(few: int, many: int) -> int:
    """How often: few at least."""
    return max(few, round(many * SOAK))


def in_every_language(soon: str) -> pytest.MarkDecorator:
    """A story for each `language`: in `make test` one of them, the others are `slow`."""
    each = [code if code == soon else pytest.param(code, marks=pytest.mark.slow) for code in LANGUAGES]
    return pytest.mark.parametrize("language", each)
