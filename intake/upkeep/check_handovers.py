"""What a record that was handed over has to show: who told whom, whose grants, and why it ended."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, select

from crypto.encoding import parse_json
from crypto.errors import CryptoError
from crypto.log_leaf import Opening
from crypto.statement import Statement, statement_hash
from intake.audit.events import Event
from intake.db.tables.audit import log_entries
from intake.people import mechanisms

Grant = tuple[str, str, str]  # mechanism, compartment, fingerprint of the key


def came(connection: Connection, record: str) -> set[tuple[str, str]]:
    """(successor, origin) of every handing over that the records logs tell of."""
    query = select(log_entries.c.mechanism, log_entries.c.opening).where(
        log_entries.c.record == record, log_entries.c.event == Event.RECORD_ADDED
    )
    found = set()
    for row in connection.execute(query):
        try:
            origin = Opening.parse(bytes(row.opening)).values.get("from") if row.opening else None
        except CryptoError:  # a finding of the logs' check
            continue
        if isinstance(origin, str):
            found.add((row.mechanism, origin))
    return found


def narrowed(document: bytes, origin: str, chain: Sequence[Statement]) -> bool:
    """Whether it names a signed statement that allows no successor of `origin`."""
    top = parse_json(document)
    said = top["document"] if isinstance(top, dict) else None
    named = said.get("statement") if isinstance(said, dict) else None
    for signed in chain:
        if statement_hash(signed.encode()) == named:
            return not any(entry.mechanism == origin and entry.successor for entry in signed.consent)
    return False


def grants(connection: Connection, rows: Iterable[Any], there: set[Grant]) -> set[Grant]:
    """Of these grants, those of successors: to their own keys, of what their origins have."""
    found = set()
    for row in rows:
        keys = {key.recipient.fingerprint for key in mechanisms.get(connection, row.mechanism).keys}
        origins = {compartment for name, compartment, _ in there if name == row.origin}
        found |= {g for g in there if g[0] == row.mechanism and g[1] in origins and g[2] in keys}
    return found
