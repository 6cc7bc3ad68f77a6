"""What a submitter, or anybody with a file, can check of a log: promises, proofs, the list of accesses.

A promise is made when a testimony is received, before it is in a signed log: if it is not there by the
day that it names, the promise convicts the operator. A proof shows, offline, that it is there. The list
shows who opened it: its entries carry tags that only the receipt makes findable, numbered without a gap,
so that an entry that was left out is a number that is missing.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from crypto import checks, log_leaf, merkle, notes
from crypto.checkpoints import Verified
from crypto.encoding import Json, b64u_decode, parse_canonical_json
from crypto.errors import CryptoError, FormatError, VerifyError
from crypto.log_leaf import SIZE as LEAF_SIZE
from crypto.log_leaf import LogLeaf, Opening
from crypto.notes import VerifierKey, parse_padded_b64
from crypto.tlog_proof import LogProof
from intake.client.log import verified

_PROMISE = "intake/promise/v1"


@dataclass(frozen=True, slots=True)
class Proven:
    """What a log proof shows. `signed` is None without keys: then nothing is authenticated."""

    origin: str
    index: int
    size: int
    mechanism: str
    record: str
    day: str
    signed: Verified | None


def check_proof(data: bytes, keys: list[VerifierKey], record: str | None = None) -> Proven:
    """Check a log proof, or the `log.json` that `intake pull` keeps beside a record.

    `FormatError` if it is neither, `VerifyError` if it does not hold or is another record's.
    """
    # 1. The form; what it is about is in `extra`, which nobody has signed yet.
    proof = LogProof.parse(_proof_in(data))
    if proof.extra is None:
        raise VerifyError("the proof does not say what it proves: it has no extra line")
    extra = checks.exactly(parse_canonical_json(proof.extra), "leaf opening")
    # 2. What it says is what the leaf commits to.
    leaf = b64u_decode(extra["leaf"], LEAF_SIZE)
    opening = Opening.parse(str(extra["opening"]).encode())
    log_leaf.verify_opening(LogLeaf.parse(leaf), opening)
    # 3. The leaf is in the tree of the checkpoint, and the log has signed that.
    checkpoint, signed = verified(proof.checkpoint, keys, [], 0)
    hashed = merkle.leaf_hash(leaf)
    merkle.verify_inclusion(hashed, proof.index, checkpoint.size, checkpoint.root, proof.hashes)
    # 4. It speaks of the arrival of a record, for the mechanism whose log this is.
    values = opening.values
    if values.get("event") != "record.added":
        raise VerifyError("the proof is not of a record that was received")
    found, mechanism = checks.digest(values.get("record")), checks.text(values.get("mechanism"), checks.SLUG)
    if not checkpoint.origin.endswith(f"/{mechanism}/records"):
        raise VerifyError("the entry names another mechanism than the log")
    if record is not None and record != found:
        raise VerifyError(f"the proof is of another record: {found}")
    day = checks.text(values.get("day"), checks.DAY)
    return Proven(checkpoint.origin, proof.index, checkpoint.size, mechanism, found, day, signed)


def _proof_in(data: bytes) -> bytes:
    if not data.startswith(b"{"):
        return data
    try:
        text = json.loads(data)["proof"]
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError("neither a log proof nor a log.json") from error
    if not isinstance(text, str):
        raise FormatError("it has no proof yet: pull again after the next checkpoint")
    return text.encode()


def check_promise(
    promise: Any, key: str, record: str, statement_hash: str, mechanisms: Collection[str], today: str
) -> None:
    """Return if the promise holds and covers this statement for all these mechanisms; else `CryptoError`."""
    if not isinstance(promise, str):
        raise VerifyError("there is none")
    verifier = VerifierKey.parse(key)
    text = notes.verify(promise.encode(), [verifier]).text
    title, *lines = text.removesuffix("\n").split("\n")
    if title != _PROMISE or len(lines) < 3:
        raise FormatError("it is not of the form that it should have")
    promised, statement, day, *logs = lines
    if promised != record or statement != statement_hash:
        raise VerifyError("it is for another record, or for another statement")
    if checks.text(day, checks.DAY) < today:
        raise VerifyError("it was over before it was made")
    covered = set()
    for line in logs:
        origin, _, leaf = line.partition(" ")
        parse_padded_b64(leaf, merkle.HASH_SIZE)
        covered.add(origin)
    absent = [m for m in mechanisms if f"{verifier.name}/{m}/records" not in covered]
    if absent:
        raise VerifyError(f"it does not name the log of: {', '.join(sorted(absent))}")


@dataclass(frozen=True, slots=True)
class Accesses:
    """Entries about one's own record, in order: (counter, what it says). `delayed` are not shown yet."""

    shown: list[tuple[int, dict[str, Json]]]
    delayed: int
    problems: list[str]


def check_accesses(answer: Any, record: str, share: bytes, record_key: bytes) -> Accesses:
    """Check the list of accesses; whatever does not hold is a sentence in `problems`, nothing is raised.

    `record_key` follows from the receipt and the share in the signed statement.
    """
    shown: dict[int, dict[str, Json]] = {}
    problems: list[str] = []
    listed = answer.get("accesses") if isinstance(answer, dict) else None
    delayed = answer.get("delayed", 0) if isinstance(answer, dict) else 0
    if not isinstance(listed, list) or not isinstance(delayed, int):
        return Accesses([], 0, ["the list of accesses is not of the form that it should have"])
    if answer.get("share") != share.hex():
        problems.append("the service names another share of this record than the one that was signed")
    for place, item in enumerate(listed):
        try:
            counter, values = _access(item, record, record_key)
            if counter in shown:
                raise VerifyError(f"number {counter} is there twice")
            shown[counter] = values
        except (CryptoError, KeyError, TypeError, AttributeError) as error:
            problems.append(f"access {place + 1} of the list does not hold: {error}")
    absent = sorted(set(range(max(shown, default=0) + 1)) - set(shown))
    if len(absent) > delayed:
        named = ", ".join(map(str, absent[:20]))
        problems.append(
            f"{len(absent)} accesses are missing from the list (numbers {named}), and the service says that"
            f" {delayed} are delayed: accesses to your record are kept from you"
        )
    return Accesses(sorted(shown.items()), delayed, problems)


def _access(item: Any, record: str, record_key: bytes) -> tuple[int, dict[str, Json]]:
    leaf = LogLeaf.parse(b64u_decode(item["leaf"], LEAF_SIZE))
    counter = item["counter"]
    if not isinstance(counter, int) or isinstance(counter, bool):
        raise FormatError("its number is none")
    opening = Opening.parse(item["opening"].encode())
    log_leaf.verify_opening(leaf, opening)
    log_leaf.verify_tag(leaf, record_key, counter)
    values = opening.values
    if opening.padding or values.get("record", record) != record:
        raise VerifyError("it is about something else")
    if values.get("mechanism", item["mechanism"]) != item["mechanism"]:
        raise VerifyError("it is in another mechanism's log than the list says")
    return counter, values


def verifier_keys(texts: Sequence[str]) -> list[VerifierKey]:
    """Keys from their texts; `FormatError` names what is none."""
    found = []
    for text in texts:
        try:
            found.append(VerifierKey.parse(text))
        except FormatError as error:
            raise FormatError(f"not a verifier key ({error}): {text[:60]}") from error
    return found
