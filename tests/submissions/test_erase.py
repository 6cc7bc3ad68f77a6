"""Erasing a record: nothing of it is left to read, and every proof holds as before."""

from pathlib import Path

import pytest

from crypto import log_leaf, merkle, tlog_proof
from crypto.encoding import b64u_decode, parse_json
from crypto.errors import VerifyError
from crypto.log_leaf import LogLeaf
from crypto.tlog_proof import LogProof
from intake.audit import log
from intake.audit.events import Log
from intake.errors import NotFound
from intake.upkeep.check import check
from tests.service import Service, digits, form_fields, new_receipt, on_every_database_in_time, prepared

pytestmark = on_every_database_in_time


def publish(service: Service) -> None:
    for kind in Log:
        service.installation.publisher.publish("demo", kind, now=True)


def test_after_an_erasure_proofs_hold_and_leaves_mean_nothing(
    service: Service, tmp_path: Path, photo: bytes
) -> None:
    keys = service.installation.log_keys
    receipt, sent = service.submit(prepared(tmp_path / "t", {"a.jpg": photo}))
    service.pull(tmp_path / "pulled")
    publish(service)
    proof = service.installation.proofs.proofs(sent.record)["demo"]
    with service.installation.database.read() as connection:
        about = log.of_record(connection, sent.record)
    assert {kind for _, kind, _, _ in about} == set(Log)

    service.installation.erasure.erase(sent.record)
    publish(service)

    page = service.http.post(f"{service.url}/be/return", data={"receipt": digits(receipt)})
    assert page.status_code == 404
    for mechanism, kind, _, entry in about:
        with service.installation.database.read() as connection:
            (left,) = log.read(connection, mechanism, kind, entry.index, 1)
        assert left.leaf == entry.leaf
        assert (left.opening, left.record, left.event) == (None, None, None)
    origin = keys.name("demo", Log.RECORDS)
    parsed = LogProof.parse(proof.encode())
    assert parsed.extra
    leaf = b64u_decode(parse_json(parsed.extra)["leaf"])
    tlog_proof.verify(proof.encode(), merkle.leaf_hash(leaf), origin, keys.verifiers(origin))
    with pytest.raises(VerifyError):  # whoever has the leaf and no key can tell it from no other
        log_leaf.verify_tag(LogLeaf.parse(leaf), bytes(32), 0)
    found = service.installation
    assert list(check(service.owner, found.store, keys, read_data=True)) == []
    assert service.pull(tmp_path / "pulled").records == []  # and says so to programs, see tests/client


def test_an_erasure_leaves_a_payload_that_another_record_has(
    service: Service, tmp_path: Path, photo: bytes
) -> None:
    _, first = service.submit(prepared(tmp_path / "a", {"a.jpg": photo}, origin="received"))
    _, second = service.submit(prepared(tmp_path / "b", {"b.jpg": photo}, origin="received"))
    service.installation.payloads.maintain(merge_now=True)
    before = len(list(service.installation.store.names()))
    gone = service.installation.erasure.erase(first.record)
    assert len(list(service.installation.store.names())) == before - gone
    service.pull(tmp_path / "pulled")
    (opened,) = service.open(tmp_path / "pulled", tmp_path / "opened")
    assert opened.record == second.record and opened.problems == {} and opened.media == ["b.jpg"]


def test_nothing_of_an_erased_record_is_left_in_the_database_file(service: Service) -> None:
    receipt = new_receipt()
    service.send_form(form_fields(receipt))
    keys = receipt.keys()
    own = service.installation.mailbox.open(keys.lookup, keys.auth)
    signed, grant = own.revisions[0][1], own.grants[0][1][200:240]
    service.installation.erasure.erase(own.record)
    with pytest.raises(NotFound):
        service.installation.erasure.erase(own.record)
    if service.installation.database.engine.dialect.name == "sqlite":
        for path in service.settings.data_dir.glob("intake.db*"):
            data = path.read_bytes()
            assert bytes.fromhex(own.record) not in data and signed not in data and grant not in data
