"""Open pulled records, offline, with a mechanism's identities.

Every check of `crypto.record_reader` is made; what fails one is not shown, and the reason is. A file is
written beside its final name first and gets it only when all of it has been verified.

    OUT/<record>/testimony.json      all fields that could be opened, what they mean, and what was checked
    OUT/<record>/testimony.txt       to read: questions in English, conditions in the consent's language
    OUT/<record>/narrative.txt       what was written, as it stands now; a second text is narrative-2.txt
    OUT/<record>/media/<name>        originals, byte for byte

Of an export also what the mechanism wrote about it: see `exported`.

Corrections stand beside what they correct: the newest text counts, and the earlier ones follow it. A
record that is opened again goes into the same files; what cannot be opened any more stays, and is named.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from crypto import statement
from crypto.age_keys import Identity
from crypto.commitments import Fields
from crypto.encoding import Json, b64u_decode
from crypto.errors import CryptoError, FormatError
from crypto.record_reader import RecordReader
from crypto.statement import BINARY_KINDS, ConsentEntry, Statement
from intake.client import conditions, custody, exported, files
from intake.client.exported import Beside
from intake.client.mechanism_keys import Root
from intake.client.written import indented, plain, read_small, reason, write_medium
from intake.record import sections
from intake.record.dates import Date, DateError
from intake.record.names import record_name
from intake.record.opened import REVISES, Said
from intake.record.questions import Question, Section, medium
from intake.record.questions import sections as all_sections
from intake.record.vocabulary import country_names, vocabulary

_RECORD = re.compile(r"[0-9a-f]{64}")
_META = {"section", "schema", "items", REVISES}
_SEALED_BY = {
    "submitter": "the device of the person who sent it",
    "server": "the service, from its form: the signature proves no authorship",
}


@dataclass(slots=True)
class Opened:
    """One record's outcome. `problems` are what was refused, by part (or `record`).

    `foreign`: none of the record's compartments was granted to these keys. `left` are files of an earlier
    opening whose parts are not open any more. `beside` is what became of notes and messages of an export;
    what was refused of them is among `problems`, too.
    """

    record: str
    parts: int = 0
    media: list[str] = field(default_factory=list)
    sealed_elsewhere: int = 0
    foreign: bool = False
    left: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    beside: Beside = field(default_factory=Beside)


def open_record(folder: Path, identities: Sequence[Identity], out: Path, root: Root | None = None) -> Opened:
    """Open one pulled record into `out/<record>`; never raises for bad content, but reports it.

    `root` is the mechanism's: without it nothing counts that its members signed.
    """
    opened = Opened(folder.name)
    try:
        found = json.loads((folder / "record.json").read_text("utf-8"))
        revisions = [(s["statement"].encode(), b64u_decode(s["signature"], 64)) for s in found["statements"]]
        grants = [(g["compartment"], b64u_decode(g["file"])) for g in found["grants"]]
        reader = RecordReader(revisions, grants, identities, record=folder.name)
        found["handed_over_by"] = custody.handed_over(folder, reader.statement)
    except (CryptoError, KeyError, TypeError, ValueError, OSError, AttributeError) as error:
        opened.problems["record"] = reason(error)
        return opened
    statements = [statement.parse(data) for data, _ in revisions]
    opened.foreign = not reader.identities
    parts = {} if opened.foreign else _testimony(folder, found, statements, reader, out, opened)
    record = exported.Record(folder, reader, statements[0].created_day, identities, parts)
    opened.beside = exported.open_beside(record, root, out / folder.name)
    opened.problems |= opened.beside.problems
    return opened


def _testimony(
    folder: Path,
    found: dict[str, Any],
    statements: list[Statement],
    reader: RecordReader,
    out: Path,
    opened: Opened,
) -> dict[str, dict[str, Any]]:
    """The parts that hold, by id, once everything of them is written."""
    readable = reader.readable()
    opened.sealed_elsewhere = len(reader.statement.parts) - len(readable)
    target = out / folder.name
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    names = _names(target)
    parts: dict[str, dict[str, Any]] = {}
    labels: dict[str, Fields] = {}
    said: list[Said] = []
    for entry in readable:
        if entry.kind in BINARY_KINDS:
            continue
        try:
            part = reader.structured(entry.id, read_small(folder / "parts" / f"{entry.id}.age"))
        except (CryptoError, OSError) as error:
            opened.problems[entry.id] = reason(error)
            continue
        opened.parts += 1
        parts[entry.id] = {"kind": entry.kind, "compartment": entry.compartment, "fields": part.values}
        said.append(Said(entry, part.values))
        if entry.kind == "label":
            labels[str(part.values.get("part"))] = part
    for entry in readable:
        if entry.kind not in BINARY_KINDS:
            continue
        try:
            if entry.id not in labels:
                raise FormatError("its label is missing or was refused")
            label = labels[entry.id]
            name = write_medium(
                folder / "parts" / f"{entry.id}.age",
                target / "media",
                entry.id,
                names.get(entry.id),
                str(label.values.get("name")),
                partial(reader.medium, entry.id, label=label),
            )
        except (CryptoError, OSError) as error:
            opened.problems[entry.id] = reason(error)
            continue
        opened.parts += 1
        opened.media.append(name)
        parts[entry.id] = {"kind": entry.kind, "compartment": entry.compartment, "file": f"media/{name}"}
    opened.left = [f"media/{name}" for part, name in names.items() if part not in parts]
    _write(target, folder, found, statements, opened, said, parts)
    return parts


def pulled_records(folder: Path) -> list[Path]:
    """The complete records of a pull, by id; what was taken back is not among them."""
    return [path for path in sorted((folder / "records").iterdir()) if _RECORD.fullmatch(path.name)]


def taken_back(folder: Path) -> list[Path]:
    """The folders of what was taken back from a pull, whole or in part, by record id."""
    return [path for path in sorted((folder / "withdrawn").glob("*")) if _RECORD.fullmatch(path.name)]


def _names(target: Path) -> dict[str, str]:
    """The names that an earlier opening gave to media, by part."""
    try:
        parts = json.loads((target / "testimony.json").read_bytes())["parts"]
        files_of = {part: Path(known["file"]) for part, known in parts.items() if "file" in known}
    except (OSError, KeyError, TypeError, ValueError, AttributeError):
        return {}
    return {part: path.name for part, path in files_of.items() if (target / "media" / path.name).is_file()}


# --- what is written ---


def _write(
    target: Path,
    folder: Path,
    found: dict[str, Any],
    revisions: list[Statement],
    opened: Opened,
    said: list[Said],
    parts: dict[str, dict[str, Any]],
) -> None:
    s = revisions[-1]
    added = {part.id: r.revision for r in reversed(revisions) for part in r.parts}
    lines = {kind: _lines([one for one in said if one.entry.kind == kind], added) for kind in statement.KINDS}
    by_section: dict[str, list[dict[str, Any]]] = {}
    for line in lines["section"]:
        by_section.setdefault(str(line["said"].get("section", "")), []).append(line)
    pulled = folder.parent.parent
    value = {
        "record": s.record,
        "name": record_name(s.record),
        "number": number if type(number := found.get("number")) is int else None,
        "received_day": found.get("received_day"),
        "created_day": s.created_day,
        "revision": s.revision,
        "sealed_by": s.sealed_by,
        "client": {"name": s.client_name, "version": s.client_version},
        "consent": [_consent(entry) for entry in s.consent],
        "handed_over_by": found["handed_over_by"],
        "choices": {
            str(one.values.get("mechanism")): one.values for one in said if one.entry.kind == "consent"
        },
        "narratives": lines["narrative"],
        "sections": by_section,
        "triage": lines["triage"],
        "media": [
            {"part": line["said"].get("part"), **parts.get(str(line["said"].get("part")), {}), **line}
            for line in lines["label"]
        ],
        "revisions": [
            {
                "revision": r.revision,
                "day": r.created_day,
                "sealed_by": r.sealed_by,
                "client": {"name": r.client_name, "version": r.client_version},
                "hash": statement.statement_hash(r.encode()),
                "parts": [part.id for part in r.parts if added[part.id] == r.revision],
            }
            for r in revisions
        ],
        "parts": parts,
        "not_granted": opened.sealed_elsewhere,
        "problems": opened.problems,
        "deletion": _kept(pulled / "deletions" / f"{s.record}.json"),
        "withdrawn": _kept(pulled / "withdrawn" / s.record / "withdrawal.json"),
    }
    files.write_json(target / "testimony.json", value)
    for path in target.glob("narrative*.txt"):
        path.unlink()
    for number, line in enumerate(lines["narrative"], start=1):
        name = "narrative.txt" if number == 1 else f"narrative-{number}.txt"
        files.write(target / name, str(line["said"].get("text", "")).encode("utf-8", "surrogatepass"))
    files.write(target / "testimony.txt", _readable(value).encode("utf-8", "backslashreplace"))


def _consent(entry: ConsentEntry) -> dict[str, Any]:
    flat = asdict(entry)
    text = {name: flat.pop(f"text_{name}") for name in ("version", "language", "sha256")}
    return flat | {"text": text}


def _lines(said: list[Said], added: Mapping[str, int]) -> list[dict[str, Any]]:
    """Each text as it stands now, with the earlier versions, newest first; in the order of signing.

    A text replaces one that was signed before it. What two texts correct stays the earlier one of both.
    """
    lines: dict[str, dict[str, Any]] = {}
    seen: dict[str, dict[str, Any]] = {}
    for one in said:
        line: dict[str, Any] = {
            "part": one.entry.id,
            "revision": added[one.entry.id],
            "said": _said(one),
            "earlier": [],
        }
        if one.revises in seen:
            before = seen[one.revises]
            line["earlier"] = [{k: v for k, v in before.items() if k != "earlier"}, *before["earlier"]]
            lines.pop(one.revises, None)
        elif one.revises is not None:
            line["replaces"] = one.revises  # which is not open to these keys
        seen[one.entry.id] = lines[one.entry.id] = line
    return list(lines.values())


def _said(one: Said) -> dict[str, Any]:
    """A part's fields; those of a section as its questions ask them. What is not known stays as it is."""
    values = dict(one.values)
    if one.entry.kind != "section":
        return values
    try:
        name, answers = sections.from_fields(values)
    except ValueError:
        return values
    beside = {k: v for k, v in values.items() if not re.match(r"[0-9]+/", k) and k != "items"}
    return beside | {"section": name, "answers": answers}


def _kept(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


# --- to read ---


def _readable(value: Mapping[str, Any]) -> str:
    """The testimony in words. Everything that came from people is indented: none of it is a heading."""
    rows = [f"TESTIMONY {value['record']}", ""]
    number = "" if value["number"] is None else f" as no. {value['number']},"
    rows += [f"The console of a mechanism shows it{number} by the name {value['name']}."]
    rows += [f"Received {value['received_day']}. Revision {value['revision']}, {value['created_day']}."]
    rows += [f"Sealed by {_SEALED_BY.get(value['sealed_by'], value['sealed_by'])}."]
    rows += [f"{value['not_granted']} parts are not granted to these keys."] if value["not_granted"] else []
    if value["deletion"]:
        rows += [f"THE PERSON HAS ASKED FOR THIS TO BE DELETED on {value['deletion'].get('due')}."]
    for ended in value["withdrawn"] or ():
        what = "before, and given again" if ended.get("whole") else "IN PART: that is not in this file"
        rows += [f"Consent was withdrawn {what} (entry {ended.get('index')} of the log)."]
    rows += [f"REFUSED {part}: {why}" for part, why in value["problems"].items()]
    for mechanism, choice in value["choices"].items():
        rows += ["", f"CONDITIONS for {plain(mechanism)}", ""]
        for label, chosen in conditions.in_words(choice):
            rows += [f"  {plain(label)}", *(f"    {plain(one)}" for one in chosen or ["-"])]
    for line in value["narratives"]:
        rows += ["", "WHAT HAPPENED, in the person's own words", *_versions(line, _narrative)]
    known = {section.id: section for section in all_sections()}
    for name in (
        *(n for n in known if n in value["sections"]),
        *(n for n in value["sections"] if n not in known),
    ):
        for line in value["sections"][name]:
            title = known[name].title["en"].upper() if name in known else f"SECTION {plain(name)}"
            rows += ["", title, *_versions(line, partial(_section, known.get(name)))]
    for line in value["media"]:
        rows += ["", f"FILE {plain(line.get('file') or 'not open')}"]
        rows += _versions(line, partial(_answers, medium().questions))
    return "\n".join(rows) + "\n"


def _versions(line: Mapping[str, Any], show: Callable[[Mapping[str, Any]], list[str]]) -> list[str]:
    rows = ["", *show(line["said"])]
    for before in line["earlier"]:
        rows += ["", f"  Before it was corrected (revision {before['revision']}):", "", *show(before["said"])]
    if "replaces" in line:
        rows += ["", "  This corrects a part that is not open to these keys."]
    return rows


def _narrative(said: Mapping[str, Any]) -> list[str]:
    rest = {name: said[name] for name in said if name not in ("text", REVISES)}
    if "capacity" in rest:
        rest["capacity"] = vocabulary("capacities").label(str(rest["capacity"]), "en")
    return [*indented(str(said.get("text", ""))), "", *_answers((), rest)]


def _section(asked: Section | None, said: Mapping[str, Any]) -> list[str]:
    answers = said.get("answers")
    items = answers if isinstance(answers, list) else [answers]
    title = asked.item_title["en"] if asked and asked.item_title else "Item"
    rows: list[str] = []
    for number, item in enumerate(items, start=1):
        rows += [f"  {title} {number}"] if isinstance(answers, list) else []
        rows += _answers(asked.questions if asked else (), item if isinstance(item, dict) else {"": item})
    return rows + _answers((), {name: said[name] for name in said if name not in {*_META, "answers"}})


def _answers(questions: Iterable[Question], said: Mapping[str, Any]) -> list[str]:
    asked = {question.id: question for question in questions}
    rows: list[str] = []
    for name in (*(n for n in asked if n in said), *(n for n in said if n not in asked)):
        question, answer = asked.get(name), said[name]
        label = question.label["en"] if question else plain(name)
        rows += [f"  {label}", *indented(_answer(question, answer))]
    return rows


def _answer(question: Question | None, answer: Json) -> str:
    """An answer in words; one that does not fit its question, as it is."""
    if answer in (sections.UNKNOWN, sections.DECLINED):
        return "(does not know)" if answer == sections.UNKNOWN else "(prefers not to say)"
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    if question and question.vocabulary:
        codes = answer if isinstance(answer, list) else [answer]
        return "; ".join(vocabulary(question.vocabulary).label(str(code), "en") for code in codes)
    if question and question.type == "date":
        try:
            return f"{Date.parse(str(answer)).words('en')} ({answer})"
        except DateError:
            return plain(answer)
    if question and question.type == "country":
        return country_names("en").get(str(answer), plain(answer))
    return answer if isinstance(answer, str) else plain(answer)
