"""The keys that sign the logs: files beside the database, never in it.

    keys/log/origin             how the logs are called, before /<mechanism>/<log>; made once, never changed
    keys/log/<n>.ed25519        32-byte seeds of generation n
    keys/log/<n>.mldsa
    keys/log/<n>.public         their public keys, Ed25519 ‖ ML-DSA-44; kept when the generation is retired
    keys/log/active             the generations that sign now, for example "1" or "1 2"
    keys/log/newest.<m>.<log>   the last checkpoint that was signed
    keys/log/stopped.<m>.<log>  why nothing more of a log is signed; `intake log resume` removes it

All logs are signed by the same keys; what differs is the name under which a key signs. To rotate, a
second generation is added: from then on both sign, everybody learns of the new one from an entry that
the old one has signed, and later the old one is retired.
"""

import secrets
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from crypto import checkpoints, notes, primitives
from crypto.checkpoints import Checkpoint
from crypto.notes import Note, VerifierKey
from crypto.primitives import MldsaSigningKey, SigningKey
from intake.errors import ConfigurationError, Conflict, NotFound
from intake.secret_files import once, private_folder, replace

_PUBLIC = 32  # bytes of an Ed25519 public key


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
        signed = any(self._folder.glob("newest.*"))  # looked at first: others may be starting, too
        if not (self._folder / "active").exists():
            if signed:
                raise ConfigurationError(
                    f"{self._folder / 'active'} is missing, and something was signed: bring the folder back"
                    " from its backup"
                )
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
        return [key for n in self._generations for key in self.pair(origin, n)]

    def pair(self, origin: str, generation: int) -> tuple[VerifierKey, VerifierKey]:
        """The two keys of one generation, retired or not."""
        path = self._folder / f"{generation}.public"
        data = path.read_bytes()
        if len(data) != _PUBLIC + primitives.MLDSA_PUBLIC:
            raise ConfigurationError(f"{path} is damaged: bring it back from a backup")
        return (
            VerifierKey(origin, notes.ED25519, data[:_PUBLIC]),
            VerifierKey(origin, notes.MLDSA_COSIGNATURE, data[_PUBLIC:]),
        )

    def pairs(self, origin: str) -> list[tuple[VerifierKey, VerifierKey]]:
        """Of every generation there was, the newest first."""
        self._generations  # noqa: B018  (what another process has made is written down first)
        names = [path.name.removesuffix(".public") for path in self._folder.glob("*.public")]
        return [self.pair(origin, n) for n in sorted((int(n) for n in names if n.isdecimal()), reverse=True)]

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

    def prepare(self) -> int:
        """Make the next generation, which does not sign yet; its number, the same until it does.

        `Conflict` while two are active already.
        """
        active = self._active()
        if len(active) > 1:
            raise Conflict("rotating", "two generations sign already: retire the old one first")
        fresh = max(active) + 1
        self._make(fresh)
        return fresh

    def activate(self, fresh: int) -> None:
        """From now on this generation signs beside the old one."""
        replace(self._folder / "active", f"{min(self._active())} {fresh}".encode())

    def rotate(self) -> int:
        """Both at once, where nothing has to be announced between them."""
        fresh = self.prepare()
        self.activate(fresh)
        return fresh

    @property
    def rotating(self) -> int | None:
        """The newer of two generations that sign; None if one does."""
        active = self._active()
        return max(active) if len(active) > 1 else None

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
        self._signing(generation)

    def _load(self) -> dict[int, tuple[SigningKey, MldsaSigningKey]]:
        return {n: self._signing(n) for n in self._active()}

    def _signing(self, generation: int) -> tuple[SigningKey, MldsaSigningKey]:
        """A generation's keys; its public ones are written down if they are not yet."""

        def seed(kind: str) -> bytes:
            path = self._folder / f"{generation}.{kind}"
            if not path.exists():
                raise ConfigurationError(f"{path} is missing: without it nobody believes the logs")
            return once(path, bytes)

        ed25519, mldsa = SigningKey(seed("ed25519")), MldsaSigningKey(seed("mldsa"))
        public, path = ed25519.public + mldsa.public, self._folder / f"{generation}.public"
        if not path.exists():
            replace(path, public)
        elif path.read_bytes() != public:
            raise ConfigurationError(f"{path} is not of the keys beside it: bring both back from one backup")
        return ed25519, mldsa

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

    # --- what must not be signed, for all processes that share this folder ---

    def stop(self, mechanism: str, log: str, reason: str) -> None:
        """Nothing more of this log is to be signed, by anybody."""
        replace(self._folder / f"stopped.{mechanism}.{log}", reason.encode())

    def stopped(self, mechanism: str, log: str) -> str | None:
        """Why, if it is so."""
        path = self._folder / f"stopped.{mechanism}.{log}"
        return path.read_text("utf-8", "replace") if path.exists() else None

    def resume(self, mechanism: str, log: str) -> None:
        """A person has found out why, and it may be signed again. `NotFound` if it was not stopped."""
        try:
            (self._folder / f"stopped.{mechanism}.{log}").unlink()
        except FileNotFoundError as error:
            raise NotFound("not_found", f"the log {mechanism}/{log} is not stopped") from error

    def __repr__(self) -> str:
        return "LogKeys(secret)"
