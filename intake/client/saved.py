"""A log that an auditor saved in the console: what entries say, held against what the log signed.

    {"v": 1, "mechanism": …, "log": "access" | "records", "saved": …, "answers": [of GET /review/v1/log, …]}

Checked as the console does it, without the service. An entry may be silent only if one of the records log
names it as erased; the console saves with a log what shows that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from crypto import log_leaf, merkle
from crypto.checkpoints import Checkpoint, Verified
from crypto.encoding import Json, b64u_decode, parse_json
from crypto.errors import CryptoError, FormatError
from crypto.log_leaf import SIZE as LEAF_SIZE
from crypto.log_leaf import LogLeaf, Opening
from crypto.notes import VerifierKey
from intake.client.log import verified

RECORDS: Final = "records"
_KINDS: Final = ("access", RECORDS)
_ERASED: Final = "record.erased"


@dataclass(slots=True)
class Saved:
    """What was found. `wrong` are sentences; `signed` is None without keys: then nothing is authenticated."""

    origin: str = ""
    size: int = 0  # of the largest tree that was signed
    covered: set[int] = field(default_factory=set)  # entries that lead to a root that was signed
    signed: Verified | None = None
    leaves: dict[int, bytes] = field(default_factory=dict)
    silent: set[int] = field(default_factory=set)
    said: dict[int, dict[str, Json]] = field(default_factory=dict)
    roots: dict[int, bytes] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def check(data: bytes, keys: Sequence[VerifierKey]) -> Saved:
    """Check a saved log; `FormatError` if the file is none."""
    logs = {kind: Saved() for kind in _KINDS}
    try:
        top: Any = parse_json(data)
        kind, mechanism = str(top["log"]), str(top["mechanism"])
        found = logs[kind]
        for answer in top["answers"]:
            its = logs[answer["log"]]
            _page(its, answer, f"{mechanism}/{answer['log']}", list(keys))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise FormatError("this is not a log that was saved in the console") from error
    for its in logs.values():
        _whole(its)
        _loose(its)
    if found is not logs[RECORDS] and found.silent:
        found.wrong += [f"in the records log, {one}" for one in logs[RECORDS].wrong]
    named = {
        one
        for index, said in logs[RECORDS].said.items()
        if said.get("event") == _ERASED and index in logs[RECORDS].covered
        for one in _list(said.get(kind))
        if isinstance(one, int) and (kind != RECORDS or one < index)
    }
    found.wrong += [
        f"entry {index} says nothing, and no signed entry of the records log names it as erased"
        for index in sorted(found.silent - named)
    ]
    return found


def compare(newer: Saved, older: Saved) -> list[str]:
    """What does not fit between two saved logs, as far as both go."""
    if newer.origin != older.origin:
        return [f"these are two logs: {newer.origin} and {older.origin}"]
    wrong = [
        f"two histories were shown: entry {index} is another one in the other file. Keep both files"
        for index in sorted(newer.leaves.keys() & older.leaves.keys())
        if newer.leaves[index] != older.leaves[index]
    ]
    wrong += [
        f"two trees of {size} entries were signed. Keep both files: together they are the proof"
        for size in sorted(newer.roots.keys() & older.roots.keys())
        if newer.roots[size] != older.roots[size]
    ]
    return wrong


def _page(its: Saved, answer: Any, log: str, keys: list[VerifierKey]) -> None:
    origin, start = str(answer["origin"]), int(answer["start"])
    if not origin.endswith(f"/{log}") or its.origin not in ("", origin):
        its.wrong.append(f"an answer is of another log, {origin}")
    its.origin = origin
    leaves: list[bytes] = []
    whole, following = True, start
    for raw in answer["entries"]:
        index = int(raw["index"])
        whole = whole and index == following
        following = index + 1
        try:
            leaf = b64u_decode(raw["leaf"], LEAF_SIZE)
            if its.leaves.setdefault(index, leaf) != leaf:
                its.wrong.append(f"entry {index} is there twice, and not the same")
            leaves.append(leaf)
            _entry(its, index, leaf, raw["opening"], log.partition("/")[0])
        except CryptoError as error:
            its.wrong.append(f"entry {index}: {error}")
    try:
        _signed(its, answer, start, leaves if whole and len(leaves) == len(answer["entries"]) else [], keys)
    except CryptoError as error:
        its.wrong.append(f"what the log signed: {error}")


def _entry(its: Saved, index: int, leaf: bytes, text: str | None, mechanism: str) -> None:
    parsed = LogLeaf.parse(leaf)
    if text is None:
        its.silent.add(index)
        its.said.pop(index, None)
        return
    opening = Opening.parse(text.encode())
    log_leaf.verify_opening(parsed, opening)
    if opening.hidden:
        raise FormatError("it hides some of what it says")
    if not opening.padding and opening.values.get("mechanism") != mechanism:
        raise FormatError("it is of another mechanism's log")
    its.said[index] = opening.values


def _signed(its: Saved, answer: Any, start: int, leaves: list[bytes], keys: list[VerifierKey]) -> None:
    note = answer["checkpoint"]
    if note is None:
        return
    checkpoint, signed = verified(str(note).encode(), keys, [], 0)
    if checkpoint.origin != its.origin:
        raise FormatError("it is another log's")
    _note(its, checkpoint, signed)
    covered = [merkle.leaf_hash(leaf) for leaf in leaves[: max(0, checkpoint.size - start)]]
    if covered:
        hashes = [bytes.fromhex(one) for one in answer["hashes"]]
        merkle.verify_range(covered, start, checkpoint.size, checkpoint.root, hashes)
        its.covered.update(range(start, start + len(covered)))


def _note(its: Saved, checkpoint: Checkpoint, signed: Verified | None) -> None:
    if its.roots.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
        its.wrong.append(f"two trees of {checkpoint.size} entries were signed")
    if checkpoint.size >= its.size:
        its.size, its.signed = checkpoint.size, signed


def _whole(its: Saved) -> None:
    """Without gaps; and if it is there from its first entry on, it leads to each root that was signed."""
    if not its.leaves:
        return
    first, last = min(its.leaves), max(its.leaves)
    lacking = sorted(set(range(first, max(last + 1, its.size))) - its.leaves.keys())
    if lacking:
        its.wrong.append(f"entries are missing: {len(lacking)}, the first is number {lacking[0]}")
    elif first == 0:
        for size, root in sorted(its.roots.items()):
            if merkle.root_of([merkle.leaf_hash(its.leaves[index]) for index in range(size)]) != root:
                its.wrong.append(f"the entries do not lead to the root of {size} that was signed")
            else:
                its.covered.update(range(size))


def _loose(its: Saved) -> None:
    """Only the newest entries may wait for their signature: anybody could have made what no root covers."""
    loose = sorted(index for index in its.leaves.keys() - its.covered if index < its.size)
    if loose:
        its.wrong.append(f"{len(loose)} entries lead to no signed root, the first is number {loose[0]}")


def _list(value: Json | None) -> list[Json]:
    return list(value) if isinstance(value, list) else []
