"""The pages of coming back without anybody's record, for browsers that open it on the device.

All of them come at once, to everybody alike, and with all questions and lists: which of them somebody needs
is nothing that this server learns.
"""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from crypto.compartments import CLASSES
from crypto.membership import ROLES
from crypto.profiles import CONDITIONS, Profile
from crypto.statement import PURPOSES
from intake.audit.events import FETCHED_APART, OF_RECORD
from intake.http.audited import unaudited
from intake.http.context import services
from intake.http.public.overview import tied_to
from intake.http.public.pages import Offer, known_language, offered, page, require_plain_form
from intake.http.terms_json import terms
from intake.i18n import translator
from intake.record import consent_texts
from intake.record.consent import ANSWERS, CONTACTS, IDENTITY_USES, OUTCOMES
from intake.record.media import ORIGINS
from intake.record.vocabulary import CAPACITIES
from intake.submissions.delete import WAIT_DAYS

router = APIRouter(include_in_schema=False)
# Refusals that the device has no words of its own for.
CODES = (
    *("receipt_word", "receipt_range", "receipt_checksum", "receipt_unknown", "receipt_in_text"),
    *("empty", "capacity_missing", "consent_missing", "purpose_missing", "mechanism_unknown"),
    *("mechanism_closed", "consent_not_offered", "consent_expired", "consent_changed", "own_question"),
    *("states_missing", "states_unknown", "malformed", "storage_full", "unavailable", "busy"),
    *("revision_behind", "record_full", "deletion_pending", "deletion_none", "deletion_due"),
    *("message_empty", "message_too_long", "messages_full", "consent_withdrawn", "restoration_done"),
    *("proof_later", "proof_other", "receipt_restored"),
)


@unaudited("empty pages with public names of mechanisms, the same for everybody")
@router.get("/{language}/own")
async def own_pages(request: Request, language: str) -> Response:
    """All pages as templates, and the words to fill them with."""
    known_language(language)
    require_plain_form(services(request))
    offer = await offered(services(request))
    return page(
        request,
        "own.html",
        language,
        mechanisms=_mechanisms(offer, language),
        consent_text=consent_texts.current(language),
        ask_identity=True,
        values={},
        days=WAIT_DAYS,
        capacities=CAPACITIES,
        purposes=PURPOSES,
        classes=CLASSES,
        uses=IDENTITY_USES,
        contacts=CONTACTS,
        conditions=CONDITIONS,
        origins=ORIGINS,
        outcomes=OUTCOMES,
        said_answers=ANSWERS,
        events=sorted({*OF_RECORD, *FETCHED_APART}),
        roles=ROLES,
        point=translator(language).number(1.5)[1],
        codes=CODES,
        terms=terms(language),
    )


def _mechanisms(offer: Offer, language: str) -> list[dict[str, Any]]:
    """Also those that take nothing new: a record may be theirs. `shown` is what a consent is tied to."""
    everyone = Offer(offer.everyone, offer.everyone, offer.profiles)
    return [
        one | {"shown": tied_to(offer.profiles.get(one["id"]) or Profile.plain(one["id"]))}
        for one in everyone.shown(language)
    ]
