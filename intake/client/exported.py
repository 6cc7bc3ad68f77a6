"""What an export holds beside a record: what members wrote about it, and messages; verified, opened, written.

In the record's folder of OUT:

    work.json, work.txt          entries: notes, legal readings, decisions, derivatives
    work/<name>                  files of derivatives, byte for byte
    messages.json, messages.txt  both ways

The checks are the console's: the mechanism's root certified, for that day, whoever signed; a message of
the person is signed by a receipt of the record. What fails one is not shown, and the reason is. Numbers
are the service's own, and an entry that was closed to whoever exported is not there: that nothing is
missing, nobody can prove.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from crypto import work, workspace
from crypto.age_keys import Identity
from crypto.commitments import Fields
from crypto.compartments import open_grant
from crypto.encoding import b64u_decode
from crypto.errors import CryptoError, FormatError, NotMine, VerifyError
from crypto.members import Member
from crypto.message import Message, open_message, verify_message
from crypto.record_reader import RecordReader
from crypto.work import Entry
from crypto.workspace import Workspace
from intake.client import exported_words, files
from intake.client.correspondence import restored_key
from intake.client.mechanism_keys import Root
from intake.client.written import read_small, reason, write_medium

_FILES = ("work.json", "work.txt", "messages.json", "messages.txt")
_DOES_NOT_HOLD = (CryptoError, KeyError, TypeError, ValueError, AttributeError, OSError)


@dataclass(frozen=True, slots=True)
class Record:
    """A record that holds: its folder in the export, and as far as the keys open it.

    `created` is the day of its first revision; `parts` are those that were opened, as `testimony.json` has
    them.
    """

    folder: Path
    reader: RecordReader
    created: str
    identities: Sequence[Identity]
    parts: Mapping[str, Mapping[str, Any]]

    @property
    def id(self) -> str:
        """64 hex digits."""
        return self.reader.statement.record


@dataclass(slots=True)
class Beside:
    """How much was opened, and was not: `closed` is signed and sealed to others, `unchecked` lacks a root.

    `problems` are what was refused, by what it is; `left` are files of an earlier opening that are not open
    any more.
    """

    entries: int = 0
    messages: int = 0
    closed_entries: int = 0
    closed_messages: int = 0
    unchecked: int = 0
    left: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)


def open_beside(record: Record, root: Root | None, target: Path) -> Beside:
    """Open what lies beside a record into `target`; never raises for bad content, but reports it."""
    beside, before = Beside(), _written(target)
    numbers = sorted(
        int(path.stem) for path in (record.folder / "entries").glob("*.json") if path.stem.isdecimal()
    )
    messages: list[dict[str, Any]] = []
    receipts: list[str] = []
    try:
        if (record.folder / "messages.json").exists():
            sent = _read(record.folder / "messages.json")
            messages, receipts = [dict(one) for one in sent["messages"]], list(sent.get("restorations", ()))
    except _DOES_NOT_HOLD as error:
        beside.problems["messages"] = reason(error)
    if root is None:
        beside.unchecked = len(numbers) + len(messages)
        beside.left = sorted(before)
        return beside
    if numbers or (record.folder / "work.json").exists():
        _work(record, root, numbers, target, beside)
    if messages:
        _messages(record, root, messages, receipts, target, beside)
    beside.left = sorted(name for name, written in before.items() if _written(target).get(name) == written)
    return beside


def _written(target: Path) -> dict[str, int]:
    """What lies there of notes and messages, with the inode of each: opening again puts a new file there."""
    found = [target / name for name in _FILES] + list((target / "work").glob("*"))
    return {str(path.relative_to(target)): path.stat().st_ino for path in found if path.is_file()}


# --- work ---


def _work(record: Record, root: Root, numbers: Sequence[int], target: Path, beside: Beside) -> None:
    try:
        place, identity = _workspace(record, root)
    except _DOES_NOT_HOLD as error:
        beside.problems["work"] = f"{reason(error)} ({len(numbers)} entries with it)"
        return
    if identity is None:
        beside.closed_entries = len(numbers)
        return
    names, problems, lines = _names(target), dict[str, str](), list[dict[str, Any]]()
    called = {part: _called(known) for part, known in record.parts.items()}
    taken: set[str] = set()
    for number in numbers:
        try:
            entry, fields = _entry(record, root, number, place, identity)
            ids = {entry.part.id, *(file.id for file in entry.files)}
            if ids & taken:
                raise VerifyError("the same entry is there twice")
        except _DOES_NOT_HOLD as error:
            problems[f"entry {number}"] = reason(error)
            continue
        taken |= ids
        called[entry.part.id] = f"entry {number}"
        opened = []
        for n, label in enumerate(fields.values.get("files", ())):
            try:
                name = _file(record, entry, fields, n, identity, target / "work", names.get(label["part"]))
            except _DOES_NOT_HOLD as error:
                problems[f"entry {number}, file {n + 1}"] = reason(error)
                opened.append({"label": label})
            else:
                opened.append({"file": f"work/{name}", "label": label})
        lines.append(
            {
                "number": number,
                "part": entry.part.id,
                "kind": entry.kind,
                "day": entry.day,
                "member": _member(entry.member),
                "refers": entry.refers,
                "said": {name: value for name, value in fields.values.items() if name != "files"},
                "files": opened,
            }
        )
    for line in lines:  # an entry can be about a later one only by its author's mistake: named all the same
        line["about"] = called.get(str(line["refers"]))
    value = {
        "record": record.id,
        "mechanism": root.mechanism,
        "workspace": place.id,
        "begun": _member(place.member) | {"day": place.day},
        "entries": lines,
        "problems": problems,
    }
    files.write_json(target / "work.json", value)
    text = exported_words.work_text(value, problems)
    files.write(target / "work.txt", text.encode("utf-8", "backslashreplace"))
    beside.entries = len(lines)
    beside.problems |= problems


def _workspace(record: Record, root: Root) -> tuple[Workspace, Identity | None]:
    """The workspace, and its identity; None if it was given to none of the keys."""
    found = _read(record.folder / "work.json")
    place = workspace.verify_envelope(found["envelope"].encode(), root.key, root.mechanism)
    if place.record != record.id:
        raise VerifyError("this is the workspace of something else")
    # Clocks may differ by a day, as the service allows.
    if place.day < (date.fromisoformat(record.created) - timedelta(days=1)).isoformat():
        raise VerifyError("the workspace is older than its record")
    wrong: CryptoError | None = None
    for grant in found["grants"]:
        try:
            identity = open_grant(b64u_decode(grant["file"]), record.identities, place.recipient.text)
        except NotMine:
            continue
        except CryptoError as error:  # another grant may open
            wrong = error
        else:
            return place, identity
    if wrong is not None:
        raise wrong
    return place, None


def _entry(
    record: Record, root: Root, number: int, place: Workspace, identity: Identity
) -> tuple[Entry, Fields]:
    sent = _read(record.folder / "entries" / f"{number}.json")
    envelope = sent["envelope"].encode()
    entry = work.verify_envelope(envelope, root.key, root.mechanism, workspace=place.id, record=record.id)
    file = b64u_decode(sent["header"]) + b64u_decode(sent["payload"])
    return entry, work.open_entry(entry, file, identity)


def _file(
    record: Record, entry: Entry, fields: Fields, n: int, identity: Identity, folder: Path, name: str | None
) -> str:
    part = entry.files[n].id
    return write_medium(
        record.folder / "entries" / f"{part}.age",
        folder,
        part,
        name,
        str(fields.values["files"][n]["name"]),
        partial(work.open_file, entry, fields, n, workspace=identity),
    )


def _names(target: Path) -> dict[str, str]:
    """The names that an earlier opening gave to files, by part."""
    found: dict[str, str] = {}
    try:
        for entry in json.loads((target / "work.json").read_bytes())["entries"]:
            for file in entry["files"]:
                if "file" in file and (target / "work" / Path(file["file"]).name).is_file():
                    found[str(file["label"]["part"])] = Path(file["file"]).name
    except (OSError, KeyError, TypeError, ValueError, AttributeError):
        return {}
    return found


def _called(part: Mapping[str, Any]) -> str:
    """What a part of the record is called in `testimony.txt`."""
    if "file" in part:
        return str(part["file"])
    said = part.get("fields", {})
    return (
        f"{part['kind']} {said['section']}"
        if part["kind"] == "section" and "section" in said
        else part["kind"]
    )


# --- messages ---


def _messages(
    record: Record,
    root: Root,
    listed: Sequence[Mapping[str, Any]],
    receipts: Sequence[str],
    target: Path,
    beside: Beside,
) -> None:
    keys = [record.reader.statement.sign_key]
    problems: dict[str, str] = {}
    for number, document in enumerate(receipts, start=1):
        try:
            keys += restored_key(document, root, record.id)
        except _DOES_NOT_HOLD as error:
            problems[f"restored receipt {number}"] = reason(error)
    lines: dict[str, dict[str, Any]] = {}
    for at, sent in enumerate(listed, start=1):
        said = sent.get("number")
        number = said if isinstance(said, int) else at
        try:
            message = verify_message(
                sent["envelope"].encode(),
                sign_keys=keys,
                root=root.key,
                record=record.id,
                mechanism=root.mechanism,
            )
            if message.part.id in lines:
                raise VerifyError("the same message is there twice")
            if message.part.compartment not in record.reader.identities:
                beside.closed_messages += 1
                continue
            lines[message.part.id] = {"number": number, **_message(record, message)}
        except _DOES_NOT_HOLD as error:
            again = f", the {at}th of the list" if f"message {number}" in problems else ""
            problems[f"message {number}{again}"] = reason(error)
    beside.problems |= problems
    beside.messages = len(lines)
    if not lines and not problems:
        return
    for line in lines.values():
        before = lines.get(str(line["answers"]))
        line["answers_number"] = before["number"] if before else None
    value = {
        "record": record.id,
        "mechanism": root.mechanism,
        "messages": sorted(lines.values(), key=lambda line: line["number"]),
        "problems": problems,
    }
    files.write_json(target / "messages.json", value)
    text = exported_words.messages_text(value, problems)
    files.write(target / "messages.txt", text.encode("utf-8", "backslashreplace"))


def _message(record: Record, message: Message) -> dict[str, Any]:
    file = read_small(record.folder / "parts" / f"{message.part.id}.age")
    said = open_message(message, file, record.reader.identities[message.part.compartment]).values
    if not isinstance(said.get("text"), str) or not isinstance(said.get("language"), str):
        raise FormatError("a message has a text and its language")
    return {
        "part": message.part.id,
        "day": message.day,
        "member": None if message.member is None else _member(message.member),
        "answers": message.answers,
        "text": said["text"],
        "language": said["language"],
    }


def _member(member: Member) -> dict[str, Any]:
    return {"id": member.id, "name": member.name}


def _read(path: Path) -> dict[str, Any]:
    value = json.loads(read_small(path))
    if not isinstance(value, dict):
        raise FormatError(f"{path.name} is not an object")
    return value
