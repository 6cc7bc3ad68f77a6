"""Messages about one record: from both sides, verified and opened on one's own machine.

What is unsigned, signed by the wrong kind of key, or does not open to what was signed, is not shown; how
many those are is. A message is sealed to a compartment that the signed statement names, so that whoever
could read the record can read it, and the service cannot.
"""

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crypto import objection, restoration
from crypto.age_keys import Identity, Recipient
from crypto.bundles import Bundle
from crypto.encoding import b64u_decode, b64u_encode
from crypto.errors import CryptoError, FormatError
from crypto.members import Member
from crypto.message import Message, open_message, seal_message, sign_message, verify_message
from crypto.objection import Objection, sign_objection
from crypto.primitives import SigningKey
from crypto.receipt import ReceiptKeys
from crypto.record_reader import RecordReader
from crypto.record_writer import SealedPart
from crypto.statement import CompartmentEntry, Statement
from intake.client import custody
from intake.client.api import Api, ApiError
from intake.client.mechanism_keys import Root
from intake.client.members import MemberKey
from intake.client.pull import FeedClient
from intake.client.sealing import today
from intake.client.trust import Trust

_DOES_NOT_HOLD = (CryptoError, ApiError, KeyError, TypeError, ValueError, AttributeError)
# Which class of compartment a message is put into: as private as the account, not as the names in it.
_PREFERRED = ("account", "identity", "sensitive", "triage")


@dataclass(frozen=True, slots=True)
class Shown:
    """A message that holds. `member` is whoever wrote for the mechanism, None for the submitter."""

    number: int
    part: str
    mechanism: str
    day: str
    member: Member | None
    answers: str | None
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Correspondence:
    """What holds, oldest first; how many are signed, and not open to these keys; how many do not hold.

    `unproved` are mechanisms whose messages are among the hidden ones because nobody whom the person named
    has signed which root is theirs; with the fingerprint of the root that the service shows.
    """

    messages: list[Shown]
    closed: int
    hidden: int
    unproved: Mapping[str, str] = field(default_factory=dict)


class OwnCase:
    """The submitter's side, with a receipt. `roots` are fingerprints by mechanism, known from elsewhere.

    Nothing is shown of mechanisms whose root does not count: see `trust`.
    """

    def __init__(self, api: Api, keys: ReceiptKeys, roots: Mapping[str, str]) -> None:
        self._api = api
        self._keys = keys
        self._secret = f"Intake-Receipt {b64u_encode(keys.lookup)}.{b64u_encode(keys.auth)}"
        found = self._get("/v1/mailbox")
        self.reader = _reader(found, [keys.identity], found["record"])
        statements = [signed["statement"].encode() for signed in found["statements"]]
        self._trust = Trust.of(self.reader, statements, self._part, roots)

    def read(self) -> Correspondence:
        """All messages of the record. `VerifyError` if a mechanism's root is not the expected one."""
        record = self.reader.statement.record
        found = self._get("/v1/mailbox/messages")
        bundles, unproved = self._trust.bundles(found["mechanisms"], found.get("profiles") or {})
        restored = self._restored(bundles)
        shown: dict[str, Shown] = {}
        closed: set[str] = set()
        for listed in found["messages"]:
            with suppress(*_DOES_NOT_HOLD):
                bundle = bundles[listed["mechanism"]]
                keys = [self.reader.statement.sign_key, *restored.get(bundle.mechanism, ())]
                message = verify_message(
                    listed["envelope"].encode(),
                    sign_keys=keys,
                    root=bundle.root,
                    record=record,
                    mechanism=bundle.mechanism,
                )
                if message.part.compartment not in self.reader.identities:
                    closed.add(message.part.id)
                    continue
                file = self._part(message.part.id)
                shown.setdefault(message.part.id, _open(int(listed["number"]), message, file, self.reader))
        theirs = {str(listed["mechanism"]) for listed in found["messages"]}
        unproved = {mechanism: root for mechanism, root in unproved.items() if mechanism in theirs}
        return _correspondence(shown, closed, len(found["messages"]), unproved)

    def send(self, mechanism: str, text: str, language: str, answers: str | None = None) -> str:
        """Seal, sign, hand over; the part's id. `ValueError` if it was neither named nor is a successor."""
        signed = self.reader.statement
        named = {entry.mechanism for entry in signed.audience}
        holder = mechanism if mechanism in named else self._origin(mechanism)
        for entry in _compartments(signed, holder):
            sealed, envelope = _sealed(
                signed, entry, mechanism, text, language, answers, self._keys.signing, None
            )
            body = _body(envelope, sealed.header, sealed.payload)
            try:
                self._api.request("POST", "/v1/mailbox/messages", json=body, headers=self._headers)
            except ApiError as error:
                if error.code != "compartment_other":
                    raise
                continue  # a successor may have been handed less than its origin has
            return sealed.entry.id
        raise _no_compartment(mechanism)

    def standings(self) -> dict[str, Any]:
        """{standings, withdrawals, deletion, restorations}, as the service tells them."""
        return self._get("/v1/mailbox/standings")

    def object(self, restored: str) -> None:
        """Refuse another receipt that waits, or end it. `ValueError` if there is none."""
        known = {one["id"]: str(one["mechanism"]) for one in self.standings()["restorations"]}
        if restored not in known:
            raise ValueError(f"there is no second receipt {restored}")
        said = Objection(
            self.reader.statement.record, known[restored], today(), objection.RESTORATION, restored
        )
        self._api.post(
            f"/v1/mailbox/restorations/{restored}/object",
            {"objection": sign_objection(said, self._keys.signing).decode()},
            headers=self._headers,
        )

    def _restored(self, bundles: Mapping[str, Bundle]) -> dict[str, list[bytes]]:
        """Mechanism → signing keys of receipts that two of its members restored."""
        found: dict[str, list[bytes]] = {}
        for one in self.standings()["restorations"]:
            bundle = bundles.get(str(one["mechanism"]))
            if bundle is not None and one["state"] == "done":
                key = restored_key(
                    one["document"], Root(bundle.mechanism, bundle.root), self.reader.statement.record
                )
                found.setdefault(bundle.mechanism, []).extend(key)
        return found

    def _origin(self, mechanism: str) -> str:
        """Who handed the record over to this mechanism, as the service says: it can be sealed to then."""
        handed = {one["mechanism"]: str(one["origin"]) for one in self.standings().get("handed_over", ())}
        return handed.get(mechanism, mechanism)

    def _part(self, part: str) -> bytes:
        return self._api.request("GET", f"/v1/mailbox/parts/{part}", headers=self._headers).content

    def _headers(self) -> dict[str, str]:
        return {"Authorization": self._secret}

    def _get(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = self._api.get(path, headers=self._headers)
        return found


class CaseClient(FeedClient):
    """The feed's routes about one record, besides those that pull it."""

    def messages(self, record: str) -> dict[str, Any]:
        """The mechanism's correspondence: {messages, restorations}."""
        found: dict[str, Any] = self._get(f"/feed/v1/records/{record}/messages").json()
        return found

    def send(self, record: str, body: dict[str, str]) -> None:
        """Hand in a message."""
        self._send("POST", f"/feed/v1/records/{record}/messages", json=body)

    def say(self, record: str, standing: str) -> None:
        """What became of the record: `in_case` or `closed`."""
        self._send("POST", f"/feed/v1/records/{record}/standing", json={"standing": standing})

    def answer(self, record: str, revision: int, answer: str) -> None:
        """What became of what was read: `deleted`, `retained` or `court`."""
        body = {"revision": revision, "answer": answer}
        self._send("POST", f"/feed/v1/records/{record}/withdrawal-answer", json=body)


class Case:
    """The mechanism's side, with the folder of a pulled record, its identities and its own bundle."""

    def __init__(self, feed: CaseClient, folder: Path, identities: Sequence[Identity], own: Bundle) -> None:
        self._feed = feed
        self._folder = folder
        self._own = own
        self.reader = pulled(folder, identities)
        self._origin = custody.handed_over(folder, self.reader.statement)

    def read(self) -> Correspondence:
        """All messages; each is downloaded once, and kept sealed in `messages/` of the record's folder."""
        record = self.reader.statement.record
        found = self._feed.messages(record)
        keys = [self.reader.statement.sign_key]
        for document in found["restorations"]:
            keys += restored_key(document, Root(self._own.mechanism, self._own.root), record)
        shown: dict[str, Shown] = {}
        closed: set[str] = set()
        for listed in found["messages"]:
            with suppress(*_DOES_NOT_HOLD):
                message = verify_message(
                    listed["envelope"].encode(),
                    sign_keys=keys,
                    root=self._own.root,
                    record=record,
                    mechanism=self._own.mechanism,
                )
                if message.part.compartment not in self.reader.identities:
                    closed.add(message.part.id)
                    continue
                file = self._file(message.part.id, int(listed["size"]))
                shown.setdefault(message.part.id, _open(int(listed["number"]), message, file, self.reader))
        return _correspondence(shown, closed, len(found["messages"]), {})

    def reply(self, member: MemberKey, text: str, language: str, answers: str | None = None) -> str:
        """Seal, sign as this member, hand over; the part's id. A successor seals to what it was handed."""
        signed, own = self.reader.statement, self._own.mechanism
        usable = _compartments(signed, self._origin, self.reader.identities) if self._origin else []
        for_both = usable or _compartments(signed, own)
        if not for_both:
            raise _no_compartment(own)
        sealed, envelope = _sealed(
            signed,
            for_both[0],
            own,
            text,
            language,
            answers,
            member.key,
            member.member.raw,
        )
        self._feed.send(signed.record, _body(envelope, sealed.header, sealed.payload))
        return sealed.entry.id

    def _file(self, part: str, size: int) -> bytes:
        path = self._folder / "messages" / f"{part}.age"
        if not path.exists():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            fresh = path.with_suffix(".part")
            self._feed.download(self.reader.statement.record, part, size, fresh)
            fresh.replace(path)
        return path.read_bytes()


def pulled(folder: Path, identities: Sequence[Identity]) -> RecordReader:
    """The record of a pulled folder; `ValueError` or an error of `crypto` if it does not hold."""
    found = json.loads((folder / "record.json").read_text())
    try:
        return _reader(found, identities, folder.name)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{folder} is not the folder of a pulled record") from error


def _reader(found: dict[str, Any], identities: Sequence[Identity], record: str) -> RecordReader:
    revisions = [(s["statement"].encode(), b64u_decode(s["signature"], 64)) for s in found["statements"]]
    grants = [(g["compartment"], b64u_decode(g["file"])) for g in found["grants"]]
    return RecordReader(revisions, grants, identities, record=record)


def _sealed(
    signed: Statement,
    entry: CompartmentEntry,
    mechanism: str,
    text: str,
    language: str,
    answers: str | None,
    key: SigningKey,
    certificate: bytes | None,
) -> tuple[SealedPart, bytes]:
    values = {"text": text, "language": language}
    sealed = seal_message(
        Recipient.parse(entry.recipient), signed.record, entry.id, values, secrets.token_bytes
    )
    envelope = sign_message(
        key,
        record=signed.record,
        mechanism=mechanism,
        day=today(),
        answers=answers,
        part=sealed.entry,
        certificate=certificate,
    )
    return sealed, envelope


def _compartments(
    signed: Statement, mechanism: str, opened: Collection[str] | None = None
) -> list[CompartmentEntry]:
    """Where a message can go, best first: the newest, with as few other mechanisms as can be.

    Of those that the statement grants to this mechanism; with `opened`, only what is open to these keys.
    """
    holders: dict[str, set[str]] = {}
    for asked in signed.audience:
        holders.setdefault(asked.compartment, set()).add(asked.mechanism)
    usable = [c for c in signed.compartments if mechanism in holders.get(c.id, ())]
    return sorted(
        (c for c in usable if opened is None or c.id in opened),
        key=lambda c: (_PREFERRED.index(c.kind), len(holders[c.id]), -c.generation),
    )


def _no_compartment(mechanism: str) -> ValueError:
    return ValueError(f"nothing of this record is open to {mechanism}: no message can be sealed for both")


def _correspondence(
    shown: dict[str, Shown], closed: set[str], listed: int, unproved: Mapping[str, str]
) -> Correspondence:
    return Correspondence(list(shown.values()), len(closed), listed - len(shown) - len(closed), unproved)


def _open(number: int, message: Message, file: bytes, reader: RecordReader) -> Shown:
    values = open_message(message, file, reader.identities[message.part.compartment]).values
    text, language = values.get("text"), values.get("language")
    if not isinstance(text, str) or not isinstance(language, str):
        raise FormatError("a message has a text and its language")
    return Shown(
        number,
        message.part.id,
        message.mechanism,
        message.day,
        message.member,
        message.answers,
        text,
        language,
    )


def restored_key(document: str, own: Root, record: str) -> list[bytes]:
    """The signing key of a restored receipt, if two members of this mechanism did restore it."""
    try:
        data = document.encode()
        held = restoration.verify_restoration(data, own.key, restoration.parse_envelope(data).day)
    except CryptoError:
        return []
    right = (held.record, held.mechanism) == (record, own.mechanism)
    return [held.receipt.sign_key] if held.receipt is not None and right else []


def _body(envelope: bytes, header: bytes, payload: bytes) -> dict[str, str]:
    return {
        "envelope": envelope.decode(),
        "header": b64u_encode(header),
        "payload": b64u_encode(payload),
    }
