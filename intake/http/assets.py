"""What a browser runs: the files that `make web` built, as their manifest names them. `web/README.md`.

They are optional: where nothing is built the pages have no scripts, and every form works as it does
without JavaScript.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crypto.encoding import parse_json
from crypto.errors import FormatError
from intake.errors import ConfigurationError

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Assets:
    """Built files by name, the manifest among them; `hash` is the manifest's SHA-256 (hex)."""

    hash: str
    files: Mapping[str, bytes]

    def url(self, name: str) -> str:
        """Where a file is served. They import each other from beside themselves."""
        return f"/static/{self.hash[:16]}/{name}"

    def entry(self, name: str, kind: str = "js") -> str:
        """The file that `src/<name>.ts` became; with `kind`, its styles."""
        (found,) = (file for file in self.files if re.fullmatch(rf"{re.escape(name)}-.{{8}}\.{kind}", file))
        return found


def read_assets(folder: Path) -> Assets | None:
    """None if nothing was built; `ConfigurationError` if the files are not those of the manifest."""
    if not (folder / MANIFEST).is_file():
        return None
    raw = (folder / MANIFEST).read_bytes()
    try:
        named = parse_json(raw)
        if not isinstance(named, dict):
            raise FormatError("no object")
        files = {name: (folder / name).read_bytes() for name in named}
    except (FormatError, OSError) as error:
        raise _other(folder) from error
    if any(hashlib.sha256(data).hexdigest() != named[name] for name, data in files.items()):
        raise _other(folder)
    return Assets(hashlib.sha256(raw).hexdigest(), files | {MANIFEST: raw})


def _other(folder: Path) -> ConfigurationError:
    return ConfigurationError(f"{folder} does not hold what its manifest names: run 'make web' again")
