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
from crypto.receipt import ReceiptKeys
from crypto.statement import (
    AudienceEntry,
    CompartmentEntry,
    ConsentEntry,
    PartEntry,
    Statement,
    key_commitment,
    record_id,
    sign,
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
    """One record being made. `random(n)` returns n fresh random bytes."""

    def __init__(self, keys: ReceiptKeys, random: Random) -> None:
        self._keys = keys
        self._random = random
        self.share = random(32)
        self.record = record_id(self.share, keys.signing.public, keys.identity.recipient)
        self._compartments: dict[str, Compartment] = {}
        self._parts: list[PartEntry] = []

    def compartment(self, kind: str) -> Compartment:
        """The record's compartment of this class, made on first use."""
        if kind not in self._compartments:
            identity = Identity(self._random(32))
            self._compartments[kind] = Compartment(self._random(16).hex(), kind, identity)
        return self._compartments[kind]

    def structured(
        self, kind: str, compartment: Compartment, values: Mapping[str, Json], floor: int = padding.TEXT_FLOOR
    ) -> SealedPart:
        """Seal named values under a random key, padded to at least `floor` bytes."""
        return self._structured(kind, compartment, self._salted(values), floor)

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
        self, medium: MediumSealer, compartment: Compartment, label: Mapping[str, Json]
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
        self._parts.append(entry)
        return sealing.wrap(medium.file_key, compartment.identity.recipient), sealed_label

    def grants(self, audience: list[tuple[str, Recipient]]) -> list[Grant]:
        """For each (compartment id, reader) a grant, and one of every compartment for the receipt."""
        own = [(c.id, self._keys.identity.recipient) for c in self._compartments.values()]
        by_id = {c.id: c for c in self._compartments.values()}
        return [
            Grant(
                compartment,
                reader.fingerprint,
                by_id[compartment].grant(
                    reader, file_key=self._random(FILE_KEY_SIZE), nonce=self._random(NONCE_SIZE)
                ),
            )
            for compartment, reader in own + audience
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
        """(statement, signature) of revision 1; `client` is name, version and asset-manifest hash."""
        data = Statement(
            record=self.record,
            share=self.share,
            sign_key=self._keys.signing.public,
            recipient=self._keys.identity.recipient.text,
            revision=1,
            previous=None,
            client_name=client[0],
            client_version=client[1],
            client_assets=client[2],
            created_day=created_day,
            sealed_by=sealed_by,
            compartments=tuple(
                CompartmentEntry(c.id, c.kind, c.generation, c.identity.recipient.text)
                for c in self._compartments.values()
            ),
            audience=tuple(audience),
            consent=tuple(consent),
            parts=tuple(self._parts),
        ).encode()
        return data, sign(data, self._keys.signing)

    def _salted(self, values: Mapping[str, Json]) -> commitments.Fields:
        return commitments.Fields.salted(values, self._random)

    def _structured(
        self, kind: str, compartment: Compartment, fields: commitments.Fields, floor: int
    ) -> SealedPart:
        plain = fields.encode()
        plain += bytes(padding.padded_length(len(plain), floor) - len(plain))
        file_key = self._random(FILE_KEY_SIZE)
        payload = sealing.seal_payload(plain, file_key, self._random(NONCE_SIZE))
        entry = PartEntry(
            self._random(16).hex(),
            kind,
            compartment.id,
            hashlib.sha256(payload).hexdigest(),
            key_commitment(file_key, self.record),
            fields.commitment().hex(),
        )
        self._parts.append(entry)
        return SealedPart(entry, sealing.wrap(file_key, compartment.identity.recipient), payload)
