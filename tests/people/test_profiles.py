"""Profiles are the mechanism's own words: the operator imports them, and can change nothing of them."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from crypto.encoding import canonical_json, parse_json
from crypto.primitives import SigningKey
from crypto.profiles import Profile, sign_profile, verify_profile
from intake import clock
from intake.audit import log
from intake.audit.events import Event, Log
from intake.db.engine import Database
from intake.db.tables.people import profiles as table
from intake.errors import Conflict, Invalid, NotFound, Unavailable
from intake.people import mechanisms, profiles
from tests.postgres import owners, postgres
from tests.service import Mechanism, free_port, prepare

WORDS = {"en": "Examines."}
HOLD = {"en": "Kept, by law."}


def day(away: int) -> str:
    return clock.day(clock.now() + away * clock.DAY)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database(request: pytest.FixtureRequest, tmp_path: Path, demo: Mechanism) -> Iterator[Database]:
    """With the mechanism `demo`, as the service sees it."""
    with ExitStack() as stack:
        overrides = {} if request.param == "sqlite" else {"database_url": stack.enter_context(postgres())}
        _, installation = prepare(tmp_path / "var", free_port(), demo, **overrides)
        stack.callback(installation.database.close)
        yield installation.database


@pytest.fixture
def root(demo: Mechanism) -> SigningKey:
    return SigningKey.from_pem((demo.keys / "root.key").read_bytes(), None)


def written(root: SigningKey, version: int = 1, **fields: Any) -> bytes:
    said: dict[str, Any] = {"mechanism": "demo", "version": version, "day": day(0), "mandate": WORDS}
    return sign_profile(root, **(said | fields))


def add(database: Database, data: bytes) -> Profile:
    with database.write() as connection:
        return profiles.add(connection, data)


def newest(database: Database) -> Profile:
    with database.read() as connection:
        return profiles.newest(connection)["demo"]


def logged(database: Database, *events: Event) -> list[dict[str, Any]]:
    with database.read() as connection:
        entries = log.read(connection, "demo", Log.RECORDS, 0, 1000)
    return [entry.fields for entry in entries if entry.event in events]


def put(database: Database, version: int, profile: Profile, imported: str) -> None:
    """A row written past the service, by whoever owns the tables."""
    owner = Database(owners(database.engine.url.render_as_string(hide_password=False)))
    with owner.write() as connection:
        connection.execute(
            insert(table).values(
                mechanism="demo", version=version, data=profile.raw, sha256=profile.sha256, day=imported
            )
        )
    owner.close()


def test_operator_imports_profiles_and_every_version_stays(database: Database, root: SigningKey) -> None:
    assert newest(database) == Profile.plain("demo")
    first = add(database, written(root) + b"\n")
    second = add(database, written(root, 4, contact=True))  # a version that was never published is no harm
    assert newest(database) == second and second.contact
    with database.read() as connection:
        assert profiles.history(connection, "demo") == [first, second]
        assert profiles.get(connection, "demo", 1) == first
        assert profiles.get(connection, "demo", 0) == Profile.plain("demo")
        for mechanism, version in (("demo", 2), ("nobody", 1), ("nobody", 0)):
            with pytest.raises(NotFound):
                profiles.get(connection, mechanism, version)
    said = logged(database, Event.PROFILE_ADDED)
    assert [(e["version"], e["sha256"]) for e in said] == [(1, first.sha256), (4, second.sha256)]


def test_operator_cannot_go_back_to_an_older_profile_nor_change_one(
    database: Database, root: SigningKey
) -> None:
    old, new = written(root), written(root, 2)
    add(database, old)
    added = add(database, new)
    assert add(database, new) == added  # the same again
    for data in (old, written(root, 1, contact=True), written(root, 2, contact=True)):
        with pytest.raises(Conflict, match="version 2 of this profile is there"):
            add(database, data)
    assert newest(database) == added and len(logged(database, Event.PROFILE_ADDED)) == 2


def test_operator_cannot_import_what_the_mechanisms_root_did_not_sign(
    database: Database, root: SigningKey
) -> None:
    with pytest.raises(Conflict, match="another root"):
        add(database, written(SigningKey(b"o" * 32)))
    tampered = parse_json(written(root)) | {"hold": HOLD}
    for data in (canonical_json(tampered), b"{}", b"\xff", written(root)[:-1]):
        with pytest.raises(Invalid, match="does not hold"):
            add(database, data)
    with pytest.raises(NotFound):
        add(database, written(root, mechanism="somebody"))
    with pytest.raises(Invalid, match="cannot be asked: questions/0"):
        add(database, written(root, questions=[{"id": "q"}]))
    assert newest(database).version == 0 and not logged(database, Event.PROFILE_ADDED)


def test_a_mechanism_takes_nothing_after_the_day_that_its_profile_names(
    database: Database, root: SigningKey
) -> None:
    def takes() -> list[str]:
        with database.read() as connection:
            return [bundle.mechanism for bundle in mechanisms.everyone(connection)]

    for version, closes, wanted in ((1, day(0), ["demo"]), (2, day(-1), []), (3, None, ["demo"])):
        add(database, written(root, version, closes=closes, continued_by="next-group"))
        assert takes() == wanted


def test_operator_closes_and_reopens_a_mechanism_and_both_are_logged(database: Database) -> None:
    with database.write() as connection:
        mechanisms.close(connection, "demo")
        assert mechanisms.everyone(connection) == []
        assert not mechanisms.known(connection)["demo"].open
        with pytest.raises(Conflict):
            mechanisms.close(connection, "demo")
    with database.write() as connection:
        mechanisms.reopen(connection, "demo")
        assert [b.mechanism for b in mechanisms.everyone(connection)] == ["demo"]
        with pytest.raises(Conflict):
            mechanisms.reopen(connection, "demo")
        with pytest.raises(NotFound):
            mechanisms.close(connection, "nobody")
    events = [e["event"] for e in logged(database, Event.MECHANISM_CLOSED, Event.MECHANISM_OPENED)]
    # The first by a drill.
    assert events == ["mechanism.opened", "mechanism.closed", "mechanism.opened"]


def test_whoever_writes_into_the_database_makes_no_profile(database: Database, root: SigningKey) -> None:
    """Nothing is offered rather than something that the mechanism did not say."""
    first = add(database, written(root))
    forged = verify_profile(written(SigningKey(b"o" * 32), 2))
    put(database, 2, forged, day(0))
    with pytest.raises(Unavailable):
        newest(database)
    put(database, 3, first, day(0))  # its own words, but not the newest ones
    with pytest.raises(Unavailable):
        newest(database)


def test_a_person_is_bound_by_a_legal_hold_only_if_it_had_been_announced(
    database: Database, root: SigningKey
) -> None:
    def announced(away: int) -> bool:
        with database.read() as connection:
            return profiles.announces_hold(connection, "demo", day(away))

    assert not announced(0)
    for version, away, hold in ((1, 1, HOLD), (2, 3, None), (3, 5, HOLD), (4, 5, HOLD), (5, 7, None)):
        put(
            database,
            version,
            verify_profile(written(root, version, hold=hold, delay_days=version)),
            day(away),
        )
    # Day 1 began without a profile; on the days 3, 5 and 7 one may have read what did not announce it.
    wanted = {0: False, 1: False, 2: True, 3: False, 4: False, 5: False, 6: True, 7: False, 8: False}
    assert {away: announced(away) for away in wanted} == wanted


def test_a_hold_of_the_first_profile_counts_on_the_day_a_mechanism_is_made(
    database: Database, root: SigningKey
) -> None:
    add(database, written(root, hold=HOLD))
    with database.read() as connection:
        assert profiles.announces_hold(connection, "demo", day(0))
        assert not profiles.announces_hold(connection, "demo", day(-1))
