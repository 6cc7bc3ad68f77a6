"""For operators: which mechanisms there are, and what they offer. Only what is public comes in."""

from pathlib import Path
from typing import Annotated

import typer

from crypto.encoding import canonical_json
from crypto.profiles import Profile
from intake import clock, settings
from intake.audit.events import Log
from intake.commands.console import grouped, out, plain_errors
from intake.db import migrate
from intake.installation import Installation, open_installation
from intake.people import drills, mechanisms, profiles, wraps
from intake.record import consent_texts

mechanism_app = typer.Typer(no_args_is_help=True, help="Mechanisms known to this server (operator).")
_Id = Annotated[str, typer.Argument(help="Id of the mechanism.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(mechanism_app, name="mechanism")


@mechanism_app.command("add")
def add_mechanism(bundle: Annotated[Path, typer.Argument(help="bundle.json from the mechanism.")]) -> None:
    """Import a public bundle, new or renewed. Compare the fingerprint with the published one."""
    with plain_errors():
        data = bundle.read_bytes()
        found = _ready()
        with found.database.write() as connection:
            added = mechanisms.add(connection, data)
            waits = not mechanisms.drilled(connection, added.mechanism)
        # Now, and not in an hour: nobody seals to a key that no checkpoint covers.
        found.publisher.publish(added.mechanism, Log.RECORDS, now=True)
        out.print(f"{added.mechanism}: {len(added.keys)} keys, root {grouped(added.root_fingerprint)}")
        if waits:
            _say(f"It takes testimonies after a drill: intake mechanism drill {added.mechanism} --out FILE")


@mechanism_app.command("profile")
def add_profile(
    profile: Annotated[Path, typer.Argument(help="profile-<version>.json from the mechanism.")],
) -> None:
    """Import what a mechanism is, offers and announces. Says what changes for people from now on."""
    with plain_errors():
        data = profile.read_bytes()
        with _ready().database.write() as connection:
            before = profiles.newest(connection)
            added = profiles.add(connection, data)
            ids = set(before)
        old = before[added.mechanism]
        if old.version == added.version:
            _say(f"{added.mechanism}: version {added.version} was there already, nothing changed")
            return
        _say(f"{added.mechanism}: version {added.version} of the profile, sha256 {added.sha256}")
        for line in _changes(old, added):
            _say(f"    {line}")
        for other in (*added.continues, *([added.continued_by] if added.continued_by else [])):
            if other not in ids:
                _say(f"    note: this server knows no mechanism {other}")


@mechanism_app.command("list")
def list_mechanisms() -> None:
    """All mechanisms: whether they take testimonies, their profile, and until when their keys are valid."""
    with plain_errors():
        with _ready().database.read() as connection:
            found, offered = mechanisms.known(connection), profiles.newest(connection)
            drilled = {id: mechanisms.drilled(connection, id) for id in found}
        for id, known in found.items():
            bundle, profile = known.bundle, offered[id]
            until = max(key.expires for key in bundle.keys)
            _say(f"{id}: {bundle.names['en']}, {_state(known, profile, drilled[id])}")
            version = f"profile {profile.version}" if profile.version else "no profile"
            _say(f"    {version}, keys until {until}, root {grouped(bundle.root_fingerprint)}")


@mechanism_app.command("show")
def show(
    mechanism: _Id,
    version: Annotated[int | None, typer.Option(help="Of the profile; the newest one otherwise.")] = None,
) -> None:
    """What a mechanism is, offers and announces, and which versions of its profile there are."""
    with plain_errors():
        with _ready().database.read() as connection:
            mechanisms.get(connection, mechanism)
            known = mechanisms.known(connection)[mechanism]
            drilled = mechanisms.drilled(connection, mechanism)
            newest, versions = profiles.newest(connection)[mechanism], profiles.history(connection, mechanism)
            profile = newest if version is None else profiles.get(connection, mechanism, version)
        _say(f"{mechanism}: {_state(known, newest, drilled)}")
        for language, name in sorted(known.bundle.names.items()):
            _say(f"    name ({language}): {name}")
        _say(f"    root: {grouped(known.bundle.root_fingerprint)}")
        _say(f"    versions: {', '.join(str(p.version) for p in versions) or 'none'}")
        if profile.version:
            _say(f"profile {profile.version} of {profile.day}, sha256 {profile.sha256}")
        else:
            _say("no profile: what holds is")
        for name, value in _described(profile).items():
            _say(f"    {name}: {value}")


@mechanism_app.command("wraps")
def add_wraps(
    mechanism: _Id, wraps_file: Annotated[Path, typer.Argument(help="wraps.json from the mechanism.")]
) -> None:
    """Import keys that are sealed to a mechanism's members, programs and recovery key. Opens nothing."""
    with plain_errors():
        data = wraps_file.read_bytes()
        with _ready().database.write() as connection:
            added = wraps.add(connection, mechanism, data)
            missing = wraps.lacking(connection, mechanism)
        readers = sorted({f"{wrap.kind} {wrap.reader}" for wrap in added})
        _say(f"{mechanism}: {len(added)} wraps for {', '.join(readers) or 'nobody'}")
        for member, keys in missing.items():
            _say(f"    {member} has none yet of: {', '.join(f'epoch {e} {c}' for e, c in keys)}")


@mechanism_app.command("drill")
def ask_drill(
    mechanism: _Id, out_file: Annotated[Path, typer.Option("--out", help="File for the challenge.")]
) -> None:
    """Ask a mechanism's people to show that two shares bring its keys back."""
    with plain_errors():
        with _ready().database.write() as connection:
            challenge = drills.ask(connection, mechanism)
        out_file.write_bytes(challenge + b"\n")
        _say(f"Give {out_file} to the people of {mechanism}: they answer it with intake keys drill")


@mechanism_app.command("drilled")
def take_drill(
    mechanism: _Id, answer: Annotated[Path, typer.Argument(help="answer.json from the mechanism.")]
) -> None:
    """Take the answer to a drill. The first one opens the mechanism for testimonies."""
    with plain_errors():
        data = answer.read_bytes()
        with _ready().database.write() as connection:
            epoch, opened = drills.finish(connection, mechanism, data)
        _say(f"{mechanism}: the keys of epoch {epoch} can be brought back")
        if opened:
            _say(f"{mechanism} takes testimonies")


@mechanism_app.command("close")
def close(mechanism: _Id) -> None:
    """Let a mechanism take nothing new from now on. What it has, it may go on reading."""
    with plain_errors():
        with _ready().database.write() as connection:
            mechanisms.close(connection, mechanism)
        _say(f"{mechanism} takes no new testimonies")


@mechanism_app.command("reopen")
def reopen(mechanism: _Id) -> None:
    """Let a mechanism take new testimonies again."""
    with plain_errors():
        with _ready().database.write() as connection:
            mechanisms.reopen(connection, mechanism)
            profile = profiles.newest(connection)[mechanism]
        if profile.takes_on(clock.day()):
            _say(f"{mechanism} takes testimonies")
        else:
            _say(f"{mechanism} would, but its own profile closed it after {profile.closes}")


@mechanism_app.command("texts")
def list_texts() -> None:
    """The texts that people read before a consent: versions, languages, hashes."""
    with plain_errors():
        for text in consent_texts.every():
            mark = ", shown now" if text.version == consent_texts.VERSION else ""
            _say(f"{text.version} {text.language} sha256 {text.sha256}{mark}")


def _ready() -> Installation:
    found = open_installation(settings.load())
    migrate.require_current(found.database)
    return found


def _say(text: str) -> None:
    """As it is: names and texts come from others."""
    out.print(text, markup=False, emoji=False)


def _state(known: mechanisms.Known, profile: Profile, drilled: set[int]) -> str:
    if not known.open:
        return "closed here" if drilled else "closed until a drill has succeeded"
    if not profile.takes_on(clock.day()):
        return f"closed by its profile after {profile.closes}"
    return "takes testimonies" + (f" until {profile.closes}" if profile.closes else "")


def _described(profile: Profile) -> dict[str, str]:
    """Everything a profile says, one line each."""
    lines = {}
    for name in ("mandate", "hold", "note"):
        for language, text in sorted((getattr(profile, name) or {}).items()):
            lines[f"{name} ({language})"] = " ".join(text.split())
    for name in ("purposes", "compartments", "conditions", "continues"):
        lines[name] = ", ".join(getattr(profile, name)) or "none"
    lines |= {
        "continued by": profile.continued_by or "nobody",
        "answers messages": "yes" if profile.contact else "no",
        "accesses are shown": f"after {profile.delay_days} days" if profile.delay_days else "at once",
        "takes testimonies until": profile.closes or "further notice",
    }
    for number, question in enumerate(profile.questions, start=1):
        lines[f"question {number}"] = canonical_json(question).decode()
    return lines


def _changes(before: Profile, after: Profile) -> list[str]:
    old, new = _described(before), _described(after)
    lines = []
    for name in sorted(old.keys() | new.keys(), key=list({**new, **old}).index):
        if old.get(name) != new.get(name):
            lines.append(f"{name}: {old.get(name, 'none')} → {new.get(name, 'none')}")
    return lines
