"""Keys for a mechanism's people: kept by the service for those whose roles need them, opened by them alone."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert

from crypto.age_keys import Identity
from crypto.errors import NotMine
from crypto.members import sign_member
from crypto.membership import sign_membership
from crypto.primitives import SigningKey
from crypto.wraps import CLIENT, MEMBER, RECOVERY, Wrap, encode_wraps, open_wrap
from intake import clock
from intake.audit import log
from intake.audit.events import Event, Log
from intake.client.client_key import load_client
from intake.client.wraps import Keys, Reader
from intake.client.wraps import make as seal
from intake.db.tables.staff import memberships
from intake.errors import Invalid, NotFound
from intake.people import clients, members, wraps
from tests.casework import bundle_of
from tests.service import Service, make_mechanism, on_every_database_in_time, register

ANNA, BELA = Identity(b"a" * 32), Identity(b"b" * 32)
CLASSES = ("triage", "account", "identity", "sensitive")


@dataclass
class People:
    """A mechanism with a reviewer, a key-holder and an administrator, and the offline keys."""

    service: Service
    keys: Keys

    def wrap(self, reader: str, identity: Identity, *classes: str, kind: str = MEMBER) -> list[Wrap]:
        return seal(self.keys, [Reader(kind, reader, identity.recipient, classes)])

    def add(self, given: list[Wrap], mechanism: str = "demo") -> None:
        with self.service.installation.database.write() as connection:
            wraps.add(connection, mechanism, encode_wraps(given))

    def of(self, kind: str, reader: str, mechanism: str = "demo") -> list[Wrap]:
        with self.service.installation.database.read() as connection:
            return wraps.of(connection, mechanism, kind, reader)

    def refused(self, given: list[Wrap], mechanism: str = "demo") -> str:
        with pytest.raises(Invalid) as error:
            self.add(given, mechanism)
        return error.value.code


def admit(connection: Connection, root: SigningKey, member: str, identity: Identity, *roles: str) -> None:
    """As an administrator imports a card."""
    key = SigningKey(os.urandom(32)).public
    today, until = clock.day(), "2099-12-31"
    members.add(connection, "demo", sign_member(root, "demo", member, None, key, today, until))
    document = sign_membership(
        root, mechanism="demo", member=member, key=key, recipient=identity.recipient, roles=roles,
        starts=today, expires=until,
    )  # fmt: skip
    connection.execute(
        insert(memberships).values(mechanism="demo", member=member, document=document, removed_day=None)
    )


@pytest.fixture
def people(service: Service) -> People:
    root = SigningKey.from_pem((service.mechanism.keys / "root.key").read_bytes(), None)
    with service.installation.database.write() as connection:
        admit(connection, root, "anna", ANNA, "reviewer")
        admit(connection, root, "bela", BELA, "key-holder")
        admit(connection, root, "adam", BELA, "administrator")
    return People(service, Keys.load(service.mechanism.keys))


@on_every_database_in_time
def test_a_reader_gets_what_is_sealed_to_them_and_opens_it(people: People) -> None:
    people.add(people.wrap("anna", ANNA, "triage") + people.wrap("bela", BELA, *CLASSES))
    (found,) = people.of(MEMBER, "anna")
    triage = next(key for key in people.keys.bundle.keys if key.kind == "triage")
    assert open_wrap(found, triage, [ANNA]).text == people.keys.identities[1, "triage"].text
    assert len(people.of(MEMBER, "bela")) == 4
    for wrap in people.of(MEMBER, "bela"):
        key = next(key for key in people.keys.bundle.keys if key.kind == wrap.compartment)
        with pytest.raises(NotMine):
            open_wrap(wrap, key, [ANNA])
    assert people.of(CLIENT, "anna") == people.of(MEMBER, "adam") == []
    # Sealed again, for whatever reason: the newer takes the place of the older.
    again = people.wrap("anna", ANNA, "triage")
    people.add(again)
    assert people.of(MEMBER, "anna") == again


def test_nobody_is_given_more_than_their_role_needs(people: People) -> None:
    assert people.refused(people.wrap("anna", ANNA, "account")) == "wrap_role"
    assert people.refused(people.wrap("adam", BELA, "triage")) == "wrap_role"
    assert people.refused(people.wrap("nobody", ANNA, "triage")) == "wrap_reader"
    program = people.wrap("demo-puller", ANNA, "triage", "account", kind=CLIENT)
    assert people.refused(people.wrap("demo-puller", ANNA, "identity", kind=CLIENT)) == "wrap_role"
    assert people.refused(people.wrap("other-puller", ANNA, "triage", kind=CLIENT)) == "wrap_reader"
    people.add(program)
    assert (
        people.refused(people.wrap("anna", ANNA, "triage") + people.wrap("anna", ANNA, "account"))
        == "wrap_role"
    )
    assert people.of(MEMBER, "anna") == []  # all of a file or nothing
    (good,) = people.wrap("anna", ANNA, "triage")
    later = Wrap(2, good.compartment, good.kind, good.reader, good.file)
    assert people.refused([later]) == "wrap_key"
    with people.service.installation.database.write() as connection:
        with pytest.raises(Invalid) as refused:
            wraps.add(connection, "demo", b"[1]")
        assert refused.value.code == "wraps_invalid"
        with pytest.raises(NotFound):
            wraps.add(connection, "nobody", encode_wraps([good]))


def test_wraps_of_one_mechanism_are_no_other_ones(people: People, tmp_path: Path) -> None:
    other = make_mechanism(tmp_path / "other", "other")
    register(people.service.installation, other)
    fingerprint = BELA.recipient.fingerprint
    people.add(people.wrap(fingerprint, BELA, *CLASSES, kind=RECOVERY))
    assert len(people.of(RECOVERY, fingerprint)) == 4
    assert people.of(RECOVERY, fingerprint, "other") == []
    assert people.refused(people.wrap("anna", ANNA, "triage"), "other") == "wrap_reader"
    assert bundle_of(other).mechanism == "other"


def test_who_waits_for_keys_is_known_and_who_left_has_none(people: People) -> None:
    database = people.service.installation.database
    with database.read() as connection:
        assert wraps.lacking(connection, "demo") == {
            "anna": [(1, "triage")],
            "bela": [(1, kind) for kind in CLASSES],
        }
    people.add(people.wrap("anna", ANNA, "triage") + people.wrap("bela", BELA, "account"))
    people.add(people.wrap("demo-puller", ANNA, "triage", kind=CLIENT))
    with database.write() as connection:
        assert wraps.lacking(connection, "demo") == {
            "bela": [(1, kind) for kind in CLASSES if kind != "account"]
        }
        assert wraps.drop(connection, "demo", MEMBER, "anna") == 1
        clients.revoke(connection, "demo-puller")
    assert people.of(MEMBER, "anna") == people.of(CLIENT, "demo-puller") == []
    assert len(people.of(MEMBER, "bela")) == 1


def test_whose_keys_came_is_in_the_log(people: People) -> None:
    people.add(people.wrap("bela", BELA, "account", "triage") + people.wrap("anna", ANNA, "triage"))
    with people.service.installation.database.read() as connection:
        found = [
            e.fields
            for e in log.read(connection, "demo", Log.ACCESS, 0, 100)
            if e.event == Event.KEYS_WRAPPED
        ]
    assert [(f["kind"], f["reader"]) for f in found] == [(MEMBER, "anna"), (MEMBER, "bela")]
    assert [f["keys"] for f in found] == ["1.triage", "1.account 1.triage"]


def test_a_program_has_a_key_of_its_own(people: People) -> None:
    own = load_client(people.service.mechanism.client_file).identity
    assert own is not None
    people.add(people.wrap("demo-puller", own, "triage", "account", kind=CLIENT))
    found = people.of(CLIENT, "demo-puller")
    keys = {key.kind: key for key in people.keys.bundle.keys}
    opened = {w.compartment: open_wrap(w, keys[w.compartment], [own]).text for w in found}
    assert opened == {kind: people.keys.identities[1, kind].text for kind in ("triage", "account")}
