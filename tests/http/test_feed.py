"""A mechanism's program at the feed: who gets in, what is logged, what others cannot see."""

import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import select

from crypto.encoding import b64u_encode
from crypto.log_leaf import Opening
from intake.audit import log
from intake.audit.events import Event, Log
from intake.client import api, pull
from intake.db.tables.audit import refusals
from intake.errors import Unauthenticated
from intake.people import clients
from intake.sharing.access import Asked, What
from tests.sealed import Sealed
from tests.service import (
    PURPOSE,
    Mechanism,
    Service,
    form_fields,
    make_mechanism,
    new_receipt,
    on_every_database_in_time,
    prepared,
    register,
)

pytestmark = on_every_database_in_time


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Mechanism:
    """A second mechanism, which was granted nothing."""
    return make_mechanism(tmp_path_factory.mktemp("other-keys"), "other")


class Program:
    """The feed's client by hand, so that each piece can be bent."""

    def __init__(self, service: Service, mechanism: Mechanism | None = None, purpose: str = PURPOSE) -> None:
        self.service = service
        self.key = pull.load_client((mechanism or service.mechanism).client_file)
        self.proof_key = ECKey.generate_key("P-256")
        self.purpose = purpose
        self.token = ""

    def assertion(self, **changes: Any) -> str:
        now = int(time.time())
        claims = {
            "iss": self.key.client,
            "sub": self.key.client,
            "aud": self.service.url,
            "jti": secrets.token_hex(16),
            "iat": now,
            "exp": now + 60,
        }
        return jwt.encode({"alg": "ES256"}, claims | changes, self.key.key)

    def proof(self, method: str, path: str, token: str | None = None, **changes: Any) -> str:
        claims = {
            "jti": secrets.token_hex(16),
            "htm": method,
            "htu": self.service.url + path,
            "iat": int(time.time()),
        }
        if token:
            claims["ath"] = b64u_encode(hashlib.sha256(token.encode()).digest())
        header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": self.proof_key.as_dict(private=False)}
        return jwt.encode(header, claims | changes, self.proof_key)

    def ask_token(
        self, assertion: str | None = None, proof: str | None = None, **form: str
    ) -> httpx.Response:
        fields = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion or self.assertion(),
            "scope": self.purpose,
        }
        headers = {"DPoP": proof if proof is not None else self.proof("POST", "/oauth/token")}
        return self.service.http.post(f"{self.service.url}/oauth/token", data=fields | form, headers=headers)

    def enter(self) -> "Program":
        self.token = self.ask_token().json()["access_token"]
        return self

    def get(self, path: str, proof: str | None = None, **headers: str) -> httpx.Response:
        bare = path.partition("?")[0]
        sent = {"Authorization": f"DPoP {self.token}", "DPoP": proof or self.proof("GET", bare, self.token)}
        return self.service.http.get(self.service.url + path, headers=sent | headers)


def said(answer: httpx.Response) -> list[dict[str, Any]]:
    """What the entries of a page say."""
    return [
        Opening.parse(e["opening"].encode()).values
        for e in answer.json()["events"]
        if e["opening"] is not None
    ]


def entries(service: Service, mechanism: str = "demo") -> list[log.Entry]:
    with service.installation.database.read() as connection:
        return log.read(connection, mechanism, Log.ACCESS, 0, 1000)


@pytest.fixture
def record(service: Service, tmp_path: Path, photo: bytes) -> Iterator[str]:
    _, sent = service.submit(prepared(tmp_path / "t", {"a.jpg": photo}))
    yield sent.record


def test_program_with_a_key_gets_a_token_and_every_access_is_an_entry(service: Service, record: str) -> None:
    program = Program(service).enter()
    before = len(entries(service))

    listed = program.get("/feed/v1/events?start=0")
    opened = program.get(f"/feed/v1/records/{record}")
    part = opened.json()["parts"][0]
    whole = program.get(f"/feed/v1/records/{record}/parts/{part['id']}")

    assert [e["record"] for e in said(listed) if e.get("event") == "record.added"] == [record]
    assert len(whole.content) == part["size"]
    added = entries(service)[before:]
    assert [e.event for e in added] == [Event.FEED_LISTED, Event.RECORD_OPENED, Event.PART_DOWNLOADED]
    assert all(e.fields["client"] == "demo-puller" and e.fields["purpose"] == PURPOSE for e in added)
    assert added[1].record == record and added[2].fields["part"] == part["id"]


def test_ranges_of_one_download_are_one_entry_and_make_the_whole(service: Service, record: str) -> None:
    program = Program(service).enter()
    parts = program.get(f"/feed/v1/records/{record}").json()["parts"]
    part = max(parts, key=lambda p: p["size"])
    path = f"/feed/v1/records/{record}/parts/{part['id']}"
    whole = program.get(path).content
    before = len(entries(service))

    third = part["size"] // 3
    for start, end in ((0, 99), (1500, 1700), (0, third - 1), (third, part["size"] - 1)):
        answer = program.get(path, Range=f"bytes={start}-{end}")
        assert answer.status_code == 206 and answer.content == whole[start : end + 1]
        assert answer.headers["content-range"] == f"bytes {start}-{end}/{part['size']}"
    assert program.get(path, Range="bytes=-10").content == whole[-10:]
    assert program.get(path, Range=f"bytes={part['size']}-").status_code == 416
    assert len(entries(service)) == before


def test_polling_an_empty_feed_is_one_entry_per_token(service: Service, record: str) -> None:
    program = Program(service).enter()
    size = program.get("/feed/v1/events").json()["size"]
    before = len(entries(service))
    for _ in range(5):
        assert program.get(f"/feed/v1/events?start={size}").json()["events"] == []
    assert len(entries(service)) == before + 1


def test_a_mechanism_that_was_not_named_finds_nothing_and_the_refusal_is_logged(
    service: Service, record: str, other: Mechanism
) -> None:
    register(service.installation, other)
    part = Program(service).enter().get(f"/feed/v1/records/{record}").json()["parts"][0]["id"]
    stranger = Program(service, other).enter()

    assert "record.added" not in [e.get("event") for e in said(stranger.get("/feed/v1/events"))]
    known = stranger.get(f"/feed/v1/records/{record}")
    unknown = stranger.get(f"/feed/v1/records/{'ab' * 32}")
    rubbish = stranger.get("/feed/v1/records/rubbish")
    assert known.status_code == unknown.status_code == rubbish.status_code == 404
    assert known.json() == unknown.json() == rubbish.json()
    assert stranger.get(f"/feed/v1/records/{record}/parts/{part}").status_code == 404
    refused = [e for e in entries(service, "other") if e.event is Event.REFUSED]
    assert len(refused) == 4 and refused[0].record == record and refused[0].fields["reason"] == "not_found"


def test_a_part_that_was_not_granted_is_not_there(service: Service, photo: bytes) -> None:
    fields = form_fields(new_receipt())
    fields += [("intimate:1", "yes"), ("media:1", ("x.jpg", photo, "image/jpeg"))]
    service.send_form(fields)
    program = Program(service).enter()
    record = said(program.get("/feed/v1/events"))[-1]["record"]
    shown = program.get(f"/feed/v1/records/{record}").json()
    all_parts = {p["id"] for p in json.loads(shown["statements"][0]["statement"])["parts"]}
    hidden = all_parts - {p["id"] for p in shown["parts"]}
    assert len(hidden) == 2
    for part in hidden:
        assert program.get(f"/feed/v1/records/{record}/parts/{part}").status_code == 404


def test_a_purpose_the_person_did_not_consent_to_is_403_and_logged(service: Service, record: str) -> None:
    program = Program(service, purpose="sanctions").enter()
    answer = program.get(f"/feed/v1/records/{record}")
    assert (answer.status_code, answer.json()["code"]) == (403, "consent_purpose")
    assert entries(service)[-1].event is Event.REFUSED


def test_an_expired_consent_releases_nothing(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    sealed = Sealed(service)
    sealed.consent = replace(sealed.consent, expires="2099-01-01")
    record = sealed.send().json()["record"]
    program = Program(service).enter()
    assert program.get(f"/feed/v1/records/{record}").status_code == 200
    monkeypatch.setattr("intake.clock.day", lambda seconds=None: "2099-01-02")
    assert program.get(f"/feed/v1/records/{record}").json()["code"] == "consent_expired"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"aud": "https://elsewhere.example"}, "invalid_client"),
        ({"aud": ["http://x", "http://y"]}, "invalid_client"),
        ({"iss": "somebody"}, "invalid_client"),
        ({"sub": "somebody"}, "invalid_client"),
        ({"exp": 1}, "invalid_client"),
        ({"exp": 2**40}, "invalid_client"),
        ({"jti": "x"}, "invalid_client"),
        ({"exp": "soon"}, "invalid_client"),
    ],
)
def test_a_bent_assertion_gets_no_token(service: Service, changes: dict[str, Any], code: str) -> None:
    program = Program(service)
    answer = program.ask_token(program.assertion(**changes))
    assert (answer.status_code, answer.json()["error"]) == (401, code)


def test_a_foreign_key_a_replay_and_rubbish_get_no_token(service: Service) -> None:
    program, thief = Program(service), Program(service)
    thief.key = pull.ClientKey("demo-puller", ECKey.generate_key("P-256"))
    assert thief.ask_token().status_code == 401
    assertion = program.assertion()
    assert program.ask_token(assertion).status_code == 200
    assert program.ask_token(assertion).status_code == 401
    for rubbish in (
        "",
        "a.b.c",
        "x" * 9000,
        jwt.encode({"alg": "HS256"}, {"sub": "demo-puller"}, ECKeyLess.key),
    ):
        assert program.ask_token(rubbish or "none").status_code == 401
    assert program.ask_token(grant_type="password").status_code == 400
    assert program.ask_token(scope="everything").json()["error"] == "invalid_scope"
    assert program.ask_token(proof="").status_code == 401
    reasons = [e.fields["reason"] for e in entries(service) if e.event is Event.TOKEN_REFUSED]
    assert reasons == ["invalid_scope", "invalid_dpop_proof"]  # the rest was not certainly the client


class ECKeyLess:
    """A symmetric key, for the algorithm confusion that must not work."""

    from joserfc.jwk import OctKey

    key = OctKey.generate_key(256)


def test_a_stolen_token_is_worthless_without_its_key(service: Service, record: str) -> None:
    program, thief = Program(service).enter(), Program(service)
    thief.token = program.token
    assert thief.get("/feed/v1/events").status_code == 401
    bearer = {"Authorization": f"Bearer {program.token}"}
    assert service.http.get(f"{service.url}/feed/v1/events", headers=bearer).status_code == 401
    assert service.http.get(f"{service.url}/feed/v1/events").status_code == 401


@pytest.mark.parametrize(
    "changes",
    [{"htm": "POST"}, {"htu": "http://elsewhere/feed/v1/events"}, {"iat": 1}, {"ath": "x"}, {"jti": ""}],
    ids=str,
)
def test_a_proof_for_another_request_is_refused(service: Service, changes: dict[str, Any]) -> None:
    program = Program(service).enter()
    answer = program.get("/feed/v1/events", program.proof("GET", "/feed/v1/events", program.token, **changes))
    assert answer.status_code == 401


def test_a_proof_works_once(service: Service) -> None:
    program = Program(service).enter()
    proof = program.proof("GET", "/feed/v1/events", program.token)
    assert program.get("/feed/v1/events", proof).status_code == 200
    assert program.get("/feed/v1/events", proof).status_code == 401


def test_a_revoked_program_is_out_at_once(service: Service) -> None:
    program = Program(service).enter()
    assert program.get("/feed/v1/events").status_code == 200
    with service.installation.database.write() as connection:
        clients.revoke(connection, "demo-puller")
    assert program.get("/feed/v1/events").status_code == 401
    assert program.ask_token().status_code == 401


def test_requests_by_nobody_are_counted_not_listed(service: Service) -> None:
    before = len(entries(service))
    for _ in range(3):
        service.http.get(f"{service.url}/feed/v1/events")
    assert len(entries(service)) == before
    access = service.installation.access
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            access.admitted(Asked("GET", "x", "", ""), What(Event.FEED_LISTED), lambda c, r: None)
        access.count_refusals()
    with service.installation.database.read() as connection:
        assert connection.execute(select(refusals.c.count)).scalar_one() == 2


def test_no_entry_no_content_when_the_log_cannot_be_written(service: Service, record: str) -> None:
    program = Program(service).enter()
    with service.owner.engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE log_entries RENAME TO gone")
        connection.commit()
    for path in ("/feed/v1/events", f"/feed/v1/records/{record}"):
        answer = program.get(path)
        assert answer.status_code == 503
        assert record not in answer.text


def test_an_entry_that_was_listed_is_never_followed_by_one_below_it(service: Service) -> None:
    """Readers that poll while many submit: nobody who has read up to n misses one below n."""
    bodies = [Sealed(service).body() for _ in range(24)]
    seen: list[int] = []
    with service.installation.database.read() as connection:
        before = log.size(connection, "demo", Log.RECORDS)  # keys, and the padding of a first checkpoint
    done = threading.Event()

    def read() -> None:
        program = Program(service).enter()
        start = 0
        while not done.is_set() or start < before + 24:
            page = program.get(f"/feed/v1/events?start={start}").json()
            seen.extend(e["index"] for e in page["events"])
            start = page["next"]

    def send(body: dict[str, Any]) -> None:
        headers = {"Idempotency-Key": secrets.token_hex(16)}
        httpx.post(f"{service.url}/v1/submissions", json=body, headers=headers, timeout=60)

    reader = threading.Thread(target=read)
    reader.start()
    writers = [threading.Thread(target=send, args=(body,)) for body in bodies]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    reader.join(60)

    assert seen == list(range(before + 24))


def test_pull_goes_on_after_the_connection_broke(
    service: Service, record: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Breaking(httpx.HTTPTransport):
        left = 6

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            Breaking.left -= 1
            if Breaking.left % 2 == 0 and Breaking.left > 0:
                raise httpx.ConnectError("no network", request=request)
            return super().handle_request(request)

    with api.api(service.url, patience=30, transport=Breaking()) as connection:
        feed = pull.FeedClient(connection, pull.load_client(service.mechanism.client_file), PURPOSE)
        assert pull.pull(feed, tmp_path / "pulled").records == [record]
    assert service.open(tmp_path / "pulled", tmp_path / "opened")[0].problems == {}


def test_what_one_purpose_does_not_release_another_pulls_later(
    service: Service, record: str, tmp_path: Path
) -> None:
    first = service.pull(tmp_path / "pulled", purpose="sanctions")
    assert first.records == [] and first.refused == {record: "consent_purpose"}
    assert service.pull(tmp_path / "pulled").records == [record]
    assert service.pull(tmp_path / "pulled").records == []


def test_a_folder_of_another_mechanism_is_left_alone(
    service: Service, record: str, other: Mechanism, tmp_path: Path
) -> None:
    register(service.installation, other)
    service.pull(tmp_path / "pulled")
    with pytest.raises(ValueError, match="belongs to demo-puller"):
        service.pull(tmp_path / "pulled", other)
