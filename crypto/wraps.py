"""Wraps: a mechanism's epoch identities, each sealed to one reader. `docs/wire.md`, "Wraps".

A record is granted to the mechanism's epoch keys; who of its people can open what follows from who was
given the identities of those keys. A wrap is the same small age file as a grant, and speaks for itself:
it opens to the recipient that the root signed, or it is refused. So the service can keep it, and lose it,
but put nothing in its place.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crypto import checks
from crypto.age_header import FILE_KEY_SIZE
from crypto.age_keys import Identity, Recipient
from crypto.age_stream import NONCE_SIZE
from crypto.bundles import MechanismKey
from crypto.compartments import CLASSES, Compartment, check_grant_form, open_grant
from crypto.encoding import Json, b64u_decode, b64u_encode, canonical_json, parse_canonical_json
from crypto.errors import FormatError, VerifyError

MEMBER, CLIENT, RECOVERY = "member", "client", "recovery"
KINDS = (MEMBER, CLIENT, RECOVERY)
CLIENT_CLASSES = ("triage", "account")  # of these alone a program may be given keys
MAX_BYTES = 16 * 1024 * 1024
MAX_WRAPS = 4000


@dataclass(frozen=True, slots=True)
class Wrap:
    """The identity of an epoch and class for one reader: a member's or program's id, or a fingerprint."""

    epoch: int
    compartment: str
    kind: str
    reader: str
    file: bytes


def seal_wrap(
    key: MechanismKey,
    identity: Identity,
    kind: str,
    reader: str,
    recipient: Recipient,
    random: Callable[[int], bytes],
) -> Wrap:
    """Seal the identity of `key` to a reader's `recipient`; `VerifyError` if it is another key's."""
    if identity.recipient.text != key.recipient.text:
        raise VerifyError(f"this is not the identity of epoch {key.epoch}, {key.kind}")
    held = Compartment("", key.kind, identity)
    file = held.grant(recipient, file_key=random(FILE_KEY_SIZE), nonce=random(NONCE_SIZE))
    return Wrap(key.epoch, key.kind, kind, reader, file)


def open_wrap(wrap: Wrap, key: MechanismKey, readers: Sequence[Identity]) -> Identity:
    """The epoch's identity, which is that of `key` or is refused.

    `NotMine` if it is sealed to somebody else, `VerifyError` if it holds another key.
    """
    if (wrap.epoch, wrap.compartment) != (key.epoch, key.kind):
        raise VerifyError("the wrap is of another epoch or class")
    return open_grant(wrap.file, readers, key.recipient.text)


def encode_wraps(wraps: Sequence[Wrap]) -> bytes:
    """As they travel in a file."""
    return canonical_json(
        [
            {
                "epoch": wrap.epoch,
                "class": wrap.compartment,
                "kind": wrap.kind,
                "reader": wrap.reader,
                "file": b64u_encode(wrap.file),
            }
            for wrap in wraps
        ]
    )


def parse_wraps(data: bytes) -> tuple[Wrap, ...]:
    """Inverse of `encode_wraps`; `FormatError`. Whom a file is sealed to only the reader can tell."""
    if len(data) > MAX_BYTES:
        raise FormatError("the file of wraps is too long")
    found = tuple(_wrap(value) for value in checks.items(parse_canonical_json(data.rstrip(b"\n")), MAX_WRAPS))
    if len({(w.epoch, w.compartment, w.kind, w.reader) for w in found}) != len(found):
        raise FormatError("two wraps are of one key for one reader")
    return found


def _wrap(value: Json) -> Wrap:
    v = checks.exactly(value, "epoch class kind reader file")
    kind, file = checks.one_of(v["kind"], KINDS), b64u_decode(v["file"])
    check_grant_form(file)
    reader = {
        MEMBER: lambda: checks.text(v["reader"], checks.SLUG),
        CLIENT: lambda: checks.text(v["reader"], checks.WORD),
        RECOVERY: lambda: checks.digest(v["reader"]),
    }[kind]()
    return Wrap(checks.positive(v["epoch"]), checks.one_of(v["class"], CLASSES), kind, reader, file)
