"""A table of interviews (CSV): one row each, and each row as a document of `interviews`.

    id;narrative;language;capacity;facility;date;violations;media;mechanisms
    17;"Мяне затрымалі…";be;victim;akrestsina_tsip;2020-08-09~;beating;17/a.jpg;demo:un_fact_finding+archive

Columns are told apart by commas or semicolons, whichever the first line has. Besides those of `_COLUMNS`
there is one for each question, `<section>.<question>`. Several values of a cell are separated by
semicolons. `?` is "don't know", and `-` "prefer not to say". An empty cell says nothing.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crypto.encoding import Json
from intake.record.questions import Question, sections
from intake.record.sections import DECLINED, UNKNOWN

# What a column stands for, where it is not called after its question.
SHORT = {
    "facility": "detention.facility",
    "date": "events.date",
    "violations": "acts.violations",
    "name": "person.name",
    "other_names": "person.other_names",
    "birth": "person.birth",
    "age_band": "person.age_band",
    "citizenship": "person.citizenship",
    "occupation": "person.occupation",
    "activity": "person.activity",
    "home": "person.home",
}
_COLUMNS = (
    "id", "narrative", "narrative_file", "language", "capacity", "media", "origin", "consent_scan",
    "mechanisms", "expires",
)  # fmt: skip
_LARGEST_CELL = 16 * 1024 * 1024  # characters
_UNSAID = {"?": UNKNOWN, "-": DECLINED}
_YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(slots=True)
class Row:
    """One row: its first line in the file, its document, and (column, what is wrong) of its cells."""

    line: int
    described: dict[str, Json]
    problems: list[tuple[str, str]] = field(default_factory=list)


def read(path: Path) -> Iterator[Row]:
    """All rows. A file that is no table is one row with a problem."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        yield Row(1, {}, [("", "is not UTF-8 text: save the table as CSV UTF-8")])
        return
    csv.field_size_limit(_LARGEST_CELL)
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if problems := _check_header(header):
            yield Row(1, {}, problems)
            return
        before = reader.line_num
        for cells in reader:
            line, before = before + 1, reader.line_num
            if any(cell.strip() for cell in cells):
                yield _row(line, header, cells)
    except csv.Error as error:
        yield Row(reader.line_num, {}, [("", f"is not a table: {error}")])


def template() -> str:
    """An example."""
    lines = [
        ["id", "narrative", "language", "capacity", "facility", "date", "violations", "name", "birth",
         "detention.people", "media", "consent_scan", "mechanisms", "expires"],
        ["2026-017", "What happened,\nin the person's own words.", "be", "victim", "?", "2020-08-09~",
         "", "-", "1990", "24", "2026-017/scar.jpg;2026-017/cell.jpg", "2026-017/consent.pdf",
         "demo:un_fact_finding+archive:triage+identity", "2036-12-31"],
    ]  # fmt: skip
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=",", lineterminator="\n").writerows(lines)
    return out.getvalue()


def _questions() -> Mapping[str, Question]:
    return {
        f"{section.id}.{question.id}": question for section in sections() for question in section.questions
    }


def _check_header(header: list[str]) -> list[tuple[str, str]]:
    known = set(_COLUMNS) | set(SHORT) | set(_questions())
    problems = [
        (name, "there is no such column: see `intake submit --template csv`")
        for name in header
        if name not in known
    ]
    full = [SHORT.get(name, name) for name in header]
    problems += [(name, "is there twice") for name in sorted({n for n in full if full.count(n) > 1})]
    if not header:
        problems.append(("", "the first line names the columns"))
    return problems


def _row(line: int, header: list[str], cells: list[str]) -> Row:
    row = Row(line, {})
    if len(cells) != len(header):
        row.problems.append(("", f"has {len(cells)} cells, and the first line {len(header)}"))
        return row
    said: dict[str, dict[str, Json]] = {}
    named = {name: cell for name, cell in zip(header, cells, strict=True) if cell.strip()}
    for name, cell in named.items():
        full = SHORT.get(name, name)
        if full in _questions():
            section, _, question = full.partition(".")
            try:
                said.setdefault(section, {})[question] = _answer(_questions()[full], cell)
            except ValueError as error:
                row.problems.append((name, str(error)))
        elif name in ("narrative",):
            row.described[name] = cell
        elif name in ("id", "narrative_file", "language", "capacity", "consent_scan"):
            row.described[name] = cell.strip()
    repeated = {section.id for section in sections() if section.repeated}
    if said:
        row.described["sections"] = {id: [item] if id in repeated else item for id, item in said.items()}
    if "media" in named:
        about = {"origin": named["origin"].strip()} if "origin" in named else {}
        row.described["media"] = {name: about for name in _several(named["media"])}
    if "mechanisms" in named:
        expires = named.get("expires", "").strip() or None
        row.described["consent"] = [
            _consent(text, expires, row.problems) for text in _several(named["mechanisms"])
        ]
    elif "expires" in named:
        row.problems.append(("expires", "says when consents end, and `mechanisms` names none: name them"))
    return row


def _several(cell: str) -> list[str]:
    return [value.strip() for value in cell.split(";") if value.strip()]


def _consent(text: str, expires: str | None, problems: list[tuple[str, str]]) -> Json:
    """`mechanism:purpose+purpose[:class+class]`, classes besides `account`."""
    mechanism, *more = text.split(":")
    if not 1 <= len(more) <= 2:
        problems.append(("mechanisms", f"{text} is not MECHANISM:PURPOSE+PURPOSE or …:CLASS+CLASS"))
    purposes = more[0].split("+") if more else []
    classes = [name for name in more[1].split("+") if name] if len(more) > 1 else []
    return {
        "mechanism": mechanism.strip(),
        "purposes": [purpose.strip() for purpose in purposes],
        "classes": list(dict.fromkeys(["account", *(name.strip() for name in classes)])),
        "expires": expires,
    }


def _answer(question: Question, cell: str) -> Json:
    """A cell as the answer's type; whether it fits is checked with all the rest."""
    if cell.strip() in _UNSAID:
        return _UNSAID[cell.strip()]
    if question.type == "text":
        return cell
    if question.type == "many":
        return _several(cell)
    if question.type == "yes_no":
        if cell.strip().lower() not in _YES_NO:
            raise ValueError("is yes or no")
        return _YES_NO[cell.strip().lower()]
    if question.type == "number":
        if not (cell.strip().isascii() and cell.strip().isdigit()):
            raise ValueError("is a number")
        return int(cell.strip())
    return cell.strip()
