"""After a testimony was received: messages both ways, what became of it, members, lost receipts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from crypto import checks
from crypto.bundles import Bundle, verify_bundle
from crypto.receipt import MistypedReceipt, Receipt
from crypto.restoration import RECEIPT, NewReceipt
from crypto.statement import PURPOSES
from intake import settings
from intake.client import api, files, mechanism_keys, members, pull, receipts
from intake.client.correspondence import Case, CaseClient, Correspondence, OwnCase, pulled
from intake.commands.console import err, fail, grouped, out, plain_errors
from intake.commands.keys import root_passphrase
from intake.db import migrate
from intake.installation import open_installation
from intake.people import members as registered

member_app = typer.Typer(no_args_is_help=True, help="People who speak for a mechanism, each with a key.")
restore_app = typer.Typer(no_args_is_help=True, help="A second receipt for a person who lost the first.")

_Folder = Annotated[
    Path, typer.Argument(metavar="RECORD_FOLDER", help="A record that was pulled: OUT/records/<id>.")
]
_Server = Annotated[str, typer.Option("--server", help="Address of the service.")]
_Client = Annotated[Path, typer.Option(help="The program's private file.")]
_Purpose = Annotated[str, typer.Option(help=f"One of: {', '.join(PURPOSES)}.")]
_Keys = Annotated[Path, typer.Option(help="Folder with the mechanism's identities (*.key).")]
_Bundle = Annotated[Path, typer.Option(help="The mechanism's own bundle.json, from its people.")]
_Member = Annotated[
    Path, typer.Option("--member", help="Your key, <member>.member.key; your certificate is beside it.")
]
_File = Annotated[Path | None, typer.Option("--file", help="The text, UTF-8; asked for otherwise.")]
_Answers = Annotated[str | None, typer.Option("--answers", help="Id of the message that this answers.")]
_Language = Annotated[str, typer.Option(help="Language of the text, for example be.")]
_NoPassphrase = Annotated[bool, typer.Option("--no-passphrase", help="The key has no passphrase.")]
_LOCAL = "http://127.0.0.1:8000"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(member_app, name="member")
    app.add_typer(restore_app, name="restore")
    for command in (messages, reply, standing, answer, message):
        app.command()(command)


# --- members ---


@member_app.command("new")
def new_member(
    member: Annotated[str, typer.Argument(help="Short id: small letters, digits, hyphens. Others see it.")],
    out_folder: Annotated[Path, typer.Option("--out", help="Folder for the key.")],
    name: Annotated[
        str | None, typer.Option(help="Name or function that people you write to will see.")
    ] = None,
    no_passphrase: Annotated[bool, typer.Option("--no-passphrase", help="Keep the key unencrypted.")] = False,
) -> None:
    """Make your own key, on your own machine."""
    with plain_errors():
        checks.text(member, checks.SLUG)
        passphrase = None
        if not no_passphrase:
            passphrase = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True).encode()
        private, public = members.new_member(out_folder, member, name, passphrase)
        out.print(f"keep secret: {private}\ngive to the keeper of the root key: {public}", markup=False)


@member_app.command("certify")
def certify(
    root_folder: Annotated[Path, typer.Argument(help="Folder with root.key and bundle.json.")],
    public: Annotated[Path, typer.Argument(help="The member's public file, <member>.member.json.")],
    days: Annotated[int, typer.Option(help="Days until the certificate expires.", min=1, max=3650)] = 365,
    no_passphrase: _NoPassphrase = False,
) -> None:
    """Sign a member's key with the root key. Run this offline."""
    with plain_errors():
        passphrase = root_passphrase(no_passphrase, root_folder)
        member, path = members.certify(root_folder, public, days, passphrase)
        out.print(f"{member.id} speaks for {member.mechanism} until {member.expires}", markup=False)
        out.print(f"Give {path} to the operator, and to the member, to keep beside the key.", markup=False)


@member_app.command("add")
def add_member(
    mechanism: Annotated[str, typer.Argument(help="The mechanism they speak for.")],
    certificate: Annotated[Path, typer.Argument(help="<member>.certificate.json.")],
) -> None:
    """Register a member by the certificate (operator)."""
    with plain_errors():
        found = open_installation(settings.load())
        migrate.require_current(found.database)
        with found.database.write() as connection:
            added = registered.add(connection, mechanism, certificate.read_bytes())
        out.print(f"{added.id} speaks for {mechanism} until {added.expires}", markup=False)


@member_app.command("revoke")
def revoke_member(mechanism: str, member: str) -> None:
    """Refuse what a member signs from now on (operator)."""
    with plain_errors():
        found = open_installation(settings.load())
        migrate.require_current(found.database)
        with found.database.write() as connection:
            registered.revoke(connection, mechanism, member)
        out.print(f"{member} speaks for {mechanism} no longer", markup=False)


# --- a mechanism's people ---


@contextmanager
def _case(
    folder: Path, server: str, client: Path, purpose: str, keys: Path, bundle: Path
) -> Iterator[tuple[Case, Bundle]]:
    identities = mechanism_keys.identities(keys)
    if not identities:
        fail(f"no identity (AGE-SECRET-KEY-PQ-1…) in {keys}/*.key")
    own = verify_bundle(bundle.read_bytes())
    with _connected(server) as connection:
        feed = CaseClient(connection, pull.load_client(client), purpose)
        yield Case(feed, folder, identities, own), own


def messages(
    folder: _Folder,
    client: _Client,
    purpose: _Purpose,
    keys: _Keys,
    bundle: _Bundle,
    server: _Server = _LOCAL,
) -> None:
    """Show the messages between your mechanism and the person who testified. The person sees that you did."""
    with plain_errors(), _case(folder, server, client, purpose, keys, bundle) as (case, _):
        _show(case.read())


def reply(
    folder: _Folder,
    client: _Client,
    purpose: _Purpose,
    keys: _Keys,
    bundle: _Bundle,
    member: _Member,
    file: _File = None,
    language: _Language = "be",
    answers: _Answers = None,
    server: _Server = _LOCAL,
    no_passphrase: _NoPassphrase = False,
) -> None:
    """Write to the person who testified. Sealed and signed here: the service cannot read it."""
    with plain_errors(), _case(folder, server, client, purpose, keys, bundle) as (case, own):
        signer = members.load_member(member, own.root, _passphrase("Passphrase", no_passphrase))
        part = case.reply(signer, _text(file), language, answers)
        out.print(f"Sent: message {part}")


def standing(
    folder: _Folder,
    said: Annotated[str, typer.Argument(metavar="STANDING", help="in_case, or closed.")],
    client: _Client,
    purpose: _Purpose,
    server: _Server = _LOCAL,
) -> None:
    """Tell the person what became of the testimony: it is part of a case, or yours is closed."""
    with plain_errors(), _connected(server) as connection:
        CaseClient(connection, pull.load_client(client), purpose).say(_record(folder), said)
        out.print(f"The person will see: {said}", markup=False)


def answer(
    folder: Annotated[Path, typer.Argument(help="Folder of the withdrawn record: PULLED/withdrawn/<id>.")],
    revision: Annotated[int, typer.Argument(help="The withdrawal's revision, as the pull showed it.")],
    said: Annotated[str, typer.Argument(metavar="ANSWER", help="deleted, retained (under law), or court.")],
    client: _Client,
    purpose: _Purpose,
    server: _Server = _LOCAL,
) -> None:
    """Tell the person who withdrew consent what became of what you had read."""
    with plain_errors(), _connected(server) as connection:
        CaseClient(connection, pull.load_client(client), purpose).answer(_record(folder), revision, said)
        out.print(f"The person will see: {said}", markup=False)


# --- lost receipts ---


@restore_app.command("receipt")
def new_receipt(
    out_file: Annotated[Path, typer.Option("--out", help="New file for what the members need of it.")],
    yes: Annotated[bool, typer.Option("--yes", help="The receipt is noted: do not ask.")] = False,
) -> None:
    """For the person: make a new receipt, on your own machine. The members never see it."""
    with plain_errors():
        if out_file.exists():
            fail(f"{out_file} is there already: nothing was made")
        made = receipts.fresh()
        out.print("\nThe new receipt. Write it down and keep it secret; nobody else knows it:\n")
        out.print("".join(f"    {line}\n" for line in receipts.lines(made)))
        if not yes:
            typer.confirm("Is it written down?", abort=True)
        files.write(out_file, members.halves(NewReceipt.of(made.keys())))
        out.print(f"Give {out_file} to the members. It opens nothing.", markup=False)


@restore_app.command("ask")
def ask(
    folder: _Folder,
    bundle: _Bundle,
    out_file: Annotated[Path, typer.Option("--out", help="New file, for the members to sign.")],
    receipt: Annotated[
        Path | None, typer.Option(help="What the person made with `intake restore receipt`.")
    ] = None,
    withdrawal: Annotated[
        bool, typer.Option("--withdrawal", help="No new receipt: end your mechanism's own access.")
    ] = False,
) -> None:
    """Begin: a new receipt, or a withdrawal, for a person you have met and whose record you know this is."""
    with plain_errors():
        if (receipt is None) != withdrawal:
            fail("give either --receipt FILE or --withdrawal")
        if out_file.exists():
            fail(f"{out_file} is there already: nothing was changed")
        own = verify_bundle(bundle.read_bytes())
        halves = None if receipt is None else receipt.read_bytes()
        files.write(out_file, members.ask(_record(folder), own.mechanism, halves))
        out.print(f"Two members have to sign {out_file}, one after the other.", markup=False)


@restore_app.command("sign")
def sign(
    begun: Annotated[Path, typer.Argument(metavar="FILE", help="From `intake restore ask`.")],
    bundle: _Bundle,
    member: _Member,
    no_passphrase: _NoPassphrase = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Add your signature: you vouch that the person who asks is the one who testified."""
    with plain_errors():
        own = verify_bundle(bundle.read_bytes())
        signer = members.load_member(member, own.root, _passphrase("Passphrase", no_passphrase))
        said, signed = members.sign(begun.read_bytes(), signer)
        what = "a second receipt" if said.kind == RECEIPT else f"to end the access of {said.mechanism}"
        out.print(f"Record {said.record}: {what}, {said.day}", markup=False)
        if not yes:
            typer.confirm("Do you know that the person who asks is the one who testified?", abort=True)
        files.write(begun, signed)
        out.print(f"Signed as {signer.member.id}", markup=False)


@restore_app.command("send")
def send(
    signed: Annotated[Path, typer.Argument(metavar="FILE", help="Signed by two members.")],
    folder: _Folder,
    keys: _Keys,
    server: _Server = _LOCAL,
) -> None:
    """Hand it in. A new receipt waits 14 days, in which whoever has the first one can object."""
    with plain_errors():
        data = signed.read_bytes()
        given = members.grants(data, pulled(folder, mechanism_keys.identities(keys)))
        with _connected(server) as connection:
            found = members.send(connection, data, given)
        if found["outcome"] is not None:
            out.print(f"Consent is withdrawn; your grants were {found['outcome']}", markup=False)
        else:
            out.print(f"{found['state']}; the new receipt is valid from {found['due_day']}", markup=False)


# --- submitters ---


def message(
    server: _Server = _LOCAL,
    to: Annotated[str | None, typer.Option(help="Write to this mechanism.")] = None,
    file: _File = None,
    language: _Language = "be",
    answers: _Answers = None,
    refuse: Annotated[
        str | None, typer.Option("--object", help="Refuse the second receipt of this id.")
    ] = None,
    root: Annotated[
        list[str], typer.Option(help="MECHANISM=FINGERPRINT of its root, as published. Repeat.")
    ] = [],  # noqa: B006
) -> None:
    """Messages about your testimony and what became of it, with your receipt (asked for); or write one."""
    with plain_errors():
        roots, keys = _roots(root), _ask_receipt().keys()
        with _connected(server) as connection:
            case = OwnCase(connection, keys, roots)
            if refuse is not None:
                case.object(refuse)
                out.print("Refused. The other receipt opens nothing.")
            elif to is not None:
                out.print(f"Sent: message {case.send(to, _text(file), language, answers)}")
            else:
                _show(case.read())
                _show_standings(case)


def _show(found: Correspondence) -> None:
    for one in found.messages:
        sender = "the person" if one.member is None else one.member.name or one.member.id
        out.print(f"\n{one.day}  {sender}, with {one.mechanism}  ({one.part})", markup=False)
        out.print(one.text, markup=False)
    if not found.messages:
        out.print("No messages.")
    if found.closed:
        out.print(f"{found.closed} messages are sealed with a key that you do not have (now).")
    if found.hidden:
        err.print(
            f"{found.hidden} messages are not shown: they are not signed as they should be, or altered",
            style="bold red",
        )
    for mechanism, root in found.unproved.items():
        err.print(
            f"What came in the name of {mechanism} is among them: nothing that is signed by a mechanism that"
            " you named says which key is its. The service says that its root has the fingerprint\n"
            f"    {grouped(root)}\nCompare it with what {mechanism} publishes elsewhere, and then give it:"
            f" --root {mechanism}=FINGERPRINT",
            style="yellow",
            markup=False,
        )


def _show_standings(case: OwnCase) -> None:
    found = case.standings()
    for one in found["standings"]:
        lines = ["received", *(["opened"] if one["read"] else [])]
        lines += [f"{one['standing']} since {one['day']}"] if one["standing"] else []
        lines += ["waits for your answer"] if one["question"] else []
        lines += [f"handed over by {one['origin']}, whose mandate it continues"] if one.get("origin") else []
        out.print(f"{one['mechanism']}: {', '.join(lines)}", markup=False)
    for one in found["withdrawals"]:
        said = one["answer"] or "no answer yet"
        out.print(f"withdrawn from {one['mechanism']} on {one['day']}: {said}", markup=False)
    for one in found["restorations"]:
        asked = f"second receipt, asked for by {one['mechanism']} on {one['asked_day']}: {one['state']}"
        waits = f" until {one['due_day']}; to refuse it: --object {one['id']}"
        out.print(asked + (waits if one["state"] == "waiting" else ""), markup=False)


def _ask_receipt() -> Receipt:
    text = typer.prompt("Receipt (nine words or nine groups of digits)", hide_input=True)
    try:
        return Receipt.parse(text)
    except MistypedReceipt as error:
        fail(receipts.wrong(error))


def _roots(given: list[str]) -> dict[str, str]:
    pairs = [value.partition("=") for value in given]
    if not all(fingerprint for _, _, fingerprint in pairs):
        fail("--root is MECHANISM=FINGERPRINT")
    return {mechanism: "".join(fingerprint.split()) for mechanism, _, fingerprint in pairs}


def _record(folder: Path) -> str:
    """The record's id: the folder's name, or the id itself where the folder is gone."""
    return checks.digest(folder.name)


def _text(file: Path | None) -> str:
    text = file.read_text("utf-8") if file is not None else str(typer.prompt("Message"))
    if not text.strip():
        fail("the message is empty: nothing was sent")
    return text


def _passphrase(prompt: str, none: bool) -> bytes | None:
    return None if none else typer.prompt(prompt, hide_input=True).encode()


@contextmanager
def _connected(server: str) -> Iterator[api.Api]:
    with api.api(server, patience=300, waiting=lambda s: err.print(f"trying again in {s:.0f} s")) as found:
        yield found
