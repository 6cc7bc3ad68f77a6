"""Somebody submits; a mechanism's machine pulls; its people open. Real files, both ways in."""

import hashlib
import json
from pathlib import Path

import pytest
from sqlalchemy import select

from crypto.encoding import b64u_decode
from intake.client import mechanism_keys
from intake.db.tables import submissions as t
from intake.settings import MIB
from tests.service import FILES, Service, form_fields, new_receipt, on_every_backend, prepared, video
from tests.tools import Typage

pytestmark = on_every_backend

NARRATIVE = "Мяне затрымалі 9 жніўня 2020 года.\r\nІ яшчэ: „двукоссе“, <тэгі> & 🕊.\n"


def files() -> dict[str, bytes]:
    return {
        "phone.jpg": (FILES / "phone.jpg").read_bytes(),
        "phone.heic": (FILES / "phone.heic").read_bytes(),
        "screenshot.png": (FILES / "screenshot.png").read_bytes(),
        "empty.jpg": b"",
        'ліст «мамы» "апошні".pdf': b"%PDF-1.4 a short document",
        "video.mp4": video(9 * MIB + 17),
    }


def opened_files(folder: Path) -> dict[str, bytes]:
    """Original names (from the labels) and bytes of one opened record."""
    summary = json.loads((folder / "testimony.json").read_text("utf-8"))
    assert summary["problems"] == {}
    labels = {p["fields"]["part"]: p["fields"] for p in summary["parts"].values() if p["kind"] == "label"}
    found = {}
    for part, value in summary["parts"].items():
        if value["kind"] == "medium":
            found[labels[part]["name"]] = (folder / value["file"]).read_bytes()
            assert labels[part]["sha256"] == hashlib.sha256(found[labels[part]["name"]]).hexdigest()
    return found


def test_witness_with_the_client_is_read_by_the_mechanism_byte_for_byte(
    service: Service, tmp_path: Path
) -> None:
    sent_files = files()
    _, sent = service.submit(prepared(tmp_path / "t", sent_files, narrative=NARRATIVE))
    assert sent.fresh

    assert service.pull(tmp_path / "pulled").records == [sent.record]
    (opened,) = service.open(tmp_path / "pulled", tmp_path / "opened")

    assert opened.problems == {} and opened.sealed_elsewhere == 0
    assert opened_files(tmp_path / "opened" / sent.record) == sent_files
    assert (tmp_path / "opened" / sent.record / "narrative.txt").read_bytes() == NARRATIVE.encode()


def test_witness_with_the_form_is_read_by_the_mechanism_byte_for_byte(
    service: Service, tmp_path: Path
) -> None:
    sent_files = files()
    media = [("received", name, data) for name, data in sent_files.items()]
    answer = service.send_form(form_fields(new_receipt(), *media, narrative=NARRATIVE))
    assert answer.status_code == 200, answer.text

    (record,) = service.pull(tmp_path / "pulled").records
    (opened,) = service.open(tmp_path / "pulled", tmp_path / "opened")

    assert opened.problems == {}
    assert opened_files(tmp_path / "opened" / record) == sent_files
    narrative = (tmp_path / "opened" / record / "narrative.txt").read_text("utf-8")
    assert narrative == NARRATIVE.replace("\r\n", "\n")


def test_a_name_with_slashes_and_quotes_is_kept_in_the_label_and_harmless_on_disk(
    service: Service, tmp_path: Path, photo: bytes
) -> None:
    names = ['../../тэчка/фота "1".jpg', ".", "a" * 300 + ".jpg", "con:|?*.jpg", "…"]
    service.send_form(form_fields(new_receipt(), *[("self", name, photo) for name in names]))
    (record,) = service.pull(tmp_path / "pulled").records
    (opened,) = service.open(tmp_path / "pulled", tmp_path / "opened")

    assert opened.problems == {}
    assert opened_files(tmp_path / "opened" / record) == dict.fromkeys(names, photo)
    written = [p for p in (tmp_path / "opened").rglob("*") if p.is_file()]
    assert len(written) == len(names) + 3
    assert all(p.parent.name in ("media", record) for p in written)


def test_the_same_photo_by_form_and_by_client_is_one_payload_with_a_header_for_each(
    service: Service, tmp_path: Path, photo: bytes
) -> None:
    clip = video(6 * MIB)  # large enough to wait in the spool
    service.submit(prepared(tmp_path / "t", {"a.jpg": photo, "b.mp4": clip}))
    service.send_form(form_fields(new_receipt(), ("downloaded", "x.jpg", photo), ("unsaid", "y.mp4", clip)))
    stored, _ = service.installation.payloads.usage()

    report = service.installation.payloads.maintain(merge_now=True)

    assert report.merged == 2
    assert service.installation.payloads.usage()[0] == stored - report.freed
    with service.owner.read() as connection:
        rows = connection.execute(select(t.parts).where(t.parts.c.kind == "medium")).all()
    assert len({row.blob for row in rows}) == 2
    assert len({row.header for row in rows}) == len(rows) == 4
    service.pull(tmp_path / "pulled")
    for opened in service.open(tmp_path / "pulled", tmp_path / "opened"):
        assert opened.problems == {} and len(opened.media) == 2


def test_a_photo_that_the_person_took_is_never_merged(service: Service, tmp_path: Path, photo: bytes) -> None:
    service.submit(prepared(tmp_path / "t", {"a.jpg": photo}, origin="self"))
    service.send_form(form_fields(new_receipt(), ("self", "a.jpg", photo)))
    service.send_form(form_fields(new_receipt(), ("received", "a.jpg", photo)))

    assert service.installation.payloads.maintain(merge_now=True).merged == 0


def test_equal_payloads_wait_a_random_time_before_they_are_merged(service: Service, photo: bytes) -> None:
    for _ in range(2):
        service.send_form(form_fields(new_receipt(), ("received", "a.jpg", photo)))

    assert service.installation.payloads.maintain().merged == 0


def test_a_reader_with_nothing_but_an_age_tool_opens_the_evidence(
    service: Service, tmp_path: Path, photo: bytes
) -> None:
    _, sent = service.submit(prepared(tmp_path / "t", {"a.jpg": photo}))
    service.pull(tmp_path / "pulled")
    record = tmp_path / "pulled" / "records" / sent.record
    shared = json.loads((record / "record.json").read_text())

    with Typage() as age:
        plain = []
        keys = {}
        for identity in mechanism_keys.identities(service.mechanism.keys):
            for grant in shared["grants"]:
                if grant["recipient"] == identity.recipient.fingerprint:
                    keys[grant["compartment"]] = (
                        age.decrypt(identity.text, b64u_decode(grant["file"])).decode().strip()
                    )
        entries = json.loads(shared["statements"][0]["statement"])["parts"]
        for entry in entries:
            file = (record / "parts" / f"{entry['id']}.age").read_bytes()
            plain.append(age.decrypt(keys[entry["compartment"]], file))

    assert any(p[: len(photo)] == photo and not p[len(photo) :].strip(b"\0") for p in plain)


def test_what_a_mechanism_was_not_granted_it_does_not_get(
    service: Service, tmp_path: Path, photo: bytes
) -> None:
    fields = form_fields(new_receipt())
    fields += [("origin:1", "received"), ("intimate:1", "yes"), ("media:1", ("x.jpg", photo, "image/jpeg"))]
    service.send_form(fields)

    (record,) = service.pull(tmp_path / "pulled").records
    (opened,) = service.open(tmp_path / "pulled", tmp_path / "opened")

    assert opened.media == [] and opened.sealed_elsewhere == 2  # the picture and its label
    shared = json.loads((tmp_path / "pulled" / "records" / record / "record.json").read_text())
    sensitive = [
        c["id"]
        for c in json.loads(shared["statements"][0]["statement"])["compartments"]
        if c["class"] == "sensitive"
    ]
    assert sensitive and not {g["compartment"] for g in shared["grants"]} & set(sensitive)
    assert len(shared["parts"]) == 3


@pytest.mark.slow
def test_a_300_mb_video_goes_both_ways(service: Service, tmp_path: Path) -> None:
    clip = video(300 * 1000 * 1000)
    service.submit(prepared(tmp_path / "t", {"long.mp4": clip}))
    service.send_form(form_fields(new_receipt(), ("received", "long.mp4", clip)))

    assert service.installation.payloads.maintain(merge_now=True).merged == 1
    records = service.pull(tmp_path / "pulled").records
    opened = service.open(tmp_path / "pulled", tmp_path / "opened")

    assert len(records) == 2 and all(o.problems == {} for o in opened)
    for record in records:
        assert (tmp_path / "opened" / record / "media" / "long.mp4").read_bytes() == clip
