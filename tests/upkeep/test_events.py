"""What the service says in its log, the operator finds in the documentation."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_operator_is_told_of_every_event_what_to_do() -> None:
    said = {
        name
        for path in (ROOT / "intake").rglob("*.py")
        for name in re.findall(r'logs\.event\(\s*"(\w+)"', path.read_text("utf-8"))
    }
    text = (ROOT / "docs" / "operating.md").read_text("utf-8").split("## What it says")[1].split("\n## ")[0]
    told = {
        name
        for line in text.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert told == said and len(said) > 15
