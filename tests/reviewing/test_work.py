"""Entries: sealed and signed by their author, kept as they came, and gone with the record."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from crypto import age_header, work
from crypto.encoding import b64u_decode, b64u_encode, canonical_json, parse_json
from intake import clock
from intake.audit.events import Event
from intake.db.tables import metadata
from intake.db.tables import submissions as t
from intake.people import members
from intake.submissions.blob_rows import SWEEP_AGE
from intake.upkeep.check import check
from tests.casework import later
from tests.http.test_feed import entries
from tests.reviewing.desks import Desk, assign, desk
from tests.sealed import upload
from tests.service import Service, on_every_database_in_time, prepared
from tests.staff import Staff

pytestmark = on_every_database_in_time
PHOTO = b"\xff\xd8\xff" + bytes(range(256)) * 40


@pytest.fixture
def place(service: Service, tmp_path: Path) -> Desk:
    """A workspace of Anna's, on a record that was assigned to her and to Bela."""
    _, sent = service.submit(prepared(tmp_path / "testimony", {"a.jpg": b"\xff\xd8\xff photo"}))
    staff = Staff(service)
    anna, bela = staff.member("reviewer", id="anna"), staff.member("reviewer", id="bela")
    assign(service, sent.record, anna, bela)
    return desk(staff, anna, sent.record).begin(bela)


def a_part(service: Service, kind: str = "medium") -> str:
    with service.owner.read() as connection:
        query = select(t.parts.c.id).where(t.parts.c.kind == kind)
        return str(connection.execute(query).scalars().first())


def colleagues(place: Desk) -> Desk:
    """The same workspace, as a key-holder has it open."""
    return place.of(place.staff.member("key-holder", id="carla"))


def test_a_note_is_read_by_a_colleague_and_by_nobody_at_the_server(service: Service, place: Desk) -> None:
    words = "Тое самае месца, што і ў другім сведчанні"
    place.write("note", {"text": words})
    place.write("tags", {"elements": ["torture"], "reliability": "B", "exculpatory": False})
    place.write("decision", {"decision": "needs_more", "text": words}, refers=a_part(service))
    listed = colleagues(place).entries()
    assert [(e["number"], e["kind"], e["member"]) for e in listed] == [
        (1, "note", "anna"),
        (2, "tags", "anna"),
        (3, "decision", "anna"),
    ]
    assert place.opened(listed[0]) == {"text": words}
    assert place.opened(listed[2])["decision"] == "needs_more"
    assert [e["number"] for e in place.entries(after=2)] == [3]
    for path in service.everything_on_disk():
        assert words.encode() not in path.read_bytes(), path


def test_each_entry_and_each_list_is_on_the_records_log(service: Service, place: Desk) -> None:
    place.write()
    place.entries()
    last = entries(service)[-2:]
    assert [e.event for e in last] == [Event.WORK_WRITTEN, Event.WORK_LISTED]
    assert all(e.record == place.record and e.fields["workspace"] == place.id for e in last)


def test_the_same_entry_again_has_the_same_answer_and_another_of_its_id_is_refused(
    service: Service, place: Desk
) -> None:
    body = place.entry()
    first, again = place.send(body), place.send(body)
    assert first.status_code == again.status_code == 200 and first.json() == again.json()
    document = parse_json(body["envelope"].encode())["document"]
    part = work._part(document["part"], place.id)
    other = work.sign_entry(
        place.person.keys.signing,
        place.person.keys.certificate.raw,
        mechanism="demo",
        record=place.record,
        kind="reason",
        day=clock.day(),
        refers=None,
        part=part,
    )
    refused = place.send(body | {"envelope": other.decode()})
    assert (refused.status_code, refused.json()["code"]) == (409, "entry_differs")
    assert len(place.entries()) == 1


def test_a_derivative_brings_its_files_and_says_what_it_was_made_of(service: Service, place: Desk) -> None:
    of = a_part(service)
    words = {"derivative": "redaction", "tool": "blur 1.2", "text": "faces"}
    place.write("derivative", words, refers=of, files=[("blurred.jpg", PHOTO), ("notes.txt", b"")])
    (listed,) = place.entries()
    values = place.opened(listed)
    assert values["tool"] == "blur 1.2" and [f["name"] for f in values["files"]] == [
        "blurred.jpg",
        "notes.txt",
    ]
    part = values["files"][0]["part"]
    before = len(entries(service))
    answer = place.person.get(f"/workspaces/{place.id}/files/{part}")
    assert (
        answer.status_code == 200
        and len(answer.content) == {f["part"]: f["size"] for f in listed["files"]}[part]
    )
    piece = place.person.get(f"/workspaces/{place.id}/files/{part}", headers={"Range": "bytes=10-19"})
    assert piece.status_code == 206 and piece.content == answer.content[10:20]
    logged = entries(service)[before:]
    assert [(e.event, e.fields["part"]) for e in logged] == [(Event.WORK_LISTED, part)]  # once a session
    entry = work.verify_envelope(
        listed["envelope"].encode(),
        place.staff.root.public,
        "demo",
        workspace=place.id,
        record=place.record,
    )
    fields = work.open_entry(entry, _file_of(listed), place.made.identity)
    header = age_header.parse(answer.content)
    opener = work.open_file(entry, fields, 0, header, place.made.identity)
    assert bytes(opener.update(answer.content[len(header.raw) :])) + bytes(opener.finish()) == PHOTO
    again = place.write(
        "derivative", {"derivative": "preview"}, refers=listed["part"], files=[("p.jpg", PHOTO)]
    )
    assert again != listed["part"]


def _file_of(listed: dict[str, Any]) -> bytes:
    return b64u_decode(listed["header"]) + b64u_decode(listed["payload"])


def test_what_does_not_hold_is_refused_and_nothing_of_it_is_kept(service: Service, place: Desk) -> None:
    of, bela = a_part(service), place.staff.member("reviewer", id="dina")
    assign(service, str(place.record), bela)
    good = place.entry("derivative", {"derivative": "preview"}, refers=of, files=[("a.jpg", PHOTO)])
    other = place.entry("derivative", {"derivative": "preview"}, refers=of, files=[("b.jpg", PHOTO)])
    envelope = parse_json(good["envelope"].encode())
    bent = canonical_json(envelope | {"document": envelope["document"] | {"kind": "note"}}).decode()
    file = good["files"][0]
    bad: list[tuple[str, dict[str, Any]]] = [
        ("author_differs", place.of(bela).entry()),
        ("entry_invalid", good | {"envelope": bent}),
        ("entry_invalid", good | {"header": b64u_encode(b"age-encryption.org/v1\n")}),
        ("entry_invalid", desk(place.staff, place.person, place.record).entry()),
        ("entry_invalid", place.entry(record="ab" * 32)),
        ("payload_differs", good | {"payload": other["payload"]}),
        ("payload_differs", good | {"files": [file | {"upload": other["files"][0]["upload"]}]}),
        ("parts_differ", good | {"files": []}),
        ("parts_differ", good | {"files": other["files"]}),
        ("upload_incomplete", good | {"files": [file | {"upload": "ab" * 16}]}),
        ("day", place.entry(day=clock.day(later(5)))),
        ("refers_unknown", place.entry(refers="ab" * 16)),
        ("refers_missing", place.entry("derivative", files=[("a.jpg", PHOTO)])),
    ]
    for number, (code, body) in enumerate(bad):
        answer = place.send(body)
        assert answer.json()["code"] == code, (number, answer.text)
    for garbage in ({}, good | {"files": [file] * 9}, good | {"payload": "!"}, good | {"envelope": "[]"}):
        assert place.send(garbage).status_code == 422
    assert place.entries() == []
    assert place.send(good).status_code == 200  # its upload was not taken by what failed


def test_an_author_who_was_revoked_writes_no_more_and_what_they_wrote_stays(
    service: Service, place: Desk
) -> None:
    place.write()
    body = place.entry()
    with service.installation.database.write() as connection:
        members.revoke(connection, "demo", "anna")
    refused = place.send(body)
    assert (refused.status_code, refused.json()["code"]) == (403, "author_differs")
    assert len(colleagues(place).entries()) == 1


def test_upkeep_keeps_the_files_of_derivatives_and_the_check_finds_nothing(
    service: Service, place: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write("derivative", refers=a_part(service), files=[("a.jpg", PHOTO)])
    (listed,) = place.entries()
    found = service.installation
    much_later = clock.now() + 3 * SWEEP_AGE
    monkeypatch.setattr(clock, "now", lambda: much_later)
    report = found.payloads.maintain(merge_now=True)
    monkeypatch.undo()
    assert report.swept == 0 and found.payloads.unreferenced() == 0
    stored, referred = found.payloads.usage()
    assert stored == referred
    part = listed["files"][0]["part"]
    assert place.person.get(f"/workspaces/{place.id}/files/{part}").status_code == 200
    assert list(check(service.owner, found.store, found.log_keys, read_data=True)) == []


def test_a_file_with_the_bytes_of_a_testimonys_photo_survives_the_merge(
    service: Service, place: Desk
) -> None:
    """Somebody uploads ciphertext that is there already: the two are one payload after the merge."""
    with service.owner.read() as connection:
        query = select(t.payloads).join(t.parts, t.parts.c.blob == t.payloads.c.blob)
        medium = connection.execute(query.where(t.parts.c.kind == "medium")).one()
    blob = service.installation.store.open(medium.blob)
    payload = blob.read(0, medium.size)
    blob.close()
    made, _ = place.sealed({"derivative": "preview"}, [("a.jpg", PHOTO)])
    ((entry, header),) = made.files
    lying = work.FileEntry(entry.id, medium.payload_id, entry.key_commitment)
    envelope = work.sign_entry(
        place.person.keys.signing,
        place.person.keys.certificate.raw,
        mechanism="demo",
        record=place.record,
        kind="derivative",
        day=clock.day(),
        refers=a_part(service),
        part=made.part.entry,
        files=[lying],
    )
    body = {
        "envelope": envelope.decode(),
        "header": b64u_encode(made.part.header),
        "payload": b64u_encode(made.part.payload),
        "files": [{"part": entry.id, "header": b64u_encode(header), "upload": upload(service, payload)}],
    }
    assert place.send(body).status_code == 200
    assert service.installation.payloads.maintain(merge_now=True).merged == 1
    assert place.person.get(f"/workspaces/{place.id}/files/{entry.id}").content.endswith(payload)
    service.installation.erasure.erase(str(place.record))
    assert service.installation.payloads.unreferenced() == 0


def test_erasing_a_record_leaves_nothing_of_what_was_written_about_it(service: Service, place: Desk) -> None:
    place.write("derivative", refers=a_part(service), files=[("a.jpg", PHOTO)])
    place.write("note")
    gone = service.installation.erasure.erase(str(place.record))
    assert gone >= 3
    with service.owner.read() as connection:
        for name in ("workspaces", "workspace_grants", "work", "work_files", "deadlines", "case_records"):
            count = select(func.count()).select_from(metadata.tables[name])
            assert connection.execute(count).scalar_one() == 0, name
        assert connection.execute(select(func.count()).select_from(t.payloads)).scalar_one() == 0
    assert place.person.get(f"/workspaces/{place.id}/work").status_code == 404
