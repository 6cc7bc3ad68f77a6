"""A report of accesses, made of a log that an auditor saved: what was signed, and nothing else."""

import csv
import json
import re
from pathlib import Path

from typer.testing import CliRunner

from intake import clock
from intake.audit.events import Event
from intake.cli import app
from intake.client import listed
from intake.client.event_words import EVENTS
from intake.client.saved import Saved
from intake.record.names import record_name
from tests.client.test_saved import keep
from tests.service import Service

ROOT = Path(__file__).parents[2]


def test_auditor_makes_a_report_of_what_was_signed_and_reads_what_it_lacks(
    service: Service, tmp_path: Path
) -> None:
    file = keep(service)
    published, path, out = tmp_path / "keys.txt", tmp_path / "log.json", tmp_path / "report.csv"
    published.write_text("\n".join({key for answer in file["answers"][1:] for key in answer["keys"]}))
    path.write_text(json.dumps(file))

    def run(*arguments: str, code: int = 0, key: bool = True) -> list[str]:
        known = ["--key", str(published)] if key else []
        result = CliRunner().invoke(app, ["verify", "saved", str(path), *known, *arguments])
        assert result.exit_code == code, result.output
        return result.output.splitlines()

    month = clock.day()[:7]
    lines = run("--list", "--month", month, "--csv", str(out))
    rows = list(csv.DictReader(out.read_text("utf-8-sig").splitlines()))
    its = [line for line in lines if line.startswith(clock.day())]
    assert rows and len(its) == len(rows) and out.stat().st_mode & 0o077 == 0
    assert any("· client:" in line and "A program logged in" in line and "· entry " in line for line in its)
    assert {row["event"] for row in rows} <= {event.value for event in Event}
    assert any("fell silent when a testimony was erased" in line for line in lines)
    assert any("newer entries, which are not signed yet" in line for line in lines)
    assert {row["who"] for row in rows if row["event"] == "client.added"} == {"the operator"}
    signed = {int(row["entry"]) for row in rows}
    assert not [line for line in its if "olga" in line]  # what the auditor did is not signed yet

    (who,) = {
        row["who"] for row in rows if row["who"].startswith("client:") and row["event"] == "token.issued"
    }
    of_program = [line for line in run("--list", "--member", who) if line.startswith(clock.day())]
    assert 0 < len(of_program) <= len(signed) and all(who in line for line in of_program)
    assert not [line for line in run("--list", "--month", "2020-01") if line.startswith("20")]

    assert "is there already" in run("--csv", str(out), code=1)[0]
    assert "give its keys" in run("--list", key=False, code=3)[0]
    assert "give --list or --csv" in run("--month", month, code=1)[0]
    assert "YYYY-MM" in run("--list", "--month", "november", code=1)[0]
    del file["answers"][0]["entries"][0]
    path.write_text(json.dumps(file))
    assert "nothing of it is listed" in run("--list", code=2)[-1]


def test_a_record_is_found_by_its_id_or_name_and_no_cell_is_a_formula() -> None:
    record = "ab" * 32
    said = {
        "event": "identity.asked", "day": "2026-11-03", "hour": 0, "member": "anna", "roles": "reviewer",
        "record": record, "why": "=1+1", "part": "\x1b[2J" + "cd" * 16,
    }  # fmt: skip
    found = Saved(covered={0, 1}, leaves={0: b"", 1: b""}, said={0: said, 1: {}})
    for begun in ("", "ABAB", record_name(record).replace("-", " ")):
        (row,) = listed.listed(found, listed.Asked(record=begun)).rows
    assert listed.listed(found, listed.Asked(record="ac")).rows == []
    assert listed.line(row) == (
        f"2026-11-03  0 h · anna (reviewer) · {EVENTS['identity.asked']} · testimony {record_name(record)}"
        f" abababab… · because: =1+1 · part: [2J{'cd' * 16} · entry 0"
    )
    assert b",'=1+1," in listed.table([row])


def test_whom_an_entry_is_about_did_not_do_it() -> None:
    said = {"event": "membership.removed", "day": "2026-11-03", "member": "maria"}
    found = Saved(covered={0}, leaves={0: b""}, said={0: said})
    assert listed.listed(found, listed.Asked(member="maria")).rows == []
    (row,) = listed.listed(found, listed.Asked()).rows
    assert (row["who"], row["more"]) == ("", "member: maria")


def test_events_are_called_as_in_the_console() -> None:
    texts = (ROOT / "web" / "console" / "src" / "texts" / "log_events.ts").read_text("utf-8")
    assert dict(re.findall(r'"log\.event\.([a-z_.]+)":\s*\{\s*en:\s*"([^"]*)"', texts)) == EVENTS
    assert set(EVENTS) == {event.value for event in Event}
