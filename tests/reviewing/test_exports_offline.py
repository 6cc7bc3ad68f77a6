"""An export on a machine without a network: notes and messages are opened, and only what holds."""

import json
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from typer.testing import CliRunner

from crypto import restoration, work
from crypto.age_keys import Recipient
from crypto.compartments import CLASSES
from crypto.encoding import b64u_encode
from crypto.message import seal_message, sign_message
from crypto.receipt import ReceiptKeys
from crypto.record_writer import SealedPart
from crypto.restoration import NewReceipt
from crypto.statement import Statement
from intake import clock
from intake.cli import app
from intake.client import mechanism_keys
from intake.db.tables.coming_back import restorations
from tests.casework import own_case
from tests.reviewing.desks import Desk, desk
from tests.reviewing.test_exports import approve, assign_to, unpacked
from tests.reviewing.test_messages import message
from tests.service import Mechanism, make_mechanism, new_receipt, prepared, running
from tests.staff import Staff

NOTE = "Нататка: «ён» — сведка?\r\n\tне той\u2028самы 🙂  "
READING = {"elements": ["torture", "murder"], "reliability": "usually", "exculpatory": True, "text": "Арт. 7"}
SMALL = b"\xff\xd8\xff small \x00\r\n"


@dataclass
class World:
    """What anna took away, and what is needed to forge more of it."""

    folder: Path
    staff: Staff
    place: Desk
    signed: Statement
    letter: str  # the person's message
    restored: ReceiptKeys  # a second receipt, for which two members vouch

    @property
    def record(self) -> str:
        return self.signed.record

    def keys(self, out: Path, *, root: bool = True, key: str | None = None) -> Path:
        """A folder with a key as the console saves it."""
        out.mkdir()
        said = f"# root demo {b64u_encode(self.staff.root.public)}\n" if root else ""
        own = key or self.place.person.keys.identity.text
        (out / "anna.key").write_text(f"{said}{own}\n")
        return out


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, demo: Mechanism) -> Iterator[World]:
    scratch = tmp_path_factory.mktemp("offline")
    with running(scratch / "s", demo) as service:
        receipt, sent = service.submit(prepared(scratch / "t", {"a.jpg": b"\xff\xd8\xff photo"}))
        staff = Staff(service)
        anna, kim = staff.member("reviewer", id="anna", name="Ганна"), staff.member("key-holder", id="kim")
        assign_to(kim, sent.record, anna, mechanism_keys.identities(demo.keys))
        with own_case(service, receipt) as own:
            signed = own.reader.statement
            asked = message(anna, signed, "Ці была камера агульнай?")
            assert anna.post(f"/records/{sent.record}/messages", asked).status_code == 200
            letter = own.send("demo", NOTE, "be", answers=own.read().messages[0].part)
        photo = next(part.id for part in signed.parts if part.kind == "medium")
        place = desk(staff, anna, sent.record).begin()
        note = place.write("note", {"text": NOTE})
        place.write("tags", READING, refers=note)
        place.write("decision", {"decision": "needs_more", "text": ""})
        made = {"derivative": "redaction", "tool": "Ганна"}
        place.write("derivative", made, refers=photo, files=[("../b.jpg", SMALL)])
        restored = new_receipt().keys()
        second = vouched(staff, sent.record, restored)
        row = {"record": sent.record, "mechanism": "demo", "document": second.encode(), "lookup": "ab" * 32}
        days = {"asked_day": clock.day(), "due_day": clock.day(), "state": "done"}
        with service.owner.write() as connection:
            connection.execute(insert(restorations).values(id="cd" * 32, **row, **days))
        id_ = anna.post("/exports", {"records": [sent.record], "reason": "analysis"}).json()["id"]
        approve(service, id_, kim)
        folder = unpacked(anna.get(f"/exports/{id_}").content, scratch)
        yield World(folder, staff, place, signed, letter, restored)


@pytest.fixture
def taken(world: World, tmp_path: Path) -> Path:
    """The record's folder in a copy of the export."""
    shutil.copytree(world.folder, tmp_path / "export")
    return tmp_path / "export" / "records" / world.record


def opened(taken: Path, keys: Path, code: int = 0, *more: str) -> str:
    """What the command says; it writes to `opened` beside the export."""
    export = taken.parent.parent
    asked = ["open", str(export), "--keys", str(keys), "--out", str(export.parent / "opened"), *more]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def written(taken: Path, name: str) -> Any:
    return json.loads((taken.parents[2] / "opened" / taken.name / name).read_text("utf-8"))


def change(path: Path, how: Callable[[Any], Any]) -> None:
    path.write_text(json.dumps(how(json.loads(path.read_text()))))


def test_notes_decisions_derivatives_and_messages_are_opened_word_for_word(
    world: World, taken: Path, tmp_path: Path
) -> None:
    said = opened(taken, world.keys(tmp_path / "keys"))
    assert "4 notes, 2 messages" in said
    out = tmp_path / "opened" / world.record
    note, tags, decision, made = (found := written(taken, "work.json"))["entries"]
    assert found["begun"] == {"id": "anna", "name": "Ганна", "day": clock.day()} and found["problems"] == {}
    assert note["said"] == {"text": NOTE} and tags["said"] == READING
    assert (tags["about"], made["about"]) == ("entry 1", "media/a.jpg")
    assert decision["said"]["decision"] == "needs_more" and decision["member"]["id"] == "anna"
    (file,) = made["files"]
    assert (out / file["file"]).read_bytes() == SMALL and (out / file["file"]).parent == out / "work"
    text = (out / "work.txt").read_text("utf-8")
    for words in ("Torture; Murder", "B: usually reliable", "More is needed", "Redaction", "Ганна (anna)"):
        assert words in text
    question, answer = written(taken, "messages.json")["messages"]
    assert question["member"]["id"] == "anna" and question["text"] == "Ці была камера агульнай?"
    assert (answer["member"], answer["text"], answer["answers_number"]) == (None, NOTE, 1)
    assert "from the person who testified" in (out / "messages.txt").read_text("utf-8")
    before = sorted(path.name for path in out.rglob("*"))
    opened(taken, tmp_path / "keys")  # again, into the same files
    assert sorted(path.name for path in out.rglob("*")) == before


def test_a_key_holders_export_opens_with_her_own_key_alone(world: World, tmp_path: Path) -> None:
    """Nothing of the record is sealed to her, only the mechanism's keys are: their wraps are in the export."""
    kim, other = (world.staff.people[1], world.staff.member("key-holder", id="olga"))
    id_ = kim.post("/exports", {"records": [world.record], "reason": "analysis"}).json()["id"]
    approve(world.staff.service, id_, other)
    export = unpacked(kim.get(f"/exports/{id_}").content, tmp_path)
    taken = export / "records" / world.record
    given = json.loads((export / "wraps.json").read_text())
    assert {(w["class"], w["kind"], w["reader"]) for w in given} == {
        (kind, "member", "kim")
        for kind in ("triage", "account")  # nothing that an approval opens
    }
    said = opened(taken, world.keys(tmp_path / "keys", key=kim.keys.identity.text))
    assert "4 notes, 2 messages" in said
    assert (tmp_path / "opened" / world.record / "narrative.txt").exists()
    foreign = world.keys(tmp_path / "foreign", key=other.keys.identity.text)
    assert "sealed to others" in opened(taken, foreign, 1)
    change(export / "wraps.json", lambda w: w[:1] * 2)
    assert "wraps.json:" in opened(taken, tmp_path / "keys", 1)
    assert not (world.folder / "wraps.json").exists()  # a reviewer's needs none


def test_what_was_changed_on_the_way_is_named_and_kept_out(world: World, taken: Path, tmp_path: Path) -> None:
    """A word, what an entry is about, a file, a message; an entry twice, and one of another record."""
    work_ = taken / "entries"
    entry = world.place.entry("note", {"text": "з іншага"}, record="ab" * 32)
    (work_ / "9.json").write_text(json.dumps({"number": 9, **entry}))
    shutil.copy(work_ / "3.json", work_ / "10.json")
    change(work_ / "1.json", lambda e: e | {"payload": e["payload"][:-8] + "AAAAAAAA"})
    change(work_ / "2.json", lambda e: e | {"envelope": e["envelope"].replace('"tags"', '"note"')})
    (file,) = work_.glob("*.age")
    file.write_bytes(file.read_bytes()[:-1] + b"\0")
    part = taken / "parts" / f"{world.letter}.age"
    part.write_bytes(part.read_bytes()[:-1] + b"\0")
    said = opened(taken, world.keys(tmp_path / "keys"), 2)
    for what in ("entry 1:", "entry 2:", "entry 4, file 1:", "entry 9:", "entry 10:", "message 2:"):
        assert f"REFUSED {what}" in said
    assert [e["number"] for e in written(taken, "work.json")["entries"]] == [3, 4]
    assert len(written(taken, "messages.json")["messages"]) == 1
    out = tmp_path / "opened" / world.record
    assert list((out / "work").iterdir()) == [] and (out / "narrative.txt").exists()
    everything = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    assert NOTE.split()[1].encode() not in everything and "з іншага".encode() not in everything


def test_what_a_foreign_root_or_a_strange_receipt_signed_is_kept_out(
    world: World, taken: Path, tmp_path: Path
) -> None:
    """Whoever seals to the right keys and signs in the mechanism's name is no member of it for that."""
    other = make_mechanism(tmp_path / "other", "demo")
    eve = Staff(world.staff.service, other).make_keys("eve", ("reviewer",))
    sealed, _ = world.place.sealed({"text": "хлусня"})
    envelope = work.sign_entry(
        eve.signing,
        eve.certificate.raw,
        mechanism="demo",
        record=world.record,
        kind="note",
        day=clock.day(),
        refers=None,
        part=sealed.part.entry,
    )
    forged = {
        "number": 5,
        "envelope": envelope.decode(),
        "header": b64u_encode(sealed.part.header),
        "payload": b64u_encode(sealed.part.payload),
    }
    (taken / "entries" / "5.json").write_text(json.dumps(forged))
    stranger = new_receipt().keys()
    lie = from_receipt(world, stranger, "хлусня")
    answer = from_receipt(world, world.restored, "другая квітанцыя")
    letters = [listed(taken, n, one) for n, one in ((3, lie), (4, answer))]
    alone = vouched(world.staff, world.record, stranger, members=1)
    change(
        taken / "messages.json",
        lambda m: {"messages": m["messages"] + letters, "restorations": [*m["restorations"], alone]},
    )
    said = opened(taken, world.keys(tmp_path / "keys"), 2)
    assert "REFUSED entry 5: VerifyError" in said and "REFUSED message 3: VerifyError" in said
    assert len(written(taken, "work.json")["entries"]) == 4
    texts = [one["text"] for one in written(taken, "messages.json")["messages"]]
    assert texts[1:] == [NOTE, "другая квітанцыя"]  # two members vouch for that receipt
    # With the other root, nothing of the true members' counts either.
    shutil.rmtree(tmp_path / "opened")
    said = opened(taken, tmp_path / "keys", 2, "--bundle", str(other.keys / "bundle.json"))
    assert "REFUSED work: VerifyError" in said and "(5 entries with it)" in said
    assert not (tmp_path / "opened" / world.record / "work.json").exists()


def test_what_no_key_opens_and_what_no_root_vouches_for_is_counted(
    world: World, taken: Path, tmp_path: Path
) -> None:
    said = opened(taken, world.keys(tmp_path / "bare", root=False), 1)
    assert "6 notes and messages were not opened" in said and "--bundle" in said
    out = tmp_path / "opened" / world.record
    assert (out / "testimony.json").exists() and not (out / "work.json").exists()
    bundle = str(world.staff.mechanism.keys / "bundle.json")
    assert "4 notes, 2 messages" in opened(taken, tmp_path / "bare", 0, "--bundle", bundle)
    # The key of the notes was not given to her: the testimony and messages open.
    shutil.rmtree(tmp_path / "opened")
    change(taken / "work.json", lambda w: w | {"grants": w["grants"][-1:]})
    said = opened(taken, world.keys(tmp_path / "keys"), 1)
    assert "2 messages, 4 notes not given to these keys" in said and "none of the 4 notes" in said
    assert (out / "messages.json").exists() and not (out / "work.json").exists()
    # To the mechanism's account key it was.
    epochs = tmp_path / "epochs"
    epochs.mkdir()
    for kind in CLASSES:
        shutil.copy(world.staff.mechanism.keys / f"epoch-1.{kind}.key", epochs)
    shutil.copy(bundle, epochs)
    grants = world.place.grants()
    change(taken / "work.json", lambda w: w | {"grants": grants})
    assert "4 notes, 2 messages not granted" in opened(taken, epochs)  # the account is granted to her alone


def test_what_an_earlier_opening_left_is_named(world: World, taken: Path, tmp_path: Path) -> None:
    keys = world.keys(tmp_path / "keys")
    assert "of an earlier opening" not in opened(taken, keys) + opened(taken, keys)
    (made,) = written(taken, "work.json")["entries"][3]["files"]
    shutil.rmtree(taken / "entries")
    (taken / "work.json").unlink()
    (taken / "messages.json").unlink()
    said = opened(taken, keys)
    for name in ("work.txt", "work.json", made["file"], "messages.txt", "messages.json"):
        assert f"{taken.name}/{name} is of an earlier opening" in said


def test_keys_that_name_two_roots_open_nothing(world: World, taken: Path, tmp_path: Path) -> None:
    keys = world.keys(tmp_path / "keys")
    shutil.copy(make_mechanism(tmp_path / "other", "demo").keys / "bundle.json", keys)
    assert "more than one mechanism" in opened(taken, keys, 1)
    assert not (tmp_path / "opened").exists()


def from_receipt(world: World, keys: ReceiptKeys, text: str) -> tuple[SealedPart, bytes]:
    account = next(c for c in world.signed.compartments if c.kind == "account")
    values = {"text": text, "language": "be"}
    part = seal_message(
        Recipient.parse(account.recipient), world.record, account.id, values, secrets.token_bytes
    )
    said: dict[str, Any] = {"record": world.record, "mechanism": "demo", "day": clock.day(), "answers": None}
    return part, sign_message(keys.signing, **said, part=part.entry)


def listed(taken: Path, number: int, sent: tuple[SealedPart, bytes]) -> dict[str, Any]:
    part, envelope = sent
    (taken / "parts" / f"{part.entry.id}.age").write_bytes(part.header + part.payload)
    return {"number": number, "envelope": envelope.decode()}


def vouched(staff: Staff, record: str, keys: ReceiptKeys, members: int = 2) -> str:
    """A second receipt, as members of the mechanism sign it; one of them is not enough."""
    document = restoration.make_document(
        record=record,
        mechanism="demo",
        kind=restoration.RECEIPT,
        receipt=NewReceipt.of(keys),
        day=clock.day(),
        nonce=secrets.token_bytes(restoration.NONCE_SIZE),
    )
    signers = [one.keys for one in staff.people[:members]]
    signed = [(restoration.sign_restoration(document, k.signing), k.certificate.raw) for k in signers]
    return restoration.encode_envelope(document, signed).decode()
