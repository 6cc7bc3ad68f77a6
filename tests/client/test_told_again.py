"""What is told is not taken for more than what was signed: old envelopes, missing grants, wide consents."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crypto.encoding import b64u_encode
from crypto.log_leaf import Opening
from crypto.statement import sign, statement_hash
from intake import clock
from intake.audit import log
from intake.audit.events import Event
from intake.client import api, custody, pull
from intake.client.own import Own
from intake.client.pull import Incomplete
from tests.client.test_tombstones import held
from tests.own import Person, add_medium, allow, texts
from tests.service import PURPOSE, Service, on_every_database_in_time


def say_again(service: Service, record: str, revision: int, withdrawal: str) -> None:
    """The operator shows a mechanism an envelope that it has, as a withdrawal at this revision."""
    tell(service, Event.CONSENT_WITHDRAWN, record=record, revision=revision, withdrawal=withdrawal)


def tell(service: Service, event: Event, **values: Any) -> None:
    with service.installation.database.write() as connection:
        log.append(connection, "demo", event, **values)


@pytest.mark.parametrize("revision", [1, 2])
def test_the_envelope_of_a_cancelled_deletion_is_not_taken_for_the_persons_withdrawal(
    service: Service, tmp_path: Path, revision: int
) -> None:
    out, person = tmp_path / "out", Person(service)
    person.send("Тэкст")
    record = person.record
    service.pull(out)
    person.ask_deletion()
    service.pull(out)
    marker = json.loads((out / "deletions" / f"{record}.json").read_bytes())
    assert marker["by"] == custody.PERSON
    opening = Opening.parse(marker["opening"].encode())
    person.cancel_deletion()
    say_again(service, record, revision, str(opening.values["withdrawal"]))
    assert [e.by for e in service.pull(out).ended] == [custody.UNVERIFIED]


def test_the_envelope_of_a_cancelled_deletion_asks_for_nothing_more(service: Service, tmp_path: Path) -> None:
    out, person = tmp_path / "out", Person(service)
    person.send("Тэкст")
    record = person.record
    service.pull(out)
    person.ask_deletion()
    assert list(service.pull(out).deletions) == [record]
    marker = out / "deletions" / f"{record}.json"
    opening = Opening.parse(json.loads(marker.read_bytes())["opening"].encode()).values
    person.cancel_deletion()
    assert service.pull(out).unsigned == [] and not marker.exists()
    asked = {"due": opening["due"], "withdrawal": opening["withdrawal"]}
    tell(service, Event.DELETION_ASKED, record=record, **asked)
    service.pull(out)
    assert json.loads(marker.read_bytes())["by"] == custody.UNVERIFIED
    marker.unlink()
    person.ask_deletion()  # a new wish is another envelope, on the same day and of the same revision
    service.pull(out)
    assert json.loads(marker.read_bytes())["by"] == custody.PERSON


@pytest.mark.parametrize("objection", [None, "{}", "another's"])
def test_that_a_deletion_is_cancelled_is_not_believed_without_the_persons_signature(
    service: Service, tmp_path: Path, objection: str | None
) -> None:
    out, person = tmp_path / "out", Person(service)
    person.send("Тэкст")
    record = person.record
    service.pull(out)
    person.ask_deletion()
    service.pull(out)
    if objection == "another's":
        other = Person(service)
        other.send("Тэкст")
        other.ask_deletion()
        objection = other.objections()["objections"]["demo"]
    tell(service, Event.DELETION_CANCELLED, record=record, **({"objection": objection} if objection else {}))
    assert service.pull(out).unsigned == [record]
    marker = json.loads((out / "deletions" / f"{record}.json").read_bytes())
    assert marker["by"] == custody.PERSON


def test_a_deletion_that_waits_is_no_withdrawal_before_its_day(service: Service, tmp_path: Path) -> None:
    out, person = tmp_path / "out", Person(service)
    person.send("Тэкст")
    record = person.record
    service.pull(out)
    person.ask_deletion()
    service.pull(out)
    opening = Opening.parse(
        json.loads((out / "deletions" / f"{record}.json").read_bytes())["opening"].encode()
    )
    say_again(service, record, 1, str(opening.values["withdrawal"]))
    assert [e.by for e in service.pull(out).ended] == [custody.UNVERIFIED]


@pytest.mark.parametrize("revision", [2, 4])
def test_a_withdrawal_that_is_told_again_after_consent_was_given_anew_is_not_the_persons_word(
    service: Service, tmp_path: Path, revision: int
) -> None:
    out, person = tmp_path / "out", Person(service)
    person.send("Адзін")
    record = person.record
    service.pull(out)
    body = person.revision(choices=[])
    assert person.post("/v1/mailbox/revisions", body).status_code == 201
    assert [e.by for e in service.pull(out).ended] == [custody.PERSON]
    person.revise("Два", choices=[allow()])
    service.pull(out)
    say_again(service, record, revision, body["withdrawals"]["demo"])
    ended = service.pull(out).ended
    if revision == 2:  # what it says was true then, and ends nothing of what is granted since
        assert held(out) == [record]
    else:
        assert [(e.by, e.whole) for e in ended] == [(custody.UNVERIFIED, True)]


def test_a_withdrawal_of_a_revision_that_was_never_pulled_is_the_persons_word(
    service: Service, tmp_path: Path
) -> None:
    out, person = tmp_path / "out", Person(service)
    person.send("Адзін")
    service.pull(out)
    person.revise("Два")
    person.revise(choices=[])
    assert [(e.revision, e.by) for e in service.pull(out).ended] == [(3, custody.PERSON)]


@on_every_database_in_time
def test_a_grant_that_the_service_keeps_back_is_noticed_and_nothing_is_set_apart(
    service: Service, tmp_path: Path, photo: bytes
) -> None:
    out, person = tmp_path / "out", Person(service)
    composer = person.composer([allow("demo", "identity")])
    texts(["Тэкст"], composer)
    media = add_medium(service, composer, "identity", photo)
    person.post(
        "/v1/submissions", person.body(composer, media) | {"receipt": person.receipt(composer.writer)}
    )
    record = person.record
    service.pull(out)
    person.revise("Другі")
    (withheld,) = [c.id for c in person.open().reader.statement.compartments if c.kind == "identity"]

    class Withholding(pull.FeedClient):
        def record(self, record: str) -> dict[str, Any]:
            found = super().record(record)
            found["grants"] = [g for g in found["grants"] if g["compartment"] != withheld]
            return found

    with api.api(service.url, patience=10) as connection:
        feed = Withholding(connection, pull.load_client(service.mechanism.client_file), PURPOSE)
        with pytest.raises(Incomplete, match=f"grants it: {withheld}"):
            pull.pull(feed, out)
    assert held(out) == [record] and not (out / "withdrawn").exists()
    assert service.pull(out).revised == [record]


def test_a_consent_that_the_statement_narrows_is_shown_as_narrow_as_that(service: Service) -> None:
    person = Person(service)
    wide = allow("demo", purposes=("un_fact_finding", "sanctions"), successor=True)
    person.send("Тэкст", choices=[wide])
    before = person.open().reader.statement
    narrow = replace(
        before,
        revision=2,
        previous=statement_hash(before.encode()),
        consent=tuple(
            replace(c, purposes=("un_fact_finding",), expires=clock.day(), successor=False)
            for c in before.consent
        ),
    )
    body = {
        "statement": narrow.encode().decode(),
        "signature": b64u_encode(sign(narrow.encode(), person.keys.signing)),
        "parts": [],
        "grants": [],
        "withdrawals": {},
    }
    assert person.post("/v1/mailbox/revisions", body).status_code == 201
    with api.api(service.url, patience=10) as connection:
        shown = Own(connection, person.keys).choices()["demo"]
    assert shown == replace(wide, purposes=("un_fact_finding",), expires=clock.day(), successor=False)
