"""A documenter's folder is checked as a whole before anything is sent."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from intake.client.document import Given
from intake.client.folder import FolderError, examine, read
from intake.record import media
from intake.record.consent import Choice
from tests.service import FILES

GOOD: dict[str, Any] = {
    "language": "be",
    "capacity": "victim",
    "media": {"a.jpg": {"origin": "self", "intimate": True}},
    "consent": [{"mechanism": "demo", "purposes": ["archive"], "compartments": ["account", "identity"]}],
}


def folder(
    path: Path, description: Any = GOOD, files: tuple[str, ...] = ("a.jpg", "b.mp4", ".hidden")
) -> Path:
    path.mkdir()
    (path / "narrative.txt").write_bytes("\ufeffРадок.\r\nДругі.".encode())
    for name in files:
        (path / name).write_bytes(b"x")
    if description is not None:
        (path / "testimony.json").write_text(json.dumps(description))
    return path


def test_documenter_describes_files_and_consent_in_one_place(tmp_path: Path) -> None:
    found = read(folder(tmp_path / "t"))
    assert found.narrative == "Радок.\r\nДругі." and (found.language, found.capacity) == ("be", "victim")
    assert [(m.path.name, m.origin, m.compartment) for m in found.media] == [
        ("a.jpg", "self", "sensitive"),
        ("b.mp4", "unsaid", "account"),
    ]
    assert found.consent[0].classes == ("account", "identity") and found.consent[0].expires is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda d: d.pop("capacity"), "capacity"),
        (lambda d: d.pop("language"), "language"),
        (lambda d: d.pop("consent"), "nobody is named"),
        (lambda d: d.update(extra=1), "nothing else"),
        (lambda d: d.update(media={"c.jpg": {}}), "not there: c.jpg"),
        (lambda d: d.update(media={"a.jpg": {"origin": "stolen"}}), "a.jpg: origin is one of"),
        (lambda d: d.update(media={"a.jpg": {"mood": "sad"}}), "a.jpg may have"),
        (lambda d: d.update(media={"a.jpg": {"taken": "yesterday"}}), "a.jpg/taken: this is not a date"),
        (lambda d: d.update(media={"a.jpg": {"sha256": "00" * 32}}), "a.jpg may have"),
        (
            lambda d: d.update(schema=2, media={"a.jpg": {"sha256": "00" * 32}}),
            "from the file itself: sha256",
        ),
        (lambda d: d.update(media={"a.jpg": {"only": ["other"]}}), "is for other, whose consent"),
        (lambda d: d.update(sections={"events": {}}), "sections/events: is not an answer"),
        (lambda d: d.update(sections={"event": []}), "no such section; there are: account"),
        (
            lambda d: d.update(sections={"acts": [{"means": ["spoon"]}]}),
            "acts/0/means: spoon is not in the list",
        ),
        (lambda d: d.update(sections={"person": {"name": "\ud800"}}), "sections/person: not representable"),
        (lambda d: d.update(schema=0), "schema: is a number"),
        (lambda d: d["consent"].append(d["consent"][0]), "a mechanism is named twice"),
        (lambda d: d["consent"][0].update(states=["XX"]), "codes of ISO 3166: not XX"),
        (lambda d: d["consent"][0].update(identity="all"), "mechanism and purposes"),
        (lambda d: d.update(media=[]), "media maps names"),
        (lambda d: d["consent"][0].update(purposes=[]), "at least one purpose"),
        (lambda d: d["consent"][0].update(purposes=["fun"]), "mechanism and purposes"),
        (lambda d: d["consent"][0].update(expires="soon"), "mechanism and purposes"),
        (lambda d: d["consent"][0].pop("mechanism"), "mechanism and purposes"),
    ],
)
def test_documenter_is_told_what_to_mend(tmp_path: Path, change: Callable[[Any], Any], sentence: str) -> None:
    description = json.loads(json.dumps(GOOD))
    change(description)
    with pytest.raises(FolderError, match=sentence):
        read(folder(tmp_path / "t", description))


TERMS: dict[str, Any] = {
    "mechanism": "demo", "purposes": ["archive"], "classes": ["account", "identity"], "expires": "2100-01-01",
    "identity": "court", "contact": "here", "conditions": ["not_to_states"], "states": ["BY", "RU"],
}  # fmt: skip


@pytest.mark.parametrize("left_out", [(), ("purposes",)], ids=str)
def test_who_is_named_beside_the_folder_receives_on_the_terms_that_the_folder_has(
    tmp_path: Path, left_out: tuple[str, ...]
) -> None:
    terms = {name: value for name, value in TERMS.items() if name not in left_out}
    path = folder(tmp_path / "t", GOOD | {"consent": [terms]})
    to = (Choice("demo", ("archive",)),)
    (found,) = read(path, language="be", capacity="victim", consent=to).consent
    assert (found.purposes, found.classes, found.expires) == (
        ("archive",),
        ("account", "identity"),
        "2100-01-01",
    )
    assert (found.identity, found.contact) == ("court", "here")
    assert (found.conditions, found.states) == (("not_to_states",), ("BY", "RU"))
    assert read(folder(tmp_path / "u", GOOD | {"consent": []}), consent=to).consent == to


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"consent": (Choice("other", ("archive",)),)}, "consent/demo: --to does not name it"),
        (
            {"consent": (Choice("demo", ("archive",)), Choice("other", ("archive",)))},
            "--to names other, and there is no consent for it here",
        ),
        (
            {"consent": (Choice("demo", ("archive", "sanctions")),)},
            "they are archive, and --to says archive, s",
        ),
        (
            {"consent": (Choice("demo", ("archive",)),), "classes": True},
            "--open-also makes them account: keep one",
        ),
        ({"capacity": "lawyer"}, "here it is victim, and --capacity says lawyer"),
        ({"language": "ru"}, "here it is be, and --language says ru"),
    ],
    ids=str,
)
def test_nothing_is_read_of_a_folder_that_says_otherwise_than_the_options(
    tmp_path: Path, given: dict[str, Any], sentence: str
) -> None:
    path = folder(tmp_path / "t", GOOD | {"consent": [TERMS]})
    found, problems = examine(path, Given(**given))
    assert found is None and sentence in str(FolderError(problems))


def test_a_folder_without_text_or_files_and_one_with_broken_json_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(FolderError, match="neither"):
        read(tmp_path / "empty", language="be", capacity="victim")
    broken = folder(tmp_path / "t")
    (broken / "testimony.json").write_text('{"language": "be",}')
    with pytest.raises(FolderError, match="not JSON"):
        read(broken)
    (broken / "narrative.txt").write_bytes(b"\xff\xfe\x00")
    (broken / "testimony.json").unlink()
    with pytest.raises(FolderError, match="UTF-8"):
        read(broken)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("phone.jpg", "image/jpeg"), ("phone.heic", "image/heic"), ("screenshot.png", "image/png")],
)
def test_the_kind_of_a_file_follows_from_its_bytes(name: str, kind: str) -> None:
    assert media.sniff((FILES / name).read_bytes()[: media.SNIFF_BYTES]) == kind


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"", None),
        (b"hello", None),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"RIFF\0\0\0\0XXXX", None),
        (b"\0\0\0\x14ftypqt  ", "video/quicktime"),
        (b"\0\0\0\x14ftypM4A ", "audio/mp4"),
        (b"\0\0\0\x14ftyp3gp4", "video/3gpp"),
        (b"\0\0\0\x14ftypnew!", "video/mp4"),
        (b"\x1a\x45\xdf\xa3....webm", "video/webm"),
        (b"\x1a\x45\xdf\xa3....matroska", "video/x-matroska"),
        (b"\x47" + bytes(187) + b"\x47" + bytes(187) + b"\x47", "video/mp2t"),
        (b"%PDF-1.7", "application/pdf"),
    ],
)
def test_kinds_by_first_bytes(start: bytes, kind: str | None) -> None:
    assert media.sniff(start) == kind


def test_what_is_ones_own_intimate_short_or_no_medium_is_never_keyed_by_content() -> None:
    assert media.deduplicates("video/mp4", 16384, "received", intimate=False)
    assert media.deduplicates("image/jpeg", 10**9, "unsaid", intimate=False)
    for kind, size, origin, intimate in (
        ("video/mp4", 16383, "received", False),
        ("video/mp4", 16384, "self", False),
        ("video/mp4", 16384, "received", True),
        ("application/pdf", 16384, "received", False),
        (None, 16384, "received", False),
    ):
        assert not media.deduplicates(kind, size, origin, intimate=intimate)


def test_folders_and_links_inside_are_named_and_nothing_is_left_out_silently(tmp_path: Path) -> None:
    (tmp_path / "narrative.txt").write_text("x")
    (tmp_path / "testimony.json").write_text(json.dumps(GOOD))
    (tmp_path / "day1").mkdir()
    (tmp_path / "link.jpg").symlink_to("/etc/hostname")
    (tmp_path / ".hidden").mkdir()
    with pytest.raises(FolderError, match=r"day1, link\.jpg"):
        read(tmp_path)
