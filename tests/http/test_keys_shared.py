"""Keys among members: a key-holder's browser seals them to who comes, and everybody opens their own."""

import os
from typing import Any

import pytest
from sqlalchemy import delete, update

from crypto.bundles import Bundle, MechanismKey, verify_bundle
from crypto.encoding import b64u_decode, b64u_encode, canonical_json
from crypto.membership import verify_membership
from crypto.wraps import MEMBER, Wrap, open_wrap, seal_wrap
from intake import clock
from intake.audit import log
from intake.audit.events import Event, Log
from intake.client import mechanism_keys
from intake.db.tables.staff import sessions, wraps
from intake.people import mechanisms
from tests.service import Service, make_mechanism, on_every_database_in_time, register
from tests.staff import Person, Staff


@pytest.fixture
def staff(service: Service) -> Staff:
    """Of a mechanism whose keys may be changed."""
    other = make_mechanism(service.scratch / "other", "other")
    register(service.installation, other)
    return Staff(service, other)


def ring(person: Person) -> dict[str, Any]:
    found = person.get("/keys")
    assert found.status_code == 200, found.text
    answer: dict[str, Any] = found.json()
    return answer


def opened(person: Person, bundle: Bundle) -> dict[tuple[int, str], Any]:
    """What a member's browser opens of what it is given."""
    keys = {(key.epoch, key.kind): key for key in bundle.keys}
    return {
        (w["epoch"], w["class"]): open_wrap(
            Wrap(w["epoch"], w["class"], MEMBER, person.member, b64u_decode(w["file"])),
            keys[w["epoch"], w["class"]],
            [person.keys.identity],
        )
        for w in ring(person)["wraps"]
    }


def shared(holder: Person) -> list[dict[str, Any]]:
    """What a key-holder's browser sends: for each who lacks something, sealed to what the root signed."""
    seen = ring(holder)
    bundle = verify_bundle(canonical_json(seen["bundle"]))
    keys = {(key.epoch, key.kind): key for key in bundle.keys}
    own = opened(holder, bundle)
    sent = []
    for one in seen["lacking"]:
        membership = verify_membership(canonical_json(one["membership"]), bundle.root)
        wanted = [(key["epoch"], key["class"]) for key in one["keys"]]
        sealed = [
            seal(keys[place], own[place], membership.member, membership.recipient)
            for place in wanted
            if place in own
        ]
        sent.append({"member": membership.member, "wraps": sealed})
    return sent


def seal(key: MechanismKey, identity: Any, member: str, recipient: Any) -> dict[str, Any]:
    made = seal_wrap(key, identity, MEMBER, member, recipient, os.urandom)
    return {"epoch": made.epoch, "class": made.compartment, "file": b64u_encode(made.file)}


def without_wraps(staff: Staff, person: Person) -> Person:
    with staff.service.installation.database.write() as connection:
        connection.execute(delete(wraps).where(wraps.c.reader == person.member))
    return person


@on_every_database_in_time
def test_a_key_holder_seals_to_a_new_member_what_the_roles_need(staff: Staff) -> None:
    holder, new = staff.member("key-holder"), without_wraps(staff, staff.member("custodian"))
    assert ring(new)["wraps"] == []
    (sent,) = shared(holder)
    answer = holder.post("/keys/wraps", sent)
    assert (answer.status_code, answer.json()) == (201, {"wrapped": 3})
    got = opened(new, staff.bundle)
    assert set(got) == {(1, "triage"), (1, "identity"), (1, "sensitive")}
    every = {one.text for one in mechanism_keys.identities(staff.mechanism.keys)}
    assert {one.text for one in got.values()} < every
    assert shared(holder) == []
    with staff.service.installation.database.read() as connection:
        entries = [e.fields for e in log.read(connection, "other", Log.ACCESS, 0, 100) if e.event]
    (said,) = [f for f in entries if f["event"] == Event.KEYS_WRAPPED]
    assert (said["member"], said["reader"], said["keys"]) == (
        holder.member,
        new.member,
        "1.identity 1.sensitive 1.triage",
    )


def test_only_key_holders_seal_and_see_who_lacks_keys(staff: Staff) -> None:
    holder = staff.member("key-holder")
    waiting = without_wraps(staff, staff.member("reviewer"))
    (sent,) = shared(holder)
    for other in (staff.member("reviewer"), staff.member("custodian")):
        assert ring(other)["lacking"] == ring(other)["leavers"] == []
        assert other.post("/keys/wraps", sent).json()["code"] == "role"
    for other in (staff.member("administrator"), staff.member("auditor")):
        assert other.get("/keys").json()["code"] == "role"
        assert other.post("/keys/wraps", sent).json()["code"] == "role"
    with staff.service.installation.database.write() as connection:
        connection.execute(update(sessions).values(fresh=sessions.c.fresh - 3600))
    stale = holder.post("/keys/wraps", sent)
    assert stale.status_code == 403 and stale.json()["code"] != "role"
    assert ring(waiting)["wraps"] == []


def test_nobody_is_sealed_more_than_their_roles_need_nor_by_themselves(staff: Staff) -> None:
    holder = staff.member("key-holder")
    waiting = without_wraps(staff, staff.member("reviewer"))
    (sent,) = shared(holder)
    good = sent["wraps"][0]
    for wrap, code in (
        (good | {"class": "account"}, "wrap_role"),
        (good | {"class": "all"}, "wrap_key"),
        (good | {"epoch": 2}, "wrap_key"),
        (good | {"file": "AAAA"}, "wraps_invalid"),
        (good | {"file": "ä"}, "wraps_invalid"),
    ):
        refused = holder.post("/keys/wraps", sent | {"wraps": [wrap]})
        assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert holder.post("/keys/wraps", sent | {"member": "nobody"}).json()["code"] == "wrap_reader"
    assert holder.post("/keys/wraps", sent | {"member": holder.member}).json()["code"] == "wrap_oneself"
    bent: dict[str, Any]
    for bent in (
        {"wraps": []},
        {"more": 1},
        {"wraps": [good | {"more": 1}]},
        {"wraps": [good | {"epoch": 0}]},
    ):
        assert holder.post("/keys/wraps", sent | bent).status_code == 422
    assert ring(waiting)["wraps"] == []


@on_every_database_in_time
def test_a_key_holder_does_not_replace_what_another_has_sealed(staff: Staff) -> None:
    first, second = staff.member("key-holder"), staff.member("key-holder")
    new = without_wraps(staff, staff.member("reviewer"))
    (sent,), (late,) = shared(first), shared(second)
    assert first.post("/keys/wraps", sent).status_code == 201
    refused = second.post("/keys/wraps", late)
    assert (refused.status_code, refused.json()["code"]) == (409, "wrap_there")
    assert ring(new)["wraps"] == sent["wraps"]


def test_a_key_holder_of_another_mechanism_reaches_nobody_here(staff: Staff, service: Service) -> None:
    stranger = Staff(service).member("key-holder")
    waiting = without_wraps(staff, staff.member("reviewer"))
    (sent,) = shared(staff.member("key-holder"))
    assert stranger.post("/keys/wraps", sent).json()["code"] == "wrap_reader"
    assert ring(waiting)["wraps"] == [] and ring(stranger)["lacking"] == []


def test_after_a_leaver_a_new_epoch_reaches_those_who_stay(staff: Staff) -> None:
    holder, leaver = staff.member("key-holder"), staff.member("key-holder")
    reviewer = staff.member("reviewer")
    assert ring(holder)["leavers"] == []
    database = staff.service.installation.database
    today = clock.day()
    assert holder.post(f"/people/{leaver.member}/removal").json()["new_epoch"]
    assert leaver.get("/keys").status_code == 401
    assert [(one["member"], one["day"]) for one in ring(holder)["leavers"]] == [(leaver.member, today)]
    # Offline: new keys, sealed to one key-holder; whose browser seals them to the others.
    bundle = mechanism_keys.rotate(staff.mechanism.keys, 365, None)
    held = {one.recipient.text: one for one in mechanism_keys.identities(staff.mechanism.keys)}
    with database.write() as connection:
        mechanisms.add(connection, bundle.raw)
    assert ring(holder)["leavers"] == []  # on the same day
    newest = [key for key in bundle.keys if key.epoch == 2]
    second = staff.member("key-holder")
    own = [seal(k, held[k.recipient.text], holder.member, holder.keys.identity.recipient) for k in newest]
    by_hand = without_wraps(staff, second)
    assert {one["membership"]["member"] for one in ring(holder)["lacking"]} == {
        holder.member, reviewer.member, second.member,
    }  # fmt: skip
    assert by_hand.post("/keys/wraps", {"member": holder.member, "wraps": own}).status_code == 201
    for sent in shared(holder):
        if sent["member"] != holder.member:
            assert holder.post("/keys/wraps", sent).status_code == 201
    assert set(opened(reviewer, bundle)) == {(1, "triage"), (2, "triage")}
    assert len(opened(second, bundle)) == 8
    assert ring(holder)["lacking"] == []
    with database.read() as connection:
        assert (2, "account") not in {
            (row.epoch, row[0])
            for row in connection.execute(
                wraps.select()
                .with_only_columns(wraps.c["class"], wraps.c.epoch)
                .where(wraps.c.reader == leaver.member)
            )
        }
