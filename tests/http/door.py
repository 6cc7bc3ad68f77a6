"""The review door without a browser: members with the roles that a test wants, and their requests.

A session is begun as after an assertion that was verified; who may begin one is for `test_entering_attacks`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx
from sqlalchemy import insert

from crypto.age_keys import Identity
from crypto.members import sign_member
from crypto.membership import sign_membership
from crypto.primitives import SigningKey
from intake import clock
from intake.db.tables.staff import memberships
from intake.http.review.door import COOKIE
from intake.people import members, sessions
from tests.service import PURPOSE, Mechanism, Service


@dataclass
class Visitor:
    """Somebody at the door: a member with a session, or nobody (without a cookie)."""

    service: Service
    name: str
    cookie: str = ""

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """As the console's own page asks."""
        sent = {"Origin": self.service.settings.review_url} if method not in ("GET", "HEAD") else {}
        if self.cookie:
            sent["Cookie"] = f"{COOKIE}={self.cookie}"
        headers = sent | dict(more.pop("headers", {}))
        return self.service.http.request(method, self.service.url + path, headers=headers, **more)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("POST", path, **more)


def enter(
    service: Service,
    name: str,
    *roles: str,
    mechanism: Mechanism | None = None,
    starts: int = -1,
    expires: int = 50,
    purpose: str = PURPOSE,
) -> Visitor:
    """A member with these roles, from a day to a day counted from today, and a session."""
    mechanism = mechanism or service.mechanism
    add(service, name, *roles, mechanism=mechanism, starts=starts, expires=expires)
    return again(service, name, mechanism, purpose)


def again(service: Service, name: str, mechanism: Mechanism | None = None, purpose: str = PURPOSE) -> Visitor:
    """A new session of a member."""
    with service.installation.database.write() as connection:
        cookie = sessions.begin(connection, (mechanism or service.mechanism).id, name, purpose)
    return Visitor(service, name, cookie)


def add(
    service: Service, name: str, *roles: str, mechanism: Mechanism, starts: int = -1, expires: int = 50
) -> None:
    """As the operator admits a member whom the root has signed."""
    root = SigningKey.from_pem((mechanism.keys / "root.key").read_bytes(), None)
    today = date.fromisoformat(clock.day())
    first, last = ((today + timedelta(days=days)).isoformat() for days in (starts, expires))
    key = SigningKey(name.encode().ljust(32, b"-")[:32])
    recipient = Identity(name.encode().ljust(32, b"+")[:32]).recipient
    certificate = sign_member(root, mechanism.id, name, None, key.public, first, last)
    document = sign_membership(
        root,
        mechanism=mechanism.id,
        member=name,
        key=key.public,
        recipient=recipient,
        roles=roles,
        starts=first,
        expires=last,
    )
    row = {"mechanism": mechanism.id, "member": name, "document": document}
    with service.installation.database.write() as connection:
        members.add(connection, mechanism.id, certificate)
        connection.execute(insert(memberships).values(**row))
