"""A submitter with a device who comes back: composes, seals, signs and sends, each piece to be bent."""

import json
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from crypto import bundles, profiles
from crypto.bundles import Bundle
from crypto.encoding import b64u_decode, b64u_encode, canonical_json
from crypto.objection import Objection, sign_objection, target_of
from crypto.primitives import SigningKey
from crypto.receipt import ReceiptKeys
from crypto.record_reader import RecordReader
from crypto.record_writer import RecordWriter, SealedPart
from crypto.statement import statement_hash
from crypto.withdrawal import CONSENT, DELETION, Withdrawal, sign_withdrawal
from intake import clock
from intake.client import mechanism_keys
from intake.people import profiles as known_profiles
from intake.record import consent_texts
from intake.record.compose import Composer, Earlier
from intake.record.consent import Choice
from intake.record.opened import OpenedRecord, ever_granted, open_all
from tests.sealed import upload
from tests.service import PURPOSE, Mechanism, Service, new_receipt

TEXT = consent_texts.current("be")


def allow(mechanism: str = "demo", *classes: str, **more: Any) -> Choice:
    """Consent for the account, and for these classes."""
    purposes = more.pop("purposes", (PURPOSE,))
    return Choice(mechanism, purposes, ("account", *classes), **more)


def texts(narratives: Sequence[str], composer: Composer) -> None:
    """Each a narrative of its own."""
    for text in narratives:
        composer.narrative(text, "victim", "be")


@dataclass
class Person:
    """One receipt, and the record that it made."""

    service: Service
    keys: ReceiptKeys = field(default_factory=lambda: new_receipt().keys())
    choices: list[Choice] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        secret = f"{b64u_encode(self.keys.lookup)}.{b64u_encode(self.keys.auth)}"
        return {"Authorization": f"Intake-Receipt {secret}"}

    # --- reading ---

    def get(self, path: str) -> httpx.Response:
        return self.service.http.get(f"{self.service.url}/v1/mailbox{path}", headers=self.headers)

    def look(self) -> dict[str, Any]:
        answer = self.get("")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def revisions(self) -> list[tuple[bytes, bytes]]:
        return [(s["statement"].encode(), b64u_decode(s["signature"], 64)) for s in self.look()["statements"]]

    def open(self) -> OpenedRecord:
        found = self.look()
        grants = [(g["compartment"], b64u_decode(g["file"])) for g in found["grants"]]
        reader = RecordReader(self.revisions(), grants, [self.keys.identity])
        return open_all(reader, lambda part: self.get(f"/parts/{part}").content)

    @property
    def record(self) -> str:
        return str(self.look()["record"])

    # --- writing ---

    def composer(self, choices: Sequence[Choice]) -> Composer:
        """The first revision's, or, once there is one, the next one's."""
        self.choices = list(choices)
        if self.get("").status_code == 404:
            writer, earlier = RecordWriter(self.keys, secrets.token_bytes), None
        else:
            opened, revisions = self.open(), self.revisions()
            earlier = Earlier(opened, ever_granted(revisions))
            writer = RecordWriter.continuing(self.keys, secrets.token_bytes, revisions, opened.reader)
        known = offered(self.service)
        return Composer(writer, known[0], known[1], TEXT, clock.day(), choices, earlier)

    def send(self, *narratives: str, choices: Sequence[Choice] = (allow(),)) -> httpx.Response:
        """The first revision."""
        composer = self.composer(choices)
        texts(narratives or ("Сведчанне",), composer)
        answer = self.post(
            "/v1/submissions", self.body(composer) | {"receipt": self.receipt(composer.writer)}
        )
        assert answer.status_code == 201, answer.text
        return answer

    def revise(
        self, *narratives: str, choices: Sequence[Choice] | None = None, key: str | None = None
    ) -> httpx.Response:
        """The next one: new texts, and what holds from now on."""
        return self.post("/v1/mailbox/revisions", self.revision(*narratives, choices=choices), key)

    def revision(self, *narratives: str, choices: Sequence[Choice] | None = None) -> dict[str, Any]:
        """The body of the next revision."""
        composer = self.composer(self.choices if choices is None else choices)
        texts(narratives, composer)
        return self.body(composer)

    def receipt(self, writer: RecordWriter) -> dict[str, str]:
        return {
            "lookup": b64u_encode(self.keys.lookup),
            "auth": b64u_encode(self.keys.auth),
            "record_key": b64u_encode(self.keys.record_key(writer.share)),
        }

    def body(
        self, composer: Composer, media: Mapping[str, tuple[bytes, str]] | None = None
    ) -> dict[str, Any]:
        """The request's JSON; `media` maps part ids to (header, name of the upload)."""
        composed = composer.finish()
        writer = composer.writer
        statement, signature = writer.statement(
            audience=composed.audience,
            consent=composed.consent,
            created_day=clock.day(),
            sealed_by="submitter",
            client=("test", "1", None),
        )
        body: dict[str, Any] = {
            "statement": statement.decode(),
            "signature": b64u_encode(signature),
            "parts": [sent(part) for part in composer.parts]
            + [
                {"id": id, "header": b64u_encode(header), "upload": name}
                for id, (header, name) in (media or {}).items()
            ],
            "grants": [
                {"compartment": g.compartment, "recipient": g.recipient, "file": b64u_encode(g.file)}
                for g in writer.grants(composed.readers)
            ],
        }
        if composer.earlier:
            body["withdrawals"] = {
                w.mechanism: sign_withdrawal(w, self.keys.signing).decode() for w in composed.withdrawals
            }
        return body

    def post(self, path: str, body: Mapping[str, Any], key: str | None = None) -> httpx.Response:
        headers = {**self.headers, "Idempotency-Key": key or secrets.token_hex(16)}
        headers["Content-Type"] = "application/json"
        return self.service.http.post(f"{self.service.url}{path}", content=json.dumps(body), headers=headers)

    def withdrawal(self, mechanism: str, **changes: Any) -> Withdrawal:
        """Of a whole consent, as things are."""
        revisions = self.revisions()
        values: dict[str, Any] = {
            "record": self.record,
            "day": clock.day(),
            "whole": True,
            "compartments": (),
            "revision": len(revisions),
            "statement": statement_hash(revisions[-1][0]),
            "kind": CONSENT,
        }
        if changes.get("kind") == DELETION:
            values["nonce"] = secrets.token_hex(16)
        return Withdrawal(mechanism=mechanism, **(values | changes))

    def withdrawals(self, *mechanisms: str, kind: str = CONSENT) -> dict[str, Any]:
        """Signed withdrawals of whole consents."""
        signed = {
            name: sign_withdrawal(self.withdrawal(name, kind=kind), self.keys.signing).decode()
            for name in mechanisms
        }
        return {"withdrawals": signed}

    def ask_deletion(self) -> httpx.Response:
        named = [c["mechanism"] for c in json.loads(self.look()["statements"][-1]["statement"])["consent"]]
        return self.post("/v1/mailbox/deletion", self.withdrawals(*named, kind=DELETION))

    def objections(self, **changes: Any) -> dict[str, Any]:
        """To the deletion that waits, one for each mechanism that was told of it."""
        asked = self.get("/standings").json()["deletion"]["withdrawals"]
        found = {}
        for name, envelope in asked.items():
            values = {"mechanism": name, "target": target_of(envelope.encode()), "kind": DELETION}
            said = Objection(**({"record": self.record, "day": clock.day()} | values | changes))
            found[name] = sign_objection(said, self.keys.signing).decode()
        return {"objections": found}

    def cancel_deletion(self) -> httpx.Response:
        return self.post("/v1/mailbox/deletion/cancel", self.objections())

    def delete(self, path: str) -> httpx.Response:
        return self.service.http.delete(f"{self.service.url}/v1/mailbox{path}", headers=self.headers)


def sent(part: SealedPart) -> dict[str, str]:
    return {
        "id": part.entry.id,
        "header": b64u_encode(part.header),
        "payload": b64u_encode(part.payload),
    }


def add_medium(
    service: Service, composer: Composer, kind: str, data: bytes, name: str = "", only: Sequence[str] = ()
) -> dict[str, tuple[bytes, str]]:
    """Seal a file, apart if it has a `name`; what `Person.body` takes as `media`."""
    compartment = composer.medium(kind, name, only)
    sealer = composer.writer.begin_medium()
    payload = bytes(sealer.update(data)) + b"".join(bytes(piece) for piece in sealer.finish())
    label = {"name": "a.jpg", "type": "image/jpeg", "origin": "self", "apart": bool(name)}
    header, part = composer.writer.end_medium(sealer, compartment, label)
    composer.parts.append(part)
    return {sealer.part: (header, upload(service, payload))}


def offered(service: Service) -> tuple[dict[str, Bundle], dict[str, profiles.Profile]]:
    """Every mechanism that takes testimonies, as a client verifies it."""
    answer = service.http.get(f"{service.url}/v1/mechanisms").json()
    known = [bundles.verify_bundle(canonical_json(raw)) for raw in answer["mechanisms"]]
    found = {b.mechanism: b for b in known}
    verified = {
        id: profiles.verify_profile(canonical_json(raw), found[id].root)
        for id, raw in answer["profiles"].items()
    }
    return found, verified


def publish_profile(service: Service, mechanism: Mechanism, version: int = 1, **fields: Any) -> None:
    """What the mechanism's people sign, and the operator imports."""
    root = SigningKey.from_pem((mechanism.keys / "root.key").read_bytes(), None)
    values = {"mechanism": mechanism.id, "day": clock.day(), "mandate": {"en": "Examines."}}
    data = profiles.sign_profile(root, version=version, **(values | fields))

    def imported() -> None:
        with service.installation.database.write() as connection:
            known_profiles.add(connection, data)

    on_the_server(imported)


def on_the_server(work: Callable[[], object]) -> None:
    """Run it by the server's clock."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def mover(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Moves the clock by days, for all threads but the test's own: of the server, not of its clients."""
    shift = [0]
    real, own = clock.now, threading.get_ident()
    monkeypatch.setattr(clock, "now", lambda: real() + (0 if threading.get_ident() == own else shift[0]))

    def move(days: int) -> None:
        shift[0] = days * clock.DAY

    return move


def identities(mechanism: Mechanism) -> list[Any]:
    """All that a mechanism's people have."""
    return list(mechanism_keys.identities(mechanism.keys))
