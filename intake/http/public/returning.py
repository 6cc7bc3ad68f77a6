"""Coming back with the receipt, in a browser without JavaScript: every page is a POST that carries it.

    at                                   which page: "" (the overview), "ledger", "consent", "choose:<id>",
                                         "withdraw:<id>", "messages", "forget", "delete"
    go                                   what to do: "choose", "withdraw", "send", "forget", "delete",
                                         "cancel", "object:<restoration>"

The receipt's keys are made for one answer, and forgotten with it.
"""

from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from crypto import statement
from crypto.encoding import Json
from crypto.profiles import Profile
from crypto.receipt import MistypedReceipt, Receipt
from intake import clock
from intake.audit.proofs import Seen
from intake.errors import IntakeError, Invalid, Malformed, NotFound
from intake.http import reading
from intake.http.audited import unaudited
from intake.http.context import Services, in_store, in_thread, services
from intake.http.pages import message
from intake.http.problems import status_of
from intake.http.public import overview
from intake.http.public.pages import (
    Offer,
    explain,
    known_language,
    offered,
    page,
    require_plain_form,
)
from intake.record import consent_texts
from intake.record.consent import Choice, ConsentError
from intake.submissions import delays, restorations, standings
from intake.submissions.delete import WAIT_DAYS, forget_own_grants
from intake.submissions.letters import MAX_MESSAGE, Letters
from intake.submissions.own import Changed, Held, OwnWork

router = APIRouter(include_in_schema=False)
_MOST_FIELDS = 500
_OWN = "the submitter's own record: the logs tell the submitter who else read"


@dataclass(slots=True)
class Visit:
    """One person at one page, with the record open."""

    request: Request
    language: str
    found: Services
    receipt: Receipt
    work: OwnWork
    letters: Letters
    held: Held
    offer: Offer
    typed: dict[str, list[str]] = field(default_factory=dict)

    @property
    def seen(self) -> int:
        """The revision that the person was shown, or sees now."""
        said = reading.one(self.typed, "seen")
        return (
            int(said) if said.isascii() and said.isdigit() and len(said) < 8 else len(self.held.own.revisions)
        )

    @property
    def names(self) -> dict[str, str]:
        """Of all mechanisms, whether they take anything new or not."""
        return {id: b.names.get(self.language, b.names["en"]) for id, b in self.offer.everyone.items()}

    def render(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """One of the pages, each of which carries the receipt on."""
        return page(
            self.request,
            template,
            self.language,
            status,
            receipt=" ".join(self.receipt.digits()),
            confirmed=True,
            seen=len(self.held.own.revisions),
            restored=self.held.own.restored,
            blind=self.held.blind,
            **context,
        )


@unaudited("an empty form, the same for everybody")
@router.get("/{language}/return")
async def ask(request: Request, language: str) -> Response:
    """Where a receipt is typed in."""
    require_plain_form(services(request))
    return page(request, "return.html", known_language(language), errors=[])


@unaudited(_OWN)
@router.post("/{language}/return")
async def come_back(request: Request, language: str) -> Response:
    """Any of the pages, opened with the receipt by this server, for this answer only."""
    known_language(language)
    found = services(request)
    require_plain_form(found)
    typed = await _typed(request)
    try:
        receipt = Receipt.parse(reading.one(typed, "receipt"))
        keys = await found.derive(receipt)
        work = OwnWork(
            found.database,
            found.store,
            found.mailbox,
            found.receiver,
            found.reviser,
            found.deletion,
            found.restorations,
        )
        own = await in_thread(lambda: work.look_up(keys))
    except MistypedReceipt as error:
        return page(request, "return.html", language, 422, errors=[explain(error, language)])
    except IntakeError as error:
        errors = [message(error.code, language, **error.values)]
        return page(request, "return.html", language, status_of(error), errors=errors)
    sealed = statement.parse(own.revisions[-1][0]).sealed_by == "submitter"
    if sealed and reading.one(typed, "confirm") != reading.YES:
        return page(request, "confirm.html", language, to="return", receipt=" ".join(receipt.digits()))
    held = await in_store(found, lambda: work.open(keys, own))
    letters = Letters(found.database, found.mailbox, found.messages)
    visit = Visit(request, language, found, receipt, work, letters, held, await offered(found), typed)
    at, go = reading.one(typed, "at"), reading.one(typed, "go")
    try:
        return await (_act(visit, at, go) if go else _show(visit, at))
    except ConsentError as refused:
        return await _again(visit, at, Invalid(refused.code, str(refused), **refused.values))
    except IntakeError as error:
        if status_of(error) >= 500:
            raise
        return await _again(visit, at, error)


async def _typed(request: Request) -> dict[str, list[str]]:
    """Fields of a urlencoded body (limited by `shield`), without control characters."""
    body = (await request.body()).decode("utf-8", "replace")
    try:
        pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Malformed("malformed", f"more than {_MOST_FIELDS} fields") from error
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(reading.clean(value))
    return found


async def _show(visit: Visit, at: str, errors: tuple[str, ...] = (), status: int = 200) -> Response:
    kind, _, id = at.partition(":")
    if kind == "ledger":
        return visit.render("mailbox_ledger.html", ledger=overview.ledger(visit.held, visit.names))
    if kind == "consent":
        return _consent(visit, errors, status)
    if kind == "choose":
        return _choose(visit, id, errors, status)
    if kind == "withdraw":
        return await _ask_withdrawal(visit, id)
    if kind == "messages":
        return await _messages(visit, errors, status)
    if kind == "forget":
        return visit.render("mailbox_forget.html")
    if kind == "delete":
        return await _ask_deletion(visit)
    return await _overview(visit, errors, status)


async def _again(visit: Visit, at: str, error: IntakeError) -> Response:
    """The page that was filled in, with what is wrong; what was typed is still there."""
    text = message(error.code, visit.language, **error.values)
    fresh = visit
    if error.code == "revision_behind":  # what is shown has to be what holds
        held = await in_store(visit.found, lambda: visit.work.again(visit.held))
        fresh = replace(visit, held=held)
        return await _overview(fresh, (text,), status_of(error))
    if at.partition(":")[0] not in ("choose", "messages"):
        at = ""
    return await _show(fresh, at, (text,), status_of(error))


async def _act(visit: Visit, at: str, go: str) -> Response:
    kind, _, id = go.partition(":")
    if kind == "choose":
        return await _chosen(visit, at.partition(":")[2])
    if kind == "withdraw":
        return await _withdrawn(visit, at.partition(":")[2])
    if kind == "send":
        return await _send(visit)
    if kind == "forget":
        await in_thread(lambda: forget_own_grants(visit.found.database, visit.held.own))
        return visit.render("mailbox_done.html", what="forgotten", outcomes=[], left_out=[], day="")
    if kind == "delete":
        day = await in_thread(lambda: visit.work.ask_deletion(visit.held))
        return visit.render("mailbox_done.html", what="deletion", outcomes=[], left_out=[], day=day)
    if kind == "cancel":
        await in_thread(lambda: visit.work.keep(visit.held))
        return visit.render("mailbox_done.html", what="cancelled", outcomes=[], left_out=[], day="")
    if kind == "object":
        await in_thread(lambda: visit.work.object(visit.held, id))
        return visit.render("mailbox_done.html", what="objected", outcomes=[], left_out=[], day="")
    raise Malformed("malformed", "there is nothing like that to do")


# --- the overview ---


async def _overview(visit: Visit, errors: tuple[str, ...] = (), status: int = 200) -> Response:
    found, held, language, names = visit.found, visit.held, visit.language, visit.names

    def read() -> dict[str, Any]:
        with found.database.read() as connection:
            later = delays.of(connection, held.own.record)
            return {
                "later": later,
                "standings": {s.mechanism: s for s in standings.of(connection, held.own.record)},
                "withdrawals": standings.withdrawals(connection, held.own.record),
                "deletion": standings.deletion(connection, held.own.record),
                "waiting": [
                    r for r in restorations.of(connection, held.own.record) if r.state == restorations.WAITING
                ],
            }

    known = await in_thread(read)
    seen: list[Seen] = await in_thread(lambda: found.proofs.accesses(held.own.record, known.pop("later")))
    letters = await in_store(found, lambda: visit.letters.all(held))
    told = overview.accesses(seen, names)
    waiting = known["deletion"] is not None
    return visit.render(
        "mailbox.html",
        status,
        errors=errors,
        day=held.own.received_day,
        sealed_by=held.reader.statement.sealed_by,
        **overview.written(held, language, names),
        consents=overview.consents(held, language, names),
        names=names,
        letters=len(letters),
        cancellable=waiting and not held.own.restored and known["deletion"].due_day > clock.day(),
        **told,
        **known,
    )


# --- consent ---


def _consent(visit: Visit, errors: tuple[str, ...], status: int) -> Response:
    names, held = visit.names, visit.held
    return visit.render(
        "mailbox_consent.html",
        status,
        errors=errors,
        consents=overview.consents(held, visit.language, names),
        others=[] if held.blind else [(id, names[id]) for id in visit.offer.bundles if id not in held.live],
    )


def _choose(visit: Visit, id: str, errors: tuple[str, ...] = (), status: int = 200) -> Response:
    held = visit.held
    profile, choice = _profile(visit, id), held.choices().get(id)
    if held.own.restored or (choice is None and (held.blind or id not in visit.offer.bundles)):
        raise NotFound("mechanism_unknown", "this mechanism cannot be named now")
    everyone = Offer(visit.offer.everyone, visit.offer.everyone, visit.offer.profiles)
    values = visit.typed
    if not errors:
        values = overview.typed(choice, profile, visit.language) if choice else {}
    return visit.render(
        "mailbox_choose.html",
        status,
        errors=errors,
        mechanism=next(m for m in everyone.shown(visit.language) if m["id"] == id),
        held=choice is not None,
        unread=choice is not None and id in held.earlier().unread,
        expires=choice.expires if choice else None,
        keep="keep" in values.get("keep", ["keep"] if not errors else []),
        values=values,
        consent_text=consent_texts.current(visit.language),
        shown=overview.tied_to(profile),
        ask_identity=True,
    )


async def _chosen(visit: Visit, id: str) -> Response:
    """A choice as it was filled in; without the tick, the question whether to withdraw."""
    held, language, typed = visit.held, visit.language, visit.typed
    profile = _profile(visit, id)
    if not typed.get("mechanism"):
        if id in held.live:
            return await _ask_withdrawal(visit, id)
        raise Invalid("consent_missing", "no recipient was chosen")
    if reading.one(typed, "shown") != overview.tied_to(profile):
        raise Invalid("consent_changed", "another text or profile than the one that was shown")
    offer = visit.offer
    typed = typed | {"mechanism": [id]}
    (choice,) = reading.choices(typed, offer.everyone, offer.profiles, language, clock.day())
    before = held.choices()
    if id in before and "keep" in typed.get("keep", []):
        choice = replace(choice, expires=before[id].expires)
    choices = [c for name, c in before.items() if name != id] + [choice]
    root = offer.everyone[id].root_fingerprint
    asked: Json = ["choose", choice.fields(consent_texts.current(language), profile, root)]
    return await _changed(visit, choices, asked, id)


async def _changed(visit: Visit, choices: list[Choice], asked: Json, id: str) -> Response:
    text = consent_texts.current(visit.language)
    done = await in_store(
        visit.found, lambda: visit.work.choose(visit.held, choices, text, visit.seen, asked)
    )
    return await _done(visit, "chosen", done, id)


async def _ask_withdrawal(visit: Visit, id: str) -> Response:
    if id not in visit.held.live:
        raise NotFound("mechanism_unknown", "this mechanism has no consent")
    bound = (await in_thread(lambda: visit.work.holds(visit.held))).get(id)
    hold = Profile.text(bound.hold, visit.language) if bound else None
    return visit.render("mailbox_withdraw.html", id=id, name=visit.names[id], hold=hold)


async def _withdrawn(visit: Visit, id: str) -> Response:
    text = consent_texts.current(visit.language)
    done = await in_store(visit.found, lambda: visit.work.withdraw(visit.held, id, text, visit.seen))
    return await _done(visit, "withdrawn", done, id)


async def _done(visit: Visit, what: str, done: Changed, id: str) -> Response:
    held = await in_store(visit.found, lambda: visit.work.again(visit.held))
    names = visit.names
    return replace(visit, held=held).render(
        "mailbox_done.html",
        what=what,
        outcomes=[
            (names.get(m, m), outcome, m in held.live) for m, outcome in sorted(done.withdrawn.items())
        ],
        left_out=[names.get(m, m) for m in sorted(done.left_out)],
        day="",
    )


def _profile(visit: Visit, id: str) -> Profile:
    if id not in visit.offer.everyone:
        raise NotFound("mechanism_unknown", "there is no such mechanism")
    return visit.offer.profiles.get(id) or Profile.plain(id)


# --- messages ---


async def _messages(visit: Visit, errors: tuple[str, ...] = (), status: int = 200) -> Response:
    names, held = visit.names, visit.held
    letters = await in_store(visit.found, lambda: visit.letters.all(held))
    return visit.render(
        "mailbox_messages.html",
        status,
        errors=errors,
        letters=[(letter, names.get(letter.mechanism, letter.mechanism)) for letter in letters],
        mechanisms=[(id, names.get(id, id)) for id in await in_thread(lambda: visit.letters.readers(held))],
        values=visit.typed if errors else {},
        limit=MAX_MESSAGE,
    )


async def _send(visit: Visit) -> Response:
    text, id = (visit.typed.get("text") or [""])[-1], reading.one(visit.typed, "to")
    if not text.strip():
        raise Invalid("message_empty", "there is no text")
    if reading.holds_receipt(text):
        raise Invalid("receipt_in_text", "a receipt stands in the text")

    def work() -> None:
        answered = [x.part for x in visit.letters.all(visit.held) if x.mechanism == id and not x.mine]
        last = answered[-1] if answered else None
        visit.letters.write(visit.held, id, text, visit.language, last)

    await in_store(visit.found, work)
    visit.typed = {}
    return await _messages(visit)


# --- deleting ---


async def _ask_deletion(visit: Visit) -> Response:
    holders = [visit.names[m] for m in sorted(await in_thread(lambda: visit.work.holds(visit.held)))]
    return visit.render("mailbox_delete.html", days=WAIT_DAYS, holders=holders)
