"""The list of accesses to a record, and what the logs say about it.

Entries carry tags that only the receipt makes findable, numbered without a gap. An entry left out in the
middle is a number that is missing; one left out at the end is a tag that is in a log and not in the list;
one that was made up is in no log.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from crypto import checks, log_leaf, merkle
from crypto.encoding import Json, b64u_decode
from crypto.errors import CryptoError, FormatError, VerifyError
from crypto.log_leaf import SIZE as LEAF_SIZE
from crypto.log_leaf import LogLeaf, Opening
from intake.client.search import SignedLogs, days_from_now

_BEYOND: Final = 64  # numbers that are looked for after the last one listed
_MOST: Final = 2**20  # a number that no record reaches


@dataclass(frozen=True, slots=True)
class Listed:
    """Where a listed entry is said to be."""

    mechanism: str
    log: str
    index: int
    leaf: bytes
    day: str


@dataclass(frozen=True, slots=True)
class Accesses:
    """Entries about one's own record, in order: (counter, what it says). `delayed` are not shown yet."""

    shown: list[tuple[int, dict[str, Json]]]
    delayed: int
    problems: list[str]
    places: dict[int, Listed] = field(default_factory=dict)
    unsigned: list[int] = field(default_factory=list)  # beyond what was signed: filled in by `compare`

    def tags(self, record_key: bytes) -> dict[bytes, int]:
        """What to look for in the logs: tags of all numbers listed, and of some more."""
        last = max(self.places, default=-1)
        return {log_leaf.tag(record_key, n): n for n in range(last + 1 + _BEYOND)}


def check_accesses(answer: Any, record: str, share: bytes, record_key: bytes) -> Accesses:
    """Check the list of accesses; whatever does not hold is a sentence in `problems`, nothing is raised.

    `record_key` follows from the receipt and the share in the signed statement. Only `compare` shows
    whether the list is whole.
    """
    shown: dict[int, dict[str, Json]] = {}
    places: dict[int, Listed] = {}
    problems: list[str] = []
    listed = answer.get("accesses") if isinstance(answer, dict) else None
    delayed = answer.get("delayed", 0) if isinstance(answer, dict) else 0
    if not isinstance(listed, list) or not isinstance(delayed, int) or delayed < 0:
        return Accesses([], 0, ["the list of accesses is not of the form that it should have"])
    if answer.get("share") != share.hex():
        problems.append("the service names another share of this record than the one that was signed")
    for place, item in enumerate(listed):
        try:
            counter, values, where = _access(item, record, record_key)
            if counter in shown:
                raise VerifyError(f"number {counter} is there twice")
            shown[counter], places[counter] = values, where
        except (CryptoError, KeyError, TypeError, AttributeError) as error:
            problems.append(f"access {place + 1} of the list does not hold: {error}")
    absent = set(range(max(shown, default=0) + 1)) - set(shown)
    _complain(problems, absent, delayed, "missing from the list")
    return Accesses(sorted(shown.items()), delayed, problems, places)


def compare(found: Accesses, signed: SignedLogs) -> list[str]:
    """Compare a list with logs that were searched for its `tags`; what does not hold, as sentences."""
    problems: list[str] = []
    hidden: set[int] = set()
    without: dict[str, list[int]] = {}  # by log: accesses that nothing can be compared with
    for counter, where in sorted(found.places.items()):
        log = signed.logs.get((where.mechanism, where.log))
        name = f"access {counter} (entry {where.index} of {where.mechanism}/{where.log})"
        if log is None:
            without.setdefault(f"{where.mechanism}/{where.log}", []).append(counter)
        elif where.index >= log.size:
            if log.day and where.day < days_from_now(-1) and where.day < log.day:
                problems.append(f"{name} is of {where.day}, and the log signed on {log.day} does not hold it")
            else:
                found.unsigned.append(counter)
        elif log.leaf_hash(where.index) != merkle.leaf_hash(where.leaf):
            problems.append(f"{name} is listed, and the log holds another entry there: it was made up")
    for unusable, counters in without.items():
        named = ", ".join(map(str, counters[:20])) + (", …" if len(counters) > 20 else "")
        problems.append(
            f"{len(counters)} accesses (numbers {named}) are in a log that the service does not show, or that"
            f" does not hold: {unusable}"
        )
    listed = {(w.mechanism, w.log, w.index): counter for counter, w in found.places.items()}
    for (mechanism, kind), log in sorted(signed.logs.items()):
        for index, counter in sorted(log.tagged.items()):
            if (mechanism, kind, index) in listed:
                continue
            if counter in found.places:
                problems.append(
                    f"entry {index} of {mechanism}/{kind} is about your record, under the number {counter} of"
                    " another access: a hidden access"
                )
            else:
                hidden.add(counter)
                if not found.delayed:
                    problems.append(
                        f"entry {index} of {mechanism}/{kind} is about your record (number {counter}), and is"
                        " not in the list: a hidden access"
                    )
    if found.delayed:
        absent = set(range(max(found.places, default=0) + 1)) - set(found.places)
        _complain(problems, absent | hidden, found.delayed, "in the logs or missing, and not in the list")
    return problems


def _complain(problems: list[str], absent: set[int], delayed: int, what: str) -> None:
    if len(absent) > delayed:
        named = ", ".join(map(str, sorted(absent)[:20]))
        problems.append(
            f"{len(absent)} accesses are {what} (numbers {named}), and the service says that"
            f" {delayed} are delayed: accesses to your record are kept from you"
        )


def _access(item: Any, record: str, record_key: bytes) -> tuple[int, dict[str, Json], Listed]:
    data = b64u_decode(item["leaf"], LEAF_SIZE)
    leaf = LogLeaf.parse(data)
    counter, index = item["counter"], item["index"]
    for number in (counter, index):
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            raise FormatError("its number is none")
    if counter > _MOST:
        raise FormatError("its number is too large")
    opening = Opening.parse(item["opening"].encode())
    log_leaf.verify_opening(leaf, opening)
    log_leaf.verify_tag(leaf, record_key, counter)
    values = opening.values
    if opening.padding or values.get("record", record) != record:
        raise VerifyError("it is about something else")
    for name in ("event", "mechanism", "day"):
        if not isinstance(values.get(name), str):
            raise VerifyError(f"it does not say its {name}")
    if values["mechanism"] != item["mechanism"]:
        raise VerifyError("it is in another mechanism's log than the list says")
    day = checks.text(values["day"], checks.DAY)
    return counter, values, Listed(str(item["mechanism"]), str(item["log"]), index, data, day)
