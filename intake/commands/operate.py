"""For operators: set up, serve, maintain."""

import socket
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from intake import logs, settings
from intake.commands import demonstration
from intake.commands.console import fail, out, plain_errors
from intake.db import migrate
from intake.db.engine import Database
from intake.http.protocol import GuardedProtocol
from intake.installation import Installation, open_installation
from intake.upkeep.worker import maintain as run_maintenance

_DOORS = {"all": "whole", "public": "public", "feed": "feed", "review": "review"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(run)
    app.command()(serve)
    app.command("migrate")(migrate_)
    app.command()(maintain)
    app.command("settings")(show_settings)
    app.command()(erase)


def migrate_(
    app_role: Annotated[
        str, typer.Option(help="PostgreSQL: the role that serves, which is not the owner. Named once.")
    ] = "",
) -> None:
    """Bring the database to this version's schema."""
    with plain_errors():
        found = _open(settings.load())
        names = migrate.upgrade(found.database, app_role or None)
        out.print("the database is up to date" + (f"; may serve: {', '.join(names)}" if names else ""))


def serve(
    door: Annotated[str, typer.Option(help="Which door: all, public, feed or review.")] = "all",
) -> None:
    """Serve, with the settings of the environment."""
    with plain_errors():
        if door not in _DOORS:
            fail(f"a door is one of: {', '.join(_DOORS)}")
        loaded = settings.load()
        database = Database(loaded.database)
        migrate.require_current(database)
        database.close()
        _require_free(loaded)
        _serve(loaded, door)


def run() -> None:
    """Set up on the first start, with a demonstration mechanism, and serve."""
    with plain_errors():
        loaded = settings.load()
        found = _open(loaded)
        migrate.upgrade(found.database)
        keys = loaded.data_dir / "demo-mechanism-keys"
        first = demonstration.make(found, keys)
        found.database.close()
        _require_free(loaded)
        _welcome(loaded, keys, first)
        _serve(loaded, "all")


def maintain(
    merge_now: Annotated[
        bool, typer.Option(help="Merge equal payloads without waiting their delay.")
    ] = False,
) -> None:
    """One round of merging, sweeping and expiring (the server does this by itself, too)."""
    with plain_errors():
        found = _open(settings.load())
        migrate.require_current(found.database)
        report = run_maintenance(found, merge_now=merge_now, whole=True)
        if report is None:
            fail("another process is at it right now: nothing was done here")
        out.print(
            f"merged {report.merged} payloads ({report.freed} bytes freed), expired {report.expired} uploads,"
            f" swept {report.swept} orphans"
        )


def erase(
    record: Annotated[str, typer.Argument(help="Id of the record, 64 hex digits.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase one record for good, because its person asked for it. Mechanisms keep what they pulled."""
    with plain_errors():
        found = _open(settings.load())
        migrate.require_current(found.database)
        if not yes:
            typer.confirm("Erase this record? It cannot be brought back.", abort=True)
        gone = found.erasure.erase(record)
        out.print(f"erased; {gone} payloads were nobody else's and are gone")


def show_settings() -> None:
    """All settings: name, value now, meaning."""
    with plain_errors():
        loaded = settings.load()
        for name, info in settings.Settings.model_fields.items():
            out.print(f"INTAKE_{name.upper()}={getattr(loaded, name)}\n    {info.description}", markup=False)


def _open(loaded: settings.Settings) -> Installation:
    loaded.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return open_installation(loaded)


def _serve(loaded: settings.Settings, door: str) -> None:
    logs.configure(loaded.log_level)
    uvicorn.run(
        f"intake.commands.serving:{_DOORS[door]}",
        factory=True,
        host=loaded.host,
        port=loaded.port,
        workers=loaded.workers,
        loop="uvloop",
        http=GuardedProtocol,
        log_config=None,
        access_log=False,  # addresses, paths and exact times
        server_header=False,
        date_header=True,
        proxy_headers=False,  # nobody's address is of interest
        timeout_graceful_shutdown=30,
    )


def _require_free(loaded: settings.Settings) -> None:
    """Say what is wrong with the address before anything else is said."""
    family = socket.AF_INET6 if ":" in loaded.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((loaded.host, loaded.port))
        except OSError as error:
            fail(
                f"cannot listen on {loaded.host}:{loaded.port} ({error.strerror}): set INTAKE_PORT to another"
                " port, and INTAKE_PUBLIC_URL if it is set"
            )


def _welcome(loaded: settings.Settings, keys: Path, first: bool) -> None:
    if first:
        out.print(f"A demonstration mechanism was made. Its secret keys are in {keys}: for trying out only.")
    out.print(
        f"""
The form:      {loaded.public_url}/
Pull and open: .venv/bin/intake pull {loaded.public_url} --client {keys}/demo-client.client.json \\
                   --purpose un_fact_finding --out {loaded.data_dir}/pulled && \\
               .venv/bin/intake open {loaded.data_dir}/pulled --keys {keys} --out {loaded.data_dir}/opened
Or seal here:  .venv/bin/intake submit FOLDER --server {loaded.public_url} --to demo:un_fact_finding \\
                   --capacity direct_witness --language be
To review:     .venv/bin/intake member invite demo --role key-holder   (after make web; README, "First try")
""",
        markup=False,
    )
