"""A thief has a copy of everything on the server: database, blobs, settings, server keys, logs."""

import itertools
import os
import sqlite3
from pathlib import Path

from crypto import age_header, sealing
from crypto.age_keys import Identity
from crypto.errors import NotMine
from crypto.log_leaf import Opening
from tests.service import Service, digits, form_fields, new_receipt, prepared

NARRATIVE = "Іх было трое ў масках, Акрэсціна, жнівень."
NAMES = ("лист-від-мамы.jpg", "protest-Minsk.jpg")


def secrets_in(data: bytes) -> list[bytes]:
    """Every 32-byte string in a file: any of them might be a key."""
    return [data[i : i + 32] for i in range(0, max(0, min(len(data), 4096) - 31))]


def test_thief_with_everything_in_hand_reads_nothing(service: Service, tmp_path: Path, photo: bytes) -> None:
    own = new_receipt()
    service.submit(prepared(tmp_path / "t", {NAMES[0]: photo}, narrative=NARRATIVE))
    service.send_form(form_fields(own, ("received", NAMES[1], photo), narrative=NARRATIVE))
    service.pull(tmp_path / "pulled")
    stolen = list(service.everything_on_disk())
    content = {path: path.read_bytes() for path in stolen}

    # 1. nothing readable lies about
    needles = [NARRATIVE.encode(), *(n.encode() for n in NAMES), photo[1000:1064], digits(own).encode()]
    needles += [b"victim"]
    for path, needle in itertools.product(stolen, needles):
        assert needle not in content[path], f"{needle!r} in {path}"

    # 2. nothing that the server has is a key to anything sealed
    with sqlite3.connect(service.settings.data_dir / "intake.db") as database:
        parts = database.execute("SELECT header, hex(record || compartment) FROM parts").fetchall()
        grants = database.execute("SELECT file, hex(recipient) FROM grants").fetchall()
        columns = database.execute("SELECT lookup, auth, record_key FROM records").fetchall()
    files = [path.read_bytes() for path in service.settings.keys_dir.rglob("*") if path.is_file()]
    kept = {bytes(value) for row in columns for value in row if len(value) == 32}
    kept.update(data for data in files if len(data) == 32)
    anywhere = {piece for data in files for piece in secrets_in(data)} - kept
    likely, others = ([Identity(seed) for seed in sorted(seeds)] for seeds in (kept, anywhere))
    assert len(likely) >= 5 and others and parts and grants
    sealed = [(age_header.parse(bytes(header)), f"part of {to}") for header, to in parts]
    sealed += [(sealing.split(grant)[0], f"grant to {to}") for grant, to in grants]
    one_to_each = {to: header for header, to in sealed}  # thousands of others: what is sealed alike, once
    trials = [(header, likely) for header, _ in sealed] + [(h, others) for h in one_to_each.values()]
    for header, identities in trials:
        try:
            sealing.unwrap(header, identities)
        except NotMine:
            continue
        raise AssertionError("a key on the server opens a header")


def test_thief_cannot_search_the_database_by_a_receipt_without_the_pepper(
    service: Service, tmp_path: Path
) -> None:
    receipt, _ = service.submit(prepared(tmp_path / "t", {}))
    keys = receipt.keys()
    dump = b"".join(path.read_bytes() for path in service.settings.data_dir.glob("intake.db*"))

    for secret in (keys.lookup, keys.auth, keys.access_tag, keys.identity.seed):
        assert secret not in dump


def test_thief_learns_no_time_finer_than_a_day_from_rows_and_file_times(
    service: Service, tmp_path: Path, photo: bytes
) -> None:
    service.submit(prepared(tmp_path / "t", {"a.jpg": photo}))
    service.send_form(form_fields(new_receipt(), ("self", "a.jpg", photo)))

    store = service.settings.data_dir / "store"
    for path in (*store.rglob("*"),):
        if path.parent.name == "store":
            continue  # the two folders themselves are made when the service is set up
        assert os.stat(path).st_mtime % 86_400 == 0, path
    with sqlite3.connect(service.settings.data_dir / "intake.db") as database:
        (day,) = database.execute("SELECT DISTINCT received_day FROM records").fetchone()
        openings = database.execute("SELECT opening FROM log_entries WHERE log = 'records'").fetchall()
    said = [Opening.parse(opening).values for (opening,) in openings]
    assert len(day) == 10 and {len(s["day"]) for s in said if "day" in s} == {10}
    assert not any("hour" in s for s in said)
