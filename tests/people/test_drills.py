"""A mechanism takes testimonies only after its people have shown that they can bring lost keys back."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from crypto.drill import answer_challenge, parse_challenge
from crypto.encoding import canonical_json, parse_json
from intake import clock
from intake.audit import log
from intake.audit.events import Event, Log
from intake.client import mechanism_keys
from intake.db.tables.staff import drills as table
from intake.errors import Conflict, Invalid, NotFound
from intake.people import drills, mechanisms
from intake.upkeep import doctor
from tests.service import Mechanism, Service, make_mechanism, on_every_database_in_time


def ask(service: Service, mechanism: str = "other") -> bytes:
    with service.installation.database.write() as connection:
        return drills.ask(connection, mechanism)


def finish(service: Service, answer: bytes, mechanism: str = "other") -> tuple[int, bool]:
    with service.installation.database.write() as connection:
        return drills.finish(connection, mechanism, answer)


def answered(other: Mechanism, challenge: bytes) -> bytes:
    return answer_challenge(parse_challenge(challenge), mechanism_keys.identities(other.keys))


def taking(service: Service) -> set[str]:
    with service.installation.database.read() as connection:
        return {bundle.mechanism for bundle in mechanisms.everyone(connection)}


def add(service: Service, mechanism: Mechanism) -> None:
    with service.installation.database.write() as connection:
        mechanisms.add(connection, (mechanism.keys / "bundle.json").read_bytes())


@pytest.fixture
def other(service: Service) -> Mechanism:
    """Just imported."""
    made = make_mechanism(service.scratch / "other", "other")
    add(service, made)
    return made


@on_every_database_in_time
def test_the_first_drill_opens_a_mechanism_and_nothing_else_does(service: Service, other: Mechanism) -> None:
    assert taking(service) == {"demo"}
    with service.installation.database.write() as connection, pytest.raises(Conflict) as refused:
        mechanisms.reopen(connection, "other")
    assert refused.value.code == "drill_missing"
    assert finish(service, answered(other, ask(service))) == (1, True)
    assert taking(service) == {"demo", "other"}
    with service.installation.database.read() as connection:
        events = [entry.event for entry in log.read(connection, "other", Log.RECORDS, 0, 100)]
        assert mechanisms.drilled(connection, "other") == {1}
    assert events[-2:] == [Event.DRILL_DONE, Event.MECHANISM_OPENED]
    # A later one opens nothing that the operator closed.
    with service.installation.database.write() as connection:
        mechanisms.close(connection, "other")
    assert finish(service, answered(other, ask(service))) == (1, False)
    assert taking(service) == {"demo"}
    with service.installation.database.write() as connection:
        mechanisms.reopen(connection, "other")
    assert taking(service) == {"demo", "other"}


def test_who_has_other_keys_answers_no_drill(service: Service, other: Mechanism) -> None:
    good = parse_json(answered(other, ask(service)))
    answers = good["answers"]
    for wrong in (
        {kind: "00" * 32 for kind in answers},
        answers | {"triage": answers["account"]},
        {kind: value for kind, value in answers.items() if kind != "sensitive"},
    ):
        with pytest.raises(Invalid) as refused:
            finish(service, canonical_json(good | {"answers": wrong}))
        assert refused.value.code == "drill_wrong"
    with pytest.raises(Invalid) as refused:
        finish(service, b"{}")
    assert refused.value.code == "drill_invalid"
    for unknown in ({"epoch": 2}, {"mechanism": "demo"}):
        with pytest.raises(NotFound):
            finish(service, canonical_json(good | unknown))
    assert taking(service) == {"demo"}
    assert finish(service, canonical_json(good)) == (1, True)


def test_an_answer_to_an_earlier_challenge_holds_no_longer(service: Service, other: Mechanism) -> None:
    old = answered(other, ask(service))
    new = ask(service)
    with pytest.raises(Invalid):
        finish(service, old)
    finish(service, answered(other, new))
    with pytest.raises(NotFound):
        ask(service, "nobody")


def test_the_database_does_not_hold_the_answer(service: Service, other: Mechanism) -> None:
    answer = answered(other, ask(service))
    said = parse_json(answer)["answers"].values()
    for path in service.everything_on_disk():
        data = path.read_bytes()
        assert not any(value.encode() in data or bytes.fromhex(value) in data for value in said), path


def test_the_doctor_names_keys_that_nobody_has_brought_back(
    service: Service, other: Mechanism, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> list[str]:
        inst = service.installation
        troubles = doctor.examine(service.settings, inst.database, inst.store)
        return [t.what for t in troubles if t.part == "mechanisms"]

    finish(service, answered(other, ask(service)))
    assert found() == []
    # New keys without a drill: after two weeks.
    mechanism_keys.rotate(other.keys, 365, None)
    add(service, other)
    today = date.fromisoformat(clock.day())
    for days, said in (
        (0, []),
        (14, []),
        (15, [f"other made new keys on {today}, and no drill has succeeded with them"]),
    ):
        later = (today + timedelta(days=days)).isoformat()
        monkeypatch.setattr(clock, "day", lambda *_, later=later: later)
        assert found() == said
    assert finish(service, answered(other, ask(service))) == (2, False)
    assert found() == []
    # Open since before there were drills.
    with service.installation.database.write() as connection:
        connection.execute(update(table).where(table.c.mechanism == "other").values(done_day=None))
    assert found() == ["other takes testimonies, and never showed that lost keys can be brought back"]
    assert taking(service) == {"demo", "other"}
