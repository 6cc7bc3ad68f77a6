"""Refusals in words for people: what happened, what was or was not stored, what to do next."""

from intake.i18n import MIB, mark, translator

_FALLBACK = "internal"
_TEXTS = {
    "receipt_word": mark(
        "Group %(group)s of the receipt is not a word from the list. Please compare it, letter by letter,"
        " with what you wrote down. Nothing was changed."
    ),
    "receipt_range": mark(
        "Group %(group)s of the receipt must be four digits, from 0000 to 7775. Please compare it with"
        " what you wrote down. Nothing was changed."
    ),
    "receipt_checksum": mark(
        "Something in the receipt is mistyped, but it is not possible to tell which group. Please"
        " compare all nine groups and their order with what you wrote down. Nothing was changed."
    ),
    "receipt_missing": mark(
        "The receipt did not arrive together with the form. Nothing was stored. Please begin again from"
        " the first page."
    ),
    "receipt_unknown": mark(
        "No testimony was received with this receipt. Please compare all nine groups with what you wrote"
        " down. If you never saw the page “Received”, the testimony did not arrive: you can send it"
        " again. Nothing was changed."
    ),
    "receipt_used": mark(
        "A testimony was already received with this receipt. What was sent now is different, so it was"
        " not added. Nothing of the first one has changed. To send something else, begin again from the"
        " first page and take a new receipt."
    ),
    "proof_later": mark(
        "The proof is not ready yet: usually it comes within an hour. Please come back then. What was"
        " received is safe meanwhile."
    ),
    "proof_other": mark(
        "The testimony with this receipt was not sent to that organisation. Please choose another one of"
        " the list."
    ),
    "empty": mark(
        "There is neither a text nor a file. Nothing was stored. Please write something or choose at"
        " least one file; one of the two is enough."
    ),
    "capacity_missing": mark(
        "It is not chosen in what capacity you are writing. Nothing was stored. Please choose one of the"
        " answers and send again."
    ),
    "consent_missing": mark(
        "Nobody is chosen who may receive the testimony. Nothing was stored. Please tick at least one"
        " organisation, if you agree, and send again."
    ),
    "purpose_missing": mark(
        "No purpose is ticked for %(mechanism)s. Nothing was stored. Please tick at least one purpose"
        " for it, or untick it, and send again."
    ),
    "mechanism_unknown": mark(
        "One of the organisations that were chosen no longer takes testimonies here. Nothing was stored."
        " Please look at the list again, choose, and send again with the same receipt."
    ),
    "mechanism_closed": mark(
        "The key of %(mechanism)s has expired, so nothing can be sent to it now. Nothing was stored."
        " Please untick it and send again, or try in a few days with the same receipt."
    ),
    "too_large": mark(
        "A file is too large: at most %(size)s is possible for one file. Nothing was stored. Please"
        " leave the file out, or choose a smaller one, and send again with the same receipt."
    ),
    "too_much": mark(
        "More was sent than this page can take. Nothing was stored. Please send less, with the same receipt."
    ),
    "text_too_long": mark(
        "The text is too long: this form takes about %(characters)s characters. Nothing was stored."
        " Please shorten the text, or save a part of it as a file and add the file, and send again."
    ),
    "malformed": mark(
        "What was sent arrived cut off or garbled. Nothing was stored. Please try again with the same"
        " receipt. If the connection is bad, try with fewer or smaller files."
    ),
    "too_many_files": mark(
        "There are too many files: the most for one testimony is %(limit)s. Nothing was stored. Please"
        " choose fewer and send again with the same receipt."
    ),
    "storage_full": mark(
        "The server has no room left at the moment. Nothing was stored. Please keep your receipt and try"
        " again later, or send the text without files now."
    ),
    "busy": mark(
        "Very many people are using this service at the moment. Nothing was stored. Please wait a few"
        " minutes and try again with the same receipt."
    ),
    "plain_form_off": mark(
        "There is no form on this server: it takes only testimonies that a program has sealed on your"
        " own device. Nothing was stored. The first page says more."
    ),
    "not_found": mark(
        "There is no such page here. Nothing was stored or changed. You can go on from the first page."
    ),
    "method_not_allowed": mark(
        "This page cannot be opened in this way. Nothing was stored or changed. You can go on from the"
        " first page."
    ),
    "internal": mark(
        "Something broke on the server. It is not certain whether your testimony was stored. Please send"
        " it again with the same receipt: the same testimony is stored only once."
    ),
    "unavailable": mark(
        "A part of this service does not answer at the moment. It is not certain whether your testimony"
        " was stored. Please send it again in a while with the same receipt: the same testimony is stored"
        " only once."
    ),
}
CODES = frozenset(_TEXTS) - {"too_much"} | {"receipt_count"}


def message(code: str, language: str, **values: str | int) -> str:
    """A refusal's code in a person's language; a code meant for programs reads as `internal`."""
    texts = translator(language)
    if code == "receipt_count":
        found = int(values["found"])
        text = texts.ngettext(
            "A receipt has nine groups. %(found)s group was found in what was typed. Please compare it"
            " with what you wrote down. Nothing was changed.",
            "A receipt has nine groups. %(found)s groups were found in what was typed. Please compare"
            " them with what you wrote down. Nothing was changed.",
            found,
        )
        return text % {"found": found}
    shown: dict[str, str | int] = dict(values)
    if code == "too_large" and "limit_mib" not in values:
        code = "too_much"
    if "limit_mib" in values:
        shown["size"] = texts.size(int(values["limit_mib"]) * MIB)
    if code == "text_too_long":
        # The limit is in bytes, and a Cyrillic letter takes two.
        shown["characters"] = texts.number(int(values["limit"]) // 2)
    return texts.gettext(_TEXTS.get(code, _TEXTS[_FALLBACK])) % shown
