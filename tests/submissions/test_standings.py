"""What the submitter sees became of it: by the log, and by what the mechanism itself says."""

import json
from pathlib import Path

import pytest

from intake import clock
from intake.audit import log
from intake.audit.events import Event, Log
from intake.client import mechanism_keys
from intake.client.api import ApiError
from intake.people import profiles
from tests.casework import (
    case,
    client,
    own_case,
    pulled_record,
    registered_member,
    withdraw_consent,
)
from tests.service import Service, make_mechanism, on_every_database_in_time, prepared, register

pytestmark = on_every_database_in_time


def events(service: Service, record: str) -> list[tuple[Event, object]]:
    """What the mechanism's access log says it told."""
    with service.installation.database.read() as connection:
        entries = log.read(connection, "demo", Log.ACCESS, 0, 1000)
    told = {Event.STANDING_SET: "standing", Event.WITHDRAWAL_ANSWERED: "answer"}
    return [
        (entry.event, entry.fields[told[entry.event]])
        for entry in entries
        if entry.event in told and entry.record == record
    ]


def test_submitter_sees_received_read_in_a_case_a_question_and_closed(
    service: Service, tmp_path: Path
) -> None:
    anna = registered_member(service, tmp_path)
    receipt, sent = service.submit(prepared(tmp_path / "testimony", {}))
    with own_case(service, receipt) as own:

        def seen() -> tuple[object, ...]:
            (one,) = own.standings()["standings"]
            assert one["mechanism"] == "demo" and one["received"]
            return one["read"], one["standing"], one["question"]

        assert seen() == (False, None, False)
        service.pull(tmp_path / "pulled")
        assert seen() == (True, None, False)
        with client(service) as feed, case(service, tmp_path / "pulled" / "records" / sent.record) as theirs:
            feed.say(sent.record, "in_case")
            assert seen() == (True, "in_case", False)
            theirs.reply(anna, "?", "be")
            assert seen() == (True, "in_case", True)
            own.send("demo", "!", "be")
            feed.say(sent.record, "closed")
            assert seen() == (True, "closed", False)
            with pytest.raises(ApiError) as error:
                feed.say(sent.record, "lost")
            assert error.value.code == "standing_unknown"
        found = own.standings()
        assert (found["withdrawals"], found["deletion"], found["restorations"]) == ([], None, [])
    assert events(service, sent.record) == [(Event.STANDING_SET, said) for said in ("in_case", "closed")]


def test_an_opening_is_shown_when_the_mechanisms_delay_is_over(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = make_mechanism(tmp_path / "slow", "slow")
    register(service.installation, slow)
    written = json.dumps(mechanism_keys.profile_template() | {"delay_days": 3}).encode()
    signed, _ = mechanism_keys.profile(slow.keys, written, None)
    with service.installation.database.write() as connection:
        profiles.add(connection, signed.raw)
    receipt, _ = service.submit(prepared(tmp_path / "testimony", {}, mechanism="slow"))
    service.pull(tmp_path / "pulled", slow)
    real = clock.now
    for days, read in ((0, False), (2, False), (3, True)):
        with own_case(service, receipt) as own, monkeypatch.context() as future:
            future.setattr(clock, "now", lambda days=days: real() + days * clock.DAY)
            assert [one["read"] for one in own.standings()["standings"]] == [read]


def test_a_mechanism_answers_a_withdrawal_and_may_say_more_later(service: Service, tmp_path: Path) -> None:
    other = make_mechanism(tmp_path / "other", "other")
    register(service.installation, other)
    receipt, record = pulled_record(service, tmp_path)
    withdraw_consent(service, record.name)
    with own_case(service, receipt) as own, client(service) as feed, client(service, other) as stranger:

        def answer() -> object:
            (one,) = own.standings()["withdrawals"]
            assert bool(one["answer"]) == bool(one["answered_day"])
            return one["answer"]

        assert own.standings()["standings"] == [] and answer() is None
        with pytest.raises(ApiError, match="404"):
            stranger.answer(record.name, 1, "deleted")
        with pytest.raises(ApiError, match="404"):
            feed.answer(record.name, 2, "deleted")
        with pytest.raises(ApiError, match="404"):
            feed.say(record.name, "closed")  # it has no part in the record any more
        with pytest.raises(ApiError, match="answer_unknown"):
            feed.answer(record.name, 1, "perhaps")
        assert answer() is None
        feed.answer(record.name, 1, "retained")
        assert answer() == "retained"
        feed.answer(record.name, 1, "deleted")
        assert answer() == "deleted"
        with pytest.raises(ApiError, match="answer_final"):
            feed.answer(record.name, 1, "court")
        assert answer() == "deleted"
    answered = [(Event.WITHDRAWAL_ANSWERED, said) for said in ("retained", "deleted")]
    assert events(service, record.name) == answered
