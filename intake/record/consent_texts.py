"""The texts that a person reads before a consent, by version and language.

A text never changes once it has been shown: a new wording is a new folder and a new version, because
consents refer to the version, the language and the SHA-256 of the file.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

VERSION = "2026-12"
_VERSION = re.compile(r"\d{4}-\d{2}")
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


def current(language: str) -> ConsentText:
    """The text to show today in this language; `KeyError` if there is none."""
    return get(VERSION, language)


@cache
def get(version: str, language: str) -> ConsentText:
    """The text that a consent refers to; `KeyError` if there is none."""
    file = _FOLDER / version / f"{language}.txt"
    if not _VERSION.fullmatch(version) or not language.isalpha() or not file.is_file():
        raise KeyError(version, language)
    data = file.read_bytes()
    return ConsentText(version, language, data.decode("utf-8"), hashlib.sha256(data).hexdigest())


@cache
def every() -> tuple[ConsentText, ...]:
    """All texts that were ever shown, the newest version first, by language."""
    versions = sorted((folder.name for folder in _FOLDER.iterdir() if folder.is_dir()), reverse=True)
    return tuple(
        get(version, file.stem) for version in versions for file in sorted((_FOLDER / version).glob("*.txt"))
    )
