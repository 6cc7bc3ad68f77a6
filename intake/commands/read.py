"""For mechanisms' programs and people: pull what is new, open it offline."""

from pathlib import Path
from typing import Annotated

import typer

from crypto.statement import PURPOSES
from intake.client import api, mechanism_keys, opening, pull
from intake.commands.console import err, fail, out, plain_errors


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("pull")(pull_)
    app.command("open")(open_)


def pull_(
    server: Annotated[str, typer.Argument(help="Address of the service.")],
    client: Annotated[Path, typer.Option(help="The program's private file.")],
    out_folder: Annotated[Path, typer.Option("--out", help="Folder that collects records.")],
    purpose: Annotated[str, typer.Option(help=f"One of: {', '.join(PURPOSES)}.")],
) -> None:
    """Fetch new records, sealed as they are. Every access is logged, and shown to the submitter."""
    with plain_errors():
        key = pull.load_client(client)
        with api.api(
            server, patience=300, waiting=lambda s: err.print(f"trying again in {s:.0f} s")
        ) as connection:
            feed = pull.FeedClient(connection, key, purpose)
            pulled = pull.pull(feed, out_folder, lambda record: err.print(f"record {record[:16]}…"))
        out.print(f"{len(pulled.records)} new records in {out_folder}", markup=False)
        for record, reason in pulled.refused.items():
            out.print(f"not released: {record[:16]}… ({reason})")


def open_(
    pulled: Annotated[Path, typer.Argument(help="Folder of `intake pull`.")],
    keys: Annotated[Path, typer.Option(help="Folder with the mechanism's identities (*.key).")],
    out_folder: Annotated[Path, typer.Option("--out", help="Where readable testimonies go.")],
) -> None:
    """Open pulled records, offline; refuse to show anything that does not hold."""
    with plain_errors():
        identities = mechanism_keys.identities(keys)
        if not identities:
            fail(f"no identity (AGE-SECRET-KEY-PQ-1…) in {keys}/*.key")
        bad = 0
        for folder in opening.pulled_records(pulled):
            opened = opening.open_record(folder, identities, out_folder)
            text = f"{opened.record[:16]}…: {opened.parts} parts, {len(opened.media)} media"
            out.print(text + (f", {opened.sealed_elsewhere} not granted" if opened.sealed_elsewhere else ""))
            for part, reason in opened.problems.items():
                bad += 1
                err.print(f"    REFUSED {part}: {reason}", style="bold red", markup=False)
        out.print(f"Readable testimonies are in {out_folder}", markup=False)
        if bad:
            fail(f"{bad} parts or records do not hold and were not written: see above", 2)
