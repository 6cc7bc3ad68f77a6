"""Did what came after a testimony leave it whole? Revisions, withdrawals, messages, receipts, deletion.

A record's newest statement says who may read what. Three things may explain that less is there: a
withdrawal that no statement could follow (of members, or of a restored receipt), a legal hold, and both
after a deletion. One thing explains that more is there: it was handed over to a mechanism that continues
the mandate of one that the statement names, as the statement allows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, select

from crypto.age_keys import Recipient
from crypto.errors import CryptoError
from crypto.log_leaf import Opening
from crypto.message import SUBMITTER, verify_message
from crypto.restoration import WITHDRAWAL, parse_envelope, verify_restoration
from crypto.statement import ConsentEntry, Statement
from crypto.withdrawal import verify_withdrawal
from intake import clock
from intake.audit.events import Event, Log
from intake.db.tables import audit as logs
from intake.db.tables import coming_back as c
from intake.db.tables import people
from intake.db.tables import submissions as t
from intake.record.consent import ANSWERS, OUTCOMES
from intake.submissions import handovers
from intake.submissions.restorations import DONE, REFUSED, WAITING
from intake.submissions.standings import STANDINGS
from intake.upkeep import check_handovers
from intake.upkeep.findings import RESTORE

MAINTAIN = "run 'intake maintain', and see why it did not do so by itself"
FORGED = "somebody changed rows: keep a copy of this database as evidence, then remove what nobody signed"
_LATE = 2  # days after which maintenance should have come

Problem = tuple[str, str] | None  # what does not hold, and the mend


@dataclass(frozen=True)
class Kept:
    """A record's rows. `chain` are its verified statements, oldest first."""

    connection: Connection
    chain: Sequence[Statement]

    @property
    def newest(self) -> Statement:
        """The statement that counts."""
        return self.chain[-1]

    @cached_property
    def grants(self) -> Sequence[Any]:
        """All grants: the person's, mechanisms', locked ones."""
        return self.of(t.grants)

    @cached_property
    def audience(self) -> Sequence[Any]:
        """The consents that are acted on."""
        return self.of(t.audience)

    @cached_property
    def withdrawals(self) -> Sequence[Any]:
        """Withdrawals, with what became of the grants."""
        return self.of(c.withdrawals)

    @cached_property
    def handovers(self) -> Sequence[Any]:
        """Who has it as the successor of another."""
        return self.of(c.handovers)

    @cached_property
    def came(self) -> set[tuple[str, str]]:
        """(successor, origin) of every handing over that the records logs tell of."""
        return check_handovers.came(self.connection, self.newest.record)

    @cached_property
    def receipts(self) -> Sequence[Any]:
        """Receipts that replace a lost one."""
        return self.of(c.receipts)

    @cached_property
    def restorations(self) -> Sequence[Any]:
        """What members asked for."""
        return self.of(c.restorations)

    @cached_property
    def messages(self) -> Mapping[str, Any]:
        """Messages by part."""
        return {row.part: row for row in self.of(c.messages)}

    @cached_property
    def roots(self) -> Mapping[str, bytes]:
        """The root keys of all mechanisms."""
        rows = self.connection.execute(select(people.mechanisms.c.id, people.mechanisms.c.root))
        return {row.id: bytes.fromhex(row.root) for row in rows}

    @cached_property
    def keys(self) -> list[bytes]:
        """The signing keys of all receipts that the record has had, the first one's before all others."""
        rows = (*self.receipts, *self.restorations)
        return [self.newest.sign_key, *(bytes.fromhex(row.sign_key) for row in rows if row.sign_key)]

    @cached_property
    def told(self) -> set[tuple[str, str, Any]]:
        """(mechanism, event, revision or part) of what the records logs tell of it."""
        own = logs.log_entries.c
        query = select(own.mechanism, own.event, own.opening).where(
            own.record == self.newest.record, own.log == Log.RECORDS
        )
        found = set()
        for row in self.connection.execute(query):
            said = _values(row.opening)
            found.add((row.mechanism, row.event, said.get("revision", said.get("part"))))
        return found

    @cached_property
    def ended(self) -> set[str]:
        """Mechanisms that the newest statement names, and that lost everything after it."""
        named = {consent.mechanism for consent in self.newest.consent}
        whole = {
            w.mechanism for w in self.withdrawals if w.revision == self.newest.revision and self.whole(w)
        }
        return named & whole

    @cached_property
    def held(self) -> set[str]:
        """The compartments that a legal hold keeps of a record whose person had all else deleted."""
        open_ = any(not grant.locked for grant in self.grants)
        return set() if self.audience or open_ else {grant.compartment for grant in self.grants}

    def whole(self, row: Any) -> bool | None:
        """Whether a withdrawal is of everything; None if nobody signed it who may.

        From a successor that is what was withdrawn from the mechanism that it came from.
        """
        document = bytes(row.document)
        whose = handovers.addressed(document) or ""
        if whose != row.mechanism and (row.mechanism, whose) not in self.came:
            return None
        for key in self.keys:
            try:
                said = verify_withdrawal(document, key)
            except CryptoError:
                continue
            return said.whole if (said.record, said.mechanism) == (row.record, whose) else None
        try:
            root, day = self.roots[whose], parse_envelope(document).day
            asked = verify_restoration(document, root, day)
        except (CryptoError, KeyError):
            followed = whose != row.mechanism and check_handovers.narrowed(document, whose, self.chain)
            return True if followed else None
        right = (asked.record, asked.mechanism, asked.kind) == (row.record, whose, WITHDRAWAL)
        return True if right else None

    def of(self, table: Any) -> Sequence[Any]:
        """The rows of this record."""
        return self.connection.execute(select(table).where(table.c.record == self.newest.record)).all()


def problem(kept: Kept) -> Problem:
    """What does not hold in what came after the first statement, if anything."""
    return (
        _revisions(kept)
        or _withdrawals(kept)
        or _handovers(kept)
        or _consents(kept)
        or _grants(kept)
        or _messages(kept)
        or _receipts(kept)
        or _standings(kept)
    )


def _revisions(kept: Kept) -> Problem:
    """Each keeps what was there, and every mechanism that it names was told of it."""
    for before, after in zip(kept.chain, kept.chain[1:], strict=False):
        parts, compartments = len(before.parts), len(before.compartments)
        if after.parts[:parts] != before.parts or after.compartments[:compartments] != before.compartments:
            return f"revision {after.revision} leaves out what was signed before it", RESTORE
    listed = {(mechanism, number) for mechanism, event, number in kept.told if event in _LISTED}
    for signed in kept.chain:
        for name in (consent.mechanism for consent in signed.consent):
            if (name, signed.revision) not in listed:
                which = "it" if name not in {m for m, _ in listed} else f"revision {signed.revision}"
                return f"{which} is missing in the log of {name}, which therefore never pulls it", RESTORE
    return None


_SAME = ("mechanism", "sign_key", "recipient", "auth")  # of a restoration and its receipt
_LISTED = (Event.RECORD_ADDED, Event.RECORD_REVISED)


def _withdrawals(kept: Kept) -> Problem:
    """Whoever lost a grant has a signed withdrawal, and was told."""
    there = {(row.mechanism, row.revision) for row in kept.withdrawals}
    for before, after in zip(kept.chain, kept.chain[1:], strict=False):
        left = {(a.mechanism, a.compartment) for a in after.audience}
        for entry in before.audience:
            if (entry.mechanism, entry.compartment) in left or (entry.mechanism, after.revision) in there:
                continue
            what = f"revision {after.revision} takes grants back from {entry.mechanism}, and no withdrawal is"
            return f"{what} kept", RESTORE
    for row in kept.withdrawals:
        what = f"the withdrawal from {row.mechanism} at revision {row.revision}"
        if kept.whole(row) is None:
            return f"{what} is not signed by anybody who may withdraw", FORGED
        if row.outcome not in OUTCOMES or row.answer not in (None, *ANSWERS):
            return f"{what} has an outcome or an answer that does not exist", RESTORE
        if (row.mechanism, Event.CONSENT_WITHDRAWN, row.revision) not in kept.told:
            return f"{what} is missing in its log, so that it was never told", RESTORE
    return None


def _handovers(kept: Kept) -> Problem:
    """Each is one that the person allows now, and the successor was told of every revision."""
    consents = _live(kept)
    for row in kept.handovers:
        what = f"its handing over from {row.origin} to {row.mechanism}"
        origin = consents.get(row.origin)
        if origin is None or not origin.successor or row.mechanism in consents:
            return f"{what} is not, or no longer, what the person allows", FORGED
        if (row.mechanism, row.origin) not in kept.came:
            return f"{what} is missing in the log of {row.mechanism}", FORGED
        number = kept.newest.revision
        if not any((row.mechanism, event, number) in kept.told for event in _LISTED):
            return f"revision {number} is missing in the log of {row.mechanism}, its successor", RESTORE
    return None


def _live(kept: Kept) -> dict[str, ConsentEntry]:
    return {entry.mechanism: entry for entry in kept.newest.consent if entry.mechanism not in kept.ended}


def _consents(kept: Kept) -> Problem:
    rows = {(r.mechanism, tuple(r.purposes), r.expires, r.successor) for r in kept.audience}
    signed = {(c.mechanism, c.purposes, c.expires, c.successor) for c in kept.newest.consent}
    consents = _live(kept)
    for row in kept.handovers:  # by what `_handovers` has found
        signed.add((row.mechanism, consents[row.origin].purposes, consents[row.origin].expires, False))
    for name in sorted(kept.ended & {row.mechanism for row in kept.audience}):
        return f"consent was withdrawn from {name}, and is acted on", FORGED
    if rows != {consent for consent in signed if consent[0] not in kept.ended}:
        return "the consents that are acted on are not those that are signed", RESTORE
    return None


def _grants(kept: Kept) -> Problem:
    newest = kept.newest
    wanted = {
        (a.mechanism, a.compartment, a.recipient) for a in newest.audience if a.mechanism not in kept.ended
    }
    there = {(g.mechanism, g.compartment, g.recipient) for g in kept.grants if g.mechanism and not g.locked}
    for name, compartment, _ in sorted(wanted - there):
        return f"the grant of compartment {compartment} to {name} is missing", RESTORE
    handed = check_handovers.grants(kept.connection, kept.handovers, there)
    for name, compartment, _ in sorted(there - wanted - handed):
        return f"a grant of compartment {compartment} to {name} is there, and is not signed any more", FORGED
    locked = {row.mechanism for row in kept.withdrawals if row.outcome == "locked"}
    own = {Recipient.parse(newest.recipient).fingerprint}
    own |= {row.recipient for row in kept.receipts}
    own |= {row.recipient for row in kept.restorations if row.state == WAITING}
    for grant in kept.grants:
        if grant.locked and grant.mechanism not in locked:
            what = f"a grant of compartment {grant.compartment} to {grant.mechanism} is locked, and no"
            return f"{what} withdrawal says so", RESTORE
        if grant.mechanism is None and grant.recipient not in own:
            return (
                f"a grant of compartment {grant.compartment} is there for a receipt that nobody has",
                FORGED,
            )
    return None


def _messages(kept: Kept) -> Problem:
    for part, row in kept.messages.items():
        what = f"message {part}"
        mine = (t.parts.c.record == row.record) & (t.parts.c.id == part)
        query = select(t.parts.c.kind, t.parts.c.compartment, t.payloads.c.payload_id)
        there = query.join(t.payloads, t.payloads.c.blob == t.parts.c.blob).where(mine)
        stored = kept.connection.execute(there).one_or_none()
        if stored is None:
            return f"{what} has no part", RESTORE
        try:
            said = verify_message(
                bytes(row.document),
                sign_keys=kept.keys,
                root=kept.roots.get(row.mechanism, b""),
                record=row.record,
                mechanism=row.mechanism,
            )
        except CryptoError as error:
            return f"{what} does not hold ({error})", FORGED
        named = said.part
        if (named.id, named.kind, named.compartment, named.payload_id) != (part, *stored):
            return f"{what} is not the one that was signed", FORGED
        if said.sender != row.sender:
            return f"{what} is listed as somebody else's", FORGED
        if row.sender == SUBMITTER and (row.mechanism, Event.MESSAGE_ADDED, part) not in kept.told:
            return f"{what} is missing in the log of {row.mechanism}, which therefore never reads it", RESTORE
    numbers: dict[str, list[int]] = {}
    for row in kept.messages.values():
        numbers.setdefault(row.mechanism, []).append(row.number)
    for name, found in sorted(numbers.items()):
        if sorted(found) != list(range(1, len(found) + 1)):
            return f"its messages with {name} are not numbered without a gap", RESTORE
    return None


def _receipts(kept: Kept) -> Problem:
    """Second receipts are what two members asked for, and what their time made of it.

    They go with the consent of their mechanism; what members withdrew leaves a row without a receipt.
    """
    done = {row.lookup: row for row in kept.restorations if row.state == DONE and row.lookup}
    ended = {row.mechanism for row in kept.withdrawals if kept.whole(row)}
    for row in kept.restorations:
        what = f"the restoration {row.id}"
        try:
            root, document = kept.roots[row.mechanism], bytes(row.document)
            asked = verify_restoration(document, root, parse_envelope(document).day)
        except (CryptoError, KeyError) as error:
            return f"{what} does not hold ({error})", FORGED
        halves = asked.receipt
        if (asked.id, asked.record, asked.mechanism) != (row.id, row.record, row.mechanism):
            return f"{what} is another one than was signed", FORGED
        signed = (halves.sign_key.hex(), halves.recipient.fingerprint) if halves else (None, None)
        if signed != (row.sign_key, row.recipient) or (halves is None) != (row.lookup is None):
            return f"{what} is for another receipt than was signed", FORGED
        if row.state not in (WAITING, REFUSED, DONE):
            return f"{what} is in a state that does not exist", RESTORE
        if row.state == WAITING and row.due_day < _day(-_LATE):
            return f"{what} was due on {row.due_day}", MAINTAIN
        gone = row.lookup not in {receipt.lookup for receipt in kept.receipts}
        if row.state == DONE and halves and gone and row.mechanism not in ended:
            return f"{what} is done, and its receipt is missing", RESTORE
    for receipt in kept.receipts:
        if receipt.lookup in done:
            row = done[receipt.lookup]
            if any(row._mapping[name] != receipt._mapping[name] for name in _SAME):
                return "a second receipt is another one than members asked for", FORGED
        elif not kept.held:  # what a hold keeps has no restorations any more
            return "a second receipt is there that no two members asked for", FORGED
    return None


def _standings(kept: Kept) -> Problem:
    for row in kept.of(c.standings):
        if row.standing not in STANDINGS:
            return f"what {row.mechanism} says of it does not exist ({row.standing})", RESTORE
    for row in kept.of(c.deletions):
        if row.due_day < _day(-_LATE):
            return f"its deletion was due on {row.due_day}", MAINTAIN
    return None


def orphans(connection: Connection) -> Iterator[tuple[str, str]]:
    """(record, table) of rows whose record is not there."""
    for table in (
        c.withdrawals,
        c.handovers,
        c.deletions,
        c.messages,
        c.standings,
        c.receipts,
        c.restorations,
    ):
        gone = ~select(t.records.c.id).where(t.records.c.id == table.c.record).exists()
        for record in connection.execute(select(table.c.record).where(gone).distinct()).scalars():
            yield record, table.name


def _values(opening: bytes | None) -> Mapping[str, Any]:
    try:
        return Opening.parse(bytes(opening)).values if opening else {}
    except CryptoError:
        return {}


def _day(shift: int) -> str:
    return clock.day(clock.now() + shift * clock.DAY)
