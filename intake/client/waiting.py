"""Records that were told and did not come: their entries, kept for the next run.

    OUT/waiting/<purpose>/<record>.json    {"index", "leaf", "opening"}

A consent that was withdrawn may be given again, and a file that was missing may be found. What was erased
meanwhile waits no longer.
"""

import json
from pathlib import Path

from crypto.encoding import b64u_decode, b64u_encode
from crypto.errors import FormatError
from crypto.log_leaf import SIZE as LEAF_SIZE
from crypto.log_leaf import Opening
from intake.client import files
from intake.client.told import Told


class Waiting:
    """The folder of one purpose; it exists once something waits."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, record: str, entry: Told) -> None:
        """Remember a record's entry."""
        path = self._folder / f"{record}.json"
        if not path.exists():
            value = {"index": entry.index, "leaf": b64u_encode(entry.leaf), "opening": entry.opening}
            files.write_json(path, value)

    def remove(self, record: str) -> None:
        """It came."""
        (self._folder / f"{record}.json").unlink(missing_ok=True)

    def drop(self, erased: set[int]) -> None:
        """These entries were erased: nothing of them will come."""
        for record, entry in self.entries().items() if erased else ():
            if entry.index in erased:
                self.remove(record)

    def entries(self) -> dict[str, Told]:
        """What waits, in the order of the list; `ValueError` names a file that cannot be read."""
        found = {}
        for path in self._folder.glob("*.json") if self._folder.is_dir() else ():
            try:
                value = json.loads(path.read_bytes())
                leaf, opening = b64u_decode(value["leaf"], LEAF_SIZE), value["opening"]
                values = Opening.parse(opening.encode()).values
                found[path.stem] = Told(int(value["index"]), leaf, opening, values)
            except (KeyError, TypeError, ValueError, AttributeError, FormatError) as error:
                raise ValueError(f"{path} is damaged: pull into a new folder, and keep this one") from error
        return dict(sorted(found.items(), key=lambda item: item[1].index))
