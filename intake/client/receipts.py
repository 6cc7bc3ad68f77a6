"""Receipts on a screen: made here, shown to one person, and gone.

A documenter keeps none: whoever holds a receipt can open what was told, and one list of them would open
everything. So each is shown alone, to the person whose it is, or nobody ever sees it.
"""

import secrets

from crypto.receipt import RANDOM_BYTES, WORD_LISTS, MistypedReceipt, Receipt

# Screen, what was scrolled out of it, and the cursor to the top left (ECMA-48; xterm's 3J).
WIPE = "\x1b[2J\x1b[3J\x1b[H"
_WRONG = {
    "count": "a receipt has nine groups; this has {found}",
    "word": "group {group} is not a word of the list: is it mistyped?",
    "range": "group {group} is not a number from 0000 to 7775: is it mistyped?",
    "checksum": "one of the groups is mistyped",
}


def fresh() -> Receipt:
    """A new one."""
    return Receipt.from_random(secrets.token_bytes(RANDOM_BYTES))


def lines(receipt: Receipt, language: str = "en") -> list[str]:
    """Its two spellings, digits first; words only if the language has a list."""
    words = receipt.words(language) if language in WORD_LISTS else None
    return ["  ".join(receipt.digits()), *([" ".join(words)] if words else [])]


def wrong(error: MistypedReceipt) -> str:
    """What is wrong with what was typed."""
    return _WRONG[error.reason].format(group=error.group, found=error.found)
