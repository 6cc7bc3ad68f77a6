"""Search whole logs for what concerns one record, and for what was promised.

Who holds a record's key knows the tags of all its entries. The list that a service shows is compared with
the logs that it has signed: nothing may be listed that is in no log, and nothing may be in a log that is
not listed. The logs are fetched whole, so that the service does not learn which entries are looked for.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from crypto import checkpoints, checks
from crypto.errors import CryptoError, FormatError, VerifyError
from crypto.log_leaf import SIZE as LEAF_SIZE
from crypto.log_leaf import TAG_SIZE
from crypto.merkle import HASH_SIZE
from crypto.notes import Note, VerifierKey
from crypto.tiles import WIDTH, Tile
from intake.client.api import Api
from intake.client.log import NotThere, Progress, Tree, UrlLog, bundle_path, leaf_hashes, root_above

_STEP: Final = 2 + LEAF_SIZE
_TAG: Final = 3  # of an entry in a bundle: after its length and the version
_MOST_LOGS: Final = 1000


@dataclass(slots=True)
class SignedLog:
    """A log up to its newest checkpoint, which holds. `hashes` are filled in by `search`."""

    mechanism: str
    kind: str
    origin: str
    source: UrlLog
    size: int = 0
    root: bytes = b""
    day: str = ""  # of the checkpoint; "" if nothing was signed yet
    hashes: bytes = field(default=b"", repr=False)
    tagged: dict[int, int] = field(default_factory=dict)  # index → number of the record's entry

    def leaf_hash(self, index: int) -> bytes:
        """Of an entry below the checkpoint."""
        return self.hashes[index * HASH_SIZE : (index + 1) * HASH_SIZE]

    def holds(self, leaf_hash: bytes) -> bool:
        """Whether an entry has this hash."""
        at = self.hashes.find(leaf_hash)
        while at >= 0 and at % HASH_SIZE:
            at = self.hashes.find(leaf_hash, at + 1)
        return at >= 0

    def search(self, tags: Mapping[bytes, int], progress: Progress = lambda what, done, total: None) -> None:
        """Fetch every entry, look for tags, and check that all lead to the root that was signed."""
        widths = [min(WIDTH, self.size - first) for first in range(0, self.size, WIDTH)]
        bundles = self.source.read_all(bundle_path(i, width) for i, width in enumerate(widths))
        rows = [bytearray()]
        for index, (width, bundle) in enumerate(zip(widths, bundles, strict=True)):
            if len(bundle) != width * _STEP:
                raise FormatError(f"the bundle {index} of {self.origin} is not of our form")
            rows[0] += leaf_hashes(bundle, width)
            for place in range(width):
                start = place * _STEP + _TAG
                number = tags.get(bundle[start : start + TAG_SIZE])
                if number is not None:
                    self.tagged[index * WIDTH + place] = number
            progress(f"{self.mechanism}: {self.kind}", index + 1, len(widths))
        self.hashes = bytes(rows[0])
        while len(rows[-1]) >= WIDTH * HASH_SIZE:
            below, span = rows[-1], WIDTH * HASH_SIZE
            full = range(0, len(below) // span * span, span)
            rows.append(bytearray().join(root_above(bytes(below[at : at + span])) for at in full))

        def read(tile: Tile) -> bytes:
            start = tile.index * WIDTH * HASH_SIZE
            return bytes(rows[tile.level][start : start + tile.width * HASH_SIZE])

        if self.size and Tree(self.size, read).root() != self.root:
            raise VerifyError(f"the {self.size} entries of {self.origin} are not those that were signed")


@dataclass(slots=True)
class SignedLogs:
    """The logs of a service, by mechanism and kind, and what did not hold of them."""

    logs: dict[tuple[str, str], SignedLog] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def search(self, tags: Mapping[bytes, int], progress: Progress = lambda what, done, total: None) -> None:
        """Search them all; one that does not hold is a problem, and is dropped."""
        for where, log in list(self.logs.items()):
            try:
                log.search(tags, progress)
            except (CryptoError, NotThere) as error:
                self.problems.append(f"the log {log.origin} does not hold: {error}")
                del self.logs[where]


def signed_logs(
    connection: Api, shown: Any, given: Sequence[VerifierKey], needed: Collection[str]
) -> SignedLogs:
    """The newest checkpoints of all logs that the service shows, verified.

    `shown` is its list of logs; `given` are keys that the operator published elsewhere (without, those
    that it shows count); of each mechanism in `needed` both logs must be there.
    """
    found = SignedLogs()
    try:
        listed = [_log(connection, item) for item in checks.items(shown, _MOST_LOGS)]
    except (CryptoError, KeyError, TypeError, ValueError) as error:
        found.problems.append(f"the service's list of logs is not of the form that it should have: {error}")
        return found
    for log, texts in listed:
        try:
            _verify(log, [key for key in given if key.name == log.origin] if given else _keys(log, texts))
        except CryptoError as error:
            found.problems.append(f"the checkpoint of {log.origin} cannot be believed: {error}")
            continue
        except NotThere:
            pass
        if not log.size or (log.day and log.day < days_from_now(-2)):
            since = f"since {log.day}" if log.day else "yet"
            found.warnings.append(f"nothing of {log.origin} was signed {since}: what is newer is not checked")
        found.logs[log.mechanism, log.kind] = log
    named = {(log.mechanism, log.kind) for log, _ in listed}
    for mechanism in sorted(needed):
        for kind in ("records", "access"):
            if (mechanism, kind) not in named:
                found.problems.append(f"the service shows no log of {kind} for {mechanism}")
    return found


def days_from_now(days: int) -> str:
    """A day, in UTC."""
    now = datetime.now(UTC).timestamp()
    return datetime.fromtimestamp(now + days * 86400, UTC).strftime("%Y-%m-%d")


def _log(connection: Api, item: Any) -> tuple[SignedLog, list[Any]]:
    mechanism, kind = checks.text(item["mechanism"], checks.SLUG), checks.text(item["log"], checks.SLUG)
    source = UrlLog(connection, f"/log/{mechanism}/{kind}")
    return SignedLog(mechanism, kind, str(item["origin"]), source), checks.items(item["keys"], 16)


def _keys(log: SignedLog, texts: list[Any]) -> list[VerifierKey]:
    keys = [VerifierKey.parse(text) for text in texts]
    if any(key.name != log.origin for key in keys):
        raise VerifyError("the service shows keys of another log")
    return keys


def _verify(log: SignedLog, keys: list[VerifierKey]) -> None:
    """Every type there is among the keys must have signed: while keys change, not each of them has."""
    if not keys:
        raise VerifyError("there is no key to verify it with")
    data = log.source.read("checkpoint")
    note = Note.parse(data)
    signers = [key for key in keys if note.signature_by(key)]
    if {key.kind for key in signers} != {key.kind for key in keys}:
        raise VerifyError("a key of the log has not signed it")
    verified = checkpoints.verify(data, log.origin, signers)
    log.size, log.root = verified.checkpoint.size, verified.checkpoint.root
    times = [one.time for one in verified.log if one.time]
    if times:
        log.day = datetime.fromtimestamp(min(max(times), 2**33), UTC).strftime("%Y-%m-%d")
