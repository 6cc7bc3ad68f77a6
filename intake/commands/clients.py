"""Programs that pull for a mechanism: its people make the key, the operator registers the public half."""

import json
from pathlib import Path
from typing import Annotated

import typer

from crypto.age_keys import Recipient
from crypto.compartments import CLASSES
from crypto.statement import PURPOSES
from intake import settings
from intake.client import pull
from intake.commands.console import fail, grouped, out, plain_errors
from intake.db import migrate
from intake.installation import open_installation
from intake.people import clients, mechanisms

client_app = typer.Typer(no_args_is_help=True, help="Programs that pull for a mechanism.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(client_app, name="client")


@client_app.command("new")
def new_client(
    client: Annotated[str, typer.Argument(help="Id of the program.")],
    out_folder: Annotated[Path, typer.Option("--out", help="Folder for its key.")],
) -> None:
    """Make a program's key (run by the mechanism); the public file goes to the operator."""
    with plain_errors():
        private, public = pull.new_client(client, out_folder)
        out.print(f"keep secret: {private}\ngive to the operator: {public}", markup=False)
        out.print("It also holds the key with which the program cosigns the logs that it verified.")
        made = pull.load_client(private).identity
        if made is not None:
            fingerprint = grouped(made.recipient.fingerprint)
            out.print(
                f"What is sealed to the program is sealed to the key with the fingerprint\n    {fingerprint}"
            )


@client_app.command("add")
def add_client(
    mechanism: Annotated[str, typer.Argument(help="The mechanism it pulls for.")],
    public: Annotated[Path, typer.Argument(help="The program's public file.")],
    purpose: Annotated[list[str], typer.Option(help=f"What it may ask for: {', '.join(PURPOSES)}. Repeat.")],
    classes: Annotated[
        list[str] | None,
        typer.Option(
            "--class",
            help=f"Compartments that it is given, of {', '.join(CLASSES)}. Repeat. Unless named: triage and"
            " account; a custodian opens the others for it, by record.",
        ),
    ] = None,
) -> None:
    """Register a program by its public key (operator)."""
    with plain_errors():
        value = json.loads(public.read_text())
        if not isinstance(value, dict) or not isinstance(value.get("key"), dict):
            fail(f"{public} is not a program's public file")
        found = open_installation(settings.load())
        migrate.require_current(found.database)
        with found.database.write() as connection:
            mechanisms.get(connection, mechanism)
            name, witness, sealed_to = (value.get(n) for n in ("client", "witness", "recipient"))
            clients.add(
                connection,
                str(name or ""),
                mechanism,
                value["key"],
                purpose,
                None if witness is None else str(witness),
                classes or clients.DEFAULT_CLASSES,
                recipient=None if sealed_to is None else Recipient.parse(sealed_to).text,
            )
        out.print(f"{name} may pull for {mechanism}", markup=False)
        if witness is None:
            out.print("It has no witness key: it will check the logs, and not cosign them.")


@client_app.command("revoke")
def revoke_client(client: str) -> None:
    """Shut a program out at once."""
    with plain_errors():
        found = open_installation(settings.load())
        with found.database.write() as connection:
            clients.revoke(connection, client)
        out.print(f"{client} is shut out", markup=False)
