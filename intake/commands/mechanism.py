"""For mechanisms' people (keys, offline) and operators (importing only what is public)."""

import json
from pathlib import Path
from typing import Annotated

import typer

from crypto.statement import PURPOSES
from intake import settings
from intake.client import mechanism_keys, pull
from intake.commands.console import fail, out, plain_errors
from intake.db import migrate
from intake.installation import open_installation
from intake.people import clients, mechanisms

keys_app = typer.Typer(no_args_is_help=True, help="A mechanism's keys: made and kept by its people, offline.")
mechanism_app = typer.Typer(no_args_is_help=True, help="Mechanisms known to this server (operator).")
client_app = typer.Typer(no_args_is_help=True, help="Programs that pull for a mechanism.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(keys_app, name="keys")
    app.add_typer(mechanism_app, name="mechanism")
    app.add_typer(client_app, name="client")


_Names = Annotated[
    list[str], typer.Option("--name", help="LANGUAGE=NAME, for example en='Expert Group'. Repeat.")
]
_Days = Annotated[int, typer.Option(help="Days until the keys expire.", min=1, max=3650)]
_NoPassphrase = Annotated[bool, typer.Option("--no-passphrase", help="Keep the root key unencrypted.")]


@keys_app.command("new")
def new_keys(
    mechanism: Annotated[str, typer.Argument(help="Short id: small letters, digits, hyphens.")],
    out_folder: Annotated[Path, typer.Option("--out", help="New folder for the keys.")],
    name: _Names,
    days: _Days = 365,
    no_passphrase: _NoPassphrase = False,
) -> None:
    """Make root key, epoch identities and public bundle. Run this offline."""
    with plain_errors():
        pairs = [n.partition("=") for n in name]
        if any(not value for _, _, value in pairs):
            fail("--name is LANGUAGE=NAME, for example --name en='Expert Group'")
        names = {language: value for language, _, value in pairs}
        passphrase = None if no_passphrase else _new_passphrase()
        bundle = mechanism_keys.create(out_folder, mechanism, names, days, passphrase)
        _print_fingerprint(bundle.root_fingerprint, out_folder)


@keys_app.command("rotate")
def rotate(folder: Path, days: _Days = 365, no_passphrase: _NoPassphrase = False) -> None:
    """Add the next epoch's keys and renew the bundle. Keep the old identities."""
    with plain_errors():
        passphrase = (
            None if no_passphrase else typer.prompt("Passphrase of the root key", hide_input=True).encode()
        )
        bundle = mechanism_keys.rotate(folder, days, passphrase)
        _print_fingerprint(bundle.root_fingerprint, folder)


@mechanism_app.command("add")
def add_mechanism(bundle: Annotated[Path, typer.Argument(help="bundle.json from the mechanism.")]) -> None:
    """Import a public bundle, new or renewed. Compare the fingerprint with the published one."""
    with plain_errors():
        found = open_installation(settings.load())
        migrate.require_current(found.database)
        with found.database.write() as connection:
            added = mechanisms.add(connection, bundle.read_bytes())
        out.print(f"{added.mechanism}: {len(added.keys)} keys, root {_groups(added.root_fingerprint)}")


@mechanism_app.command("list")
def list_mechanisms() -> None:
    """Mechanisms that take testimonies, with the days until which their keys are valid."""
    with plain_errors():
        found = open_installation(settings.load())
        with found.database.read() as connection:
            for bundle in mechanisms.everyone(connection):
                until = max(key.expires for key in bundle.keys)
                out.print(f"{bundle.mechanism}: {bundle.names['en']}, keys until {until}", markup=False)
                out.print(f"    root {_groups(bundle.root_fingerprint)}")


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


@client_app.command("add")
def add_client(
    mechanism: Annotated[str, typer.Argument(help="The mechanism it pulls for.")],
    public: Annotated[Path, typer.Argument(help="The program's public file.")],
    purpose: Annotated[list[str], typer.Option(help=f"What it may ask for: {', '.join(PURPOSES)}. Repeat.")],
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
            name, witness = str(value.get("client", "")), value.get("witness")
            clients.add(
                connection, name, mechanism, value["key"], purpose, None if witness is None else str(witness)
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


def _new_passphrase() -> bytes:
    text: str = typer.prompt("Passphrase for the root key", hide_input=True, confirmation_prompt=True)
    return text.encode()


def _groups(fingerprint: str) -> str:
    return " ".join(fingerprint[i : i + 4] for i in range(0, len(fingerprint), 4))


def _print_fingerprint(fingerprint: str, folder: Path) -> None:
    out.print(
        f"Root fingerprint, to be published where the operator cannot change it:\n    {_groups(fingerprint)}"
    )
    out.print(
        f"Give {folder / 'bundle.json'} to the operator. Everything else in {folder} is secret.", markup=False
    )
