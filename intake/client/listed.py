"""A saved log as a list for people: one line an entry, to read, to print or to file.

Only entries are listed that lead to a root which the log signed; how many others there are is said, and
from where to where the file goes, because what it lacks nobody can see in a list.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from crypto.encoding import Json, canonical_json
from intake.client.event_words import EVENTS
from intake.client.saved import Saved
from intake.record.names import record_name

COLUMNS: Final = (
    "entry", "day", "hour", "who", "roles", "what", "event", "record", "record_name", "purpose", "reason",
    "more",
)  # fmt: skip
_BY_OPERATOR: Final = frozenset(
    {"member.invited", "member.admitted", "member.removed", "keys.wrapped", "witness.added"}
)  # if nobody is named
_ABOUT_PROGRAM: Final = frozenset({"client.added", "client.revoked"})  # the operator did it, not the program
# The member is whom it is about; who did it is not said in the log of records.
_ABOUT_MEMBER: Final = frozenset({"member.added", "member.revoked", "membership.added", "membership.removed"})
# Shown in columns of their own, or of no use to people: signed documents and proofs.
_ELSEWHERE: Final = frozenset(
    {"event", "mechanism", "day", "hour", "record", "member", "client", "roles", "purpose", "reason", "why",
     "what_for", "proof", "withdrawal", "statement", "signature", "objection", "proven"}
)  # fmt: skip
_LONG = 64  # characters: an id is whole
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would calculate


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted: a month as YYYY-MM, how a record's id or name begins, a member or `client:NAME`."""

    month: str = ""
    record: str = ""
    member: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """The entries, the oldest first, each by `COLUMNS`; and what has to be known of the list."""

    rows: list[dict[str, str]]
    about: list[str]


def listed(found: Saved, asked: Asked) -> Listed:
    """The verified entries that are asked for."""
    signed = [index for index in sorted(found.covered) if found.said.get(index, {}).get("event")]
    rows = [_row(index, found.said[index]) for index in signed]
    wanted = [row for row in rows if _is_wanted(row, asked)]
    return Listed(wanted, _about(found, rows, len(wanted)))


def _about(found: Saved, rows: Sequence[Mapping[str, str]], many: int) -> list[str]:
    said = [f"{many} of the {len(rows)} entries that say something and are signed are in this list."]
    first, days = min(found.leaves, default=0), [row["day"] for row in rows]
    if days:
        said.append(
            f"The file has signed entries of {days[0]} to {days[-1]}: of other days it knows nothing."
        )
    if first:
        said.append(f"It begins with entry {first}: what was before is not in it, of that first day either.")
    # Those that wait say a day that nobody has signed: whether they would belong here is not known.
    if loose := found.leaves.keys() - found.covered:
        said.append(f"Not listed: newer entries, which are not signed yet: {len(loose)}.")
    if silent := found.silent & found.covered:
        said.append(f"Not listed: entries that fell silent when a testimony was erased: {len(silent)}.")
    return said


def _row(index: int, said: Mapping[str, Json]) -> dict[str, str]:
    event, record = _text(said.get("event")), _text(said.get("record"))
    more = [
        f"{name.replace('_', ' ')}: {_short(_text(value))}"
        for name, value in sorted(said.items())
        if name not in _ELSEWHERE
        or (name == "client" and event in _ABOUT_PROGRAM)
        or (name == "member" and event in _ABOUT_MEMBER)
    ]
    cells = (
        str(index), _text(said.get("day")), _text(said.get("hour")), _who(event, said),
        _text(said.get("roles")), EVENTS.get(event, event), event, record,
        record_name(record) if len(record) == 64 else "", _text(said.get("purpose")),
        "; ".join(_text(said[name]) for name in ("reason", "why", "what_for") if said.get(name)),
        "; ".join(more),
    )  # fmt: skip
    return dict(zip(COLUMNS, cells, strict=True))


def _who(event: str, said: Mapping[str, Json]) -> str:
    if event in _ABOUT_MEMBER:
        return ""
    if said.get("member"):
        return _text(said["member"])
    if event in _ABOUT_PROGRAM:
        return "the operator"
    if said.get("client"):
        return f"client:{_text(said['client'])}"
    if event == "member.removed" and said.get("reason") == "expired":
        return "the service, by itself"
    return "the operator" if event in _BY_OPERATOR else ""


def _is_wanted(row: Mapping[str, str], asked: Asked) -> bool:
    record = asked.record.strip().lower().replace(" ", "-")
    return (
        row["day"].startswith(asked.month)
        and (not record or row["record"].startswith(record) or row["record_name"].startswith(record))
        and asked.member in ("", row["who"])
    )


def line(row: Mapping[str, str]) -> str:
    """An entry on one line."""
    when = f"{row['day']} {row['hour']:>2} h" if row["hour"] else row["day"]
    who = row["who"] + (f" ({row['roles']})" if row["roles"] else "")
    record = f"{row['record_name']} {row['record'][:8]}…" if row["record"] else ""
    said = [
        when,
        who,
        row["what"],
        f"testimony {record}" if record else "",
        f"for {row['purpose']}" if row["purpose"] else "",
        f"because: {row['reason']}" if row["reason"] else "",
        row["more"],
        f"entry {row['entry']}",
    ]
    return " · ".join(part for part in said if part)


def table(rows: Sequence[Mapping[str, str]]) -> bytes:
    """As CSV in UTF-8. No cell is one that a spreadsheet calculates: names come from others."""
    text = io.StringIO(newline="")
    out = csv.writer(text, lineterminator="\r\n")
    out.writerow(COLUMNS)
    for row in rows:
        out.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row.values()])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _text(value: Json) -> str:
    """On one line, without what would steer a terminal."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = value if isinstance(value, str) else canonical_json(value).decode()
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _short(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"
