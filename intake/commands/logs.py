"""For operators: the logs' keys, and who watches over them."""

from pathlib import Path
from typing import Annotated

import typer

from intake import settings
from intake.audit import log, timestamps, witness
from intake.audit.events import Event, Log
from intake.commands.console import out, plain_errors
from intake.db import migrate
from intake.installation import Installation, open_installation

logs_app = typer.Typer(no_args_is_help=True, help="The transparency logs: keys, witnesses, timestamps.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(logs_app, name="log")


@logs_app.command("keys")
def keys() -> None:
    """Every log's name and public keys: publish them where you cannot change them alone."""
    with plain_errors():
        found = _open()
        with found.database.read() as connection:
            for mechanism, kind in log.logs(connection):
                for key in found.log_keys.verifiers(found.log_keys.name(mechanism, kind)):
                    out.print(key.text, markup=False)


@logs_app.command("rotate")
def rotate() -> None:
    """Add a second pair of keys. Both sign from now on; the logs themselves announce the new one."""
    with plain_errors():
        found = _open()
        generation = found.log_keys.rotate()
        with found.database.write() as connection:
            for mechanism in sorted({m for m, _ in log.logs(connection)}):
                name = found.log_keys.name(mechanism, Log.RECORDS)
                texts: list[object] = [key.text for key in found.log_keys.verifiers(name)]
                log.append(connection, mechanism, Event.LOG_KEYS, keys=texts)
        out.print(
            f"Generation {generation} signs beside the old one. Publish `intake log keys` again, give"
            " everybody who watches a month or two, then run `intake log retire`."
        )


@logs_app.command("retire")
def retire() -> None:
    """End the rotation: the old keys sign no more, and are destroyed."""
    with plain_errors():
        out.print(f"Generation {_open().log_keys.retire()} is gone.")


@logs_app.command("publish")
def publish() -> None:
    """Sign every log that is due, or say why not (the server does this by itself)."""
    with plain_errors():
        found = _open()
        with found.database.read() as connection:
            all_logs = log.logs(connection)
        signed = sum(found.publisher.publish(mechanism, kind) for mechanism, kind in all_logs)
        out.print(f"{signed} checkpoints signed")


@logs_app.command("witness")
def add_witness(
    key: Annotated[str, typer.Argument(help="The witness's verifier key.")],
    url: Annotated[str, typer.Argument(help="Its address, without /add-checkpoint.")],
) -> None:
    """Ask a witness (C2SP tlog-witness) to cosign every checkpoint from now on."""
    with plain_errors():
        found = _open()
        with found.database.write() as connection:
            added = witness.add(connection, key, url)
        out.print(f"{added.key.name} will be asked. Restart the service if it runs.", markup=False)


@logs_app.command("authority")
def add_authority(
    name: Annotated[str, typer.Argument(help="A short name of your choice.")],
    url: Annotated[str, typer.Argument(help="Where it takes RFC 3161 requests.")],
    root: Annotated[Path, typer.Argument(help="PEM file with the root certificates of its tokens.")],
) -> None:
    """Have one checkpoint of each log timestamped every day (RFC 3161)."""
    with plain_errors():
        found = _open()
        with found.database.write() as connection:
            timestamps.add(connection, name, url, root.read_bytes())
        out.print(f"{name} will be asked once a day", markup=False)


def _open() -> Installation:
    found = open_installation(settings.load())
    migrate.require_current(found.database)
    return found
