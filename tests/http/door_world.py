"""Everybody who can stand at the review door, and everything they can ask for, in one running service."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert, update

from crypto.membership import sign_membership
from intake import clock
from intake.db.tables.review import alarms, assignments
from intake.db.tables.staff import memberships, sessions
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

    @cached_property
    def records(self) -> Mapping[str, str]:
        """A record of each kind, by what it is to the members of `demo`."""
        found = {kind: self._record() for kind in ("assigned", "unassigned", "erased", "withdrawn")}
        for kind in ("assigned", "erased", "withdrawn"):
            self.assign(found[kind], "c", "r")
        withdraw_consent(self.service, found["withdrawn"])
        self.service.installation.erasure.erase(found["erased"])
        folder = prepared(self.scratch / "foreign", {}, mechanism="other")
        foreign = self.service.submit(folder)[1].record
        return found | {"another mechanism's": foreign, "nonexistent": "ab" * 32, "no id": "x"}

    def assign(self, record: str, *letters: str) -> None:
        row = {"record": record, "mechanism": "demo", "assigned_by": "k", "day": clock.day()}
        with self.service.installation.database.write() as connection:
            for letter in letters:
                connection.execute(insert(assignments).values(**row, member=self.people[letter].member))

    def _record(self) -> str:
        return str(Sealed(self.service).send().json()["record"])

    @cached_property
    def alarms(self) -> Mapping[str, str]:
        own, foreign = secrets.token_hex(16), secrets.token_hex(16)
        with self.service.installation.database.write() as connection:
            for id, mechanism in ((own, "demo"), (foreign, "other")):
                row = {"kind": "budget_spent", "reader": "r", "day": clock.day()}
                connection.execute(insert(alarms).values(id=id, mechanism=mechanism, **row))
        return {"own": own, "another mechanism's": foreign, "nonexistent": "ab" * 16, "no id": "x"}


Objects = Callable[[World], Mapping[str, str]]
Body = Callable[[World, str], Any]


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
    objects: Objects | None = None
    sees: Mapping[str, str] = field(default_factory=dict)
    body: Body | None = None
    fresh: bool = False

    @property
    def method(self) -> str:
        return self.route.partition(" ")[0]

    def path(self, object: str) -> str:
        """The route's address with this object's id; other places hold what nothing has."""
        pattern = self.route.partition(" ")[2]
        first, _, rest = pattern.partition("{")
        if not rest:
            return pattern
        _, _, after = rest.partition("}")
        return first + object + after.replace("{part}", "cd" * 16).replace("{name}", "x")


def purpose(world: World, _: str) -> Any:
    return {"purpose": PURPOSE}
