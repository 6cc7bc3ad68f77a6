"""Pages for people: plain HTML from the server, with nothing inline and no cookie.

Each works without JavaScript. Where a program for browsers was built (`assets`), pages that it makes
better name it.

Every page names its language, has a title that says nothing to somebody who looks at tabs or history,
and offers to leave, to stop and to find help (`templates/_base.html`).
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from intake.http import reading
from intake.http.assets import Assets
from intake.http.messages import message
from intake.i18n import LANGUAGE_NAMES, LANGUAGES, translator
from intake.record.vocabulary import vocabulary

__all__ = ["Pages", "message"]

_HERE = Path(__file__).parent


class _Compiled(BytecodeCache):
    """What templates were compiled to, in memory: the same for every language."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """By the template's name and content."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled just now."""
        self._codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _Compiled()
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
}


class Pages:
    """Templates and static files, read once."""

    def __init__(self, quit_url: str, assets: Assets | None = None) -> None:
        files = sorted((_HERE / "static").iterdir())
        self._static = {f.name: (f.read_bytes(), _MEDIA_TYPES[f.suffix]) for f in files}
        urls = {
            name: f"/static/{hashlib.sha256(data).hexdigest()[:16]}/{name}"
            for name, (data, _) in self._static.items()
        }
        for name, data in assets.files.items() if assets else ():
            self._static[name] = (data, _MEDIA_TYPES[Path(name).suffix])
        self._environments = {
            language: _environment(language, quit_url, urls.__getitem__, assets) for language in LANGUAGES
        }

    def render(self, template: str, language: str, **context: Any) -> str:
        """A page in a language. What a template needs and is not given is an error."""
        return self._environments[language].get_template(template).render(context)

    def static(self, name: str) -> tuple[bytes, str] | None:
        """A static file, or one that a browser runs, and its media type."""
        return self._static.get(name)


def _environment(
    language: str, quit_url: str, static_url: Callable[[str], str], assets: Assets | None
) -> Environment:
    """One per language, so that templates and macros find their texts without being handed them."""
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_COMPILED,
        extensions=["jinja2.ext.i18n"],
    )
    texts = translator(language)
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        texts.gettext, texts.ngettext, newstyle=True
    )
    environment.filters.update(day=texts.day, size=texts.size)
    environment.globals.update(
        language=language,
        language_names=LANGUAGE_NAMES,
        quit_url=quit_url,
        static_url=static_url,
        assets=assets,
        message=message,
        written_languages=reading.written_languages(language),
        term=lambda name, code: vocabulary(name).label(code, language),
    )
    return environment
