"""Work: one entry in a workspace. A note, a decision, or what was made of a photo; sealed, and signed.

    envelope = what a member signs (`envelopes`), domain "intake/work/v1"

The part is a structured part as in a record, sealed to the workspace's recipient. Files are sealed to the
same, and described in the part's field `files`, each as a label describes a medium. Where a record's parts
commit to their keys for the record's id, these commit for

    SHA-256("intake/workspace-id/v1" ‖ workspace id)

so that nothing sealed in one place opens in another.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from crypto import age_header, checks, commitments, envelopes, padding, primitives, sealing
from crypto.age_header import FILE_KEY_SIZE
from crypto.age_keys import Identity, Recipient
from crypto.age_stream import NONCE_SIZE
from crypto.encoding import Json
from crypto.errors import FormatError, VerifyError
from crypto.members import Member
from crypto.primitives import SigningKey
from crypto.record_reader import MediumOpener, check_label, file_key_of
from crypto.record_reader import open_entry as open_part
from crypto.record_writer import MediumSealer, SealedMedium, SealedPart, seal_fields
from crypto.statement import PartEntry, key_commitment

DERIVATIVE = "derivative"
KINDS = ("title", "note", "tags", "decision", "reason", DERIVATIVE)
PART, FILE = "work", "derivative"
MAX_FILES = 8
_WHAT = "work"


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A sealed file of an entry: `id` has 16 bytes, the others 32, in hex."""

    id: str
    payload_id: str
    key_commitment: str


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """An entry ready to be signed and stored; `files` are (entry, header), payloads are stored already."""

    part: SealedPart
    files: tuple[tuple[FileEntry, bytes], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A verified entry, not yet opened. `refers`: the id of the part it is about, or None."""

    workspace: str
    mechanism: str
    record: str | None
    kind: str
    day: str
    refers: str | None
    part: PartEntry
    files: tuple[FileEntry, ...]
    member: Member


def key_context(workspace: str) -> str:
    """What stands in the record id's place where keys of a workspace are committed to, hex."""
    return primitives.sha256(b"intake/workspace-id/v1", bytes.fromhex(workspace)).hex()


def begin_file(random: Callable[[int], bytes]) -> MediumSealer:
    """Start sealing a file; it is given to `seal_entry` when its payload is complete."""
    return MediumSealer(random(16).hex(), random(FILE_KEY_SIZE), random(NONCE_SIZE))


def seal_entry(
    recipient: Recipient,
    workspace: str,
    values: Mapping[str, Json],
    random: Callable[[int], bytes],
    files: Sequence[tuple[MediumSealer | SealedMedium, Mapping[str, Json]]] = (),
) -> SealedEntry:
    """Seal named values for a workspace. `files` are (what was sealed, its label: name, type, …)."""
    context = key_context(workspace)
    labels = [{**label, "part": file.part, **file.measurements()} for file, label in files]
    fields = commitments.Fields.salted({**values, "files": labels} if files else values, random)
    part = seal_fields(PART, workspace, recipient, context, fields, padding.TEXT_FLOOR, random)
    entries = (
        FileEntry(file.part, file.payload_id, key_commitment(file.file_key, context)) for file, _ in files
    )
    headers = (sealing.wrap(file.file_key, recipient) for file, _ in files)
    return SealedEntry(part, tuple(zip(entries, headers, strict=True)))


def sign_entry(
    key: SigningKey,
    certificate: bytes,
    *,
    mechanism: str,
    record: str | None,
    kind: str,
    day: str,
    refers: str | None,
    part: PartEntry,
    files: Sequence[FileEntry] = (),
) -> bytes:
    """The envelope; by a member's key, with its certificate. The workspace is the part's compartment."""
    document: dict[str, Json] = {
        "v": 1,
        "workspace": part.compartment,
        "mechanism": mechanism,
        "record": record,
        "kind": kind,
        "day": day,
        "refers": refers,
        "part": asdict(part),
        "files": [{"kind": FILE, **asdict(file)} for file in files],
    }
    return envelopes.encode_envelope(_WHAT, document, key, certificate)


def verify_envelope(
    envelope: bytes, root: bytes, mechanism: str, *, workspace: str, record: str | None
) -> Entry:
    """Parse an envelope and check who signed it; `FormatError` or `VerifyError`.

    An entry of another workspace, or about another record than the workspace's, is refused.
    """
    found, member = envelopes.verify_envelope(
        _WHAT, "v workspace mechanism record kind day refers part files", envelope, root, mechanism
    )
    said = None if found["record"] is None else checks.digest(found["record"])
    if checks.identifier(found["workspace"]) != workspace or said != record:
        raise VerifyError("the entry belongs to another workspace")
    kind, part = checks.one_of(found["kind"], KINDS), _part(found["part"], workspace)
    files = tuple(_file(file) for file in checks.items(found["files"], MAX_FILES))
    if bool(files) != (kind == DERIVATIVE):
        raise FormatError("a derivative has files, and nothing else has")
    if len({part.id, *(file.id for file in files)}) != 1 + len(files):
        raise FormatError("two parts share an id")
    refers = None if found["refers"] is None else checks.identifier(found["refers"])
    day = checks.text(found["day"], checks.DAY)
    return Entry(workspace, mechanism, record, kind, day, refers, part, files, member)


def open_entry(entry: Entry, file: bytes, workspace: Identity) -> commitments.Fields:
    """The fields of a verified entry from its whole age file; its files are those that were signed.

    `NotMine` if it is sealed to another workspace, `VerifyError` if anything is not what was signed.
    """
    fields = open_part(entry.part, key_context(entry.workspace), file, workspace)
    labels = fields.values.get("files", [])
    if not isinstance(labels, list) or not all(isinstance(label, dict) for label in labels):
        raise FormatError("the files of an entry are a list of labels")
    for label in labels:
        check_label(label)
    if [label["part"] for label in labels] != [file.id for file in entry.files]:
        raise VerifyError("the labels are of other files")
    return fields


def open_file(
    entry: Entry, fields: commitments.Fields, number: int, header: age_header.Header, workspace: Identity
) -> MediumOpener:
    """Start opening an entry's file of this number (from 0), after `open_entry`; feed it the payload."""
    file = entry.files[number]
    part = PartEntry(
        file.id, FILE, entry.workspace, file.payload_id, file.key_commitment, entry.part.commitment
    )
    file_key = file_key_of(part, key_context(entry.workspace), header, workspace)
    return MediumOpener(part, file_key, fields.values["files"][number])


def _part(value: Json, workspace: str) -> PartEntry:
    v = checks.exactly(value, "id kind compartment payload_id key_commitment commitment")
    if checks.identifier(v["compartment"]) != workspace:
        raise FormatError("the part of an entry lies in its workspace")
    return PartEntry(
        checks.identifier(v["id"]),
        checks.one_of(v["kind"], (PART,)),
        workspace,
        checks.digest(v["payload_id"]),
        checks.digest(v["key_commitment"]),
        checks.digest(v["commitment"]),
    )


def _file(value: Json) -> FileEntry:
    v = checks.exactly(value, "id kind payload_id key_commitment")
    checks.one_of(v["kind"], (FILE,))
    return FileEntry(
        checks.identifier(v["id"]), checks.digest(v["payload_id"]), checks.digest(v["key_commitment"])
    )
