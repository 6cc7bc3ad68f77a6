"""What was accepted or refused once is not accepted again; refusals of strangers are counted in the end."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from intake.audit.events import Event
from intake.db.tables.audit import refusals
from intake.errors import Unauthenticated, Unavailable
from intake.sharing.access import Asked, What
from tests.http.test_feed import Program, entries
from tests.http.test_handover import told
from tests.own import Person
from tests.service import Service, on_every_database_in_time

pytestmark = on_every_database_in_time


def test_a_proof_of_a_refused_request_does_not_work_later(service: Service) -> None:
    person, program = Person(service), Program(service).enter()
    person.send("Тэкст")
    record = person.record
    person.ask_deletion()
    path = f"/feed/v1/records/{record}"
    proof = program.proof("GET", path, program.token)
    assert program.get(path, proof).status_code == 403
    assert person.cancel_deletion().status_code == 200
    answer = program.get(path, proof)  # by somebody who saw it on its way
    assert (answer.status_code, answer.json()["code"]) == (401, "replayed")
    assert program.get(path).status_code == 200
    assert [event for event, _ in told(service, "demo")][-1] is Event.DELETION_CANCELLED


@pytest.mark.parametrize(
    "wrong",
    [
        lambda program: {"scope": "nonsense"},
        lambda program: {"proof": program.proof("POST", "/elsewhere")},
        lambda program: {"proof": "rubbish"},
    ],
    ids=["scope", "address", "rubbish"],
)
def test_an_assertion_of_a_refused_request_does_not_work_later(
    service: Service, wrong: Callable[[Program], dict[str, str]]
) -> None:
    program = Program(service)
    assertion = program.assertion()
    assert program.ask_token(assertion, **wrong(program)).status_code in (400, 401)
    before = len(entries(service))
    assert program.ask_token(assertion).status_code == 401
    assert len(entries(service)) == before  # whose it is cannot be known of a replay
    assert program.ask_token().status_code == 200


def test_a_proof_that_bought_no_token_buys_none_later(service: Service) -> None:
    program = Program(service)
    proof = program.proof("POST", "/oauth/token")
    assert program.ask_token(proof=proof, scope="nonsense").status_code == 400
    assert program.ask_token(proof=proof).status_code == 401


def test_refused_strangers_are_counted_when_they_could_not_be_written_down_at_once(service: Service) -> None:
    access = service.installation.access

    def refuse() -> None:
        with pytest.raises(Unauthenticated):
            access.admitted(Asked("GET", "x", "", ""), What(Event.FEED_LISTED), lambda c, r: None)

    def rename(old: str, new: str) -> None:
        with service.owner.engine.connect() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")
            connection.commit()

    refuse()
    rename("refusals", "gone")
    with pytest.raises(Unavailable):
        access.count_refusals()
    rename("gone", "refusals")
    refuse()
    access.count_refusals()
    access.count_refusals()
    with service.installation.database.read() as connection:
        assert connection.execute(select(refusals.c.count)).scalar_one() == 2
