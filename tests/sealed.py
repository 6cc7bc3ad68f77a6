"""A sealed submission made by hand, so that a test can bend any piece of it before it is sent."""

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import httpx

from crypto import statement as statements
from crypto.age_keys import Recipient
from crypto.encoding import b64u_encode, canonical_json, parse_json
from crypto.receipt import ReceiptKeys
from crypto.record_writer import RecordWriter, SealedPart
from crypto.statement import AudienceEntry, ConsentEntry
from intake import clock
from intake.client.api import Api
from intake.client.submit import fetch_bundles
from tests.service import PURPOSE, Service, new_receipt

TUS = {"Tus-Resumable": "1.0.0"}
PATCH = {**TUS, "Content-Type": "application/offset+octet-stream"}


def upload(service: Service, payload: bytes) -> str:
    """Upload bytes; return the upload's name."""
    created = service.http.post(
        f"{service.url}/v1/uploads", headers={**TUS, "Upload-Length": str(len(payload))}
    )
    assert created.status_code == 201, created.text
    address = created.headers["location"]
    sent = service.http.patch(address, content=payload, headers={**PATCH, "Upload-Offset": "0"})
    assert sent.status_code == 204, sent.text
    return str(address.rpartition("/")[2])


@dataclass
class Sealed:
    """A submission with one narrative, for `demo`; change fields before `body` or `send`."""

    service: Service
    keys: ReceiptKeys = field(default_factory=lambda: new_receipt().keys())

    def __post_init__(self) -> None:
        self.writer = RecordWriter(self.keys, secrets.token_bytes)
        self.account = self.writer.compartment("account")
        self.parts: list[SealedPart] = []
        self.narrative = self.add("narrative", {"text": "Сведчанне", "language": "be", "capacity": "victim"})
        self.bundle = fetch_bundles(Api(self.service.url), {})["demo"]
        key = self.bundle.key_for("account", clock.day())
        assert key is not None
        self.reader: Recipient = key.recipient
        self.changes: dict[str, Any] = {}
        self.consent = ConsentEntry("demo", (PURPOSE,), None, False, "2026-11", "be", "00" * 32)
        self.audience = [AudienceEntry("demo", self.account.id, self.reader.fingerprint)]

    def add(self, kind: str, values: dict[str, Any]) -> SealedPart:
        part = self.writer.structured(kind, self.account, values)
        self.parts.append(part)
        return part

    def statement(self) -> tuple[bytes, bytes]:
        """(statement, signature), with `changes` made before it was signed."""
        data, _ = self.writer.statement(
            audience=self.audience,
            consent=[self.consent] if self.consent else [],
            created_day=clock.day(),
            sealed_by="submitter",
            client=("test", "1", None),
        )
        if self.changes:
            data = canonical_json(parse_json(data) | self.changes)
        return data, statements.sign(data, self.keys.signing)

    def body(self) -> dict[str, Any]:
        """The request's JSON, its parts uploaded."""
        data, signature = self.statement()
        grants = self.writer.grants([(a.compartment, self.reader) for a in self.audience])
        return {
            "statement": data.decode(),
            "signature": b64u_encode(signature),
            "receipt": {
                "lookup": b64u_encode(self.keys.lookup),
                "auth": b64u_encode(self.keys.auth),
                "record_key": b64u_encode(self.keys.record_key(self.writer.share)),
            },
            "parts": [
                {
                    "id": part.entry.id,
                    "upload": upload(self.service, part.payload),
                    "header": b64u_encode(part.header),
                }
                for part in self.parts
            ],
            "grants": [
                {"compartment": g.compartment, "recipient": g.recipient, "file": b64u_encode(g.file)}
                for g in grants
            ],
        }

    def send(self, body: dict[str, Any] | None = None) -> httpx.Response:
        """POST it under a fresh idempotency key."""
        headers = {"Idempotency-Key": secrets.token_hex(16), "Content-Type": "application/json"}
        content = json.dumps(body or self.body())
        return self.service.http.post(f"{self.service.url}/v1/submissions", content=content, headers=headers)
