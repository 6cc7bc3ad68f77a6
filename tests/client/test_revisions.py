"""A record that goes on: its mechanism pulls what is new of it, and reads it beside what was there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from intake.cli import app
from intake.client import api, opening, pull
from intake.record import sections
from tests.casework import own_case
from tests.client.forging import publish
from tests.own import Person, add_medium, allow, texts
from tests.service import PURPOSE, Mechanism, Service, make_mechanism, on_every_database_in_time, prepared


class Watching(httpx.HTTPTransport):
    """Notes which parts are fetched; those that end as `missing` says do not come."""

    def __init__(self, missing: str = "-") -> None:
        super().__init__()
        self.missing = missing
        self.parts: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if "/parts/" in request.url.path:
            self.parts.append(request.url.path.rpartition("/")[2])
            if request.url.path.endswith(self.missing):
                return httpx.Response(404, json={"code": "not_found"}, request=request)
        return super().handle_request(request)


def through(service: Service, out: Path, transport: httpx.BaseTransport) -> pull.Pulled:
    key = pull.load_client(service.mechanism.client_file)
    with api.api(service.url, patience=20, transport=transport) as connection:
        return pull.pull(pull.FeedClient(connection, key, PURPOSE), out)


def read(service: Service, out: Path, record: str) -> tuple[dict[str, Any], str]:
    """What the mechanism's people read: testimony.json and testimony.txt."""
    (opened,) = service.open(out, out.with_name("opened"))
    assert opened.problems == {}
    folder = out.with_name("opened") / record
    return json.loads((folder / "testimony.json").read_text("utf-8")), (folder / "testimony.txt").read_text()


@on_every_database_in_time
def test_a_mechanism_fetches_what_is_new_of_a_record_and_reads_a_correction_beside_what_it_corrects(
    service: Service, tmp_path: Path
) -> None:
    out, person = tmp_path / "out", Person(service)
    person.send("Першы тэкст", choices=[allow(contact="never")])
    record = person.record
    publish(service)
    first = Watching()
    assert through(service, out, first).records == [record]

    (narrative,) = person.open().current("narrative")
    composer = person.composer(person.choices)
    composer.narrative("Выпраўлены тэкст", "victim", "be", revises=narrative.entry.id)
    event = {"type": "detention_protest", "date": "2020-08-09~", "place": sections.UNKNOWN}
    composer.section("events", [event, {"date": "2020-08"}])
    assert person.post("/v1/mailbox/revisions", person.body(composer)).status_code == 201
    publish(service)
    again = Watching()
    pulled = through(service, out, again)

    assert (pulled.records, pulled.revised, pulled.refused) == ([], [record], {})
    assert len(again.parts) == 2 and not set(again.parts) & set(first.parts)
    folder = out / "records" / record
    assert len(json.loads((folder / "record.json").read_bytes())["statements"]) == 2
    assert json.loads((folder / "log.json").read_bytes())["proof"]

    value, text = read(service, out, record)
    (line,) = value["narratives"]
    assert (line["said"]["text"], line["revision"]) == ("Выпраўлены тэкст", 2)
    assert [(e["said"]["text"], e["revision"]) for e in line["earlier"]] == [("Першы тэкст", 1)]
    assert (tmp_path / "opened" / record / "narrative.txt").read_text() == "Выпраўлены тэкст"
    assert value["sections"]["events"][0]["said"]["answers"] == [event, {"date": "2020-08"}]
    assert value["choices"]["demo"]["contact"] == "never"
    assert [r["revision"] for r in value["revisions"]] == [1, 2]
    assert "about 9 August 2020 (2020-08-09~)" in text and "(does not know)" in text
    assert text.index("Выпраўлены тэкст") < text.index("Before it was corrected (revision 1):")
    assert service.pull(out).revised == []


def test_what_a_later_version_adds_is_kept_as_it_is(service: Service, tmp_path: Path) -> None:
    person = Person(service)
    composer = person.composer([allow()])
    texts(["Тэкст"], composer)
    account = composer.writer.compartment("account")
    later = {
        "section": "hopes",
        "schema": 9,
        "items": 1,
        "0/wish": {"deep": [1]},
        "0/date": "XXXX",
        "mood": "?",
    }
    composer.parts.append(composer.writer.structured("section", account, later))
    known = {"section": "events", "schema": 1, "0/date": 7, "0/aura": "blue", "0/type": "of_the_future"}
    composer.parts.append(composer.writer.structured("section", account, known))
    composer.parts.append(composer.writer.structured("section", account, {"section": 5, "\n": None}))
    body = person.body(composer) | {"receipt": person.receipt(composer.writer)}
    assert person.post("/v1/submissions", body).status_code == 201

    service.pull(tmp_path / "out")
    value, text = read(service, tmp_path / "out", person.record)
    fields = [part["fields"] for part in value["parts"].values() if part["kind"] == "section"]
    assert fields == [later, known, {"section": 5, "\n": None}]
    assert value["sections"]["hopes"][0]["said"] == {
        "section": "hopes",
        "schema": 9,
        "mood": "?",
        "answers": [{"wish": {"deep": [1]}, "date": "XXXX"}],
    }
    assert "aura" in text and "of_the_future" in text and '{"deep": [1]}' in text


def test_a_newer_state_that_breaks_off_is_finished_by_the_next_pull(service: Service, tmp_path: Path) -> None:
    out, person = tmp_path / "out", Person(service)
    person.send("Адзін")
    service.pull(out)
    record = person.record
    person.revise("Два", "Тры")
    added = [part["id"] for part in json.loads(person.look()["statements"][1]["statement"])["parts"]][-2:]
    broken = Watching(missing=added[1])
    with pytest.raises(pull.Incomplete, match=record[:16]):
        through(service, out, broken)
    assert len(json.loads((out / "records" / record / "record.json").read_bytes())["statements"]) == 1
    assert read(service, out, record)[0]["revision"] == 1

    again = Watching()
    assert through(service, out, again).revised == [record]
    assert set(again.parts) == {added[1]} | (set(added) - set(broken.parts))
    assert [line["said"]["text"] for line in read(service, out, record)[0]["narratives"]] == [
        "Адзін",
        "Два",
        "Тры",
    ]
    assert (tmp_path / "opened" / record / "narrative-3.txt").read_text() == "Тры"


def test_a_first_pull_that_breaks_off_in_a_record_goes_on_with_the_missing_part(
    service: Service, tmp_path: Path
) -> None:
    out, person = tmp_path / "out", Person(service)
    person.send("Адзін", "Два", "Тры")
    parts = {part["id"] for part in json.loads(person.look()["statements"][0]["statement"])["parts"]}
    last = max(parts)
    broken = Watching(missing=last)
    with pytest.raises(pull.Incomplete):
        through(service, out, broken)
    assert opening.pulled_records(out) == []
    again = Watching()
    assert through(service, out, again).records == [person.record]
    assert set(again.parts) == {last} | (parts - set(broken.parts)) and len(again.parts) < len(parts)


def test_a_history_that_does_not_go_on_from_the_one_that_is_held_is_refused(
    service: Service, tmp_path: Path
) -> None:
    out, person = tmp_path / "out", Person(service)
    person.send("Адзін")
    other = person.revision("Іншы працяг")  # signed, and never sent
    person.revise("Два")
    service.pull(out)
    record = person.record
    person.revise("Тры")

    class Forking(httpx.HTTPTransport):
        """The service shows a second revision that is signed as well, and is not the one from before."""

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = super().handle_request(request)
            if request.url.path.endswith(record):
                found = json.loads(response.read())
                found["statements"][1:] = [{"statement": other["statement"], "signature": other["signature"]}]
                return httpx.Response(200, json=found, request=request)
            return response

    with pytest.raises(pull.Incomplete, match="earlier revisions are others"):
        through(service, out, Forking())
    assert read(service, out, record)[0]["revision"] == 2
    assert service.pull(out).revised == [record]


def test_a_record_that_is_opened_again_keeps_its_files_names(
    service: Service, tmp_path: Path, photo: bytes
) -> None:
    out, person = tmp_path / "out", Person(service)
    composer = person.composer([allow()])
    texts(["Тэкст"], composer)
    media = add_medium(service, composer, "account", photo) | add_medium(service, composer, "account", photo)
    person.post(
        "/v1/submissions", person.body(composer, media) | {"receipt": person.receipt(composer.writer)}
    )
    service.pull(out)
    names = []
    for _ in range(3):
        (opened,) = service.open(out, tmp_path / "opened")
        names.append(sorted(path.name for path in (tmp_path / "opened" / person.record / "media").iterdir()))
    assert names[0] == names[1] == names[2] and len(names[0]) == 2 and opened.left == []
    text = (tmp_path / "opened" / person.record / "testimony.txt").read_text()
    assert "FILE media/a.jpg" in text and "sha256" in text


def test_a_purpose_that_is_no_longer_allowed_is_said_of_what_is_held(
    service: Service, tmp_path: Path
) -> None:
    out, person = tmp_path / "out", Person(service)
    person.send(choices=[allow(purposes=(PURPOSE, "archive"))])
    service.pull(out)
    assert person.revise(choices=[allow(purposes=("archive",))]).status_code == 201
    command = ["pull", service.url, "--client", str(service.mechanism.client_file), "--purpose", PURPOSE]
    for _ in range(2):
        shown = CliRunner().invoke(app, [*command, "--out", str(out)])
        assert shown.exit_code == 0, shown.output
        assert "consent_purpose" in shown.output and f"is no longer for {PURPOSE}" in shown.output
    assert service.pull(out, purpose="archive").records == [person.record]


def test_new_messages_are_counted_and_left_to_their_own_command(service: Service, tmp_path: Path) -> None:
    out = tmp_path / "out"
    receipt, sent = service.submit(prepared(tmp_path / "t", {}))
    service.pull(out)
    with own_case(service, receipt) as case:
        parts = {case.send("demo", text, "be") for text in ("Адно", "Другое")}
    watching = Watching()
    pulled = through(service, out, watching)
    assert pulled.messages == {sent.record: 2} and pulled.revised == [] and watching.parts == []
    fresh = Watching()
    assert through(service, tmp_path / "fresh", fresh).messages == {sent.record: 2}
    assert not parts & set(fresh.parts) and service.open(tmp_path / "fresh", tmp_path / "o")[0].problems == {}


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[Mechanism]:
    yield make_mechanism(tmp_path / "stranger-keys", "stranger")


def test_with_keys_that_open_nothing_the_command_says_so_and_fails(
    service: Service, tmp_path: Path, stranger: Mechanism
) -> None:
    for name in ("a", "b"):
        service.submit(prepared(tmp_path / name, {}))
    service.pull(tmp_path / "out")
    command = ["open", str(tmp_path / "out"), "--out", str(tmp_path / "opened"), "--keys"]
    shown = CliRunner().invoke(app, [*command, str(stranger.keys)])
    assert shown.exit_code == 1 and "none of the 2 records could be opened" in " ".join(shown.output.split())
    assert not list((tmp_path / "opened").glob("*"))
    shown = CliRunner().invoke(app, [*command, str(service.mechanism.keys)])
    assert shown.exit_code == 0, shown.output
