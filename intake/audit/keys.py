"""The keys that sign the logs: files beside the database, never in it.

    keys/log/origin             how the logs are called, before /<mechanism>/<log>; made once, never changed
    keys/log/<n>.ed25519        32-byte seeds of generation n
    keys/log/<n>.mldsa
    keys/log/active             the generations that sign now, for example "1" or "1 2"

All logs are signed by the same keys; what differs is the name under which a key signs. To rotate, a
second generation is added: from then on both sign, everybody learns of the new one from an entry that
the old one has signed, and later the old one is retired.
"""

import secrets
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from crypto import checkpoints, notes
from crypto.checkpoints import Checkpoint
from crypto.notes import Note, VerifierKey
from crypto.primitives import MldsaSigningKey, SigningKey
from intake.errors import ConfigurationError, Conflict
from intake.secret_files import once, private_folder, replace


class LogKeys:
    """Signs checkpoints, and promises."""

    def __init__(self, folder: Path, public_url: str) -> None:
        self._folder = folder / "log"
        private_folder(self._folder)
        if not (self._folder / "origin").exists():
            replace(self._folder / "origin", urlsplit(public_url).netloc.encode())
        self.origin = (self._folder / "origin").read_text("ascii").strip()
        if not self.origin or any(c in self.origin for c in " +/\n"):
            raise ConfigurationError(f"{self._folder / 'origin'} is damaged: it must hold a name")
        if not (self._folder / "active").exists():
            self._make(1)
            replace(self._folder / "active", b"1")
        self._loaded = self._load()

    @property
    def _generations(self) -> dict[int, tuple[SigningKey, MldsaSigningKey]]:
        """Those that sign now; another process may have rotated them."""
        if list(self._loaded) != list(self._active()):
            self._loaded = self._load()
        return self._loaded

    def name(self, mechanism: str, log: str) -> str:
        """A log's origin."""
        return f"{self.origin}/{mechanism}/{log}"

    def verifiers(self, origin: str) -> list[VerifierKey]:
        """The keys whose signatures a checkpoint of this log has now."""
        found = []
        for ed25519, mldsa in self._generations.values():
            found.append(VerifierKey(origin, notes.ED25519, ed25519.public))
            found.append(VerifierKey(origin, notes.MLDSA_COSIGNATURE, mldsa.public))
        return found

    def sign(self, checkpoint: Checkpoint, time: int) -> bytes:
        """The note, signed by every active generation."""
        note = Note(checkpoint.text, ())
        for ed25519, mldsa in self._generations.values():
            for signature in Note.parse(checkpoints.sign(checkpoint, ed25519, mldsa, time)).signatures:
                note = note.with_signature(signature)
        return note.encode()

    def promise(self, text: str) -> bytes:
        """A note that is no checkpoint, signed under the bare origin."""
        newest, _ = self._generations[max(self._generations)]
        return Note(text, (notes.sign(text, self.origin, newest),)).encode()

    @property
    def promise_key(self) -> VerifierKey:
        """What `promise` is verified with."""
        newest, _ = self._generations[max(self._generations)]
        return VerifierKey(self.origin, notes.ED25519, newest.public)

    def rotate(self) -> int:
        """Add a generation; return its number. `Conflict` while two are active already."""
        active = self._active()
        if len(active) > 1:
            raise Conflict("rotating", "two generations sign already: retire the old one first")
        fresh = max(active) + 1
        self._make(fresh)
        replace(self._folder / "active", f"{active[0]} {fresh}".encode())
        return fresh

    def retire(self) -> int:
        """Stop signing with the older of two generations, and destroy it; return its number."""
        active = self._active()
        if len(active) < 2:
            raise Conflict("not_rotating", "only one generation signs: rotate first")
        old = min(active)
        replace(self._folder / "active", str(max(active)).encode())
        for kind in ("ed25519", "mldsa"):
            path = self._folder / f"{old}.{kind}"
            path.write_bytes(bytes(32))
            path.unlink()
        return old

    def _make(self, generation: int) -> None:
        for kind in ("ed25519", "mldsa"):
            once(self._folder / f"{generation}.{kind}", lambda: secrets.token_bytes(32))

    def _load(self) -> dict[int, tuple[SigningKey, MldsaSigningKey]]:
        def seed(generation: int, kind: str) -> bytes:
            path = self._folder / f"{generation}.{kind}"
            if not path.exists():
                raise ConfigurationError(f"{path} is missing: without it nobody believes the logs")
            return once(path, bytes)

        return {
            n: (SigningKey(seed(n, "ed25519")), MldsaSigningKey(seed(n, "mldsa"))) for n in self._active()
        }

    def _active(self) -> Sequence[int]:
        try:
            return [int(n) for n in (self._folder / "active").read_text("ascii").split()]
        except ValueError as error:
            raise ConfigurationError(f"{self._folder / 'active'} is damaged") from error

    # --- what was signed last, remembered outside the database ---

    def newest(self, mechanism: str, log: str) -> bytes | None:
        """The last checkpoint that was signed, as far as this folder knows."""
        path = self._folder / f"newest.{mechanism}.{log}"
        return path.read_bytes() if path.exists() else None

    def remember(self, mechanism: str, log: str, note: bytes) -> None:
        """Keep it where a backup of the database, restored, does not take it back."""
        replace(self._folder / f"newest.{mechanism}.{log}", note)

    def __repr__(self) -> str:
        return "LogKeys(secret)"
