"""Somebody who wants in without being a member, or as another one: assertions that do not hold, cookies, replays."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cbor2
import httpx
import pytest
from sqlalchemy import Table, func, insert, select, update

from crypto.encoding import b64u_decode, b64u_encode
from intake import clock
from intake.audit.events import Event
from intake.db.tables.staff import challenges, memberships, passkeys, sessions
from intake.http.review.door import COOKIE
from intake.people.passkeys import user_handle
from tests.authenticator import PRESENT, VERIFIED, Passkey
from tests.http.test_feed import entries
from tests.service import (
    EVERY_DATABASE_IN_TIME,
    PURPOSE,
    Mechanism,
    Service,
    make_mechanism,
    register,
    running_on,
)
from tests.staff import Person, Staff, client


@dataclass
class Enrolled:
    """A member with a passkey in Python, who has not logged in yet."""

    service: Service
    person: Person
    passkey: Passkey

    @property
    def browser(self) -> httpx.Client:
        """A browser of theirs that holds no cookie."""
        return client(self.service)

    def challenge(self, browser: httpx.Client, kind: str = "login") -> bytes:
        answer = browser.post("/review/v1/challenges", json={"for": kind})
        assert answer.status_code == 200, answer.text
        return b64u_decode(answer.json()["challenge"])

    def enter(self, browser: httpx.Client | None = None, **twists: Any) -> httpx.Response:
        """Log in; `twists` are what the authenticator or the page does otherwise."""
        browser = browser or self.browser
        return self.send(browser, self.passkey.asserted(self.challenge(browser), **twists))

    @staticmethod
    def send(browser: httpx.Client, assertion: dict[str, Any], purpose: str = PURPOSE) -> httpx.Response:
        return browser.post("/review/v1/sessions", json={"assertion": assertion, "purpose": purpose})


def enrolled(service: Service, staff: Staff, *roles: str, count: int = 0) -> Enrolled:
    """A member whose passkey is known to the service."""
    person = staff.member(*roles)
    handle = user_handle(person.mechanism, person.member)
    origin = service.settings.review_url
    key = Passkey("localhost", origin, handle, count=count)
    made = cbor2.loads(b64u_decode(key.created(bytes(32))["attestation"]))["authData"]
    public_key = made[37 + 16 + 2 + len(key.id) :]
    row = {
        "mechanism": person.mechanism,
        "member": person.member,
        "name": "n",
        "day": clock.day(),
    }
    with service.installation.database.write() as connection:
        connection.execute(
            insert(passkeys).values(id=b64u_encode(key.id), public_key=public_key, sign_count=count, **row)
        )
    return Enrolled(service, person, key)


@pytest.fixture(scope="module", params=EVERY_DATABASE_IN_TIME)
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, demo: Mechanism
) -> Iterator[Service]:
    """One for all: each test has members of its own."""
    with running_on(request.param, tmp_path_factory.mktemp("door"), demo) as service:
        yield service


@pytest.fixture(scope="module")
def staff(service: Service) -> Staff:
    return Staff(service)


@pytest.fixture
def anna(service: Service, staff: Staff) -> Enrolled:
    return enrolled(service, staff, "reviewer")


def test_whoever_sees_no_content_reads_for_nothing_and_everybody_else_says_what_for(
    service: Service, staff: Staff
) -> None:
    for role, purpose, status in (
        ("auditor", "", 204),
        ("administrator", PURPOSE, 204),
        ("reviewer", "", 422),
    ):
        one = enrolled(service, staff, role)
        browser = one.browser
        answer = one.send(browser, one.passkey.asserted(one.challenge(browser)), purpose)
        assert answer.status_code == status, answer.text
        if status == 422:
            assert answer.json()["code"] == "purpose_not_offered"
            continue
        seen = client(service, cookie_of(answer)).get("/review/v1/oneself")
        assert seen.json()["purpose"] == ""
        theirs = [e.fields for e in entries(service) if e.fields.get("member") == one.person.member]
        assert {fields["event"] for fields in theirs} == {"member.entered", "oneself.seen"}
        assert not any("purpose" in fields for fields in theirs)


def cookie_of(answer: httpx.Response) -> str:
    return answer.cookies.get(COOKIE) or ""


def count(service: Service, table: Table) -> int:
    with service.installation.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def refused(answer: httpx.Response, code: str = "assertion_invalid") -> None:
    assert (answer.status_code, answer.json()["code"]) == (401, code), answer.text
    assert "set-cookie" not in answer.headers


# --- who logs in as they should ---


def test_member_with_an_honest_passkey_comes_in_so_that_refusals_below_mean_something(
    service: Service, anna: Enrolled
) -> None:
    answer = anna.enter()
    assert answer.status_code == 204, answer.text
    header = answer.headers["set-cookie"].lower()
    for part in (f"{COOKIE.lower()}=", "secure", "httponly", "samesite=strict", "path=/"):
        assert part in header
    assert "domain" not in header
    assert client(service, cookie_of(answer)).get("/review/v1/oneself").status_code == 200


# --- assertions that do not hold ---

_TWISTS: dict[str, dict[str, Any]] = {
    "no user verification": {"flags": PRESENT},
    "no user presence": {"flags": VERIFIED},
    "no flags": {"flags": 0},
    "another site's relying party": {"rp_id": "evil.example"},
    "another site's page": {"origin": "https://evil.example"},
    "the same host in clear on another port": {"origin": "http://localhost:1"},
    "the public address": {"origin": "http://127.0.0.1:8000"},
    "an origin with a suffix": {"origin": "http://localhost:8000.evil.example"},
    "a frame in another site's page": {"crossOrigin": True},
    "an origin on top": {"topOrigin": "https://evil.example", "crossOrigin": True},
    "authenticator data too short": {"data": lambda data: data[:36]},
    "authenticator data too long": {"data": lambda data: data + b"\0"},
    "nothing": {"data": lambda data: b""},
    "an extension announced, none there": {"data": lambda data: data[:32] + b"\x85" + data[33:]},
    "extension data that never ends": {"data": lambda data: data[:32] + b"\x85" + data[33:] + b"\x9f" * 3000},
    "an extension of four gigabytes": {
        "data": lambda data: data[:32] + b"\x85" + data[33:] + b"\x5b" + b"\x00\x00\x00\x01" + bytes(4)
    },
}


@pytest.mark.parametrize("twist", _TWISTS.values(), ids=_TWISTS.keys())
def test_stranger_whose_assertion_is_of_something_else_stays_out(
    service: Service, anna: Enrolled, twist: dict[str, Any]
) -> None:
    before = count(service, sessions)
    refused(anna.enter(**twist))
    assert count(service, sessions) == before
    assert anna.enter().status_code == 204  # and she is not kept out by it


def _twisted(name: str, twist: Callable[[bytes], bytes]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda made: made | {name: b64u_encode(twist(b64u_decode(made[name])))}


_BENT: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "a bit of the signature": _twisted("signature", lambda s: s[:-1] + bytes([s[-1] ^ 1])),
    "no signature": _twisted("signature", lambda s: b""),
    "a signature of zeros": _twisted("signature", lambda s: bytes.fromhex("3006020100020100")),
    "user verification added afterwards": _twisted(
        "authenticator_data", lambda d: d[:32] + b"\x05" + d[33:36] + b"\x7f"
    ),
    "a passkey that nobody has": lambda made: made | {"id": b64u_encode(b"x" * 32)},
    "another user's handle": lambda made: made | {"user_handle": b64u_encode(b"x" * 32)},
    "client data that is no JSON": lambda made: made | {"client_data": b64u_encode(b"not json")},
    "client data that is a list": lambda made: made | {"client_data": b64u_encode(b"[]")},
    "client data in depth": lambda made: made | {"client_data": b64u_encode(b"[" * 5000)},
    "two challenges in one": _twisted("client_data", lambda d: d[:-1] + b',"challenge":"AAAA"}'),
    "a registration passed off": _twisted(
        "client_data", lambda d: d.replace(b"webauthn.get", b"webauthn.create")
    ),
    "payment passed off": _twisted("client_data", lambda d: d.replace(b"webauthn.get", b"payment.get")),
}


@pytest.mark.parametrize("bend", _BENT.values(), ids=_BENT.keys())
def test_stranger_who_bends_an_assertion_stays_out(
    service: Service, anna: Enrolled, bend: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    before, browser = count(service, sessions), anna.browser
    answer = anna.send(browser, bend(anna.passkey.asserted(anna.challenge(browser))))
    assert answer.status_code == 401 and "set-cookie" not in answer.headers, answer.text
    assert count(service, sessions) == before


def test_stranger_who_signs_with_another_key_under_her_passkeys_name_stays_out(
    service: Service, anna: Enrolled
) -> None:
    before = len(entries(service))
    forged = Passkey("localhost", service.settings.review_url, anna.passkey.handle, id=anna.passkey.id)
    refused(Enrolled(service, anna.person, forged).enter())
    said = [e for e in entries(service)[before:] if e.event == Event.ENTRY_REFUSED]
    assert len(said) == 1 and said[0].fields["member"] == anna.person.member
    assert said[0].fields["proven"] is False
    refused(Enrolled(service, anna.person, forged).enter())  # again: once an hour is enough to be warned
    assert len([e for e in entries(service)[before:] if e.event == Event.ENTRY_REFUSED]) == 1


def test_eve_cannot_pass_her_own_passkey_off_as_annas(service: Service, staff: Staff, anna: Enrolled) -> None:
    eve = enrolled(service, staff, "auditor")
    browser = eve.browser
    hers = eve.passkey.asserted(eve.challenge(browser))
    refused(eve.send(browser, hers | {"user_handle": b64u_encode(anna.passkey.handle)}))
    hers = eve.passkey.asserted(eve.challenge(browser))
    refused(eve.send(browser, hers | {"id": b64u_encode(anna.passkey.id)}))


def test_cloned_authenticator_is_noticed_by_a_counter_that_goes_back_or_stands_still(
    service: Service, staff: Staff
) -> None:
    anna = enrolled(service, staff, "reviewer", count=7)
    assert anna.enter(count=8).status_code == 204
    for count in (8, 7, 0):
        refused(anna.enter(count=count))
    assert anna.enter(count=9).status_code == 204


# --- challenges ---


def test_replayed_assertion_opens_nothing(service: Service, anna: Enrolled) -> None:
    browser = anna.browser
    made = anna.passkey.asserted(anna.challenge(browser))
    assert anna.send(browser, made).status_code == 204
    refused(anna.send(anna.browser, made), "challenge_over")
    refused(anna.send(browser, made), "challenge_over")


def test_challenge_answered_wrongly_is_used_up(service: Service, anna: Enrolled) -> None:
    browser = anna.browser
    challenge = anna.challenge(browser)
    refused(anna.send(browser, anna.passkey.asserted(challenge, flags=PRESENT)))
    refused(anna.send(browser, anna.passkey.asserted(challenge)), "challenge_over")


def test_challenge_for_something_else_or_made_up_or_old_is_none(service: Service, anna: Enrolled) -> None:
    browser = anna.browser
    refused(anna.send(browser, anna.passkey.asserted(anna.challenge(browser, "enrol"))), "challenge_over")
    refused(anna.send(browser, anna.passkey.asserted(bytes(32))), "challenge_over")
    old = anna.challenge(browser)
    with service.owner.write() as connection:
        here = challenges.c.hash == hashlib.sha256(old).hexdigest()
        assert connection.execute(update(challenges).where(here).values(expires=clock.now() - 1)).rowcount
    refused(anna.send(browser, anna.passkey.asserted(old)), "challenge_over")


def test_challenge_of_another_session_freshens_nothing(service: Service, anna: Enrolled) -> None:
    one, other = (client(service, cookie_of(anna.enter())) for _ in range(2))
    made = anna.passkey.asserted(anna.challenge(one, "fresh"))
    refused(other.post("/review/v1/sessions/fresh", json={"assertion": made}), "challenge_over")
    login = anna.passkey.asserted(anna.challenge(one))
    refused(one.post("/review/v1/sessions/fresh", json={"assertion": login}), "challenge_over")
    made = anna.passkey.asserted(anna.challenge(one, "fresh"))
    assert one.post("/review/v1/sessions/fresh", json={"assertion": made}).status_code == 204


def test_eve_in_annas_browser_cannot_freshen_annas_session(
    service: Service, staff: Staff, anna: Enrolled
) -> None:
    eve = enrolled(service, staff, "reviewer")
    browser = client(service, cookie_of(anna.enter()))
    made = eve.passkey.asserted(anna.challenge(browser, "fresh"))
    answer = browser.post("/review/v1/sessions/fresh", json={"assertion": made})
    assert (answer.status_code, answer.json()["code"]) == (403, "assertion_other")
    without_verification = anna.passkey.asserted(anna.challenge(browser, "fresh"), flags=PRESENT)
    answer = browser.post("/review/v1/sessions/fresh", json={"assertion": without_verification})
    assert answer.status_code == 401


# --- sessions ---


@pytest.mark.parametrize("value", ["", "x", "A" * 43, "A" * 5000, "%00", "..", "' OR 1=1 --"])
def test_invented_cookie_is_nobody_and_is_not_adopted(service: Service, anna: Enrolled, value: str) -> None:
    browser = client(service, value)
    answer = browser.get("/review/v1/oneself")
    assert (answer.status_code, answer.json()["code"]) == (401, "session_over")
    entered = anna.enter(browser)
    assert entered.status_code == 204 and cookie_of(entered) not in ("", value)


def test_session_that_was_fixed_beforehand_is_over_after_the_login(
    service: Service, staff: Staff, anna: Enrolled
) -> None:
    eve = enrolled(service, staff, "reviewer")
    planted = cookie_of(eve.enter())
    entered = anna.enter(client(service, planted))  # Eve's cookie lay in Anna's browser
    assert entered.status_code == 204 and cookie_of(entered) != planted
    assert client(service, planted).get("/review/v1/oneself").status_code == 401
    mine = client(service, cookie_of(entered)).get("/review/v1/oneself").json()
    assert mine["member"] == anna.person.member


def test_two_logins_are_two_sessions_and_logging_out_ends_one_for_good(
    service: Service, anna: Enrolled
) -> None:
    one, other = cookie_of(anna.enter()), cookie_of(anna.enter())
    assert one != other
    left = client(service, one).delete("/review/v1/sessions")
    assert left.status_code == 204 and '"cache"' in left.headers["clear-site-data"]
    assert client(service, one).get("/review/v1/oneself").status_code == 401
    assert client(service, other).get("/review/v1/oneself").status_code == 200


def test_cookie_in_the_database_is_a_hash_that_opens_nothing(service: Service, anna: Enrolled) -> None:
    cookie = cookie_of(anna.enter())
    with service.installation.database.read() as connection:
        stored = list(connection.execute(select(sessions.c.hash)).scalars())
    assert cookie not in stored
    for hashed in stored:
        assert client(service, hashed).get("/review/v1/oneself").status_code == 401


def test_session_ends_when_nobody_uses_it_and_after_eight_hours_in_any_case(
    service: Service, anna: Enrolled
) -> None:
    for column, age in ((sessions.c.seen, 15 * 60 + 1), (sessions.c.started, 8 * 3600 + 1)):
        cookie = cookie_of(anna.enter())
        here = sessions.c.hash == hashlib.sha256(cookie.encode()).hexdigest()
        with service.owner.write() as connection:
            moved = update(sessions).where(here).values({column: clock.now() - age})
            assert connection.execute(moved).rowcount == 1
        assert client(service, cookie).get("/review/v1/oneself").status_code == 401


def test_member_whose_membership_the_database_was_made_to_claim_is_nobody(
    service: Service, tmp_path: Path, anna: Enrolled
) -> None:
    """Whoever writes to the database cannot make a member, nor move one to another mechanism.

    On PostgreSQL the service's own role could not even move a session: here it is the owner.
    """
    other = make_mechanism(tmp_path / "other", "other")
    register(service.installation, other)
    eve = Staff(service, other).member("key-holder", id="eve")
    cookie = cookie_of(anna.enter())
    with service.owner.write() as connection:
        connection.execute(update(sessions).where(sessions.c.member == "eve").values(mechanism="demo"))
    assert eve.get("/oneself").status_code == 401
    table = memberships
    forged = eve.keys.membership.raw
    with service.owner.write() as connection:
        here = (table.c.mechanism == "demo") & (table.c.member == anna.person.member)
        assert connection.execute(update(table).where(here).values(document=forged)).rowcount == 1
    answer = client(service, cookie).get("/review/v1/oneself")
    assert not answer.is_success and "vaults" not in answer.text
    with service.owner.write() as connection:  # for the tests that follow
        connection.execute(update(table).where(here).values(document=anna.person.keys.membership.raw))


def test_browser_left_open_gets_no_passkey_of_whoever_sits_down(service: Service, anna: Enrolled) -> None:
    cookie = cookie_of(anna.enter())
    browser = client(service, cookie)
    ours = sessions.c.hash == hashlib.sha256(cookie.encode()).hexdigest()
    for age, status in ((301, 403), (0, 204)):
        with service.installation.database.write() as connection:
            connection.execute(update(sessions).where(ours).values(fresh=clock.now() - age))
        made = Passkey("localhost", service.settings.review_url).created(anna.challenge(browser, "add"))
        answer = browser.post("/review/v1/oneself/passkeys", json=made | {"name": "n", "vault": None})
        assert answer.status_code == status, answer.text
