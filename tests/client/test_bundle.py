"""A bundle on a stick: nothing in it can be read, and what was done to it on the way is noticed."""

import json
import secrets
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from crypto import statement
from crypto.encoding import b64u_encode, parse_json
from crypto.receipt import Receipt
from crypto.record_writer import RecordWriter
from intake.client import bundle, document, receipts
from intake.client.bundle import Bundle, BundleError, Writer
from intake.client.sealing import OFFLINE, Mechanisms, Sealer, read_mechanisms, today
from intake.record import consent_texts
from intake.record.compose import Composer
from tests.service import Mechanism, new_receipt, prepared, video

CANARY = "канарэйка-7f3a"


def offered(mechanism: Mechanism) -> Mechanisms:
    """What `intake mechanisms --save` keeps, without a server."""
    raw = parse_json((mechanism.keys / "bundle.json").read_bytes())
    return read_mechanisms({"mechanisms": [raw], "profiles": {}}, {})


def seal(
    writer: Writer,
    receipt: Receipt,
    testimony: document.Testimony,
    known: Mechanisms,
    id: str,
    own: bool = True,
) -> None:
    """One interview, as the command seals it."""
    carrier, keys = writer.begin(lambda what, done, total: None), receipt.keys()
    record = RecordWriter(keys, secrets.token_bytes)
    text = consent_texts.current("be")
    composer = Composer(record, known.bundles, known.profiles, text, today(), testimony.consent)
    sealer = Sealer(keys, composer, carrier)
    sealer.add(testimony)
    body = sealer.sign(OFFLINE, own_grants=own) | {"receipt": sealer.receipt_half()}
    writer.end(carrier, id, body, [])


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory, demo: Mechanism) -> tuple[Path, Receipt, list[Receipt]]:
    """Three interviews, one of them with a video."""
    folder, code = tmp_path_factory.mktemp("stick") / "bundle", receipts.fresh()
    writer, people = Writer(folder, code), [new_receipt() for _ in range(3)]
    for number, receipt in enumerate(people, start=1):
        media = {f"{CANARY}.mp4": video(200_000, CANARY.encode())} if number == 2 else {}
        found = prepared(folder.parent / str(number), media, narrative=f"{CANARY} {number}")
        seal(writer, receipt, found, offered(demo), f"{CANARY}-{number}", own=number != 3)
    return folder, code, people


def copied(sealed: tuple[Path, Receipt, list[Receipt]], to: Path) -> Path:
    shutil.copytree(sealed[0], to / "copy", dirs_exist_ok=True)
    return to / "copy"


def test_whoever_finds_the_stick_reads_nothing_and_finds_no_receipt(
    sealed: tuple[Path, Receipt, list[Receipt]], demo: Mechanism
) -> None:
    folder, code, people = sealed
    names = sorted(p.name for p in folder.iterdir())
    assert names == ["0001.age", "0002-1.part", "0002.age", "0003.age", "index.age"]
    everything = b"".join(p.read_bytes() for p in folder.iterdir())
    secret = [CANARY, "demo", "un_fact_finding", today(), "statement", OFFLINE]
    for receipt in (*people, code):
        keys = receipt.keys()
        secret += [" ".join(receipt.digits()), " ".join(receipt.words("en") or ())]
        secret += [b64u_encode(k) for k in (keys.lookup, keys.auth, keys.access_tag)]
        for raw in (keys.lookup, keys.auth, keys.access_tag, keys.identity.seed):
            assert raw not in everything
    for text in secret:
        assert text.encode() not in everything, text
    with pytest.raises(BundleError, match=r"nothing in .* opens with this code"):
        Bundle(folder, people[0])


def test_whoever_has_the_code_too_finds_no_receipt_and_opens_no_testimony(
    sealed: tuple[Path, Receipt, list[Receipt]],
) -> None:
    folder, code, people = sealed
    opened = Bundle(folder, code)
    for number, receipt in enumerate(people, start=1):
        body = opened.load(number).body
        text = json.dumps(body)
        assert CANARY not in text and "digits" not in text
        assert " ".join(receipt.digits()) not in text and receipt.keys().identity.text not in text
        signed = statement.parse(body["statement"].encode())
        assert signed.client_name == OFFLINE
        own = receipt.keys().identity.recipient.fingerprint
        readers = {grant["recipient"] for grant in body["grants"]}
        assert (own in readers) == (number != 3)  # whose receipt was destroyed
        assert readers - {own} == {a.recipient for a in signed.audience}
        labels = [p for p in signed.parts if p.kind == "label"]
        assert len(labels) == (number == 2)


def test_what_was_sealed_is_whole(sealed: tuple[Path, Receipt, list[Receipt]]) -> None:
    found = Bundle(sealed[0], sealed[1]).check()
    assert found.damaged == []
    assert [(h.number, h.id) for h in found.whole] == [(n, f"{CANARY}-{n}") for n in (1, 2, 3)]


def flip(place: float) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        data = bytearray(path.read_bytes())
        data[int(place * (len(data) - 1))] ^= 1
        path.write_bytes(data)

    return change


def cut(part: float) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)])


DAMAGE: list[Callable[[Path], object]] = [flip(p) for p in (0, 0.001, 0.01, 0.3, 0.7, 0.999, 1)]
DAMAGE += [cut(p) for p in (0, 0.1, 0.5, 0.9999)]
DAMAGE += [lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes() + b"\0")]


@pytest.mark.parametrize("name", ["0001.age", "0002.age", "0002-1.part", "0003.age"])
def test_each_damage_is_named_and_the_other_interviews_are_whole(
    sealed: tuple[Path, Receipt, list[Receipt]], tmp_path: Path, name: str
) -> None:
    number = int(name[:4])
    for damage in DAMAGE:
        folder = copied(sealed, tmp_path)
        damage(folder / name)
        found = Bundle(folder, sealed[1]).check()
        assert len(found.damaged) == 1
        assert f"interview {number} ({CANARY}-{number}): {name} " in found.damaged[0]
        assert [h.number for h in found.whole] == [n for n in (1, 2, 3) if n != number]


def test_a_damaged_index_is_named_and_the_interviews_answer_for_themselves(
    sealed: tuple[Path, Receipt, list[Receipt]], tmp_path: Path
) -> None:
    for damage in DAMAGE:
        folder = copied(sealed, tmp_path)
        damage(folder / bundle.INDEX)
        found = Bundle(folder, sealed[1]).check()
        (said,) = found.damaged
        assert said.startswith("index.age ") and "cannot be told" in said
        assert [h.number for h in found.whole] == [1, 2, 3]
        flip(0.5)(folder / "0002-1.part")
        assert (
            "interview 2: 0002-1.part is not as it was sealed" in Bundle(folder, sealed[1]).check().damaged[1]
        )


def test_interviews_that_changed_places_and_those_of_other_bundles_are_damage(
    sealed: tuple[Path, Receipt, list[Receipt]], tmp_path: Path, demo: Mechanism
) -> None:
    folder = copied(sealed, tmp_path)
    first, second = folder / "0001.age", folder / "0003.age"
    a, b = first.read_bytes(), second.read_bytes()
    first.write_bytes(b)
    second.write_bytes(a)
    assert len(Bundle(folder, sealed[1]).check().damaged) == 2
    (folder / bundle.INDEX).unlink()
    assert sum("another interview's" in said for said in Bundle(folder, sealed[1]).check().damaged) == 2
    other = tmp_path / "other"
    seal(Writer(other, receipts.fresh()), new_receipt(), prepared(tmp_path / "t", {}), offered(demo), "x")
    shutil.copy(other / "0001.age", folder / "0002.age")
    assert sum("0002.age does not open" in said for said in Bundle(folder, sealed[1]).check().damaged) == 1


def test_an_interview_that_could_not_be_finished_leaves_nothing_and_the_others_stay(
    tmp_path: Path, demo: Mechanism
) -> None:
    code = receipts.fresh()
    writer = Writer(tmp_path / "b", code)
    seal(writer, new_receipt(), prepared(tmp_path / "1", {}), offered(demo), "1")
    carrier = writer.begin(lambda what, done, total: None)
    with pytest.raises(OSError, match="stick is full"):
        carrier.payload("sending x", 9, lambda: (_ for _ in [b"x", full()]))
    carrier.discard()
    assert sorted(p.name for p in (tmp_path / "b").iterdir()) == ["0001.age", "index.age"]
    assert len(Bundle(tmp_path / "b", code).check().whole) == 1
    with pytest.raises(FileExistsError, match="not empty"):
        Writer(tmp_path / "b", code)


def full() -> bytes:
    raise OSError(28, "the stick is full")


@pytest.mark.slow
def test_a_large_video_is_sealed_and_checked_in_little_memory(tmp_path: Path, demo: Mechanism) -> None:
    code = receipts.fresh()
    (tmp_path / "t").mkdir()
    with (tmp_path / "t" / "long.mp4").open("wb") as file:
        file.write(video(1 << 20))
        file.truncate(400 << 20)
    found = prepared(tmp_path / "u", {"a.mp4": b""})
    large = document.MediumFile(tmp_path / "t" / "long.mp4", "self", False, "account")
    tracemalloc.start()
    seal(
        Writer(tmp_path / "b", code),
        new_receipt(),
        document.Testimony("x", "be", "victim", (large,), found.consent),
        offered(demo),
        "1",
    )
    assert Bundle(tmp_path / "b", code).check().damaged == []
    assert tracemalloc.get_traced_memory()[1] < 24 << 20
    tracemalloc.stop()


def test_an_older_index_put_back_hides_no_interview(
    sealed: tuple[Path, Receipt, list[Receipt]], demo: Mechanism, tmp_path: Path
) -> None:
    folder, code = tmp_path / "bundle", receipts.fresh()
    writer = Writer(folder, code)
    for number in (1, 2):
        found = prepared(tmp_path / str(number), {}, narrative=f"n{number}")
        seal(writer, new_receipt(), found, offered(demo), f"interview-{number}")
        if number == 1:
            shutil.copy(folder / "index.age", tmp_path / "older.age")
    assert Bundle(folder, code).check().damaged == []
    shutil.copy(tmp_path / "older.age", folder / "index.age")
    shutil.copy(sealed[0] / "0003.age", folder / "0003.age")  # of another bundle: nobody's business here
    checked = Bundle(folder, code).check()
    assert [held.id for held in checked.whole] == ["interview-1"]
    (damaged,) = checked.damaged
    assert "interview 2" in damaged and "does not name it" in damaged
