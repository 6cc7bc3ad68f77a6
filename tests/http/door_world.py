"""Everybody who can stand at the review door, and everything they can ask for, in one running service."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import delete, insert, select, update

from crypto.compartments import Compartment
from crypto.encoding import b64u_encode
from crypto.membership import sign_membership
from crypto.message import seal_message, sign_message
from intake import clock
from intake.db.tables.review import (
    alarms,
    assignments,
    deadlines,
    identity_requests,
    member_grants,
    work,
    work_files,
    workspace_grants,
    workspaces,
)
from intake.db.tables.staff import memberships, passkeys, proposals, sessions
from intake.db.tables.submissions import compartments, parts, payloads
from intake.http.review.door import COOKIE
from intake.people.sessions import begin
from tests.casework import withdraw_consent
from tests.http.test_feed import Program
from tests.sealed import Sealed
from tests.service import PURPOSE, Service, make_mechanism, prepared, register
from tests.staff import Person, Staff

ROLES = {
    "a": "administrator",
    "u": "auditor",
    "c": "custodian",
    "k": "key-holder",
    "r": "reviewer",
}
OUTSIDE = ("nobody", "removed", "expired", "program")
FOREIGN = {"foreign administrator": "a", "foreign auditor": "u", "foreign people": "ckr"}


Objects = Mapping[str, Mapping[str, str]]
"""What kind of object it is → the values of its places in an address."""


@dataclass
class World:
    """`people` by the letter of their role; `others` are those of another mechanism, and those who left."""

    service: Service
    scratch: Path
    staff: Staff = field(init=False)
    foreign: Staff = field(init=False)
    people: dict[str, Person] = field(default_factory=dict)
    others: dict[str, Person] = field(default_factory=dict)
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60, verify=False))

    def __post_init__(self) -> None:
        other = make_mechanism(self.scratch / "other", "other")
        register(self.service.installation, other)
        self.staff, self.foreign = Staff(self.service), Staff(self.service, other)
        for letter, role in ROLES.items():
            self.people[letter] = self.staff.member(role)
        for name, letters in FOREIGN.items():
            self.others[name] = self.foreign.member(*[ROLES[letter] for letter in letters])
        # Those two could do anything, if they still could.
        for name in ("removed", "expired"):
            self.others[name] = self.staff.member("custodian", "key-holder", "reviewer", id=name)
        self._remove(self.others["removed"])
        self._expire(self.others["expired"])

    # --- who ---

    def ask(self, actor: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """As this actor's browser would, in a session of its own; `headers` as an attacker would have them."""
        sent = {"Origin": self.service.settings.review_url, "Sec-Fetch-Site": "same-origin"}
        if actor == "program":
            sent |= self._program(method, path)
        elif actor != "nobody":
            sent["Cookie"] = f"{COOKIE}={self.session(self._person(actor))}"
        sent |= headers
        self.http.cookies.clear()
        kept = {name: value for name, value in sent.items() if value}
        return self.http.request(method, self.service.url + path, json=body, headers=kept)

    def session(self, person: Person, fresh: int | None = None) -> str:
        """A new session's cookie; `fresh`: how many seconds ago its member showed a passkey."""
        with self.service.installation.database.write() as connection:
            cookie = begin(connection, person.mechanism, person.member, PURPOSE)
            if fresh is not None:
                theirs = sessions.c.member == person.member
                connection.execute(update(sessions).where(theirs).values(fresh=clock.now() - fresh))
        return cookie

    def name(self, actor: str) -> str:
        """A member's id."""
        return self._person(actor).member if actor not in ("nobody", "program") else actor

    def _person(self, actor: str) -> Person:
        return self.others.get(actor) or self.people[actor]

    @cached_property
    def _its(self) -> Program:
        return Program(self.service).enter()

    def _program(self, method: str, path: str) -> dict[str, str]:
        """A program's token is no session, wherever it is put."""
        proof = self._its.proof(method, path, self._its.token)
        return {
            "Authorization": f"DPoP {self._its.token}",
            "DPoP": proof,
            "Cookie": f"{COOKIE}={self._its.token}",
        }

    def _remove(self, person: Person) -> None:
        here = memberships.c.member == person.member
        with self.service.owner.write() as connection:
            connection.execute(update(memberships).where(here).values(removed_day=clock.day()))

    def _expire(self, person: Person) -> None:
        today = date.fromisoformat(clock.day())
        document = sign_membership(
            self.staff.root,
            mechanism=person.mechanism,
            member=person.member,
            key=person.keys.signing.public,
            recipient=person.keys.identity.recipient,
            roles=person.roles,
            starts=(today - timedelta(days=9)).isoformat(),
            expires=(today - timedelta(days=1)).isoformat(),
        )
        here = memberships.c.member == person.member
        with self.service.owner.write() as connection:
            connection.execute(update(memberships).where(here).values(document=document))

    # --- what ---

    @property
    def records(self) -> Objects:
        """A record of each kind, by what it is to the members of `demo`, and its first part.

        The one that is assigned is so anew each time: some requests take that back.
        """
        self.assign(self._records["assigned"], "c", "r")
        return {
            kind: {
                "record": record,
                "part": self._parts.get(record, "cd" * 16),
                "member": self.people["r"].member,
            }
            for kind, record in self._records.items()
        }

    @cached_property
    def _records(self) -> Mapping[str, str]:
        found = {kind: self._record() for kind in ("assigned", "unassigned", "erased", "withdrawn")}
        for kind in ("assigned", "erased", "withdrawn"):
            self.assign(found[kind], "c", "r")
        withdraw_consent(self.service, found["withdrawn"])
        self.service.installation.erasure.erase(found["erased"])
        folder = prepared(self.scratch / "foreign", {}, mechanism="other")
        foreign = self.service.submit(folder)[1].record
        return found | {"another mechanism's": foreign, "nonexistent": "ab" * 32, "no id": "x"}

    @cached_property
    def _parts(self) -> Mapping[str, str]:
        with self.service.owner.read() as connection:
            rows = connection.execute(select(parts.c.record, parts.c.id).where(parts.c.kind == "narrative"))
            return {row.record: row.id for row in rows}

    def assign(self, record: str, *letters: str) -> None:
        """With what a key-holder's browser seals to them."""
        account = self._account(record)
        with self.service.installation.database.write() as connection:
            for table in (assignments, member_grants):
                connection.execute(delete(table).where(table.c.record == record))
            for letter in letters:
                row = {"record": record, "mechanism": "demo", "member": self.people[letter].member}
                made = {"assigned_by": "k", "day": clock.day()}
                connection.execute(insert(assignments).values(**row, **made))
                sealed = {"compartment": account, "file": b"sealed"}
                connection.execute(insert(member_grants).values(**row, **sealed))

    def _account(self, record: str) -> str | None:
        with self.service.owner.read() as connection:
            query = select(compartments.c.id).where(compartments.c.record == record)
            account = query.where(compartments.c["class"] == "account")
            return connection.execute(account).scalars().first()

    def _record(self) -> str:
        return str(Sealed(self.service).send().json()["record"])

    @property
    def workspaces(self) -> Objects:
        """The workspace of each kind of record, of a case, and of a case that nobody here was granted.

        Grants are there anew each time: some requests drop theirs.
        """
        kinds = ("assigned", "unassigned", "another mechanism's", "a case", "a case of others")
        granted, made = {"assigned", "a case"}, self._workspaces
        with self.service.installation.database.write() as connection:
            for kind in kinds:
                row = {"workspace": made[kind]["workspace"], "file": b"sealed"}
                mine = workspace_grants.c.workspace == row["workspace"]
                connection.execute(delete(workspace_grants).where(mine))
                for letter in "ckr" if kind in granted else "":
                    reader = self.people[letter].member
                    connection.execute(insert(workspace_grants).values(**row, reader=reader))
        return made

    @cached_property
    def _workspaces(self) -> Objects:
        found, records = {}, self._records
        with self.service.owner.write() as connection:
            blob = connection.execute(select(payloads.c.blob)).scalars().first()
            for kind in ("assigned", "unassigned", "another mechanism's", "a case", "a case of others"):
                id, part, entry = (secrets.token_hex(16) for _ in range(3))
                foreign = kind == "another mechanism's"
                connection.execute(
                    insert(workspaces).values(
                        id=id,
                        mechanism="other" if foreign else "demo",
                        record=records.get(kind),
                        document=b"{}",
                        day=clock.day(),
                        entries=1,
                    )
                )
                sealed = {"document": b"{}", "header": b"", "payload": b""}
                made = {"kind": "derivative", "member": "k", "day": clock.day(), **sealed}
                connection.execute(insert(work).values(part=entry, workspace=id, number=1, **made))
                file = {"entry": entry, "header": b"", "blob": blob}
                connection.execute(insert(work_files).values(part=part, **file))
                found[kind] = {"workspace": id, "part": part}
        return found | {"nonexistent": {"workspace": "ab" * 16}, "no id": {"workspace": "x"}}

    @cached_property
    def requests(self) -> Objects:
        """Requests to open who somebody is, which wait."""
        own, foreign = secrets.token_hex(16), secrets.token_hex(16)
        reviewer = self.people["r"].member
        with self.service.installation.database.write() as connection:
            for id, mechanism, kind in ((own, "demo", "assigned"), (foreign, "other", "another mechanism's")):
                row = {"id": id, "mechanism": mechanism, "record": self._records[kind], "day": clock.day()}
                asked = {"classes": ["identity"], "reason": "contact", "state": "waiting", "words": b"sealed"}
                until = clock.hour_number() + 72
                who = {"member": reviewer, "asked_by": reviewer}
                connection.execute(insert(identity_requests).values(**row, **asked, **who, expires=until))
        ids = {"waiting": own, "another mechanism's": foreign, "nonexistent": "ab" * 16, "no id": "x"}
        return {kind: {"id": id} for kind, id in ids.items()}

    @property
    def cases(self) -> Objects:
        """Cases, and what is none; each with a record that is assigned."""
        record, found = self.records["assigned"]["record"], self.workspaces
        kinds = {kind: kind for kind in ("a case", "a case of others", "nonexistent")}
        kinds["a record's notes"] = "assigned"
        return {kind: {"case": found[name]["workspace"], "record": record} for kind, name in kinds.items()}

    @cached_property
    def _deadlines(self) -> Mapping[str, str]:
        found = {kind: secrets.token_hex(16) for kind in ("a case", "a case of others")}
        spaces = self.workspaces
        with self.service.installation.database.write() as connection:
            for kind, id in found.items():
                row = {"workspace": spaces[kind]["workspace"], "due": clock.day(), "kind": "hearing"}
                connection.execute(insert(deadlines).values(id=id, **row, member="k"))
        return found

    @property
    def deadlines(self) -> Objects:
        """Of a case, of others' case, and none."""
        self.records, self.workspaces  # noqa: B018 (grants and assignments anew)
        return {kind: {"deadline": id} for kind, id in self._deadlines.items()} | {
            "nonexistent": {"deadline": "ab" * 16}
        }

    @cached_property
    def passkeys(self) -> Objects:
        """The only one of a key-holder, and none."""
        row = {"mechanism": "demo", "member": self.people["k"].member, "public_key": b"", "sign_count": 0}
        with self.service.installation.database.write() as connection:
            made = {"name": "n", "day": clock.day()}
            connection.execute(insert(passkeys).values(id="holder", **row, **made))
        return {"a key-holder's": {"passkey": "holder"}, "nonexistent": {"passkey": "nothing"}}

    @property
    def somebody(self) -> Objects:
        """A member more each time, one who was removed before, and nobody."""
        names = {"somebody": self.staff.member("reviewer").member, "gone before": "removed"}
        return {kind: {"member": name} for kind, name in (names | {"nobody": "nobody-here"}).items()}

    @cached_property
    def proposals(self) -> Objects:
        """What waits for another one to decide."""
        ids = self._proposed("recover_member", {"member": "lost"}, self.people["r"].member)
        return {kind: {"proposal": id} for kind, id in ids.items()}

    @cached_property
    def exports(self) -> Objects:
        """What the reviewer proposed, and nobody has agreed to."""
        ids = self._proposed("export", {"records": []}, self.people["r"].member)
        return {kind: {"export": id} for kind, id in ids.items()}

    def _proposed(self, what: str, subject: Any, by: str) -> Mapping[str, str]:
        found = {"waiting": "demo", "another mechanism's": "other"}
        ids = {kind: secrets.token_hex(16) for kind in found}
        with self.service.installation.database.write() as connection:
            for kind, mechanism in found.items():
                row = {"mechanism": mechanism, "kind": what, "subject": subject}
                made = {"proposed_by": by, "day": clock.day(), "state": "waiting"}
                until = clock.hour_number() + 9
                connection.execute(insert(proposals).values(id=ids[kind], **row, **made, expires=until))
        return ids | {"nonexistent": "ab" * 16}

    @cached_property
    def sealed(self) -> str:
        """A file of a grant's form."""
        keys = self.people["r"].keys.identity
        file = Compartment("", "", keys).grant(keys.recipient, file_key=bytes(16), nonce=bytes(16))
        return b64u_encode(file)

    def message(self, record: str) -> dict[str, str]:
        """A message about a record that the reviewer has written and signed, as it is sent."""
        writer = self.people["r"].keys
        id = record if len(record) == 64 else "ab" * 32
        inside = self._account(id) or "cd" * 16
        said = {"text": "Дзякуй", "language": "be"}
        part = seal_message(writer.identity.recipient, id, inside, said, secrets.token_bytes)
        envelope = sign_message(
            writer.signing,
            record=id,
            mechanism="demo",
            day=clock.day(),
            answers=None,
            part=part.entry,
            certificate=writer.certificate.raw,
        )
        sealed = {"header": b64u_encode(part.header), "payload": b64u_encode(part.payload)}
        return {"envelope": envelope.decode(), **sealed}

    @cached_property
    def alarms(self) -> Objects:
        own, foreign = secrets.token_hex(16), secrets.token_hex(16)
        with self.service.installation.database.write() as connection:
            for id, mechanism in ((own, "demo"), (foreign, "other")):
                row = {"kind": "budget_spent", "reader": "r", "day": clock.day()}
                connection.execute(insert(alarms).values(id=id, mechanism=mechanism, **row))
        ids = {"own": own, "another mechanism's": foreign, "nonexistent": "ab" * 16, "no id": "x"}
        return {kind: {"alarm": id} for kind, id in ids.items()}


Body = Callable[[World, Mapping[str, str]], Any]


@dataclass(frozen=True)
class Row:
    """One route. `roles` are the letters of those who may; "-": whoever comes, nobody is known yet.

    `sees` says for each kind of object which of them see it; for everybody else it is not there. `good` are
    the answers to somebody who may: of several, where the body of the example has to fail later.
    `fresh`: a passkey must have been shown in the last five minutes.
    """

    route: str
    roles: str
    why: str
    good: tuple[int, ...] = (200,)
    objects: Callable[[World], Objects] | None = None
    sees: Mapping[str, str] = field(default_factory=dict)
    body: Body | None = None
    fresh: bool = False

    @property
    def method(self) -> str:
        return self.route.partition(" ")[0]

    def path(self, object: Mapping[str, str]) -> str:
        """The route's address with this object's ids; other places hold what nothing has."""
        pattern = self.route.partition(" ")[2]
        return re.sub(r"\{(\w+)\}", lambda place: object.get(place[1], "x"), pattern)


def purpose(world: World, _: object) -> Any:
    return {"purpose": PURPOSE}
