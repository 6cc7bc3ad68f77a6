"""The texts that a person reads before a consent, by version and language.

A text never changes once it has been shown: a new wording is a new folder and a new version, because
consents refer to the version, the language and the SHA-256 of the file.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

VERSION = "2026-11"
_FOLDER = Path(__file__).parent / "data" / "consent"


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One text; `sha256` is the hex digest of the file's bytes."""

    version: str
    language: str
    text: str
    sha256: str

    @property
    def paragraphs(self) -> list[str]:
        """The text as it is shown: paragraphs stand between empty lines."""
        return [" ".join(block.split()) for block in self.text.split("\n\n") if block.strip()]


@cache
def current(language: str) -> ConsentText:
    """The text to show today in this language; `KeyError` if there is none."""
    file = _FOLDER / VERSION / f"{language}.txt"
    if not language.isalpha() or not file.is_file():
        raise KeyError(language)
    data = file.read_bytes()
    return ConsentText(VERSION, language, data.decode("utf-8"), hashlib.sha256(data).hexdigest())
