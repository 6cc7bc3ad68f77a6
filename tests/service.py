"""A running service with a mechanism, and the people who use it: real server, real HTTP, real files."""

import functools
import json
import os
import secrets
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import Connection
from starlette.types import ASGIApp

from crypto.compartments import CLASSES
from crypto.drill import answer_challenge, parse_challenge
from crypto.receipt import RANDOM_BYTES, Receipt
from crypto.statement import PURPOSES
from intake.app import whole_app
from intake.client import api, folder, mechanism_keys, opening, pull, submit
from intake.db import migrate
from intake.db.engine import Database
from intake.installation import Installation, open_installation
from intake.people import clients, drills, mechanisms
from intake.record import consent_texts
from intake.record.consent import Choice
from intake.settings import Settings
from tests.postgres import app_role, filled_from_template, owners, postgres

FILES = Path(__file__).parent / "files"
PURPOSE = "un_fact_finding"
# For modules that must hold on every database: pytestmark = on_every_database
on_every_backend = pytest.mark.parametrize("service", ["sqlite", "postgresql+s3"], indirect=True)
# The same for what is tried at length: S3 is left to `make faults`.
on_every_backend_in_time = pytest.mark.parametrize(
    "service", ["sqlite", pytest.param("postgresql+s3", marks=pytest.mark.slow)], indirect=True
)
on_every_database = pytest.mark.parametrize("service", ["sqlite", "postgresql"], indirect=True)
# For what asks little of the database that other modules don't: on PostgreSQL it is left to `make faults`.
EVERY_DATABASE_IN_TIME = ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]
on_every_database_in_time = pytest.mark.parametrize("service", EVERY_DATABASE_IN_TIME, indirect=True)


@dataclass
class Mechanism:
    """A mechanism's people: their secret folder."""

    id: str
    keys: Path

    @property
    def client_file(self) -> Path:
        return self.keys / f"{self.id}-puller.client.json"


def make_mechanism(keys: Path, name: str) -> Mechanism:
    """Offline: root, identities, bundle, and a program's key."""
    mechanism_keys.create(keys, name, {"en": f"Mechanism {name}", "be": f"Механізм {name}"}, 365, None)
    pull.new_client(f"{name}-puller", keys)
    return Mechanism(name, keys)


def register(installation: Installation, mechanism: Mechanism, purposes: tuple[str, ...] = PURPOSES) -> None:
    """The operator imports what is public."""
    public = json.loads((mechanism.keys / f"{mechanism.id}-puller.public.json").read_text())
    with installation.database.write() as connection:
        mechanisms.add(connection, (mechanism.keys / "bundle.json").read_bytes())
        witness, purpose_list = public.get("witness"), list(purposes)
        clients.add(connection, public["client"], mechanism.id, public["key"], purpose_list, witness, CLASSES)
        drill(connection, mechanism)


def drill(connection: Connection, mechanism: Mechanism) -> None:
    """Its people show that they have the keys. With shares: `tests/commands/test_staff.py`."""
    asked = parse_challenge(drills.ask(connection, mechanism.id))
    answer = answer_challenge(asked, mechanism_keys.identities(mechanism.keys))
    drills.finish(connection, mechanism.id, answer)


@dataclass
class Service:
    """A live service on loopback. `installation` is a second view of the same data."""

    settings: Settings
    installation: Installation
    mechanism: Mechanism
    url: str
    scratch: Path
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60))

    @cached_property
    def owner(self) -> Database:
        """The database as the operator sees it: content, and rights that the service has not."""
        return Database(owners(self.settings.database)).unguarded()

    def submit(
        self, testimony: folder.Testimony, receipt: Receipt | None = None
    ) -> tuple[Receipt, submit.Sent]:
        """Seal on this side and send."""
        receipt = receipt or new_receipt()
        with api.api(self.url, patience=30) as connection:
            known = submit.fetch_bundles(connection, {})
            sender = submit.Submitter(connection, receipt, known, consent_texts.current("be"))
            return receipt, sender.submit(testimony)

    def send_form(self, fields: list[tuple[str, Any]], language: str = "be") -> httpx.Response:
        """POST the plain form, fields in order; a tuple value is a file (name, bytes, type)."""
        files = [(name, v if isinstance(v, tuple) else (None, v)) for name, v in fields]
        return self.http.post(f"{self.url}/{language}/submit", files=files)

    def pull(self, out: Path, mechanism: Mechanism | None = None, purpose: str = PURPOSE) -> pull.Pulled:
        """What the mechanism's program does."""
        key = pull.load_client((mechanism or self.mechanism).client_file)
        with api.api(self.url, patience=10) as connection:
            return pull.pull(pull.FeedClient(connection, key, purpose), out)

    def open(self, pulled: Path, out: Path, mechanism: Mechanism | None = None) -> list[opening.Opened]:
        """What the mechanism's people do, offline."""
        identities = mechanism_keys.identities((mechanism or self.mechanism).keys)
        return [opening.open_record(path, identities, out) for path in opening.pulled_records(pulled)]

    def everything_on_disk(self) -> Iterator[Path]:
        """Every file of the installation: database, blobs, stages, keys."""
        return (path for path in self.settings.data_dir.rglob("*") if path.is_file())


def new_receipt() -> Receipt:
    return Receipt.from_random(secrets.token_bytes(RANDOM_BYTES))


def digits(receipt: Receipt) -> str:
    return " ".join(receipt.digits())


def form_fields(
    receipt: Receipt, *media: tuple[str, str, bytes], narrative: str = "Мяне затрымалі."
) -> list[Any]:
    """A complete form; media are (origin, name, bytes), each in a row of its own."""
    fields: list[tuple[str, Any]] = [
        ("receipt", digits(receipt)),
        ("narrative", narrative),
        ("capacity", "victim"),
        ("mechanism", "demo"),
        ("purpose:demo", PURPOSE),
        ("triage:demo", "yes"),
    ]
    for row, (origin, name, data) in enumerate(media, start=1):
        fields += [(f"origin:{row}", origin), (f"media:{row}", (name, data, "application/octet-stream"))]
    return fields


def prepared(
    path: Path,
    files: dict[str, bytes],
    *,
    narrative: str = "Мяне затрымалі.",
    origin: str = "received",
    compartments: tuple[str, ...] = ("account", "triage"),
    mechanism: str = "demo",
    purposes: tuple[str, ...] = (PURPOSE,),
    contact: str = "never",
) -> folder.Testimony:
    """A folder with these files, read as the client reads it."""
    path.mkdir(parents=True)
    if narrative:
        (path / "narrative.txt").write_text(narrative, "utf-8")
    for name, data in files.items():
        (path / name).write_bytes(data)
    consent = (Choice(mechanism, purposes, compartments, contact=contact),)
    return folder.read(path, language="be", capacity="victim", origin=origin, consent=consent)


def free_port() -> int:
    """A port below those that the system hands out by itself: else a connection may be given it meanwhile."""
    while True:
        port = secrets.choice(range(12_000, 32_000))
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def settings_for(data: Path, port: int, **overrides: Any) -> Settings:
    values: dict[str, Any] = {
        "data_dir": data,
        "port": port,
        "public_url": f"http://127.0.0.1:{port}",
        "reserve_mib": 0,
        "web_dir": data / "nothing-built",
        "console_dir": data / "nothing-built",
    }
    return Settings(**(values | overrides))


def prepare(data: Path, port: int, mechanism: Mechanism, **overrides: Any) -> tuple[Settings, Installation]:
    """Migrate an empty installation and register the mechanism."""
    settings = settings_for(data, port, **overrides)
    data.mkdir(mode=0o700, parents=True)
    if settings.database.startswith("sqlite:///"):
        Path(settings.database.removeprefix("sqlite:///")).write_bytes(_migrated_sqlite())
    elif not filled_from_template(settings.database, _migrate):
        _migrate(settings.database)
    installation = open_installation(settings)
    register(installation, mechanism)
    return settings, installation


def _migrate(url: str) -> None:
    owner = Database(owners(url))
    migrate.upgrade(owner, app_role(url))
    owner.close()


@functools.cache
def _migrated_sqlite() -> bytes:
    """An empty database of this version: migrating anew for each test would take longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "intake.db"
        _migrate(f"sqlite:///{path}")
        return path.read_bytes()


@contextmanager
def running(scratch: Path, mechanism: Mechanism, **overrides: Any) -> Iterator[Service]:
    """A fresh installation, served from a thread of this process until the block ends."""
    port = free_port()
    settings, installation = prepare(scratch / "var", port, mechanism, **overrides)
    with serving(settings, port):
        service = Service(settings, installation, mechanism, settings.public_url, scratch)
        try:
            yield service
        finally:
            service.http.close()
            service.owner.close()
            installation.database.close()


@contextmanager
def running_on(database: str, scratch: Path, mechanism: Mechanism) -> Iterator[Service]:
    """The same on `sqlite` or `postgresql`: for fixtures that last longer than one test."""
    with ExitStack() as stack:
        overrides = {}
        if database == "postgresql":
            overrides["database_url"] = stack.enter_context(postgres(made=False))
        yield stack.enter_context(running(scratch, mechanism, **overrides))


@contextmanager
def serving(
    settings: Settings, port: int, behind: Callable[[ASGIApp], ASGIApp] = lambda app: app
) -> Iterator[None]:
    """Serve these settings from a thread, behind something that may change what comes and goes."""
    app = behind(whole_app(settings))
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the service did not start")
        time.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(20)


def copy_tree(source: Path, target: Path) -> None:
    shutil.copytree(source, target, dirs_exist_ok=True)


def video(size: int, seed: bytes = b"v") -> bytes:
    """Something that looks like an MP4 to its first bytes; the rest cannot be compressed."""
    head = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + seed
    return head + os.urandom(size - len(head))
