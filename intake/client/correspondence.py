"""Messages about one record: from both sides, verified and opened on one's own machine.

What is unsigned, signed by the wrong kind of key, or does not open to what was signed, is not shown; how
many those are is. A message is sealed to a compartment that the signed statement names, so that whoever
could read the record can read it, and the service cannot.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crypto import objection, restoration, statement
from crypto.age_keys import Identity, Recipient
from crypto.bundles import Bundle, verify_bundle
from crypto.encoding import Json, b64u_decode, b64u_encode, canonical_json
from crypto.errors import CryptoError, FormatError, VerifyError
from crypto.members import Member
from crypto.message import Message, open_message, seal_message, sign_message, verify_message
from crypto.objection import Objection, sign_objection
from crypto.primitives import SigningKey
from crypto.receipt import ReceiptKeys
from crypto.record_reader import RecordReader
from crypto.record_writer import SealedPart
from crypto.statement import Statement
from intake.client.api import Api, ApiError
from intake.client.members import MemberKey
from intake.client.pull import FeedClient
from intake.client.sealing import today

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
    """What holds, oldest first; how many are signed, and not open to these keys; how many do not hold."""

    messages: list[Shown]
    closed: int
    hidden: int


class OwnCase:
    """The submitter's side, with a receipt. `roots` are fingerprints by mechanism, known from elsewhere.

    For whom no root is given, the server's word is not enough: a bundle counts only if its root has signed
    a key that the person's own statements grant something to. Nothing of others is shown.
    """

    def __init__(self, api: Api, keys: ReceiptKeys, roots: Mapping[str, str]) -> None:
        self._api = api
        self._keys = keys
        self._roots = {mechanism: root.replace(" ", "").lower() for mechanism, root in roots.items()}
        self._secret = f"Intake-Receipt {b64u_encode(keys.lookup)}.{b64u_encode(keys.auth)}"
        found = self._get("/v1/mailbox")
        self.reader = _reader(found, [keys.identity], found["record"])
        self._granted = {
            (entry.mechanism, entry.recipient)
            for signed in found["statements"]
            for entry in statement.parse(signed["statement"].encode()).audience
        }

    def read(self) -> Correspondence:
        """All messages of the record. `VerifyError` if a mechanism's root is not the expected one."""
        record = self.reader.statement.record
        found = self._get("/v1/mailbox/messages")
        bundles = {b.mechanism: b for b in map(self._bundle, found["mechanisms"]) if self._believed(b)}
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
                path = f"/v1/mailbox/parts/{message.part.id}"
                file = self._api.request("GET", path, headers=self._headers).content
                shown.setdefault(message.part.id, _open(int(listed["number"]), message, file, self.reader))
        return _correspondence(shown, closed, len(found["messages"]))

    def send(self, mechanism: str, text: str, language: str, answers: str | None = None) -> str:
        """Seal, sign, hand over; the part's id. `ValueError` if the mechanism was not named."""
        sealed, envelope = _sealed(
            self.reader.statement, mechanism, text, language, answers, self._keys.signing, None
        )
        self._api.request(
            "POST",
            "/v1/mailbox/messages",
            json=_body(envelope, sealed.header, sealed.payload),
            headers=self._headers,
        )
        return sealed.entry.id

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
                key = _restored_key(one["document"], bundle, self.reader.statement.record)
                found.setdefault(bundle.mechanism, []).extend(key)
        return found

    def _bundle(self, raw: Json) -> Bundle:
        bundle = verify_bundle(canonical_json(raw))
        if self._roots.get(bundle.mechanism, bundle.root_fingerprint) != bundle.root_fingerprint:
            raise VerifyError(f"the server's root key for {bundle.mechanism} is not the expected one")
        return bundle

    def _believed(self, bundle: Bundle) -> bool:
        keys = {(bundle.mechanism, key.recipient.fingerprint) for key in bundle.keys}
        return bundle.mechanism in self._roots or not keys.isdisjoint(self._granted)

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

    def read(self) -> Correspondence:
        """All messages; each is downloaded once, and kept sealed in `messages/` of the record's folder."""
        record = self.reader.statement.record
        found = self._feed.messages(record)
        keys = [self.reader.statement.sign_key]
        for document in found["restorations"]:
            keys += _restored_key(document, self._own, record)
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
        return _correspondence(shown, closed, len(found["messages"]))

    def reply(self, member: MemberKey, text: str, language: str, answers: str | None = None) -> str:
        """Seal, sign as this member, hand over; the part's id."""
        sealed, envelope = _sealed(
            self.reader.statement,
            self._own.mechanism,
            text,
            language,
            answers,
            member.key,
            member.member.raw,
        )
        self._feed.send(self.reader.statement.record, _body(envelope, sealed.header, sealed.payload))
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
    mechanism: str,
    text: str,
    language: str,
    answers: str | None,
    key: SigningKey,
    certificate: bytes | None,
) -> tuple[SealedPart, bytes]:
    entry = _compartment(signed, mechanism)
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


def _compartment(signed: Statement, mechanism: str) -> statement.CompartmentEntry:
    """The compartment that a message goes into: the newest, with as few other mechanisms as can be."""
    holders: dict[str, set[str]] = {}
    for asked in signed.audience:
        holders.setdefault(asked.compartment, set()).add(asked.mechanism)
    usable = [c for c in signed.compartments if mechanism in holders.get(c.id, ())]
    if not usable:
        raise ValueError(f"nothing of this record is open to {mechanism}: no message can be sealed for both")
    return min(usable, key=lambda c: (_PREFERRED.index(c.kind), len(holders[c.id]), -c.generation))


def _correspondence(shown: dict[str, Shown], closed: set[str], listed: int) -> Correspondence:
    return Correspondence(list(shown.values()), len(closed), listed - len(shown) - len(closed))


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


def _restored_key(document: str, own: Bundle, record: str) -> list[bytes]:
    """The signing key of a restored receipt, if two members of this mechanism did restore it."""
    try:
        data = document.encode()
        held = restoration.verify_restoration(data, own.root, restoration.parse_envelope(data).day)
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
