"""The long form, page by page, without JavaScript: one address, `POST /{language}/write`.

Field `receipt` comes first, `at` names a page and `go` the button of a page that was filled in:

    at   overview, "" (where to begin), narrative[:<part>], section:<id>[:<item>], files, consent,
         review, delete
    go   save, next, another; remove:<item or file>; send; delete

Each page is saved as an entry of the draft (`submissions.drafts`) before the next one is shown. Nothing of
it stands in an address, and the receipt's keys are forgotten with the answer.
"""

from contextlib import suppress
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.requests import ClientDisconnect

from crypto import statement
from crypto.encoding import canonical_json
from crypto.receipt import MistypedReceipt
from intake import clock
from intake.errors import IntakeError, Invalid, Malformed, NotFound
from intake.http import multipart, reading
from intake.http.audited import unaudited
from intake.http.context import Services, in_store, services, tidy
from intake.http.pages import message
from intake.http.problems import status_of
from intake.http.public import write_pages as pages
from intake.http.public.pages import explain, known_language, offered, page, require_plain_form
from intake.http.public.submit import Body, signed_promise
from intake.http.public.write_files import Arriving, keep_files
from intake.http.public.write_pages import Desk
from intake.http.public.write_review import review
from intake.record import consent_texts, sections
from intake.record.questions import section
from intake.record.sections import Problem
from intake.record.vocabulary import CAPACITIES
from intake.submissions.arrived import Outcome
from intake.submissions.drafts import Drafts
from intake.submissions.mailbox import OwnRecord
from intake.submissions.workbench import Before, Draft

router = APIRouter(include_in_schema=False)
_URLENCODED = 64 * 1024  # bytes of a body without files or long texts
_OF_CONSENT = (
    *("mechanism", "purpose:", "triage:", "identity:", "sensitive:", "successor:", "until:"),
    *("use:", "contact:", "condition:", "states:", "own:"),
)


@unaudited("the submitter's own draft and record: the logs tell the submitter who else read")
@router.post("/{language}/write")
async def write(request: Request, language: str) -> Response:
    """Any page of the long form."""
    known_language(language)
    found = services(request)
    require_plain_form(found)
    body, arriving = Body(request), Arriving(found)
    try:
        await _read(request, body, arriving)
        return await _answer(request, language, found, arriving)
    except MistypedReceipt as error:
        await body.drain()
        return page(request, "error.html", language, 422, title="422", text=explain(error, language))
    except ClientDisconnect:
        return Response(status_code=400)
    except IntakeError as error:
        await body.drain()
        text, status = message(error.code, language, **error.values), status_of(error)
        return page(request, "error.html", language, status, title=str(status), text=text)
    finally:
        await body.close()
        await tidy(found, arriving.release)


async def _read(request: Request, body: Body, arriving: Arriving) -> None:
    """Multipart from the pages themselves; urlencoded from buttons elsewhere."""
    content_type = request.headers.get("content-type", "")
    if not content_type.startswith("application/x-www-form-urlencoded"):
        async for event in multipart.events(content_type, body.stream()):
            await arriving.take(event)
        return
    data = bytearray()
    async for piece in body.stream():
        data += piece
        if len(data) > _URLENCODED:
            raise Malformed("malformed", "a long form has to come as multipart/form-data")
    try:
        fields = parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=500)
    except ValueError as error:
        raise Malformed("malformed", "more than 500 fields") from error
    for name, value in fields:
        await arriving.text(name, value)


async def _answer(request: Request, language: str, found: Services, arriving: Arriving) -> Response:
    """What was asked for, once it is known that this receipt may."""
    receipt, keys = arriving.known()
    typed = arriving.typed
    confirmed = reading.one(typed, "confirm") == reading.YES
    own = await in_store(found, lambda: _own(found, arriving))
    if own is not None and own.restored:
        return page(request, "write_told.html", language, 409, what="restored")
    sealed = own is not None and statement.parse(own.revisions[-1][0]).sealed_by == "submitter"
    if sealed and not confirmed:
        return page(request, "confirm.html", language, to="write", receipt=" ".join(receipt.digits()))
    before = await in_store(found, lambda: Before.open(found.mailbox, own, keys)) if own else None
    draft = await in_store(found, lambda: Draft.parse(found.drafts.all(keys)))
    offer = await offered(found)
    desk = Desk(request, language, found, receipt, keys, confirmed, offer, draft, before, typed)
    at, go = reading.one(typed, "at"), reading.one(typed, "go")
    if go == "send":
        return await _send(desk)
    if go == "delete":
        await in_store(found, lambda: found.workbench.discard(keys, draft))
        return page(request, "write_told.html", language, what="deleted")
    if go:
        refused = await _save(desk, at, go, arriving)
        if refused is not None:
            return refused
        await _reload(desk)
        at = _next(desk, at, go)
    elif not at and draft.empty and draft.consent is None and before is None:
        at = f"section:{pages.GATES}"
    return _show(desk, at)


def _show(desk: Desk, at: str) -> Response:
    kind, _, rest = at.partition(":")
    desk.typed = {}
    if kind == "narrative":
        if rest and (desk.before is None or rest not in pages.correctable(desk)):
            raise NotFound("not_found", "there is no such text")
        return pages.narrative(desk, rest)
    if kind == "section":
        id, _, item = rest.partition(":")
        return pages.section_page(desk, _known(id), _number(item))
    if kind == "files":
        return pages.files(desk)
    if kind == "consent" and desk.before is None:
        return pages.consent(desk)
    if kind == "review":
        return review(desk)
    if kind == "delete":
        return desk.render("write_delete.html")
    return pages.hub(desk)


def _next(desk: Desk, at: str, go: str) -> str:
    """Which page follows one that was saved."""
    kind, _, rest = at.partition(":")
    id = rest.partition(":")[0]
    if go == "next":
        return "" if id == pages.GATES and pages.raised(desk) else pages.page_after(desk, at)
    if kind == "section" and go == "another":
        return f"section:{id}:{len(desk.answers(id))}"
    if kind == "section" and section(id).repeated:
        return f"section:{id}" if desk.answers(id) else ""
    return "files" if kind == "files" and go != "save" else ""


async def _save(desk: Desk, at: str, go: str, arriving: Arriving) -> Response | None:
    """Take a filled-in page into the draft; the page again, with what is wrong, if that cannot be."""
    kind, _, rest = at.partition(":")
    if kind == "narrative":
        return await _save_text(desk, rest)
    if kind == "section":
        id, _, item = rest.partition(":")
        return await _save_section(desk, _known(id), _number(item), go)
    if kind == "files":
        drafts, action = desk.found.drafts, go.partition(":")
        if action[0] == "remove":
            await in_store(desk.found, lambda: _remove_file(desk, drafts, action[2]))
            return None
        return await keep_files(desk, drafts, arriving)
    if kind == "consent" and desk.before is None:
        return await _save_consent(desk)
    raise Malformed("malformed", "there is no such page to fill in")


async def _save_text(desk: Desk, part: str) -> Response | None:
    if part and part not in pages.correctable(desk):
        raise NotFound("not_found", "there is no such text")
    text = (desk.typed.get("narrative") or [""])[-1]
    capacity = reading.one(desk.typed, "capacity")
    limit = desk.found.settings.max_text_kib * 1024
    refused = ""
    if len(text.encode()) > limit:
        refused = message("draft_text_too_long", desk.language, limit=limit)
    elif reading.holds_receipt(text):
        refused = message("receipt_in_text", desk.language)
    elif capacity and capacity not in CAPACITIES:
        raise Malformed("malformed", "an unknown capacity")
    try:
        written = reading.written_in(desk.typed, desk.language)
    except Invalid as error:
        if error.code == "malformed":
            raise
        refused = refused or message(error.code, desk.language)
        written = ""
    capacity = capacity or (desk.before.capacity if desk.before else "")
    if desk.before is not None and text.strip() and not capacity:
        refused = refused or message("draft_capacity", desk.language)
    if refused:
        return pages.narrative(desk, part, [refused], 422)
    name = f"narrative:{part}" if part else "narrative"
    if text.strip() or (capacity and desk.before is None):
        value = {"text": text, "capacity": capacity, "language": written}
        await _put(desk, name, canonical_json(value))
    else:
        await _put(desk, name, None)
    return None


async def _save_section(desk: Desk, id: str, item: int | None, go: str) -> Response | None:
    asked, value = section(id), desk.answers(id)
    if go.startswith("remove:"):
        gone = _number(go.removeprefix("remove:"))
        value = [answers for n, answers in enumerate(value) if n != gone]
    else:
        read = reading.answers(asked.questions, desk.typed)
        if read.problems:
            return pages.section_page(desk, id, item, read.problems, 422)
        ids = {question.id for question in asked.questions}
        if asked.repeated:
            number = item or 0
            if number >= asked.maximum:
                problem = Problem("", "too_many", {"maximum": asked.maximum})
                return pages.section_page(desk, id, item, [problem], 422)
            kept = value[number] if number < len(value) else {}
            answers = {n: a for n, a in kept.items() if n not in ids} | read.answers
            value = [*value[:number], *([answers] if answers else []), *value[number + 1 :]]
        else:
            value = {n: a for n, a in value.items() if n not in ids} | read.answers
        whole = [problem for problem in sections.check(id, value) if "/" not in problem.path]
        if whole:
            return pages.section_page(desk, id, item, whole, 422)
    revises = desk.revises(id)
    held = desk.before.section(id) if desk.before else None
    unchanged = held is not None and held[0] == value
    if (not value and revises is None) or unchanged:
        await _put(desk, f"section:{id}", None)
    else:
        await _put(desk, f"section:{id}", canonical_json({"value": value, "revises": revises}))
    return None


async def _save_consent(desk: Desk) -> Response | None:
    """Kept as it was typed, with what was shown; read again when it is sent."""
    offer, language = desk.offer, desk.language
    typed = {name: values for name, values in desk.typed.items() if name.startswith(_OF_CONSENT)}
    if not typed.get("mechanism"):
        await _put(desk, "consent", None)
        return None
    try:
        found = reading.choices(typed, offer.bundles, offer.profiles, language, clock.day())
        pages.check_choices(desk, found)
    except IntakeError as error:
        return pages.consent(desk, [message(error.code, language, **error.values)], 422)
    value = {
        "typed": typed,
        "language": language,
        "version": consent_texts.VERSION,
        "profiles": pages.profiles_shown(offer, found),
    }
    await _put(desk, "consent", canonical_json(value))
    return None


def _remove_file(desk: Desk, drafts: Drafts, part: str) -> None:
    for file in desk.draft.files:
        if file.medium.part == part:
            drafts.drop(desk.keys, f"file:{part}")
            with suppress(NotFound):  # expired meanwhile
                desk.found.uploads.cancel(file.upload)


async def _send(desk: Desk) -> Response:
    """Send the draft; a draft that was sent already is answered as it was then."""
    base = _number(reading.one(desk.typed, "base"))
    before, bench = desk.before, desk.found.workbench
    if before is not None and desk.draft.empty and base is not None and before.revision > base:
        return await _received(desk, bench.sent(before, base + 1))
    if base != (before.revision if before else 0):
        return review(desk, [message("draft_behind", desk.language)], 409)
    try:
        choices = pages.choices(desk)
        kept = desk.draft.consent
        text = consent_texts.current(desk.language)
        if kept is not None:
            text = consent_texts.get(str(kept["version"]), str(kept["language"]))
        known = pages.readers(desk)
        outcome = await in_store(
            desk.found,
            lambda: bench.send(desk.keys, desk.draft, choices, text, known, desk.offer.profiles, before),
        )
    except IntakeError as error:
        return review(desk, [message(error.code, desk.language, **error.values)], status_of(error))
    return await _received(desk, outcome)


async def _received(desk: Desk, outcome: Outcome) -> Response:
    names, count = desk.names(), len(desk.draft.files)
    if desk.before is None:
        chosen = [choice.mechanism for choice in pages.choices(desk)]
    else:
        chosen = list(desk.before.earlier.choices())
        count = count if outcome.fresh else len(desk.before.earlier.opened.of("label"))
    return page(
        desk.request,
        "received.html",
        desk.language,
        day=clock.day(),
        mechanisms=[names.get(id, id) for id in chosen],
        media_count=count,
        again=not outcome.fresh,
        revision=outcome.revision,
        promise=await signed_promise(desk.found, outcome),
    )


async def _put(desk: Desk, name: str, value: bytes | None) -> None:
    drafts = desk.found.drafts

    def work() -> None:
        if value is None:
            drafts.drop(desk.keys, name)
        else:
            drafts.put(desk.keys, name, value)

    await in_store(desk.found, work)


async def _reload(desk: Desk) -> None:
    def work() -> Draft:
        draft = Draft.parse(desk.found.drafts.all(desk.keys))
        desk.found.workbench.renew(draft)
        return draft

    desk.draft = await in_store(desk.found, work)


def _own(found: Services, arriving: Arriving) -> OwnRecord | None:
    _, keys = arriving.known()
    try:
        return found.mailbox.open(keys.lookup, keys.auth)
    except NotFound:
        return None


def _known(id: str) -> str:
    try:
        return section(id).id
    except KeyError as error:
        raise NotFound("not_found", "there is no such section") from error


def _number(text: str) -> int | None:
    """A small number from a field; None if there is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None
