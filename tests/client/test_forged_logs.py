"""A malicious operator, with the database and the log's own keys: whoever pulled before finds out, and what."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete

from crypto.bundles import verify_bundle
from crypto.checkpoints import Checkpoint
from crypto.log_leaf import LogLeaf, Opening
from crypto.notes import Note
from intake.audit import log
from intake.audit.events import Event, Log
from intake.client import api, pull, verify
from intake.client.evidence import Refused
from intake.client.log import FolderLog
from intake.client.proofs import verifier_keys
from intake.db.tables import audit as t
from tests.client.forging import (
    checked,
    forged_entry,
    index_of,
    padding_entry,
    padding_opening,
    publish,
    rewind,
    rewrite,
    send,
    served,
    sign_anyway,
)
from tests.service import (
    PURPOSE,
    Service,
    copy_tree,
    free_port,
    on_every_database_in_time,
    serving,
    settings_for,
)


@pytest.fixture
def out(service: Service, tmp_path: Path) -> Path:
    """A folder that has verified a log with one record in it."""
    send(service, "first")
    publish(service)
    service.pull(tmp_path / "out")
    return tmp_path / "out"


def refused(service: Service, out: Path, what: str) -> str:
    """The pull refuses, keeps evidence, and goes on refusing."""
    with pytest.raises(Refused, match=what) as error:
        service.pull(out)
    assert "do not pull into it again" in str(error.value)
    assert (out / "log" / "evidence" / "what.txt").read_text().strip() == str(error.value)
    with pytest.raises(Refused, match="holds evidence"):
        service.pull(out)
    return str(error.value)


@on_every_database_in_time
def test_a_changed_row_is_named_at_the_next_checkpoint(service: Service, out: Path) -> None:
    index = index_of(service, send(service, "second"))
    service.pull(out)
    rewrite(service, index, **forged_entry(service))
    sign_anyway(service)
    refused(service, out, f"entry {index} is another one than was told to us")


def test_a_row_changed_below_what_was_verified_is_named(service: Service, out: Path) -> None:
    rewrite(service, 5, **padding_entry())
    sign_anyway(service)
    refused(service, out, "entry 5 is another one than was verified before")
    seen, now = (
        Checkpoint.parse(Note.parse((out / "log" / "evidence" / f"records.{n}").read_bytes()).text)
        for n in ("seen", "served")
    )
    assert seen.size < now.size and now == Checkpoint.parse(served(service).text)


def test_a_row_changed_in_the_log_of_accesses_is_named(service: Service, out: Path) -> None:
    rewrite(service, 3, Log.ACCESS, **padding_entry())
    sign_anyway(service, Log.ACCESS)
    refused(service, out, "entry 3 is another one than it was before")


def test_a_swapped_leaf_is_named_by_the_list_itself(service: Service, out: Path) -> None:
    rewrite(service, 5, **padding_entry())
    with pytest.raises(Refused, match="entry 5 is another one than when it was told before"):
        service.pull(out, purpose="sanctions")  # another purpose is told the list from its beginning


def test_entries_dropped_from_the_end_are_counted(service: Service, out: Path) -> None:
    size = checked(out).checkpoint.size
    rewind(service, size - 3)
    refused(service, out, f"the list has {size - 3} entries, and {size} were told before: the last 3")


@on_every_database_in_time
def test_yesterdays_copy_that_went_on_is_found_in_both_logs(
    service: Service, tmp_path: Path, out: Path
) -> None:
    before = {kind: checked(out, kind).checkpoint.size for kind in Log}
    copy_tree(out, tmp_path / "access-only")
    send(service, "second")
    publish(service)
    service.pull(out)
    lost = before[Log.RECORDS]
    for kind in Log:
        rewind(service, before[kind], kind)
    for n in range(40):  # the restored service goes on for longer than the one that was pulled
        with service.installation.database.write() as connection:
            log.append(connection, "demo", Event.LOG_KEYS, keys=[], number=n)
    sign_anyway(service)
    refused(service, out, f"entry {lost} is another one than was")
    # Who did not pull meanwhile has nothing to compare: for them the log went on.
    for kind in Log:
        sign_anyway(service, kind)
    assert service.pull(tmp_path / "access-only").log.cosigned


def test_a_checkpoint_smaller_than_one_seen_is_refused(service: Service, out: Path) -> None:
    publish(service)
    service.pull(out)
    size = checked(out, "access").checkpoint.size
    rewind(service, 16, Log.ACCESS)
    assert sign_anyway(service, Log.ACCESS) < size
    refused(service, out, f"the log signed {size} entries before, and now shows")


def test_two_logs_of_one_size_are_refused(service: Service, out: Path) -> None:
    size = checked(out, "access").checkpoint.size
    rewind(service, size - 1, Log.ACCESS)
    while sign_anyway(service, Log.ACCESS) < size:
        pass
    refused(service, out, f"two different logs of {size} entries were signed")


def test_a_signature_that_does_not_hold_is_refused(service: Service, out: Path) -> None:
    keys = service.installation.log_keys
    copy_tree(service.settings.keys_dir, service.scratch / "others")
    (service.scratch / "others" / "log" / "1.mldsa").write_bytes(bytes(32))
    (service.scratch / "others" / "log" / "1.public").unlink(missing_ok=True)
    with_other = type(keys)(service.scratch / "others", service.settings.public_url)
    checkpoint = Checkpoint.parse(served(service).text)
    own, other = (Note.parse(k.sign(checkpoint, 1)) for k in (keys, with_other))
    line = own.signatures[1]
    bent = Note(own.text, (own.signatures[0], type(line)(line.name, line.key_id, other.signatures[1].value)))

    class Bending(api.Api):
        def request(self, method: str, path: str, **options: Any) -> httpx.Response:
            answer = super().request(method, path, **options)
            if path.endswith("/records/checkpoint"):
                answer._content = bent.encode()
            return answer

    key = pull.load_client(service.mechanism.client_file)
    with pytest.raises(Refused, match="cannot be believed"):
        pull.pull(pull.FeedClient(Bending(service.url, patience=10), key, PURPOSE), out)


def test_a_record_passed_off_as_padding_is_named(service: Service, tmp_path: Path, out: Path) -> None:
    record = send(service, "second")
    index = index_of(service, record)
    rewrite(service, index, opening=padding_opening())
    publish(service)
    refused(service, out, f"entry {index} is told otherwise than the log commits to it")


@pytest.mark.parametrize("shown", [["mechanism", "day"], ["event", "mechanism", "day"], []])
def test_a_record_whose_entry_hides_what_it_says_is_named(
    service: Service, out: Path, shown: list[str]
) -> None:
    index = index_of(service, send(service, "second"))
    with service.owner.read() as connection:
        (entry,) = log.read(connection, "demo", Log.RECORDS, index, 1)
    assert entry.opening
    rewrite(service, index, opening=Opening.parse(entry.opening).disclose(shown).encode())
    publish(service)
    refused(service, out, f"entry {index} is told otherwise than the log commits to it: it hides")


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"event": "record.added", "mechanism": "demo", "record": "ab" * 32}, "does not say its day"),
        ({"day": "2026-11-05", "mechanism": "demo", "record": "ab" * 32}, "does not say its event"),
        ({"day": "2026-11-05", "event": "record.added", "record": "ab" * 32}, "does not say its mechanism"),
        ({"day": "2026-11-05", "event": "record.added", "mechanism": "other"}, "another mechanism"),
        ({"day": "2026-11-05", "event": "record.added", "mechanism": "demo"}, "without its record"),
        ({"day": "2026-11-05", "event": "record.erased", "mechanism": "demo", "records": 5}, "its records"),
        (
            {"day": "2026-11-05", "event": "record.added", "mechanism": "demo", "record": "x"},
            "told otherwise",
        ),
    ],
)
def test_an_entry_that_does_not_say_what_it_must_is_named(
    service: Service, out: Path, values: dict[str, Any], what: str
) -> None:
    opening = Opening.salted(values, lambda n: b"s" * n)
    leaf = LogLeaf(b"t" * 32, opening.commitment())
    index = index_of(service, send(service, "second"))
    rewrite(service, index, leaf=leaf.encode(), opening=opening.encode())
    refused(service, out, what)


def test_an_event_of_a_later_version_is_not_passed_over_in_silence(service: Service, out: Path) -> None:
    index = index_of(service, send(service, "second"))
    rewrite(service, index, **forged_entry(service, event="record.moved"))
    publish(service)
    (warning,) = service.pull(out).log.warnings
    assert f"entry {index}" in warning and "record.moved" in warning


def test_an_opening_removed_without_an_erasure_is_named(service: Service, tmp_path: Path, out: Path) -> None:
    index = index_of(service, send(service, "second"))
    rewrite(service, index, opening=None, record=None, event=None, counter=None)
    publish(service)
    refused(service, out, f"no later entry names them as erased: {index}")


def test_an_erasure_that_names_another_entry_does_not_cover_it(service: Service, out: Path) -> None:
    index = index_of(service, send(service, "second"))
    rewrite(service, index, opening=None, record=None, event=None, counter=None)
    with service.installation.database.write() as connection:
        log.append(connection, "demo", Event.RECORD_ERASED, records=[index + 1], access=[index])
    refused(service, out, f"no later entry names them as erased: {index}")


@pytest.mark.parametrize("admitted", [18, 32])
def test_a_list_that_ends_before_what_was_signed_withholds(
    service: Service, tmp_path: Path, admitted: int
) -> None:
    send(service, "first")
    publish(service)
    key = pull.load_client(service.mechanism.client_file)

    class Withholding(pull.FeedClient):
        def events(self, start: int) -> dict[str, object]:
            page = super().events(start)
            return page | {"events": [e for e in page["events"] if e["index"] < 18], "size": admitted}

    with (
        api.api(service.url, patience=10) as connection,
        pytest.raises(Refused, match="ends after 18 entries, and there are 32"),
    ):
        pull.pull(Withholding(connection, key, PURPOSE), tmp_path / "fresh")


def test_a_damaged_folder_of_ones_own_accuses_nobody(service: Service, out: Path) -> None:
    path = out / "log" / "records" / "tile" / "0" / "000.p" / "32"
    path.write_bytes(b"x" + path.read_bytes()[1:])
    (out / "log" / "records" / "checkpoint").write_bytes(b"")
    rewrite(service, 5, **padding_entry())
    sign_anyway(service)
    with pytest.raises(Exception, match="damaged"):
        service.pull(out)
    assert not (out / "log" / "evidence").exists()


def test_a_key_that_the_mechanism_did_not_make_is_named(service: Service, tmp_path: Path) -> None:
    own = verify_bundle((service.mechanism.keys / "bundle.json").read_bytes())
    key = pull.load_client(service.mechanism.client_file)
    with api.api(service.url, patience=10) as connection:
        feed = pull.FeedClient(connection, key, PURPOSE)
        assert pull.pull(feed, tmp_path / "out", readers=own).log.warnings == []
        with service.installation.database.write() as database:
            swapped: dict[str, Any] = {"epoch": 2, "compartment": "account", "key": "cd" * 32}
            log.append(database, "demo", Event.KEYS_ADDED, **swapped)
        publish(service)
        for _ in range(2):  # and again at every later pull
            (warning,) = pull.pull(feed, tmp_path / "out", readers=own).log.warnings
            assert "entry 16" in warning and "account, epoch 2" in warning and "cd" * 32 in warning


def test_two_histories_shown_to_two_programs_are_found_when_they_compare(
    service: Service, tmp_path: Path
) -> None:
    out, other = tmp_path / "out", tmp_path / "other"
    service.pull(out)
    copy_tree(service.settings.data_dir, tmp_path / "copy")  # keys and all: one operator, two services
    hidden = index_of(service, send(service, "hidden"))
    publish(service)
    service.pull(out)

    port = free_port()
    settings = settings_for(tmp_path / "copy", port)
    with serving(settings, port), api.api(settings.public_url, patience=10) as connection:
        second = Service(settings, service.installation, service.mechanism, settings.public_url, tmp_path)
        try:
            send(second, "shown")
            for kind in Log:
                sign_anyway(second, kind)
            key = pull.load_client(service.mechanism.client_file)
            assert pull.pull(pull.FeedClient(connection, key, PURPOSE), other).log.cosigned
        finally:
            second.http.close()
            second.owner.close()

    keys = verifier_keys((out / "log" / "records" / "keys.txt").read_text().split("\n")[:-1])
    mine, theirs = (FolderLog(folder / "log" / "records") for folder in (out, other))
    assert checked(out).signed and checked(other).signed  # each one alone is whole
    with pytest.raises(verify.WrongLog, match=f"they differ first in entry {hidden}"):
        verify.compare(mine, theirs, keys)
    with pytest.raises(verify.WrongLog, match="two histories"):
        verify.compare_checkpoint(mine, theirs.read("checkpoint"), keys)
    common = (out / "log" / "records" / "checkpoints" / "16").read_bytes()  # signed before they parted
    assert verify.compare_checkpoint(theirs, common, keys).size == 16


def test_an_access_entry_that_was_deleted_is_refused_by_a_folder_that_never_saw_it(
    service: Service, tmp_path: Path
) -> None:
    send(service, "first")
    publish(service)
    with service.owner.write() as connection:
        own = t.log_entries.c
        connection.execute(delete(t.log_entries).where(own.log == "access", own.index == 2))
    refused(
        service, tmp_path / "fresh", "entries were signed, and the service does not give the entries 0 to"
    )
    assert (tmp_path / "fresh" / "log" / "evidence" / "access.served").exists()
