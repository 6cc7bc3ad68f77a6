"""The pages a person reads, and the way through the plain form up to sending (`submit`)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from crypto.bundles import Bundle
from crypto.profiles import Profile
from crypto.receipt import RANDOM_BYTES, MistypedReceipt, Receipt
from crypto.record_writer import RecordWriter
from intake import clock
from intake.errors import Malformed, NotFound
from intake.http import reading
from intake.http.audited import unaudited
from intake.http.context import Services, in_thread, services
from intake.http.pages import message
from intake.i18n import LANGUAGES
from intake.people import mechanisms, profiles
from intake.record import consent_texts, help
from intake.record.compose import Composer
from intake.record.questions import parse_questions
from intake.submissions.workbench import composing

router = APIRouter(include_in_schema=False)


def page(request: Request, template: str, language: str, status: int = 200, **context: Any) -> HTMLResponse:
    """Render one of the templates."""
    return HTMLResponse(services(request).pages.render(template, language, **context), status)


def known_language(language: str) -> str:
    """The language of a path; `NotFound` for any other first segment."""
    if language not in LANGUAGES:
        raise NotFound("not_found", "there is no such page")
    return language


def require_plain_form(found: Services) -> None:
    """`NotFound` where the operator takes sealed submissions only."""
    if not found.settings.plain_form:
        raise NotFound("plain_form_off", "this server takes sealed submissions only")


async def small_form(request: Request) -> dict[str, str]:
    """Fields of a urlencoded body (at most 64 KiB, see `shield`)."""
    body = (await request.body()).decode("utf-8", "replace")
    try:
        return {name: values[-1] for name, values in parse_qs(body, max_num_fields=50).items()}
    except ValueError as error:
        raise Malformed("malformed", "more than 50 fields") from error


async def bundles(found: Services) -> list[Bundle]:
    """The mechanisms that take testimonies."""

    def read() -> list[Bundle]:
        with found.database.read() as connection:
            return mechanisms.everyone(connection)

    return await in_thread(read)


def shown(all_bundles: list[Bundle], language: str) -> list[dict[str, str]]:
    """Mechanisms as the templates show them."""
    return [
        {
            "id": b.mechanism,
            "name": b.names.get(language, b.names["en"]),
            "root_fingerprint": b.root_fingerprint,
        }
        for b in all_bundles
    ]


@dataclass(frozen=True, slots=True)
class Offer:
    """The mechanisms that take testimonies today, and what each says of itself, by id.

    `everyone`: also those that take nothing new, and go on with what they have.
    """

    bundles: Mapping[str, Bundle]
    everyone: Mapping[str, Bundle]
    profiles: Mapping[str, Profile]

    def shown(self, language: str) -> list[dict[str, Any]]:
        """Mechanisms as the form shows them, with all that a person has to know before choosing."""
        return [
            self._shown(bundle, self.profiles.get(id) or Profile.plain(id), language)
            for id, bundle in self.bundles.items()
        ]

    def composer(self, writer: RecordWriter, values: reading.Typed, language: str) -> Composer:
        """What was chosen in the form, ready to be sealed; `Invalid` if it cannot be followed."""
        choices = reading.choices(values, self.bundles, self.profiles, language, clock.day())
        return composing(writer, choices, consent_texts.current(language), self.bundles, self.profiles)

    def _shown(self, bundle: Bundle, profile: Profile, language: str) -> dict[str, Any]:
        (known,) = shown([bundle], language)
        return {
            **known,
            "mandate": Profile.text(profile.mandate, language),
            "note": Profile.text(profile.note, language),
            "hold": Profile.text(profile.hold, language),
            "purposes": profile.purposes,
            "classes": profile.compartments,
            "conditions": profile.conditions,
            "contact": profile.contact,
            "questions": reading.asked(
                parse_questions(list(profile.questions)), language, f"own:{bundle.mechanism}:"
            ),
        }


async def offered(found: Services) -> Offer:
    """Who may be chosen today."""

    def read() -> Offer:
        with found.database.read() as connection:
            today = mechanisms.everyone(connection)
            everyone = {id: known.bundle for id, known in mechanisms.known(connection).items()}
            return Offer({b.mechanism: b for b in today}, everyone, profiles.newest(connection))

    return await in_thread(read)


def explain(error: MistypedReceipt, language: str) -> str:
    """What is wrong with a typed receipt, and where it can be told, in which group."""
    return message(f"receipt_{error.reason}", language, group=error.group, found=error.found)


@unaudited("a page without data, the same for everybody")
@router.get("/")
async def languages(request: Request) -> Response:
    """Choose a language: never guessed from an address."""
    return page(request, "languages.html", "en")


@unaudited("style sheet and images, the same for everybody")
@router.get("/static/{version}/{name}")
async def static(request: Request, version: str, name: str) -> Response:
    """Style sheet and images; the path holds a hash of the content."""
    found = services(request).pages.static(name)
    if found is None:
        raise NotFound("not_found", "there is no such file")
    return Response(
        found[0], media_type=found[1], headers={"Cache-Control": "public, max-age=31536000, immutable"}
    )


@unaudited("a redirection, the same for everybody")
@router.get("/{language}")
async def no_slash(language: str) -> Response:
    """`/be` is `/be/`."""
    return RedirectResponse(f"/{known_language(language)}/", 308)


@unaudited("a page with public names of mechanisms, the same for everybody")
@router.get("/{language}/")
async def start(request: Request, language: str) -> Response:
    """What this is, and what it protects from."""
    known_language(language)
    found = services(request)
    names = shown(await bundles(found), language)
    return page(request, "start.html", language, plain_form=found.settings.plain_form, mechanisms=names)


@unaudited("addresses of help, the same for everybody")
@router.get("/{language}/help")
async def help_page(request: Request, language: str) -> Response:
    """Medical, psychological and legal help, by country."""
    return page(request, "help.html", known_language(language), countries=help.countries(language))


@unaudited("makes a receipt that no record has yet; nothing is read or stored")
@router.post("/{language}/receipt")
async def receipt(request: Request, language: str) -> Response:
    """Make a receipt, before anything else is said. It is kept nowhere but in the page."""
    known_language(language)
    require_plain_form(services(request))
    made = Receipt.from_random(secrets.token_bytes(RANDOM_BYTES))
    return page(request, "receipt.html", language, digits=made.digits(), words=made.words(language))


@unaudited("a redirection, the same for everybody")
@router.get("/{language}/receipt")
@router.get("/{language}/testimony")
@router.get("/{language}/submit")
@router.get("/{language}/write")
async def begin_again(language: str) -> Response:
    """A reload or a bookmark of a step that needs what the step before sent."""
    return RedirectResponse(f"/{known_language(language)}/", 303)


@unaudited("an empty form with public names of mechanisms; nothing is read of any record")
@router.post("/{language}/testimony")
async def testimony(request: Request, language: str) -> Response:
    """The form itself."""
    known_language(language)
    require_plain_form(services(request))
    fields = await small_form(request)
    try:
        made = Receipt.parse(fields.get("receipt", ""))
    except MistypedReceipt as error:
        return page(request, "error.html", language, 422, title="422", text=explain(error, language))
    return await form(request, language, made, {}, [])


async def form(
    request: Request,
    language: str,
    made: Receipt,
    values: dict[str, list[str]],
    errors: list[str],
    status: int = 200,
) -> HTMLResponse:
    """The form, empty or with what was typed and what is wrong."""
    found = services(request)
    return page(
        request,
        "testimony.html",
        language,
        status,
        receipt=" ".join(made.digits()),
        mechanisms=(await offered(found)).shown(language),
        consent_text=consent_texts.current(language),
        limit_mib=found.settings.max_file_mib,
        values=values,
        errors=errors,
        countries=reading.countries(language),
        days=[clock.day(clock.now() + i * clock.DAY) for i in range(-1, 3)],
    )
