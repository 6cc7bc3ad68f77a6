"""Coming back with the receipt: read, add, correct, allow, withdraw, delete."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from crypto.compartments import CLASSES
from crypto.encoding import Json
from crypto.profiles import CONDITIONS
from intake.client import api, folder, submit
from intake.client.document import FolderError, Given, Testimony, read_answers
from intake.client.own import Changed, Own, section_of
from intake.client.sealing import check_choices, today
from intake.commands import watch
from intake.commands.console import err, fail, out, plain_errors, transfer
from intake.commands.send import (
    LOCAL,
    Capacity,
    Language,
    OpenAlso,
    Origin,
    Roots,
    Server,
    TextLanguage,
    To,
    _ask_receipt,
    _pair,
    answered,
    ask_consent,
    consent_text,
    consents,
    on_terms,
    show_mechanisms,
    terms,
    waiting,
)
from intake.commands.verify import read_keys
from intake.record.consent import CONTACTS, IDENTITY_USES, Choice
from intake.record.dates import Date, DateError
from intake.record.opened import OpenedRecord, Said
from intake.record.questions import Question, section
from intake.record.sections import DECLINED, UNKNOWN
from intake.record.vocabulary import country_names, vocabulary

_Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="narrative.txt, photos; testimony.json.")]
_Mechanism = Annotated[str, typer.Argument(metavar="MECHANISM")]
_Without = Annotated[
    list[str],
    typer.Option(help="A mechanism that is said to have no consent any more: withdraw from it. Repeat."),
]
_OUTCOMES = {
    "destroyed": "it had never opened it, and can no longer: its keys to it are destroyed",
    "deleted": "it had opened it. It is told, gets nothing more, and has to say what became of its copies",
    "locked": "it had opened it, and keeps it locked by the law that it announced; it is released to nobody",
}
_PLAIN = {
    "en": {True: "yes", False: "no", "unknown": "don't know", "declined": "prefer not to say"},
    "be": {True: "так", False: "не", "unknown": "не ведаю", "declined": "не хачу адказваць"},
    "ru": {True: "да", False: "нет", "unknown": "не знаю", "declined": "не хочу отвечать"},
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (mine, add, correct, withdraw, blind, delete):
        app.command()(command)
    app.command("consent")(consent)


def mine(
    server: Server = LOCAL,
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
    text_language: TextLanguage = "en",
) -> None:
    """Show what was received under a receipt (asked for), opened on this machine, and who opened it.

    The list of accesses is compared with the signed logs, which are fetched whole. Exit code 2: it does
    not hold, or the promise was broken.
    """
    with plain_errors():
        given = read_keys(log_key)
        consent_text(text_language)
        keys = _ask_receipt().keys()
        with api.api(server, patience=60, waiting=waiting) as connection:
            own = Own(connection, keys)
            out.print(f"Record {own.statement.record}, received {own.received_day}")
            if own.statement.revision > 1:
                out.print(f"Changed since: this is revision {own.statement.revision}")
            for name, choice in own.choices().items():
                out.print(f"May be opened by {_allowed(name, choice)}", markup=False)
            _show(own.opened(), text_language)
            if own.blind:
                out.print("\nThis receipt no longer shows what was written.")
            if proofs_to is not None:
                watch.save_proofs(connection, own.headers, own.statement.record, proofs_to)
            looking = watch.Watch(connection, own.headers, given)
            looking.show(own.revisions, own.statement, keys, promise)
            if own.opened().problems:
                fail("what the service shows is not what was signed: keep this output, and show it", 2)


def add(
    path: _Folder,
    server: Server = LOCAL,
    capacity: Capacity = None,
    language: Language = None,
    origin: Origin = "unsaid",
    root: Roots = [],  # noqa: B006
    without: _Without = [],  # noqa: B006
) -> None:
    """Add a further text, sections or files to what was sent under a receipt."""
    with plain_errors():
        found = _addition(path, Given(language, capacity, origin, later=True))
        with _own(server) as (connection, own):
            _add(connection, own, found, root, {}, without)


def correct(
    path: _Folder,
    server: Server = LOCAL,
    capacity: Capacity = None,
    language: Language = None,
    origin: Origin = "unsaid",
    root: Roots = [],  # noqa: B006
    without: _Without = [],  # noqa: B006
) -> None:
    """Correct: the text and the sections in a folder stand instead of those that were sent last.

    What they replace is kept beside them. A section that was not there is added.
    """
    with plain_errors():
        found = _addition(path, Given(language, capacity, origin, later=True))
        with _own(server) as (connection, own):
            if own.blind:
                fail("this receipt no longer shows what was written, so it cannot be corrected: use add")
            replaces = own.corrected(found)
            if not replaces:
                fail("nothing of this was there before: use add")
            out.print(f"Replaced: {', '.join(replaces)}", markup=False)
            _add(connection, own, found, root, replaces, without)


def consent(
    to: To = [],  # noqa: B006
    open_also: OpenAlso = [],  # noqa: B006
    server: Server = LOCAL,
    root: Roots = [],  # noqa: B006
    until: Annotated[str | None, typer.Option(help="Last day, YYYY-MM-DD; none: without an end.")] = None,
    successor: Annotated[
        bool | None,
        typer.Option("--successor/--no-successor", help="Also the body appointed to continue the mandate."),
    ] = None,
    identity: Annotated[
        str | None, typer.Option(help=f"Who may learn the name: {', '.join(IDENTITY_USES)}.")
    ] = None,
    contact: Annotated[str | None, typer.Option(help=f"May they write: {', '.join(CONTACTS)}.")] = None,
    condition: Annotated[
        list[str], typer.Option(help=f"{', '.join(CONDITIONS)}; none: without conditions. Repeat.")
    ] = [],  # noqa: B006
    state: Annotated[list[str], typer.Option(help="With not_to_states: ISO 3166 code. Repeat.")] = [],  # noqa: B006
    answers: Annotated[
        Path | None,
        typer.Option(help='JSON: {"MECHANISM": {"QUESTION": "…"}}, to what mechanisms themselves ask.'),
    ] = None,
    text_language: TextLanguage = "en",
    without: _Without = [],  # noqa: B006
    yes: Annotated[bool, typer.Option("--yes", help="The consent was given: do not ask.")] = False,
) -> None:
    """Allow a mechanism something else than before, or name another one. The others stay as they are.

    Purposes and what may be opened are those that are given now. Of the rest, what is not given stays as
    it was chosen for this mechanism before.
    """
    with plain_errors():
        choices = list(consents(to, open_also))
        if not choices:
            fail("to whom? --to MECHANISM:PURPOSE")
        named = terms(until, successor, identity, contact, condition, state)
        given = read_answers(answers, [c.mechanism for c in choices]) if answers else {}
        text = consent_text(text_language)
        roots = dict(_pair(value) for value in root)
        with _own(server) as (connection, own), transfer() as progress:
            offered = submit.fetch_mechanisms(connection, roots)
            before = own.choices()
            for name in sorted({c.mechanism for c in choices} & set(before)) if own.blind else ():
                if not (condition and identity and contact):
                    fail(
                        f"This receipt cannot read which conditions, contact and use of the name hold for"
                        f" {name}, and a new consent takes their place: say all three, --condition (none:"
                        " without conditions), --identity and --contact"
                    )
            choices = [on_terms(choice, before.get(choice.mechanism), named) for choice in choices]
            choices = answered(choices, given, before, offered, text.language)
            if problems := check_choices(choices, offered, text.language, today(), "--to"):
                raise FolderError(problems)
            show_mechanisms([Testimony("", "", "", (), tuple(choices))], offered, roots, text.language)
            ask_consent(text, 1, yes)
            _report(own.allow(choices, offered, text, progress, without=without))


def withdraw(
    mechanism: _Mechanism,
    classes: Annotated[
        list[str],
        typer.Option(help=f"Only these: {', '.join(c for c in CLASSES if c != 'account')}. Repeat."),
    ] = [],  # noqa: B006
    server: Server = LOCAL,
    without: _Without = [],  # noqa: B006
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Withdraw the consent given to a mechanism, or some of what it may open."""
    with plain_errors():
        wanted = [name.strip() for value in classes for name in value.split(",")]
        with _own(server) as (connection, own):
            if not yes:
                typer.confirm(f"Withdraw {', '.join(wanted) or 'everything'} from {mechanism}?", abort=True)
            offered = submit.fetch_mechanisms(connection, {})
            _tell(own.withdraw(mechanism, wanted, offered, consent_text("en"), without=without))


def blind(
    server: Server = LOCAL,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """From now on the receipt shows nothing of what was written. This cannot be undone.

    It goes on to add, to exchange messages and to withdraw; mechanisms read on.
    """
    with plain_errors():
        with _own(server) as (_, own):
            if not yes:
                typer.confirm("Nobody will be able to read it with this receipt again. Go on?", abort=True)
            own.forget()
        out.print("Done: whoever has this receipt cannot read what was written.")


def delete(
    cancel: Annotated[bool, typer.Option("--cancel", help="Keep it: cancel what was asked before.")] = False,
    server: Server = LOCAL,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Delete everything: released to nobody from now on, deleted after 14 days. Until then --cancel."""
    with plain_errors(), _own(server) as (_, own):
        if cancel:
            own.keep()
            out.print("Cancelled: everything is as it was.")
            return
        if not yes:
            typer.confirm("Delete everything that was sent under this receipt?", abort=True)
        due = own.delete()
        out.print(f"It is released to nobody from now on, and deleted on {due}. Until then: --cancel.")
        out.print(
            "What a mechanism has read it may keep if a law that it announced makes it: then it is locked."
        )


# --- steps ---


@contextmanager
def _own(server: str) -> Iterator[tuple[api.Api, Own]]:
    keys = _ask_receipt().keys()
    with api.api(server, waiting=waiting) as connection:
        yield connection, Own(connection, keys)


def _addition(path: Path, given: Given) -> Testimony:
    found, problems = folder.examine(path, given)
    if found is None:
        raise FolderError(problems)
    return found


def _add(
    connection: api.Api,
    own: Own,
    found: Testimony,
    root: list[str],
    replaces: Mapping[str, str],
    without: list[str],
) -> None:
    offered = submit.fetch_mechanisms(connection, dict(_pair(value) for value in root))
    with transfer() as progress:
        changed = own.add(found, offered, consent_text("en"), progress, replaces, without=without)
    _report(changed)


def _report(changed: Changed) -> None:
    out.print(f"Received: revision {changed.revision}")
    _tell(changed.withdrawn)
    for mechanism in sorted(changed.left_out):
        err.print(f"{mechanism} takes nothing new now: it keeps what it had", style="yellow", markup=False)
    if changed.sent.broken is not None:
        watch.complain(changed.sent)


def _tell(withdrawn: Mapping[str, str]) -> None:
    for mechanism, outcome in withdrawn.items():
        out.print(f"Withdrawn from {mechanism}: {_OUTCOMES.get(outcome, outcome)}", markup=False)


def _allowed(name: str, choice: Choice) -> str:
    """One consent in one line."""
    said = [f"{name}: {', '.join(choice.purposes)}"]
    if more := [c for c in choice.classes if c != "account"]:
        said.append(f"opens also {', '.join(more)}")
    if choice.expires:
        said.append(f"until {choice.expires}")
    if choice.identity not in (None, "closed"):
        said.append(f"name known to: {choice.identity}")
    if choice.contact not in (None, "never"):
        said.append(f"may write: {choice.contact}")
    said += choice.conditions
    if choice.states:
        said.append(f"not to {', '.join(choice.states)}")
    return "; ".join(said)


def _show(opened: OpenedRecord, language: str) -> None:
    """Texts with their corrections, sections in words, files; and what does not hold."""
    for said in opened.current("narrative"):
        out.print(f"\n{said.values.get('text', '')}", markup=False)
        _mark(opened, said)
    for said in opened.current("section"):
        for line in _section(said, language):
            out.print(line, markup=False)
        _mark(opened, said)
    for said in opened.of("label"):
        out.print(f"\n{said.values['name']} ({said.values['size']} bytes)", markup=False)
    for part, problem in opened.problems.items():
        err.print(f"    DOES NOT HOLD: {part}: {problem}", style="bold red", markup=False)


def _mark(opened: OpenedRecord, said: Said) -> None:
    """Say that a part has replaced others."""
    count, before = 0, said.revises
    by_id = {other.entry.id: other for other in opened.said}
    while before in by_id and count < len(by_id):
        count, before = count + 1, by_id[before].revises
    if count:
        out.print(f"    (corrected; {count} earlier {'version is' if count == 1 else 'versions are'} kept)")


def _section(said: Said, language: str) -> Iterator[str]:
    id, answers = section_of(said)
    try:
        asked = section(id)
    except KeyError:
        yield f"\n{id or 'A section of a later version'}"
        yield from (f"    {name}: {value}" for name, value in said.values.items())
        return
    yield f"\n{asked.title[language]}"
    items = answers if isinstance(answers, list) else [answers]
    questions = {question.id: question for question in asked.questions}
    for number, item in enumerate(items, start=1):
        if asked.repeated:
            yield f"    {(asked.item_title or asked.title)[language]} {number}"
        for name, value in item.items():
            question = questions.get(name)
            label = question.label[language] if question else name
            yield f"    {label}: {_answer(question, value, language)}"


def _answer(question: Question | None, value: Json, language: str) -> str:
    plain = _PLAIN[language]
    if value in (UNKNOWN, DECLINED):
        return plain[value["unsaid"]]
    if isinstance(value, bool):
        return plain[value]
    if question and question.vocabulary:
        terms = vocabulary(question.vocabulary)
        codes = value if isinstance(value, list) else [value]
        return ", ".join(terms.label(str(code), language) for code in codes)
    if question and question.type == "date":
        try:
            return Date.parse(value).words(language)
        except DateError:
            return str(value)
    if question and question.type == "country":
        return country_names(language).get(str(value), str(value))
    return str(value)
