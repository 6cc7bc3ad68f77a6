"""Whole interviews, one at a time: the document that `intake submit` reads, and the files beside it."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from corpus import files
from corpus.answers import answers
from corpus.consents import Offer, consents
from corpus.dice import Dice
from corpus.files import File
from corpus.narrative import tell
from corpus.speech import Speech
from corpus.story import invent
from crypto.encoding import Json

DEMO = (Offer("demo"),)
LIST = "interviews.jsonl"
_APART = 8  # of a hundred files that could be, are for one mechanism only


def records(
    seed: int, count: int, mechanisms: Sequence[Offer] = DEMO, media: str = "small"
) -> Iterator[dict[str, Json]]:
    """Interviews 1 to `count`, as documents (`intake.client.document`). `media` is one of `files.SIZES`.

    Interview 17 of a seed is the same however many are made.
    """
    for number in range(1, count + 1):
        yield _interview(seed, number, mechanisms, media)[0]


def media(seed: int, number: int, size: str = "small") -> Iterator[tuple[str, bytes]]:
    """Path and bytes of every file that an interview names."""
    return files.every(seed, _interview(seed, number, DEMO, size)[1], size)


def write(
    folder: Path, seed: int, count: int, mechanisms: Sequence[Offer] = DEMO, size: str = "small"
) -> int:
    """Make `interviews.jsonl` and its files in a folder; how many bytes there are in the files."""
    written = 0
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LIST).open("w", encoding="utf-8", newline="\n") as out:
        for number in range(1, count + 1):
            interview, named = _interview(seed, number, mechanisms, size)
            for path, data in files.every(seed, named, size):
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(data)
                written += len(data)
            out.write(json.dumps(interview, ensure_ascii=False, separators=(",", ":")) + "\n")
    return written


def _interview(
    seed: int, number: int, mechanisms: Sequence[Offer], size: str
) -> tuple[dict[str, Json], list[File]]:
    dice = Dice(seed, "record", number)
    story = invent(dice)
    speech = Speech(story, Dice(seed, "speech", number))
    sections = answers(speech)
    contact = sections.get("contact", {}).get("contact")
    allowed = consents(
        Dice(seed, "consent", number),
        mechanisms,
        sensitive="sensitive" in sections,
        safe_channel=isinstance(contact, str),
    )
    named = files.chosen(seed, number, speech, size)
    found: dict[str, Json] = {
        "id": f"C{seed}-{number:05}",
        "language": story.language,
        "capacity": story.capacity,
        "narrative": tell(speech),
        "sections": sections,
        "media": {file.path: file.about for file in _apart(named, allowed, Dice(seed, "apart", number))},
    }
    if size != "none" and story.capacity in ("on_behalf", "lawyer") and dice.chance(60):
        form = files.scan(number, story)
        found["consent_scan"] = form.path
        named = [*named, form]
    return found | {"consent": allowed}, named


def _apart(named: list[File], allowed: list[Json], dice: Dice) -> list[File]:
    """Where several may receive the testimony, some files are for one of them only."""
    for file in named:
        in_account = file.kind in ("jpg", "png") and not file.about.get("intimate")
        if len(allowed) > 1 and in_account and dice.chance(_APART):
            file.about["only"] = [dice.pick(allowed)["mechanism"]]
    return named
