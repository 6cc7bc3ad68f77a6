"""What a mechanism's program does about a record leaves one entry each, and none goes without."""

import secrets
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert

from crypto.encoding import b64u_encode
from crypto.message import seal_message, sign_message
from intake import clock
from intake.audit.events import Event
from intake.db.tables.coming_back import withdrawals
from tests.casework import registered_member
from tests.http.test_feed import Program, entries
from tests.sealed import Sealed
from tests.service import Service, on_every_database_in_time

pytestmark = on_every_database_in_time
CASEWORK = {
    "GET /feed/v1/records/{record}/messages": Event.MESSAGES_LISTED,
    "POST /feed/v1/records/{record}/messages": Event.MESSAGE_SENT,
    "POST /feed/v1/records/{record}/standing": Event.STANDING_SET,
    "POST /feed/v1/records/{record}/withdrawal-answer": Event.WITHDRAWAL_ANSWERED,
}


class Caller:
    """A program that may do all of it: a record, a member's message about it, and a withdrawal."""

    def __init__(self, service: Service, folder: Path) -> None:
        sealed, self.member = Sealed(service), registered_member(service, folder)
        self.record = sealed.send().json()["record"]
        account = sealed.account
        part = seal_message(
            account.identity.recipient, self.record, account.id, {"text": "?"}, secrets.token_bytes
        )
        envelope = sign_message(
            self.member.key,
            record=self.record,
            mechanism="demo",
            day=clock.day(),
            answers=None,
            part=part.entry,
            certificate=self.member.member.raw,
        )
        self.bodies: dict[str, dict[str, Any]] = {
            "messages": {
                "envelope": envelope.decode(),
                "header": b64u_encode(part.header),
                "payload": b64u_encode(part.payload),
            },
            "standing": {"standing": "in_case"},
            "withdrawal-answer": {"revision": 1, "answer": "retained"},
        }
        row = {"record": self.record, "mechanism": "demo", "revision": 1, "number": 1, "document": b"{}"}
        with service.owner.write() as connection:
            connection.execute(insert(withdrawals).values(**row, day=clock.day(), outcome="deleted"))
        self.part = part
        self.program = Program(service).enter()

    def call(self, name: str, record: str | None = None, **changes: Any) -> httpx.Response:
        method, _, pattern = name.partition(" ")
        path = pattern.format(record=record or self.record)
        program = self.program
        if method == "GET":
            return program.get(path)
        sent = {
            "Authorization": f"DPoP {program.token}",
            "DPoP": program.proof("POST", path, program.token),
        }
        body = self.bodies[path.rpartition("/")[2]] | changes
        return program.service.http.post(program.service.url + path, json=body, headers=sent)


def test_each_route_grows_the_access_log_by_one_entry_of_its_event(service: Service, tmp_path: Path) -> None:
    caller = Caller(service, tmp_path)
    for again in (False, True):
        for name, event in CASEWORK.items():
            before = len(entries(service))
            answer = caller.call(name)
            assert answer.status_code == 200, (name, answer.text)
            more = [] if again and event is Event.MESSAGE_SENT else [event]  # under one token, once
            assert [e.event for e in entries(service)[before:]] == more, name


def test_a_refusal_is_an_entry_and_changes_nothing(service: Service, tmp_path: Path) -> None:
    caller = Caller(service, tmp_path)
    blobs = set(service.installation.store.names())
    for name in CASEWORK:
        for record in ("ab" * 32, "rubbish"):
            before = len(entries(service))
            assert caller.call(name, record).status_code == 404, name
            assert [e.event for e in entries(service)[before:]] == [Event.REFUSED], name
    for name, changes in (
        ("POST /feed/v1/records/{record}/standing", {"standing": "<script>"}),
        ("POST /feed/v1/records/{record}/withdrawal-answer", {"answer": "<script>"}),
        ("POST /feed/v1/records/{record}/messages", {"payload": b64u_encode(bytes(16 * 1024))}),
    ):
        before = len(entries(service))
        answer = caller.call(name, **changes)
        assert answer.status_code == 422 and "script" not in answer.text
        assert {e.event for e in entries(service)[before:]} <= {Event.REFUSED}
    assert caller.call("GET /feed/v1/records/{record}/messages").json()["messages"] == []
    assert set(service.installation.store.names()) == blobs


def test_a_stranger_stores_nothing(service: Service, tmp_path: Path) -> None:
    caller = Caller(service, tmp_path)
    blobs, before = set(service.installation.store.names()), len(entries(service))
    stolen = caller.program.token
    for token in ("x", "nonsense"):
        caller.program.token = token
        for name in CASEWORK:
            assert caller.call(name).status_code == 401, name
    thief = Program(service)  # with a token, and without its key
    thief.token = stolen
    caller.program = thief
    for name in CASEWORK:
        assert caller.call(name).status_code == 401, name
    assert set(service.installation.store.names()) == blobs and len(entries(service)) == before


def test_a_list_of_messages_holds_what_was_signed_and_nothing_that_opens(
    service: Service, tmp_path: Path
) -> None:
    caller = Caller(service, tmp_path)
    assert caller.call("POST /feed/v1/records/{record}/messages").json()["number"] == 1
    answer = caller.call("GET /feed/v1/records/{record}/messages")
    (one,) = answer.json()["messages"]
    assert one["envelope"] == caller.bodies["messages"]["envelope"]
    for name in ("header", "payload"):
        assert caller.bodies["messages"][name] not in answer.text
    file = caller.program.get(f"/feed/v1/records/{caller.record}/parts/{one['part']}").content
    assert file == caller.part.header + caller.part.payload and len(file) == one["size"]


def test_when_the_log_cannot_be_written_nothing_is_told_or_stored(service: Service, tmp_path: Path) -> None:
    caller = Caller(service, tmp_path)
    with service.owner.engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE log_entries RENAME TO gone")
        connection.commit()
    for name in CASEWORK:
        answer = caller.call(name)
        assert answer.status_code == 503 and caller.record not in answer.text, name
    with service.owner.engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO log_entries")
        connection.commit()
    assert caller.call("GET /feed/v1/records/{record}/messages").json()["messages"] == []


@pytest.mark.parametrize("body", [{}, {"standing": 1}, {"standing": "in_case", "more": 1}], ids=str)
def test_a_body_of_another_form_is_refused(service: Service, tmp_path: Path, body: dict[str, Any]) -> None:
    caller = Caller(service, tmp_path)
    caller.bodies["standing"] = body
    answer = caller.call("POST /feed/v1/records/{record}/standing")
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")
