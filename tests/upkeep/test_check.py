"""`intake check` finds nothing where all is well, and names what is not."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Executable, delete, insert, select, update

from crypto import checkpoints
from crypto.checkpoints import Checkpoint
from crypto.log_leaf import LogLeaf, Opening
from crypto.notes import COSIGNATURE, VerifierKey
from crypto.primitives import SigningKey
from intake.audit import log
from intake.audit.events import Event, Log
from intake.db.tables import audit as logs
from intake.db.tables import submissions as t
from intake.db.tables.review import openings
from intake.secret_files import replace
from intake.store.blobs import BlobStore
from intake.upkeep.check import check
from intake.upkeep.findings import Finding
from tests.service import Service, form_fields, new_receipt, on_every_backend, prepared


def findings(service: Service, read_data: bool = True) -> list[Finding]:
    found = service.installation
    return list(check(service.owner, found.store, found.log_keys, read_data=read_data))


@pytest.fixture
def used(service: Service, tmp_path: Path, photo: bytes) -> Service:
    """With testimonies of both ways in, merged and not, and an access."""
    for _ in range(2):
        service.send_form(form_fields(new_receipt(), ("received", "a.jpg", photo)))
    service.installation.payloads.maintain(merge_now=True)
    service.submit(prepared(tmp_path / "t", {"a.jpg": photo}))
    service.pull(tmp_path / "pulled")
    return service


@on_every_backend
def test_an_installation_in_use_has_no_findings(used: Service) -> None:
    seen: set[str] = set()
    for read_data in (False, True):
        assert (
            list(
                check(
                    used.owner,
                    used.installation.store,
                    used.installation.log_keys,
                    read_data=read_data,
                    progress=lambda what, done, total: seen.add(f"{what} {done}/{total}"),
                )
            )
            == []
        )
    assert {"records 3/3", "orphans 256/256", "log demo/records 19/19"} <= seen


def execute(service: Service, *statements: Executable) -> None:
    with service.owner.write() as connection:
        for statement in statements:
            connection.execute(statement)


def some_record(service: Service) -> str:
    with service.installation.database.read() as connection:
        return str(connection.execute(select(t.records.c.id).limit(1)).scalar_one())


def path_of_a_blob(service: Service) -> Path:
    return max(
        (p for p in (service.settings.data_dir / "store" / "blobs").rglob("*") if p.is_file()),
        key=lambda p: p.stat().st_size,
    )


def remove_a_payloads_row(service: Service) -> None:
    """As somebody with the file would, whom foreign keys do not stop."""
    with sqlite3.connect(service.settings.data_dir / "intake.db") as connection:
        connection.execute("DELETE FROM payloads WHERE size = (SELECT max(size) FROM payloads)")


def flip(service: Service) -> None:
    path = path_of_a_blob(service)
    data = bytearray(path.read_bytes())
    data[1000] ^= 1
    path.write_bytes(data)


def shorten(service: Service) -> None:
    path = path_of_a_blob(service)
    path.write_bytes(path.read_bytes()[:-1])


def swap_blobs_of_two_parts(service: Service) -> None:
    with service.owner.read() as connection:
        one, two = connection.execute(
            select(t.parts).where(t.parts.c.record == some_record(service)).limit(2)
        ).all()
    for part, blob in ((one, two.blob), (two, one.blob)):
        execute(service, update(t.parts).where(t.parts.c.id == part.id).values(blob=blob))


def extra_grant_by_the_operator(service: Service) -> None:
    execute(service, update(t.audience).values(purposes=["sanctions"]))


def forge_statement(service: Service) -> None:
    record = some_record(service)
    with service.owner.read() as connection:
        data = connection.execute(
            select(t.statements.c.data).where(t.statements.c.record == record)
        ).scalar_one()
    execute(service, update(t.statements).where(t.statements.c.record == record).values(data=data + b" "))


def forge_an_entry(service: Service) -> None:
    """Leaf and opening fit each other, and neither is what was appended."""
    opening = Opening.salted({"event": "record.added", "record": "ab" * 32, "day": "2026-01-01"}, os.urandom)
    leaf = LogLeaf(os.urandom(32), opening.commitment()).encode()
    here = (entries.c.log == Log.RECORDS) & (entries.c.index == 2)
    values = {"leaf": leaf, "opening": opening.encode(), "event": "record.added", "record": "ab" * 32}
    execute(service, update(entries).where(here).values(**values))


def of_a_record(service: Service) -> Any:
    return (entries.c.log == Log.RECORDS) & (entries.c.record == some_record(service))


def newest(service: Service) -> Any:
    query = select(logs.checkpoints).where(logs.checkpoints.c.log == "records")
    with service.owner.read() as connection:
        return connection.execute(query.order_by(logs.checkpoints.c.size.desc())).first()


def forged_note(service: Service) -> bytes:
    """With one character of a signature changed."""
    note = bytes(newest(service).note)
    at = len(note) - 100
    return note[:at] + (b"A" if note[at : at + 1] != b"A" else b"B") + note[at + 1 :]


def add_cosignature(service: Service) -> Any:
    """Of a known form, over another checkpoint."""
    row, secret = newest(service), SigningKey(bytes(32))
    line = checkpoints.cosign(Checkpoint("other.example", 1, bytes(32)), "w.example", secret, 1).line
    key = VerifierKey("w.example", COSIGNATURE, secret.public).text
    return insert(logs.cosignatures).values(
        mechanism="demo", log="records", size=row.size, key=key, line=line
    )


def leave_an_opening_behind(service: Service) -> Any:
    """As a disclosure that was slower than the record's erasure."""
    gone = "ab" * 32
    with service.owner.write() as connection:
        index = log.append(connection, "demo", Event.FEED_LISTED, client="x")
    said = {"event": "record.opened", "mechanism": "demo", "day": "2026-01-01", "hour": 1, "record": gone}
    opening = Opening.salted(said, os.urandom)
    leaf = LogLeaf(os.urandom(32), opening.commitment()).encode()
    here = (entries.c.log == Log.ACCESS) & (entries.c.index == index)
    values = {"leaf": leaf, "opening": opening.encode(), "event": "record.opened", "record": gone}
    return update(entries).where(here).values(**values, counter=1)


entries = logs.log_entries
DAMAGES: dict[str, tuple[Callable[[Service], None], str, str]] = {
    "a bit of a blob": (flip, "blob", "its bytes are not the ones that were received"),
    "a byte of a blob": (shorten, "blob", "bytes instead of"),
    "a blob": (lambda s: path_of_a_blob(s).unlink(), "blob", "it is missing"),
    "a payload's row": (
        remove_a_payloads_row,
        "record",
        "has no payload",
    ),
    "a part": (
        lambda s: execute(s, delete(t.parts).where(t.parts.c.kind == "narrative")),
        "record",
        "its parts are not those that are signed",
    ),
    "a part's blob": (swap_blobs_of_two_parts, "record", "is not the one that is signed"),
    "a header": (
        lambda s: execute(s, update(t.parts).values(header=b"age-encryption.org/v1\n")),
        "record",
        "the header of part",
    ),
    "a grant": (
        lambda s: execute(s, delete(t.grants).where(t.grants.c.mechanism == "demo")),
        "record",
        "the grant of compartment",
    ),
    "a consent": (extra_grant_by_the_operator, "record", "the consents that are acted on"),
    "a statement": (forge_statement, "record", "signed statements do not hold"),
    "a compartment": (
        lambda s: execute(s, update(t.compartments).values(generation=2)),
        "record",
        "its compartments are not those",
    ),
    "an entry of the log": (
        lambda s: execute(s, delete(entries).where(entries.c.log == Log.RECORDS, entries.c.index == 5)),
        "log demo/records",
        "entries 5 to 5 are missing",
    ),
    "the last entry of the log": (
        lambda s: execute(s, delete(entries).where(entries.c.log == Log.RECORDS, entries.c.index == 18)),
        "record",
        "it is missing in the log of demo",
    ),
    "a leaf": (
        lambda s: execute(s, update(entries).where(of_a_record(s)).values(leaf=os.urandom(65))),
        "log demo/records",
        "does not open",
    ),
    "an entry with a leaf and an opening of its own": (
        forge_an_entry,
        "log demo/records",
        "are not those that were signed",
    ),
    "an opening": (
        lambda s: execute(
            s, update(entries).where(of_a_record(s)).values(opening=None, record=None, event=None)
        ),
        "log demo/records",
        "no erasure names it",
    ),
    "what an entry is listed as": (
        lambda s: execute(s, update(entries).where(of_a_record(s)).values(event="mechanism.keys")),
        "log demo/records",
        "is listed as something other",
    ),
    "a counter": (
        lambda s: execute(s, update(entries).where(of_a_record(s)).values(counter=77)),
        "log demo/records",
        "has another record's tag",
    ),
    "a head": (
        lambda s: execute(s, update(logs.log_heads).where(logs.log_heads.c.log == "access").values(size=1)),
        "log demo/access",
        "beyond the head",
    ),
    "a signature of ours": (
        lambda s: execute(s, update(logs.checkpoints).values(note=forged_note(s))),
        "log demo/records",
        "is not signed with our keys",
    ),
    "a checkpoint": (
        lambda s: execute(s, update(logs.checkpoints).values(note=b"no note")),
        "log demo/access",
        "cannot be read",
    ),
    "a signature of a reader's": (
        lambda s: execute(s, add_cosignature(s)),
        "log demo/records",
        "the signature of w.example on the checkpoint of size",
    ),
    "a signature that is none": (
        lambda s: execute(s, add_cosignature(s).values(line="damaged", key="damaged")),
        "log demo/records",
        "the signature of damaged on the checkpoint of size",
    ),
    "the memory beside the keys": (
        lambda s: replace(s.settings.keys_dir / "log" / "newest.demo.access", b""),
        "log demo/access",
        "keys/log/newest.demo.access is empty or damaged",
    ),
    "an opening of a record that is gone": (
        lambda s: execute(s, leave_an_opening_behind(s)),
        "log demo/access",
        "which is gone: its erasure left this opening behind",
    ),
    "a record": (
        lambda s: execute(
            s,
            *(
                delete(table).where(table.c.record == some_record(s))
                for table in (t.parts, t.grants, t.compartments, t.audience, t.statements, openings)
            ),
            delete(t.records).where(t.records.c.id == some_record(s)),
        ),
        "log demo/records",
        "which is not there",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_named(used: Service, damage: str) -> None:
    harm, where, what = DAMAGES[damage]
    harm(used)
    found = findings(used)
    assert any(f.where.startswith(where) and what in f.what and f.mend for f in found), found


def test_a_blob_without_a_row_is_named_and_swept_by_what_is_advised(
    used: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    store: BlobStore = used.installation.store
    stage = store.stage()
    stage.write(b"published, and then the power went")
    (blob,) = store.publish([(stage, "")])
    assert findings(used) == []  # it may get its row in a moment
    later = time.time() + 3 * 3600
    monkeypatch.setattr("intake.clock.now", lambda: int(later))
    (found,) = findings(used)
    assert found.where == f"blob {blob}" and "intake maintain" in found.mend
    used.installation.payloads.maintain()
    assert findings(used) == []


def test_an_upload_that_lost_bytes_is_named(used: Service) -> None:
    row = {"id": "ab" * 32, "length": 5000, "durable": 3000, "expires": 2**30}
    execute(used, insert(t.uploads).values(**row))
    (found,) = findings(used)
    assert found.where == f"upload {'ab' * 32}" and "begins it anew" in found.mend


@on_every_backend
def test_nothing_is_found_by_mistake_while_people_send_and_payloads_merge(
    service: Service, photo: bytes
) -> None:
    stop = threading.Event()
    troubles: list[BaseException] = []

    def busy(work: Callable[[], object]) -> threading.Thread:
        def run() -> None:
            while not stop.is_set():
                try:
                    work()
                except BaseException as error:
                    troubles.append(error)
                    return

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    workers = [
        busy(lambda: service.send_form(form_fields(new_receipt(), ("received", "a.jpg", photo)))),
        busy(lambda: service.installation.payloads.maintain(merge_now=True)),
    ]
    try:
        for _ in range(3):
            assert findings(service) == []
    finally:
        stop.set()
        for worker in workers:
            worker.join()
    assert troubles == []


@pytest.mark.parametrize("removed", [False, True])
def test_what_follows_from_a_fault_of_a_log_is_counted_and_there_is_one_mend(
    used: Service, removed: bool
) -> None:
    for _ in range(5):
        used.installation.publisher.publish("demo", Log.ACCESS, now=True)
        with used.owner.write() as connection:
            log.pad(connection, "demo", Log.ACCESS, 100)
    one = (entries.c.log == Log.ACCESS) & (entries.c.index == 3)
    execute(
        used, delete(entries).where(one) if removed else update(entries).where(one).values(leaf=bytes(65))
    )
    found = findings(used)
    whats = [f.what for f in found]
    if removed:
        assert whats == ["entries 3 to 3 are missing"]
    else:
        assert len(found) == 2 and whats[0].startswith("entry 3 does not open")
        assert "(nor those of 5 larger checkpoints)" in whats[1]
    assert len({f.mend for f in found}) == 1 and "as evidence" in found[0].mend
