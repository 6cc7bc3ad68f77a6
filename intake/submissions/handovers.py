"""Records handed over: a mechanism may open what another was granted, because it continues its mandate.

The person allowed it by the tick for "the body appointed to continue this mandate"; that the two
mechanisms are those bodies is what both signed profiles say. The successor has what was handed over, never
more than the mechanism that it came from (the *origin*), for the origin's purposes and as long as that
consent goes on: whatever ends or narrows it, does the same here (`withdraw`). No statement names a
successor, so that everything which compares grants with statements asks this table.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from crypto import compartments
from crypto.encoding import parse_json
from crypto.errors import CryptoError
from crypto.statement import ConsentEntry
from intake import clock
from intake.audit import log
from intake.audit.events import Event
from intake.db.tables import submissions as t
from intake.db.tables.coming_back import handovers, withdrawals
from intake.errors import Conflict, Forbidden, Invalid, NotFound
from intake.people import mechanisms, profiles
from intake.submissions.arrived import ReceivedGrant


@dataclass(frozen=True, slots=True)
class Handover:
    """`mechanism` has the record since `day` (`YYYY-MM-DD`), as the successor of `origin`."""

    mechanism: str
    origin: str
    day: str


def of(connection: Connection, record: str) -> list[Handover]:
    """The successors that a record was handed over to and that still have it, by id."""
    query = select(handovers).where(handovers.c.record == record).order_by(handovers.c.mechanism)
    return [Handover(row.mechanism, row.origin, row.day) for row in connection.execute(query)]


def origin_of(connection: Connection, record: str, mechanism: str) -> str | None:
    """The mechanism whose successor this one is for the record; None if it has a consent of its own."""
    return next((one.origin for one in of(connection, record) if one.mechanism == mechanism), None)


def hand_over(
    connection: Connection, record: str, origin: str, successor: str, sent: Sequence[ReceivedGrant]
) -> int:
    """Give a successor what is new of these grants; how many that is. Handed over before: nothing happens.

    The caller has locked the record, and `origin` may read it today. `Forbidden` without the person's tick;
    `Conflict` if the profiles do not name each other, or if the person has decided about the successor by
    name; `Invalid` if a grant is not one that the origin could make.
    """
    here = (t.audience.c.record == record) & (t.audience.c.mechanism == origin)
    consent = connection.execute(select(t.audience).where(here)).one_or_none()
    if consent is None:
        raise NotFound("not_found", "there is no such record")
    if not consent.successor:
        raise Forbidden("successor_not_allowed", "the person did not allow it to be given to a successor")
    offered = profiles.newest(connection)
    after, before = offered.get(successor), offered[origin]
    if after is None or before.continued_by != successor or origin not in after.continues:
        raise Conflict("successor_not_named", "the newest profiles of the two do not name each other")
    _require_undecided(connection, record, origin, successor)
    kinds = _granted(connection, record, origin)
    _check(connection, successor, after.compartments, kinds, sent)
    has = _granted(connection, record, successor)
    fresh = [grant for grant in sent if grant.compartment not in has]
    if not fresh:
        return 0
    if origin_of(connection, record, successor) is None:
        _begin(connection, record, origin, successor)
        _allow(connection, record, successor, list(consent.purposes), consent.expires)
    connection.execute(
        insert(t.grants),
        [
            {
                "record": record,
                "compartment": grant.compartment,
                "recipient": grant.recipient,
                "mechanism": successor,
                "file": grant.file,
            }
            for grant in fresh
        ],
    )
    revision = connection.execute(select(t.records.c.revision).where(t.records.c.id == record)).scalar_one()
    told = {"revision": revision, "from": origin}
    log.append(connection, successor, Event.RECORD_ADDED, record=record, **told)
    return len(fresh)


def follow(connection: Connection, record: str, consents: Sequence[ConsentEntry]) -> None:
    """After the audience was written anew: successors may do what their origins now may."""
    now = {consent.mechanism: consent for consent in consents}
    for one in of(connection, record):
        consent = now.get(one.origin)
        if consent is not None and consent.successor and one.mechanism not in now:
            _allow(connection, record, one.mechanism, list(consent.purposes), consent.expires)


def supersede(connection: Connection, record: str, consents: Sequence[ConsentEntry]) -> None:
    """Whom the person names now has what the statement grants, in the place of what was handed over."""
    named = {consent.mechanism for consent in consents}
    for one in of(connection, record):
        if one.mechanism in named:
            theirs = (t.grants.c.record == record) & (t.grants.c.mechanism == one.mechanism)
            connection.execute(delete(t.grants).where(theirs))
            end(connection, record, one.mechanism)


def end(connection: Connection, record: str, mechanism: str) -> None:
    """It is no longer there as a successor."""
    here = (handovers.c.record == record) & (handovers.c.mechanism == mechanism)
    connection.execute(delete(handovers).where(here))


def addressed(document: bytes) -> str | None:
    """The mechanism that a withdrawal's document is about: a successor is told its origin's."""
    try:
        top = parse_json(document)
        said = top["document"] if isinstance(top, dict) else None
        found = said["mechanism"] if isinstance(said, dict) else None
    except (CryptoError, KeyError):
        return None
    return found if isinstance(found, str) else None


def _begin(connection: Connection, record: str, origin: str, successor: str) -> None:
    row = {"record": record, "mechanism": successor, "origin": origin, "day": clock.day()}
    connection.execute(insert(handovers).values(row))


def _allow(
    connection: Connection, record: str, mechanism: str, purposes: list[str], expires: str | None
) -> None:
    row = {"record": record, "mechanism": mechanism, "purposes": purposes, "expires": expires}
    connection.execute(insert(t.audience).values(**row, successor=False))  # and to nobody after it


def _require_undecided(connection: Connection, record: str, origin: str, successor: str) -> None:
    """What the person says of a mechanism by its name goes before what is said of an unnamed successor."""
    there = (t.audience.c.record == record) & (t.audience.c.mechanism == successor)
    if connection.execute(select(t.audience.c.record).where(there)).first() is not None:
        before = origin_of(connection, record, successor)
        if before != origin:
            whose = "from another mechanism" if before else "by a consent of its own"
            raise Conflict("successor_has_consent", f"the successor has the record already, {whose}")
    taken = (withdrawals.c.record == record) & (withdrawals.c.mechanism == successor)
    for document in connection.execute(select(withdrawals.c.document).where(taken)).scalars():
        if addressed(bytes(document)) in (None, successor):
            raise Conflict("successor_withdrawn", "consent was withdrawn from the successor itself")


def _granted(connection: Connection, record: str, mechanism: str) -> dict[str, str]:
    """Compartment → class, of the grants that a mechanism can use."""
    query = (
        select(t.compartments.c.id, t.compartments.c["class"])
        .join(
            t.grants,
            (t.grants.c.record == t.compartments.c.record) & (t.grants.c.compartment == t.compartments.c.id),
        )
        .where(t.grants.c.record == record, t.grants.c.mechanism == mechanism, ~t.grants.c.locked)
    )
    return {compartment: kind for compartment, kind in connection.execute(query)}


def _check(
    connection: Connection,
    successor: str,
    offered: Sequence[str],
    kinds: dict[str, str],
    sent: Sequence[ReceivedGrant],
) -> None:
    came = [grant.compartment for grant in sent]
    if not came or len(set(came)) != len(came) or not set(came) <= set(kinds):
        raise Invalid("grants_differ", "a grant is of a compartment that was not granted to you, or twice")
    takes = {bundle.mechanism: bundle for bundle in mechanisms.everyone(connection)}
    if successor not in takes:
        raise Invalid("mechanism_unknown", "the successor takes no testimonies now")
    today = clock.day()
    valid = {(k.kind, k.recipient.fingerprint) for k in takes[successor].keys if k.valid_on(today)}
    for grant in sent:
        kind = kinds[grant.compartment]
        if kind not in offered:
            raise Invalid("class_not_offered", "the successor takes nothing of this class", kind=kind)
        if (kind, grant.recipient) not in valid:
            raise Invalid("mechanism_key", "a key is unknown, expired, or for another compartment")
        try:
            compartments.check_grant_form(grant.file)
        except CryptoError as error:
            raise Invalid("grant_invalid", str(error)) from error
