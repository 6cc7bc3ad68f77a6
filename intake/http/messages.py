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
    "draft_no_room": mark(
        "The server has no room left at the moment, so this page was not saved. What you saved before is"
        " still there. You can send it now, or write on one page instead."
    ),
    "draft_full": mark(
        "What is saved with this receipt has grown as large as it can, so this page was not saved. You"
        " can send what is there, and add the rest afterwards with the same receipt."
    ),
    "draft_nothing": mark(
        "There is neither a text nor a file yet. Please write something or add at least one file; one of"
        " the two is enough."
    ),
    "draft_capacity": mark(
        "It is not chosen yet in what capacity you are writing. Please choose one of the answers below"
        " the text."
    ),
    "draft_unchanged": mark("There is nothing new to send yet. Please add or correct something first."),
    "draft_consent": mark(
        "Nobody is chosen yet who may receive the testimony. Please tick at least one organisation, if"
        " you agree."
    ),
    "draft_behind": mark(
        "The testimony has changed since this page was shown, perhaps in another window. Nothing was"
        " sent. Please look through everything once more and send again."
    ),
    "draft_text_too_long": mark(
        "The text is too long: about %(characters)s characters are possible. It is not saved yet. Please"
        " shorten it here, or save a part of it as a file and add the file."
    ),
    "draft_no_file": mark("No file is chosen. Please choose at least one, or go on without."),
    "draft_files_again": mark(
        "The files that were just chosen are not saved. Please choose them again: the browser does not"
        " keep them."
    ),
    "consent_changed": mark(
        "An organisation, or the text of the consent, has changed since you chose. Nothing was sent."
        " Please open “Who may receive this”, read it once more, and save your choice again."
    ),
    "consent_not_offered": mark(
        "%(mechanism)s does not offer everything that is chosen for it. Nothing was stored. Please look"
        " at its part of the page again."
    ),
    "consent_expired": mark(
        "The consent for %(mechanism)s would end before it begins. Nothing was stored. Please choose"
        " another term."
    ),
    "own_question": mark(
        "A question of %(mechanism)s is not answered in a way that can be kept. Nothing was stored."
        " Please look at its part of the page again."
    ),
    "states_missing": mark(
        "For %(mechanism)s the condition “Not to certain states” is ticked without a state, or a state is"
        " named without the tick. Nothing was stored. Please do both or neither."
    ),
    "states_unknown": mark(
        "For %(mechanism)s a state is named that is not known here. Nothing was stored. Please write"
        " names or two-letter codes with commas between them, for example: Belarus, Russia."
    ),
    "receipt_in_text": mark(
        "There is a receipt in the text. Whoever reads the text could open everything with it. Nothing"
        " was stored. Please take it out of the text and try again."
    ),
    "too_many_apart": mark(
        "At most %(limit)s files can have a consent of their own. Please choose together with others who"
        " may open the rest."
    ),
    "upload_incomplete": mark(
        "A file that was saved is no longer there. Nothing was sent. Please remove it from the list of"
        " files, add it again, and send."
    ),
    "upload_taken": mark(
        "A file that was saved is no longer there. Nothing was sent. Please remove it from the list of"
        " files, add it again, and send."
    ),
    "receipt_restored": mark(
        "This receipt replaces one that was lost. It reads what one organisation can open, and cannot do"
        " this. Nothing was changed. For what you want to add, please send a new testimony."
    ),
    "record_full": mark(
        "So much was changed here already that no further change can be kept. Nothing was changed now."
        " Withdrawing is still possible. To add something, please send a new testimony."
    ),
    "revision_empty": mark(
        "This is what holds already, so nothing was changed. To change something, please choose it and save"
        " again."
    ),
    "grant_missing": mark(
        "Meanwhile the consent for one of the organisations has ended, so this could not be kept. Nothing was"
        " changed. Please go back to your testimony, look at who may receive it, and try again."
    ),
    "upload_busy": mark(
        "The same file is being received or sent from another window at this moment. Nothing was stored here."
        " Please wait a little and try again."
    ),
    "written_in": mark(
        "The language of the text is not named by a code that can be kept. Nothing was stored. Please choose"
        " a language of the list, or write two or three Latin letters, for example ka."
    ),
    "revision_behind": mark(
        "The testimony was changed at the same moment, perhaps in another window. Nothing of this was"
        " sent. Please look through everything once more and send again."
    ),
    "deletion_pending": mark(
        "This testimony is about to be deleted, as you asked. To change it, please cancel the deletion first."
    ),
    "answer_malformed": mark("this is not an answer that can be kept. Please look at it again."),
    "answer_too_large": mark(
        "All answers of this page together are too long. Please shorten some, or use the free text."
    ),
    "answer_too_many": mark("There can be at most %(limit)s entries. Please write more in the free text."),
    "answer_too_long": mark("the answer is too long: at most %(limit)s characters are possible."),
    "answer_too_large_number": mark("the number is too large: at most %(limit)s is possible."),
    "answer_date": mark(
        "this is not a date that exists. A year is enough, for example 2020; with a month from 1 to 12,"
        " 2020 and 8; with a day of that month, 2020, 8 and 9. If you gave an end, it comes after the"
        " beginning."
    ),
    "answer_code_unknown": mark("one of the answers is not in the list. Please choose again."),
    "answer_required": mark("an answer is needed here; it can be “Don't know” or “Prefer not to say”."),
    "answer_receipt_in_text": mark(
        "there is a receipt in the answer. Whoever reads it could open everything. Please take it out."
    ),
    "answer_both": mark(
        "there is an answer, and “Don't know” or “Prefer not to say” is chosen as well. Please leave one"
        " of the two."
    ),
    "deletion_none": mark(
        "There is no deletion to cancel: nothing is waiting to be deleted. Nothing was changed."
    ),
    "deletion_due": mark(
        "The day of the deletion has come: it is being carried out and can no longer be cancelled."
    ),
    "message_empty": mark("There is no text in the message. Nothing was sent. Please write something."),
    "message_too_long": mark(
        "The message is too long: at most 8000 characters are possible. Nothing was sent. Please shorten it,"
        " or send it in two parts."
    ),
    "messages_full": mark(
        "There are as many messages as can be kept for one testimony. Nothing was sent. You can still add a"
        " text to the testimony itself."
    ),
    "consent_withdrawn": mark(
        "This organisation has no consent for your testimony any more, so nothing can be sent to it. Nothing"
        " was sent."
    ),
    "restoration_done": mark(
        "The second receipt is valid already, so it is too late to object. If it was not you who asked for"
        " it, you can withdraw your consent, or delete everything."
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
    if code in ("text_too_long", "draft_text_too_long"):
        # The limit is in bytes, and a Cyrillic letter takes two.
        shown["characters"] = texts.number(int(values["limit"]) // 2)
    return texts.gettext(_TEXTS.get(code, _TEXTS[_FALLBACK])) % shown
