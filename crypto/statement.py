"""The statement: what a record consists of and who may open it, signed by the receipt's key.

    signature = Ed25519("intake/statement/v1" ‖ 00 ‖ JCS(statement))

A statement describes the whole record as of its revision; the next one names the hash of this one.
Nothing that the submitter did not sign changes what is theirs. `docs/wire.md`, "Statement", has the
meaning of each field; the classes below are that table.
"""

from dataclasses import asdict, dataclass

from crypto import checks, primitives
from crypto.age_keys import Recipient
from crypto.compartments import CLASSES
from crypto.encoding import Json, b64u_decode, b64u_encode, canonical_json, parse_canonical_json
from crypto.errors import FormatError, VerifyError
from crypto.primitives import SigningKey

MAX_BYTES = 2 * 1024 * 1024
MAX_PARTS = 4000
MAX_COMPARTMENTS = 64
KINDS = ("triage", "narrative", "section", "consent", "message", "label", "medium", "derivative")
BINARY_KINDS = ("medium", "derivative")  # the bytes of a file, described by a label
PURPOSES = (
    "criminal_investigation",
    "un_fact_finding",
    "reparation",
    "sanctions",
    "anonymised_advocacy",
    "statistics",
    "archive",
)
_DOMAIN = b"intake/statement/v1\0"


@dataclass(frozen=True, slots=True)
class CompartmentEntry:
    """A compartment: `id` (16 bytes hex), class, generation from 1, its recipient `age1pq1…`."""

    id: str
    kind: str
    generation: int
    recipient: str


@dataclass(frozen=True, slots=True)
class AudienceEntry:
    """Who is granted a compartment: mechanism, and the fingerprint of the mechanism's key."""

    mechanism: str
    compartment: str
    recipient: str


@dataclass(frozen=True, slots=True)
class ConsentEntry:
    """What one mechanism may do; `text_*` is what the person was shown. `expires` is a day or None.

    What it may open is the audience; conditions and contact wishes are a sealed part (`consent`).
    """

    mechanism: str
    purposes: tuple[str, ...]
    expires: str | None
    successor: bool
    text_version: str
    text_language: str
    text_sha256: str


@dataclass(frozen=True, slots=True)
class PartEntry:
    """A sealed part: ids and hashes in hex (`id` 16 bytes, the others 32)."""

    id: str
    kind: str
    compartment: str
    payload_id: str
    key_commitment: str
    commitment: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A whole statement. `share` and `sign_key` are 32 bytes; days are `YYYY-MM-DD`."""

    record: str
    share: bytes
    sign_key: bytes
    recipient: str
    revision: int
    previous: str | None
    client_name: str
    client_version: str
    client_assets: str | None
    created_day: str
    sealed_by: str
    compartments: tuple[CompartmentEntry, ...]
    audience: tuple[AudienceEntry, ...]
    consent: tuple[ConsentEntry, ...]
    parts: tuple[PartEntry, ...]

    def encode(self) -> bytes:
        """Canonical JSON."""
        return canonical_json(
            {
                "v": 1,
                "record": self.record,
                "share": b64u_encode(self.share),
                "keys": {"sign": b64u_encode(self.sign_key), "recipient": self.recipient},
                "revision": self.revision,
                "previous": self.previous,
                "client": {
                    "name": self.client_name,
                    "version": self.client_version,
                    "assets": self.client_assets,
                },
                "created_day": self.created_day,
                "sealed_by": self.sealed_by,
                "compartments": [
                    {"id": c.id, "class": c.kind, "generation": c.generation, "recipient": c.recipient}
                    for c in self.compartments
                ],
                "audience": [asdict(a) for a in self.audience],
                "consent": [
                    {
                        "mechanism": c.mechanism,
                        "purposes": list(c.purposes),
                        "expires": c.expires,
                        "successor": c.successor,
                        "text": {
                            "version": c.text_version,
                            "language": c.text_language,
                            "sha256": c.text_sha256,
                        },
                    }
                    for c in self.consent
                ],
                "parts": [asdict(p) for p in self.parts],
            }
        )


def record_id(share: bytes, sign_key: bytes, recipient: Recipient) -> str:
    """SHA-256("intake/record/v1" ‖ share ‖ Ed25519 key ‖ age recipient), hex."""
    return primitives.sha256(b"intake/record/v1", share, sign_key, recipient.public).hex()


def key_commitment(file_key: bytes, record: str) -> str:
    """HKDF(file key, salt record id, "intake/commit/v1"), hex.

    ChaCha20-Poly1305 does not commit to its key: one payload could open to two texts under two keys.
    """
    return primitives.hkdf(file_key, b"intake/commit/v1", salt=bytes.fromhex(record)).hex()


def sign(statement: bytes, key: SigningKey) -> bytes:
    """64 bytes, over a statement's canonical JSON."""
    return key.sign(_DOMAIN + statement)


def statement_hash(statement: bytes) -> str:
    """What the next revision calls `previous`: SHA-256 of the signed bytes, hex."""
    return primitives.sha256(_DOMAIN, statement).hex()


def verify(data: bytes, signature: bytes) -> Statement:
    """Parse a statement and check signature and record id; `FormatError` or `VerifyError`."""
    statement = parse(data)
    primitives.verify_signature(statement.sign_key, signature, _DOMAIN + data)
    if (
        record_id(statement.share, statement.sign_key, Recipient.parse(statement.recipient))
        != statement.record
    ):
        raise VerifyError("the record id does not follow from the statement's keys")
    return statement


def verify_chain(revisions: list[tuple[bytes, bytes]]) -> Statement:
    """Check (statement, signature) pairs from revision 1 on; return the newest."""
    newest: Statement | None = None
    previous: str | None = None
    for data, signature in revisions:
        statement = verify(data, signature)
        if newest and statement.record != newest.record:
            raise VerifyError("a revision belongs to another record")
        if statement.revision != (newest.revision + 1 if newest else 1) or statement.previous != previous:
            raise VerifyError("a revision is missing, repeated or out of order")
        newest, previous = statement, statement_hash(data)
    if newest is None:
        raise VerifyError("a record has at least one statement")
    return newest


def parse(data: bytes) -> Statement:
    """Parse canonical JSON strictly: known fields only, all references resolved. `FormatError`."""
    if len(data) > MAX_BYTES:
        raise FormatError("the statement is too long")
    top = checks.exactly(
        parse_canonical_json(data),
        "v record share keys revision previous client created_day sealed_by"
        " compartments audience consent parts",
    )
    checks.version(top["v"], "statement")
    keys = checks.exactly(top["keys"], "sign recipient")
    client = checks.exactly(top["client"], "name version assets")
    statement = Statement(
        record=checks.digest(top["record"]),
        share=b64u_decode(top["share"], 32),
        sign_key=b64u_decode(keys["sign"], 32),
        recipient=Recipient.parse(keys["recipient"]).text,
        revision=checks.positive(top["revision"]),
        previous=None if top["previous"] is None else checks.digest(top["previous"]),
        client_name=checks.text(client["name"], checks.WORD),
        client_version=checks.text(client["version"], checks.WORD),
        client_assets=None if client["assets"] is None else checks.digest(client["assets"]),
        created_day=checks.text(top["created_day"], checks.DAY),
        sealed_by=checks.one_of(top["sealed_by"], ("submitter", "server")),
        compartments=tuple(_compartment(c) for c in checks.items(top["compartments"], MAX_COMPARTMENTS)),
        audience=tuple(_audience(a) for a in checks.items(top["audience"], MAX_PARTS)),
        consent=tuple(_consent(c) for c in checks.items(top["consent"], MAX_PARTS)),
        parts=tuple(_part(p) for p in checks.items(top["parts"], MAX_PARTS)),
    )
    if (statement.revision == 1) != (statement.previous is None):
        raise FormatError("only the first revision has no previous one")
    _check_references(statement)
    if statement.encode() != data:
        raise FormatError("the statement is not in canonical form")
    return statement


def _check_references(statement: Statement) -> None:
    compartments = {c.id for c in statement.compartments}
    granted = {(a.mechanism, a.compartment) for a in statement.audience}
    consenting = {c.mechanism for c in statement.consent}
    if len(compartments) != len(statement.compartments):
        raise FormatError("two compartments share an id")
    if len({c.recipient for c in statement.compartments}) != len(statement.compartments):
        raise FormatError("two compartments share a key")
    if len({p.id for p in statement.parts}) != len(statement.parts):
        raise FormatError("two parts share an id")
    if len(granted) != len(statement.audience) or len(consenting) != len(statement.consent):
        raise FormatError("a mechanism is named twice")
    if (
        not {p.compartment for p in statement.parts} <= compartments
        or not {c for _, c in granted} <= compartments
    ):
        raise FormatError("a compartment is referred to that does not exist")
    if {m for m, _ in granted} != consenting:
        raise FormatError("audience and consent must name the same mechanisms")


def _compartment(value: Json) -> CompartmentEntry:
    v = checks.exactly(value, "id class generation recipient")
    recipient = Recipient.parse(v["recipient"]).text
    return CompartmentEntry(
        checks.identifier(v["id"]),
        checks.one_of(v["class"], CLASSES),
        checks.positive(v["generation"]),
        recipient,
    )


def _audience(value: Json) -> AudienceEntry:
    v = checks.exactly(value, "mechanism compartment recipient")
    return AudienceEntry(
        checks.text(v["mechanism"], checks.SLUG),
        checks.identifier(v["compartment"]),
        checks.digest(v["recipient"]),
    )


def _consent(value: Json) -> ConsentEntry:
    v = checks.exactly(value, "mechanism purposes expires successor text")
    text = checks.exactly(v["text"], "version language sha256")
    purposes = tuple(checks.one_of(p, PURPOSES) for p in checks.items(v["purposes"], len(PURPOSES)))
    if not purposes or len(set(purposes)) != len(purposes):
        raise FormatError("a consent names at least one purpose, and each once")
    return ConsentEntry(
        mechanism=checks.text(v["mechanism"], checks.SLUG),
        purposes=purposes,
        expires=None if v["expires"] is None else checks.text(v["expires"], checks.DAY),
        successor=checks.boolean(v["successor"]),
        text_version=checks.text(text["version"], checks.WORD),
        text_language=checks.text(text["language"], checks.WORD),
        text_sha256=checks.digest(text["sha256"]),
    )


def _part(value: Json) -> PartEntry:
    v = checks.exactly(value, "id kind compartment payload_id key_commitment commitment")
    return PartEntry(
        checks.identifier(v["id"]),
        checks.one_of(v["kind"], KINDS),
        checks.identifier(v["compartment"]),
        checks.digest(v["payload_id"]),
        checks.digest(v["key_commitment"]),
        checks.digest(v["commitment"]),
    )
