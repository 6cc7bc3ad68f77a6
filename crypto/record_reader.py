"""Opening one record, and refusing to show anything of it that does not hold.

The checks, in order (`docs/wire.md`, "What a reader checks"):

 1. each statement is canonical, signed by the record's key, and the record id follows from its keys;
 2. revisions follow one another without a gap, each naming the hash of the one before;
 3. a grant opens to the identity of the compartment that the statement names;
 4. a part's header has one post-quantum stanza for that compartment, and its MAC holds;
 5. the file key is the one the statement commits to, for this record;
 6. the payload's hash is the payload id, and every chunk opens, in order, to its end;
 7. a structured part's fields hash to its commitment;
 8. a medium's commitment is its label's, and the label names this medium;
 9. a medium's bytes have the label's size, D and SHA-256, and nothing but zeros after them.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from crypto import age_header, checks, commitments, compartments, content_key, sealing, statement
from crypto.age_keys import Identity
from crypto.age_stream import Opener
from crypto.encoding import Json
from crypto.errors import FormatError, NotMine, VerifyError
from crypto.statement import BINARY_KINDS, PartEntry, Statement


class MediumOpener:
    """Open one medium as its payload comes. Nothing may be relied on before `finish` has returned."""

    def __init__(self, entry: PartEntry, file_key: bytes, label: Mapping[str, Json]) -> None:
        """`label` has the values of a label that was checked."""
        self.size: int = label["size"]
        self._want = (label["digest"], label["sha256"])
        self._entry = entry
        self._opener = Opener(file_key)
        self._payload = hashlib.sha256()
        self._sha256 = hashlib.sha256()
        self._content = content_key.ContentDigest()
        self._seen = 0

    def update(self, sealed: bytes | bytearray | memoryview) -> memoryview:
        """Take payload bytes; return bytes of the original, maybe none."""
        self._payload.update(sealed)
        return self._take(self._opener.update(sealed))

    def finish(self) -> memoryview:
        """The last bytes of the original; `VerifyError` if any check of steps 6 and 9 fails."""
        last = self._take(self._opener.finish())
        if self._payload.hexdigest() != self._entry.payload_id:
            raise VerifyError("the payload is not the one that was signed")
        if self._seen < self.size:
            raise VerifyError("the medium is shorter than its label says")
        if (self._content.finish().hex(), self._sha256.hexdigest()) != self._want:
            raise VerifyError("the medium is not the one its label describes")
        return last

    def _take(self, plain: bytes | bytearray) -> memoryview:
        view = memoryview(plain)
        keep = min(len(view), max(0, self.size - self._seen))
        self._seen += len(view)
        if view[keep:].tobytes().strip(b"\0"):
            raise VerifyError("something other than padding follows the medium")
        self._sha256.update(view[:keep])
        self._content.update(view[:keep])
        return view[:keep]


class RecordReader:
    """A record whose statements hold, and the compartments of it that these identities open."""

    def __init__(
        self,
        revisions: list[tuple[bytes, bytes]],
        grants: Iterable[tuple[str, bytes]],
        identities: Sequence[Identity],
        *,
        record: str | None = None,
    ) -> None:
        """`revisions` are (statement, signature); `grants` are (compartment id, age file).

        With `record`, the id that was asked for, any other record is refused.
        """
        self.statement: Statement = statement.verify_chain(revisions)
        if record is not None and self.statement.record != record:
            raise VerifyError("another record than the one asked for")
        self._entries = {entry.id: entry for entry in self.statement.parts}
        recipients = {c.id: c.recipient for c in self.statement.compartments}
        self._keys: dict[str, Identity] = {}
        for compartment, file in grants:
            if compartment not in recipients:
                raise VerifyError("a grant for a compartment that the statement does not name")
            try:
                key = compartments.open_grant(file, identities, recipients[compartment])
            except NotMine:
                continue
            self._keys[compartment] = key

    @property
    def identities(self) -> Mapping[str, Identity]:
        """The compartments that are open, by id, and their keys."""
        return self._keys

    def readable(self) -> list[PartEntry]:
        """The parts whose compartments are open, in the statement's order."""
        return [entry for entry in self.statement.parts if entry.compartment in self._keys]

    def structured(self, part: str, file: bytes) -> commitments.Fields:
        """The fields of a structured part from its whole age file."""
        entry = self._entry(part)
        return open_entry(entry, self.statement.record, file, self._identity(entry))

    def medium(self, part: str, header: age_header.Header, label: commitments.Fields) -> MediumOpener:
        """Start opening a medium from its header and its opened label; feed it the payload."""
        entry = self._entry(part)
        if entry.kind not in BINARY_KINDS:
            raise VerifyError("this part is not a medium")
        check_label(label.values)
        if label.commitment().hex() != entry.commitment or label.values["part"] != part:
            raise VerifyError("the label belongs to another medium")
        file_key = file_key_of(entry, self.statement.record, header, self._identity(entry))
        return MediumOpener(entry, file_key, label.values)

    def _entry(self, part: str) -> PartEntry:
        if part not in self._entries:
            raise VerifyError("a part that the statement does not name")
        return self._entries[part]

    def _identity(self, entry: PartEntry) -> Identity:
        if entry.compartment not in self._keys:
            raise NotMine("the part's compartment was not granted to these keys")
        return self._keys[entry.compartment]


def open_entry(entry: PartEntry, record: str, file: bytes, compartment: Identity) -> commitments.Fields:
    """The fields of a structured part that something signed names, from its whole age file.

    `compartment` is the identity of the compartment that the entry names. `NotMine` if the part is sealed
    to another, `VerifyError` if key, payload or fields are not those that were signed.
    """
    header, payload = sealing.split(file)
    file_key = file_key_of(entry, record, header, compartment)
    if hashlib.sha256(payload).hexdigest() != entry.payload_id:
        raise VerifyError("the payload is not the one that was signed")
    fields = commitments.Fields.parse(sealing.open_payload(payload, file_key))
    if fields.commitment().hex() != entry.commitment:
        raise VerifyError("the fields are not the ones that were signed")
    return fields


def file_key_of(entry: PartEntry, record: str, header: age_header.Header, compartment: Identity) -> bytes:
    """The file key of a part, if it is the one that was committed to for this record."""
    age_header.require_post_quantum(header)
    file_key = sealing.unwrap(header, [compartment])
    if statement.key_commitment(file_key, record) != entry.key_commitment:
        raise VerifyError("the key is not the one that was signed")
    return file_key


def check_label(values: Mapping[str, Json]) -> None:
    """`FormatError` unless the fields that every label must have are there and well formed."""
    if not {"part", "name", "type", "size", "digest", "sha256"} <= set(values):
        raise FormatError("the label lacks a field")
    checks.identifier(values["part"])
    checks.digest(values["digest"])
    checks.digest(values["sha256"])
    size = values["size"]
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise FormatError("the label's size is not a number of bytes")
    if not all(isinstance(values[name], str) and len(values[name]) <= 4096 for name in ("name", "type")):
        raise FormatError("the label's name and type are texts")
