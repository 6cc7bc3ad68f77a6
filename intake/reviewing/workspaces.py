"""Workspaces: what a mechanism's people write about a record, or a case, is sealed to themselves there.

A record has one for each mechanism, a case its own. Its identity is granted to members, and to the
mechanism's account key of an epoch, as "epoch:N": so that it is not lost with whoever made it. A grant
cannot be looked into here; whoever opens one sees whether it holds what the workspace's envelope names.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Select, delete, insert, select

from crypto import compartments, workspace
from crypto.bundles import Bundle
from crypto.errors import CryptoError
from crypto.membership import encode_card
from intake import clock
from intake.audit.events import Event
from intake.db.engine import Database
from intake.db.tables.review import assignments, workspace_grants, workspaces
from intake.errors import Conflict, Forbidden, Invalid, NotFound
from intake.people import mechanisms, members, memberships
from intake.people.reader import Reader
from intake.people.roles import CUSTODIAN, KEY_HOLDER, REVIEWER
from intake.reviewing.visible import own_mechanism, require_visible, said, visible_of
from intake.sharing.access import Access, Check, Visit, What
from intake.sharing.consented import known

PAGE = 500
MAX_GRANTS = 200  # in one request
_EPOCH = "epoch:"
_ID = re.compile(r"[0-9a-f]{32}")
_CONTENT = {CUSTODIAN, KEY_HOLDER, REVIEWER}


@dataclass(frozen=True, slots=True, repr=False)
class Grant:
    """The workspace's identity, sealed to a member, or to "epoch:N"."""

    reader: str
    file: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """A workspace: `grants` are the member's own and those to epochs, `readers` all who have one."""

    id: str
    record: str | None
    envelope: bytes
    grants: tuple[Grant, ...]
    readers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace that this member may use."""

    id: str
    record: str | None
    mechanism: str


class Workspaces:
    """Makes and lists workspaces, through `Access` only. Blocks."""

    def __init__(self, database: Database, access: Access) -> None:
        self._database = database
        self._access = access

    def listed(self, visit: Visit, after: str, limit: int) -> list[Shown]:
        """Those with a grant of one's own, by id, after this one."""
        reader = self._access.admitted(visit, What(Event.WORK_LISTED), lambda c, r: None)
        mine = workspace_grants.c.reader == reader.member
        query = (
            select(workspaces.c.id, workspaces.c.record)
            .join(workspace_grants, workspace_grants.c.workspace == workspaces.c.id)
            .where(workspaces.c.mechanism == reader.mechanism, mine, workspaces.c.id > after)
            .order_by(workspaces.c.id)
            .limit(min(limit, PAGE))
        )
        with self._database.read() as connection:
            found = connection.execute(query).all()
            seen = visible_of(connection, reader, [row.record for row in found if row.record])
            return shown(connection, reader, [r.id for r in found if r.record is None or r.record in seen])

    def of_record(self, visit: Visit, record: str) -> tuple[Shown | None, dict[str, bytes]]:
        """The record's workspace, if there is one, and the cards of the members who see the record."""
        what = What(Event.WORK_LISTED, known(record))
        reader = self._access.admitted(visit, what, lambda c, r: require_visible(c, r, record))
        here = (workspaces.c.record == record) & (workspaces.c.mechanism == reader.mechanism)
        with self._database.read() as connection:
            ids = list(connection.execute(select(workspaces.c.id).where(here)).scalars())
            found = shown(connection, reader, ids)
            return (found[0] if found else None), cards(connection, reader.mechanism, record)

    def create(self, visit: Visit, record: str | None, envelope: bytes, grants: Sequence[Grant]) -> str:
        """A workspace of a record, or with None of a new case; its id. Sent again it changes nothing."""
        made: list[str] = []

        def write(connection: Connection, reader: Reader) -> dict[str, str | int]:
            if record is not None:
                require_visible(connection, reader, record)  # locks the record: there is one workspace of it
            bundle = mechanisms.get(connection, reader.mechanism)
            try:
                checked = workspace.verify_envelope(envelope, bundle.root, bundle.mechanism)
            except CryptoError as error:
                raise Invalid("workspace_invalid", f"the workspace does not hold: {error}") from error
            if checked.record != record:
                raise Invalid("workspace_invalid", "the workspace is another record's")
            require_author(connection, reader, checked.member.raw)
            require_today(checked.day)
            made.append(checked.id)
            told: dict[str, str | int] = {"workspace": checked.id, "to": _readers(grants)}
            if _made_before(connection, reader, record, checked.id, envelope):
                return told
            readers = [grant.reader for grant in grants]
            if str(reader.member) not in readers or _newest_epoch(bundle) not in readers:
                raise Invalid("grants_differ", "its author and the newest epoch are granted a workspace")
            connection.execute(
                insert(workspaces).values(
                    id=checked.id,
                    mechanism=reader.mechanism,
                    record=record,
                    document=envelope,
                    day=clock.day(),
                    entries=0,
                )
            )
            _add(connection, Place(checked.id, record, reader.mechanism), bundle, grants)
            return told

        event = Event.WORK_WRITTEN if record is not None else Event.CASE_CHANGED
        self._access.admitted(visit, What(event, known(record) if record else None), write)
        return made[0]

    def grant(self, visit: Visit, workspace_: str, grants: Sequence[Grant]) -> None:
        """Give the identity to others. By who has it: with a grant, or by the mechanism's own keys."""

        def write(connection: Connection, reader: Reader) -> dict[str, str | int]:
            place = require_workspace(connection, reader, workspace_)
            mine = _grants_of(workspace_).where(workspace_grants.c.reader == reader.member)
            if KEY_HOLDER not in reader.roles and connection.execute(mine).first() is None:
                raise Forbidden("workspace_closed", "who has no grant of a workspace cannot give one")
            _add(connection, place, mechanisms.get(connection, reader.mechanism), grants)
            return {"to": _readers(grants)}

        self._write(visit, workspace_, write)

    def take_back(self, visit: Visit, workspace_: str, whose: str) -> None:
        """Drop a grant: one's own that does not open, or, by a key-holder, anybody's."""

        def write(connection: Connection, reader: Reader) -> dict[str, str | int]:
            require_workspace(connection, reader, workspace_)
            if whose != reader.member and KEY_HOLDER not in reader.roles:
                raise Forbidden("role", "only a key-holder takes others' grants back")
            here = (workspace_grants.c.workspace == workspace_) & (workspace_grants.c.reader == whose)
            gone = connection.execute(delete(workspace_grants).where(here)).rowcount
            return {"from_member": whose} if gone else {}

        self._write(visit, workspace_, write)

    def _write(self, visit: Visit, workspace_: str, write: Check) -> None:
        record = about(self._database, visit, workspace_)
        self._access.admitted(visit, What(Event.WORK_WRITTEN, record, named(workspace_)), write)


# --- what others in this room ask ---


def about(database: Database, visit: Visit, workspace_: str) -> str | None:
    """The record that a workspace is about, for the entry; whoever asks may not be allowed to know it.

    None for another mechanism's: that one's records are not named in this one's log.
    """
    with database.read() as connection:
        here = (workspaces.c.id == workspace_) & (workspaces.c.mechanism == own_mechanism(visit))
        return connection.execute(select(workspaces.c.record).where(here)).scalar_one_or_none()


def named(workspace_: str) -> tuple[tuple[str, str], ...]:
    """A workspace's id as a field of an entry; nothing, if it cannot be one."""
    return said("workspace", workspace_)


def require_workspace(connection: Connection, reader: Reader, workspace_: str) -> Place:
    """`NotFound` unless its record is visible to the member; a case's, unless it was granted to them."""
    here = (workspaces.c.id == workspace_) & (workspaces.c.mechanism == reader.mechanism)
    row = connection.execute(select(workspaces.c.record).where(here)).one_or_none()
    mine = _grants_of(workspace_).where(workspace_grants.c.reader == reader.member)
    if not _ID.fullmatch(workspace_) or row is None:
        raise NotFound("not_found", "there is no such workspace")
    if row.record is not None:
        require_visible(connection, reader, row.record)
    elif connection.execute(mine).first() is None:
        raise NotFound("not_found", "there is no such workspace")
    return Place(workspace_, row.record, reader.mechanism)


def require_author(connection: Connection, reader: Reader, certificate: bytes) -> None:
    """`Forbidden` unless the session's own member signed a document, with the certificate kept here."""
    own = members.valid(connection, reader.mechanism).get(str(reader.member))
    if own is None or own.raw != certificate:
        raise Forbidden("author_differs", "it is not signed by the member whose session this is")


def require_today(day: str) -> None:
    """`Invalid` unless a document says that it was signed about now."""
    if day not in {clock.day(clock.now() + shift * clock.DAY) for shift in (-1, 0, 1)}:
        raise Invalid("day", "the day is not today, a day earlier or later included")


def shown(connection: Connection, reader: Reader, ids: Sequence[str]) -> list[Shown]:
    """These workspaces, in this order, with the grants that the member can use."""
    rows = {
        row.id: row for row in connection.execute(select(workspaces).where(workspaces.c.id.in_(list(ids))))
    }
    grants: dict[str, list[Grant]] = {id_: [] for id_ in ids}
    readers: dict[str, list[str]] = {id_: [] for id_ in ids}
    query = select(workspace_grants).where(workspace_grants.c.workspace.in_(list(ids)))
    for row in connection.execute(query.order_by(workspace_grants.c.reader)):
        readers[row.workspace].append(row.reader)
        if row.reader == reader.member or row.reader.startswith(_EPOCH):
            grants[row.workspace].append(Grant(row.reader, bytes(row.file)))
    return [
        Shown(id_, rows[id_].record, bytes(rows[id_].document), tuple(grants[id_]), tuple(readers[id_]))
        for id_ in ids
    ]


def cards(connection: Connection, mechanism: str, record: str | None) -> dict[str, bytes]:
    """Cards of the members who see a record, or for a case of all who see content, by id."""
    certified, roles = members.valid(connection, mechanism), memberships.valid(connection, mechanism)
    assigned = None
    if record is not None:
        here = (assignments.c.record == record) & (assignments.c.mechanism == mechanism)
        assigned = set(connection.execute(select(assignments.c.member).where(here)).scalars())
    return {
        id_: encode_card(certified[id_].raw, one.raw)
        for id_, one in sorted(roles.items())
        if id_ in certified
        and _CONTENT & set(one.roles)
        and (assigned is None or id_ in assigned or KEY_HOLDER in one.roles)
    }


def _made_before(
    connection: Connection, reader: Reader, record: str | None, id_: str, envelope: bytes
) -> bool:
    row = connection.execute(select(workspaces).where(workspaces.c.id == id_)).one_or_none()
    if row is not None:
        if row.mechanism == reader.mechanism and bytes(row.document) == envelope:
            return True
        raise Conflict("workspace_exists", "another workspace has this id")
    here = (workspaces.c.record == record) & (workspaces.c.mechanism == reader.mechanism)
    if record is not None and connection.execute(select(workspaces.c.id).where(here)).first():
        raise Conflict("workspace_exists", "the record has a workspace already")
    return False


def _add(connection: Connection, place: Place, bundle: Bundle, grants: Sequence[Grant]) -> None:
    """Never over an older one: nobody can put something that does not open in its place."""
    may = set(cards(connection, place.mechanism, place.record))
    may |= {f"{_EPOCH}{key.epoch}" for key in bundle.keys if key.kind == "account"}
    there = {row.reader: bytes(row.file) for row in connection.execute(_grants_of(place.id))}
    wanted = {grant.reader: grant.file for grant in grants}
    if len(wanted) != len(grants):
        raise Invalid("grants_differ", "a reader is named twice")
    for whose, file in wanted.items():
        if whose not in may:
            raise Invalid("grant_reader", "one of the readers does not see what the workspace is about")
        if there.get(whose, file) != file:
            raise Conflict("grant_exists", "a reader has another grant of this workspace")
        try:
            compartments.check_grant_form(file)
        except CryptoError as error:
            raise Invalid("grant_invalid", str(error)) from error
    new = [
        {"workspace": place.id, "reader": whose, "file": file}
        for whose, file in wanted.items()
        if whose not in there
    ]
    if new:
        connection.execute(insert(workspace_grants), new)


def _grants_of(workspace_: str) -> Select[tuple[str, str, bytes]]:
    return select(workspace_grants).where(workspace_grants.c.workspace == workspace_)


def _readers(grants: Sequence[Grant]) -> str:
    return " ".join(sorted(grant.reader for grant in grants))


def _newest_epoch(bundle: Bundle) -> str:
    key = bundle.key_for("account", clock.day())
    if key is None:
        raise Invalid("mechanism_key", "the mechanism has no key of the account that is valid today")
    return f"{_EPOCH}{key.epoch}"
