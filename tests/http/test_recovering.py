"""A member who lost a device comes back: with a link that two people gave, and with their own key only."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from crypto.encoding import b64u_decode, b64u_encode
from crypto.primitives import SigningKey
from intake.db.tables.review import alarms
from intake.people import passkeys, recovery, vaults
from intake.people.passkeys import Created
from tests.authenticator import Passkey
from tests.service import Mechanism, Service, running
from tests.staff import Person, Staff, client, prf_vault, printed_vault


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, demo: Mechanism) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("door"), demo) as service:
        yield service


def with_paper(service: Service, person: Person) -> bytes:
    """The file that their printed key opens."""
    file = printed_vault()
    with service.installation.database.write() as connection:
        vaults.put(connection, person.mechanism, person.member, vaults.RECOVERY, file)
    return file


def given(about: Person, first: Person, second: Person) -> Any:
    """What the second one is answered who approves what the first one proposed."""
    id = first.post("/proposals", {"kind": "recover_member", "member": about.member}).json()["id"]
    return second.post(f"/proposals/{id}/decision", {"approve": True}).json()


def come_back(service: Service, secret: str, member: str, key: SigningKey, **more: Any) -> Any:
    """As the console does it, with this key; `more` changes what is sent."""
    browser = client(service)
    asked = browser.post("/review/v1/challenges", json={"for": "enrol"}).json()
    made = Passkey("localhost", service.settings.review_url).created(b64u_decode(asked["challenge"]))
    created = Created(made["id"], b64u_decode(made["client_data"]), b64u_decode(made["attestation"]))
    signature = key.sign(recovery.signed("demo", member, created))
    passkey = made | {"name": "phone", "vault": b64u_encode(prf_vault())} | more
    body = {"secret": secret, "passkey": passkey, "signature": b64u_encode(signature)}
    return browser.post("/review/v1/recoveries", json=body)


def test_a_link_is_good_only_with_the_key_that_the_root_certified(service: Service) -> None:
    staff = Staff(service)
    anna, admin, holder, eve = (
        staff.member(role) for role in ("reviewer", "administrator", "key-holder", "reviewer")
    )
    paper = with_paper(service, anna)
    secret = given(anna, admin, holder)["link"].partition("#recover=")[2]
    told = client(service).post("/review/v1/invitation", json={"secret": secret}).json()
    assert (told["kind"], told["member"], b64u_decode(told["vault"])) == ("recover", anna.member, paper)
    for key, member in ((eve.keys.signing, anna.member), (anna.keys.signing, eve.member)):
        refused = come_back(service, secret, member, key)
        assert (refused.status_code, refused.json()["code"]) == (403, "recovery_signature")
    # a passkey of somebody else's, put in place of the one that she signed
    other = b64u_encode(Passkey("localhost", service.settings.review_url).client_data("webauthn.create", b""))
    assert come_back(service, secret, anna.member, anna.keys.signing, client_data=other).status_code == 401
    assert anna.get("/oneself").status_code == 200  # nothing of hers has ended
    assert come_back(service, secret, anna.member, anna.keys.signing).status_code == 201
    assert [one["state"] for one in admin.get("/people").json()["proposals"]] == ["done"]
    assert anna.get("/oneself").json()["code"] == "session_over"
    assert come_back(service, secret, anna.member, anna.keys.signing).json()["code"] == "invitation_over"
    with service.installation.database.read() as connection:
        (one,) = passkeys.of_member(connection, "demo", anna.member)
        assert set(vaults.files(connection, "demo", anna.member)) == {vaults.RECOVERY, one["id"]}
        raised = connection.execute(select(alarms.c.reader).where(alarms.c.kind == "member_recovered"))
        assert list(raised.scalars()) == [anna.member]


def test_without_the_paper_nobody_comes_back(service: Service) -> None:
    staff = Staff(service)
    anna, admin, holder = (
        staff.member(role, id=f"bare-{role}") for role in ("reviewer", "administrator", "key-holder")
    )
    secret = given(anna, admin, holder)["link"].partition("#recover=")[2]
    assert client(service).post("/review/v1/invitation", json={"secret": secret}).json()["vault"] is None
    refused = come_back(service, secret, anna.member, anna.keys.signing)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_printed_key")


def test_two_without_content_give_no_link_for_who_holds_keys(service: Service) -> None:
    staff = Staff(service)
    one, two, custodian, holder = (
        staff.member(role, id=id)
        for id, role in (
            ("one", "administrator"),
            ("two", "administrator"),
            ("olga", "custodian"),
            ("kira", "key-holder"),
        )
    )
    assert given(holder, one, two)["code"] == "holder_needed"
    assert given(holder, one, custodian)["link"]
    assert given(holder, custodian, two)["link"]
    assert given(staff.member("reviewer", id="rita"), one, two)["link"]
