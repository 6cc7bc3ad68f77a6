"""For a mechanism whose mandate ends: hand over what was pulled to the body that continues it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from crypto.bundles import verify_bundle
from crypto.statement import PURPOSES
from intake.client import api, handover, mechanism_keys, pull
from intake.commands.console import err, fail, out, plain_errors


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("hand-over")(hand_over)


def hand_over(
    pulled: Annotated[Path, typer.Argument(help="Folder of `intake pull`. Pull first, so that it is new.")],
    to: Annotated[Path, typer.Option(help="The successor's bundle.json, from its people.")],
    root: Annotated[str, typer.Option(help="Fingerprint of the successor's root, as it is published.")],
    keys: Annotated[Path, typer.Option(help="Folder with your mechanism's identities (*.key).")],
    client: Annotated[Path, typer.Option(help="The program's private file.")],
    purpose: Annotated[str, typer.Option(help=f"One of: {', '.join(PURPOSES)}.")],
    server: Annotated[str, typer.Option(help="Address of the service.")] = "http://127.0.0.1:8000",
) -> None:
    """Hand records over to the body that continues your mandate, where the person allowed a successor.

    Both profiles have to name each other. Each record handed over is logged, and its person sees it. It can
    be run again at any time: what was handed over is not sent again, and what is new since then is.
    """
    with plain_errors():
        successor = verify_bundle(to.read_bytes())
        handover.require_root(successor, root)
        identities = mechanism_keys.identities(keys)
        if not identities:
            fail(f"no identity (AGE-SECRET-KEY-PQ-1…) in {keys}/*.key")
        today = datetime.now(UTC).date().isoformat()
        with api.api(
            server, patience=300, waiting=lambda s: err.print(f"trying again in {s:.0f} s")
        ) as connection:
            feed = handover.HandoverClient(connection, pull.load_client(client), purpose)
            done = handover.hand_over(
                feed,
                pulled,
                identities,
                successor,
                today,
                lambda record: err.print(f"record {record[:16]}…"),
            )
        _report(done, successor.mechanism)


def _report(done: handover.HandedOver, successor: str) -> None:
    out.print(
        f"{len(done.records)} records handed over to {successor}, {done.grants} grants that are new",
        markup=False,
    )
    for count, what in (
        (len(done.before), "were handed over before, and have not changed"),
        (len(done.not_allowed), "were not sent: the person did not allow a successor"),
        (len(done.closed), "were not sent: your keys, or the successor's, are for nothing in them"),
    ):
        if count:
            out.print(f"{count} {what}")
    for record, reason in done.failed.items():
        err.print(f"NOT handed over: {record[:16]}… ({reason})", style="yellow", markup=False)
    if done.failed:
        fail(f"{len(done.failed)} records were not handed over: see above")
