"""One person's receipt, one record: nothing of another can be read, changed or imitated."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crypto.encoding import b64u_encode
from crypto.errors import CryptoError
from crypto.record_reader import RecordReader
from tests.sealed import Sealed
from tests.service import Service, new_receipt, on_every_database_in_time, prepared

pytestmark = on_every_database_in_time


def test_a_stranger_with_a_receipt_of_their_own_cannot_read_anothers_record(
    service: Service, tmp_path: Path
) -> None:
    mine, _ = service.submit(prepared(tmp_path / "a", {}))
    service.submit(prepared(tmp_path / "b", {}, narrative="Чужое."))
    keys, stranger = mine.keys(), new_receipt().keys()

    def ask(lookup: bytes, auth: bytes) -> int:
        value = f"Intake-Receipt {b64u_encode(lookup)}.{b64u_encode(auth)}"
        return service.http.get(f"{service.url}/v1/mailbox", headers={"Authorization": value}).status_code

    assert ask(keys.lookup, keys.auth) == 200
    assert ask(keys.lookup, stranger.auth) == ask(stranger.lookup, stranger.auth) == 404
    own = service.installation.mailbox.open(keys.lookup, keys.auth)
    assert RecordReader(list(own.revisions), own.grants, [stranger.identity]).readable() == []


def test_a_stranger_cannot_sign_for_anothers_record(service: Service) -> None:
    victim, stranger = Sealed(service), Sealed(service)
    assert victim.send().status_code == 201

    stranger.changes = {"record": victim.writer.record}
    assert stranger.send().json()["code"] == "statement_invalid"
    data, _ = victim.statement()
    stolen = stranger.body() | {"statement": data.decode()}
    assert stranger.send(stolen).json()["code"] == "statement_invalid"


def test_a_part_of_another_record_is_not_served_through_ones_own(service: Service, tmp_path: Path) -> None:
    mine, _ = service.submit(prepared(tmp_path / "a", {}))
    other = Sealed(service)
    other.send()
    keys = mine.keys()
    value = f"Intake-Receipt {b64u_encode(keys.lookup)}.{b64u_encode(keys.auth)}"
    path = f"/v1/mailbox/parts/{other.narrative.entry.id}"
    assert service.http.get(service.url + path, headers={"Authorization": value}).status_code == 404


Attack = Callable[[Path, Path], None]


def swap_file(kind: str) -> Attack:
    def attack(one: Path, two: Path) -> None:
        a, b = part_of(one, kind), part_of(two, kind)
        shutil.copy(two / "parts" / f"{b}.age", one / "parts" / f"{a}.age")

    return attack


def swap_header(one: Path, two: Path) -> None:
    a, b = part_of(one, "medium"), part_of(two, "medium")
    split = [(d / "parts" / f"{p}.age").read_bytes().split(b"\n--- ", 1) for d, p in ((one, a), (two, b))]
    tails = [tail.split(b"\n", 1) for _, tail in split]
    file = split[1][0] + b"\n--- " + tails[1][0] + b"\n" + tails[0][1]
    (one / "parts" / f"{a}.age").write_bytes(file)


def flip_payload(one: Path, two: Path) -> None:
    path = one / "parts" / f"{part_of(one, 'medium')}.age"
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)


def cut_payload(one: Path, two: Path) -> None:
    path = one / "parts" / f"{part_of(one, 'medium')}.age"
    path.write_bytes(path.read_bytes()[:-70_000])


def edit(one: Path, change: Callable[[dict[str, Any], dict[str, Any]], None], two: Path) -> None:
    mine, other = (json.loads((d / "record.json").read_text()) for d in (one, two))
    change(mine, other)
    (one / "record.json").write_text(json.dumps(mine))


def swap_grants(one: Path, two: Path) -> None:
    def change(mine: dict[str, Any], other: dict[str, Any]) -> None:
        for a, b in zip(mine["grants"], other["grants"], strict=True):
            a["file"] = b["file"]

    edit(one, change, two)


def swap_compartments(one: Path, two: Path) -> None:
    def change(mine: dict[str, Any], other: dict[str, Any]) -> None:
        files = [g["file"] for g in mine["grants"]]
        for grant, file in zip(mine["grants"], reversed(files), strict=True):
            grant["file"] = file

    edit(one, change, two)


def swap_statement(one: Path, two: Path) -> None:
    edit(one, lambda mine, other: mine.update(statements=other["statements"]), two)


def alter_statement(one: Path, two: Path) -> None:
    def change(mine: dict[str, Any], other: dict[str, Any]) -> None:
        s = mine["statements"][0]
        s["statement"] = s["statement"].replace('"sealed_by":"submitter"', '"sealed_by":"server"')

    edit(one, change, two)


def part_of(folder: Path, kind: str) -> str:
    found = json.loads(json.loads((folder / "record.json").read_text())["statements"][0]["statement"])
    return str(next(p["id"] for p in found["parts"] if p["kind"] == kind))


@pytest.mark.parametrize(
    "attack",
    [
        swap_file("narrative"),
        swap_file("medium"),
        swap_file("label"),
        swap_header,
        flip_payload,
        cut_payload,
        swap_grants,
        swap_compartments,
        swap_statement,
        alter_statement,
    ],
    ids=lambda f: f.__qualname__,
)
def test_what_a_server_swaps_or_alters_is_refused_by_the_reader(
    service: Service, tmp_path: Path, photo: bytes, attack: Attack
) -> None:
    records = [
        service.submit(
            prepared(tmp_path / name, {"a.jpg": photo + name.encode()}, narrative=f"Тэкст {name}.")
        )[1].record
        for name in ("one", "two")
    ]
    service.pull(tmp_path / "pulled")
    one, two = (tmp_path / "pulled" / "records" / record for record in records)

    attack(one, two)

    opened = {o.record: o for o in service.open(tmp_path / "pulled", tmp_path / "opened")}
    assert opened[records[0]].problems
    assert not opened[records[1]].problems
    shown = [p.read_bytes() for p in (tmp_path / "opened" / records[0]).rglob("*") if p.is_file()]
    assert photo + b"two" not in shown and not any("Тэкст two".encode() in data for data in shown)


def test_reader_functions_raise_rather_than_return(service: Service, tmp_path: Path) -> None:
    receipt, _ = service.submit(prepared(tmp_path / "a", {}))
    other, _ = service.submit(prepared(tmp_path / "b", {}))
    keys, others = receipt.keys(), other.keys()
    own = service.installation.mailbox.open(keys.lookup, keys.auth)
    foreign = service.installation.mailbox.open(others.lookup, others.auth)
    with pytest.raises(CryptoError):
        RecordReader([*own.revisions, *foreign.revisions], own.grants, [keys.identity])
    with pytest.raises(CryptoError):
        RecordReader(list(own.revisions), foreign.grants, [keys.identity, others.identity])
    with pytest.raises(CryptoError):
        RecordReader(list(own.revisions), own.grants, [keys.identity], record=foreign.record)
