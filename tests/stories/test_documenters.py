"""Documenters: many interviews from where there is no network to the mechanism, and to nobody else."""

import csv
import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner, Result

from crypto import statement
from crypto.encoding import canonical_json
from crypto.receipt import Receipt
from intake import clock
from intake.cli import app
from intake.client import api, mechanism_keys, pull, receipts
from intake.client.own import Own, section_of
from intake.db.tables import submissions as t
from intake.people import profiles
from intake.record.consent import Choice
from tests.cable import Cable
from tests.program import INTAKE
from tests.sealed import Sealed
from tests.service import Mechanism, Service, copy_tree, digits, on_every_database_in_time, register, video

COUNT = 12
CONSENT = "demo:un_fact_finding:triage+identity"
# Right to left, combining, beyond the BMP, controls, line ends of all kinds.
HARD = "‮שלום‬ e\u0301 ў \U0001f54a️ \0\x1b[2J\t\x7f\r\n\u2028\ufeff«“"


@pytest.fixture(scope="module")
def interviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of many interviews, `all.jsonl` and `all.csv`."""
    folder = tmp_path_factory.mktemp("interviews")
    documents, rows = [], [["id", "narrative", "language", "capacity", "date", "name", "media", "consent_scan",
                            "mechanisms"]]  # fmt: skip
    for number in range(1, COUNT + 1):
        (folder / str(number)).mkdir()
        (folder / f"{number}/clip.mp4").write_bytes(video(80_000 + number))
        (folder / f"{number}/consent.pdf").write_bytes(b"%PDF-1.4 " + bytes([number]))
        text = f"{number}: {HARD if number % 2 else 'Мяне затрымалі.'}"
        documents.append(
            {
                "id": str(number), "schema": 2, "narrative": text, "language": "be", "capacity": "victim",
                "sections": {
                    "person": {"name": f"Name {number}", "shoe_size": {"eu": 40}},
                    "events": [{"date": "2020-08-09~", "type": "flood"}],
                    "dreams": [{"text": HARD}],
                },
                "media": {f"{number}/clip.mp4": {"origin": "self", "people_visible": True, "mood": "sad"}},
                "consent_scan": f"{number}/consent.pdf",
                "consent": [{"mechanism": "demo", "purposes": ["un_fact_finding"],
                             "classes": ["account", "triage", "identity"]}],
            }
        )  # fmt: skip
        rows.append([str(number), text.replace("\0", ""), "be", "victim", "2020-08-09~", f"Name {number}",
                     f"{number}/clip.mp4", f"{number}/consent.pdf", CONSENT])  # fmt: skip
    lines = "\r\n".join(json.dumps(document, ensure_ascii=False) for document in documents)
    (folder / "all.jsonl").write_bytes(b"\xef\xbb\xbf" + lines.encode())
    with (folder / "all.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    return folder


def run(*arguments: str, typed: str = "", code: int = 0) -> str:
    result: Result = CliRunner().invoke(app, list(arguments), input=typed)
    assert result.exit_code == code, result.output
    return result.output


def shown(output: str) -> list[Receipt]:
    """Every receipt and code that a screen showed."""
    return [Receipt.parse(found) for found in re.findall(r"(?:\d{4}  ){8}\d{4}", output)]


def seal(service: Service, source: Path, tmp_path: Path, *more: str) -> tuple[Path, Receipt, list[Receipt]]:
    """Fetch mechanisms, then seal: bundle, delivery code, receipts."""
    run("mechanisms", "--server", service.url, "--save", str(tmp_path / "mechanisms.json"))
    arguments = ["seal", str(source), "--mechanisms", str(tmp_path / "mechanisms.json")]
    arguments += ["--out", str(tmp_path / "bundle"), "--yes", *more]
    code, *people = shown(run(*arguments, typed="y\n" * (COUNT + 1)))
    return tmp_path / "bundle", code, people


def deliver(service: Service, bundle: Path, code: Receipt, *more: str, exit_code: int = 0) -> str:
    arguments = ["deliver", str(bundle), "--server", service.url, *more]
    return run(*arguments, typed=digits(code) + "\n", code=exit_code)


def payloads(service: Service) -> int:
    with service.owner.read() as connection:
        found: int = connection.execute(select(func.count()).select_from(t.payloads)).scalar_one()
        return found


def records(service: Service) -> int:
    with service.owner.read() as connection:
        found: int = connection.execute(select(func.count()).select_from(t.records)).scalar_one()
        return found


def uploads(service: Service) -> int:
    with service.owner.read() as connection:
        found: int = connection.execute(select(func.count()).select_from(t.uploads)).scalar_one()
        return found


def opened(service: Service, tmp_path: Path) -> Iterator[tuple[str, dict[str, Any], Path]]:
    """By number of the interview: what the mechanism's people open."""
    service.pull(tmp_path / "pulled")
    for found in service.open(tmp_path / "pulled", tmp_path / "opened"):
        assert found.problems == {} and found.sealed_elsewhere == 0
        folder = tmp_path / "opened" / found.record
        summary = json.loads((folder / "testimony.json").read_text("utf-8"))
        text = next(p["fields"]["text"] for p in summary["parts"].values() if p["kind"] == "narrative")
        yield text.partition(":")[0], summary, folder


def fields(summary: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [part["fields"] for part in summary["parts"].values() if part["kind"] == kind]


def check_opened(service: Service, tmp_path: Path, interviews: Path, source: str) -> None:
    """What the mechanism has is what was told, all of it, of each person."""
    lines = (interviews / "all.jsonl").read_bytes().decode("utf-8-sig").split("\r\n")
    told = {document["id"]: document for document in map(json.loads, lines)}
    seen = set()
    for number, summary, folder in opened(service, tmp_path):
        seen.add(number)
        want = told[number]
        (narrative,) = fields(summary, "narrative")
        expected = want["narrative"] if source == "jsonl" else want["narrative"].replace("\0", "")
        assert narrative["text"] == expected
        said = {f["section"]: f for f in fields(summary, "section")}
        assert said["person"]["0/name"] == f"Name {number}" and said["events"]["0/date"] == "2020-08-09~"
        (card,) = fields(summary, "triage")
        assert card["media"] == 2 and card["month"] == "2020-08"
        (consent,) = fields(summary, "consent")
        assert Choice.parse(consent).classes == ("account", "triage", "identity")
        labels = {label["name"]: label for label in fields(summary, "label")}
        assert labels["consent.pdf"]["depicts"] == "consent_form"
        for name in ("clip.mp4", "consent.pdf"):
            assert labels[name]["dedup"] == "none"
            file = next(folder / "media" / p.name for p in (folder / "media").iterdir() if p.name == name)
            assert file.read_bytes() == (interviews / number / name).read_bytes()
        if source == "jsonl":
            assert said["person"]["0/shoe_size"] == {"eu": 40} and said["dreams"]["0/text"] == HARD
            assert said["events"]["0/type"] == "flood" and labels["clip.mp4"]["mood"] == "sad"
        assert "id" not in narrative and f'"{number}"' not in json.dumps(card)
    assert seen == set(told)


def cut_off(bundle: Path, code: Receipt, cable: Cable) -> None:
    """Deliver until the cable lets nothing through any more; then the lid is closed."""
    command = [*INTAKE, "deliver", str(bundle), "--server", cable.url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as program:
        assert program.stdin
        program.stdin.write(digits(code).encode() + b"\n")
        program.stdin.flush()
        assert cable.frozen.wait(60)
        time.sleep(0.5)  # what is on its way arrives
        program.kill()


@pytest.mark.parametrize("source", ["jsonl", pytest.param("csv", marks=pytest.mark.slow)])
def test_documenter_delivers_many_interviews_with_a_break_and_the_mechanism_opens_each(
    service: Service, interviews: Path, tmp_path: Path, source: str
) -> None:
    bundle, code, people = seal(service, interviews / f"all.{source}", tmp_path)
    assert len(people) == COUNT and len({digits(r) for r in people}) == COUNT
    with Cable(service.url, limit=2_500_000) as cable:
        cut_off(bundle, code, cable)
    before = records(service)
    assert 5 < before < 25
    with Cable(service.url) as cable:
        said = run("deliver", str(bundle), "--server", cable.url, typed=digits(code) + "\n")
        offsets = [
            int(found) for found in re.findall(rb"(?i)PATCH.*?upload-offset: (\d+)", cable.sent, re.DOTALL)
        ]
    assert said.count("had arrived before") == before and said.count(": received.") == COUNT - before
    assert sum(offset > 0 for offset in offsets) <= 1  # the broken one goes on where it was
    count = payloads(service)
    assert deliver(service, bundle, code).count("had arrived before") == COUNT
    (bundle / "state.age").unlink()  # another machine, or a stick that could not be written to
    assert deliver(service, bundle, code).count("had arrived before") == COUNT
    assert payloads(service) == count and records(service) == COUNT and uploads(service) == 0
    check_opened(service, tmp_path, interviews, source)
    with api.api(service.url, patience=10) as connection:
        own = Own(connection, people[4].keys())
        assert own.opened().current("narrative")[0].values["text"].startswith("5: ")
        assert own.statement.client_name == "intake-offline"
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not any("  ".join(r.digits()).encode() in data for r in people for data in files)


def test_a_long_video_goes_on_where_it_was_cut(service: Service, tmp_path: Path) -> None:
    source = tmp_path / "one"
    source.mkdir()
    (source / "narrative.txt").write_text("x")
    (source / "long.mp4").write_bytes(video(6_000_000))
    consent = ["--to", "demo:un_fact_finding", "--capacity", "victim", "--language", "be"]
    bundle, code, _ = seal(service, source, tmp_path, "--destroy-receipts", *consent)
    with Cable(service.url, limit=4_000_000) as cable:
        cut_off(bundle, code, cable)
    with Cable(service.url) as cable:
        assert ": received." in run("deliver", str(bundle), "--server", cable.url, typed=digits(code) + "\n")
        assert len(cable.sent) < 4_500_000
    service.pull(tmp_path / "pulled")
    (found,) = service.open(tmp_path / "pulled", tmp_path / "opened")
    file = tmp_path / "opened" / found.record / "media" / "long.mp4"
    assert found.problems == {} and file.read_bytes() == (source / "long.mp4").read_bytes()


def test_a_lost_answer_makes_no_second_record(service: Service, interviews: Path, tmp_path: Path) -> None:
    bundle, code, _ = seal(service, interviews / "all.jsonl", tmp_path, "--destroy-receipts", *only(3))
    with Cable(service.url, last_words=b"POST /v1/submissions") as cable:
        cut_off(bundle, code, cable)
    assert records(service) == 1
    said = deliver(service, bundle, code)
    assert said.count("had arrived before") == 1 and said.count(": received.") == 2
    assert len(service.pull(tmp_path / "pulled").records) == records(service) == 3


def test_files_that_lie_behind_a_link_are_not_taken(interviews: Path, tmp_path: Path) -> None:
    (tmp_path / "few.jsonl").write_bytes((interviews / "all.jsonl").read_bytes().split(b"\r\n")[0])
    (tmp_path / "1").symlink_to(interviews / "1")
    source, out = str(tmp_path / "few.jsonl"), str(tmp_path / "bundle")
    assert "is a link" in run("seal", source, "--mechanisms", "x", "--out", out, code=1)


def test_whose_receipt_was_destroyed_nobody_but_the_mechanism_has_a_grant(
    service: Service, interviews: Path, tmp_path: Path
) -> None:
    bundle, code, people = seal(
        service, interviews / "all.jsonl", tmp_path, "--destroy-receipts", "--only", "7"
    )
    assert people == []
    deliver(service, bundle, code)
    with service.owner.read() as connection:
        grants = connection.execute(select(t.grants.c.mechanism, t.grants.c.recipient)).all()
        data = connection.execute(select(t.statements.c.data)).scalar_one()
    assert {g.mechanism for g in grants} == {"demo"}
    assert {g.recipient for g in grants} == {a.recipient for a in statement.parse(data).audience}
    assert [number for number, _, _ in opened(service, tmp_path)] == ["7"]


def test_documenter_without_a_stick_sends_many_at_once_and_each_person_sees_one_receipt(
    service: Service, interviews: Path, tmp_path: Path
) -> None:
    arguments = ["submit", str(interviews / "all.csv"), "--server", service.url, "--yes"]
    output = run(*arguments, "--only", "3", "--only", "4", typed="y\n" * 2)
    people = shown(output)
    assert len(people) == 2 and output.count("Record ") == 2 and output.count("Is it written down?") == 2
    with api.api(service.url, patience=10) as connection:
        for number, receipt in zip("34", people, strict=True):
            said = dict(map(section_of, Own(connection, receipt.keys()).opened().of("section")))
            assert said["person"] == {"name": f"Name {number}"}
    output = run(*arguments, "--only", "3", "--only", "4", "--only", "5", typed="y\nn\n", code=1)
    assert output.count("received. Record") == 1 and "1 of 3 were received" in output
    assert "--only '4' --only '5'" in output


def test_nothing_is_sent_if_anything_is_wrong_with_any_interview(
    service: Service, interviews: Path, tmp_path: Path
) -> None:
    lines = (interviews / "all.jsonl").read_bytes().decode("utf-8-sig").split("\r\n")
    for number, change in (
        (3, {"capacity": "hero"}),
        (9, {"media": ["none.jpg"]}),
        (11, {"consent": [{"mechanism": "nobody", "purposes": ["archive"]}]}),
    ):
        lines[number - 1] = json.dumps(json.loads(lines[number - 1]) | change)
    bad = interviews / "bad.jsonl"
    bad.write_text("\n".join(lines), "utf-8")
    said = run("submit", str(bad), "--server", service.url, "--yes", code=1)
    assert "line 3: capacity" in said and "line 9: media: none.jpg is not there" in said
    lines[2], lines[8] = lines[0].replace('"1"', '"x"', 1), lines[1].replace('"2"', '"y"', 1)
    bad.write_text("\n".join(lines), "utf-8")
    said = run("submit", str(bad), "--server", service.url, "--yes", code=1)
    assert "line 11: consent/nobody: this server does not know the mechanism nobody" in said
    assert shown(said) == [] and payloads(service) == uploads(service) == 0


def test_a_damaged_bundle_is_refused_and_what_is_whole_goes_when_asked(
    service: Service, interviews: Path, tmp_path: Path
) -> None:
    bundle, code, _ = seal(service, interviews / "all.csv", tmp_path, "--destroy-receipts", *only(5))
    part = bundle / "0004-1.part"
    part.write_bytes(part.read_bytes()[:-100])
    said = deliver(service, bundle, code, exit_code=1)
    assert "DAMAGED: interview 4 (4): 0004-1.part is cut short" in said and "4 interviews are whole" in said
    assert payloads(service) == 0
    said = deliver(service, bundle, code, "--undamaged", exit_code=1)
    assert said.count(": received.") == 4
    assert {number for number, _, _ in opened(service, tmp_path)} == {"1", "2", "3", "5"}


def only(count: int) -> list[str]:
    return [word for number in range(1, count + 1) for word in ("--only", str(number))]


@on_every_database_in_time
def test_a_bundle_may_travel_for_sixty_days_and_no_longer(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    brief = Mechanism("brief", tmp_path / "keys")
    mechanism_keys.create(brief.keys, "brief", {"en": "Brief"}, 10, None)  # days for which its keys are valid
    pull.new_client("brief-puller", brief.keys)
    register(service.installation, brief)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "narrative.txt").write_text("x")
    consent = ["--to", "brief:un_fact_finding", "--capacity", "victim", "--language", "be"]
    bundle, code, _ = seal(service, tmp_path / "one", tmp_path, "--destroy-receipts", *consent)
    sealed, now = Sealed(service), clock.now()
    for days, accepted in ((61, False), (-2, False), (60, True)):
        monkeypatch.setattr(clock, "now", lambda days=days: now + days * clock.DAY)
        said = deliver(service, bundle, code, exit_code=0 if accepted else 1)
        assert (": received." in said) == accepted and ("REFUSED" in said) == (not accepted)
    sealed.changes = {"created_day": clock.day(now)}
    assert sealed.send().json()["code"] == "day"  # of any other client


def test_a_hold_that_was_announced_while_the_bundle_travelled_stops_the_delivery(
    service: Service, interviews: Path, tmp_path: Path, demo: Mechanism
) -> None:
    keys = tmp_path / "keys"
    copy_tree(demo.keys, keys)
    bundle, code, _ = seal(service, interviews / "all.csv", tmp_path, "--destroy-receipts", *only(2))
    written = mechanism_keys.profile_template() | {"hold": {"en": "Law 1 makes us keep it."}}
    signed, _ = mechanism_keys.profile(keys, canonical_json(written), None)
    with service.installation.database.write() as connection:
        profiles.add(connection, signed.raw)
    said = deliver(service, bundle, code, exit_code=1)
    assert said.count("REFUSED: demo announced, after this was sealed") == 2 and payloads(service) == 0
    assert deliver(service, bundle, code, "--holds-told").count(": received.") == 2
    again = tmp_path / "again"
    again.mkdir()
    bundle, code, _ = seal(service, interviews / "all.csv", again, "--destroy-receipts", *only(1))
    assert ": received." in deliver(service, bundle, code)


def test_on_a_terminal_each_receipt_is_wiped_from_the_screen_once_it_is_noted(
    service: Service, interviews: Path, tmp_path: Path
) -> None:
    kept = str(tmp_path / "mechanisms.json")
    run("mechanisms", "--server", service.url, "--save", kept)
    screen, terminal = os.openpty()
    command = [*INTAKE, "seal", str(interviews / "all.csv"), "--mechanisms", kept, "--yes", *only(2)]
    command += ["--out", str(tmp_path / "bundle")]
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=subprocess.DEVNULL) as program:
        os.close(terminal)
        os.write(screen, b"y\n" * 3)
        seen = b""
        with suppress(OSError):  # Linux says so when the other end is closed
            while data := os.read(screen, 4096):
                seen += data
        assert program.wait(60) == 0
    *pages, last = seen.decode().split(receipts.WIPE)
    assert [len(shown(page)) for page in pages] == [1, 1, 1] and shown(last) == []
    assert "1: sealed" in last and "2: sealed" in last
