"""For anybody: check a whole log, or one proof, without trusting the service. Exit codes are in the help."""

import re
from pathlib import Path
from typing import Annotated

import typer

from crypto.checkpoints import Cosigned
from crypto.errors import CryptoError, FormatError, VerifyError
from crypto.notes import VerifierKey
from intake.client import files, listed, log, mirror, proofs, saved, verify
from intake.client.log import FolderLog, NotThere, Source
from intake.commands.console import counted, err, fail, out, plain_errors

verify_app = typer.Typer(no_args_is_help=True, help="Check logs and proofs, without trusting the service.")
WRONG, UNAUTHENTICATED = 2, 3  # exit codes

Keys = Annotated[
    list[str],
    typer.Option("--key", help="The log's verifier key, as published, or a file with one per line. Repeat."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(verify_app, name="verify")


@verify_app.command("log")
def log_(
    where: Annotated[
        str,
        typer.Argument(metavar="URL|FOLDER", help="…/log/MECHANISM/records, or OUT/log/records of a pull."),
    ],
    key: Keys = [],  # noqa: B006
    witness: Annotated[
        list[str], typer.Option(help="A witness's verifier key, or a file with some. Repeat.")
    ] = [],  # noqa: B006
    quorum: Annotated[
        int | None, typer.Option(min=0, help="How many of the witnesses must have signed; else all.")
    ] = None,
    against: Annotated[
        list[str],
        typer.Option(help="Another copy (URL or folder) or checkpoint file to compare with. Repeat."),
    ] = [],  # noqa: B006
) -> None:
    """Check every entry, every tile, the root and the signatures of a log.

    Exit code 2: something is wrong, and is named. 3: all fits together, but without keys nobody knows
    who made it.
    """
    with plain_errors(), log.opened(where, _waiting) as source, counted() as progress:
        keys, witnesses = read_keys(key), read_keys(witness)
        if not key and isinstance(source, FolderLog) and (Path(where) / "keys.txt").exists():
            keys = read_keys([str(Path(where) / "keys.txt")])
            out.print(f"With the keys that were pinned when it was pulled: {where}/keys.txt", markup=False)
        earlier = mirror.kept(Path(where)) if isinstance(source, FolderLog) else {}
        try:
            needed = len(witnesses) if quorum is None else quorum
            checked = verify.verify(source, keys, witnesses, needed, progress, earlier)
            compared = [_compare(source, other, keys) for other in against]
        except NotThere as error:
            fail(f"there is no log at {where}: {error}")
        except VerifyError as error:
            fail(f"WRONG: {error}", WRONG)
        _report(checked, len(witnesses), compared)
        if checked.signed is None:
            err.print(_UNSIGNED.format(origin=checked.checkpoint.origin), style="yellow", markup=False)
            raise typer.Exit(UNAUTHENTICATED)


@verify_app.command("proof")
def proof_(
    file: Annotated[Path, typer.Argument(help="A log proof, or the log.json beside a pulled record.")],
    key: Keys = [],  # noqa: B006
    record: Annotated[str | None, typer.Option(help="The record that it must be about.")] = None,
) -> None:
    """Check a log proof offline, and say what it proves.

    Exit code 2: it does not hold. 3: it fits together, but without keys nobody knows who made it.
    """
    with plain_errors():
        data, keys = file.read_bytes(), read_keys(key)
        try:
            found = proofs.check_proof(data, keys, record)
        except CryptoError as error:
            fail(f"this proves nothing: {error}", WRONG)
        said = (
            f"the log {found.origin} holds, as entry {found.index} of {found.size}, that record"
            f" {found.record} was received for the mechanism {found.mechanism} on {found.day}"
        )
        if found.signed is None:
            out.print(f"It says that {said}.", markup=False)
            err.print(_UNSIGNED.format(origin=found.origin), style="yellow", markup=False)
            raise typer.Exit(UNAUTHENTICATED)
        out.print(
            f"This proves that {said}. It does not prove what the record says, who sent it, or that it is"
            " true.",
            markup=False,
        )
        _signatures(found.signed.log)


@verify_app.command("saved")
def saved_(
    file: Annotated[Path, typer.Argument(help="A log that an auditor saved in the console.")],
    key: Keys = [],  # noqa: B006
    against: Annotated[list[Path], typer.Option(help="Another one of the same log. Repeat.")] = [],  # noqa: B006
    list_: Annotated[bool, typer.Option("--list", help="Print the signed entries, a line each.")] = False,
    table: Annotated[
        Path | None, typer.Option("--csv", help="Write them as a table into this new file.")
    ] = None,
    month: Annotated[str, typer.Option(help="Of the list: only this month, YYYY-MM.")] = "",
    record: Annotated[
        str, typer.Option(help="Of the list: only the record whose id or name begins like that.")
    ] = "",
    member: Annotated[
        str, typer.Option(help="Of the list: only what this member did, or client:NAME, a program.")
    ] = "",
) -> None:
    """Check a log that was saved in the console, offline: what each entry says, and that the log signed it.

    With --list or --csv also the entries, if all of it holds: who, when, what, about which record, why.
    Exit code 2: something is wrong, and is named. 3: all fits together, but without keys nobody knows who
    made it.
    """
    with plain_errors():
        asked = listed.Asked(month, record, member)
        _check_list(list_, table, asked, key)
        keys = read_keys(key)
        try:
            found = saved.check(file.read_bytes(), keys)
            wrong = list(found.wrong)
            for other in against:
                theirs = saved.check(other.read_bytes(), keys)
                wrong += [f"{other}: {one}" for one in theirs.wrong + saved.compare(found, theirs)]
        except CryptoError as error:
            fail(f"this cannot be checked: {error}", WRONG)
        if wrong:
            for one in wrong[:_MOST]:
                err.print(f"WRONG: {one}", style="red", markup=False)
            nothing = ": nothing of it is listed" if list_ or table else ""
            fail(f"{len(wrong)} things do not hold in {file}{nothing}", WRONG)
        first, last = min(found.leaves, default=0), max(found.leaves, default=-1)
        out.print(
            f"{found.origin}: entries {first} to {last} say what the log has; {len(found.covered)} of"
            " them are signed."
            f" Silent, because a testimony was erased: {len(found.silent)}.",
            markup=False,
        )
        for other in against:
            out.print(f"Nothing in it contradicts {other}.", markup=False)
        if found.signed is None:
            err.print(_UNSIGNED.format(origin=found.origin), style="yellow", markup=False)
            raise typer.Exit(UNAUTHENTICATED)
        _signatures(found.signed.log)
        if list_ or table:
            _list(listed.listed(found, asked), list_, table)


def _check_list(printed: bool, table: Path | None, asked: listed.Asked, key: list[str]) -> None:
    """Ends before anything is read where a list could not be made as it is asked for."""
    if not printed and table is None:
        if asked != listed.Asked():
            fail("--month, --record and --member choose what is listed: give --list or --csv FILE, too")
        return
    if not key:
        fail("a list is made of what the log signed: give its keys with --key", UNAUTHENTICATED)
    if asked.month and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", asked.month):
        fail("--month is YYYY-MM, for example 2026-11")
    if table is not None and table.exists():
        fail(f"{table} is there already")


def _list(found: listed.Listed, printed: bool, table: Path | None) -> None:
    if printed:
        for row in found.rows:
            out.print(listed.line(row), markup=False, emoji=False)
    if table is not None:
        files.write_secret(table, listed.table(found.rows))
        out.print(f"Written: {table}. It names members and records.", markup=False)
    for sentence in found.about:
        out.print(sentence, markup=False)


_MOST = 20  # lines of what is wrong
_UNSIGNED = (
    "Nothing was authenticated: without --key, anybody could have made this. The keys are those of {origin};"
    " take them from where the operator published them."
)


def read_keys(values: list[str]) -> list[VerifierKey]:
    """Verifier keys as texts, or in files with one per line."""
    found: list[VerifierKey] = []
    for value in values:
        try:
            found.append(VerifierKey.parse(value))
        except FormatError:
            if len(value) > 1000 or not Path(value).is_file():
                fail(f"neither a verifier key nor a file with some: {value[:80]}")
            lines = Path(value).read_text("utf-8").splitlines()
            found += proofs.verifier_keys([line.strip() for line in lines if line.strip()])
    return found


def _compare(source: Source, other: str, keys: list[VerifierKey]) -> str:
    """Compare with another copy, or with somebody's checkpoint; what was found equal."""
    if not other.startswith(("http://", "https://")) and Path(other).is_file():
        checkpoint = verify.compare_checkpoint(source, Path(other).read_bytes(), keys)
        return f"The checkpoint of {checkpoint.size} entries in {other} is of the same history."
    with log.opened(other, _waiting) as theirs:
        ours, size = verify.compare(source, theirs, keys)
    return f"The first {min(ours, size)} entries are the same as in {other}."


def _report(checked: verify.Checked, asked: int, compared: list[str]) -> None:
    checkpoint = checked.checkpoint
    out.print(
        f"{checkpoint.origin}: {checkpoint.size} entries, {checked.tiles} tiles and the root are what they"
        " should be.",
        markup=False,
    )
    if checked.earlier:
        out.print(f"{checked.earlier} checkpoints that were kept here are all of this history.")
    for sentence in compared:
        out.print(sentence, markup=False)
    if checked.signed is not None:
        _signatures(checked.signed.log)
        if asked:
            out.print(f"Cosigned by {len(checked.signed.witnesses)} of the {asked} witnesses asked for.")
            _signatures(checked.signed.witnesses)


def _signatures(signed: tuple[Cosigned, ...]) -> None:
    for one in signed:
        out.print(f"    signed by {one.key.name}+{one.key.id.hex()}", markup=False)


def _waiting(seconds: float) -> None:
    err.print(f"no connection; trying again in {seconds:.0f} s", style="yellow")
