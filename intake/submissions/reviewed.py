"""What members did with a record goes with it: with the record, or with a mechanism's consent.

Of `reviewing`, whose tables these are, nothing is needed for that.
"""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Select, delete, select, update

from intake.db.tables import review as r
from intake.submissions.blob_rows import lonely

# All that is about one record and refers to nothing else.
_OF_A_RECORD = (
    r.member_grants,
    r.assignments,
    r.identity_requests,
    r.openings,
    r.triage_seen,
    r.case_records,
    r.statuses,
)


def erase(connection: Connection, record: str) -> set[str]:
    """Everything about a record; the blobs that work on it had."""
    blobs = _workspaces(connection, r.workspaces.c.record == record)
    blobs |= _entries(connection, r.work.c.about == record)
    for table in _OF_A_RECORD:
        connection.execute(delete(table).where(table.c.record == record))
    return blobs


def narrow(connection: Connection, record: str, mechanism: str, compartments: Sequence[str]) -> None:
    """What was sealed to members of these compartments, whatever becomes of the mechanism's own grants."""
    grant = r.member_grants.c
    here = (grant.record == record) & (grant.mechanism == mechanism)
    connection.execute(delete(r.member_grants).where(here, grant.compartment.in_(compartments)))


def forget_entries(connection: Connection, record: str, mechanism: str, compartments: Sequence[str]) -> None:
    """The mechanism has lost these compartments: what its members made of their parts goes, in cases too."""
    about = (r.work.c.about == record) & r.work.c.compartment.in_(compartments)
    lonely(connection, _entries(connection, about & r.work.c.workspace.in_(_theirs(mechanism))))


def forget_work(connection: Connection, record: str, mechanism: str) -> None:
    """A mechanism's consent has ended, and no hold keeps anything: its notes go, and who worked on it.

    The number by which it cited the record stays, and means nothing to others. Blobs without a row are
    swept.
    """
    blobs = _workspaces(
        connection, (r.workspaces.c.record == record) & (r.workspaces.c.mechanism == mechanism)
    )
    in_cases = (r.work.c.about == record) & r.work.c.workspace.in_(_theirs(mechanism))
    lonely(connection, blobs | _entries(connection, in_cases))
    for table in (r.member_grants, r.assignments, r.identity_requests, r.triage_seen):
        here = (table.c.record == record) & (table.c.mechanism == mechanism)
        connection.execute(delete(table).where(here))
    in_case = (r.case_records.c.record == record) & r.case_records.c.workspace.in_(_theirs(mechanism))
    connection.execute(delete(r.case_records).where(in_case))


def _theirs(mechanism: str) -> Select[tuple[str]]:
    return select(r.workspaces.c.id).where(r.workspaces.c.mechanism == mechanism)


def _entries(connection: Connection, which: ColumnElement[bool]) -> set[str]:
    """Delete entries with their files; the blobs of these. Their workspaces count what is gone."""
    places = Counter(connection.execute(select(r.work.c.workspace).where(which)).scalars())
    files = r.work_files.c.entry.in_(select(r.work.c.part).where(which))
    blobs = set(connection.execute(select(r.work_files.c.blob).where(files)).scalars())
    connection.execute(delete(r.work_files).where(files))
    connection.execute(delete(r.work).where(which))
    for id_, count in sorted(places.items()):  # locked in one order
        here = r.workspaces.c.id == id_
        connection.execute(update(r.workspaces).where(here).values(gone=r.workspaces.c.gone + count))
    return blobs


def _workspaces(connection: Connection, which: ColumnElement[bool]) -> set[str]:
    """Delete workspaces with what is in them; the blobs of their files."""
    ids = list(connection.execute(select(r.workspaces.c.id).where(which)).scalars())
    entries = select(r.work.c.part).where(r.work.c.workspace.in_(ids))
    files = r.work_files.c.entry.in_(entries)
    blobs = set(connection.execute(select(r.work_files.c.blob).where(files)).scalars())
    connection.execute(delete(r.work_files).where(files))
    for table in (r.work, r.workspace_grants, r.deadlines, r.case_records):
        connection.execute(delete(table).where(table.c.workspace.in_(ids)))
    connection.execute(delete(r.workspaces).where(r.workspaces.c.id.in_(ids)))
    return blobs
