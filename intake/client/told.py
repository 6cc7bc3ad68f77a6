"""An entry of the records' list: what it says is what its leaf commits to, and it says all of it.

A program that pulls is told everything about its own mechanism. A field that is hidden from it is
therefore a forgery: without its event, a record would pass as nothing that concerns anybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from crypto import checks, log_leaf, statement
from crypto.encoding import Json, b64u_decode
from crypto.errors import CryptoError, FormatError, VerifyError
from crypto.log_leaf import SIZE as LEAF_SIZE
from crypto.log_leaf import LogLeaf, Opening
from crypto.statement import Statement

# What the events of this log have besides event, mechanism and day. Others may come with a later version.
# `from`, where there is one: the mechanism whose successor this one is, for the record that it speaks of.
# `consent.withdrawn` has `statement` and `signature` where a statement ends the consent, and no withdrawal.
EVENTS: Final[dict[str, dict[str, type]]] = {
    "record.added": {"record": str},
    "record.revised": {"record": str, "revision": int},
    "record.erased": {"records": list},
    "consent.withdrawn": {"record": str, "revision": int, "withdrawal": str},
    "deletion.asked": {"record": str, "due": str, "withdrawal": str},
    "deletion.cancelled": {"record": str},
    "message.added": {"record": str, "part": str},
    "restoration.asked": {"record": str},
    "restoration.refused": {"record": str},
    "restoration.done": {"record": str},
    "mechanism.keys": {"epoch": int, "compartment": str, "key": str},
    "log.keys": {"keys": list},
    "mechanism.profile": {"version": int, "sha256": str},
    "program.served": {"assets": str},
    "console.served": {"assets": str},
    "mechanism.closed": {},
    "mechanism.opened": {},
    "member.added": {"member": str},
    "member.revoked": {"member": str},
    "membership.added": {"member": str},
    "membership.removed": {"member": str},
    "drill.done": {"epoch": int},
}


@dataclass(frozen=True, slots=True)
class Told:
    """An entry of the list: `values` is what it says, nothing if it was erased."""

    index: int
    leaf: bytes
    opening: str | None
    values: dict[str, Json]

    @property
    def event(self) -> str | None:
        """What happened; None for padding, and after an erasure."""
        found = self.values.get("event")
        return found if isinstance(found, str) else None

    @property
    def origin(self) -> str | None:
        """The mechanism that handed the record over to this one; None if the person named this one."""
        found = self.values.get("from")
        return found if isinstance(found, str) else None


def read(item: Any, index: int, mechanism: str) -> Told:
    """One entry of the log of `mechanism` ("": not known yet); `CryptoError` says what does not hold."""
    leaf, text = b64u_decode(item["leaf"], LEAF_SIZE), item["opening"]
    parsed = LogLeaf.parse(leaf)
    if text is None:
        return Told(index, leaf, None, {})
    if not isinstance(text, str):
        raise FormatError("its opening is no text")
    opening = Opening.parse(text.encode())
    log_leaf.verify_opening(parsed, opening)
    if opening.hidden:
        raise VerifyError(f"it hides {', '.join(sorted(opening.hidden))}")
    if not opening.padding:
        _check(opening.values, mechanism)
    return Told(index, leaf, text, opening.values)


def _check(values: dict[str, Json], mechanism: str) -> None:
    """It says what happened, when, and in whose log; and what such an event has to say."""
    absent = [name for name in ("event", "mechanism", "day") if name not in values]
    if absent:
        raise VerifyError(f"it does not say its {', '.join(absent)}")
    checks.text(values["day"], checks.DAY)
    its = checks.text(values["mechanism"], checks.SLUG)
    if mechanism and its != mechanism:
        raise VerifyError(f"it is of another mechanism's log ({its})")
    event = values["event"]
    if not isinstance(event, str):
        raise FormatError("its event is no text")
    for name, kind in EVENTS.get(event, {}).items():
        if not isinstance(values.get(name), kind):
            raise FormatError(f"{event} without its {name}")
    if "record" in EVENTS.get(event, {}):
        checks.digest(values["record"])
        if "from" in values:
            checks.text(values["from"], checks.SLUG)


def items(entry: Told, name: str) -> list[Json]:
    """A field that is a list; nothing, if it is none."""
    found = entry.values.get(name)
    return list(found) if isinstance(found, list) else []


def erased(entry: Told) -> set[int]:
    """Which earlier entries fell silent, as this one says."""
    return {i for i in items(entry, "records") if isinstance(i, int) and i < entry.index}


def revised(entry: Told, known: Sequence[str]) -> Statement | None:
    """The signed statement of its revision, about its record, that ends a consent; None if none holds.

    `known` are the record's statements that are held, from the first on: it is one of them, or goes on from
    them as far as they go.
    """
    text, signature = entry.values.get("statement"), entry.values.get("signature")
    if not isinstance(text, str) or not isinstance(signature, str):
        return None
    try:
        found = statement.verify(text.encode(), b64u_decode(signature, 64))
    except (CryptoError, UnicodeEncodeError):
        return None
    number = found.revision
    if (found.record, number) != (entry.values.get("record"), entry.values.get("revision")):
        return None
    hashes = [None, *(statement.statement_hash(data.encode()) for data in known[:number])]
    if number < len(hashes) and hashes[number] != statement.statement_hash(text.encode()):
        return None
    return found if number > len(hashes) or hashes[number - 1] == found.previous else None
