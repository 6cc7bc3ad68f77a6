"""Why, in words: kept with the request as sealed bytes, given to custodians and to who asked, gone with it."""

import os
import secrets
from typing import Any

from sqlalchemy import delete, func, insert, select

from crypto import reason
from crypto.encoding import b64u_encode
from intake import clock
from intake.audit.events import Event
from intake.db.tables.coming_back import deletions
from intake.db.tables.review import identity_requests
from intake.people import leaving
from tests.http.test_feed import entries
from tests.reviewing.desks import assign
from tests.reviewing.people import a_record
from tests.service import Service, on_every_database_in_time
from tests.staff import Person, Staff

pytestmark = on_every_database_in_time

ASK = {"classes": ["identity"], "reason": "contact"}
WORDS = "Трэба папярэдзіць пра суд."


def asked_by(person: Person, record: str, id: str) -> reason.Asked:
    return reason.Asked(id, record, person.member, person.member, ("identity",), "contact")


def with_words(person: Person, record: str, *readers: Person, text: str = WORDS) -> dict[str, Any]:
    """A request as a browser makes it."""
    id, keys = secrets.token_hex(16), person.keys
    asked = asked_by(person, record, id)
    day = clock.day()
    envelope = reason.sign_reason(
        keys.signing, keys.certificate.raw, mechanism="demo", asked=asked, day=day, text=text
    )
    to = [one.keys.identity.recipient for one in (person, *readers)]
    return {**ASK, "id": id, "words": b64u_encode(reason.seal_envelope(envelope, to, os.urandom))}


def people(service: Service, photo: bytes) -> tuple[Staff, str, Person, Person]:
    """Rita, to whom a record with somebody's name is assigned, and Olga, a custodian."""
    staff = Staff(service)
    rita, olga = staff.member("reviewer", id="rita"), staff.member("custodian", id="olga")
    record = a_record(service, photo=photo).record
    assign(service, record, rita)
    return staff, record, rita, olga


def test_a_custodian_reads_why_and_so_does_who_asked_and_nobody_else(service: Service, photo: bytes) -> None:
    staff, record, rita, olga = people(service, photo)
    kira, bela = staff.member("key-holder", id="kira"), staff.member("reviewer", id="bela")
    assign(service, record, bela)
    body = with_words(rita, record, olga)
    assert rita.post(f"/records/{record}/identity-requests", body).json()["id"] == body["id"]
    path = f"/identity-requests/{body['id']}/words"
    late = staff.member("custodian", id="otto")  # may have the file, which is not sealed to them
    for one in (rita, olga, late):
        (listed,) = one.get("/identity-requests").json()["requests"]
        assert (listed["id"], listed["words"]) == (body["id"], True)
    for one in (rita, olga):
        file = one.get(path)
        assert file.headers["content-type"] == "application/octet-stream"
        envelope = reason.open_envelope(file.content, [one.keys.identity])
        asked = asked_by(rita, record, body["id"])
        assert reason.verify_envelope(envelope, staff.root.public, "demo", asked).text == WORDS
    assert late.get(path).status_code == 200
    assert [one.get(path).status_code for one in (kira, bela)] == [404, 404]
    listed = [e for e in entries(service) if e.event == Event.ASSIGNED_LISTED]
    said = [e for e in listed if e.fields["what"] == "identity-reason"]
    assert [e.fields["member"] for e in said] == ["rita", "olga", "otto"]
    assert {e.fields["request"] for e in said} == {body["id"]}
    refused = olga.post(f"/identity-requests/{body['id']}/decision", {"approve": False})
    assert refused.json()["words"] is True
    assert [one.get(path).status_code for one in (rita, olga, late)] == [200, 200, 404]


def test_other_words_are_another_request_which_takes_the_place_of_the_first(
    service: Service, photo: bytes
) -> None:
    _, record, rita, olga = people(service, photo)
    path = f"/records/{record}/identity-requests"
    first, second = with_words(rita, record, olga), with_words(rita, record, olga, text="Іначай.")
    for body in (first, first, ASK):
        assert rita.post(path, body).json()["id"] == first["id"]
    assert rita.post(path, second).json()["id"] == second["id"]
    assert [one["id"] for one in olga.get("/identity-requests").json()["requests"]] == [second["id"]]
    no = {"approve": False}
    assert olga.post(f"/identity-requests/{first['id']}/decision", no).status_code == 404
    assert olga.post(f"/identity-requests/{second['id']}/decision", no).status_code == 200
    answer = rita.post(path, second)
    assert (answer.status_code, answer.json()["code"]) == (409, "request_exists")


def test_only_sealed_words_of_some_length_are_taken_and_with_an_id(service: Service, photo: bytes) -> None:
    _, record, rita, olga = people(service, photo)
    good = with_words(rita, record, olga)
    many = with_words(rita, record, *[olga] * 19)
    for bad in (
        {"id": None},
        {"words": None},
        {"words": b64u_encode(WORDS.encode())},
        {"words": good["words"][:-4]},
        {"words": "A" * (4 * reason.MAX_FILE // 3 + 9)},
        {"id": "x"},
        {"entry": "ab" * 16},
    ):
        assert rita.post(f"/records/{record}/identity-requests", good | bad).status_code == 422, bad
    assert olga.get("/identity-requests").json()["requests"] == []
    assert rita.post(f"/records/{record}/identity-requests", many).status_code == 200


def test_words_end_with_the_consent_with_the_request_and_with_the_record(
    service: Service, photo: bytes
) -> None:
    _, record, rita, olga = people(service, photo)
    other = a_record(service, photo=photo)
    assign(service, other.record, rita)
    ids = []
    for each in (record, other.record):
        body = with_words(rita, each, olga)
        assert rita.post(f"/records/{each}/identity-requests", body).status_code == 200
        ids.append(body["id"])
    assert olga.get(f"/identity-requests/{ids[1]}/words").status_code == 200
    with service.owner.write() as connection:
        row = {"record": record, "asked_day": clock.day(), "due_day": clock.day()}
        connection.execute(insert(deletions).values(row))
    assert olga.get(f"/identity-requests/{ids[0]}/words").json()["code"] == "deletion_pending"
    with service.owner.write() as connection:
        connection.execute(delete(deletions))
    assert other.revise(choices=[]).status_code in (200, 201)
    assert olga.get(f"/identity-requests/{ids[1]}/words").status_code == 404
    assert kept(service) == 1
    service.installation.erasure.erase(record)
    assert olga.get(f"/identity-requests/{ids[0]}/words").status_code == 404 and kept(service) == 0
    third = a_record(service, photo=photo).record
    assign(service, third, rita)
    rita.post(f"/records/{third}/identity-requests", with_words(rita, third, olga))
    assert kept(service) == 1
    with service.installation.database.write() as connection:
        leaving.remove(connection, "demo", "rita")
    assert kept(service) == 0


def kept(service: Service) -> int:
    count = select(func.count(identity_requests.c.words))
    with service.owner.read() as connection:
        return connection.execute(count).scalar_one()
