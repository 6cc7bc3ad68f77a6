"""What a person and a successor are shown of a handing over: the signed word, and accesses in time."""

from crypto import statement
from crypto.encoding import b64u_decode
from intake import clock
from intake.audit.events import Event
from tests.http.test_handover import Giver, heir, told, witness_of_demo
from tests.own import Person, allow, publish_profile
from tests.service import Mechanism, Service, on_every_database_in_time, register
from tests.submissions.test_handovers import opens, person

__all__ = ["heir", "person"]
pytestmark = on_every_database_in_time


def test_a_successor_told_of_no_withdrawal_is_shown_the_statement_that_the_person_signed(
    service: Service, person: Person
) -> None:
    assert person.revise(choices=[allow("demo", "identity")]).status_code == 201
    event, said = told(service, "heir")[-1]
    assert event is Event.CONSENT_WITHDRAWN and '"signature":null' in said["withdrawal"]
    shown = statement.verify(said["statement"].encode(), b64u_decode(said["signature"], 64))
    assert (shown.record, shown.revision, shown.encode()) == (person.record, 2, person.revisions()[-1][0])
    assert [(c.mechanism, c.successor) for c in shown.consent] == [("demo", False)]
    # Its submitter is not shown that again among the accesses.
    assert "previous" not in str(person.get("/accesses").json()["accesses"])


def test_a_successors_accesses_are_shown_no_later_than_its_origins_would_be(
    service: Service, heir: Mechanism
) -> None:
    register(service.installation, heir)
    publish_profile(service, service.mechanism, continued_by="heir", delay_days=2)
    publish_profile(service, heir, continues=["demo"], delay_days=300)
    person = witness_of_demo(service)
    record, until = person.record, clock.day(clock.now() + 2 * clock.DAY)
    assert Giver(service, heir).give(record).status_code == 200 and opens(service, heir, record) == 200
    shown = person.get("/accesses").json()
    assert shown["delayed"] >= 3 and set(shown["delayed_until"]) == {until}
    assert person.revise(choices=[]).status_code == 201  # also of what is over
    assert set(person.get("/accesses").json()["delayed_until"]) == {until}
