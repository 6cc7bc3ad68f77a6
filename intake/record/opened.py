"""What a record says, once it is open: the texts and choices that hold now, and the ones before them.

Nothing of a record is ever overwritten. A correction is a new part whose field `revises` names the part
that it replaces; both stay, and readers show the newest with what came before.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from crypto import statement
from crypto.commitments import Fields
from crypto.encoding import Json
from crypto.errors import CryptoError
from crypto.record_reader import RecordReader, check_label
from crypto.statement import BINARY_KINDS, CompartmentEntry, PartEntry, Statement
from intake.record.consent import Choice

REVISES = "revises"


@dataclass(frozen=True, slots=True)
class Said:
    """One structured part: its entry, and its values."""

    entry: PartEntry
    values: Mapping[str, Json]

    @property
    def revises(self) -> str | None:
        """The part that this one replaces."""
        value = self.values.get(REVISES)
        return value if isinstance(value, str) else None


@dataclass
class OpenedRecord:
    """Everything that these keys open, in the order of signing. `problems` maps parts to what is wrong."""

    reader: RecordReader
    said: list[Said] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)

    def of(self, kind: str) -> list[Said]:
        """All parts of a kind, replaced ones included."""
        return [s for s in self.said if s.entry.kind == kind]

    def current(self, kind: str) -> list[Said]:
        """The parts of a kind that nothing replaces."""
        replaced = {s.revises for s in self.of(kind)}
        return [s for s in self.of(kind) if s.entry.id not in replaced]

    def choices(self) -> dict[str, tuple[Choice, str]]:
        """By mechanism: the newest choice, and the compartment in which the two correspond."""
        found: dict[str, tuple[Choice, str]] = {}
        for said in self.of("consent"):
            choice = Choice.parse(said.values)
            found[choice.mechanism] = (choice, said.entry.compartment)
        return found

    def general(self, kind: str) -> list[CompartmentEntry]:
        """The compartments of a class, oldest first, without those that one mechanism or medium has alone.

        Of a compartment that is not open nobody can say: it is taken for a general one, and cannot be
        granted. One in which something does not hold is not: what is missing may be the label that says so.
        """
        alone = {s.entry.compartment for s in self.of("consent")}
        alone |= {s.entry.compartment for s in self.of("label") if s.values.get("apart") is True}
        alone |= {p.compartment for p in self.reader.statement.parts if p.id in self.problems}
        return [c for c in self.reader.statement.compartments if c.kind == kind and c.id not in alone]


def open_all(reader: RecordReader, fetch: Callable[[str], bytes]) -> OpenedRecord:
    """Open every structured part; `fetch` returns a part's age file. What does not hold is a problem."""
    opened = OpenedRecord(reader)
    for entry in reader.readable():
        if entry.kind in BINARY_KINDS:
            continue
        try:
            fields: Fields = reader.structured(entry.id, fetch(entry.id))
            if entry.kind == "label":
                check_label(fields.values)
        except CryptoError as error:
            opened.problems[entry.id] = str(error)
            continue
        opened.said.append(Said(entry, fields.values))
    return opened


def correspondence(signed: Statement, mechanism: str) -> CompartmentEntry | None:
    """The compartment for messages with a mechanism: with the fewest others, of the account if it can be.

    None if nothing of the record is granted to it.
    """
    holders: dict[str, set[str]] = {}
    for entry in signed.audience:
        holders.setdefault(entry.compartment, set()).add(entry.mechanism)
    usable = [c for c in signed.compartments if mechanism in holders.get(c.id, ())]
    preferred = ("account", "identity", "sensitive", "triage")
    return min(
        usable,
        key=lambda c: (preferred.index(c.kind), len(holders[c.id]), -c.generation),
        default=None,
    )


def ever_granted(revisions: Iterable[tuple[bytes, bytes]]) -> dict[str, set[str]]:
    """By compartment: the mechanisms that were granted it in any revision, and may hold its key."""
    found: dict[str, set[str]] = {}
    for data, _ in revisions:
        for entry in statement.parse(data).audience:
            found.setdefault(entry.compartment, set()).add(entry.mechanism)
    return found
