"""What is kept about each pulled record, and where it goes when its person takes it back.

    OUT/records/<id>/log.json            {"index", "leaf", "opening", "proof"}: its entry in the log
    OUT/withdrawn/<id>/withdrawal.json   [{"index", "leaf", "opening", "revision", "whole", "compartments",
                                           "by"}, …]: what ended the consent, oldest first
    OUT/withdrawn/<id>/…                 what was taken back: the record's folder, or some parts and what
                                         opened them

`proof` is a log proof (C2SP tlog-proof, as text) with the signed checkpoint in it, or null until a
checkpoint covers the entry: a later pull fills it in. After an erasure, or when the service is gone, it
still shows that the mechanism was given this record, and when.

Nothing is deleted here: whether the law lets it be is for the mechanism's people to say. Every step can
be done again after a crash, and by each purpose that shares the folder.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crypto import checks, merkle, statement
from crypto.encoding import canonical_json, parse_json
from crypto.errors import CryptoError, VerifyError
from crypto.log_leaf import Opening
from crypto.restoration import WITHDRAWAL, parse_envelope, verify_restoration
from crypto.statement import Statement
from crypto.tlog_proof import LogProof
from crypto.withdrawal import CONSENT, DELETION, Withdrawal, verify_withdrawal
from intake.client import files, told
from intake.client.deletions import Deletions, kept
from intake.client.files import read_json
from intake.client.mirror import Mirror
from intake.client.told import Told

PERSON, MEMBERS, UNVERIFIED, SERVICE = "person", "members", "unverified", "service"
_LOG, _RECORD, _ENDED = "log.json", "record.json", "withdrawal.json"


@dataclass(frozen=True, slots=True)
class Ended:
    """Consent that ended, in whole or for some compartments (ids).

    `by` is whose signature was verified: the `person`'s, two `members`' of the mechanism; `unverified` if
    nobody's could be, or it is of another time or occasion than what the service says; and `service` for an
    erasure, which has none. `revision` is None where there is nothing to answer.
    """

    record: str
    revision: int | None
    whole: bool
    compartments: tuple[str, ...]
    by: str


def begin(log: Mirror, folder: Path, entry: Told) -> None:
    """Keep a record's entry; it waits for its proof."""
    if (folder / _LOG).exists():
        return
    log.unproved.append((entry.index, folder.name))
    log.save()  # first: a folder that waits in vain is better than one that is forgotten
    files.write_json(folder / _LOG, kept(entry) | {"proof": None})


def complete(log: Mirror, out: Path) -> None:
    """Write the proofs of what the newest checkpoint covers by now."""
    if log.note is None:
        return
    size, left = log.verified, []
    tree = log.tree(size)
    for index, record in sorted(log.unproved):
        if index >= size:
            left.append((index, record))
            continue
        for path in (out / "records" / record / _LOG, *(out / "withdrawn" / record).glob("log*.json")):
            value = read_json(path)
            if value.get("index") == index:
                hashes = merkle.inclusion_proof(index, size, tree.subtree)
                extra = canonical_json({"leaf": value["leaf"], "opening": value["opening"]})
                proof = LogProof(index, hashes, log.note, extra).encode().decode()
                files.write_json(path, value | {"proof": proof})
    if left != log.unproved:
        log.unproved = left
        log.save()


def newest(folder: Path) -> Statement | None:
    """The newest statement of a pulled record; None if there is none that can be read."""
    try:
        return statement.parse(read_json(folder / _RECORD)["statements"][-1]["statement"].encode())
    except (CryptoError, KeyError, IndexError, TypeError, AttributeError):
        return None


def statements(folder: Path) -> list[str]:
    """The statements of a pulled record, from its first revision on; none, if it is not here."""
    return [found["statement"] for found in read_json(folder / _RECORD).get("statements", ())]


def require_allowed(signed: Statement, mechanism: str, origin: str | None) -> None:
    """`VerifyError` unless the person's newest statement lets this mechanism have the record.

    It names the mechanism; or it names `origin`, which handed the record over, and allows a successor.
    """
    named = {consent.mechanism: consent for consent in signed.consent}
    if mechanism not in named and not (origin in named and named[origin].successor):
        what = f"{mechanism}, or for a successor of {origin}" if origin else mechanism
        raise VerifyError(f"it was released without consent: the newest statement has no consent for {what}")


def require_granted(signed: Statement, mechanism: str, answer: Mapping[str, Any]) -> None:
    """`VerifyError` if a grant is missing that the person's newest statement gives this mechanism.

    A program may be given less than its mechanism: then the answer says what is `withheld` from it, and
    that is never of the account. A successor is granted what its origin could open: no statement says what.
    """
    came = {str(grant.get("compartment")) for grant in answer["grants"]}
    kinds = {entry.id: entry.kind for entry in signed.compartments}
    withheld = {id_ for id_ in map(str, answer.get("withheld", ())) if kinds.get(id_) != "account"}
    asked = {entry.compartment for entry in signed.audience if entry.mechanism == mechanism}
    if missing := sorted(asked - came - withheld):
        raise VerifyError(
            f"what opens {len(missing)} of {len(asked)} compartments is missing, and the person's newest"
            f" statement grants it: {', '.join(missing)}"
        )


def handed_over(folder: Path, signed: Statement) -> str | None:
    """The mechanism that handed a pulled record over to this one; None if the person named this one.

    `VerifyError` if the person's newest statement allows neither.
    """
    text = read_json(folder / _LOG).get("opening")
    if not isinstance(text, str):
        return None
    values = Opening.parse(text.encode()).values
    mechanism, origin = str(values.get("mechanism")), values.get("from")
    if not isinstance(origin, str):
        return None
    require_allowed(signed, mechanism, origin)
    return None if mechanism in {consent.mechanism for consent in signed.consent} else origin


class Custody:
    """The records of one folder. `root` is the mechanism's own (32 bytes), if its people gave it."""

    def __init__(self, out: Path, root: bytes | None) -> None:
        self._records = out / "records"
        self._withdrawn = out / "withdrawn"
        self._deletions = Deletions(out)
        self._root = root
        self._indexes: dict[int, str] | None = None

    # --- the person takes back ---

    def withdraw(self, entry: Told) -> Ended | None:
        """Obey a tombstone; None if nothing is held that it speaks of, or it was obeyed before."""
        record = checks.digest(entry.values.get("record"))
        held = newest(self._records / record)
        ended = self._verified(entry, record, held)
        self._end_move(record)
        granted = _granted(held, str(entry.values.get("mechanism")), entry.origin)
        if held and ended.revision and held.revision > ended.revision and (granted or not ended.whole):
            # Consent was given again before this was read: what is held came after it.
            left = tuple(c for c in ended.compartments if c not in granted)
            ended = Ended(record, ended.revision, False, left, ended.by)
        if ended.whole:
            fresh = self._move(record, entry, ended)
            self._deletions.end(record)
            return ended if fresh else None
        known = self._withdrawn.joinpath(record).exists()
        apart = self._set_apart(record, set(ended.compartments), held) if held else False
        return ended if (known or apart) and self._note(entry, ended) else None

    def replace(self, record: str, found: dict[str, Any]) -> None:
        """A newer state takes the place of the one that is held. What it no longer opens is set apart."""
        path = self._records / record / _RECORD
        held = newest(path.parent)
        still = {grant["compartment"] for grant in found["grants"]}
        gone = {grant["compartment"] for grant in read_json(path).get("grants", ())} - still
        if held and gone:
            self._set_apart(record, gone, held)
        files.write_json(path, found)

    def erased(self, entry: Told) -> list[Ended]:
        """What the service has erased goes out of the records; it says so, and nobody signs that."""
        found = []
        known = self._known() if told.erased(entry) else {}
        for record in sorted({known[index] for index in told.erased(entry) if index in known}):
            by = self._deletions.by(record) or SERVICE
            ended = Ended(record, None, True, (), by)
            if self._move(record, entry, ended):
                found.append(ended)
            self._deletions.end(record)
        return found

    # --- deletion, which waits ---

    def ask(self, entry: Told) -> str | None:
        """Deletion was asked for; the day on which it is due. None if nothing of the record is here."""
        record = checks.digest(entry.values.get("record"))
        folder = self._records / record
        if not folder.exists():
            return None
        due = checks.text(entry.values.get("due"), checks.DAY)
        self._deletions.ask(record, entry, due, self._verified(entry, record, newest(folder)).by)
        return due

    def keep(self, entry: Told) -> bool:
        """The deletion is cancelled, says the service; whether the person signed that. Else it waits on."""
        record = checks.digest(entry.values.get("record"))
        held = newest(self._records / record)
        return held is None or self._deletions.keep(entry, record, held.sign_key)

    # --- whose word it is ---

    def _verified(self, entry: Told, record: str, held: Statement | None) -> Ended:
        """What a tombstone says, and whose signature on it holds."""
        held = held or newest(self._withdrawn / record)
        envelope = str(entry.values.get("withdrawal", "")).encode()
        # A successor is told what the person signed about the mechanism that it came from.
        mechanism, number = entry.origin or entry.values.get("mechanism"), entry.values.get("revision")
        revision = number if isinstance(number, int) else None
        try:
            if held is not None:
                said = verify_withdrawal(envelope, held.sign_key)
                if (said.record, said.mechanism) == (record, mechanism):
                    by = PERSON if self._meant(said, entry, revision) else UNVERIFIED
                    return Ended(record, revision, said.whole, said.compartments, by)
        except CryptoError:
            pass  # by somebody else, then
        try:
            if self._root is not None:
                asked = verify_restoration(envelope, self._root, parse_envelope(envelope).day)
                if (asked.record, asked.mechanism, asked.kind) == (record, mechanism, WITHDRAWAL):
                    return Ended(record, revision, True, (), MEMBERS)
        except CryptoError:
            pass  # nobody's that is known here
        if self._unticked(entry, record):
            return Ended(record, revision, True, (), PERSON)
        compartments = _claimed(envelope)
        return Ended(record, revision, compartments is None, compartments or (), UNVERIFIED)

    def _meant(self, said: Withdrawal, entry: Told, revision: int | None) -> bool:
        """Whether what the person signed was signed for what the service says now.

        It can show an envelope again: of a consent that was given anew since, of a cancelled deletion. What
        is held is compared, as far as it goes; `withdraw` lets a revision that is held end nothing newer.
        """
        known = statements(self._records / said.record) or statements(self._withdrawn / said.record)
        if said.revision <= len(known):
            before = known[said.revision - 1].encode()
            if statement.statement_hash(before) != said.statement:
                return False
        if entry.event == "deletion.asked":
            again = self._deletions.again(said.record, str(entry.values.get("withdrawal")).encode())
            return said.kind == DELETION and said.revision >= len(known) and not again
        if said.kind == CONSENT:
            return revision == said.revision + 1
        envelope, day = str(entry.values.get("withdrawal")).encode(), str(entry.values.get("day"))
        return revision == said.revision and self._deletions.due(said.record, envelope, day)

    def _unticked(self, entry: Told, record: str) -> bool:
        """Whether the person's own statement, told with the tombstone, lets this mechanism have nothing."""
        known = statements(self._records / record) or statements(self._withdrawn / record)
        signed = told.revised(entry, known)
        if signed is None or entry.origin is None:
            return False
        try:
            require_allowed(signed, str(entry.values.get("mechanism")), entry.origin)
        except VerifyError:
            return True
        return False

    # --- moving ---

    def _move(self, record: str, entry: Told, ended: Ended) -> bool:
        """The whole folder of a record; whether this was news."""
        folder, target = self._records / record, self._withdrawn / record
        if not folder.exists() and not target.exists():
            return False
        fresh = self._note(entry, ended)
        self._end_move(record)
        if folder.exists():
            folder.rename(self._withdrawn / f".{record}.moving")
            files.sync_folder(self._records)
        self._end_move(record)
        return fresh

    def _end_move(self, record: str) -> None:
        """Put a folder that was taken out to what was taken out before; a crash before leaves the rest."""
        moving, target = self._withdrawn / f".{record}.moving", self._withdrawn / record
        if not moving.exists():
            return
        for path in sorted(moving.rglob("*")):
            if path.is_file():
                _put(path, target / path.relative_to(moving))
        for path in sorted(moving.rglob("*"), reverse=True):
            path.rmdir()
        moving.rmdir()
        files.sync_folder(self._withdrawn)

    def _set_apart(self, record: str, gone: set[str], held: Statement) -> bool:
        """The parts of some compartments, and the state of the record that opened them; False if none."""
        folder, target = self._records / record, self._withdrawn / record
        found = read_json(folder / _RECORD)
        opened = any(grant["compartment"] in gone for grant in found["grants"])
        if opened:
            copy = target / f".{_RECORD}"
            files.write(copy, (folder / _RECORD).read_bytes())
            _put(copy, target / _RECORD)
        parts = {part.id for part in held.parts if part.compartment in gone}
        there = [path for part in sorted(parts) if (path := folder / "parts" / f"{part}.age").exists()]
        for path in there:
            _put(path, target / "parts" / path.name)
        found["grants"] = [grant for grant in found["grants"] if grant["compartment"] not in gone]
        found["parts"] = [part for part in found["parts"] if part["id"] not in parts]
        if opened:  # last: until then it is known what has to go
            files.write_json(folder / _RECORD, found)
        return opened or bool(there)

    def _note(self, entry: Told, ended: Ended) -> bool:
        """Write down what ended the consent; False if it was before."""
        path = self._withdrawn / ended.record / _ENDED
        noted: list[dict[str, Any]] = json.loads(path.read_bytes()) if path.exists() else []
        if any(known["index"] == entry.index for known in noted):
            return False
        said = {"revision": ended.revision, "whole": ended.whole, "by": ended.by}
        noted.append(kept(entry) | said | {"compartments": list(ended.compartments)})
        files.write_json(path, noted)
        return True

    def _known(self) -> dict[int, str]:
        """Index of the entry by which a record came → the record. Read once, when something is erased."""
        if self._indexes is None:
            self._indexes = {}
            for base in (self._records, self._withdrawn):
                for path in base.glob("*/log*.json"):
                    index = read_json(path).get("index")
                    if isinstance(index, int):
                        self._indexes[index] = path.parent.name
        return self._indexes

    def came(self, entry: Told, record: str) -> None:
        """A record came: an erasure in the same run may name it."""
        if self._indexes is not None:
            self._indexes[entry.index] = record


def _granted(held: Statement | None, mechanism: str, origin: str | None) -> set[str]:
    """What a statement grants to a mechanism, or at most to the successor of another."""
    if held is None:
        return set()
    through = {c.mechanism for c in held.consent if c.mechanism == mechanism or c.successor}
    return {a.compartment for a in held.audience if a.mechanism in {mechanism, origin} & through}


def _claimed(envelope: bytes) -> tuple[str, ...] | None:
    """The compartments that a document takes back that nobody vouches for; None: all of them."""
    try:
        top = parse_json(envelope)
        document = top["document"] if isinstance(top, dict) else None
        if isinstance(document, Mapping) and document.get("whole") is False:
            return tuple(checks.identifier(c) for c in checks.items(document.get("compartments"), 1000))
    except (CryptoError, KeyError):
        pass
    return None


def _put(source: Path, target: Path) -> None:
    """Move a file; another one of that name stays beside it, under a number."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if target.exists() and target.suffix == ".json" and target.read_bytes() != source.read_bytes():
        number = 1
        while (beside := target.with_name(f"{target.stem}-{number}{target.suffix}")).exists():
            number += 1
        target.rename(beside)
    source.replace(target)
