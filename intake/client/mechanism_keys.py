"""Keys of a mechanism, made and kept by its own people on a machine without a network.

    FOLDER/root.key              signs the others; keep it offline, on two media
    FOLDER/epoch-1.account.key   …one age identity for each compartment class
    FOLDER/bundle.json           public: give it to the operator, publish the root's fingerprint
    FOLDER/profile-1.json        public: what the mechanism offers; a change is the next number

The identity files are what `age -d -i` takes.
"""

import os
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crypto import checks
from crypto.age_keys import Identity
from crypto.bundles import Bundle, MechanismKey, sign_bundle, sign_key, verify_bundle
from crypto.compartments import CLASSES
from crypto.encoding import Json, b64u_decode, parse_json
from crypto.errors import FormatError
from crypto.primitives import SigningKey
from crypto.profiles import CONDITIONS, FIELDS, Profile, sign_fields, verify_profile
from crypto.statement import PURPOSES
from intake.record.questions import parse_questions

_GIVEN = ("mechanism", "version", "day")  # found out when a profile is signed, unless it says so
_ROOT = re.compile(
    f"# root ({checks.SLUG.pattern}) ([A-Za-z0-9_-]+)"
)  # in a member's key, as the console saves it
_PROFILE = re.compile(r"profile-(\d{1,9})\.json")


@dataclass(frozen=True, slots=True)
class Root:
    """A mechanism, and the public key (32 bytes) by which its people are known."""

    mechanism: str
    key: bytes


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
    root, old = load_root(folder, passphrase)
    epoch = max(key.epoch for key in old.keys) + 1
    return _add_epoch(folder, root, old.mechanism, dict(old.names), epoch, days, list(old.keys))


def profile_template() -> dict[str, Json]:
    """A filled example of what `profile` signs, as JSON: every field, to be rewritten."""
    return {
        "mandate": {
            "en": "What this body is, who appointed it, what it does with testimonies and what it cannot do.",
            "be": "Што гэта за орган, хто яго прызначыў, што ён робіць са сведчаннямі і чаго не можа.",
            "ru": "Что это за орган, кто его назначил, что он делает со свидетельствами и чего не может.",
        },
        "purposes": list(PURPOSES),
        "compartments": list(CLASSES),
        "conditions": list(CONDITIONS),
        "contact": True,
        "hold": None,
        "note": None,
        "questions": [
            {
                "id": "heard_of_us",
                "type": "line",
                "label": {
                    "en": "How did you hear of us?",
                    "be": "Адкуль вы пра нас даведаліся?",
                    "ru": "Откуда вы о нас узнали?",
                },
            }
        ],
        "continues": [],
        "continued_by": None,
        "delay_days": 0,
        "closes": None,
    }


def untouched(data: bytes) -> list[str]:
    """Which texts of a profile are still those of `profile_template`, by field."""
    written, template = parse_json(data), profile_template()
    if not isinstance(written, dict):
        return []
    found = []
    for name in ("mandate", "questions"):
        theirs, ours = written.get(name), template[name]
        if isinstance(theirs, dict) and isinstance(ours, dict):
            found += [f"{name} ({key})" for key in ours if theirs.get(key) == ours[key]]
        elif theirs == ours:
            found.append(name)
    return found


def profile(folder: Path, data: bytes, passphrase: bytes | None) -> tuple[Profile, Path]:
    """Sign a profile written as in `profile_template`; it and its new file `profile-<version>.json`.

    `FormatError` or `ValueError` says what is wrong with it; `FileExistsError` if the version is there.
    """
    root, bundle = load_root(folder, passphrase)
    written = parse_json(data)
    if not isinstance(written, dict):
        raise FormatError("a profile is a JSON object")
    wanted = set(FIELDS.split()) - set(_GIVEN)
    if missing := sorted(wanted - set(written)):
        raise FormatError(f"the profile lacks: {', '.join(missing)}")
    if unknown := sorted(set(written) - wanted - set(_GIVEN)):
        raise FormatError(f"a profile has no such field: {', '.join(unknown)}")
    fields = {
        "mechanism": bundle.mechanism,
        "version": _last_profile(folder) + 1,
        "day": datetime.now(UTC).date().isoformat(),
    } | written
    if fields["mechanism"] != bundle.mechanism:
        raise FormatError(
            f"the profile is of {fields['mechanism']}, and these keys are of {bundle.mechanism}"
        )
    parse_questions(fields["questions"])
    signed = verify_profile(sign_fields(root, fields), root.public)
    path = folder / f"profile-{signed.version}.json"
    with path.open("xb") as file:
        file.write(signed.raw + b"\n")
    return signed, path


def identities(folder: Path) -> list[Identity]:
    """All epoch identities in a folder; comments and empty lines are skipped, as age does."""
    found = []
    for path in sorted(folder.glob("*.key")):
        for line in path.read_text("utf-8", "replace").splitlines():
            if line.upper().startswith("AGE-SECRET-KEY-PQ-"):
                found.append(Identity.parse(line.strip()))
    return found


def root_of(folder: Path) -> Root | None:
    """Whose keys these are: by the `bundle.json` beside them, or as a member's key says that was saved.

    None if nothing says it; `FormatError` if there are two answers.
    """
    found = set()
    if (folder / "bundle.json").exists():
        bundle = verify_bundle((folder / "bundle.json").read_bytes())
        found.add(Root(bundle.mechanism, bundle.root))
    for path in sorted(folder.glob("*.key")):
        for line in path.read_text("utf-8", "replace").splitlines():
            if told := _ROOT.fullmatch(line):
                found.add(Root(told[1], b64u_decode(told[2], 32)))
    if len(found) > 1:
        raise FormatError(f"the keys in {folder} are of more than one mechanism: give each a folder")
    return next(iter(found), None)


def write_identity(folder: Path, identity: Identity, mechanism: str, epoch: int, kind: str) -> Path:
    """Write an epoch identity to its file; `FileExistsError` if there is one."""
    path = folder / f"epoch-{epoch}.{kind}.key"
    _private(path, f"# {mechanism}: {kind}, epoch {epoch}\n{identity.text}\n".encode())
    return path


def load_root(folder: Path, passphrase: bytes | None) -> tuple[SigningKey, Bundle]:
    """The root key of a folder, and the bundle that it signed."""
    root = SigningKey.from_pem((folder / "root.key").read_bytes(), passphrase)
    bundle = verify_bundle((folder / "bundle.json").read_bytes())
    if root.public != bundle.root:
        raise FormatError("root.key is not the root of bundle.json")
    return root, bundle


def _last_profile(folder: Path) -> int:
    """The highest version that was signed into this folder; 0 if none was."""
    found = [_PROFILE.fullmatch(path.name) for path in folder.glob("profile-*.json")]
    return max((int(match[1]) for match in found if match), default=0)


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
        write_identity(folder, identity, mechanism, epoch, kind)
        keys.append(
            sign_key(
                root, mechanism, epoch, kind, identity.recipient, starts.isoformat(), expires.isoformat()
            )
        )
    data = sign_bundle(root, mechanism, names, keys)
    bundle = verify_bundle(data)
    (folder / "bundle.json").write_bytes(data + b"\n")
    return bundle


def _private(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
