"""No access without its entry: every route says what it logs, and answers only once that is committed."""

import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.routing import Route

from crypto import checkpoints
from crypto.checkpoints import Checkpoint
from crypto.encoding import b64u_encode
from crypto.notes import Note
from intake import app as apps
from intake.audit.events import Event
from intake.db.tables import submissions as t
from intake.errors import ConfigurationError
from intake.http.audited import Audited, Unaudited, audited, declarations, unaudited
from tests.http import review_routes
from tests.http.test_casework import CASEWORK
from tests.http.test_feed import Program, entries
from tests.sealed import TUS, Sealed, upload
from tests.service import Service, on_every_database_in_time, settings_for

OWN = "the submitter's own "
AUDITED = {
    "POST /oauth/token": Event.TOKEN_ISSUED,
    "GET /feed/v1/events": Event.FEED_LISTED,
    "GET /feed/v1/records/{record}": Event.RECORD_OPENED,
    "GET /feed/v1/records/{record}/parts/{part}": Event.PART_DOWNLOADED,
    "POST /feed/v1/cosignatures": Event.COSIGNED,
}
# What changes who may read: called in `test_handover`.
HANDOVER = {"POST /feed/v1/records/{record}/successor": Event.HANDED_OVER}
PUBLIC = {
    "GET /",
    "GET /static/{version}/{name}",
    "GET /{language}",
    "GET /{language}/",
    "GET /{language}/help",
    "POST /{language}/receipt",
    "GET /{language}/receipt",
    "GET /{language}/testimony",
    "POST /{language}/testimony",
    "GET /{language}/submit",
    "POST /{language}/submit",
    "GET /{language}/return",
    "GET /{language}/own",
    "GET /{language}/write",
    "GET /{language}/pages",
    "GET /v1/schema/testimony-1.json",
    "GET /v1/vocabularies/{name}",
    "GET /v1/questions/{section}",
    "GET /{language}/proof",
    "GET /v1/mechanisms",
    "GET /v1/consent-texts",
    "GET /v1/oprf",
    "POST /v1/oprf",
    "POST /v1/submissions",
    "POST /v1/restorations",
    "OPTIONS /v1/uploads",
    "POST /v1/uploads",
    "HEAD /v1/uploads/{name}",
    "PATCH /v1/uploads/{name}",
    "DELETE /v1/uploads/{name}",
    "GET /v1/logs",
    "GET /v1/logs/announced",
    "GET /log/{mechanism}/{kind}/checkpoint",
    "GET /log/{mechanism}/{kind}/{path:path}",
    "GET /.well-known/oauth-authorization-server",
    "GET /openapi.json",
}
THEIR_OWN = {
    "POST /{language}/return",
    "POST /{language}/write",
    "POST /{language}/proof",
    "GET /v1/drafts",
    "PUT /v1/drafts",
    "DELETE /v1/drafts",
    "GET /v1/mailbox",
    "GET /v1/mailbox/accesses",
    "GET /v1/mailbox/proofs",
    "GET /v1/mailbox/parts/{part}",
    "GET /v1/mailbox/messages",
    "POST /v1/mailbox/messages",
    "GET /v1/mailbox/standings",
    "POST /v1/mailbox/restorations/{restoration}/object",
    "POST /v1/mailbox/revisions",
    "POST /v1/mailbox/withdrawals",
    "DELETE /v1/mailbox/grants",
    "POST /v1/mailbox/deletion",
    "POST /v1/mailbox/deletion/cancel",
}


# --- declarations ---


def test_every_route_is_in_one_of_these_tables(tmp_path: Path) -> None:
    """A new route has to be put into one of them by somebody who has thought about which."""
    found = declarations(apps.whole_app(settings_for(tmp_path, 1)))
    programs = AUDITED | CASEWORK | HANDOVER
    audited_ = {n: d.event for n, d in found.items() if isinstance(d, Audited)}
    assert audited_ == programs | review_routes.AUDITED
    unaudited_ = {n for n, d in found.items() if isinstance(d, Unaudited)}
    assert unaudited_ == PUBLIC | THEIR_OWN | review_routes.UNAUDITED
    own = {n for n, d in found.items() if isinstance(d, Unaudited) and d.reason.startswith(OWN)}
    assert own == THEIR_OWN
    public, feed, review = (
        set(declarations(door(settings_for(tmp_path, 1))))
        for door in (apps.public_app, apps.feed_app, apps.review_app)
    )
    assert public | feed | review == set(found) and set(programs) <= feed
    assert set(review_routes.AUDITED) | review_routes.UNAUDITED <= review
    assert not set(programs | review_routes.AUDITED) & public
    derivatives = {name for name in PUBLIC if name.partition(" ")[2].startswith("/v1/uploads")}
    assert public & review == {"GET /openapi.json"} | derivatives
    assert feed & review == {"GET /openapi.json"}


async def _nothing(request: Request) -> JSONResponse:
    return JSONResponse({})


def _on_the_app(app: FastAPI, _: Path) -> None:
    app.get("/new")(_nothing)


def _in_a_router_of_a_router(app: FastAPI, _: Path) -> None:
    inner, outer = APIRouter(), APIRouter()
    inner.get("/new")(_nothing)
    outer.include_router(inner, prefix="/inner")
    app.include_router(outer, prefix="/outer")


def _in_a_mounted_application(app: FastAPI, _: Path) -> None:
    below = FastAPI(openapi_url=None)
    _in_a_router_of_a_router(below, _)
    app.mount("/below", below)


def _in_a_mount_of_a_router(app: FastAPI, _: Path) -> None:
    router = APIRouter()
    router.mount("/below", Starlette(routes=[Route("/new", _nothing)]))
    app.include_router(router)


def _the_frameworks_own(app: FastAPI, _: Path) -> None:
    app.mount("/docs", FastAPI())


def _a_bare_application(app: FastAPI, _: Path) -> None:
    app.mount("/bare", JSONResponse({}))


def _a_websocket(app: FastAPI, _: Path) -> None:
    @app.websocket("/socket")
    async def socket() -> None: ...


def _a_folder_of_files(app: FastAPI, folder: Path) -> None:
    router = APIRouter()
    router.frontend("/files", directory=folder)
    app.include_router(router)


@pytest.mark.parametrize(
    ("add", "named"),
    [
        (_on_the_app, "GET /new says"),
        (_in_a_router_of_a_router, "GET /outer/inner/new says"),
        (_in_a_mounted_application, "GET /below/outer/inner/new says"),
        (_in_a_mount_of_a_router, "GET /below/new says"),
        (_the_frameworks_own, "GET /docs/openapi.json says"),
        (_a_bare_application, "ANY /bare says"),
        (_a_websocket, "ANY /socket says"),
        (_a_folder_of_files, "files"),
    ],
)
def test_an_application_with_an_undeclared_route_is_not_built(
    add: Any, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = FastAPI(openapi_url=None)
    add(app, tmp_path)
    with pytest.raises(ConfigurationError) as refused:
        declarations(app)
    assert named in str(refused.value)


def test_our_own_application_refuses_a_router_that_forgot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    router = APIRouter()
    router.get("/v1/new")(_nothing)
    monkeypatch.setattr(apps, "_PUBLIC", (*apps._PUBLIC, router))
    for build in (apps.public_app, apps.whole_app):
        with pytest.raises(ConfigurationError, match="GET /v1/new"):
            build(settings_for(tmp_path, 1))


def test_a_declaration_that_would_not_hold_is_refused() -> None:
    app, router = FastAPI(openapi_url=None), APIRouter()

    @audited(Event.RECORD_OPENED)
    @router.get("/new")
    async def new() -> None: ...

    app.include_router(router)
    with pytest.raises(ConfigurationError, match="route_class"):
        declarations(app)
    with pytest.raises(ConfigurationError, match="twice"):
        unaudited("one cannot have both of them")(new)
    with pytest.raises(ConfigurationError, match="reason"):
        unaudited("harmless")
    with pytest.raises(ConfigurationError, match="access log"):
        audited(Event.RECORD_ADDED)


# --- entries ---


def cosign(program: Program) -> httpx.Response:
    """As a program signs the newest checkpoint of its records log."""
    service, path = program.service, "/feed/v1/cosignatures"
    note = service.http.get(f"{service.url}/log/demo/records/checkpoint").content
    checkpoint = Checkpoint.parse(Note.parse(note).text)
    assert program.key.witness is not None
    signature = checkpoints.cosign(checkpoint, program.key.signer, program.key.witness, int(time.time()))
    sent = {"Authorization": f"DPoP {program.token}", "DPoP": program.proof("POST", path, program.token)}
    body = {"log": "records", "size": checkpoint.size, "line": signature.line}
    return service.http.post(service.url + path, json=body, headers=sent)


@on_every_database_in_time
def test_each_audited_route_grows_the_access_log_by_one_entry_of_its_event(service: Service) -> None:
    record = Sealed(service).send().json()["record"]
    program = Program(service)
    part = ""

    def call(name: str) -> httpx.Response:
        if name == "POST /oauth/token":
            return program.ask_token()
        if name == "POST /feed/v1/cosignatures":
            return cosign(program)
        return program.get(name.partition(" ")[2].format(record=record, part=part))

    for name, event in AUDITED.items():
        before = len(entries(service))
        answer = call(name)
        assert answer.status_code == 200, (name, answer.text)
        assert [e.event for e in entries(service)[before:]] == [event], name
        if event is Event.TOKEN_ISSUED:
            program.token = answer.json()["access_token"]
        if event is Event.RECORD_OPENED:
            part = answer.json()["parts"][0]["id"]
    # What a declaration names as a repetition is the same entry; all else is an entry each time.
    for name, event in AUDITED.items():
        before = len(entries(service))
        assert call(name).status_code == 200
        more = [] if event in (Event.PART_DOWNLOADED, Event.COSIGNED) else [event]
        assert [e.event for e in entries(service)[before:]] == more, name


@on_every_database_in_time
def test_refusals_of_known_programs_are_entries_and_are_answered(service: Service) -> None:
    program = Program(service).enter()
    before = len(entries(service))
    assert program.get(f"/feed/v1/records/{'ab' * 32}").status_code == 404
    assert program.ask_token(scope="everything").status_code == 400
    assert [e.event for e in entries(service)[before:]] == [Event.REFUSED, Event.TOKEN_REFUSED]
    assert program.ask_token(grant_type="password").status_code == 400  # anybody's: counted
    assert service.http.post(f"{service.url}/oauth/token").status_code == 400
    assert len(entries(service)) == before + 2


def content_of(service: Service) -> set[bytes]:
    """The bytes of all content columns, as they are and as an answer would write them."""
    with service.owner.read() as connection:
        found = {
            bytes(value)
            for column in (t.parts.c.header, t.grants.c.file, t.statements.c.data)
            for value in connection.execute(select(column)).scalars()
        }
        found |= {bytes.fromhex(s) for s in connection.execute(select(t.statements.c.signature)).scalars()}
    return found | {b64u_encode(v).encode() for v in found} | {v.hex().encode() for v in found}


@on_every_database_in_time
def test_content_is_in_no_answer_of_a_route_that_logs_nothing(service: Service) -> None:
    """Also the submitter's own routes give nothing to somebody without the receipt."""
    record = Sealed(service).send().json()["record"]
    with service.owner.read() as connection:
        part = connection.execute(select(t.parts.c.id)).scalars().first()
    canaries = content_of(service)
    assert len(canaries) >= 12
    waiting = upload(service, b"\0" * (16 + 16 + 2048))
    values = {"language": "be", "mechanism": "demo", "kind": "records", "record": record, "part": part}
    values |= {"restoration": record, "section": "events"}
    bodies: list[dict[str, Any]] = [
        {},
        {"json": {"record": record, "part": part}},
        {"data": {"receipt": " ".join(["0000"] * 9), "mechanism": "demo", "record": record}},
        {"files": [("receipt", (None, " ".join(["0000"] * 9))), ("narrative", (None, record))]},
    ]
    secrets = {"Authorization": f"Intake-Receipt {b64u_encode(bytes(32))}.{b64u_encode(bytes(32))}"}
    paths = ("tile/0/000", "tile/entries/000", "tile/entries/000.p/1", "checkpoint", f"../{record}")
    asked = 0
    for name in sorted(PUBLIC | THEIR_OWN):
        method, _, pattern = name.partition(" ")
        for path in paths if "{path:path}" in pattern else ("",):
            for kind in ("records", "access") if "{kind}" in pattern else ("",):
                filled = pattern.replace("{path:path}", path).format(
                    **(values | {"kind": kind}), name=waiting, version="0"
                )
                for body in bodies if method in ("POST", "PATCH") else bodies[:1]:
                    for headers in ({}, secrets, TUS):
                        url = f"{service.url}{filled}?record={record}&part={part}"
                        answer = service.http.request(method, url, headers=headers, **body)
                        asked += 1
                        leaked = [c for c in canaries if c in answer.content]
                        assert not leaked and answer.status_code < 500, (method, filled, answer.status_code)
    assert asked > 100
