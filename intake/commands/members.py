"""For operators: inviting a mechanism's members, and admitting whom its root signed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from crypto.encoding import canonical_json
from intake import settings
from intake.audit import log
from intake.audit.events import Event
from intake.client import files
from intake.commands import demonstration
from intake.commands.casework import member_app
from intake.commands.console import days_text, fail, grouped, out, plain_errors
from intake.db import migrate
from intake.installation import Installation, open_installation
from intake.people import enrolment, invitations, leaving, mechanisms

_Mechanism = Annotated[str, typer.Argument(help="Id of the mechanism.")]


def register(_: typer.Typer) -> None:
    """Add the commands to those about members."""
    for name, command in _COMMANDS.items():
        member_app.command(name)(command)


def invite(
    mechanism: _Mechanism,
    role: Annotated[
        list[str],
        typer.Option(help="reviewer, custodian, key-holder; or alone: auditor, administrator. Repeat."),
    ],
    days: Annotated[int, typer.Option(help="How long the membership is meant to last.", min=1)] = 56,
) -> None:
    """Print a link with which one person enrols: valid for 72 hours, once (operator)."""
    with plain_errors():
        found = _ready()
        with found.database.write() as connection:
            secret = invitations.make(connection, mechanism, role, days)
            asked = " ".join(sorted(set(role)))
            log.append(connection, mechanism, Event.MEMBER_INVITED, for_roles=asked, days=days)
            root = mechanisms.get(connection, mechanism).root_fingerprint
        _say(invitations.link(found.settings.review_url, secret, root=root))
        _say(f"It names the root, which the person compares with the published one:\n    {grouped(root)}")


def requests(
    mechanism: _Mechanism,
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="Folder for MEMBER.request.json, for the root's keeper.")
    ] = None,
) -> None:
    """Who has enrolled and waits for the root's signature (operator)."""
    with plain_errors():
        with _ready().database.read() as connection:
            waiting = enrolment.waiting(connection, mechanism)
        for one in waiting:
            request = one.request
            who = f"{request.member} ({request.name or 'no name'})"
            _say(f"{who}: {', '.join(one.roles)}, {days_text(one.days)}")
            _say(f"    fingerprint, to be compared with the person: {grouped(request.fingerprint)}")
            if out_folder is not None:
                path = out_folder / f"{request.member}.request.json"
                # The days are for the keeper of the root; nobody has signed them.
                files.write(path, canonical_json({**json.loads(request.raw), "days": one.days}))
                _say(f"    written: {path}")
        if not waiting:
            _say("nobody waits")


def admit(
    mechanism: _Mechanism,
    card: Annotated[Path, typer.Argument(help="card.json from the root's keeper.")],
    alone: Annotated[
        bool, typer.Option("--alone", help="No two members are left who could agree: without them.")
    ] = False,
    longer: Annotated[
        bool,
        typer.Option("--longer", help="The card lasts longer than the invitation said, and is meant to."),
    ] = False,
) -> None:
    """Admit somebody whom the root signed, or renew a membership by a later card (operator)."""
    with plain_errors():
        with _ready().database.write() as connection:
            admitted = enrolment.admit(connection, mechanism, card.read_bytes(), alone, longer)
            log.append(connection, mechanism, Event.MEMBER_ADMITTED, subject=admitted.member)
        _say(f"{admitted.member} is {', '.join(admitted.roles)} of {mechanism} until {admitted.expires}")


def remove(
    mechanism: _Mechanism, member: Annotated[str, typer.Argument(help="Short name of the member.")]
) -> None:
    """End a membership at once: sessions, assignments, grants, sealed keys, certificate (operator)."""
    with plain_errors():
        with _ready().database.write() as connection:
            ended = leaving.remove(connection, mechanism, member)
            log.append(connection, mechanism, Event.MEMBER_REMOVED, subject=member)
        _say(f"{member} is a member of {mechanism} no longer")
        if leaving.opened_something(ended):
            _say("They held keys: the mechanism needs a new epoch of keys (intake keys rotate).")


def admit_demo() -> None:
    """Sign and admit everybody who has applied to the demonstration mechanism: for trying out only."""
    with plain_errors():
        found = _ready()
        keys = found.settings.data_dir / "demo-mechanism-keys"
        if not (keys / "root.key").exists():
            fail("there is no demonstration mechanism here: `make run` makes it")
        with found.database.read() as connection:
            founded = demonstration.founded(connection)
        admitted, refused = demonstration.admit(found, keys)
        for one in admitted:
            _say(f"{one.member} is {', '.join(one.roles)} of {one.mechanism} until {one.expires}")
        for member, error in refused.items():
            _say(f"{member} was not admitted: {error.detail}")
        if admitted:
            _say("For trying out only: nobody compared a fingerprint, and the root's key is on this machine.")
        if any(not founded and demonstration.holds(one) for one in admitted):
            _say(_ROOT_ALONE)
        if any(error.code == "second_person" for error in refused.values()):
            _say("Two members do that in the console, under People; then run this again.")
        if not admitted and not refused:
            _say("nobody waits")


_ROOT_ALONE = (
    "No second member had to agree: the rule of two does not hold before a mechanism has had two key-holders."
    " Then two members decide about each further key-holder and custodian."
)


def _ready() -> Installation:
    found = open_installation(settings.load())
    migrate.require_current(found.database)
    return found


def _say(text: str) -> None:
    """As it is: names come from others."""
    out.print(text, markup=False, emoji=False)


_COMMANDS: dict[str, Callable[..., None]] = {
    "invite": invite,
    "requests": requests,
    "admit": admit,
    "admit-demo": admit_demo,
    "remove": remove,
}
