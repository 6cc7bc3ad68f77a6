"""What is left when every key is lost: two of three sheets of paper.

A recovery identity is made once. Every epoch identity is sealed to it (wraps of kind `recovery`), its
32-byte seed is split in three shares of which two are needed (SLIP-0039), and then it is forgotten: the
folder keeps its recipient alone, to which later epochs are sealed. So the shares last for ever.

    KEYS/recovery.json           public: the recipient
    SHARES/share-1.txt, 2, 3     33 words each, to be printed and kept by three people in three places
"""

import secrets
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

from shamir_mnemonic import (
    MnemonicError,
    Share,
    combine_mnemonics,
    generate_mnemonics,
)
from shamir_mnemonic.wordlist import WORDLIST

from crypto.age_keys import Identity, Recipient
from crypto.bundles import Bundle
from crypto.drill import answer_challenge, parse_challenge
from crypto.errors import NotMine
from crypto.wraps import RECOVERY, Wrap
from intake.client import files
from intake.client.wraps import Keys, Place, open_all

SHARES, NEEDED = 3, 2
_RECIPIENT = "recovery.json"
_WORDS, _IN_A_ROW = 33, 3


def split(folder: Path, out: Path, *, replace: bool = False) -> tuple[Recipient, list[Path]]:
    """Make the recovery key of these keys, and its three share files; the recipient and the files.

    `FileExistsError` if there is one already, and it is not to be replaced, or shares are in `out`.
    """
    keys = Keys.load(folder)
    if (folder / _RECIPIENT).exists() and not replace:
        raise FileExistsError(
            f"{folder} has a recovery key already: its shares last for all later epochs, too"
        )
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    paths = [out / f"share-{number}.txt" for number in range(1, SHARES + 1)]
    if any(path.exists() for path in paths):
        raise FileExistsError(f"{out} holds shares already: nothing was changed")
    seed = secrets.token_bytes(32)
    (shares,) = generate_mnemonics(1, [(NEEDED, SHARES)], seed)
    if any(combine_mnemonics(pair) != seed for pair in combinations(shares, NEEDED)):
        raise ValueError("the shares do not give the key back: nothing was written")
    recipient = Identity(seed).recipient
    for number, (path, share) in enumerate(zip(paths, shares, strict=True), start=1):
        files.write_secret(path, _sheet(keys.bundle, recipient, number, share.split()).encode())
    files.write_json(folder / _RECIPIENT, {"recipient": recipient.text})
    return recipient, paths


def recipient_of(folder: Path) -> Recipient | None:
    """The recovery recipient of these keys; None if there is none yet."""
    found = files.read_json(folder / _RECIPIENT)
    return Recipient.parse(found["recipient"]) if found else None


def make(folder: Path, keys: Keys) -> list[Wrap]:
    """Every epoch identity, sealed to the recovery recipient; none if there is none yet."""
    recipient = recipient_of(folder)
    if recipient is None:
        return []
    return [keys.seal(key, RECOVERY, recipient.fingerprint, recipient) for key in keys.bundle.keys]


def combine(sheets: Sequence[tuple[str, str]]) -> Identity:
    """The recovery identity, from (name, text) of the share files; `ValueError` says which is wrong."""
    mnemonics: dict[Share, tuple[str, str]] = {}
    for name, text in sheets:
        words = _written(text)
        try:
            share = Share.from_mnemonic(" ".join(words))
        except (MnemonicError, ValueError) as error:
            raise ValueError(f"{name}: {_trouble(words)}") from error
        if share in mnemonics:
            raise ValueError(
                f"{name} and {mnemonics[share][0]} are the same share: two different ones are needed"
            )
        mnemonics[share] = (name, " ".join(words))
    if len(mnemonics) < NEEDED:
        raise ValueError(f"{NEEDED} different shares are needed")
    if len({share.common_parameters() for share in mnemonics}) > 1:
        raise ValueError("these shares are of different keys")
    try:
        seed = combine_mnemonics([words for _, words in mnemonics.values()][:NEEDED])
    except MnemonicError as error:
        raise ValueError("these shares are of different keys") from error
    if len(seed) != 32:
        raise ValueError("these are not shares of a recovery key")
    return Identity(seed)


def recover(wraps: Sequence[Wrap], identity: Identity, bundle: Bundle | None) -> dict[Place, Identity]:
    """The epoch identities that the recovery identity opens; `ValueError` if the wraps are for another.

    Without a bundle nobody has compared them with what the root signed.
    """
    own = [w for w in wraps if w.kind == RECOVERY and w.reader == identity.recipient.fingerprint]
    if not own:
        raise ValueError("nothing in the file of wraps is sealed to the key that these shares give")
    return open_all(own, identity, bundle)


def answer(challenge: bytes, wraps: Sequence[Wrap], identity: Identity) -> bytes:
    """The answer to a drill by what two shares open; `ValueError` if that is not what is asked for."""
    asked = parse_challenge(challenge)
    found = recover(wraps, identity, None)
    try:
        return answer_challenge(asked, list(found.values()))
    except NotMine as error:
        raise ValueError(f"shares and wraps do not open all keys of epoch {asked.epoch}: no drill") from error


def _sheet(bundle: Bundle, recipient: Recipient, number: int, words: list[str]) -> str:
    fingerprint = recipient.fingerprint
    head = [
        f"# Recovery share {number} of {SHARES}: {bundle.mechanism}",
        f"# {bundle.names['en']}",
        f"# Recovery key {' '.join(fingerprint[i : i + 4] for i in range(0, 32, 4))}",
        "#",
        f"# Any {NEEDED} of the {SHARES} shares, with the file of wraps, open everything that was ever sent",
        "# to this mechanism. Keep them with different people, in different places, on paper.",
        "#",
    ]
    rows = [words[i : i + _IN_A_ROW] for i in range(0, len(words), _IN_A_ROW)]
    lines = [
        "  ".join(f"{row * _IN_A_ROW + i + 1:2} {word:12}" for i, word in enumerate(found)).rstrip()
        for row, found in enumerate(rows)
    ]
    return "\n".join(head + lines) + "\n"


def _written(text: str) -> list[str]:
    """The words of a sheet, or typed off one: without comments and numbers."""
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    found = (word.strip(".,;:").lower() for line in lines for word in line.split())
    return [word for word in found if word and not word.isdigit()]


def _trouble(words: list[str]) -> str:
    for number, word in enumerate(words, start=1):
        if word not in WORDLIST:
            return f"word {number}, {word!r}, is not one of the list"
    if len(words) != _WORDS:
        return f"a share has {_WORDS} words, and this has {len(words)}"
    return "a word is mistyped, or two are exchanged"
