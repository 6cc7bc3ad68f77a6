"""For submitters and documenters: seal here, send, look again."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from crypto import checks
from crypto.encoding import b64u_decode, b64u_encode
from crypto.receipt import RANDOM_BYTES, MistypedReceipt, Receipt
from crypto.record_reader import RecordReader
from crypto.statement import PURPOSES
from intake.client import api, folder, submit
from intake.commands import watch
from intake.commands.console import err, fail, out, plain_errors, transfer
from intake.commands.verify import read_keys
from intake.i18n import LANGUAGES
from intake.record import consent_texts
from intake.record.vocabulary import CAPACITIES

_WRONG = {
    "count": "a receipt has nine groups; this has {found}",
    "word": "group {group} is not a word of the list: is it mistyped?",
    "range": "group {group} is not a number from 0000 to 7775: is it mistyped?",
    "checksum": "one of the groups is mistyped",
}
_Server = Annotated[str, typer.Option("--server", help="Address of the service.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("submit")(submit_)
    app.command()(mine)


def submit_(
    path: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="narrative.txt, photos, videos; testimony.json.")
    ],
    server: _Server = "http://127.0.0.1:8000",
    to: Annotated[list[str], typer.Option(help="MECHANISM:PURPOSE[,PURPOSE…]. Repeat.")] = [],  # noqa: B006
    open_also: Annotated[
        list[str],
        typer.Option(
            "--open-also", help="Compartments granted besides account: triage, identity, sensitive."
        ),
    ] = [],  # noqa: B006
    capacity: Annotated[str | None, typer.Option(help=f"One of: {', '.join(CAPACITIES)}.")] = None,
    language: Annotated[str | None, typer.Option(help="Language of the narrative, for example be.")] = None,
    origin: Annotated[
        str, typer.Option(help="Who took the photos: self, received, downloaded, unsaid.")
    ] = "unsaid",
    root: Annotated[
        list[str], typer.Option(help="MECHANISM=FINGERPRINT of its root, as published. Repeat.")
    ] = [],  # noqa: B006
    receipt: Annotated[
        bool, typer.Option("--receipt", help="Use a receipt made before (asked for).")
    ] = False,
    promise: Annotated[
        Path | None,
        typer.Option(help="Keep the service's signed promise here (otherwise nothing is kept)."),
    ] = None,
    text_language: Annotated[str, typer.Option(help="Language of the consent text: be, ru, en.")] = "en",
    yes: Annotated[
        bool, typer.Option("--yes", help="The consent was given and the receipt noted: do not ask.")
    ] = False,
) -> None:
    """Seal a testimony on this machine and send it."""
    with plain_errors():
        if promise is not None and (promise.exists() or not promise.parent.is_dir()):
            fail(f"{promise} is there already, or its folder is not: nothing was sent")
        consents = tuple(_consent(value, open_also) for value in to)
        testimony = folder.read(path, language=language, capacity=capacity, origin=origin, consent=consents)
        if text_language not in LANGUAGES:
            fail(f"--text-language is one of: {', '.join(LANGUAGES)}")
        text = consent_texts.current(text_language)
        roots = dict(_pair(value) for value in root)
        with api.api(server, waiting=_waiting) as connection:
            known = submit.fetch_bundles(connection, roots)
            for consent in testimony.consent:
                if consent.mechanism not in known:
                    fail(f"this server does not know the mechanism {consent.mechanism}")
                bundle = known[consent.mechanism]
                out.print(f"For: {bundle.names['en']} ({', '.join(consent.purposes)})", markup=False)
                if consent.mechanism not in roots:
                    out.print(
                        f"    root {bundle.root_fingerprint}\n    compare it with the published one (--root)"
                    )
            if not yes:
                out.print(text.text, markup=False)
                typer.confirm("Does the person whose testimony this is consent?", abort=True)
            made = _ask_receipt() if receipt else _show_receipt(yes)
            with transfer() as progress:
                try:
                    sent = submit.Submitter(connection, made, known, text, progress).submit(testimony)
                except api.ApiError as error:
                    if error.code != "receipt_used":
                        raise
                    fail(
                        "a testimony has arrived with this receipt already. If it was this one, all is well:"
                        " look at it with `intake mine`. Another one needs a receipt of its own."
                    )
        out.print(
            f"Received. Record {sent.record}" if sent.fresh else f"It had been received before: {sent.record}"
        )
        if sent.broken is not None:
            watch.complain(sent)
        if promise is not None:
            watch.keep_promise(promise, sent)


def mine(
    server: _Server = "http://127.0.0.1:8000",
    proofs_to: Annotated[
        Path | None, typer.Option("--proofs", help="Folder for log proofs, under names that say nothing.")
    ] = None,
    promise: Annotated[
        Path | None, typer.Option(help="A promise kept by `submit`: say whether it was kept.")
    ] = None,
    log_key: Annotated[
        list[str],
        typer.Option(help="A key of the logs as published elsewhere, or a file with one per line. Repeat."),
    ] = [],  # noqa: B006
) -> None:
    """Show what was received under a receipt (asked for), opened on this machine, and who opened it.

    The list of accesses is compared with the signed logs, which are fetched whole. Exit code 2: it does
    not hold, or the promise was broken.
    """
    with plain_errors():
        given = read_keys(log_key)
        keys = _ask_receipt().keys()
        value = f"Intake-Receipt {b64u_encode(keys.lookup)}.{b64u_encode(keys.auth)}"

        def headers() -> dict[str, str]:
            return {"Authorization": value}

        with api.api(server, patience=60, waiting=_waiting) as connection:
            found = connection.get("/v1/mailbox", headers=headers)
            revisions = [
                (s["statement"].encode(), b64u_decode(s["signature"], 64)) for s in found["statements"]
            ]
            grants = [(g["compartment"], b64u_decode(g["file"])) for g in found["grants"]]
            reader = RecordReader(revisions, grants, [keys.identity])
            statement = reader.statement
            out.print(f"Record {statement.record}, received {found['received_day']}")
            for consent in statement.consent:
                out.print(f"May be opened by {consent.mechanism}: {', '.join(consent.purposes)}")
            for entry in reader.readable():
                if entry.kind in ("narrative", "label"):
                    file = connection.request("GET", f"/v1/mailbox/parts/{entry.id}", headers=headers).content
                    values = reader.structured(entry.id, file).values
                    shown = (
                        values["text"]
                        if entry.kind == "narrative"
                        else f"{values['name']} ({values['size']} bytes)"
                    )
                    out.print(f"\n{shown}", markup=False)
            if proofs_to is not None:
                watch.save_proofs(connection, headers, statement.record, proofs_to)
            watch.Watch(connection, headers, given).show(revisions, statement, keys, promise)


def _show_receipt(noted: bool) -> Receipt:
    made = Receipt.from_random(secrets.token_bytes(RANDOM_BYTES))
    words = made.words("en") or ()
    out.print("\nYour receipt. Write it down and keep it secret; nobody can restore it:\n")
    out.print(f"    {'  '.join(made.digits())}\n    {' '.join(words)}\n")
    if not noted:
        typer.confirm("Is it written down?", abort=True)
    return made


def _ask_receipt() -> Receipt:
    text = typer.prompt("Receipt (nine words or nine groups of digits)", hide_input=True)
    try:
        return Receipt.parse(text)
    except MistypedReceipt as error:
        fail(_WRONG[error.reason].format(group=error.group, found=error.found))


def _consent(value: str, also: list[str]) -> folder.Consent:
    mechanism, colon, purposes = value.partition(":")
    if not colon or not set(purposes.split(",")) <= set(PURPOSES):
        fail(f"--to is MECHANISM:PURPOSE, with a purpose of: {', '.join(PURPOSES)}")
    if not set(also) <= {"triage", "identity", "sensitive"}:
        fail("--open-also is triage, identity or sensitive")
    return folder.Consent(
        checks.text(mechanism, checks.SLUG), tuple(purposes.split(",")), ("account", *dict.fromkeys(also))
    )


def _pair(value: str) -> tuple[str, str]:
    name, sign, fingerprint = value.partition("=")
    if not sign:
        fail("--root is MECHANISM=FINGERPRINT")
    return name, fingerprint


def _waiting(seconds: float) -> None:
    err.print(f"no connection; trying again in {seconds:.0f} s", style="yellow")
