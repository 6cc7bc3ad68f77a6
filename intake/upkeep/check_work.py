"""Checks of what reviewers wrote: each workspace and entry is what a member signed, and has its files."""

import hashlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from crypto import age_header, work, workspace
from crypto.errors import CryptoError
from intake.db.engine import Database
from intake.db.tables import review as r
from intake.db.tables.submissions import parts, payloads
from intake.errors import NotFound
from intake.people import mechanisms
from intake.upkeep.findings import RESTORE, Finding, Progress


def check(database: Database, progress: Progress) -> Iterator[Finding]:
    """A workspace and all its entries in one transaction each: entries come and go as a whole."""
    with database.read() as connection:
        ids = list(connection.execute(select(r.workspaces.c.id).order_by(r.workspaces.c.id)).scalars())
    for done, id_ in enumerate(ids, start=1):
        with database.read() as connection:
            problem = _workspace(connection, id_)
        if problem:
            yield Finding(problem, f"workspace {id_}", RESTORE)
        progress("workspaces", done, len(ids))


def _workspace(connection: Connection, id_: str) -> str | None:
    row = connection.execute(select(r.workspaces).where(r.workspaces.c.id == id_)).one_or_none()
    if row is None:
        return None  # gone since it was listed
    try:
        root = mechanisms.get(connection, row.mechanism).root
        signed = workspace.verify_envelope(bytes(row.document), root, row.mechanism)
        if (signed.id, signed.record) != (id_, row.record):
            return "its envelope is another workspace's"
        entries = select(r.work).where(r.work.c.workspace == id_).order_by(r.work.c.number)
        kept = connection.execute(entries).all()
        if missing := row.entries - row.gone - len(kept):
            return f"{missing} of its entries are missing"
        if len({entry.number for entry in kept}) != len(kept) or (kept and kept[-1].number > row.entries):
            return "its entries are not counted from 1 to the last"
        for entry in kept:
            if problem := _entry(connection, root, row, entry):
                return f"entry {entry.number}: {problem}"
    except (CryptoError, NotFound) as error:
        return f"what was signed does not hold ({error})"
    return None


def _entry(connection: Connection, root: bytes, place: Any, row: Any) -> str | None:
    signed = work.verify_envelope(
        bytes(row.document), root, place.mechanism, workspace=place.id, record=place.record
    )
    if (signed.part.id, signed.kind, signed.member.id) != (row.part, row.kind, row.member):
        return "its row is not what is signed"
    if hashlib.sha256(row.payload).hexdigest() != signed.part.payload_id:
        return "its payload is not the one that is signed"
    age_header.require_post_quantum(age_header.parse(bytes(row.header)))
    part = select(parts.c.record, parts.c.compartment).where(parts.c.id == signed.refers)
    found = [tuple(one) for one in connection.execute(part)]
    if found and (row.about, row.compartment) not in found:
        return "it is not kept with what it refers to"
    query = (
        select(r.work_files, payloads.c.payload_id)
        .join(payloads, payloads.c.blob == r.work_files.c.blob, isouter=True)
        .where(r.work_files.c.entry == row.part)
    )
    files = {file.part: file for file in connection.execute(query)}
    if {id_: file.payload_id for id_, file in files.items()} != {f.id: f.payload_id for f in signed.files}:
        return "its files are not those that are signed"
    for file in files.values():
        age_header.require_post_quantum(age_header.parse(bytes(file.header)))
    return None
