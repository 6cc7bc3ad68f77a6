"""A log that an auditor saved: checked without the service, and what somebody changed in it is named."""

import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import update
from typer.testing import CliRunner

from crypto.encoding import b64u_encode
from crypto.log_leaf import LogLeaf, Opening
from crypto.notes import VerifierKey
from intake import clock
from intake.audit.events import Log
from intake.cli import app
from intake.client import saved
from intake.db.tables.audit import log_entries
from tests.client.forging import padding_entry, rewrite, sign_anyway
from tests.http.test_feed import Program
from tests.sealed import Sealed
from tests.service import Service
from tests.staff import Staff


def keep(service: Service) -> dict[str, Any]:
    """What the console saves of the log of accesses, of which a testimony was erased."""
    record = str(Sealed(service).send().json()["record"])
    assert Program(service).enter().get(f"/feed/v1/records/{record}").status_code == 200
    service.installation.erasure.erase(record)
    for kind in Log:
        service.installation.publisher.publish("demo", kind, now=True)
    return answers(service, "olga")


def answers(service: Service, who: str) -> dict[str, Any]:
    auditor = Staff(service).member("auditor", id=who)
    older = auditor.get("/log?limit=4&start=0").json()
    newer = auditor.get("/log?limit=500&start=4").json()
    records = auditor.get("/log?kind=records&limit=500").json()
    return {"v": 1, "mechanism": "demo", "log": "access", "answers": [newer, older, records]}


def made_up(**more: Any) -> dict[str, str]:
    """An entry as the log would write it, which it never did."""
    values = {"event": "record.opened", "mechanism": "demo", "day": clock.day()} | more
    opening = Opening.salted(values, secrets.token_bytes)
    leaf = LogLeaf(secrets.token_bytes(32), opening.commitment()).encode()
    return {"leaf": b64u_encode(leaf), "opening": opening.encode().decode()}


def erasure() -> dict[str, str]:
    return made_up(event="record.erased", records=[], access=[1])


def wrong(file: dict[str, Any], keys: list[VerifierKey]) -> list[str]:
    return saved.check(json.dumps(file).encode(), keys).wrong


def test_saved_log_holds_and_what_was_changed_in_it_is_named(service: Service, tmp_path: Path) -> None:
    file = keep(service)
    keys = [VerifierKey.parse(key) for answer in file["answers"][1:] for key in answer["keys"]]
    found = saved.check(json.dumps(file).encode(), keys)
    assert found.wrong == [] and found.silent and found.signed is not None

    def no_records(other: dict[str, Any]) -> None:
        other["answers"].pop()

    def hidden(other: dict[str, Any]) -> None:
        other["answers"][1]["entries"][0]["opening"] = None

    def altered(other: dict[str, Any]) -> None:
        entry = other["answers"][1]["entries"][0]
        entry["opening"] = entry["opening"].replace("demo", "dem0")

    def left_out(other: dict[str, Any]) -> None:
        del other["answers"][0]["entries"][2]

    def another_leaf(other: dict[str, Any]) -> None:
        entries = other["answers"][0]["entries"]
        entries[0] |= {name: entries[1][name] for name in ("leaf", "opening")}

    def unsigned(other: dict[str, Any]) -> None:
        first = other["answers"][1]
        first |= {"checkpoint": None, "start": 1, "entries": first["entries"][1:]}
        first["entries"][0] |= made_up()

    def erased_by_nobody(other: dict[str, Any]) -> None:
        entries = other["answers"][2]["entries"]
        other["answers"][2] |= {
            "checkpoint": None,
            "entries": [*entries, {"index": len(entries)} | erasure()],
        }
        other["answers"][1]["entries"][1]["opening"] = None

    changes: dict[Callable[[dict[str, Any]], None], str] = {
        no_records: "no signed entry of the records log names it as erased",
        hidden: "entry 0 says nothing",
        altered: "entry 0: the opening",
        left_out: "entries are missing: 1, the first is number 6",
        another_leaf: "do not lead to",
        unsigned: "3 entries lead to no signed root, the first is number 1",
        erased_by_nobody: "entry 1 says nothing",
    }
    for change, told in changes.items():
        other = json.loads(json.dumps(file))
        change(other)
        assert told in "\n".join(wrong(other, keys)), change

    published = tmp_path / "keys.txt"
    published.write_text("\n".join({key.text for key in keys}))
    path = tmp_path / "log.json"
    path.write_text(json.dumps(file))
    later = tmp_path / "later.json"
    later.write_text(json.dumps(answers(service, "nina")))
    done = CliRunner().invoke(
        app, ["verify", "saved", str(later), "--key", str(published), "--against", str(path)]
    )
    assert done.exit_code == 0, done.output
    assert CliRunner().invoke(app, ["verify", "saved", str(path)]).exit_code == 3


def test_two_saved_logs_that_hold_and_differ_are_two_histories(service: Service) -> None:
    keep(service)
    files = [answers(service, "nina")]
    rewrite(service, 0, Log.ACCESS, **padding_entry())
    sign_anyway(service, Log.ACCESS)
    files.append(answers(service, "vera"))
    older, newer = (saved.check(json.dumps(file).encode(), []) for file in files)
    assert older.wrong == newer.wrong == []
    assert saved.compare(newer, older) == [
        "two histories were shown: entry 0 is another one in the other file. Keep both files"
    ]


def test_entry_that_somebody_silenced_in_the_database_is_named(service: Service) -> None:
    file = keep(service)
    assert wrong(file, []) == []
    with service.installation.database.write() as connection:
        here = (log_entries.c.log == "access") & (log_entries.c.index == 1)
        connection.execute(update(log_entries).where(here).values(opening=None))
    assert wrong(answers(service, "nina"), []) == [
        "entry 1 says nothing, and no signed entry of the records log names it as erased"
    ]
