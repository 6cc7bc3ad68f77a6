"""A ticket gives what its entry says was read: once, and only after that entry is committed."""

import threading
from collections.abc import Callable
from contextlib import ExitStack, nullcontext, suppress
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select, text

from crypto import statement
from intake import clock
from intake.audit import log
from intake.audit.events import Event, Log
from intake.db import content, tickets
from intake.db.engine import Database
from intake.db.tables import audit
from intake.db.tables import submissions as t
from intake.db.tickets import Ticket
from intake.errors import NotFound, Unavailable
from tests.postgres import postgres
from tests.reviewing.people import a_record
from tests.sealed import Sealed
from tests.service import Mechanism, Service, form_fields, new_receipt, on_every_database, running


@pytest.fixture
def record(service: Service) -> str:
    return str(Sealed(service).send().json()["record"])


@pytest.fixture
def database(service: Service) -> Database:
    return service.installation.database


def logged(connection: Connection, record: str, event: Event = Event.RECORD_OPENED) -> bytes:
    """An entry about the record; its leaf."""
    log.append(connection, "demo", event, record=record)
    return tickets.newest_leaf(connection, record)


def ticket(database: Database, record: str, part: str | None = None) -> Ticket:
    """As `Access.admitted` gives it."""
    event = Event.RECORD_OPENED if part is None else Event.PART_DOWNLOADED
    with database.write() as connection:
        return tickets.issue(connection, record, part, logged(connection, record, event))


def some_part(database: Database, record: str) -> str:
    with database.read() as connection:
        return str(
            connection.execute(select(t.parts.c.id).where(t.parts.c.record == record)).scalars().first()
        )


@on_every_database
def test_a_ticket_gives_what_its_reader_was_granted_once(
    service: Service, database: Database, record: str
) -> None:
    part = some_part(database, record)
    with service.owner.read() as connection:
        header = connection.execute(select(t.parts.c.header).where(t.parts.c.id == part)).scalar_one()
        signed = connection.execute(select(t.statements.c.data, t.statements.c.signature)).one()
        files = set(
            connection.execute(select(t.grants.c.file).where(t.grants.c.mechanism == "demo")).scalars()
        )

    found = content.of_record(database, ticket(database, record))
    assert found.revisions == ((signed.data, bytes.fromhex(signed.signature)),)
    assert {file for _, _, file in found.grants} == files and found.headers[part] == len(header)
    for made, read in (
        (ticket(database, record), content.of_record),
        (ticket(database, record, part), content.header),
    ):
        assert read(database, made)
        with pytest.raises(Unavailable):
            read(database, made)
    with database.write() as connection:
        own = tickets.own(connection, record, part)
    assert content.header(database, own) == header
    with pytest.raises(Unavailable):
        content.header(database, own)
    with service.owner.read() as connection:
        assert connection.execute(select(func.count()).select_from(audit.tickets)).scalar_one() == 0


@on_every_database
def test_a_ticket_is_secret_and_for_one_thing(database: Database, record: str) -> None:
    part = some_part(database, record)
    made = ticket(database, record, part)
    assert made.id not in repr(made) and record not in str(made) and part not in f"{made}"
    with pytest.raises(AttributeError):
        made.part = None  # type: ignore[misc]
    with pytest.raises(Unavailable):
        content.of_record(database, made)
    with pytest.raises(Unavailable):
        content.header(database, ticket(database, record))
    with pytest.raises(Unavailable):  # as somebody who makes one up
        content.header(database, Ticket("ab" * 32, record, part))


def _rolled_back(database: Database, record: str) -> Ticket:
    made: list[Ticket] = []
    with pytest.raises(RuntimeError), database.write() as connection:
        made.append(tickets.issue(connection, record, None, logged(connection, record)))
        raise RuntimeError
    return made[0]


def _of_another_record(database: Database, record: str) -> Ticket:
    with database.write() as connection:
        others = select(t.records.c.id).where(t.records.c.id != record).limit(1)
        leaf = logged(connection, connection.execute(others).scalar_one())
        return tickets.issue(connection, record, None, leaf)


def _of_an_entry_that_is_no_access(database: Database, record: str) -> Ticket:
    with database.read() as connection:
        here = (audit.log_entries.c.record == record) & (audit.log_entries.c.log == Log.RECORDS)
        leaf = connection.execute(select(audit.log_entries.c.leaf).where(here)).scalars().first()
    assert leaf is not None
    with database.write() as connection:
        return tickets.issue(connection, record, None, leaf)


def _of_a_refusal(database: Database, record: str) -> Ticket:
    with database.write() as connection:
        return tickets.issue(connection, record, None, logged(connection, record, Event.REFUSED))


def _of_no_entry(database: Database, record: str) -> Ticket:
    with database.write() as connection:
        return tickets.issue(connection, record, None, bytes(65))


def _of_no_kind(database: Database, record: str) -> Ticket:
    with database.write() as connection:
        values = {"id": "cd" * 32, "record": record, "kind": "friend", "expires": clock.hour_number() + 1}
        connection.execute(insert(audit.tickets).values(**values, leaf=logged(connection, record)))
    return Ticket("cd" * 32, record, None)


@on_every_database
@pytest.mark.parametrize(
    "made",
    [
        _rolled_back,
        _of_another_record,
        _of_an_entry_that_is_no_access,
        _of_a_refusal,
        _of_no_entry,
        _of_no_kind,
    ],
)
def test_a_ticket_without_its_committed_entry_gives_nothing(
    service: Service, database: Database, record: str, made: Callable[[Database, str], Ticket]
) -> None:
    Sealed(service).send()
    found = made(database, record)
    with pytest.raises(Unavailable):
        content.of_record(database, found)


@on_every_database
def test_a_ticket_for_a_list_opens_the_cards_of_the_list_that_its_entry_names(
    service: Service, database: Database
) -> None:
    one, other, waits = (a_record(service) for _ in range(3))

    def listing(*named: str) -> Ticket:
        with database.write() as connection:
            said = {"listed": tickets.listed(named)}
            leaf = log.append_known(connection, "demo", Event.TRIAGE_LISTED, **said)
            return tickets.for_triage(connection, leaf)

    found = content.of_triage(database, listing(one.record), [one.record])
    assert {record for record, _ in found.headers} == {one.record} == {grant[0] for grant in found.grants}
    assert content.of_triage(database, listing(), []).headers == {}
    for asked in ([other.record], [one.record, other.record], []):
        with pytest.raises(Unavailable):
            content.of_triage(database, listing(one.record), asked)
    with database.write() as connection:  # an entry that names none, as others than the inbox could write it
        leaf = log.append_known(connection, "demo", Event.TRIAGE_LISTED)
        made = tickets.for_triage(connection, leaf)
    with pytest.raises(Unavailable):
        content.of_triage(database, made, [one.record])
    assert waits.ask_deletion().status_code == 202
    listed = sorted([one.record, waits.record])
    found = content.of_triage(database, listing(*listed), listed)
    assert {record for record, _ in found.headers} == {one.record} == {grant[0] for grant in found.grants}


@on_every_database
def test_the_record_is_the_rows_not_what_a_forged_value_says(
    service: Service, database: Database, record: str
) -> None:
    another = str(Sealed(service).send().json()["record"])
    made = ticket(database, another)
    found = content.of_record(database, Ticket(made.id, record, None))
    assert statement.parse(found.revisions[0][0]).record == another  # whose entry it is


@on_every_database
@pytest.mark.parametrize("kind", [tickets.DISCLOSURE, tickets.OWN])
@pytest.mark.parametrize("nested", [False, True])
def test_a_ticket_is_of_no_use_before_its_own_commit(
    database: Database, record: str, kind: str, nested: bool
) -> None:
    """Neither in its own transaction, nor in the same one after a savepoint: that has an id of its own."""

    def make(connection: Connection) -> Ticket:
        if kind == tickets.OWN:
            return tickets.own(connection, record, None)
        return tickets.issue(connection, record, None, logged(connection, record))

    if database.engine.dialect.name == "sqlite":
        with database.write() as connection, pytest.raises(Unavailable):
            content.of_record(database, make(connection))
        return
    with pytest.raises(Unavailable), database.write() as connection:
        with connection.begin_nested() if nested else nullcontext():
            made = make(connection)
        connection.execute(text("SELECT * FROM intake_disclose(:t)"), {"t": bytes.fromhex(made.id)})


@on_every_database
def test_of_many_who_use_one_ticket_at_once_one_is_served(database: Database, record: str) -> None:
    for _ in range(5):
        made = ticket(database, record)
        served: list[bool] = []

        def use(made: Ticket = made, served: list[bool] = served) -> None:
            with suppress(Unavailable):
                served.append(bool(content.of_record(database, made).grants))

        threads = [threading.Thread(target=use) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert served == [True]
    if database.engine.dialect.name == "sqlite":  # however the threads met: to find it is not to have it
        made = ticket(database, record)
        with database.write() as connection:
            tickets.take(connection, made)
            with pytest.raises(Unavailable):
                tickets.take(connection, made)


@pytest.mark.parametrize("service", ["postgresql"], indirect=True)
def test_an_entry_that_could_still_be_taken_back_opens_nothing(database: Database, record: str) -> None:
    """Ticket first, committed; then entry and reading in one transaction that would be rolled back."""
    with database.write() as connection:
        leaf = logged(connection, record)
    with database.read() as connection:
        counter = connection.execute(select(func.max(audit.log_entries.c.counter))).scalar_one()
    with database.write() as connection:
        forged = b"\1" + bytes(64)
        made = tickets.issue(connection, record, None, forged)
    assert leaf != forged
    for nested in (False, True):
        with pytest.raises(Unavailable), database.write() as connection, ExitStack() as stack:
            if nested:
                stack.enter_context(connection.begin_nested())
            row = {"mechanism": "demo", "log": "access", "index": 10**6, "event": "record.opened"}
            connection.execute(
                insert(audit.log_entries).values(**row, record=record, counter=counter + 1, leaf=forged)
            )
            connection.execute(text("SELECT * FROM intake_disclose(:t)"), {"t": bytes.fromhex(made.id)})


@on_every_database
def test_a_part_of_a_compartment_that_was_not_granted_stays_shut(
    service: Service, database: Database, photo: bytes
) -> None:
    fields = form_fields(new_receipt())
    service.send_form([*fields, ("intimate:1", "yes"), ("media:1", ("x.jpg", photo, "image/jpeg"))])
    with database.read() as connection:
        granted = select(t.grants.c.compartment).where(t.grants.c.mechanism == "demo")
        row = connection.execute(
            select(t.parts.c.record, t.parts.c.id).where(t.parts.c.compartment.not_in(granted)).limit(1)
        ).one()
    with pytest.raises(NotFound):
        content.header(database, ticket(database, row.record, row.id))
    assert row.id not in content.of_record(database, ticket(database, row.record)).headers


@on_every_database
def test_tickets_that_nobody_used_are_swept(
    service: Service, database: Database, record: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket(database, record)
    later = clock.now() + 3 * clock.HOUR
    monkeypatch.setattr("intake.clock.now", lambda: later)
    service.installation.payloads.maintain()
    with service.owner.read() as connection:
        assert connection.execute(select(func.count()).select_from(audit.tickets)).scalar_one() == 0


def test_an_entry_that_waits_for_its_index_counts_and_so_it_does_when_it_got_one(
    tmp_path: Path, demo: Mechanism
) -> None:
    with (
        postgres() as url,
        running(tmp_path, demo, database_url=url, log_sequencer=True) as service,
    ):
        record = str(Sealed(service).send().json()["record"])
        database = service.installation.database
        for settled in (False, True):
            made = ticket(database, record)
            with service.owner.read() as connection:
                assert connection.execute(select(func.count()).select_from(audit.log_pending)).scalar_one()
            if settled:
                with database.write() as connection:
                    log.settle(connection, "demo", Log.ACCESS)
            assert content.of_record(database, made).grants
