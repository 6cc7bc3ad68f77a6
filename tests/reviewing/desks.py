"""What members' browsers would seal and sign: workspaces and what is written in them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import insert, select

from crypto import work, workspace
from crypto.age_keys import Recipient
from crypto.compartments import Compartment
from crypto.encoding import b64u_decode, b64u_encode
from crypto.work import SealedEntry
from intake import clock
from intake.db.tables import review
from intake.db.tables import submissions as t
from tests.sealed import upload
from tests.service import Service
from tests.staff import Person, Staff


def assign(service: Service, record: str, *people: Person | str, mechanism: str = "demo") -> None:
    """As a key-holder does; what is sealed opens nothing. `people` are members, or their ids."""
    ids = [one if isinstance(one, str) else one.member for one in people]
    row = {"record": record, "mechanism": mechanism, "assigned_by": "kim", "day": clock.day()}
    with service.installation.database.write() as connection:
        connection.execute(insert(review.assignments), [row | {"member": id_} for id_ in ids])
        table = t.compartments.c
        given = select(table.id).where(table.record == record, table["class"].in_(("triage", "account")))
        grant = {"record": record, "mechanism": mechanism, "file": b"sealed", "expires": None}
        rows = [
            {**grant, "member": id_, "compartment": compartment}
            for compartment in connection.execute(given).scalars()
            for id_ in ids
        ]
        connection.execute(insert(review.member_grants), rows)


def account_epoch(staff: Staff) -> tuple[str, Recipient]:
    key = staff.bundle.key_for("account", clock.day())
    assert key is not None
    return f"epoch:{key.epoch}", key.recipient


@dataclass
class Desk:
    """A workspace as one member's browser has it open."""

    staff: Staff
    person: Person
    record: str | None
    made: Compartment
    envelope: bytes

    @property
    def id(self) -> str:
        return self.made.id

    def grant(self, recipient: Recipient) -> str:
        return b64u_encode(self.made.grant(recipient, file_key=os.urandom(16), nonce=os.urandom(16)))

    def grants(self, *others: Person) -> list[dict[str, str]]:
        epoch, recipient = account_epoch(self.staff)
        mine = [{"reader": one.member, "file": self.grant(one.keys.identity.recipient)} for one in others]
        return [*mine, {"reader": epoch, "file": self.grant(recipient)}]

    def body(self, *others: Person) -> dict[str, Any]:
        body: dict[str, Any] = {
            "envelope": self.envelope.decode(),
            "grants": self.grants(self.person, *others),
        }
        return body if self.record is None else body | {"record": self.record}

    def begin(self, *others: Person) -> "Desk":
        path = "/cases" if self.record is None else "/workspaces"
        answer = self.person.post(path, self.body(*others))
        assert answer.status_code == 200, answer.text
        assert answer.json()["workspace"] == self.id
        return self

    def of(self, other: Person) -> "Desk":
        """The same workspace in another member's browser."""
        return Desk(self.staff, other, self.record, self.made, self.envelope)

    def sealed(
        self, values: dict[str, Any] | None = None, files: Sequence[tuple[str, bytes]] = ()
    ) -> tuple[SealedEntry, list[bytes]]:
        sealers, payloads = [], []
        for name, data in files:
            sealer = work.begin_file(os.urandom)
            payload = bytes(sealer.update(data)) + b"".join(bytes(piece) for piece in sealer.finish())
            payloads.append(payload)
            sealers.append((sealer, {"name": name, "type": "image/jpeg", "origin": "derivative"}))
        recipient = self.made.identity.recipient
        return work.seal_entry(recipient, self.id, values or {"text": "…"}, os.urandom, sealers), payloads

    def entry(
        self,
        kind: str = "note",
        values: dict[str, Any] | None = None,
        *,
        refers: str | None = None,
        files: Sequence[tuple[str, bytes]] = (),
        day: str | None = None,
        record: str | None = None,
    ) -> dict[str, Any]:
        """The body of a request that writes an entry; its files are uploaded."""
        made, payloads = self.sealed(values, files)
        envelope = work.sign_entry(
            self.person.keys.signing,
            self.person.keys.certificate.raw,
            mechanism=self.person.mechanism,
            record=record or self.record,
            kind=kind,
            day=day or clock.day(),
            refers=refers,
            part=made.part.entry,
            files=[entry for entry, _ in made.files],
        )
        sent = [
            {"part": entry.id, "header": b64u_encode(header), "upload": upload(self.staff.service, payload)}
            for (entry, header), payload in zip(made.files, payloads, strict=True)
        ]
        return {
            "envelope": envelope.decode(),
            "header": b64u_encode(made.part.header),
            "payload": b64u_encode(made.part.payload),
            "files": sent,
        }

    def write(self, kind: str = "note", values: dict[str, Any] | None = None, **more: Any) -> str:
        """Write an entry; its part's id."""
        answer = self.send(self.entry(kind, values, **more))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["part"])

    def send(self, body: dict[str, Any]) -> httpx.Response:
        return self.person.post(f"/workspaces/{self.id}/work", body)

    def entries(self, after: int = 0) -> list[dict[str, Any]]:
        answer = self.person.get(f"/workspaces/{self.id}/work?after={after}")
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["entries"]
        return found

    def opened(self, listed: dict[str, Any]) -> dict[str, Any]:
        """An entry's values, everything verified as a browser does."""
        root = self.staff.root.public
        entry = work.verify_envelope(
            listed["envelope"].encode(),
            root,
            self.person.mechanism,
            workspace=self.id,
            record=self.record,
        )
        file = b64u_decode(listed["header"]) + b64u_decode(listed["payload"])
        return dict(work.open_entry(entry, file, self.made.identity).values)


def desk(staff: Staff, author: Person, record: str | None) -> Desk:
    """A workspace that is made, and not yet sent."""
    made = workspace.make_workspace(os.urandom)
    envelope = workspace.sign_workspace(
        author.keys.signing,
        author.keys.certificate.raw,
        workspace=made,
        mechanism=author.mechanism,
        record=record,
        day=clock.day(),
    )
    return Desk(staff, author, record, made, envelope)
