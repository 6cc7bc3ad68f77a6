"""A mechanism's epoch identities for its people: sealed to each of them, offline, where the keys are.

wraps.json   {epoch, class, kind, reader, file}, …: for the operator; opens nothing without a reader's key.
             In an export: those of whoever took it, where a record is sealed to the mechanism alone
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crypto.age_keys import Identity, Recipient
from crypto.bundles import Bundle, MechanismKey, verify_bundle
from crypto.compartments import open_identity
from crypto.encoding import parse_json
from crypto.errors import CryptoError, NotMine, VerifyError
from crypto.membership import opens, parse_card
from crypto.wraps import CLIENT, CLIENT_CLASSES, MEMBER, Wrap, open_wrap, parse_wraps, seal_wrap
from intake.client import mechanism_keys

Place = tuple[int, str]  # epoch and class


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom to seal to: a member, from a card that the root signed, or a program, from its public file."""

    kind: str
    id: str
    recipient: Recipient
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Keys:
    """A mechanism's bundle, and those of its identities that are in the same folder, by epoch and class."""

    bundle: Bundle
    identities: Mapping[Place, Identity]

    @classmethod
    def load(cls, folder: Path) -> "Keys":
        """From bundle.json and the *.key files; identities that the bundle does not name are passed over."""
        bundle = verify_bundle((folder / "bundle.json").read_bytes())
        held = {one.recipient.text: one for one in mechanism_keys.identities(folder)}
        return cls(
            bundle,
            {(k.epoch, k.kind): held[k.recipient.text] for k in bundle.keys if k.recipient.text in held},
        )

    def seal(self, key: MechanismKey, kind: str, reader: str, recipient: Recipient) -> Wrap:
        """A wrap of this key; `ValueError` if its identity is not in the folder."""
        identity = self.identities.get((key.epoch, key.kind))
        if identity is None:
            raise ValueError(f"the identity of epoch {key.epoch}, {key.kind}, is not in this folder")
        return seal_wrap(key, identity, kind, reader, recipient, secrets.token_bytes)


def reader(path: Path, root: bytes) -> Reader:
    """Who a card or a program's public file is about; `ValueError` if it is neither, or does not hold."""
    data = path.read_bytes()
    value = parse_json(data)
    if isinstance(value, dict) and "client" in value:
        if not isinstance(value.get("recipient"), str):
            raise ValueError(f"{path}: this program has no key to seal to; make a new one: intake client new")
        return Reader(CLIENT, str(value["client"]), Recipient.parse(value["recipient"]), CLIENT_CLASSES)
    try:
        member, membership = parse_card(data.rstrip(b"\n"), root)
    except CryptoError as error:
        raise ValueError(f"{path}: {error}") from error
    if membership.expires < datetime.now(UTC).date().isoformat():
        raise ValueError(f"{path}: the membership of {member.id} has ended")
    return Reader(MEMBER, member.id, membership.recipient, opens(membership.roles))


def make(keys: Keys, readers: Sequence[Reader]) -> list[Wrap]:
    """For each reader the identities of all epochs that they may have; none for who may have none."""
    return [
        keys.seal(key, one.kind, one.id, one.recipient)
        for one in readers
        for key in keys.bundle.keys
        if key.kind in one.classes
    ]


def open_all(wraps: Iterable[Wrap], own: Identity, bundle: Bundle | None) -> dict[Place, Identity]:
    """What these wraps give to one reader, by epoch and class; those for others are passed over.

    Each is checked against the bundle, if there is one: `VerifyError` if it holds another key than the
    root signed, or one that it did not sign.
    """
    named = {(key.epoch, key.kind): key for key in bundle.keys} if bundle else {}
    found = {}
    for wrap in wraps:
        place = wrap.epoch, wrap.compartment
        try:
            if bundle is None:
                found[place] = open_identity(wrap.file, [own])
            elif place in named:
                found[place] = open_wrap(wrap, named[place], [own])
            else:
                raise VerifyError(f"the bundle has no key of epoch {wrap.epoch}, {wrap.compartment}")
        except NotMine:
            continue
    return found


def with_wraps(folder: Path, own: Sequence[Identity]) -> list[Identity]:
    """These keys, and those of the mechanism that an export in this folder holds sealed to one of them.

    No bundle vouches for these: a false one opens no grant, and what is opened is checked by what was signed.
    `ValueError` if the file does not hold.
    """
    path = folder / "wraps.json"
    if not path.exists():
        return list(own)
    try:
        wraps = parse_wraps(path.read_bytes())
        found = [open_all(wraps, one, None) for one in own]
    except CryptoError as error:
        raise ValueError(f"{path}: {error}") from error
    return [*own, *(identity for given in found for identity in given.values())]


def write_identities(found: Mapping[Place, Identity], mechanism: str, folder: Path) -> list[Path]:
    """Key files as `intake keys new` writes them; `FileExistsError` if the folder holds keys."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.glob("*.key")):
        raise FileExistsError(
            f"{folder} holds keys already: nothing was changed. Take a new folder: it gets the keys of all"
            " epochs, the earlier ones, too"
        )
    return [
        mechanism_keys.write_identity(folder, identity, mechanism, epoch, kind)
        for (epoch, kind), identity in sorted(found.items())
    ]
