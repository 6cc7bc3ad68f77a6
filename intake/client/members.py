"""Members of a mechanism: their keys, their certificates, and what two of them sign for a lost receipt.

    FOLDER/<member>.member.key         the member's own key; nobody else gets it
    FOLDER/<member>.member.json        public: for whoever keeps the mechanism's root
    FOLDER/<member>.certificate.json   signed by the root: to the operator, and back to the member

A restoration travels as a file from the first member to the second, and from whoever can open the
record's grants to the service.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from crypto import restoration
from crypto.age_keys import Identity
from crypto.bundles import verify_bundle
from crypto.compartments import RANDOM_BYTES, Compartment
from crypto.encoding import b64u_decode, b64u_encode, canonical_json, parse_json
from crypto.errors import FormatError
from crypto.members import Member, sign_member, verify_member
from crypto.primitives import SigningKey
from crypto.record_reader import RecordReader
from crypto.restoration import Document, NewReceipt
from intake.client import files
from intake.client.api import Api

_KEY, _PUBLIC, _CERTIFICATE = ".member.key", ".member.json", ".certificate.json"


@dataclass(frozen=True, slots=True)
class MemberKey:
    """A member who can sign: the key, and the certificate that says whose it is."""

    key: SigningKey
    member: Member

    def __repr__(self) -> str:
        return "MemberKey(secret)"


@dataclass(frozen=True, slots=True)
class Grant:
    """A compartment's identity for a new receipt: compartment, fingerprint, age file."""

    compartment: str
    recipient: str
    file: bytes


def new_member(folder: Path, member: str, name: str | None, passphrase: bytes | None) -> tuple[Path, Path]:
    """Make a member's key: (private file, public file). `FileExistsError` if there is one."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = SigningKey(secrets.token_bytes(32))
    private, public = folder / f"{member}{_KEY}", folder / f"{member}{_PUBLIC}"
    files.write_secret(private, key.to_pem(passphrase))
    files.write_json(public, {"member": member, "name": name, "key": b64u_encode(key.public)})
    return private, public


def certify(root_folder: Path, public: Path, days: int, passphrase: bytes | None) -> tuple[Member, Path]:
    """Sign a member's public file with the root, from today; the certificate and its file, beside the public.

    `FormatError` or `ValueError` says what does not hold.
    """
    root = SigningKey.from_pem((root_folder / "root.key").read_bytes(), passphrase)
    bundle = verify_bundle((root_folder / "bundle.json").read_bytes())
    if root.public != bundle.root:
        raise FormatError("root.key is not the root of bundle.json")
    asked = parse_json(public.read_bytes())
    if not isinstance(asked, dict) or set(asked) != {"member", "name", "key"}:
        raise ValueError(f"{public} is not a member's public file")
    today = _today()
    until = today + timedelta(days=days)
    certificate = sign_member(
        root,
        bundle.mechanism,
        asked["member"],
        asked["name"],
        b64u_decode(asked["key"], 32),
        today.isoformat(),
        until.isoformat(),
    )
    member = verify_member(certificate, root.public)
    path = public.with_name(f"{member.id}{_CERTIFICATE}")
    files.write(path, certificate)
    return member, path


def load_member(private: Path, root: bytes, passphrase: bytes | None) -> MemberKey:
    """A member's key with the certificate beside it, checked against the mechanism's root (32 bytes).

    `ValueError` if they do not belong together, or the certificate has expired.
    """
    key = SigningKey.from_pem(private.read_bytes(), passphrase)
    path = private.with_name(f"{private.name.removesuffix(_KEY)}{_CERTIFICATE}")
    member = verify_member(path.read_bytes(), root)
    if member.key != key.public:
        raise ValueError(f"{path} is not the certificate of {private}")
    if not member.valid_on(_today().isoformat()):
        raise ValueError(f"{path} is not valid today: ask for a new key and certificate")
    return MemberKey(key, member)


def halves(new: NewReceipt) -> bytes:
    """What a person gives of a new receipt, as JSON: nothing by which anything can be opened."""
    return json.dumps(new.plain(), indent=1).encode() + b"\n"


def ask(record: str, mechanism: str, receipt: bytes | None) -> bytes:
    """Begin a restoration, unsigned: of a new receipt, from its `halves`, or of a withdrawal (None)."""
    new = None if receipt is None else NewReceipt.parse(parse_json(receipt))
    document = restoration.make_document(
        record=record,
        mechanism=mechanism,
        kind=restoration.WITHDRAWAL if new is None else restoration.RECEIPT,
        receipt=new,
        day=_today().isoformat(),
        nonce=secrets.token_bytes(restoration.NONCE_SIZE),
    )
    return restoration.encode_envelope(document, [])


def sign(begun: bytes, member: MemberKey) -> tuple[Document, bytes]:
    """What it says, and the same with this member's signature added; `ValueError` if that is of no use."""
    said = restoration.parse_envelope(begun)
    top = parse_json(begun)
    if said.mechanism != member.member.mechanism:
        raise ValueError(f"this is for {said.mechanism}, and your key is of {member.member.mechanism}")
    if not isinstance(top["signatures"], list) or len(top["signatures"]) > 1:
        raise ValueError("two members have signed it already")
    document = canonical_json(top["document"])
    signed = [
        (b64u_decode(one["signature"], 64), canonical_json(one["certificate"])) for one in top["signatures"]
    ]
    if any(certificate == member.member.raw for _, certificate in signed):
        raise ValueError("you have signed it already: another member has to")
    signed.append((restoration.sign_restoration(document, member.key), member.member.raw))
    return said, restoration.encode_envelope(document, signed)


def grants(signed: bytes, reader: RecordReader) -> list[Grant]:
    """For the new receipt, every compartment that these identities open; none for a withdrawal.

    `ValueError` if the restoration is of another record.
    """
    said = restoration.parse_envelope(signed)
    if said.record != reader.statement.record:
        raise ValueError("the restoration is of another record than this folder's")
    if said.receipt is None:
        return []
    reader_key = said.receipt.recipient
    return [
        Grant(id_, reader_key.fingerprint, _seal(id_, identity, said.receipt))
        for id_, identity in reader.identities.items()
    ]


def send(api: Api, signed: bytes, given: Sequence[Grant]) -> dict[str, object]:
    """Hand it in: {id, state, due_day, outcome}."""
    body = {
        "restoration": signed.decode(),
        "grants": [
            {"compartment": g.compartment, "recipient": g.recipient, "file": b64u_encode(g.file)}
            for g in given
        ],
    }
    answer: dict[str, object] = api.post("/v1/restorations", body)
    return answer


def _seal(id_: str, identity: Identity, receipt: NewReceipt) -> bytes:
    random = secrets.token_bytes(RANDOM_BYTES)
    return Compartment(id_, "", identity).grant(receipt.recipient, file_key=random[:16], nonce=random[16:])


def _today() -> date:
    return datetime.now(UTC).date()
