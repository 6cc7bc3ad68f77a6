"""Coming back with the client: the record goes on, each step sealed and signed on one's own machine."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from crypto.receipt import Receipt
from crypto.restoration import NewReceipt
from intake import clock
from intake.audit.events import Log
from intake.cli import app
from intake.client import api, members, submit
from intake.client.own import Own, section_of
from intake.client.sealing import Mechanisms
from intake.db.tables import submissions as t
from intake.people import mechanisms
from intake.record import consent_texts
from intake.record.consent import Choice
from tests.casework import case, pulled_record, registered_member
from tests.sealed import Sealed
from tests.service import (
    Mechanism,
    Service,
    digits,
    make_mechanism,
    new_receipt,
    on_every_database_in_time,
    prepared,
    register,
)

FIRST, SECOND = "Першы тэкст.", "Другі тэкст, выпраўлены."


def run(service: Service, receipt: Receipt, *arguments: str, typed: str = "", code: int = 0) -> str:
    result = CliRunner().invoke(
        app, [*arguments, "--server", service.url], input=f"{digits(receipt)}\n{typed}"
    )
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def own(service: Service, receipt: Receipt) -> Own:
    with api.api(service.url, patience=10) as connection:
        found = Own(connection, receipt.keys())
        assert found.opened().problems == {}
        return found


def folder(path: Path, narrative: str = "", files: dict[str, bytes] | None = None, **described: Any) -> str:
    path.mkdir()
    if narrative:
        (path / "narrative.txt").write_text(narrative, "utf-8")
    for name, data in (files or {}).items():
        (path / name).write_bytes(data)
    (path / "testimony.json").write_text(json.dumps(described))
    return str(path)


@pytest.fixture
def sent(service: Service, tmp_path: Path, photo: bytes) -> Receipt:
    """A testimony for `demo` with a narrative, a section, a passport's photo; all classes."""
    path = folder(
        tmp_path / "first",
        FIRST,
        {"a.jpg": photo, "passport.jpg": photo},
        language="be",
        capacity="victim",
        sections={"events": [{"date": "2020-08-09~", "place": "Мінск"}], "person": {"name": "Імя"}},
        media={"passport.jpg": {"depicts": "identity_document", "origin": "self"}},
        consent=[
            {
                "mechanism": "demo",
                "purposes": ["un_fact_finding"],
                "classes": ["account", "triage", "identity"],
            }
        ],
    )
    receipt = new_receipt()
    run(service, receipt, "submit", path, "--receipt", "--yes")
    return receipt


def opened(service: Service, out: Path, mechanism: Mechanism | None = None) -> dict[str, Any]:
    """What the people of a mechanism open of the only record, all of it verified."""
    service.pull(out / "pulled", mechanism)
    (found,) = service.open(out / "pulled", out / "opened", mechanism)
    assert found.problems == {}
    summary: dict[str, Any] = json.loads(
        (out / "opened" / found.record / "testimony.json").read_text("utf-8")
    )
    return summary


def texts(summary: dict[str, Any]) -> list[str]:
    return [p["fields"]["text"] for p in summary["parts"].values() if p["kind"] == "narrative"]


@on_every_database_in_time
def test_submitter_adds_a_text_a_section_and_a_photo(
    service: Service, tmp_path: Path, sent: Receipt, photo: bytes
) -> None:
    more = folder(
        tmp_path / "more",
        "Яшчэ нешта.",
        {"b.jpg": photo[::-1]},
        sections={"events": [{"date": "2020-07"}], "gates": {"under_18": True}},
    )
    assert "Received: revision 2" in run(service, sent, "add", more)

    found = own(service, sent)
    assert found.statement.revision == 2 and len(found.statement.compartments) == 4  # none is new
    assert [s.values["text"] for s in found.opened().current("narrative")] == [FIRST, "Яшчэ нешта."]
    (card,) = found.opened().current("triage")
    assert (card.values["month"], card.values["media"], card.values["gates"]) == ("2020-07", 3, ["under_18"])
    assert card.values["capacity"] == "victim" and card.values["language"] == "be"
    assert set(texts(opened(service, tmp_path))) == {FIRST, "Яшчэ нешта."}
    shown = run(service, sent, "mine")
    assert FIRST in shown and "Яшчэ нешта." in shown and "b.jpg" in shown and "revision 2" in shown


def test_submitter_corrects_and_both_versions_stay(service: Service, tmp_path: Path, sent: Receipt) -> None:
    better = folder(
        tmp_path / "better", SECOND, sections={"events": [{"date": "2020-08-10", "place": "Гродна"}]}
    )
    assert "Replaced: narrative, events" in run(service, sent, "correct", better)

    found = own(service, sent).opened()
    assert [s.values["text"] for s in found.of("narrative")] == [FIRST, SECOND]
    assert [s.values["text"] for s in found.current("narrative")] == [SECOND]
    said = dict(map(section_of, found.current("section")))
    assert said == {"events": [{"date": "2020-08-10", "place": "Гродна"}], "person": {"name": "Імя"}}
    shown = run(service, sent, "mine", "--text-language", "be")
    assert SECOND in shown and FIRST not in shown and "(corrected; 1 earlier version is kept)" in shown
    assert "10 жніўня 2020 года" in shown and "Гродна" in shown and "Імя" in shown
    assert set(texts(opened(service, tmp_path))) == {FIRST, SECOND}
    nothing = folder(tmp_path / "none", sections={"gates": {"insider": True}})
    assert "nothing of this was there before: use add" in run(service, sent, "correct", nothing, code=1)


@on_every_database_in_time
def test_submitter_names_another_mechanism_and_takes_the_first_ones_names_back(
    service: Service, tmp_path: Path, sent: Receipt
) -> None:
    other = make_mechanism(tmp_path / "other-keys", "other")
    register(service.installation, other)
    service.installation.publisher.publish(other.id, Log.RECORDS, now=True)
    said = run(
        service, sent, "consent", "--to", "other:un_fact_finding", "--open-also", "triage",
        "--until", "2036-01-01", typed="y\n",
    )  # fmt: skip
    assert "For: Mechanism other" in said and "Received: revision 2" in said
    there = opened(service, tmp_path / "1", other)
    assert texts(there) == [FIRST] and there["not_granted"] > 0
    assert "this is what holds already" in run(
        service, sent, "consent", "--to", "other:un_fact_finding", "--open-also", "triage",
        "--until", "2036-01-01", "--yes", code=1,
    )  # fmt: skip

    said = run(service, sent, "withdraw", "demo", "--classes", "identity", typed="y\n")
    assert "Withdrawn from demo: it had never opened it" in said
    first = opened(service, tmp_path / "2")
    assert texts(first) == [FIRST] and "passport.jpg" not in json.dumps(first)
    assert "besides the account, demo may open: triage" in run(
        service, sent, "withdraw", "demo", "--classes", "sensitive", "--yes", code=1
    )

    said = run(service, sent, "withdraw", "demo", "--yes")
    assert "Withdrawn from demo: it had opened it." in said
    assert set(own(service, sent).choices()) == {"other"}
    assert "demo has no consent to withdraw" in run(service, sent, "withdraw", "demo", "--yes", code=1)
    added = folder(tmp_path / "later", "Толькі для другога.")
    run(service, sent, "add", added)
    assert texts(opened(service, tmp_path / "3", other)) == [FIRST, "Толькі для другога."]


def test_a_receipt_that_gave_up_reading_still_adds_and_withdraws(
    service: Service, tmp_path: Path, sent: Receipt
) -> None:
    assert "cannot read what was written" in run(service, sent, "blind", typed="y\n")
    found = own(service, sent)
    assert found.blind and found.opened().said == []
    shown = run(service, sent, "mine")
    assert "no longer shows what was written" in shown and FIRST not in shown
    more = folder(tmp_path / "more", "Пазней.")
    assert "give capacity and language" in run(service, sent, "add", more, code=1)
    assert "cannot be corrected" in run(service, sent, "correct", more, code=1)
    run(service, sent, "add", more, "--capacity", "victim", "--language", "be")
    assert own(service, sent).blind
    assert set(texts(opened(service, tmp_path))) == {FIRST, "Пазней."}
    assert "Withdrawn from demo" in run(service, sent, "withdraw", "demo", "--yes")


def test_submitter_deletes_everything_and_thinks_again(
    service: Service, tmp_path: Path, sent: Receipt
) -> None:
    assert "deleted on 20" in run(service, sent, "delete", typed="y\n")
    assert service.pull(tmp_path / "a").records == []
    more = folder(tmp_path / "more", "x")
    assert "about to be deleted" in run(service, sent, "add", more, code=1)
    assert "Cancelled" in run(service, sent, "delete", "--cancel")
    assert len(service.pull(tmp_path / "b").records) == 1
    assert "deletion_none" in run(service, sent, "delete", "--cancel", code=1)


def test_a_photo_with_a_consent_of_its_own_opens_for_those_it_names(
    service: Service, tmp_path: Path, photo: bytes
) -> None:
    other = make_mechanism(tmp_path / "other-keys", "other")
    register(service.installation, other)
    service.installation.publisher.publish(other.id, Log.RECORDS, now=True)
    consent = [
        {"mechanism": name, "purposes": ["un_fact_finding"], "classes": ["account", "triage"]}
        for name in ("demo", "other")
    ]
    path = folder(
        tmp_path / "t", FIRST, {"a.jpg": photo, "b.jpg": photo, "c.jpg": photo},
        language="be", capacity="victim", consent=consent,
        media={"b.jpg": {"only": ["demo"]}, "c.jpg": {"only": []}},
    )  # fmt: skip
    receipt = new_receipt()
    run(service, receipt, "submit", path, "--receipt", "--yes")

    def names(out: Path, mechanism: Mechanism | None = None) -> set[str]:
        parts = opened(service, out, mechanism)["parts"].values()
        return {p["fields"]["name"] for p in parts if p["kind"] == "label"}

    assert names(tmp_path / "1") == {"a.jpg", "b.jpg"} and names(tmp_path / "2", other) == {"a.jpg"}
    labels = {s.values["name"]: s.values for s in own(service, receipt).opened().of("label")}
    assert set(labels) == {"a.jpg", "b.jpg", "c.jpg"} and labels["b.jpg"]["apart"] is True
    run(service, receipt, "add", folder(tmp_path / "more", "Яшчэ."))
    assert names(tmp_path / "3") == {"a.jpg", "b.jpg"} and names(tmp_path / "4", other) == {"a.jpg"}


def test_a_mechanism_that_closed_keeps_what_it_had_and_the_submitter_is_told(
    service: Service, tmp_path: Path, sent: Receipt
) -> None:
    with service.installation.database.write() as connection:
        mechanisms.close(connection, "demo")
    more = folder(tmp_path / "more", "Пазней.", {"b.jpg": b"x"}, media={"b.jpg": {"only": ["demo"]}})
    said = run(service, sent, "add", more)
    assert "demo takes nothing new now: it keeps what it had" in said
    there = opened(service, tmp_path)
    assert FIRST in texts(there) and "b.jpg" not in json.dumps(there)
    alone = folder(tmp_path / "alone", "x", {"b.jpg": b"x"}, media={"b.jpg": {"only": ["other"]}})
    assert "b.jpg is for other, which has no consent" in run(service, sent, "add", alone, code=1)


def test_what_the_service_swapped_is_said_not_shown_and_nothing_is_added_to_it(
    service: Service, tmp_path: Path, sent: Receipt
) -> None:
    with service.owner.write() as connection:
        blobs = {row.kind: row.blob for row in connection.execute(select(t.parts.c.kind, t.parts.c.blob))}
        swap = update(t.parts).where(t.parts.c.kind == "narrative").values(blob=blobs["section"])
        connection.execute(swap)
    shown = run(service, sent, "mine", code=2)
    assert "DOES NOT HOLD" in shown and FIRST not in shown and "a.jpg" in shown
    more = folder(tmp_path / "more", "x")
    assert "does not hold, so nothing is changed" in run(service, sent, "add", more, code=1)


def restored(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Receipt:
    """A receipt that two members of `demo` asked for, after the first was lost, 14 days later."""
    anna, bela = (registered_member(service, tmp_path, name) for name in ("anna", "bela"))
    _, record = pulled_record(service, tmp_path, narrative=FIRST)
    new = new_receipt()
    begun = members.ask(record.name, "demo", members.halves(NewReceipt.of(new.keys())))
    signed = members.sign(members.sign(begun, anna)[1], bela)[1]
    with case(service, record) as theirs:
        grants = members.grants(signed, theirs.reader)
    with api.api(service.url, patience=5) as connection:
        members.send(connection, signed, grants)
    with monkeypatch.context() as future:
        now = clock.now()
        future.setattr(clock, "now", lambda: now + 14 * clock.DAY)
        assert service.installation.restorations.complete_due() == 1
    return new


def test_a_receipt_that_replaces_a_lost_one_reads_and_withdraws_and_cannot_sign(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = restored(service, tmp_path, monkeypatch)
    assert own(service, new).opened().current("narrative")[0].values["text"] == FIRST
    more = folder(tmp_path / "more", "x")
    for command in (["add", more], ["correct", more], ["withdraw", "demo", "--classes", "triage", "--yes"]):
        assert "a receipt that replaces a lost one" in run(service, new, *command, code=1)
    assert "cannot do this" in run(service, new, "delete", "--yes", code=1)
    assert "Withdrawn from demo: it had opened it." in run(service, new, "withdraw", "demo", "--yes")
    assert service.pull(tmp_path / "after").records == []


def test_two_changes_at_once_are_one_change_and_one_refusal(
    service: Service, tmp_path: Path, sent: Receipt
) -> None:
    with api.api(service.url, patience=10) as connection:
        offered: Mechanisms = submit.fetch_mechanisms(connection, {})
        slow, text = Own(connection, sent.keys()), consent_texts.current("be")
        run(service, sent, "add", folder(tmp_path / "fast", "x"))
        with pytest.raises(api.ApiError) as refused:
            slow.withdraw("demo", [], offered, text)
        assert refused.value.code == "revision_behind"
    assert set(own(service, sent).choices()) == {"demo"}


def test_a_record_from_before_consents_were_sealed_goes_on(service: Service, tmp_path: Path) -> None:
    sealed = Sealed(service)
    assert sealed.send().status_code == 201
    testimony = prepared(tmp_path / "t", {}, narrative=SECOND)
    text = consent_texts.current("be")
    with api.api(service.url, patience=10) as connection:
        offered = submit.fetch_mechanisms(connection, {})
        changed = Own(connection, sealed.keys).add(testimony, offered, text, lambda *_: None)
        assert changed.revision == 2 and changed.sent.broken is None
        wider = Choice("demo", ("un_fact_finding", "archive"), ("account", "triage"), contact="never")
        changed = Own(connection, sealed.keys).allow([wider], offered, text, lambda *_: None)
        assert changed.revision == 3 and Own(connection, sealed.keys).choices() == {"demo": wider}
    assert texts(opened(service, tmp_path)) == ["Сведчанне", SECOND]


def nobody_has_consent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that says so, whatever is true."""
    whole = api.Api.get

    def get(self: api.Api, path: str, **options: Any) -> Any:
        answer = whole(self, path, **options)
        return answer | {"standings": []} if path.endswith("/standings") else answer

    monkeypatch.setattr(api.Api, "get", get)


def test_the_services_word_that_a_consent_is_over_gets_no_signature_unless_the_submitter_says_so(
    service: Service, tmp_path: Path, sent: Receipt, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = folder(tmp_path / "more", "Больш.")
    with monkeypatch.context() as lying:
        nobody_has_consent(lying)
        for command in (["add", more], ["correct", more]):
            said = run(service, sent, *command, code=1)
            assert "demo has no consent any more" in said and "--without demo" in said
        said = run(service, sent, "consent", "--to", "demo:archive", "--yes", code=1)
        assert "demo has no consent any more" in said
    assert own(service, sent).statement.revision == 1
    assert "Received: revision 2" in run(service, sent, "add", more)

    with monkeypatch.context() as lying:
        nobody_has_consent(lying)
        said = run(service, sent, "add", folder(tmp_path / "again", "Яшчэ."), "--without", "demo")
        assert "Received: revision 3" in said and "Withdrawn from demo" in said
    assert own(service, sent).choices() == {}


def test_submitter_withdraws_explicitly_what_the_service_says_is_over(
    service: Service, sent: Receipt, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody_has_consent(monkeypatch)
    assert "Withdrawn from demo" in run(service, sent, "withdraw", "demo", "--yes")
    assert own(service, sent).statement.consent == ()


@pytest.mark.parametrize("command", [("withdraw", "demo", "--yes"), ("delete", "--yes")])
def test_a_lost_payload_keeps_nobody_from_withdrawing_or_deleting(
    service: Service, tmp_path: Path, sent: Receipt, command: tuple[str, ...]
) -> None:
    with service.owner.read() as connection:
        small = t.parts.c.kind.in_(("narrative", "section", "consent"))
        blobs = connection.execute(select(t.parts.c.blob).where(small)).scalars().all()
    for blob in blobs:
        service.installation.store.delete(blob)
    assert "is changed" in run(service, sent, "add", folder(tmp_path / "more", "x"), code=1)
    said = run(service, sent, *command)
    assert "Withdrawn from demo" in said or "deleted on 20" in said
