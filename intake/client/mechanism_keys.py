"""Keys of a mechanism, made and kept by its own people on a machine without a network.

    FOLDER/root.key              signs the others; keep it offline, on two media
    FOLDER/epoch-1.account.key   …one age identity for each compartment class
    FOLDER/bundle.json           public: give it to the operator, publish the root's fingerprint

The identity files are what `age -d -i` takes.
"""

import os
import secrets
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from crypto.age_keys import Identity
from crypto.bundles import Bundle, MechanismKey, sign_bundle, sign_key, verify_bundle
from crypto.compartments import CLASSES
from crypto.errors import FormatError
from crypto.primitives import SigningKey


def create(
    folder: Path, mechanism: str, names: dict[str, str], days: int, passphrase: bytes | None
) -> Bundle:
    """Make root, first epoch and bundle in a new folder. `FileExistsError` if there are keys in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (folder / "root.key").exists():
        raise FileExistsError(f"{folder} holds keys already: nothing was changed")
    root = SigningKey(secrets.token_bytes(32))
    _private(folder / "root.key", root.to_pem(passphrase))
    return _add_epoch(folder, root, mechanism, names, 1, days, [])


def rotate(folder: Path, days: int, passphrase: bytes | None) -> Bundle:
    """Add the next epoch. Old identities stay: they open what was sealed to them."""
    root = SigningKey.from_pem((folder / "root.key").read_bytes(), passphrase)
    old = verify_bundle((folder / "bundle.json").read_bytes())
    if root.public != old.root:
        raise FormatError("root.key is not the root of bundle.json")
    epoch = max(key.epoch for key in old.keys) + 1
    return _add_epoch(folder, root, old.mechanism, dict(old.names), epoch, days, list(old.keys))


def identities(folder: Path) -> list[Identity]:
    """All epoch identities in a folder; comments and empty lines are skipped, as age does."""
    found = []
    for path in sorted(folder.glob("*.key")):
        for line in path.read_text("utf-8", "replace").splitlines():
            if line.upper().startswith("AGE-SECRET-KEY-PQ-"):
                found.append(Identity.parse(line.strip()))
    return found


def _add_epoch(
    folder: Path,
    root: SigningKey,
    mechanism: str,
    names: dict[str, str],
    epoch: int,
    days: int,
    before: list[MechanismKey],
) -> Bundle:
    starts = datetime.now(UTC).date()
    expires = starts + timedelta(days=days)
    keys = list(before)
    for kind in CLASSES:
        identity = Identity(secrets.token_bytes(32))
        _private(folder / f"epoch-{epoch}.{kind}.key", _identity_file(identity, mechanism, kind, starts))
        keys.append(
            sign_key(
                root, mechanism, epoch, kind, identity.recipient, starts.isoformat(), expires.isoformat()
            )
        )
    data = sign_bundle(root, mechanism, names, keys)
    bundle = verify_bundle(data)
    (folder / "bundle.json").write_bytes(data + b"\n")
    return bundle


def _identity_file(identity: Identity, mechanism: str, kind: str, day: date) -> bytes:
    return f"# {mechanism}: {kind}, from {day}\n{identity.text}\n".encode()


def _private(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
