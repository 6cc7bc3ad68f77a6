"""The operator registers members by their certificates, and shuts them out."""

from pathlib import Path

import pytest

from intake import clock
from intake.audit import log
from intake.audit.events import Event, Log
from intake.client.members import certify
from intake.errors import Conflict, Invalid, NotFound
from intake.people import members
from tests.casework import bundle_of, make_member, register_member, revoke_member
from tests.crypto.members import ANNA, certificate
from tests.service import Service, make_mechanism, on_every_database_in_time, register

pytestmark = on_every_database_in_time


def said(service: Service) -> list[tuple[Event | None, object]]:
    with service.installation.database.read() as connection:
        entries = log.read(connection, "demo", Log.RECORDS, 0, 1000)
    about = (Event.MEMBER_ADDED, Event.MEMBER_REVOKED)
    return [(entry.event, entry.fields["member"]) for entry in entries if entry.event in about]


def valid(service: Service, mechanism: str = "demo") -> set[str]:
    with service.installation.database.read() as connection:
        return set(members.valid(connection, mechanism))


def test_operator_adds_a_member_whom_the_root_certified_and_it_is_logged(
    service: Service, tmp_path: Path
) -> None:
    anna = make_member(tmp_path, service.mechanism, "anna")
    register_member(service, anna)
    register_member(service, anna)  # again: nothing changes
    assert valid(service) == {"anna"} and said(service) == [(Event.MEMBER_ADDED, "anna")]
    revoke_member(service, anna)
    assert valid(service) == set()
    assert said(service) == [(Event.MEMBER_ADDED, "anna"), (Event.MEMBER_REVOKED, "anna")]
    with pytest.raises(NotFound):
        revoke_member(service, anna)
    with pytest.raises(Conflict):  # who was shut out does not come back with the same certificate
        register_member(service, anna)


def test_operator_cannot_add_whom_the_root_did_not_certify(service: Service, tmp_path: Path) -> None:
    other = make_mechanism(tmp_path / "other", "other")
    register(service.installation, other)
    theirs = make_member(tmp_path, other, "oleg")
    with service.installation.database.write() as connection:
        for mechanism, data in (
            ("demo", theirs.member.raw),
            ("demo", certificate(ANNA, "anna")),
            ("demo", b"{}"),
        ):
            with pytest.raises(Invalid):
                members.add(connection, mechanism, data)
        with pytest.raises(NotFound):
            members.add(connection, "nobody", theirs.member.raw)
    assert valid(service) == set()
    register_member(service, theirs)
    assert (valid(service), valid(service, "other")) == (set(), {"oleg"})


def test_operator_cannot_register_one_person_as_two(service: Service, tmp_path: Path) -> None:
    register_member(service, make_member(tmp_path / "1", service.mechanism, "anna"))
    with pytest.raises(Conflict, match="another id"):
        register_member(service, make_member(tmp_path / "2", service.mechanism, "anna"))
    public = tmp_path / "1" / "anna.member.json"
    public.write_text(public.read_text().replace('"anna"', '"anna-2"'))
    twice, _ = certify(service.mechanism.keys, public, 100, None)
    with service.installation.database.write() as connection, pytest.raises(Conflict, match="has this key"):
        members.add(connection, "demo", twice.raw)


def test_a_members_time_ends_by_itself(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = make_member(tmp_path, service.mechanism, "anna", days=10)
    register_member(service, anna)
    assert anna.member.valid_on(clock.day()) and bundle_of(service.mechanism).mechanism == "demo"
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + 11 * clock.DAY)
    assert valid(service) == set()
    bela = make_member(tmp_path, service.mechanism, "bela", days=1)
    with pytest.raises(Invalid, match="expired"):
        register_member(service, bela)
