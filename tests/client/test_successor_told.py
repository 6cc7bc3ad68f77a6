"""A successor is told that only the tick for it was taken back: whose word that is, and what is not."""

import json
from pathlib import Path
from typing import Any

import pytest

from crypto.encoding import b64u_encode
from intake.audit import log
from intake.audit.events import Event
from intake.client import custody
from intake.client.custody import Ended
from intake.submissions import withdraw
from tests.client.test_handover import give
from tests.client.test_tombstones import held
from tests.http.test_handover import appoint, heir, told, witness_of_demo
from tests.own import Person, allow
from tests.service import Mechanism, Service

__all__ = ["heir"]


@pytest.fixture
def person(service: Service, heir: Mechanism, tmp_path: Path) -> Person:
    """Allows `demo` and a successor, which has pulled what was handed over."""
    appoint(service, heir)
    found = witness_of_demo(service)
    service.pull(tmp_path / "out")
    give(service, tmp_path / "out", heir)
    service.pull(tmp_path / "theirs", heir)
    return found


def say(service: Service, record: str, revision: int, **more: Any) -> None:
    """The operator tells the successor that the person took the tick back."""
    document = withdraw.narrowed(record, "demo", revision, "ab" * 32).decode()
    with service.installation.database.write() as connection:
        fields = {"revision": revision, "withdrawal": document, "from": "demo"} | more
        log.append(connection, "heir", Event.CONSENT_WITHDRAWN, record=record, **fields)


def by(service: Service, heir: Mechanism, tmp_path: Path) -> list[str]:
    return [ended.by for ended in service.pull(tmp_path / "theirs", heir).ended]


def test_a_statement_that_is_too_long_for_an_entry_leaves_the_services_word(
    service: Service, heir: Mechanism, person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(withdraw, "MOST_TOLD", 100)
    person.revise(choices=[allow("demo")])
    assert "statement" not in told(service, "heir")[-1][1]
    ended = Ended(person.record, 2, True, (), custody.UNVERIFIED)
    assert service.pull(tmp_path / "theirs", heir).ended == [ended] and held(tmp_path / "theirs") == []


def test_without_any_statement_or_with_one_that_still_allows_it_it_is_nobodys_word(
    service: Service, heir: Mechanism, person: Person, tmp_path: Path
) -> None:
    ((text, signature),) = person.revisions()
    shown = {"statement": text.decode(), "signature": b64u_encode(signature)}
    for more in (
        {},
        shown,
        shown | {"signature": b64u_encode(bytes(64))},
        {"statement": "{}", "signature": ""},
    ):
        say(service, person.record, 1, **more)
    assert by(service, heir, tmp_path) == [custody.UNVERIFIED] * 4


@pytest.mark.parametrize("revision", [2, 4])
def test_an_old_statement_that_is_told_again_is_not_the_persons_word_of_today(
    service: Service, heir: Mechanism, person: Person, tmp_path: Path, revision: int
) -> None:
    person.revise(choices=[allow("demo")])
    ((_, said),) = [one for one in told(service, "heir") if one[0] is Event.CONSENT_WITHDRAWN]
    assert by(service, heir, tmp_path) == [custody.PERSON]
    person.revise(choices=[allow("demo", successor=True)])
    service.pull(tmp_path / "out")
    give(service, tmp_path / "out", heir)
    service.pull(tmp_path / "theirs", heir)
    again = {"statement": said["statement"], "signature": said["signature"]}
    say(service, person.record, revision, **again)
    found = by(service, heir, tmp_path)
    if revision == 2:  # true then, and it ends nothing of what was given since
        assert held(tmp_path / "theirs") == [person.record]
    else:
        assert found == [custody.UNVERIFIED]


def test_the_statement_of_another_person_is_none(
    service: Service, heir: Mechanism, person: Person, tmp_path: Path
) -> None:
    other = witness_of_demo(service)
    other.revise(choices=[allow("demo")])
    text, signature = other.revisions()[-1]
    say(service, person.record, 2, statement=text.decode(), signature=b64u_encode(signature))
    assert by(service, heir, tmp_path) == [custody.UNVERIFIED]
    noted = json.loads((tmp_path / "theirs" / "withdrawn" / person.record / "withdrawal.json").read_bytes())
    assert [line["by"] for line in noted] == ["unverified"]
