"""Sealing one record: the same steps for the client, the browser's twin and the plain form's server.

    writer = RecordWriter(receipt.keys(), random)
    account = writer.compartment("account")
    narrative = writer.structured("narrative", account, {"text": …, "language": "be"})
    medium = writer.begin_medium(account, file_key, nonce); medium.update(…); medium.finish()
    statement, signature = writer.statement(…)

What `structured` and `end_medium` return goes to the server; the statement ties it together.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from crypto import commitments, content_key, padding, sealing
from crypto.age_header import FILE_KEY_SIZE
from crypto.age_keys import Identity, Recipient
from crypto.age_stream import CHUNK, NONCE_SIZE, Sealer
from crypto.compartments import Compartment
from crypto.encoding import Json
from crypto.errors import VerifyError
from crypto.receipt import ReceiptKeys
from crypto.record_reader import RecordReader
from crypto.statement import (
    AudienceEntry,
    CompartmentEntry,
    ConsentEntry,
    PartEntry,
    Statement,
    key_commitment,
    record_id,
    sign,
    statement_hash,
)

Random = Callable[[int], bytes]
_ZEROS = bytes(4 * CHUNK)


@dataclass(frozen=True, slots=True)
class SealedPart:
    """A part ready to be stored: its entry in the statement, its header and its payload."""

    entry: PartEntry
    header: bytes
    payload: bytes


@dataclass(frozen=True, slots=True)
class Grant:
    """A compartment's identity sealed to one reader, named by fingerprint."""

    compartment: str
    recipient: str
    file: bytes


@dataclass(frozen=True, slots=True)
class SealedMedium:
    """A medium that was sealed before, and for which a record is only now written.

    `part` and `file_key` are the sealer's; hashes in hex, `size` in bytes of the original.
    """

    part: str
    file_key: bytes
    payload_id: str
    size: int
    digest: str
    sha256: str

    def measurements(self) -> dict[str, Json]:
        """What a label says of the unpadded bytes."""
        return {"size": self.size, "digest": self.digest, "sha256": self.sha256}


class MediumSealer:
    """Seal the bytes of one file as they come. `digest` may be given where it is already known."""

    def __init__(self, part: str, file_key: bytes, nonce: bytes, digest: bytes | None = None) -> None:
        self.part = part
        self.file_key = file_key
        self.size = 0
        self._sealer = Sealer(file_key, nonce)
        self._sha256 = hashlib.sha256()
        self._content = None if digest else content_key.ContentDigest()
        self._digest = digest
        self._payload = hashlib.sha256()
        self.sealed_size = 0

    def update(self, data: bytes | bytearray | memoryview) -> bytearray:
        """Take the next bytes of the original; return payload bytes to store."""
        self._sha256.update(data)
        if self._content:
            self._content.update(data)
        self.size += len(data)
        return self._out(self._sealer.update(data))

    def finish(self) -> Iterator[bytes | bytearray]:
        """The padding and the end of the payload, to store. Exhaust it before reading the hashes."""
        if self._content:
            self._digest = self._content.finish()
        missing = padding.padded_length(self.size, padding.FLOOR) - self.size
        for start in range(0, missing, len(_ZEROS)):
            yield self._out(self._sealer.update(_ZEROS[: missing - start]))
        rest = self._sealer.finish()
        self._payload.update(rest)
        self.sealed_size += len(rest)
        yield rest

    @property
    def payload_id(self) -> str:
        """SHA-256 of the payload, hex."""
        return self._payload.hexdigest()

    def measurements(self) -> dict[str, Json]:
        """What a label says of the unpadded bytes: size, D and SHA-256 (hex)."""
        assert self._digest is not None
        return {"size": self.size, "digest": self._digest.hex(), "sha256": self._sha256.hexdigest()}

    def _out(self, sealed: bytearray) -> bytearray:
        self._payload.update(sealed)
        self.sealed_size += len(sealed)
        return sealed


class RecordWriter:
    """One record being made, or its next revision. `random(n)` returns n fresh random bytes."""

    def __init__(self, keys: ReceiptKeys, random: Random) -> None:
        self._keys = keys
        self._random = random
        self._before: Statement | None = None
        self._previous: str | None = None
        self._blind = False
        self.share = random(32)
        self.record = record_id(self.share, keys.signing.public, keys.identity.recipient)
        self._made: dict[tuple[str, str], Compartment] = {}
        self._open: dict[str, Identity] = {}
        self._parts: list[PartEntry] = []

    @classmethod
    def continuing(
        cls, keys: ReceiptKeys, random: Random, revisions: list[tuple[bytes, bytes]], reader: RecordReader
    ) -> "RecordWriter":
        """The next revision of a record. `reader` has opened what the receipt's own grants open.

        Nothing of what was signed before is left out or changed; `compartment` makes new ones unless
        `reuse` names one. A receipt that opens nothing any more gets no grant of anything new either.
        """
        writer = cls(keys, random)
        writer._before = reader.statement
        writer._previous = statement_hash(revisions[-1][0])
        writer._open = dict(reader.identities)
        writer._blind = bool(reader.statement.compartments) and not writer._open
        writer.share, writer.record = reader.statement.share, reader.statement.record
        if (reader.statement.sign_key, reader.statement.recipient) != (
            keys.signing.public,
            keys.identity.recipient.text,
        ):
            raise VerifyError("only the receipt that made a record can sign its next revision")
        return writer

    def compartment(self, kind: str, name: str = "") -> Compartment:
        """The record's compartment of this class and name, made on first use.

        The name exists here only. A new compartment of a class that the record already has is of the
        next generation.
        """
        if (kind, name) not in self._made:
            before = self._before.compartments if self._before else ()
            generation = 1 + max((c.generation for c in before if c.kind == kind), default=0)
            identity = Identity(self._random(32))
            self._made[kind, name] = Compartment(self._random(16).hex(), kind, identity, generation)
        return self._made[kind, name]

    def reuse(self, entry: CompartmentEntry, name: str = "") -> bool:
        """Let `compartment` give an earlier one of this record; False if its key is not open."""
        if entry.id not in self._open:
            return False
        self._made[entry.kind, name] = Compartment(
            entry.id, entry.kind, self._open[entry.id], entry.generation
        )
        return True

    @property
    def made(self) -> Mapping[tuple[str, str], Compartment]:
        """The compartments that this revision makes or reuses, by class and name."""
        return self._made

    @property
    def grantable(self) -> set[str]:
        """The compartments whose keys are at hand."""
        return self._open.keys() | {c.id for c in self._made.values()}

    def structured(
        self, kind: str, compartment: Compartment, values: Mapping[str, Json], floor: int = padding.TEXT_FLOOR
    ) -> SealedPart:
        """Seal named values under a random key, padded to at least `floor` bytes."""
        part = self._structured(kind, compartment, self._salted(values), floor)
        self._parts.append(part.entry)
        return part

    def apart(self, kind: str, compartment: Compartment, values: Mapping[str, Json]) -> SealedPart:
        """As `structured`, for what is signed by a document of its own: the statement will not name it."""
        return self._structured(kind, compartment, self._salted(values), padding.TEXT_FLOOR)

    def begin_medium(
        self, file_key: bytes | None = None, nonce: bytes | None = None, digest: bytes | None = None
    ) -> MediumSealer:
        """Start sealing a file: under a content key, or, without one, under fresh random bytes."""
        return MediumSealer(
            self._random(16).hex(),
            file_key or self._random(FILE_KEY_SIZE),
            nonce or self._random(NONCE_SIZE),
            digest,
        )

    def end_medium(
        self, medium: "MediumSealer | SealedMedium", compartment: Compartment, label: Mapping[str, Json]
    ) -> tuple[bytes, SealedPart]:
        """The medium's header, and its label, which says `label` and the measurements.

        Both parts carry the label's commitment: that ties the bytes to their description.
        """
        fields = self._salted({**label, "part": medium.part, **medium.measurements()})
        sealed_label = self._structured("label", compartment, fields, padding.FLOOR)
        entry = PartEntry(
            medium.part,
            "medium",
            compartment.id,
            medium.payload_id,
            key_commitment(medium.file_key, self.record),
            sealed_label.entry.commitment,
        )
        self._parts += [sealed_label.entry, entry]
        return sealing.wrap(medium.file_key, compartment.identity.recipient), sealed_label

    def grants(self, audience: list[tuple[str, Recipient]]) -> list[Grant]:
        """For each (compartment id, reader) a grant, and one of every new compartment for the receipt."""
        before = {c.id for c in self._before.compartments} if self._before else set()
        keys = self._open | {c.id: c.identity for c in self._made.values()}
        own = [] if self._blind else [c for c in keys if c not in before]
        return [
            self._grant(compartment, keys[compartment], reader)
            for compartment, reader in [(c, self._keys.identity.recipient) for c in own] + audience
        ]

    def statement(
        self,
        *,
        audience: list[AudienceEntry],
        consent: list[ConsentEntry],
        created_day: str,
        sealed_by: str,
        client: tuple[str, str, str | None],
    ) -> tuple[bytes, bytes]:
        """(statement, signature) of this revision; `client` is name, version and asset-manifest hash."""
        before = self._before
        known = {c.id for c in before.compartments} if before else set()
        made = tuple(
            CompartmentEntry(c.id, c.kind, c.generation, c.identity.recipient.text)
            for c in self._made.values()
            if c.id not in known
        )
        data = Statement(
            record=self.record,
            share=self.share,
            sign_key=self._keys.signing.public,
            recipient=self._keys.identity.recipient.text,
            revision=before.revision + 1 if before else 1,
            previous=self._previous,
            client_name=client[0],
            client_version=client[1],
            client_assets=client[2],
            created_day=created_day,
            sealed_by=sealed_by,
            compartments=(before.compartments if before else ()) + made,
            audience=tuple(audience),
            consent=tuple(consent),
            parts=(before.parts if before else ()) + tuple(self._parts),
        ).encode()
        return data, sign(data, self._keys.signing)

    def _grant(self, compartment: str, identity: Identity, reader: Recipient) -> Grant:
        held = Compartment(compartment, "", identity)
        file = held.grant(reader, file_key=self._random(FILE_KEY_SIZE), nonce=self._random(NONCE_SIZE))
        return Grant(compartment, reader.fingerprint, file)

    def _salted(self, values: Mapping[str, Json]) -> commitments.Fields:
        return commitments.Fields.salted(values, self._random)

    def _structured(
        self, kind: str, compartment: Compartment, fields: commitments.Fields, floor: int
    ) -> SealedPart:
        recipient = compartment.identity.recipient
        return seal_fields(kind, compartment.id, recipient, self.record, fields, floor, self._random)


def seal_fields(
    kind: str,
    compartment: str,
    recipient: Recipient,
    record: str,
    fields: commitments.Fields,
    floor: int,
    random: Random,
) -> SealedPart:
    """A structured part of a compartment, whose `recipient` is all that sealing needs."""
    plain = fields.encode()
    plain += bytes(padding.padded_length(len(plain), floor) - len(plain))
    file_key = random(FILE_KEY_SIZE)
    payload = sealing.seal_payload(plain, file_key, random(NONCE_SIZE))
    entry = PartEntry(
        random(16).hex(),
        kind,
        compartment,
        hashlib.sha256(payload).hexdigest(),
        key_commitment(file_key, record),
        fields.commitment().hex(),
    )
    return SealedPart(entry, sealing.wrap(file_key, recipient), payload)
