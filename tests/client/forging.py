"""An operator who forges logs: rows are rewritten, and the log's own keys sign whatever comes out."""

import secrets
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select, update

from crypto import log_leaf
from crypto.checkpoints import Checkpoint
from crypto.log_leaf import LogLeaf, Opening
from crypto.notes import Note
from intake import clock
from intake.audit import log, tree
from intake.audit.events import Event, Log
from intake.client import verify
from intake.client.log import FolderLog
from intake.client.mirror import kept
from intake.client.proofs import verifier_keys
from intake.db.tables import audit as t
from tests.service import Service, prepared


def publish(service: Service, *logs: Log) -> None:
    """What an honest service does at the full hour."""
    for kind in logs or tuple(Log):
        service.installation.publisher.publish("demo", kind, now=True)


def send(service: Service, name: str) -> str:
    """Somebody submits; the record's id."""
    _, sent = service.submit(prepared(service.scratch / name, {}, narrative=f"Сведчанне {name}"))
    return sent.record


def sign_anyway(service: Service, kind: Log = Log.RECORDS) -> int:
    """Pad, and sign the log as it stands now, whatever was signed before; its size."""
    with service.owner.write() as connection:
        size = log.size(connection, "demo", kind)
        log.pad(connection, "demo", kind, -size % 16 or 16)
        size = log.size(connection, "demo", kind)
        origin = service.installation.log_keys.name("demo", kind)
        checkpoint = Checkpoint(origin, size, tree.root(connection, "demo", kind, size))
        note = service.installation.log_keys.sign(checkpoint, clock.now())
        for table in (t.cosignatures, t.checkpoints):
            connection.execute(delete(table).where(table.c.log == kind, table.c.size >= size))
        slot = clock.now() // 3600
        row = {"mechanism": "demo", "log": kind, "size": size, "slot": slot, "note": note}
        connection.execute(insert(t.checkpoints).values(**row))
    return size


def rewind(service: Service, size: int, kind: Log = Log.RECORDS) -> None:
    """Yesterday's copy of the log is put back: it is as it was at this size."""
    with service.owner.write() as connection:
        for table in (t.cosignatures, t.checkpoints):
            connection.execute(delete(table).where(table.c.log == kind, table.c.size > size))
        connection.execute(
            delete(t.log_entries).where(t.log_entries.c.log == kind, t.log_entries.c.index >= size)
        )
        connection.execute(
            delete(t.log_tiles).where(t.log_tiles.c.log == kind, (t.log_tiles.c.index + 1) * 256 > size)
        )
        connection.execute(update(t.log_heads).where(t.log_heads.c.log == kind).values(size=size))


def rewrite(service: Service, index: int, kind: Log = Log.RECORDS, **values: object) -> None:
    """Change columns of one entry."""
    with service.owner.write() as connection:
        one = (t.log_entries.c.log == kind) & (t.log_entries.c.index == index)
        connection.execute(update(t.log_entries).where(one).values(**values))


def padding_opening() -> bytes:
    """An opening that says: nothing happened here."""
    return Opening.salted({"padding": True}, secrets.token_bytes).encode()


def padding_entry() -> dict[str, Any]:
    """A whole entry that stands for nothing, honestly made."""
    leaf, opening = log_leaf.padding(secrets.token_bytes)
    return {"leaf": leaf.encode(), "opening": opening.encode()}


def forged_entry(service: Service, **changes: str) -> dict[str, Any]:
    """An entry that commits to what it says, and says something else than what happened."""
    values = {"event": "record.added", "mechanism": "demo", "day": clock.day(), "record": "ab" * 32}
    opening = Opening.salted(values | changes, secrets.token_bytes)
    leaf = LogLeaf(secrets.token_bytes(32), opening.commitment())
    return {"leaf": leaf.encode(), "opening": opening.encode()}


def index_of(service: Service, record: str) -> int:
    """Where a record's arrival stands in the log."""
    with service.owner.read() as connection:
        query = select(t.log_entries.c.index).where(
            t.log_entries.c.record == record, t.log_entries.c.event == Event.RECORD_ADDED
        )
        return int(connection.execute(query).scalar_one())


def served(service: Service, kind: Log = Log.RECORDS) -> Note:
    """The checkpoint as anybody gets it."""
    return Note.parse(service.http.get(f"{service.url}/log/demo/{kind}/checkpoint").content)


def checked(out: Path, kind: str = "records") -> verify.Checked:
    """Verify a mirror with the keys that were pinned, offline."""
    folder = out / "log" / kind
    keys = verifier_keys((folder / "keys.txt").read_text().split("\n")[:-1])
    return verify.verify(FolderLog(folder), keys, [], 0, earlier=kept(folder))
