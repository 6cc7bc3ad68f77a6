"""Wraps: a mechanism's epoch identities, sealed to its members, its programs and its recovery key.

This service keeps them for whoever they are sealed to, and cannot open one. It takes those that a reader's
roles allow, so that a mistake is seen; what a reader takes is for the reader to check: a wrap opens to the
key that the root signed, or it is nothing.
"""

from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from crypto.errors import CryptoError
from crypto.membership import opens
from crypto.wraps import CLIENT, CLIENT_CLASSES, MEMBER, Wrap, parse_wraps
from intake.audit import log
from intake.audit.events import Event
from intake.db.tables.people import clients
from intake.db.tables.staff import wraps
from intake.errors import Conflict, Invalid
from intake.people import mechanisms, memberships


def add(connection: Connection, mechanism: str, data: bytes) -> tuple[Wrap, ...]:
    """Import a file of wraps, all or none, and log whose they are; `Invalid` says which is not taken."""
    try:
        found = parse_wraps(data)
    except CryptoError as error:
        raise Invalid("wraps_invalid", f"the wraps do not hold: {error}") from error
    store(connection, mechanism, found)
    whose = sorted(found, key=_whose)
    for (kind, reader), theirs in groupby(whose, key=_whose):
        keys = " ".join(sorted(f"{wrap.epoch}.{wrap.compartment}" for wrap in theirs))
        log.append(connection, mechanism, Event.KEYS_WRAPPED, kind=kind, reader=reader, keys=keys)
    return found


def store(connection: Connection, mechanism: str, given: Sequence[Wrap], *, again: bool = True) -> None:
    """Keep them, in the place of earlier ones for the same reader and key; `Invalid` as for `add`.

    Without `again` there may be no earlier ones (`Conflict`): nobody's keys are replaced by what may open to
    nothing. Logging is for the caller.
    """
    known = {(key.epoch, key.kind) for key in mechanisms.get(connection, mechanism).keys}
    members = memberships.valid(connection, mechanism)
    query = select(clients.c.id).where(clients.c.mechanism == mechanism, ~clients.c.revoked)
    programs = set(connection.execute(query).scalars())
    for wrap in given:
        if (wrap.epoch, wrap.compartment) not in known:
            raise Invalid("wrap_key", "a wrap is of a key that the mechanism's bundle does not have")
        if wrap.kind == MEMBER:
            if wrap.reader not in members:
                raise Invalid("wrap_reader", _gone(f"member {wrap.reader} today"))
            allowed: Sequence[str] = opens(members[wrap.reader].roles)
        elif wrap.kind == CLIENT:
            if wrap.reader not in programs:
                raise Invalid("wrap_reader", _gone(f"program {wrap.reader}"))
            allowed = CLIENT_CLASSES
        else:
            continue
        if wrap.compartment not in allowed:
            raise Invalid("wrap_role", f"{wrap.reader} may not have a key of the class {wrap.compartment}")
    for wrap in given:
        here = (
            _of(mechanism, wrap.kind, wrap.reader)
            & (wraps.c.epoch == wrap.epoch)
            & (wraps.c["class"] == wrap.compartment)
        )
        if again and connection.execute(update(wraps).where(here).values(file=wrap.file)).rowcount:
            continue
        row = {"epoch": wrap.epoch, "class": wrap.compartment, "kind": wrap.kind, "reader": wrap.reader}
        try:
            with connection.begin_nested():
                connection.execute(insert(wraps).values(mechanism=mechanism, file=wrap.file, **row))
        except IntegrityError as error:
            raise Conflict("wrap_there", "the reader has a wrap of this key already") from error


def _gone(who: str) -> str:
    return (
        f"the mechanism has no {who}, and nothing was taken: make the wraps again without that card or file"
        " (intake keys wrap)"
    )


def of(connection: Connection, mechanism: str, kind: str, reader: str) -> list[Wrap]:
    """What is sealed to one reader, by epoch and class."""
    query = select(wraps).where(_of(mechanism, kind, reader)).order_by(wraps.c.epoch, wraps.c["class"])
    return [
        Wrap(row["epoch"], row["class"], row["kind"], row["reader"], bytes(row["file"]))
        for row in connection.execute(query).mappings()
    ]


def lacking(connection: Connection, mechanism: str) -> dict[str, list[tuple[int, str]]]:
    """The keys, as (epoch, class), that each member should have and has no wrap of; members in order."""
    keys = [(key.epoch, key.kind) for key in mechanisms.get(connection, mechanism).keys]
    query = select(wraps.c.reader, wraps.c.epoch, wraps.c["class"])
    query = query.where(wraps.c.mechanism == mechanism, wraps.c.kind == MEMBER)
    there = {tuple(row) for row in connection.execute(query)}
    found = {}
    for member, membership in sorted(memberships.valid(connection, mechanism).items()):
        wanted = [key for key in keys if key[1] in opens(membership.roles)]
        found[member] = [key for key in wanted if (member, *key) not in there]
    return {member: missing for member, missing in found.items() if missing}


def drop(connection: Connection, mechanism: str, kind: str, reader: str) -> int:
    """Forget what is sealed to a reader who left, who may have kept it; how many there were."""
    return connection.execute(delete(wraps).where(_of(mechanism, kind, reader))).rowcount


def _of(mechanism: str, kind: str, reader: str) -> ColumnElement[bool]:
    return (wraps.c.mechanism == mechanism) & (wraps.c.kind == kind) & (wraps.c.reader == reader)


def _whose(wrap: Wrap) -> tuple[str, str]:
    return wrap.kind, wrap.reader
