"""What auditors read: entries that lead to the signed tree, alarms; nobody else reads them."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert

from crypto import checkpoints, merkle
from crypto.encoding import b64u_decode
from crypto.log_leaf import LogLeaf, Opening, verify_opening
from crypto.membership import ROLES
from crypto.notes import VerifierKey
from intake import clock
from intake.audit.events import Event, Log
from intake.db.tables.audit import log_entries
from intake.db.tables.review import alarms
from tests.http.test_feed import Program, entries
from tests.sealed import Sealed
from tests.service import Service, make_mechanism, on_every_database_in_time, register
from tests.staff import Staff, client

ALARM, OTHER = "a1" * 16, "b2" * 16


def raise_alarm(service: Service, id: str = ALARM, mechanism: str = "demo") -> None:
    with service.installation.database.write() as connection:
        row = {"kind": "budget_spent", "reader": "rita", "day": clock.day()}
        connection.execute(insert(alarms).values(id=id, mechanism=mechanism, **row))


def checked(page: dict[str, Any]) -> list[dict[str, Any]]:
    """What the entries say, as somebody checks it who does not believe the service."""
    log_keys = [VerifierKey.parse(key) for key in page["keys"]]
    found = checkpoints.verify(page["checkpoint"].encode(), page["origin"], log_keys)
    leaves = [b64u_decode(entry["leaf"], 65) for entry in page["entries"]]
    assert [entry["index"] for entry in page["entries"]] == list(
        range(page["start"], page["start"] + len(leaves))
    )
    signed = found.checkpoint
    covered = [merkle.leaf_hash(leaf) for leaf in leaves[: max(0, signed.size - page["start"])]]
    if covered:
        hashes = [bytes.fromhex(text) for text in page["hashes"]]
        merkle.verify_range(covered, page["start"], signed.size, signed.root, hashes)
    said = []
    for leaf, entry in zip(leaves, page["entries"], strict=True):
        opening = Opening.parse(entry["opening"].encode())
        verify_opening(LogLeaf.parse(leaf), opening)
        said.append(dict(opening.values))
    return said


@on_every_database_in_time
def test_auditor_reads_both_logs_and_finds_every_entry_in_the_signed_tree(service: Service) -> None:
    record = Sealed(service).send().json()["record"]
    Program(service).enter()
    auditor = Staff(service).member("auditor", id="olga")
    for kind in Log:
        service.installation.publisher.publish("demo", kind, now=True)
    access = auditor.get("/log").json()
    said = checked(access)
    assert {"token.issued", "log.read"} <= {entry.get("event") for entry in said}
    assert said[-1] == {
        "event": "log.read",
        "mechanism": "demo",
        "day": clock.day(),
        "hour": said[-1]["hour"],
        "member": "olga",
        "roles": "auditor",
        "log": "access",
        "limit": 100,
    }
    assert access["signed"] < access["size"]  # the reading itself is not signed yet
    records = auditor.get("/log", params={"kind": "records", "start": 1, "limit": 3}).json()
    assert records["start"] == 1 and len(checked(records)) == 3
    everything = checked(auditor.get("/log", params={"kind": "records", "limit": 500}).json())
    assert record in {entry.get("record") for entry in everything}
    assert auditor.get("/log?kind=records&limit=500").json()["numbers"] == {}
    Staff(service).member("reviewer").get("/records")
    numbers = auditor.get("/log?kind=records&limit=500").json()["numbers"]
    assert numbers == {record: 1}  # by which colleagues speak of it
    beyond = auditor.get("/log", params={"start": 10_000}).json()
    assert beyond["entries"] == [] and beyond["hashes"] == []


def test_erased_entry_is_shown_as_a_leaf_without_words(service: Service) -> None:
    record = Sealed(service).send().json()["record"]
    service.installation.erasure.erase(record)
    page = Staff(service).member("auditor", id="olga").get("/log?kind=records&limit=500").json()
    assert None in [entry["opening"] for entry in page["entries"]] and record not in str(page)


def test_page_is_given_where_a_row_is_gone_so_that_it_is_seen(service: Service) -> None:
    auditor = Staff(service).member("auditor", id="olga")
    for _ in range(3):
        assert auditor.get("/log").status_code == 200
    service.installation.publisher.publish("demo", Log.ACCESS, now=True)
    with service.installation.database.write() as connection:
        gone = (log_entries.c.log == "access") & (log_entries.c.index == 2)
        connection.execute(delete(log_entries).where(gone))
    for limit in (500, 5):
        page = auditor.get(f"/log?start=0&limit={limit}").json()
        assert [entry["index"] for entry in page["entries"]][:4] == [0, 1, 3, 4]


def test_page_before_the_first_checkpoint_says_that_nothing_is_signed(
    service: Service, tmp_path: Path
) -> None:
    other = make_mechanism(tmp_path / "other", "other")
    register(service.installation, other)
    page = Staff(service, other).member("auditor").get("/log").json()
    assert (page["checkpoint"], page["signed"], page["hashes"]) == (None, 0, [])
    assert len(page["entries"]) == page["size"] > 0


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"auditor"}))
def test_other_roles_do_not_read_the_log_and_their_attempt_is_in_it(service: Service, role: str) -> None:
    before = len(entries(service))
    answer = Staff(service).member(role).get("/log")
    assert (answer.status_code, answer.json()["code"]) == (403, "role")
    (entry,) = entries(service)[before:]
    assert entry.event == Event.REFUSED and entry.fields["asked"] == "log.read"


@pytest.mark.parametrize("query", ["kind=secrets", "start=-1", "limit=0", "limit=501", "start=x"])
def test_page_that_no_log_has_is_refused(service: Service, query: str) -> None:
    answer = Staff(service).member("auditor", id="olga").get(f"/log?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")


@on_every_database_in_time
def test_alarm_is_listed_and_whoever_looked_first_stays(service: Service, tmp_path: Path) -> None:
    raise_alarm(service)
    other = make_mechanism(tmp_path / "other", "other")
    register(service.installation, other)
    raise_alarm(service, OTHER, "other")
    staff = Staff(service)
    auditor, keeper = staff.member("auditor", id="olga"), staff.member("administrator")
    listed = keeper.get("/alarms").json()["alarms"]
    expected = {"id": ALARM, "kind": "budget_spent", "reader": "rita", "day": clock.day(), "seen_by": None}
    assert listed == [expected]
    refused = keeper.post(f"/alarms/{ALARM}/seen")
    assert (refused.status_code, refused.json()["code"]) == (403, "role")
    assert auditor.post(f"/alarms/{ALARM}/seen").status_code == 204
    assert staff.member("auditor", id="nina").post(f"/alarms/{ALARM}/seen").status_code == 204
    (alarm,) = auditor.get("/alarms").json()["alarms"]
    assert alarm["seen_by"] == "olga"
    for unknown in (OTHER, "c3" * 16, "x"):
        answer = auditor.post(f"/alarms/{unknown}/seen")
        assert answer.status_code == 404, unknown
    assert staff.member("reviewer").get("/alarms").status_code == 403
    assert client(service).get("/review/v1/alarms").status_code == 401
