"""Messages both ways: read by the two whom they are between, and by nobody else."""

import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, func, insert, select, update

from crypto.age_keys import Recipient
from crypto.encoding import b64u_encode
from crypto.errors import VerifyError
from crypto.message import seal_message, sign_message
from crypto.primitives import SigningKey
from crypto.record_writer import SealedPart
from crypto.statement import CompartmentEntry
from intake import clock
from intake.audit import log
from intake.audit.events import Event, Log
from intake.client.api import ApiError
from intake.client.correspondence import Case, Correspondence, OwnCase
from intake.client.members import MemberKey
from intake.db.tables.coming_back import deletions
from intake.db.tables.coming_back import messages as table
from intake.db.tables.submissions import grants
from intake.submissions import messages
from intake.upkeep.check import check
from tests.casework import (
    bundle_of,
    case,
    client,
    make_member,
    own_case,
    pulled_record,
    register_member,
    registered_member,
    revoke_member,
    withdraw_consent,
)
from tests.http.test_feed import Program
from tests.service import Service, make_mechanism, new_receipt, on_every_database_in_time, prepared, register

pytestmark = on_every_database_in_time


def texts(case_: Case | OwnCase) -> list[str]:
    found = case_.read()
    assert found.hidden == 0
    return [message.text for message in found.messages]


def about(service: Service, kind: Log, *events: Event) -> list[log.Entry]:
    with service.installation.database.read() as connection:
        return [e for e in log.read(connection, "demo", kind, 0, 1000) if e.event in events]


def compartment(case_: Case | OwnCase, kind: str = "account") -> CompartmentEntry:
    return next(c for c in case_.reader.statement.compartments if c.kind == kind)


def sealed(case_: Case | OwnCase, text: str = "?", kind: str = "account") -> SealedPart:
    entry, record = compartment(case_, kind), case_.reader.statement.record
    values = {"text": text, "language": "be"}
    return seal_message(Recipient.parse(entry.recipient), record, entry.id, values, secrets.token_bytes)


def envelope(case_: Case | OwnCase, part: SealedPart, key: SigningKey, **changes: Any) -> bytes:
    said = {"record": case_.reader.statement.record, "mechanism": "demo", "day": clock.day(), "answers": None}
    return sign_message(key, **(said | {"part": part.entry} | changes))


def body(envelope: bytes, part: SealedPart) -> dict[str, str]:
    return {
        "envelope": envelope.decode(),
        "header": b64u_encode(part.header),
        "payload": b64u_encode(part.payload),
    }


def post(case_: OwnCase, sent: dict[str, str]) -> httpx.Response:
    """As the submitter's client does, and whatever the answer is."""
    url = case_._api.absolute("/v1/mailbox/messages")
    return case_._api.http.post(url, json=sent, headers=case_._headers())


def refused(case_: Case, member: MemberKey, **changes: Any) -> tuple[int, str]:
    """What a member's message, bent so, is answered."""
    part = changes.pop("part", None) or sealed(case_)
    key = changes.pop("key", member.key)
    sent = changes.pop("sent", part)
    certificate = changes.pop("certificate", member.member.raw)
    with pytest.raises(ApiError) as error:
        bent = envelope(case_, part, key, certificate=certificate, **changes)
        case_._feed.send(case_.reader.statement.record, body(bent, sent))
    return error.value.status, error.value.code


def stored(service: Service) -> tuple[int, int]:
    """(rows, blobs)"""
    with service.installation.database.read() as connection:
        rows = connection.execute(select(func.count()).select_from(table)).scalar_one()
    return rows, len(list(service.installation.store.names()))


def test_submitter_and_mechanism_write_to_each_other_and_both_read_it(
    service: Service, tmp_path: Path
) -> None:
    anna = registered_member(service, tmp_path)
    receipt, record = pulled_record(service, tmp_path)
    with own_case(service, receipt) as own, case(service, record) as theirs:
        assert texts(own) == texts(theirs) == []
        asked = theirs.reply(anna, "Якога гэта было дня?", "be")
        question, *_ = own.read().messages
        assert question.member is not None and question.member.id == "anna" and question.part == asked
        own.send("demo", "Дзявятага жніўня.", "be", answers=asked)
        assert texts(own) == texts(theirs) == ["Якога гэта было дня?", "Дзявятага жніўня."]
        answer = theirs.read().messages[1]
        assert (answer.member, answer.answers, answer.number) == (None, asked, 2)
        assert answer.text == "Дзявятага жніўня." and answer.language == "be"
    (added,) = about(service, Log.RECORDS, Event.MESSAGE_ADDED)
    assert (added.record, added.fields["part"]) == (record.name, answer.part)
    (sent,) = about(service, Log.ACCESS, Event.MESSAGE_SENT)
    assert (sent.record, sent.fields["part"]) == (record.name, asked)
    assert len(about(service, Log.ACCESS, Event.MESSAGES_LISTED)) == 3
    assert service.pull(tmp_path / "pulled").records == []  # programs read on over entries of these kinds
    kept = [path.read_bytes() for path in service.everything_on_disk()]
    assert not any("Дзявятага".encode() in data for data in kept)


def test_the_submitter_sees_in_the_logs_that_messages_were_listed_and_sent(
    service: Service, tmp_path: Path
) -> None:
    anna = registered_member(service, tmp_path)
    _, record = pulled_record(service, tmp_path)
    with case(service, record) as theirs:
        theirs.read()
        theirs.reply(anna, "?", "be")
    seen = service.installation.proofs.accesses(record.name)
    shown = [one.opening.decode() for one in seen]
    assert any("messages.listed" in text for text in shown) and any("message.sent" in text for text in shown)
    assert not any("anna" in text or "demo-puller" in text for text in shown)


def test_a_message_sent_again_is_one_message(service: Service, tmp_path: Path) -> None:
    anna = registered_member(service, tmp_path)
    receipt, record = pulled_record(service, tmp_path)
    with own_case(service, receipt) as own, case(service, record) as theirs:
        part = sealed(own)
        sent = body(envelope(own, part, receipt.keys().signing), part)
        first, again = post(own, sent), post(own, sent)
        assert (first.status_code, again.status_code) == (201, 200) and first.json() == again.json()
        other = body(envelope(own, part, receipt.keys().signing, answers="ab" * 16), part)
        assert post(own, other).json()["code"] == "message_differs"
        part = sealed(theirs)
        signed = envelope(theirs, part, anna.key, certificate=anna.member.raw)
        for _ in range(2):
            theirs._feed.send(record.name, body(signed, part))
        assert len(about(service, Log.ACCESS, Event.MESSAGE_SENT)) == 1
        assert len(about(service, Log.RECORDS, Event.MESSAGE_ADDED)) == 1
        assert len(texts(own)) == 2
        # The blobs of repetitions are gone.
        assert stored(service) == (2, 2 + len(own.reader.statement.parts))


def test_a_message_that_does_not_hold_is_not_stored(service: Service, tmp_path: Path) -> None:
    receipt, _ = pulled_record(service, tmp_path)
    key = receipt.keys().signing
    with own_case(service, receipt) as own:
        before, part, other = stored(service), sealed(own), sealed(own)
        triage = sealed(own, kind="triage")
        stranger = new_receipt().keys().signing
        bad = [
            (body(envelope(own, part, stranger), part), "message_invalid"),
            (body(envelope(own, part, key, record="ab" * 32), part), "message_invalid"),
            (body(envelope(own, part, key, mechanism="nobody"), part), "mechanism_unknown"),
            (body(envelope(own, part, key, day="2020-01-01"), part), "day"),
            (body(envelope(own, part, key), other), "payload_differs"),
            (body(b"{}", part), "message_invalid"),
            (
                body(envelope(own, part, key), part) | {"header": b64u_encode(part.header + b"x")},
                "header_invalid",
            ),
            (body(envelope(own, part, key), part) | {"payload": b64u_encode(b"x")}, "header_invalid"),
        ]
        for sent, code in bad:
            assert post(own, sent).json()["code"] == code
        assert stored(service) == before
        assert post(own, body(envelope(own, triage, key), triage)).status_code == 201  # granted, too
    assert httpx.post(f"{service.url}/v1/mailbox/messages", json=bad[0][0]).status_code == 401


def test_only_a_member_speaks_for_the_mechanism(service: Service, tmp_path: Path) -> None:
    anna = registered_member(service, tmp_path)
    unknown = make_member(tmp_path, service.mechanism, "unknown")
    other = make_mechanism(tmp_path / "other", "other")
    register(service.installation, other)
    oleg = make_member(tmp_path, other, "oleg")
    register_member(service, oleg)
    receipt, record = pulled_record(service, tmp_path)
    before = stored(service)
    with case(service, record) as theirs, own_case(service, receipt) as own:
        assert refused(theirs, unknown) == (403, "member_unknown")
        assert refused(theirs, oleg) == (422, "message_invalid")
        assert refused(theirs, anna, key=unknown.key) == (422, "message_invalid")
        assert refused(theirs, anna, certificate=None) == (422, "message_invalid")
        assert refused(theirs, anna, certificate=None, key=receipt.keys().signing) == (422, "message_invalid")
        assert refused(theirs, anna, day="2020-01-01")[1] == "message_invalid"  # before the certificate
        assert refused(theirs, anna, sent=sealed(theirs)) == (422, "payload_differs")
        assert stored(service) == before and texts(own) == []
        theirs.reply(anna, "1", "be")
        revoke_member(service, anna)
        assert refused(theirs, anna) == (403, "member_unknown")
        assert texts(own) == ["1"]
    entries = about(service, Log.ACCESS, Event.REFUSED)
    assert len(entries) == 8 and {e.fields["asked"] for e in entries} == {"message.sent"}


def test_another_mechanism_neither_reads_nor_writes_here(service: Service, tmp_path: Path) -> None:
    anna = registered_member(service, tmp_path)
    other = make_mechanism(tmp_path / "other", "other")
    register(service.installation, other)
    oleg = make_member(tmp_path, other, "oleg")
    register_member(service, oleg)
    _, record = pulled_record(service, tmp_path)
    with case(service, record) as theirs:
        asked = theirs.reply(anna, "?", "be")
        with client(service, other) as stranger:
            for ask in (
                lambda: stranger.messages(record.name),
                lambda: stranger.say(record.name, "closed"),
                lambda: stranger.answer(record.name, 1, "deleted"),
                lambda: stranger.download(record.name, asked, 1, tmp_path / "x"),
                lambda: stranger.send(
                    record.name,
                    body(
                        envelope(
                            theirs, sealed(theirs), oleg.key, mechanism="other", certificate=oleg.member.raw
                        ),
                        sealed(theirs),
                    ),
                ),
            ):
                with pytest.raises(ApiError) as error:
                    ask()
                assert error.value.status == 404
    assert Program(service).enter().get(f"/feed/v1/records/{'AB' * 32}/messages").status_code == 404
    assert stored(service)[0] == 1


def test_a_mechanism_with_the_same_compartment_does_not_get_the_others_messages(
    service: Service, tmp_path: Path
) -> None:
    """It has the compartment's key: only that the part is not released keeps it from reading."""
    anna = registered_member(service, tmp_path)
    other = make_mechanism(tmp_path / "other", "other")
    register(service.installation, other)
    testimony = prepared(tmp_path / "testimony", {})
    both = (*testimony.consent, replace(testimony.consent[0], mechanism="other"))
    receipt, sent = service.submit(replace(testimony, consent=both))
    service.pull(tmp_path / "pulled")
    service.pull(tmp_path / "theirs", other)
    record, same = (tmp_path / out / "records" / sent.record for out in ("pulled", "theirs"))
    with own_case(service, receipt) as own, case(service, record) as mine:
        asked, told = mine.reply(anna, "?", "be"), own.send("demo", "!", "be")
        for_both = own.send("other", "to the other", "be")
        assert texts(own) == ["?", "!", "to the other"] and texts(mine) == ["?", "!"]
    with case(service, same, other) as theirs:
        assert texts(theirs) == ["to the other"]
    program = Program(service, other).enter()
    for part in (asked, told):
        assert program.get(f"/feed/v1/records/{sent.record}/parts/{part}").status_code == 404
    listed = {part["id"] for part in program.get(f"/feed/v1/records/{sent.record}").json()["parts"]}
    assert listed and not listed & {asked, told, for_both}  # messages have a list of their own
    assert Program(service).enter().get(f"/feed/v1/records/{sent.record}/parts/{for_both}").status_code == 404


def test_what_is_not_signed_as_it_should_be_is_counted_and_not_shown(
    service: Service, tmp_path: Path
) -> None:
    """The service itself may put anything into its tables: readers do not believe it."""
    anna = registered_member(service, tmp_path)
    receipt, record = pulled_record(service, tmp_path)
    with own_case(service, receipt) as own, case(service, record) as theirs:
        first = theirs.reply(anna, "first", "be")
        second = own.send("demo", "second", "be")
        part = sealed(own, "third")
        forged = [
            envelope(own, part, SigningKey(b"x" * 32)),
            envelope(own, part, anna.key),
            envelope(own, part, receipt.keys().signing, record="ab" * 32),
            envelope(own, part, SigningKey(b"x" * 32), certificate=anna.member.raw),
            b"rubbish",
        ]
        for data in forged:
            with service.owner.write() as connection:
                connection.execute(update(table).where(table.c.part == second).values(document=data))
            for found in (own.read(), theirs.read()):
                assert ([m.text for m in found.messages], found.hidden) == (["first"], 1)
        # A true envelope, told twice.
        with service.owner.write() as connection:
            true = connection.execute(select(table.c.document).where(table.c.part == first)).scalar_one()
            connection.execute(update(table).where(table.c.part == second).values(document=true))
        found = own.read()
        assert ([m.text for m in found.messages], found.hidden) == (["first"], 1)


def test_a_submitter_who_knows_the_root_is_not_shown_another_ones_messages(
    service: Service, tmp_path: Path
) -> None:
    anna = registered_member(service, tmp_path)
    receipt, record = pulled_record(service, tmp_path)
    with case(service, record) as theirs:
        theirs.reply(anna, "?", "be")
    with own_case(service, receipt, demo=bundle_of(service.mechanism).root_fingerprint) as own:
        assert texts(own) == ["?"]
    with own_case(service, receipt, demo="ab" * 32) as own, pytest.raises(VerifyError, match="root"):
        own.read()


def test_a_message_that_a_receipt_cannot_open_any_more_is_not_called_forged(
    service: Service, tmp_path: Path
) -> None:
    receipt, _ = pulled_record(service, tmp_path)
    with own_case(service, receipt) as own:
        own.send("demo", "!", "be")
    with service.owner.write() as connection:
        connection.execute(delete(grants).where(grants.c.mechanism.is_(None)))
    with own_case(service, receipt) as own:
        assert own.read() == Correspondence([], closed=1, hidden=0)
        own.send("demo", "and still this", "be")  # sealing needs no key that opens


def test_there_are_limits_in_each_direction(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "MAX_A_DAY", 2)
    monkeypatch.setattr(messages, "MAX_EACH_WAY", 3)
    anna = registered_member(service, tmp_path)
    receipt, record = pulled_record(service, tmp_path)
    with own_case(service, receipt) as own, case(service, record) as theirs:
        for number in range(3):
            own.send("demo", str(number), "be")
        with pytest.raises(ApiError, match="messages_full"):
            own.send("demo", "one more", "be")
        for number in range(2):
            theirs.reply(anna, str(number), "be")
        assert refused(theirs, anna) == (409, "messages_today")
        with service.owner.write() as connection:
            connection.execute(update(table).values(day="2020-01-01"))
        theirs.reply(anna, "the next day", "be")
        assert refused(theirs, anna) == (409, "messages_full")
        with pytest.raises(ApiError) as error:
            own.send("demo", "x" * 100_000, "be")
        assert error.value.status in (413, 422)
        assert len(texts(own)) == 6


def test_nobody_writes_once_consent_is_withdrawn_or_a_deletion_waits(
    service: Service, tmp_path: Path
) -> None:
    anna = registered_member(service, tmp_path)
    receipt, record = pulled_record(service, tmp_path)
    with own_case(service, receipt) as own, case(service, record) as theirs:
        own.send("demo", "before", "be")
        with service.owner.write() as connection:
            connection.execute(
                insert(deletions).values(record=record.name, asked_day=clock.day(), due_day="2099-01-01")
            )
        with pytest.raises(ApiError, match="deletion_pending"):
            own.send("demo", "after", "be")
        assert refused(theirs, anna) == (403, "deletion_pending")
        with service.owner.write() as connection:
            connection.execute(deletions.delete())
        withdraw_consent(service, record.name)
        with pytest.raises(ApiError, match="consent_withdrawn"):
            own.send("demo", "after", "be")
        assert refused(theirs, anna) == (404, "not_found")
        with pytest.raises(ApiError, match="404"):
            theirs.read()
        assert texts(own) == ["before"]


def test_the_operators_check_and_an_erasure_know_messages(service: Service, tmp_path: Path) -> None:
    anna = registered_member(service, tmp_path)
    receipt, record = pulled_record(service, tmp_path)
    with own_case(service, receipt) as own, case(service, record) as theirs:
        own.send("demo", "!", "be")
        theirs.reply(anna, "?", "be")
        theirs._feed.say(record.name, "in_case")
    found = service.installation
    assert list(check(service.owner, found.store, found.log_keys, read_data=True)) == []
    found.erasure.erase(record.name)
    assert stored(service) == (0, 0)
    assert list(check(service.owner, found.store, found.log_keys, read_data=True)) == []
