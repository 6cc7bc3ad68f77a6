"""For operators: the logs' keys, and who watches over them."""

from pathlib import Path
from typing import Annotated

import typer

from crypto.errors import CryptoError
from intake import settings
from intake.audit import log, timestamps, witness
from intake.audit import publish as audit
from intake.audit.events import Log
from intake.commands.console import fail, out, plain_errors
from intake.db import migrate
from intake.errors import IntakeError
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
    """Add a second pair of keys. Both sign from now on; the logs themselves announce the new one.

    Broken off, it is finished by running it again.
    """
    with plain_errors():
        found = _open()
        generation = found.log_keys.prepare()
        with found.database.write() as connection:
            audit.announce(connection, found.log_keys, generation)
        found.log_keys.activate(generation)
        out.print(
            f"Generation {generation} signs beside the old one. Publish `intake log keys` again, give"
            " everybody who watches a month or two, then run `intake log retire`."
        )


@logs_app.command("retire")
def retire(
    leaked: Annotated[bool, typer.Option("--leaked", help="At once, though programs refuse then.")] = False,
) -> None:
    """End the rotation: the old keys sign no more, and are destroyed."""
    with plain_errors():
        found = _open()
        if (fresh := found.log_keys.rotating) is not None and not leaked:
            with found.database.write() as connection:
                audit.announce(connection, found.log_keys, fresh)  # mechanisms that were added meanwhile
                unsigned = audit.unsigned_announcements(connection, found.log_keys, fresh)
            if unsigned:
                fail(f"not yet: no signed checkpoint announces the new keys to {', '.join(unsigned)}")
        out.print(f"Generation {found.log_keys.retire()} is gone.")


@logs_app.command("publish")
def publish() -> None:
    """Sign every log that is due, and say of each one that could not be signed why (due or not)."""
    with plain_errors():
        found = _open()
        with found.database.read() as connection:
            all_logs = log.logs(connection)
        signed, refused = 0, []
        for mechanism, kind in all_logs:
            try:
                if found.publisher.publish(mechanism, kind):
                    signed += 1
                else:
                    found.publisher.compare(mechanism, kind)
            except (IntakeError, CryptoError) as error:
                refused.append(f"{mechanism}/{kind}: {error}")
        out.print(f"{signed} checkpoints signed")
        if refused:
            fail("\n".join(refused))


@logs_app.command("resume")
def resume(
    mechanism: Annotated[str, typer.Argument(help="The mechanism.")],
    kind: Annotated[Log, typer.Argument(metavar="LOG", help="records or access.")],
) -> None:
    """Sign a log again whose signing was stopped. First find out why (intake log publish says it)."""
    with plain_errors():
        _open().log_keys.resume(mechanism, kind)
        out.print(f"{mechanism}/{kind} is signed again", markup=False)


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
