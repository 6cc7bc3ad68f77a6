"""For a mechanism's people, offline: who may open what, and what is left when the keys are lost."""

from pathlib import Path
from typing import Annotated

import typer

from crypto.age_keys import Identity
from crypto.bundles import verify_bundle
from crypto.membership import ROLES, opens
from crypto.wraps import CLIENT, Wrap, encode_wraps, parse_wraps
from intake.client import client_key, files, recovery, staff, wraps
from intake.commands.console import compared, days_text, err, fail, grouped, out, plain_errors
from intake.commands.keys import keys_app, root_passphrase

_DAYS = 56  # of a membership, if nobody says
_Folder = Annotated[Path, typer.Argument(metavar="KEYS", help="The folder with bundle.json and the keys.")]
_Unprotected = Annotated[bool, typer.Option("--no-passphrase", help="The root key has no passphrase.")]
_Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
_Wraps = Annotated[Path, typer.Option("--wraps", help="The file that `intake keys wrap` made.")]
_Share = Annotated[list[Path], typer.Option("--share", help="A share, as a file of its words. Two of them.")]


def register(_app: typer.Typer) -> None:
    """Add the commands to `intake keys`."""
    for command in (admit, renew, wrap, unwrap, split, recover, drill):
        keys_app.command()(command)


def admit(
    folder: _Folder,
    request: Annotated[Path, typer.Argument(help="What the person's browser made.")],
    role: Annotated[list[str], typer.Option(help=f"One of: {', '.join(ROLES)}. Repeat.")],
    out_file: Annotated[Path, typer.Option("--out", help="New file for the card.")],
    days: Annotated[
        int | None,
        typer.Option(
            help="Days until the membership ends; as the invitation meant, if the request says it, or 56.",
            min=1,
            max=3650,
        ),
    ] = None,
    no_passphrase: _Unprotected = False,
    yes: _Yes = False,
) -> None:
    """Make somebody a member: sign certificate and membership. Run this offline."""
    with plain_errors():
        _require_new(out_file)
        asked = staff.read_request(request.read_bytes())
        unknown = sorted(set(role) - set(ROLES))
        if unknown:
            fail(f"no such role: {', '.join(unknown)}; roles are: {', '.join(ROLES)}")
        days = days or asked.days or _DAYS
        _say(f"{asked.member} ({asked.name or 'no name'}) of {asked.mechanism}, for {days_text(days)}")
        if asked.days is not None and days > asked.days:
            err.print(
                f"    LONGER than the {days_text(asked.days)} of the invitation", style="yellow", markup=False
            )
        _say(f"    roles: {', '.join(sorted(role))}")
        _say(f"    gets the keys of: {', '.join(opens(role)) or 'nothing'}")
        _say(f"    fingerprint: {grouped(asked.fingerprint)}")
        if not yes:
            compared("Did the person read out the same fingerprint to you?")
        passphrase = root_passphrase(no_passphrase, folder)
        member, _, card = staff.admit(folder, asked, role, days, passphrase)
        files.write(out_file, card)  # as it is: to be carried over letter by letter
        _say(f"{member.id} is a member of {member.mechanism} until {member.expires}")
        _say(f"Give {out_file} to the operator, or to an administrator; and to whoever seals keys.")


def renew(
    folder: _Folder,
    card: Annotated[Path, typer.Argument(help="The member's card as it was signed before.")],
    out_file: Annotated[Path, typer.Option("--out", help="New file for the card.")],
    days: Annotated[int, typer.Option(help="Days from today until it ends.", min=1, max=3650)] = _DAYS,
    no_passphrase: _Unprotected = False,
    yes: _Yes = False,
) -> None:
    """Lengthen a membership before it ends: the same keys and roles, a later day. Run this offline."""
    with plain_errors():
        _require_new(out_file)
        passphrase = root_passphrase(no_passphrase, folder)
        member, membership, made = staff.renew(folder, card.read_bytes().rstrip(b"\n"), days, passphrase)
        _say(f"{member.id} ({member.name or 'no name'}) of {member.mechanism}")
        _say(f"    roles: {', '.join(membership.roles)}")
        _say(f"    until {member.expires}")
        if not yes:
            compared("Is this meant?")
        files.write(out_file, made)
        _say(f"Give {out_file} to the operator, or to an administrator. No keys have to be sealed again.")


def wrap(
    folder: _Folder,
    out_file: Annotated[Path, typer.Option("--out", help="New file for the wraps.")],
    reader: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[CARD.json|PROGRAM.public.json]...", help="Whom to seal to."),
    ] = None,
    yes: _Yes = False,
) -> None:
    """Seal the keys to members by their roles, to programs, and to the recovery key. Run this offline."""
    with plain_errors():
        _require_new(out_file)
        keys = wraps.Keys.load(folder)
        readers = [wraps.reader(path, keys.bundle.root) for path in reader or []]
        for one in readers:
            _say(f"{one.kind} {one.id}: {', '.join(one.classes) or 'no keys'}")
            if one.kind == CLIENT:  # nobody signed a program's file
                _say(f"    fingerprint: {grouped(one.recipient.fingerprint)}")
        if any(one.kind == CLIENT for one in readers) and not yes:
            compared("Are these the fingerprints that `intake client new` showed?")
        made = wraps.make(keys, readers) + recovery.make(folder, keys)
        if recovery.recipient_of(folder) is None:
            _say("There is no recovery key yet: intake keys split")
        files.write(out_file, encode_wraps(made) + b"\n")
        _say(f"{len(made)} wraps. Give {out_file} to the operator: it opens nothing by itself.")


def unwrap(
    wraps_file: Annotated[Path, typer.Argument(metavar="WRAPS", help="wraps.json.")],
    client: Annotated[Path, typer.Option(help="The program's private file.")],
    bundle: Annotated[Path, typer.Option(help="The mechanism's own bundle.json, from its people.")],
    out_folder: Annotated[Path, typer.Option("--out", help="Folder without keys.")],
) -> None:
    """The keys that were sealed to a program: for `intake open --keys`."""
    with plain_errors():
        program, own = client_key.load_client(client), verify_bundle(bundle.read_bytes())
        if program.identity is None:
            fail(f"{client} has no key that anything is sealed to: make a new one with intake client new")
        theirs = [w for w in _wraps(wraps_file) if w.kind == CLIENT and w.reader == program.client]
        found = wraps.open_all(theirs, program.identity, own)
        if not found:
            fail(f"nothing in {wraps_file} is sealed to {program.client}")
        for path in wraps.write_identities(found, own.mechanism, out_folder):
            _say(f"{path}")


def split(
    folder: _Folder,
    out_folder: Annotated[Path, typer.Option("--out", help="Folder for the shares.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Make another recovery key; the old shares end with it.")
    ] = False,
) -> None:
    """Make the recovery key and split it in three shares, of which two open everything. Run this offline."""
    with plain_errors():
        recipient, paths = recovery.split(folder, out_folder, replace=replace)
        made = recovery.make(folder, wraps.Keys.load(folder))
        wrapped = out_folder / "wraps.json"
        files.write(wrapped, encode_wraps(made) + b"\n")
        _say(f"Recovery key {grouped(recipient.fingerprint[:32])}, written nowhere. Its shares:")
        for path in paths:
            _say(f"    {path}")
        _say("Print each, give each to another person, and delete the files. Two of the three are enough.")
        _say(f"Give {wrapped} to the operator, and keep a copy: without it the shares open nothing.")


def recover(
    wraps_file: _Wraps,
    share: _Share,
    out_folder: Annotated[Path, typer.Option("--out", help="Folder without keys.")],
    bundle: Annotated[
        Path | None, typer.Option(help="bundle.json: each key is compared with what the root signed.")
    ] = None,
) -> None:
    """The mechanism's identities again, from two shares and the wraps. Run this offline."""
    with plain_errors():
        own = verify_bundle(bundle.read_bytes()) if bundle else None
        found = recovery.recover(_wraps(wraps_file), _combined(share), own)
        mechanism = own.mechanism if own else "recovered"
        paths = wraps.write_identities(found, mechanism, out_folder)
        if own:
            files.write(out_folder / "bundle.json", own.raw + b"\n")
        for path in paths:
            _say(f"{path}")
        if own is None:
            err.print("Nobody compared these keys with the mechanism's bundle: give --bundle", style="yellow")
        elif missing := [k for k in own.keys if (k.epoch, k.kind) not in found]:
            names = ", ".join(f"epoch {k.epoch} {k.kind}" for k in missing)
            fail(f"the file of wraps has nothing for: {names}", code=2)


def drill(
    wraps_file: _Wraps,
    share: _Share,
    challenge: Annotated[Path, typer.Option(help="challenge.json, from the operator.")],
    out_file: Annotated[Path, typer.Option("--out", help="New file for the answer.")],
) -> None:
    """Prove that two shares still open what is sealed to the mechanism: answer the operator's challenge."""
    with plain_errors():
        _require_new(out_file)
        answer = recovery.answer(challenge.read_bytes(), _wraps(wraps_file), _combined(share))
        files.write(out_file, answer + b"\n")
        _say(f"The shares open every key. Give {out_file} to the operator.")


def _combined(share: list[Path]) -> Identity:
    return recovery.combine([(str(path), path.read_text("utf-8")) for path in share])


def _wraps(path: Path) -> tuple[Wrap, ...]:
    return parse_wraps(path.read_bytes())


def _require_new(path: Path) -> None:
    if path.exists():
        fail(f"{path} is there already: nothing was changed")


def _say(text: str) -> None:
    """As it is: names come from others."""
    out.print(text, markup=False, emoji=False)
