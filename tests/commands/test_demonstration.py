"""What `intake run` makes for whoever tries it out: a mechanism that says plainly that it is none."""

from pathlib import Path

from intake.commands import demonstration
from intake.db import migrate
from intake.i18n import LANGUAGES
from intake.installation import Installation, open_installation
from intake.people import mechanisms, profiles
from intake.record import questions
from tests.service import Mechanism, Service, free_port, make_mechanism, prepare, settings_for
from tests.staff import Staff


def installation(folder: Path) -> Installation:
    folder.mkdir(parents=True)
    found = open_installation(settings_for(folder, free_port()))
    migrate.upgrade(found.database)
    return found


def test_a_stranger_gets_a_mechanism_that_shows_everything_in_their_language(tmp_path: Path) -> None:
    found = installation(tmp_path / "var")
    assert demonstration.make(found, tmp_path / "keys")
    assert not demonstration.make(found, tmp_path / "keys")
    with found.database.read() as connection:
        (bundle,) = mechanisms.everyone(connection)
        profile = profiles.newest(connection)["demo"]
        assert len(profiles.history(connection, "demo")) == 1
    assert profile.version == 1 and profile.root == bundle.root and profile.contact and profile.conditions
    for texts in (bundle.names, profile.mandate, profile.hold):
        assert texts and set(texts) == set(LANGUAGES)
    assert len(questions.parse_questions(list(profile.questions))) == 1


def test_a_demonstration_made_before_there_were_profiles_gets_one(tmp_path: Path) -> None:
    """And one that was interrupted goes on with the keys that it has."""
    demo = make_mechanism(tmp_path / "keys", "demo")
    _, found = prepare(tmp_path / "var", free_port(), demo)
    assert not demonstration.make(found, demo.keys)
    with found.database.read() as connection:
        assert profiles.newest(connection)["demo"].version == 1
    again = installation(tmp_path / "other")
    assert demonstration.make(again, demo.keys)


def test_no_demonstration_is_made_beside_real_mechanisms(tmp_path: Path, demo: Mechanism) -> None:
    real = make_mechanism(tmp_path / "real", "iapb")
    _, found = prepare(tmp_path / "var", free_port(), real)
    assert not demonstration.make(found, tmp_path / "keys")
    assert not (tmp_path / "keys").exists()
    with found.database.write() as connection:
        mechanisms.close(connection, "iapb")
    assert not demonstration.make(found, tmp_path / "keys")
    # Keys that are elsewhere, or gone, are nobody's business here.
    _, moved = prepare(tmp_path / "moved", free_port(), demo)
    assert not demonstration.make(moved, tmp_path / "keys")
    assert not (tmp_path / "keys").exists()


def test_who_needs_two_members_keeps_nobody_else_waiting(service: Service) -> None:
    staff = Staff(service)
    for name in ("one", "two"):
        staff.member("key-holder", id=name)
    staff.applicant("key-holder", id="a-third")
    staff.applicant("reviewer", id="rita")
    admitted, refused = demonstration.admit(service.installation, service.mechanism.keys)
    assert [one.member for one in admitted] == ["rita"]
    assert list(refused) == ["a-third"] and "two members have to propose" in str(refused["a-third"])
