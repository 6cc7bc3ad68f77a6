"""A promise is made when a testimony is received, before it is in a signed log.

If the leaves that it names are not there by its day, the promise convicts the operator.

    intake/promise/v1
    <record>
    <SHA-256 of the statement, hex>
    <day by which the leaves are in signed checkpoints>
    <origin of a log> <base64(leaf hash)>              one line for each mechanism
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from crypto import checks, merkle, notes
from crypto.errors import CryptoError, FormatError, VerifyError
from crypto.notes import VerifierKey, parse_padded_b64
from intake.client.search import SignedLogs

_PROMISE = "intake/promise/v1"
_LONGEST = 2  # days from now: a promise for the end of time can be kept by doing nothing


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised, and signed; `leaves` are (origin of a log, leaf hash)."""

    record: str
    statement: str  # hash
    day: str
    leaves: list[tuple[str, bytes]]


def parse(promise: Any, keys: Sequence[VerifierKey]) -> Promise:
    """A promise that all `keys` have signed; else `CryptoError`."""
    if not isinstance(promise, str):
        raise VerifyError("there is none")
    text = notes.verify(promise.encode(), keys).text
    title, *lines = text.removesuffix("\n").split("\n")
    if title != _PROMISE or len(lines) < 3:
        raise FormatError("it is not of the form that it should have")
    record, statement, day, *logs = lines
    leaves = []
    for line in logs:
        origin, _, leaf = line.partition(" ")
        leaves.append((origin, parse_padded_b64(leaf, merkle.HASH_SIZE)))
    return Promise(record, statement, checks.text(day, checks.DAY), leaves)


def check_promise(
    promise: Any, key: str, record: str, statement_hash: str, mechanisms: Collection[str], today: str
) -> None:
    """Return if the promise holds and covers this statement for all these mechanisms; else `CryptoError`."""
    verifier = VerifierKey.parse(key)
    found = parse(promise, [verifier])
    if found.record != record or found.statement != statement_hash:
        raise VerifyError("it is for another record, or for another statement")
    if found.day < today:
        raise VerifyError("it was over before it was made")
    if found.day > _later(today, _LONGEST):
        raise VerifyError(f"it is only for {found.day}: until then the record could be kept out of the logs")
    covered = {origin for origin, _ in found.leaves}
    absent = [m for m in mechanisms if f"{verifier.name}/{m}/records" not in covered]
    if absent:
        raise VerifyError(f"it does not name the log of: {', '.join(sorted(absent))}")


@dataclass(frozen=True, slots=True)
class Kept:
    """Whether a promise was kept: sentences about what was, what is not due yet, and what was not."""

    kept: list[str]
    later: list[str]
    broken: list[str]


def compare(
    text: str, key: VerifierKey, record: str, statements: Collection[str], found: SignedLogs, today: str
) -> Kept:
    """Compare a stored promise with logs that were searched; it is broken also if it does not hold."""
    result = Kept([], [], [])
    try:
        promise = parse(text, [key])
        if promise.record != record or promise.statement not in statements:
            raise VerifyError("it is for another record, or for another statement")
    except CryptoError as error:
        result.broken.append(f"this is no promise of the service for this record: {error}")
        return result
    logs = {log.origin: log for log in found.logs.values()}
    for origin, leaf in promise.leaves:
        log = logs.get(origin)
        if log is None:
            result.broken.append(f"the log {origin} is not there, or does not hold")
        elif log.holds(leaf):
            result.kept.append(f"{origin} holds the record")
        elif log.day >= promise.day:
            result.broken.append(
                f"{origin} was signed on {log.day} with {log.size} entries, and the record, promised by"
                f" {promise.day}, is not among them"
            )
        elif log.size and not log.day:
            result.later.append(f"{origin}: when it was signed is not known without its ML-DSA key")
        elif today > _later(promise.day, 1):
            result.broken.append(f"nothing of {origin} was signed since the promise was due ({promise.day})")
        else:
            result.later.append(f"{origin} is due by {promise.day}")
    return result


def _later(day: str, days: int) -> str:
    try:
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
    except (ValueError, OverflowError):
        return "9999-12-31"
