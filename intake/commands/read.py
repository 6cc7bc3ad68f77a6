"""For mechanisms' programs and people: pull what is new, open it offline."""

import hashlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer

from crypto.age_keys import Identity
from crypto.bundles import Bundle, verify_bundle
from crypto.statement import PURPOSES
from intake.client import api, custody, mechanism_keys, opening, pull, submit, wraps
from intake.client.evidence import Refused
from intake.client.exported import Beside
from intake.client.mirror import Mirror
from intake.client.witness import Findings
from intake.commands.console import counted, err, fail, out, plain_errors
from intake.commands.verify import read_keys
from intake.record.names import record_name

_WHOSE = {
    custody.PERSON: "(signed by the person)",
    custody.MEMBERS: "(two of your members vouch that the person asked for it)",
    custody.UNVERIFIED: "(this program cannot verify who signed it, and obeys: it may be a restored receipt,"
    " or two of your members: then pull with --bundle)",
    custody.SERVICE: "(as the service says)",
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("pull")(pull_)
    app.command("open")(open_)


def pull_(
    server: Annotated[str, typer.Argument(help="Address of the service.")],
    client: Annotated[Path, typer.Option(help="The program's private file.")],
    out_folder: Annotated[Path, typer.Option("--out", help="Folder that collects records.")],
    purpose: Annotated[str, typer.Option(help=f"One of: {', '.join(PURPOSES)}.")],
    log_key: Annotated[
        list[str],
        typer.Option(help="A key of the logs as published elsewhere, or a file with one per line. Repeat."),
    ] = [],  # noqa: B006
    bundle: Annotated[
        Path | None, typer.Option(help="The mechanism's own bundle.json: warns of keys that it lacks.")
    ] = None,
    root: Annotated[
        str | None, typer.Option(help="Fingerprint of the mechanism's root: warns of keys it did not sign.")
    ] = None,
    logs: Annotated[
        str | None, typer.Option(help="Address of the public door, if the feed has one of its own.")
    ] = None,
) -> None:
    """Fetch new records, sealed as they are; check the logs and cosign them.

    Every access is logged, and shown to the submitter. Exit code 2: a log is forged. Then nothing more
    is pulled, and the folder is evidence.
    """
    with plain_errors():
        key, keys = pull.load_client(client), read_keys(log_key)
        incomplete = ""
        with _connected(server) as connection, _connected(logs or server) as public:
            feed = pull.FeedClient(connection, key, purpose)
            own = _readers(public, bundle, root)
            with counted() as bars:
                try:
                    pulled = pull.pull(
                        feed,
                        out_folder,
                        lambda record: err.print(f"record {record[:16]}…"),
                        log_keys=keys,
                        readers=own,
                        logs=public,
                        bars=bars,
                    )
                except Refused as error:
                    fail(str(error), 2)
                except pull.Incomplete as error:
                    pulled, incomplete = error.pulled, str(error)
        out.print(f"{len(pulled.records)} new records in {out_folder}, for {purpose}", markup=False)
        if pulled.revised:
            changed = ", ".join(f"{record[:16]}…" for record in pulled.revised)
            out.print(f"{len(pulled.revised)} changed: {changed}", markup=False)
        for record, reason in pulled.refused.items():
            held = (out_folder / "records" / record).exists()
            also = f"; what you hold was released before, and is no longer for {purpose}" if held else ""
            out.print(f"not released: {record[:16]}… ({reason}){also}", markup=False)
        for record, number in pulled.messages.items():
            what = f"{number} messages" if number > 1 else "a message"
            out.print(f"{what} about {record[:16]}…: intake messages {out_folder / 'records' / record}")
        _taken_back(pulled, out_folder)
        _report(pulled.log, out_folder, key.signer)
        if incomplete:
            fail(incomplete)


def _taken_back(pulled: pull.Pulled, folder: Path) -> None:
    """What people have taken back, whose word it is, and what has to be done now."""
    for record, due in pulled.deletions.items():
        err.print(
            f"DELETION of {record[:16]}… was asked for, and is due on {due}. Nothing of it is released until"
            " then; the person may still change their mind.",
            style="yellow",
            markup=False,
        )
    for record in pulled.unsigned:
        err.print(
            f"The service says that the DELETION of {record[:16]}… was cancelled, and the person has not"
            " signed that. Treat it as asked for: its day stays in deletions/, and ask the operator.",
            style="red",
            markup=False,
        )
    for ended in pulled.ended:
        where = folder / "withdrawn" / ended.record
        what = "CONSENT WITHDRAWN" if ended.whole else "CONSENT WITHDRAWN IN PART"
        if ended.revision is None:
            what = "ERASED"
        moved = "" if (where / "record.json").exists() else ", as far as it was here,"
        err.print(
            f"{what}: {ended.record[:16]}… {_WHOSE[ended.by]}. It{moved} is in {where}, and `intake open`"
            " passes over it. Delete it there, and everything that was made from it, unless the law binds"
            " you to keep it.",
            style="yellow",
            markup=False,
        )
        if ended.revision is not None:
            err.print(
                f"    Then tell the person: intake answer {where} {ended.revision} deleted (or: retained,"
                " court)",
                style="yellow",
                markup=False,
            )


def _readers(public: api.Api, bundle: Path | None, root: str | None) -> Bundle | None:
    """The mechanism's own bundle: from its people, or the service's if their root has signed it."""
    if bundle is not None:
        own = verify_bundle(bundle.read_bytes())
        if root is not None and own.root_fingerprint != _plain(root):
            fail(f"{bundle} is not signed by the root {root}")
        return own
    if root is None:
        return None
    for found in submit.fetch_bundles(public, {}).values():
        if found.root_fingerprint == _plain(root):
            return found
    fail(
        f"no mechanism of this service has the root {root}: ask the operator, and tell the mechanism's people"
    )


def _plain(fingerprint: str) -> str:
    return fingerprint.replace(" ", "").lower()


def _report(found: Findings, folder: Path, client: str) -> None:
    """What was verified, and what the person has to do or know."""
    for log, size in found.sizes.items():
        out.print(f"log of {log}: {size} entries verified, kept in {folder / 'log' / log}", markup=False)
    if found.cosigned:
        out.print(f"cosigned as {client}: {', '.join(found.cosigned)}", markup=False)
    if found.pinned:
        out.print(
            "These keys signed the logs, and no others will be believed from now on. Nobody has vouched for"
            " them yet: compare them with those that the operator published elsewhere."
        )
        for text in found.pinned:
            name, number, _ = text.split("+", 2)
            digest = hashlib.sha256(text.encode()).hexdigest()
            out.print(
                f"    {text if len(text) < 300 else f'{name}+{number}+… (SHA-256 {digest})'}", markup=False
            )
        out.print(f"In full: {folder / 'log' / 'records' / 'keys.txt'}, and the same of access", markup=False)
    for warning in found.warnings:
        err.print(f"WARNING: {warning}", style="yellow", markup=False)


def _short(key: str) -> str:
    """A key's text, or for an ML-DSA key, which fills a page, the hash of its text."""
    if len(key) < 300:
        return key
    name, number, _ = key.split("+", 2)
    return f"{name}+{number}+… (SHA-256 of its text: {hashlib.sha256(key.encode()).hexdigest()})"


def _connected(server: str) -> AbstractContextManager[api.Api]:
    return api.api(server, patience=300, waiting=lambda s: err.print(f"trying again in {s:.0f} s"))


def open_(
    pulled: Annotated[Path, typer.Argument(help="Folder of `intake pull`, or of an export.")],
    keys: Annotated[
        Path, typer.Option(help="Folder with the mechanism's identities (*.key), or your own saved key.")
    ],
    out_folder: Annotated[Path, typer.Option("--out", help="Where readable testimonies go.")],
    bundle: Annotated[
        Path | None,
        typer.Option(help="The mechanism's own bundle.json, if nothing in the folder of keys says its root."),
    ] = None,
) -> None:
    """Open pulled records, offline; refuse to show anything that does not hold.

    Of an export also what members wrote about a record, and messages.
    """
    with plain_errors():
        identities = mechanism_keys.identities(keys)
        if not identities:
            fail(f"no identity (AGE-SECRET-KEY-PQ-1…) in {keys}/*.key")
        identities = wraps.with_wraps(pulled, identities)
        root = _root(keys, bundle)
        bad, foreign, found = 0, 0, opening.pulled_records(pulled)
        newer = _newer_epoch(pulled, identities)
        all_beside = []
        for folder in found:
            opened = opening.open_record(folder, identities, out_folder, root)
            called = f"{opened.record[:16]}… ({record_name(opened.record)})"
            all_beside.append(opened.beside)
            if opened.foreign:
                foreign += 1
                out.print(f"{called}: not granted to these keys" + (newer and f"; {newer}"))
            else:
                text = f"{called}: {opened.parts} parts, {len(opened.media)} media"
                sealed = opened.sealed_elsewhere
                out.print(text + (f", {sealed} not granted" if sealed else ""))
            _beside(opened.beside)
            for part, reason in opened.problems.items():
                bad += 1
                err.print(f"    REFUSED {part}: {reason}", style="bold red", markup=False)
            for name in opened.left:
                _still_there(out_folder / opened.record / name)
            for name in opened.beside.left:
                err.print(
                    f"    {out_folder / opened.record / name} is of an earlier opening, and was not opened"
                    " this time: if it was taken back, delete it, unless the law binds you to keep it",
                    style="yellow",
                    markup=False,
                )
        for folder in opening.taken_back(pulled):
            if (out_folder / folder.name).exists() and not (pulled / "records" / folder.name).exists():
                _still_there(out_folder / folder.name)
        if bad:
            fail(f"{bad} parts or records do not hold and were not written: see above", 2)
        if foreign and newer:
            fail(f"{foreign} of {len(found)} records could not be opened: {newer}")
        if foreign and foreign == len(found):
            fail(
                f"none of the {foreign} records could be opened with the keys in {keys}: they are sealed to"
                " others. Are these the mechanism's identities, of the epoch in which the records came?"
            )
        if unchecked := sum(beside.unchecked for beside in all_beside):
            fail(
                f"{unchecked} notes and messages were not opened: nothing in {keys} says by which root your"
                " members are known. Add --bundle with your mechanism's bundle.json, or save your key anew."
            )
        closed = sum(beside.closed_entries for beside in all_beside)
        if closed and not any(beside.entries for beside in all_beside):
            fail(f"none of the {closed} notes could be opened: their key was not given to the keys in {keys}")
        if found:
            out.print(f"Readable testimonies are in {out_folder}", markup=False)
        else:
            out.print(f"There is no record in {pulled}", markup=False)


def _root(keys: Path, bundle: Path | None) -> mechanism_keys.Root | None:
    """By which the mechanism's people are known; None if nobody has said it."""
    if bundle is None:
        return mechanism_keys.root_of(keys)
    own = verify_bundle(bundle.read_bytes())
    return mechanism_keys.Root(own.mechanism, own.root)


def _beside(beside: Beside) -> None:
    """What was opened of notes and messages, and what was not."""
    told = [f"{beside.entries} notes"] if beside.entries else []
    told += [f"{beside.messages} messages"] if beside.messages else []
    told += [f"{beside.closed_entries} notes not given to these keys"] if beside.closed_entries else []
    told += [f"{beside.closed_messages} messages not granted"] if beside.closed_messages else []
    told += [f"{beside.unchecked} notes and messages not opened"] if beside.unchecked else []
    if told:
        out.print(f"    {', '.join(told)}")


def _newer_epoch(pulled: Path, identities: Sequence[Identity]) -> str:
    """That the mechanism has newer keys than these, as far as the pulled log tells; nothing if it has not."""
    state, held = pulled / "log" / "records", {one.recipient.fingerprint for one in identities}
    try:
        readers = Mirror.load(state).readers
    except ValueError:  # opening does not depend on what became of the logs
        return ""
    own = [epoch for _, epoch, _, fingerprint in readers if fingerprint in held]
    newest = max((epoch for _, epoch, _, _ in readers), default=0)
    if not own or newest <= max(own):
        return ""
    return (
        f"the mechanism has keys of epoch {newest}, and these end with epoch {max(own)}: unwrap again, into a"
        " new folder (docs/mechanisms.md, When somebody leaves)"
    )


def _still_there(path: Path) -> None:
    err.print(
        f"    {path} was opened before, and has been taken back: delete it, unless the law"
        " binds you to keep it",
        style="yellow",
        markup=False,
    )
