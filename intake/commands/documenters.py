"""For documenters: seal interviews where there is no network, and deliver them later."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from crypto.encoding import parse_json
from crypto.errors import FormatError
from crypto.receipt import Receipt
from crypto.record_writer import RecordWriter
from intake.client import api, files, receipts, submit
from intake.client.bundle import Bundle, Checked, Writer
from intake.client.deliver import Delivery
from intake.client.interviews import Interview
from intake.client.sealing import OFFLINE, Mechanisms, Progress, Sealer, read_mechanisms, today
from intake.commands import watch
from intake.commands.console import err, fail, grouped, out, plain_errors, transfer
from intake.commands.send import (
    LOCAL,
    Capacity,
    Destroy,
    Language,
    Only,
    OpenAlso,
    Origin,
    Roots,
    Server,
    TextLanguage,
    To,
    _ask_receipt,
    _pair,
    ask_consent,
    ask_destroy,
    check_offered,
    consent_text,
    given,
    read_interviews,
    show_mechanisms,
    show_receipt,
    waiting,
)
from intake.record.compose import Composer
from intake.record.consent_texts import ConsentText

_CODE = "Delivery code"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("mechanisms")(mechanisms)
    app.command("seal")(seal)
    app.command("deliver")(deliver)


def mechanisms(
    server: Server = LOCAL,
    save: Annotated[Path | None, typer.Option(help="Keep them in this file, for `intake seal`.")] = None,
    root: Roots = [],  # noqa: B006
) -> None:
    """Show who takes testimonies, with the fingerprints of their roots."""
    with plain_errors():
        with api.api(server, patience=60, waiting=waiting) as connection:
            answer = connection.get("/v1/mechanisms")
        found = read_mechanisms(answer, dict(_pair(value) for value in root))
        for name, bundle in sorted(found.bundles.items()):
            until = max(key.expires for key in bundle.keys)
            out.print(f"{name}: {bundle.names['en']}, keys until {until}", markup=False)
            out.print(f"    root {grouped(bundle.root_fingerprint)}")
        if save is not None:
            files.write_json(save, {"day": today(), "answer": answer})
            out.print(f"Kept in {save}. It holds nothing secret.", markup=False)


def seal(
    path: Annotated[
        Path,
        typer.Argument(metavar="INTERVIEWS", help="A folder, a folder of folders, a .jsonl or .csv file."),
    ],
    mechanisms_file: Annotated[
        Path, typer.Option("--mechanisms", help="What `intake mechanisms --save` kept.")
    ],
    bundle: Annotated[Path, typer.Option("--out", help="New folder for the bundle.")],
    to: To = [],  # noqa: B006
    open_also: OpenAlso = [],  # noqa: B006
    capacity: Capacity = None,
    language: Language = None,
    origin: Origin = "unsaid",
    root: Roots = [],  # noqa: B006
    destroy_receipts: Destroy = False,
    only: Only = [],  # noqa: B006
    text_language: TextLanguage = "en",
    yes: Annotated[bool, typer.Option("--yes", help="The consents were given: do not ask.")] = False,
) -> None:
    """Seal interviews without a network, into a folder that `intake deliver` sends later."""
    with plain_errors():
        found = read_interviews(path, given(language, capacity, origin, to, open_also), only)
        text = consent_text(text_language)
        roots = dict(_pair(value) for value in root)
        offered, day = _kept(mechanisms_file, roots)
        check_offered(found, offered, text.language)
        show_mechanisms([one.testimony for one in found], offered, roots, text.language)
        out.print(f"As it was on {day}: a mechanism that has changed since may have said something else.")
        ask_consent(text, len(found), yes)
        ask_destroy(destroy_receipts, yes)
        code = receipts.fresh()
        writer = Writer(bundle, code)
        show_receipt(code, f"The {_CODE.lower()} of this bundle. It opens the bundle, and no testimony")
        done = 0
        try:
            with transfer() as progress:
                for number, one in enumerate(found, start=1):
                    made = receipts.fresh()
                    if not destroy_receipts:
                        whose = f"Interview “{one.id}”, {number} of {len(found)}. The person's receipt"
                        show_receipt(made, whose)
                    _seal(writer, made, one, offered, text, not destroy_receipts, progress)
                    done += 1
        finally:
            for one in found[:done]:
                out.print(f"{one.id}: sealed", markup=False)
            for one in found[done:]:
                err.print(f"{one.id}: NOT sealed; a receipt shown for it is worth nothing", markup=False)
        out.print(f"{done} interviews are in {bundle}. Deliver them within 60 days.", markup=False)


def _seal(
    writer: Writer,
    receipt: Receipt,
    one: Interview,
    offered: Mechanisms,
    text: ConsentText,
    own_grants: bool,
    progress: Progress,
) -> None:
    keys, carrier = receipt.keys(), writer.begin(progress)
    record = RecordWriter(keys, secrets.token_bytes)
    choices = one.testimony.consent
    composer = Composer(record, offered.bundles, offered.profiles, text, today(), choices)
    sealer = Sealer(keys, composer, carrier, progress)
    try:
        sealer.add(one.testimony)
        body = sealer.sign(OFFLINE, own_grants=own_grants) | {"receipt": sealer.receipt_half()}
    except BaseException:
        carrier.discard()
        raise
    profiles = [offered.profiles[c.mechanism] for c in choices if c.mechanism in offered.profiles]
    writer.end(carrier, one.id, body, [profile.mechanism for profile in profiles if profile.hold])


def deliver(
    folder: Annotated[Path, typer.Argument(metavar="BUNDLE", help="What `intake seal` made.")],
    server: Server = LOCAL,
    undamaged: Annotated[
        bool, typer.Option("--undamaged", help="If some interviews are damaged, send the others.")
    ] = False,
    holds_told: Annotated[
        bool, typer.Option("--holds-told", help="The people know of legal holds announced since.")
    ] = False,
) -> None:
    """Send a bundle. After a break, or whenever you like, once more: nothing is sent twice."""
    with plain_errors():
        bundle = Bundle(folder, _ask_receipt(_CODE))
        with transfer() as progress:
            checked = bundle.check(progress)
        for sentence in checked.damaged:
            err.print(f"    DAMAGED: {sentence}", style="bold red", markup=False)
        if checked.damaged and not undamaged:
            fail(
                f"the bundle is not as it was sealed, so nothing was sent. {len(checked.whole)} interviews"
                " are whole: send them with --undamaged"
            )
        with api.api(server, waiting=waiting) as connection:
            offered = submit.fetch_mechanisms(connection, {})
            with transfer() as progress:
                delivery = Delivery(connection, bundle, offered, progress, told=holds_told)
                refused = _deliver(delivery, checked)
        if not bundle.state.kept:
            err.print("the bundle cannot be written to, so how far this came was not kept", style="yellow")
        if refused or checked.damaged:
            fail(f"{refused} interviews were refused, {len(checked.damaged)} findings of damage: see above")
        out.print("All of it has arrived. Now destroy the bundle and what it was made from.")


def _deliver(delivery: Delivery, checked: Checked) -> int:
    """How many were refused."""
    refused = 0
    for held in checked.whole:
        name = f"{held.number} ({held.id})" if held.id else str(held.number)
        try:
            arrived = delivery.deliver(held)
        except (api.ApiError, submit.SubmitError) as error:
            refused += 1
            err.print(f"{name}: REFUSED: {error}", style="bold red", markup=False)
            continue
        except api.Offline:
            err.print(f"{name} and what follows it was not sent: run this again", markup=False)
            raise
        said = "received" if arrived.sent else "had arrived before"
        out.print(f"{name}: {said}. Record {arrived.record}", markup=False)
        if arrived.sent and arrived.sent.broken is not None:
            watch.complain(arrived.sent)
    return refused


def _kept(path: Path, roots: dict[str, str]) -> tuple[Mechanisms, str]:
    """Mechanisms from a file, verified again, and the day on which they were fetched."""
    kept = parse_json(path.read_bytes())
    if not isinstance(kept, dict) or not {"day", "answer"} <= set(kept):
        raise FormatError(f"{path} is not what `intake mechanisms --save` keeps")
    return read_mechanisms(kept["answer"], roots), str(kept["day"])
