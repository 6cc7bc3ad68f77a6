"""Which files an interview has, what is said of each, and their bytes."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from corpus import papers, pictures, sounds
from corpus.dice import Dice
from corpus.gaps import gaps
from corpus.speech import Speech
from corpus.story import Story
from corpus.when import remembered
from crypto.encoding import Json

SIZES = ("small", "real", "none")
POOL = 40  # files that many people have sent on
_NUMBERS = ((0, 5), (1, 4), (2, 6), (3, 9), (4, 13), (5, 16), (6, 17), (7, 15), (8, 15))
_SHARED = 25  # of a hundred files are from the pool
_LEAST = 17_000  # bytes of a picture of the pool: shorter files are never deduplicated
_REAL_WIDTH, _REAL_HEIGHTS = 1000, (700, 1660)  # pixels of 3 bytes: 2.1 to 5 MB
_COVERED = ("buttocks", "left_thigh", "right_thigh", "chest", "lower_back")  # photos of them are intimate
_PASSED_ON = ("gathering", "use_of_force", "officials", "vehicles", "detention")


@dataclass(frozen=True, slots=True)
class File:
    """A file of an interview: its path beside `interviews.jsonl`, its label, and how to make it.

    `kind` is png, jpg, wav or pdf; `copy` is its number in the pool, or None.
    """

    path: str
    kind: str
    copy: int | None
    about: dict[str, Json]
    day: str = field(default="")


def chosen(seed: int, number: int, speech: Speech, size: str) -> list[File]:
    """The files of one interview, in their order; the consent form of a documenter is not among them."""
    if size == "none":
        return []
    dice = Dice(seed, "files", number)
    found: dict[str, File] = {}
    for _ in range(dice.weighted(_NUMBERS)):
        file = _shared(dice, speech) if dice.chance(_SHARED) else _own(dice, speech)
        if size == "real" and file.kind == "jpg":
            file = replace(file, kind="png")
        name = _name(dice, file)
        while f"media/{number:05}/{name}" in found:
            name = f"1{name}"
        path = f"media/{number:05}/{name}"
        found[path] = replace(file, path=path, day=speech.story.when.day.isoformat())
    return list(found.values())


def scan(number: int, story: Story) -> File:
    """The consent form that somebody signed for an interview."""
    return File(
        f"media/{number:05}/consent.pdf", "pdf", None, {"depicts": "consent_form"}, story.when.day.isoformat()
    )


def contents(seed: int, file: File, size: str) -> bytes:
    """The bytes of a file. Copies of the pool are equal, whoever sends them."""
    dice = (
        Dice(seed, "pool", file.copy, size) if file.copy is not None else Dice(seed, "file", file.path, size)
    )
    if file.kind == "pdf":
        return papers.paper(dice, str(file.about["depicts"]), file.day)
    if file.kind == "wav":
        return sounds.voice(dice, dice.between(2, 6))
    if size == "real":
        return pictures.noise(dice, _REAL_WIDTH, dice.between(*_REAL_HEIGHTS))
    if file.kind == "png":
        return pictures.scene(dice, dice.between(88, 120), dice.between(70, 88))
    columns = dice.between(40, 80)
    return pictures.mosaic(dice, columns, columns * 3 // 4, _LEAST if file.copy is not None else 0)


def every(seed: int, files: list[File], size: str) -> Iterator[tuple[str, bytes]]:
    """Paths and bytes, one after the other."""
    return ((file.path, contents(seed, file, size)) for file in files)


def _shared(dice: Dice, speech: Speech) -> File:
    """A picture that went from hand to hand; a few went very far."""
    copy = dice.below(POOL) if dice.chance(50) else dice.below(POOL // 8)
    origin = dice.weighted((("received", 55), ("downloaded", 30), ("unsaid", 15)))
    about: dict[str, Json] = {
        "taken_by": dice.pick(("unknown_person", "journalist", "known_person")),
        "taken": speech.story.when.edtf,
        "place": speech.known["town"],
        "device": dice.weighted((("phone", 70), ("surveillance", 15), ("dashcam", 15))),
        "messenger": dice.weighted((("telegram", 60), ("signal", 15), ("viber", 10), ("social_network", 15))),
        "edited": dice.chance(25),
        "depicts": dice.pick(_PASSED_ON),
        "people_visible": dice.chance(60),
        "minors": dice.chance(3),
        "note": speech.note("s_note"),
    }
    return File("", "jpg" if copy % 4 else "png", copy, {"origin": origin} | gaps(dice, about))


def _own(dice: Dice, speech: Speech) -> File:
    story = speech.story
    kind = dice.weighted((("photo", 62), ("screen", 10), ("paper", 16), ("voice", 12)))
    if kind == "voice":
        about: dict[str, Json] = {
            "origin": "self",
            "taken_by": "self",
            "device": "recorder",
            "depicts": "voice",
        }
        if dice.chance(10):
            about["compartment"] = "account"
        return File("", "wav", None, about)
    if kind == "paper":
        depicts = dice.weighted((("court_document", 50), ("medical_document", 30), ("letter", 20)))
        return File(
            "", "pdf", None, {"origin": "self", "device": "scanner", "depicts": depicts, "edited": False}
        )
    if kind == "screen":
        labels: dict[str, Json] = {
            "device": "screen",
            "messenger": "no",
            "people_visible": False,
            "edited": dice.chance(30),
        }
        return File("", "png", None, {"origin": "self", "depicts": "correspondence", **gaps(dice, labels)})
    return _photo(dice, speech, story)


def _photo(dice: Dice, speech: Speech, story: Story) -> File:
    shows = ["gathering", "vehicles", "damage", *(["injuries"] * 6 if story.injuries else [])]
    shows += ["border"] * 2 if story.exit else []
    depicts = dice.pick(shows)
    when = remembered(story.when.day, dice)
    labels: dict[str, Json] = {
        "taken_by": dice.weighted((("self", 70), ("known_person", 30))),
        "taken": story.exit.when.edtf if depicts == "border" and story.exit else when.edtf,
        "place": speech.known["town"],
        "device": dice.weighted((("phone", 90), ("camera", 10))),
        "messenger": dice.weighted((("no", 70), ("signal", 20), ("telegram", 10))),
        "edited": dice.chance(10),
        "people_visible": depicts == "gathering" or dice.chance(20),
        "minors": False,
    }
    if dice.chance(4):
        labels["capture_proof"] = dice.pick(("c2pa", "proofmode"))
    about: dict[str, Json] = {"origin": dice.weighted((("self", 75), ("received", 25))), "depicts": depicts}
    if depicts == "injuries" and any(region in _COVERED for _, region in story.injuries) and dice.chance(50):
        about["intimate"] = True
    if depicts == "border":
        del labels["place"]
    return File("", dice.weighted((("jpg", 65), ("png", 35))), None, about | gaps(dice, labels))


def _name(dice: Dice, file: File) -> str:
    """As telephones, messengers, scanners name files."""
    number = dice.between(1000, 9999)
    if file.kind == "wav":
        return f"REC_{number}.wav"
    if file.kind == "pdf":
        return f"scan_{number}.pdf"
    if file.copy is not None:
        return f"photo_{number}.{file.kind}"
    return f"{'Screenshot' if file.about['depicts'] == 'correspondence' else 'IMG'}_{number}.{file.kind}"
