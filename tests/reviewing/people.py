"""Members of `demo` at the review door, and testimonies for them to work on."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from crypto.age_keys import Identity, Recipient
from crypto.compartments import Compartment
from crypto.encoding import b64u_decode, b64u_encode
from crypto.record_reader import RecordReader
from intake.client import mechanism_keys
from intake.people import sessions
from intake.record.consent import Choice
from tests.own import Person, add_medium, allow, texts
from tests.service import PURPOSE, Service
from tests.staff import Staff

CARD: dict[str, Any] = {"acts": [{"violations": ["beating"]}], "events": [{"date": "2020-08-10"}]}


@dataclass
class Member:
    """Somebody who is logged in."""

    service: Service
    id: str
    identity: Identity
    purpose: str = PURPOSE
    cookie: str = field(default="", repr=False)

    def log_in(self) -> "Member":
        with self.service.installation.database.write() as connection:
            self.cookie = sessions.begin(connection, self.service.mechanism.id, self.id, self.purpose)
        return self

    def ask(self, method: str, path: str, json: Any = None, **headers: str) -> httpx.Response:
        own = {"Cookie": f"__Host-review={self.cookie}", "Origin": self.service.settings.review_url}
        url = f"{self.service.url}/review/v1{path}"
        return self.service.http.request(method, url, json=json, headers=own | headers)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.ask("GET", path, **headers)

    def post(self, path: str, json: Any) -> httpx.Response:
        return self.ask("POST", path, json)

    def inbox(self, query: str = "") -> list[dict[str, Any]]:
        answer = self.get(f"/records{query}")
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["records"]
        return found

    def open(self, record: str) -> dict[str, Any]:
        answer = self.get(f"/records/{record}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def member(service: Service, name: str, *roles: str, days: int = 30) -> Member:
    """A member whom the root certified, logged in."""
    made = Staff(service).member(*roles, id=name, days=days)
    return Member(service, name, made.keys.identity, cookie=made.cookie)


def a_record(
    service: Service, choice: Choice | None = None, photo: bytes | None = None, kind: str = "identity"
) -> Person:
    """A testimony for `demo`: a narrative with a triage card; with `photo`, that in a compartment `kind`."""
    person = Person(service)
    composer = person.composer([choice or allow("demo", "triage", "identity", "sensitive")])
    texts(["Мяне затрымалі."], composer)
    if "triage" in composer.choices[0].classes:
        composer.triage("victim", "be", 0, CARD)
    media = add_medium(service, composer, kind, photo) if photo else None
    receipt = {"receipt": person.receipt(composer.writer)}
    answer = person.post("/v1/submissions", person.body(composer, media) | receipt)
    assert answer.status_code == 201, answer.text
    return person


def reader(opened: Mapping[str, Any], keys: Sequence[Identity], grants: str = "own") -> RecordReader:
    """Everything verified, as the console does it, with one's own grants or the mechanism's."""
    revisions = [(s["statement"].encode(), b64u_decode(s["signature"], 64)) for s in opened["statements"]]
    files = [(g["compartment"], b64u_decode(g["file"])) for g in opened[grants]]
    return RecordReader(revisions, files, keys, record=opened["record"])


def sealed(
    holder: Member, opened: Mapping[str, Any], recipient: Recipient, *classes: str
) -> list[dict[str, str]]:
    """What a key-holder's or custodian's browser does: the record's keys of these classes, for somebody."""
    epoch = mechanism_keys.identities(holder.service.mechanism.keys)
    found = reader(opened, epoch, "grants")
    kinds = {c.id: c.kind for c in found.statement.compartments}
    made = []
    for id_, identity in found.identities.items():
        if kinds[id_] in classes:
            compartment = Compartment(id_, kinds[id_], identity)
            file = compartment.grant(
                recipient, file_key=secrets.token_bytes(16), nonce=secrets.token_bytes(16)
            )
            made.append({"compartment": id_, "file": b64u_encode(file)})
    return made


def assign(holder: Member, record: str, to: Member) -> httpx.Response:
    """Assign triage and account."""
    grants = sealed(holder, holder.open(record), to.identity.recipient, "triage", "account")
    return holder.post(f"/records/{record}/assignments", {"member": to.id, "grants": grants})
