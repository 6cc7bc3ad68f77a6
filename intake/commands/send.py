"""For submitters and documenters: seal here, send."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from crypto import checks
from crypto.compartments import CLASSES
from crypto.encoding import Json
from crypto.profiles import Profile
from crypto.receipt import MistypedReceipt, Receipt
from crypto.statement import PURPOSES
from intake.client import api, conditions, interviews, receipts, submit, tables
from intake.client.announced import require_logged
from intake.client.document import FolderError, Given, Problem, Testimony
from intake.client.interviews import Interview
from intake.client.sealing import Mechanisms, check_choices, today
from intake.client.submit import Sent
from intake.commands import watch
from intake.commands.console import err, fail, grouped, out, plain_errors, transfer
from intake.i18n import LANGUAGES
from intake.record import consent_texts
from intake.record.consent import Choice
from intake.record.consent_texts import ConsentText
from intake.record.questions import parse_questions
from intake.record.vocabulary import CAPACITIES

Server = Annotated[str, typer.Option("--server", help="Address of the service.")]
Roots = Annotated[
    list[str], typer.Option("--root", help="MECHANISM=FINGERPRINT of its root, as published. Repeat.")
]
To = Annotated[list[str], typer.Option("--to", help="MECHANISM:PURPOSE[,PURPOSE…]. Repeat.")]
OpenAlso = Annotated[
    list[str],
    typer.Option("--open-also", help="Compartments granted besides account: triage, identity, sensitive."),
]
Capacity = Annotated[str | None, typer.Option("--capacity", help=f"One of: {', '.join(CAPACITIES)}.")]
Language = Annotated[
    str | None, typer.Option("--language", help="Language of the narrative, for example be.")
]
Origin = Annotated[
    str, typer.Option("--origin", help="Who took the photos: self, received, downloaded, unsaid.")
]
TextLanguage = Annotated[
    str, typer.Option("--text-language", help="Language of the consent text: be, ru, en.")
]
Destroy = Annotated[
    bool,
    typer.Option("--destroy-receipts", help="Nobody gets a receipt: nobody can come back to what was told."),
]
Only = Annotated[
    list[str], typer.Option("--only", help="Of many interviews, only the one of this id. Repeat.")
]
LOCAL = "http://127.0.0.1:8000"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("submit")(submit_)


def submit_(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="INTERVIEWS", help="A folder, a folder of folders, a .jsonl or .csv file."),
    ] = None,
    server: Server = LOCAL,
    to: To = [],  # noqa: B006
    open_also: OpenAlso = [],  # noqa: B006
    capacity: Capacity = None,
    language: Language = None,
    origin: Origin = "unsaid",
    root: Roots = [],  # noqa: B006
    receipt: Annotated[
        bool, typer.Option("--receipt", help="Use a receipt made before (asked for).")
    ] = False,
    destroy_receipts: Destroy = False,
    only: Only = [],  # noqa: B006
    promise: Annotated[
        Path | None,
        typer.Option(help="Keep the service's signed promise here (otherwise nothing is kept)."),
    ] = None,
    text_language: TextLanguage = "en",
    yes: Annotated[
        bool, typer.Option("--yes", help="The consent was given and the receipt noted: do not ask.")
    ] = False,
    template: Annotated[
        str | None, typer.Option(help="Print an example of many interviews: csv or jsonl.")
    ] = None,
) -> None:
    """Seal a testimony, or many, on this machine and send them."""
    with plain_errors():
        if template is not None:
            print_template(template)
            return
        if path is None:
            fail("which interviews? Give a folder or a file, or --template")
        if promise is not None and (promise.exists() or not promise.parent.is_dir()):
            fail(f"{promise} is there already, or its folder is not: nothing was sent")
        found = read_interviews(path, given(language, capacity, origin, to, open_also), only)
        text = consent_text(text_language)
        roots = dict(_pair(value) for value in root)
        if len(found) > 1 and (receipt or promise):
            fail("--receipt and --promise are for one testimony, and these are several")
        with api.api(server, waiting=waiting) as connection:
            offered = submit.fetch_mechanisms(connection, roots)
            check_offered(found, offered, text.language)
            chosen = {choice.mechanism for one in found for choice in one.testimony.consent}
            require_logged(connection, [offered.bundles[name] for name in sorted(chosen)], today())
            show_mechanisms([one.testimony for one in found], offered, roots, text.language)
            ask_consent(text, len(found), yes)
            ask_destroy(destroy_receipts, yes)
            if len(found) > 1:
                _submit_many(connection, found, offered, text, destroy_receipts)
                return
            made = _ask_receipt() if receipt else receipts.fresh()
            if not receipt and not destroy_receipts:
                show_receipt(made, "Your receipt", noted=yes)
            sent = _send(connection, made, offered, text, found[0].testimony, not destroy_receipts)
        out.print(
            f"Received. Record {sent.record}" if sent.fresh else f"It had been received before: {sent.record}"
        )
        if sent.broken is not None:
            watch.complain(sent)
        if promise is not None:
            watch.keep_promise(promise, sent)


def _send(
    connection: api.Api,
    receipt: Receipt,
    offered: Mechanisms,
    text: ConsentText,
    testimony: Testimony,
    own_grants: bool,
) -> Sent:
    with transfer() as progress:
        sender = submit.Submitter(connection, receipt, offered.bundles, text, progress, offered.profiles)
        try:
            return sender.submit(testimony, own_grants=own_grants)
        except api.ApiError as error:
            if error.code != "receipt_used":
                raise
            fail(
                "a testimony has arrived with this receipt already. If it was this one, all is well:"
                " look at it with `intake mine`. Another one needs a receipt of its own."
            )


def _submit_many(
    connection: api.Api, found: list[Interview], offered: Mechanisms, text: ConsentText, destroy: bool
) -> None:
    arrived: list[tuple[Interview, Sent]] = []
    try:
        for number, one in enumerate(found, start=1):
            made = receipts.fresh()
            if not destroy:
                show_receipt(made, f"Interview {number} of {len(found)} ({one.id}). The person's receipt")
            sent = _send(connection, made, offered, text, one.testimony, not destroy)
            arrived.append((one, sent))
    finally:
        for one, sent in arrived:
            out.print(f"{one.id}: received. Record {sent.record}", markup=False)
            if sent.broken is not None:
                watch.complain(sent)
        if rest := found[len(arrived) :]:
            again = " ".join(f"--only {one.id!r}" for one in rest)
            err.print(
                f"{len(arrived)} of {len(found)} were received. Whether {rest[0].id} was is not known if it"
                f" had been sent: its receipt shows it (intake mine). For the others: {again}",
                markup=False,
            )


# --- what sending and sealing for later have in common ---


def print_template(name: str) -> None:
    """An example of many interviews."""
    texts = {"csv": tables.template, "jsonl": interviews.template}
    if name not in texts:
        fail("--template is csv or jsonl")
    typer.echo(texts[name](), nl=False)


def read_interviews(path: Path, given: Given, only: Sequence[str]) -> list[Interview]:
    """All that are wanted, checked."""
    found = interviews.read(path, given)
    if missing := set(only) - {one.id for one in found}:
        fail(f"there is no interview of this id: {', '.join(sorted(missing))}")
    return [one for one in found if not only or one.id in only]


def check_offered(found: Sequence[Interview], offered: Mechanisms, language: str) -> None:
    """`FolderError` with everything that was consented to and is not offered."""
    problems = [
        problem
        for one in found
        for problem in check_choices(one.testimony.consent, offered, language, today(), one.where)
    ]
    if problems:
        raise FolderError(problems)


def show_mechanisms(
    testimonies: Sequence[Testimony], offered: Mechanisms, roots: dict[str, str], language: str
) -> None:
    """Who will be able to open how many of these, on which terms, and what its people announce."""
    count: dict[str, list[Choice]] = {}
    for testimony in testimonies:
        for choice in testimony.consent:
            count.setdefault(choice.mechanism, []).append(choice)
    for name, choices in count.items():
        bundle, profile = offered.bundles[name], offered.profiles.get(name)
        purposes = ", ".join(p for p in PURPOSES if any(p in choice.purposes for choice in choices))
        many = f", {len(choices)} of {len(testimonies)} testimonies" if len(testimonies) > 1 else ""
        out.print(f"For: {bundle.names['en']} ({purposes}){many}", markup=False)
        for announced in (profile.note, profile.hold) if profile else ():
            if announced:
                out.print(f"    {' '.join(announced['en'].split())}", markup=False)
        if name not in roots:
            out.print(
                f"    root {grouped(bundle.root_fingerprint)}\n    compare it with the published one (--root)"
            )
        _show_terms(choices, language)


def _show_terms(choices: Sequence[Choice], language: str) -> None:
    """Everything that is chosen, before it is asked whether the person consents to it."""
    terms: dict[tuple[str, ...], int] = {}
    for choice in choices:
        said = tuple(conditions.lines(choice, language))
        terms[said] = terms.get(said, 0) + 1
    for said, many in terms.items():
        if len(terms) > 1:
            out.print(f"    {many} of these {len(choices)}:")
        for line in said:
            out.print(f"    {line}", markup=False, emoji=False)


def ask_consent(text: ConsentText, people: int, given: bool) -> None:
    """Show the text and ask, unless that was done."""
    if given:
        return
    out.print(text.text, markup=False)
    if people == 1:
        typer.confirm("Does the person whose testimony this is consent?", abort=True)
    else:
        typer.confirm(f"Did each of the {people} people hear or read this, and consent?", abort=True)


def ask_destroy(destroy: bool, given: bool) -> None:
    """Ask whether receipts are really to be destroyed, unless that was answered."""
    if destroy and not given:
        typer.confirm(
            "No receipt: nobody will be able to read, add, withdraw or see who opened it. Do they know?",
            abort=True,
        )


def show_receipt(receipt: Receipt, whose: str, *, noted: bool = False) -> None:
    """Show one, ask whether it is written down, and clear the screen, unless it was noted anyhow."""
    out.print(f"\n{whose}. Write it down and keep it secret; nobody can restore it:\n", markup=False)
    out.print("".join(f"    {line}\n" for line in receipts.lines(receipt)))
    if not noted:
        typer.confirm("Is it written down?", abort=True)
        if sys.stdout.isatty():
            sys.stdout.write(receipts.WIPE)
            sys.stdout.flush()


def consent_text(language: str) -> ConsentText:
    """The text shown today."""
    if language not in LANGUAGES:
        fail(f"--text-language is one of: {', '.join(LANGUAGES)}")
    return consent_texts.current(language)


def given(
    language: str | None, capacity: str | None, origin: str, to: Sequence[str], also: Sequence[str]
) -> Given:
    """What the options say beside the documents."""
    if also and not to:
        fail("--open-also goes with --to; a document says it in its own consents (classes)")
    return Given(language, capacity, origin, consents(to, also), classes=bool(also))


def consents(to: Sequence[str], also: Sequence[str]) -> tuple[Choice, ...]:
    """What `--to` and `--open-also` say."""
    found = tuple(_consent(value, also) for value in to)
    if len({choice.mechanism for choice in found}) < len(found):
        fail("--to names a mechanism twice: give its purposes together, with commas")
    return found


def terms(
    until: str | None,
    successor: bool | None,
    identity: str | None,
    contact: str | None,
    condition: list[str],
    state: list[str],
) -> dict[str, Any]:
    """The fields of a choice that the options name; conditions and states as they were typed."""
    found: dict[str, Any] = {"successor": successor, "identity": identity, "contact": contact}
    found = {name: value for name, value in found.items() if value is not None}
    if until:
        found["expires"] = None if until == "none" else until
    if condition:
        found["conditions"] = tuple(condition)
    if state:
        found["states"] = tuple(state)
    return found


def on_terms(choice: Choice, before: Choice | None, terms: dict[str, Any]) -> Choice:
    """A choice on the terms that were chosen before, as far as others are not given now.

    Conditions and states are added to those: no condition that a person set goes unless `none` says so.
    """
    held = before or choice
    conditions = _added(held.conditions, terms.get("conditions", ()))
    kept = held.states if "not_to_states" in conditions else ()
    states = _added(kept, terms.get("states", ()))
    terms = {**terms, "conditions": conditions, "states": states}
    return replace(held, purposes=choice.purposes, classes=choice.classes, **terms)


def _added(held: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    named = [one for one in more if one != "none"]
    return tuple(dict.fromkeys([*(() if "none" in more else held), *named]))


def answered(
    choices: Sequence[Choice],
    given: Mapping[str, Mapping[str, Json]],
    before: Mapping[str, Choice],
    offered: Mechanisms,
    language: str,
) -> list[Choice]:
    """The choices with answers to the mechanisms' own questions: those given now, else those given before.

    Questions without an answer are shown: they can stay so, unless the mechanism requires one. `FolderError`
    for an answer to what nobody asks.
    """
    found = []
    for choice in choices:
        profile = offered.profiles.get(choice.mechanism) or Profile.plain(choice.mechanism)
        asked = {question.id: question for question in parse_questions(list(profile.questions))}
        earlier = before[choice.mechanism].answers if choice.mechanism in before else {}
        kept = {id: answer for id, answer in earlier.items() if id in asked}
        answers = given.get(choice.mechanism, kept)
        if unasked := [id for id in answers if id not in asked]:
            what = f"{choice.mechanism} does not ask this"
            raise FolderError([Problem("--answers", f"{choice.mechanism}/{id}", what) for id in unasked])
        for id in (id for id in asked if id not in answers):
            label = " ".join(asked[id].label[language].split())
            out.print(f"{choice.mechanism} also asks (--answers): {id}: {label}", markup=False)
        found.append(replace(choice, answers=answers))
    return found


def waiting(seconds: float) -> None:
    """Said while there is no connection."""
    err.print(f"no connection; trying again in {seconds:.0f} s", style="yellow")


def _ask_receipt(what: str = "Receipt") -> Receipt:
    text = typer.prompt(f"{what} (nine words or nine groups of digits)", hide_input=True)
    try:
        return Receipt.parse(text)
    except MistypedReceipt as error:
        fail(receipts.wrong(error))


def _consent(value: str, also: Sequence[str]) -> Choice:
    mechanism, colon, purposes = value.partition(":")
    if not colon or not set(purposes.split(",")) <= set(PURPOSES):
        fail(f"--to is MECHANISM:PURPOSE, with a purpose of: {', '.join(PURPOSES)}")
    if not set(also) <= set(CLASSES):
        fail("--open-also is triage, identity or sensitive")
    classes = tuple(dict.fromkeys(["account", *also]))
    return Choice(checks.text(mechanism, checks.SLUG), tuple(dict.fromkeys(purposes.split(","))), classes)


def _pair(value: str) -> tuple[str, str]:
    name, sign, fingerprint = value.partition("=")
    if not sign:
        fail("--root is MECHANISM=FINGERPRINT")
    return name, fingerprint
