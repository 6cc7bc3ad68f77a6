"""How long tests go on that get better with time: few rounds in CI, many with INTAKE_SOAK=1 (`make soak`)."""

import os

SOAK = os.environ.get("INTAKE_SOAK", "0") not in ("", "0")


def rounds(few: int, many: int) -> int:
    """How often."""
    return many if SOAK else few
