"""A mechanism's program as a witness: honest logs are verified and cosigned, checkpoint after checkpoint."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crypto import checkpoints, notes
from crypto.bundles import verify_bundle
from crypto.notes import VerifierKey
from intake.audit import log
from intake.audit.events import Event, Log
from intake.cli import app
from intake.client import api, proofs, pull
from intake.client.evidence import Refused
from intake.installation import Installation
from tests.client.forging import checked, index_of, publish, rewind, send, served
from tests.service import PURPOSE, Service, on_every_database_in_time


def own_key(service: Service) -> VerifierKey:
    key = pull.load_client(service.mechanism.client_file)
    assert key.witness
    return VerifierKey(key.signer, notes.COSIGNATURE, key.witness.public)


def log_keys(service: Service, kind: Log) -> list[VerifierKey]:
    keys = service.installation.log_keys
    return keys.verifiers(keys.name("demo", kind))


def pull_with(service: Service, out: Path, client: Path | None = None, **options: object) -> pull.Pulled:
    key = pull.load_client(client or service.mechanism.client_file)
    with api.api(service.url, patience=10) as connection:
        return pull.pull(pull.FeedClient(connection, key, PURPOSE), out, **options)  # type: ignore[arg-type]


@on_every_database_in_time
def test_honest_logs_are_verified_and_cosigned_and_everybody_sees_it(
    service: Service, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    records = []
    for round in range(3):
        records.append(send(service, f"t{round}"))
        publish(service)
        pulled = service.pull(out)
        assert pulled.records == [records[-1]] and pulled.log.warnings == []
        assert pulled.log.cosigned == ["records", "access"]
        assert len(pulled.log.pinned) == (4 if round == 0 else 0)  # two logs, two keys each
        for kind in Log:
            note = served(service, kind)
            origin = service.installation.log_keys.name("demo", kind)
            verified = checkpoints.verify(
                note.encode(), origin, log_keys(service, kind), [own_key(service)], quorum=1
            )
            assert pulled.log.sizes[kind] == verified.checkpoint.size
            result = checked(out, kind)
            assert result.checkpoint == verified.checkpoint and result.earlier == round + 1
    again = service.pull(out)
    assert again.records == [] and again.log.cosigned == []


def test_every_record_has_its_entry_and_once_a_checkpoint_covers_it_the_proof(
    service: Service, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    record = send(service, "t")
    service.pull(out)
    path = out / "records" / record / "log.json"
    before = json.loads(path.read_bytes())
    assert before["index"] == index_of(service, record) and before["proof"] is None
    publish(service)
    service.pull(out)
    found = proofs.check_proof(path.read_bytes(), log_keys(service, Log.RECORDS), record)
    assert found.record == record and found.signed and found.index == before["index"]


def test_a_cosignature_that_is_not_over_our_checkpoint_by_the_registered_key_is_refused(
    service: Service, tmp_path: Path
) -> None:
    key = pull.load_client(service.mechanism.client_file)
    assert key.witness
    checkpoint = checkpoints.Checkpoint.parse(served(service).text)
    other = checkpoints.Checkpoint(checkpoint.origin, checkpoint.size, b"x" * 32)

    def line(what: checkpoints.Checkpoint, name: str = key.signer, time: int = 1) -> str:
        assert key.witness
        return checkpoints.cosign(what, name, key.witness, time).line

    good = line(checkpoint)
    with api.api(service.url, patience=10) as connection:
        feed = pull.FeedClient(connection, key, PURPOSE)
        for size, sent, status in (
            (checkpoint.size + 1, good, 404),
            (checkpoint.size, line(other), 422),
            (checkpoint.size, line(checkpoint, "demo-other"), 422),
            (checkpoint.size, line(checkpoint, time=2**40), 422),
            (checkpoint.size, "nothing", 422),
        ):
            with pytest.raises(api.ApiError) as refused:
                feed.cosign("records", size, sent)
            assert refused.value.status == status
        with pytest.raises(api.ApiError) as refused:
            feed.cosign("elsewhere", checkpoint.size, good)
        assert refused.value.status == 422
        before = served(service)
        feed.cosign("records", checkpoint.size, good)
        feed.cosign("records", checkpoint.size, line(checkpoint, time=2))  # the first one stays
    assert [s.line for s in served(service).signatures] == [*(s.line for s in before.signatures), good]
    with service.installation.database.read() as database:
        entries = log.read(database, "demo", Log.ACCESS, 0, 1000)
    assert [e.event for e in entries].count(Event.COSIGNED) == 1
    assert [e.fields.get("asked") for e in entries].count("log.cosigned") == 5


def test_a_program_without_a_witness_key_checks_and_says_that_it_does_not_sign(
    service: Service, tmp_path: Path
) -> None:
    value = json.loads(service.mechanism.client_file.read_text())
    del value["witness"]
    (tmp_path / "old.json").write_text(json.dumps(value))
    pulled = pull_with(service, tmp_path / "out", tmp_path / "old.json")
    assert pulled.log.sizes and pulled.log.cosigned == []
    assert "no witness key" in pulled.log.warnings[0]


def test_a_program_whose_witness_key_is_not_registered_is_told(service: Service, tmp_path: Path) -> None:
    value = json.loads(service.mechanism.client_file.read_text())
    (tmp_path / "new.json").write_text(json.dumps(value | {"witness": "A" * 43}))
    pulled = pull_with(service, tmp_path / "out", tmp_path / "new.json")
    assert pulled.log.cosigned == [] and "did not take our signature" in pulled.log.warnings[0]


def test_keys_given_by_hand_are_the_only_ones_believed(service: Service, tmp_path: Path) -> None:
    right = [key for kind in Log for key in log_keys(service, kind)]
    assert pull_with(service, tmp_path / "out", log_keys=right).log.pinned == []
    strangers = [VerifierKey(key.name, key.kind, b"x" * len(key.public)) for key in right]
    with pytest.raises(Refused, match="keys that are not pinned"):
        pull_with(service, tmp_path / "other", log_keys=strangers)
    # What was pinned at first sight is given up for what a person says.
    service.pull(tmp_path / "first")
    with pytest.raises(Refused, match="keys that are not pinned"):
        pull_with(service, tmp_path / "first", log_keys=strangers)


def rotate(found: Installation) -> None:
    """As `intake log rotate` does it."""
    found.log_keys.rotate()
    name = found.log_keys.name("demo", Log.RECORDS)
    texts = [key.text for key in found.log_keys.verifiers(name)]
    with found.database.write() as connection:
        log.append(connection, "demo", Event.LOG_KEYS, keys=texts)


def test_keys_that_the_log_announced_are_believed_and_the_old_ones_end(
    service: Service, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    service.pull(out)
    first = log_keys(service, Log.ACCESS)
    rotate(service.installation)
    publish(service)
    assert service.pull(out).log.warnings == []
    service.installation.log_keys.retire()
    send(service, "t")
    publish(service)
    assert service.pull(out).log.cosigned == ["records", "access"]
    now = log_keys(service, Log.ACCESS)
    assert not set(now) & set(first)
    state = json.loads((out / "log" / "access" / "state.json").read_bytes())
    assert [text for text, _ in state["keys"]] == [key.text for key in now]
    assert checked(out, "access").signed
    # Whoever comes later takes the new keys, and none from the log's past.
    service.pull(tmp_path / "late")
    state = json.loads((tmp_path / "late" / "log" / "records" / "state.json").read_bytes())
    assert len(state["keys"]) == 2


def test_keys_that_nothing_announced_are_refused(service: Service, tmp_path: Path) -> None:
    service.pull(tmp_path / "out")
    service.installation.log_keys.rotate()
    service.installation.log_keys.retire()
    send(service, "t")
    publish(service)
    with pytest.raises(Refused, match="keys that are not pinned"):
        service.pull(tmp_path / "out")


def test_two_pulls_at_once_into_one_folder_are_kept_apart(service: Service, tmp_path: Path) -> None:
    out = tmp_path / "out"
    key = pull.load_client(service.mechanism.client_file)
    with api.api(service.url, patience=10) as connection:
        feed = pull.FeedClient(connection, key, PURPOSE)
        send(service, "t")

        def meanwhile(record: str) -> None:
            with pytest.raises(ValueError, match="another process"):
                service.pull(out)

        assert len(pull.pull(feed, out, meanwhile).records) == 1


def test_what_one_purpose_pulled_another_compares(service: Service, tmp_path: Path) -> None:
    out = tmp_path / "out"
    record = send(service, "t")
    publish(service)
    assert service.pull(out, purpose="sanctions").refused == {record: "consent_purpose"}
    pulled = service.pull(out)
    assert pulled.records == [record]
    assert json.loads((out / "records" / record / "log.json").read_bytes())["proof"]


def test_an_erased_record_is_no_accusation(service: Service, tmp_path: Path) -> None:
    out = tmp_path / "out"
    kept, erased = send(service, "a"), send(service, "b")
    publish(service)
    service.pull(out)
    with service.installation.database.write() as connection:
        log.erase(connection, erased)
    publish(service)
    assert service.pull(out).records == []
    fresh = service.pull(tmp_path / "later")
    assert fresh.records == [kept]
    assert json.loads((out / "withdrawn" / erased / "log.json").read_bytes())["proof"]


def test_the_command_shows_what_it_pinned_once_and_warns_of_what_the_person_must_know(
    service: Service, tmp_path: Path
) -> None:
    send(service, "t")
    publish(service)
    keys = service.mechanism.keys
    fixed = ["pull", service.url, "--client", str(service.mechanism.client_file), "--purpose", PURPOSE]

    def intake(out: str, *more: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, [*fixed, "--out", str(tmp_path / out), *more])
        assert result.exit_code == code, result.output
        return " ".join(result.output.split())

    shown = intake("out")
    assert (
        "1 new records" in shown
        and f"for {PURPOSE}" in shown
        and "log of access: 32 entries verified" in shown
    )
    assert "compare them with those that the operator published" in shown
    assert all(key.text in shown for key in log_keys(service, Log.RECORDS) if key.kind == notes.ED25519)
    assert "cosigned as reader-" in shown and ": records, access" in shown and "WARNING" not in shown
    root = verify_bundle((keys / "bundle.json").read_bytes()).root_fingerprint
    shown = intake("out", "--bundle", str(keys / "bundle.json"), "--root", root)
    assert "compare them" not in shown and "WARNING" not in shown
    intake("out", "--root", root)
    assert "no mechanism of this service has the root" in intake("out", "--root", "00" * 32, code=1)
    assert "is not signed by the root" in intake(
        "out", "--bundle", str(keys / "bundle.json"), "--root", "0", code=1
    )
    own = [
        argument for kind in Log for key in log_keys(service, kind) for argument in ("--log-key", key.text)
    ]
    assert "compare them" not in intake("given", *own)
    rewind(service, 16)
    shown = intake("out", code=2)
    assert "REFUSED: the list has 16 entries, and 32 were told before" in shown and "counsel" in shown


def test_a_pull_that_breaks_off_goes_on_and_verifies(service: Service, tmp_path: Path) -> None:
    out = tmp_path / "out"
    sent = {send(service, name) for name in "abc"}
    publish(service)
    key = pull.load_client(service.mechanism.client_file)
    seen: list[str] = []

    def break_off(record: str) -> None:
        seen.append(record)
        if len(seen) == 2:
            raise KeyboardInterrupt

    with api.api(service.url, patience=10) as connection:
        with pytest.raises(KeyboardInterrupt):
            pull.pull(pull.FeedClient(connection, key, PURPOSE), out, break_off)
        assert len(list((out / "records").glob("*/log.json"))) == 1
        pulled = pull.pull(pull.FeedClient(connection, key, PURPOSE), out)
    assert len(pulled.records) == 2 and pulled.log.cosigned == ["records", "access"]
    assert all(json.loads((out / "records" / r / "log.json").read_bytes())["proof"] for r in sent)
