"""The corpus is what the client reads and sends, and arrives as it was made."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import corpus
from corpus.consents import Offer
from intake.cli import app
from intake.client import interviews
from intake.client.document import Given
from intake.record import questions, sections
from tests.service import PURPOSE, Service

SEED = 5
NEVER_SENT = ("origin", "intimate", "compartment", "only")


def made(folder: Path, count: int, *offers: Offer) -> tuple[Path, list[dict[str, Any]]]:
    """A corpus in a folder: its list, and what the list holds."""
    corpus.write(folder, SEED, count, offers)
    path = folder / "interviews.jsonl"
    return path, [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_the_clients_own_reader_finds_nothing_wrong_with_fifty_interviews(tmp_path: Path) -> None:
    path, written = made(tmp_path, 50, Offer("demo"), Offer("iapb"), Offer("osce"))
    found = interviews.read(path, Given())
    assert [interview.id for interview in found] == [document["id"] for document in written]
    for interview, document in zip(found, written, strict=True):
        told = interview.testimony
        assert told.narrative == document["narrative"] and told.sections == document["sections"]
        assert len(told.media) == len(document["media"]) + ("consent_scan" in document)
        assert [choice.mechanism for choice in told.consent] == [c["mechanism"] for c in document["consent"]]
    assert any(medium.only for interview in found for medium in interview.testimony.media)
    assert {"account", "identity", "sensitive"} == {m.compartment for i in found for m in i.testimony.media}


@pytest.mark.slow
def test_ten_interviews_reach_the_mechanism_as_they_were_made(service: Service, tmp_path: Path) -> None:
    path, written = made(tmp_path / "corpus", 10, Offer("demo", (PURPOSE,), plain=True))
    arguments = ["submit", str(path), "--server", service.url, "--destroy-receipts", "--yes"]
    sent = CliRunner().invoke(app, arguments)
    assert sent.exit_code == 0, sent.output
    service.pull(tmp_path / "pulled")
    opened = {}
    for record in service.open(tmp_path / "pulled", tmp_path / "opened"):
        assert record.problems == {}
        folder = tmp_path / "opened" / record.record
        parts = list(json.loads((folder / "testimony.json").read_text("utf-8"))["parts"].values())
        (narrative,) = [part["fields"] for part in parts if part["kind"] == "narrative"]
        opened[narrative["text"]] = (narrative, parts, folder)
    assert len(opened) == len(written) == 10
    for document in written:
        narrative, parts, folder = opened[document["narrative"]]
        assert narrative["language"] == document["language"] and narrative["capacity"] == document["capacity"]
        compare(document, parts)
        compare_media(document, parts, folder, path.parent)


def compare(document: dict[str, Any], parts: list[dict[str, Any]]) -> None:
    """All sections of the classes that were allowed are there, and no others."""
    found = dict(sections.from_fields(part["fields"]) for part in parts if part["kind"] == "section")
    classes = set(document["consent"][0]["classes"])
    of_class = {s.id: s.compartment for s in questions.sections()}
    assert found == {id: told for id, told in document["sections"].items() if of_class[id] in classes}
    assert len([part for part in parts if part["kind"] == "triage"]) == ("triage" in classes)


def compare_media(document: dict[str, Any], parts: list[dict[str, Any]], folder: Path, source: Path) -> None:
    """Every file that was allowed has its bytes and its label."""
    labels = {part["fields"]["part"]: part["fields"] for part in parts if part["kind"] == "label"}
    about = {path.rpartition("/")[2]: known for path, known in document["media"].items()}
    if "consent_scan" in document:
        about["consent.pdf"] = {"depicts": "consent_form"}
    originals = Counter(label["name"] for label in labels.values())
    assert set(originals) <= set(about) and max(originals.values(), default=1) == 1
    if {"account", "identity"} <= set(document["consent"][0]["classes"]):
        missing = set(about) - set(originals)
        assert all(about[name].get("intimate") for name in missing)
    for label in labels.values():
        name = str(label["name"])
        (path,) = source.glob(f"media/{document['id'].rpartition('-')[2]}/{name}")
        assert (folder / "media" / name).read_bytes() == path.read_bytes()
        said = {key: value for key, value in about[name].items() if key not in NEVER_SENT}
        assert {key: label.get(key) for key in said} == said
