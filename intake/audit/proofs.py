"""What a submitter can show: a promise at once, later a proof, and the list of who opened what.

*Promise*: a note signed by the log's key under its bare origin. If no checkpoint of that day or a later
one holds these leaves, the note convicts the operator.

    intake/promise/v1
    <record>
    <SHA-256 of the statement, hex>
    <day by which the leaves are in signed checkpoints>
    <origin of a log> <base64(leaf hash)>              one line for each mechanism

*Proof*: a C2SP tlog-proof whose `extra` is JSON {leaf, opening}: with the log's public keys it is checked
offline. It tells its reader that this record was received on that day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from crypto import merkle
from crypto.encoding import b64u_encode, canonical_json
from crypto.log_leaf import Opening
from crypto.notes import padded_b64
from crypto.tlog_proof import LogProof
from intake import clock
from intake.audit import log, publish, tree
from intake.audit.events import Event, Log
from intake.audit.keys import LogKeys
from intake.db.engine import Database
from intake.errors import Conflict

# Never who did it; but which mechanism a record was handed over to, or came from.
SHOWN = (
    *("event", "mechanism", "day", "record", "purpose", "roles"),
    *("part", "class", "reason", "asked", "successor", "from"),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry about one's own record, as its submitter sees it. `day` is when it was made.

    `until` is the day from which it is shown, if that is still to come.
    """

    mechanism: str
    log: Log
    index: int
    counter: int
    leaf: bytes
    opening: bytes
    day: str
    until: str | None


class Proofs:
    """Reads the logs for submitters."""

    def __init__(self, database: Database, keys: LogKeys) -> None:
        self._database = database
        self._keys = keys

    def promise(self, record: str, statement_hash: str, revision: int = 1) -> str:
        """The signed promise for a revision of a record that was received."""
        self._settle()
        with self._database.read() as connection:
            added = _arrived(connection, record, revision)
        lines = ["intake/promise/v1", record, statement_hash, clock.day(clock.now() + clock.DAY)]
        lines += [
            f"{self._keys.name(m, Log.RECORDS)} {padded_b64(merkle.leaf_hash(leaf))}"
            for m, _, leaf, _ in added
        ]
        return self._keys.promise("\n".join(lines) + "\n").decode()

    def proofs(self, record: str) -> dict[str, str]:
        """Mechanism → log proof of the record's arrival; `Conflict` before the next checkpoint."""
        self._settle()
        with self._database.read() as connection:
            return {
                mechanism: self._proof(connection, mechanism, index, leaf, opening)
                for mechanism, index, leaf, opening in _added(connection, record)
            }

    def _settle(self) -> None:
        """What waits for its index is part of the answer, too."""
        if self._database.sequencer:
            with self._database.write(durable=False) as connection:
                for mechanism, kind in log.logs(connection):
                    log.settle(connection, mechanism, kind)

    def _proof(self, connection: Connection, mechanism: str, index: int, leaf: bytes, opening: bytes) -> str:
        published = publish.newest(connection, mechanism, Log.RECORDS)
        if published is None or index >= published.size:
            raise Conflict("proof_later", "the next checkpoint, which will prove it, is not signed yet")
        reads = tree.subtrees(connection, mechanism, Log.RECORDS, published.size)
        shown = Opening.parse(opening).disclose(["event", "mechanism", "day", "record"])
        extra = canonical_json({"leaf": b64u_encode(leaf), "opening": shown.encode().decode()})
        checkpoint = publish.cosigned(connection, mechanism, Log.RECORDS, published)
        hashes = merkle.inclusion_proof(index, published.size, reads)
        return LogProof(index, hashes, checkpoint, extra).encode().decode()

    def accesses(self, record: str, delays: Mapping[str, int] | None = None) -> list[Seen]:
        """Every entry about the record, in order, from counter 0: who (which mechanism), what, why, when.

        `delays` (days, by mechanism) is how long its accesses are not to be shown: they are counted.
        """
        self._settle()
        today = clock.day()
        with self._database.read() as connection:
            return [
                _seen(mechanism, kind, counter, entry.index, entry.leaf, entry.opening, delays or {}, today)
                for mechanism, kind, counter, entry in log.of_record(connection, record)
                if entry.opening is not None
            ]


def _seen(
    mechanism: str,
    kind: Log,
    counter: int,
    index: int,
    leaf: bytes,
    opening: bytes,
    delays: Mapping[str, int],
    today: str,
) -> Seen:
    day = str(Opening.parse(opening).values["day"])
    delay = delays.get(mechanism, 0) if kind is Log.ACCESS else 0
    shows = (date.fromisoformat(day) + timedelta(days=delay)).isoformat()
    return Seen(mechanism, kind, index, counter, leaf, _shown(opening), day, shows if shows > today else None)


def _shown(opening: bytes) -> bytes:
    whole = Opening.parse(opening)
    return whole.disclose([name for name in SHOWN if name in whole.values]).encode()


def _added(connection: Connection, record: str) -> list[tuple[str, int, bytes, bytes]]:
    return [
        (mechanism, entry.index, entry.leaf, entry.opening)
        for mechanism, _, _, entry in log.of_record(connection, record)
        if entry.event is Event.RECORD_ADDED and entry.opening is not None
    ]


def _arrived(connection: Connection, record: str, revision: int) -> list[tuple[str, int, bytes, bytes]]:
    return [
        (mechanism, entry.index, entry.leaf, entry.opening)
        for mechanism, _, _, entry in log.of_record(connection, record)
        if entry.event in (Event.RECORD_ADDED, Event.RECORD_REVISED)
        and entry.opening is not None
        and entry.fields.get("revision", 1) == revision
    ]
