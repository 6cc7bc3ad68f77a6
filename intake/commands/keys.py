"""For a mechanism's people, on a machine without a network: keys, and what they sign with them."""

import json
from pathlib import Path
from typing import Annotated

import typer

from intake.client import mechanism_keys
from intake.commands.console import err, fail, grouped, out, plain_errors

keys_app = typer.Typer(no_args_is_help=True, help="A mechanism's keys: made and kept by its people, offline.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(keys_app, name="keys")


_Names = Annotated[
    list[str], typer.Option("--name", help="LANGUAGE=NAME, for example en='Expert Group'. Repeat.")
]
_Days = Annotated[int, typer.Option(help="Days until the keys expire.", min=1, max=3650)]
_NoPassphrase = Annotated[bool, typer.Option("--no-passphrase", help="Keep the root key unencrypted.")]
_Unprotected = Annotated[bool, typer.Option("--no-passphrase", help="The root key has no passphrase.")]


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
def rotate(folder: Path, days: _Days = 365, no_passphrase: _Unprotected = False) -> None:
    """Add the next epoch's keys and renew the bundle. Keep the old identities."""
    with plain_errors():
        bundle = mechanism_keys.rotate(folder, days, root_passphrase(no_passphrase, folder))
        _print_fingerprint(bundle.root_fingerprint, folder)
        out.print("Then seal the new keys to people and to the recovery key: intake keys wrap", markup=False)


@keys_app.command("profile")
def sign_profile(
    folder: Annotated[Path | None, typer.Argument(help="The folder with root.key.")] = None,
    written: Annotated[Path | None, typer.Argument(help="The profile, as JSON.")] = None,
    template: Annotated[bool, typer.Option("--template", help="Print a filled example to rewrite.")] = False,
    no_passphrase: _Unprotected = False,
) -> None:
    """Sign what the mechanism is, offers and announces. Run this offline."""
    with plain_errors():
        if template:
            typer.echo(json.dumps(mechanism_keys.profile_template(), ensure_ascii=False, indent=2))
            return
        if folder is None or written is None:
            fail("give the folder with the keys and the file of the profile, or --template")
        data = written.read_bytes()
        for name in mechanism_keys.untouched(data):
            err.print(
                f"WARNING: {name} is the text of the template. People will read it as yours: rewrite it, and"
                " sign again",
                style="yellow",
                markup=False,
            )
        signed, path = mechanism_keys.profile(folder, data, root_passphrase(no_passphrase, folder))
        out.print(f"{signed.mechanism}: version {signed.version} of the profile, sha256 {signed.sha256}")
        out.print(f"Give {path} to the operator. It is public.", markup=False)


def _new_passphrase() -> bytes:
    text: str = typer.prompt("Passphrase for the root key", hide_input=True, confirmation_prompt=True)
    return text.encode()


def root_passphrase(none: bool, folder: Path) -> bytes | None:
    """What the person types; nothing is asked where the root key in the folder is not encrypted."""
    path = folder / "root.key"
    if none or (path.exists() and b"ENCRYPTED" not in path.read_bytes()):
        return None
    text: str = typer.prompt("Passphrase of the root key", hide_input=True)
    return text.encode()


def _print_fingerprint(fingerprint: str, folder: Path) -> None:
    out.print(
        f"Root fingerprint, to be published where the operator cannot change it:\n    {grouped(fingerprint)}"
    )
    out.print(
        f"Give {folder / 'bundle.json'} to the operator. Everything else in {folder} is secret.", markup=False
    )
