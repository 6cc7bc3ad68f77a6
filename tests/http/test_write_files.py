"""Files of the long form: sealed on arrival, kept unclaimed, opened by those who were allowed."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from intake import clock
from intake.db.tables.submissions import uploads
from tests.http.test_write import Writing, opened, parts
from tests.service import (
    PURPOSE,
    Service,
    form_fields,
    make_mechanism,
    on_every_backend,
    on_every_database_in_time,
    register,
    running,
    video,
)

MIB = 1024 * 1024


def waiting(service: Service) -> int:
    with service.installation.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(uploads)).scalar_one())


def contents(tmp_path: Path, name: str) -> set[bytes]:
    return {path.read_bytes() for path in (tmp_path / f"opened-{name}").glob("*/media/*") if path.is_file()}


@on_every_backend
def test_photos_videos_and_what_was_said_of_them_arrive(
    service: Service, tmp_path: Path, photo: bytes
) -> None:
    me, clip = Writing(service), video(5 * MIB)
    me.tell("")
    said = {"q__taken_by": "self", "q__taken__year": "2020", "q__note": "З двара", "q__depicts": "officials"}
    assert (
        me.post("files", "add", [("дом.jpg", photo, "image/jpeg")], origin="self", **said).status_code == 200
    )
    listed = me.post("files", "add", [("b.mp4", clip, "video/mp4")], origin="downloaded").text
    assert "дом.jpg" in listed and "b.mp4" in listed and waiting(service) == 2
    me.allow()
    assert me.send().status_code == 200 and waiting(service) == 0

    (record,) = opened(service, tmp_path)
    assert contents(tmp_path, "1") == {photo, clip}
    labels = {label["name"]: label for label in parts(record, "label")}
    first = labels["дом.jpg"]
    assert (first["origin"], first["taken_by"], first["taken"], first["note"]) == (
        "self",
        "self",
        "2020",
        "З двара",
    )
    assert (first["dedup"], labels["b.mp4"]["dedup"], labels["b.mp4"]["intimate"]) == ("none", "oprf", False)
    assert parts(record, "triage")[0]["media"] == 2


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"q__depicts": "letter"}, "identity"),
        ({"q__depicts": "voice"}, "identity"),
        ({"q__depicts": "letter", "kind": "account"}, "account"),
        ({"intimate": "yes", "q__depicts": "medical_document"}, "sensitive"),
        ({"q__depicts": "vehicles"}, "account"),
    ],
)
def test_letters_papers_and_voices_start_with_who_somebody_is(
    service: Service, tmp_path: Path, photo: bytes, said: dict[str, Any], kind: str
) -> None:
    me = Writing(service)
    me.tell()
    me.post("files", "add", [("a.jpg", photo, "image/jpeg")], origin="received", **said)
    me.allow()
    me.send()
    (record,) = opened(service, tmp_path)
    assert len(contents(tmp_path, "1")) == (kind == "account")
    assert len(parts(record, "label")) == (kind == "account")


@on_every_database_in_time
def test_a_file_with_a_consent_of_its_own_opens_only_for_those_who_were_ticked(
    service: Service, tmp_path: Path, photo: bytes
) -> None:
    other = make_mechanism(tmp_path / "other-keys", "other")
    register(service.installation, other)
    me = Writing(service)
    me.tell()
    me.post("files", "add", [("own.jpg", photo, "image/jpeg")], origin="received", only="other")
    me.post("files", "add", [("all.jpg", photo + b"2", "image/jpeg")], origin="received")
    me.allow(mechanism=["demo", "other"], purpose__other=PURPOSE)
    assert me.send().status_code == 200
    opened(service, tmp_path)
    assert contents(tmp_path, "1") == {photo + b"2"}
    (record,) = opened(service, tmp_path, other, "other")
    assert contents(tmp_path, "other") == {photo, photo + b"2"}
    own = next(label for label in parts(record, "label") if label["name"] == "own.jpg")
    assert (own["apart"], own["dedup"]) == (True, "none")

    me.post("narrative", "save", narrative="Яшчэ.", capacity="victim")
    assert me.send(base=1).status_code == 200  # a later addition changes nothing of that
    opened(service, tmp_path, other, "later")
    assert contents(tmp_path, "later") == {photo, photo + b"2"}


def test_a_file_for_somebody_who_is_not_chosen_is_pointed_out(
    service: Service, tmp_path: Path, photo: bytes
) -> None:
    register(service.installation, make_mechanism(tmp_path / "other-keys", "other"))
    me = Writing(service)
    me.tell()
    me.post("files", "add", [("own.jpg", photo, "image/jpeg")], only="other")
    me.allow()
    assert '<small class="wrong">' in me.post("review").text


def test_a_file_is_removed_and_its_bytes_with_it(service: Service, photo: bytes) -> None:
    me = Writing(service)
    me.tell()
    page = me.post("files", "add", [("a.jpg", photo, "image/jpeg"), ("b.jpg", photo, "image/jpeg")]).text
    assert "a.jpg" in page and "b.jpg" in page
    part = page.split('value="remove:')[1].split('"')[0]
    left = me.post("files", f"remove:{part}").text
    assert ("a.jpg" in left) + ("b.jpg" in left) == 1
    assert waiting(service) == 1 and len(list(service.installation.store.names())) == 1


def test_a_mistake_beside_a_file_is_named_and_nothing_of_it_stays(service: Service, photo: bytes) -> None:
    me = Writing(service)
    file = ("a.jpg", photo, "image/jpeg")
    wrong = me.post("files", "add", [file], q__taken__year="2020", q__taken__month="14", q__note="Занатоўка")
    assert wrong.status_code == 422 and "Занатоўка" in wrong.text and 'id="q:taken-wrong"' in wrong.text
    assert me.post("files", "add").status_code == 422
    assert me.post("files", "add", [file], origin="nowhere").status_code == 422
    assert me.post("files", "add", [file], only="nobody").status_code == 422
    assert waiting(service) == 0 and list(service.installation.store.names()) == []


def test_too_many_files_and_one_that_is_too_large_are_told(tmp_path: Path, demo: Any, photo: bytes) -> None:
    with running(tmp_path, demo, max_file_mib=1) as service:
        me = Writing(service)
        large = me.post("files", "add", [("a.mp4", video(2 * MIB), "video/mp4")])
        assert large.status_code == 413
        many = [(f"{n}.bin", b"x", "application/octet-stream") for n in range(31)]
        assert me.post("files", "add", many).status_code == 413
        assert waiting(service) == 0
        own = me.post("files", "add", many[:11], only="demo")
        assert own.status_code == 413 and "10" in own.text


def test_without_room_neither_files_nor_drafts_are_kept_and_a_text_can_still_be_sent(
    tmp_path: Path, demo: Any, photo: bytes
) -> None:
    with running(tmp_path, demo, reserve_mib=10**12) as service:
        me = Writing(service)
        assert me.post("files", "add", [("a.jpg", photo, "image/jpeg")]).status_code == 507
        assert me.post("narrative", "save", narrative="Так.", capacity="victim").status_code == 507
        assert service.send_form(form_fields(me.receipt)).status_code == 200


def test_files_live_as_long_as_the_draft_and_an_expired_one_is_told(
    service: Service, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = Writing(service)
    me.post("files", "add", [("a.jpg", photo, "image/jpeg")])
    start = clock.now()
    monkeypatch.setattr(clock, "now", lambda: start + 6 * clock.DAY)
    me.tell()
    monkeypatch.setattr(clock, "now", lambda: start + 12 * clock.DAY)
    service.installation.payloads.maintain()
    assert "a.jpg" in me.post("files").text and waiting(service) == 1
    monkeypatch.setattr(clock, "now", lambda: start + 14 * clock.DAY)
    service.installation.payloads.maintain()
    assert "a.jpg" not in me.post("files").text and waiting(service) == 0
    assert list(service.installation.store.names()) == []
