"""Members at the review door: sessions, what they are told of themselves, inviting, admitting."""

import pytest

from crypto.membership import parse_card
from intake.audit import log
from intake.audit.events import Event, Log
from tests.service import Service, on_every_database_in_time
from tests.staff import Staff, client

pytestmark = on_every_database_in_time


def entries(service: Service, kind: Log = Log.ACCESS) -> list[tuple[Event | None, dict[str, object]]]:
    with service.installation.database.read() as connection:
        return [(e.event, e.fields) for e in log.read(connection, "demo", kind, 0, 1000)]


def test_a_member_sees_oneself_and_the_log_says_so(service: Service) -> None:
    anna = Staff(service).member("reviewer", id="anna", name="Анна")
    seen = anna.get("/oneself").json()
    assert (seen["member"], seen["name"], seen["roles"]) == ("anna", "Анна", ["reviewer"])
    assert parse_card(seen["card"].encode(), Staff(service).root.public)[1].member == "anna"
    assert seen["purpose"] in seen["purposes"] and seen["recipient"] == anna.keys.identity.recipient.text
    event, fields = entries(service)[-1]
    assert event is Event.ONESELF_SEEN and (fields["member"], fields["roles"]) == ("anna", "reviewer")


def test_a_member_without_a_session_is_nobody(service: Service) -> None:
    Staff(service).member("reviewer")
    for cookie in ("", "nonsense", "x" * 5000):
        assert client(service, cookie).get("/review/v1/oneself").json()["code"] == "session_over"


def test_a_member_logs_out_and_the_cookie_is_worth_nothing(service: Service) -> None:
    anna = Staff(service).member("reviewer")
    left = anna.delete("/sessions")
    assert left.status_code == 204 and "cache" in left.headers["clear-site-data"]
    assert anna.get("/oneself").status_code == 401


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_a_member_on_another_sites_page_does_nothing(service: Service, headers: dict[str, str]) -> None:
    anna = Staff(service).member("administrator")
    wanted = {"roles": ["reviewer"], "days": 56}
    sent = anna.client.post("/review/v1/invitations", json=wanted, headers=headers)
    assert (sent.status_code, sent.json()["code"]) == (403, "other_site")
    assert anna.client.request("DELETE", "/review/v1/sessions", headers=headers).status_code == 403
    assert anna.get("/oneself").status_code == 200


def test_an_administrator_invites_and_nobody_else(service: Service) -> None:
    staff = Staff(service)
    admin, reviewer = staff.member("administrator"), staff.member("reviewer")
    wanted = {"roles": ["reviewer", "custodian"], "days": 56}
    link = admin.post("/invitations", wanted).json()["link"]
    assert link.startswith(f"{service.settings.review_url}/review#join=")
    assert reviewer.post("/invitations", wanted).json()["code"] == "role"
    assert (
        admin.post("/invitations", wanted | {"roles": ["auditor", "reviewer"]}).json()["code"]
        == "roles_invalid"
    )
    secret = link.partition("=")[2]
    told = client(service).post("/review/v1/invitation", json={"secret": secret}).json()
    assert (told["mechanism"], told["roles"], told["days"]) == ("demo", ["custodian", "reviewer"], 56)
    assert client(service).post("/review/v1/invitation", json={"secret": "x"}).status_code == 401
    wanted_name = {"secret": secret, "member": reviewer.member}  # before a device makes a passkey for it
    refused = client(service).post("/review/v1/invitation", json=wanted_name)
    assert (refused.status_code, refused.json()["code"]) == (409, "member_exists")
    assert (
        client(service).post("/review/v1/invitation", json=wanted_name | {"member": "olga"}).status_code
        == 200
    )
    said = [f for e, f in entries(service) if e is Event.MEMBER_INVITED]
    assert [f["member"] for f in said] == [admin.member]
    assert all(secret not in str(f) for _, f in entries(service))
