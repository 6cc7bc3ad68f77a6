"""Interviews sealed without a network, in a folder that travels on a stick.

    BUNDLE/index.age       names, sizes and hashes of what belongs to the bundle
    BUNDLE/0001.age        one interview: the request that will be sent, and the documenter's own name for it
    BUNDLE/0001-1.part     its larger payloads, ciphertext as the service will store it
    BUNDLE/state.age       how far the delivery has come

The age files are sealed to the key that follows from the *delivery code*, nine groups like a receipt's: a
request shows who may receive a record, and lets whoever has it speak to the service in the person's stead.
No receipt is in a bundle; what its `auth` half lets others do ends where a signature is needed.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from crypto import age_header, padding, sealing, statement
from crypto.age_keys import Identity
from crypto.encoding import Json, b64u_decode, canonical_json, parse_canonical_json
from crypto.errors import CryptoError, FormatError, NotMine
from crypto.receipt import Receipt
from intake.client import files
from intake.client.sealing import Payload, Progress

INDEX, STATE = "index.age", "state.age"
_PIECE = 1024 * 1024
_INTERVIEW = re.compile(r"(\d{4,9})\.age")
_MAX_SMALL = 64 * 1024 * 1024  # bytes of an age file that is opened in memory


class BundleError(ValueError):
    """The folder is no bundle, or not one of this code; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Held:
    """An interview of a bundle that was found whole. `id` is the documenter's name for it."""

    number: int
    id: str


@dataclass(frozen=True, slots=True)
class Request:
    """An interview as it will be sent: `body` is a submission whose parts may say `file` for `upload`.

    `key` makes its repetition recognisable; `holds` are the legal holds that the person was told of.
    """

    key: str
    body: dict[str, Any]
    holds: frozenset[str]


@dataclass(slots=True)
class Checked:
    """What a bundle holds, in order; `damaged` are sentences about the rest."""

    whole: list[Held] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


class Files:
    """The carrier of one interview: payloads become files of the bundle."""

    def __init__(self, folder: Path, number: int, progress: Progress) -> None:
        self._folder = folder
        self._progress = progress
        self.number = number
        self.written: dict[str, list[Json]] = {}  # name: size, SHA-256

    def content_key(self, digest: bytes) -> tuple[bytes, bytes] | None:
        """None: a content key takes the service."""
        return None

    def payload(self, what: str, length: int, produce: Payload) -> dict[str, str]:
        """Write it down."""
        name = f"{self.number:04}-{len(self.written) + 1}.part"
        digest, size = hashlib.sha256(), 0
        with (self._folder / name).open("xb") as file:
            self.written[name] = []
            for piece in produce():
                file.write(piece)
                digest.update(piece)
                size += len(piece)
                self._progress(what.replace("sending", "sealing"), size, length)
            file.flush()
            os.fsync(file.fileno())
        self.written[name] = [size, digest.hexdigest()]
        return {"file": name}

    def discard(self) -> None:
        """Take back what was written of an interview that could not be finished."""
        for name in self.written:
            (self._folder / name).unlink(missing_ok=True)


class Writer:
    """A new bundle. After each interview it is whole: what was sealed by then can be delivered."""

    def __init__(self, folder: Path, code: Receipt) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise FileExistsError(f"{folder} is not empty: nothing was sealed")
        self._folder = folder
        self._reader = code.keys().identity
        self._files: dict[str, list[Json]] = {}
        self._interviews: list[Json] = []

    def begin(self, progress: Progress) -> Files:
        """The carrier of the next interview."""
        return Files(self._folder, len(self._interviews) + 1, progress)

    def end(self, carried: Files, id: str, body: Mapping[str, Json], holds: Sequence[str]) -> None:
        """Write the interview's request, and the index anew. `body` is all of a submission.

        `holds` are mechanisms whose legal hold the person was told of.
        """
        name = f"{carried.number:04}.age"
        request = {key: value for key, value in body.items() if key != "withdrawals"}
        document = {
            "v": 1,
            "number": carried.number,
            "id": id,
            "key": secrets.token_hex(16),
            "holds": sorted(holds),
            "body": request,
        }
        data = _sealed(document, self._reader)
        files.write(self._folder / name, data)
        self._files |= carried.written | {name: [len(data), hashlib.sha256(data).hexdigest()]}
        self._interviews.append({"number": carried.number, "id": id})
        index = {"v": 1, "interviews": self._interviews, "files": self._files}
        files.write(self._folder / INDEX, _sealed(index, self._reader))
        files.sync_folder(self._folder)


class Bundle:
    """A bundle that this code opens. `BundleError` if it opens nothing."""

    def __init__(self, folder: Path, code: Receipt) -> None:
        if not folder.is_dir():
            raise BundleError(f"{folder} is no bundle")
        self._folder = folder
        self._reader: Identity = code.keys().identity
        self._index: dict[str, Any] | None = None
        self._wrong = ""
        try:
            self._index = _index(self._open(INDEX))
        except (CryptoError, OSError) as error:
            self._wrong = f"{INDEX} {_why(error)}"
            if not any(self._opens(number) for number in self._numbers()):
                raise BundleError(
                    f"nothing in {folder} opens with this code: it is another bundle's, or all is damaged"
                ) from error
        self.state = State.read(self)

    def check(self, progress: Progress = lambda what, done, total: None) -> Checked:
        """Read every byte; nothing is sent. What was delivered before need not be there any more."""
        found = Checked()
        if self._index is None:
            found.damaged.append(f"{self._wrong}: whether interviews are missing altogether cannot be told")
            listed = {number: "" for number in self._numbers()}
        else:
            listed = {one["number"]: one["id"] for one in self._index["interviews"]}
            for number in self._numbers():
                if number not in listed and self._opens(number):
                    found.damaged.append(
                        f"interview {number}: it is here, and {INDEX} does not name it. It was not finished,"
                        f" or {INDEX} is an older one: it will not be sent"
                    )
        for done, (number, id) in enumerate(sorted(listed.items()), start=1):
            progress("checking", done, len(listed))
            name = f"interview {number}" + (f" ({id})" if id else "")
            if number in self.state.done:
                found.whole.append(Held(number, id))
                continue
            try:
                found.whole.append(self._whole(number))
            except (CryptoError, OSError, KeyError, TypeError, ValueError, AttributeError) as error:
                found.damaged.append(f"{name}: {_why(error)}")
        return found

    def load(self, number: int) -> Request:
        """What is to be sent for an interview."""
        document = self._document(number)
        return Request(document["key"], document["body"], frozenset(document["holds"]))

    def file(self, name: str) -> tuple[int, Payload]:
        """Size of a payload's file, and a way to read it."""
        path = self._folder / name

        def produce() -> Iterator[bytes]:
            with path.open("rb") as file:
                while piece := file.read(_PIECE):
                    yield piece

        return path.stat().st_size, produce

    def keep(self, name: str, document: Json) -> None:
        """Write a small file that this code opens."""
        files.write(self._folder / name, _sealed(document, self._reader))

    def small(self, name: str) -> Json:
        """Read one."""
        return self._open(name)

    # --- checking ---

    def _whole(self, number: int) -> Held:
        name = f"{number:04}.age"
        listed = self._index["files"] if self._index else {}
        if self._index is not None:
            self._same(name, *listed[name])
        document = self._document(number)
        body = document["body"]
        signed = statement.verify(body["statement"].encode(), b64u_decode(body["signature"], 64))
        parts = {part["id"]: part for part in body["parts"]}
        if set(parts) != {entry.id for entry in signed.parts}:
            raise FormatError("its parts are not those that were signed")
        for entry in signed.parts:
            part = parts[entry.id]
            age_header.require_post_quantum(age_header.parse(b64u_decode(part["header"])))
            if "payload" in part:
                if hashlib.sha256(b64u_decode(part["payload"])).hexdigest() != entry.payload_id:
                    raise FormatError("a text is not the one that was signed")
            else:
                self._same(part["file"], listed.get(part["file"], [None])[0], entry.payload_id)
        return Held(number, document["id"])

    def _same(self, name: str, size: int | None, digest: str) -> None:
        path = self._folder / name
        found, seen = hashlib.sha256(), 0
        try:
            with path.open("rb") as file:
                while piece := file.read(_PIECE):
                    found.update(piece)
                    seen += len(piece)
        except FileNotFoundError:
            raise FormatError(f"{name} is missing") from None
        if size is not None and seen < size:
            raise FormatError(f"{name} is cut short: {seen} of {size} bytes")
        if found.hexdigest() != digest:
            raise FormatError(f"{name} is not as it was sealed")

    def _document(self, number: int) -> dict[str, Any]:
        name = f"{number:04}.age"
        try:
            document = self._open(name)
        except CryptoError as error:
            raise FormatError(f"{name} does not open: it was changed") from error
        if not isinstance(document, dict) or document.get("v") != 1 or document.get("number") != number:
            raise FormatError(f"{name} is another interview's, or of another version")
        return document

    def _opens(self, number: int) -> bool:
        try:
            self._open(f"{number:04}.age")
        except (CryptoError, OSError):
            return False
        return True

    def _numbers(self) -> list[int]:
        found = [_INTERVIEW.fullmatch(path.name) for path in self._folder.iterdir()]
        return sorted(int(match[1]) for match in found if match)

    def _open(self, name: str) -> Json:
        path = self._folder / name
        if path.stat().st_size > _MAX_SMALL:
            raise FormatError(f"{name} is longer than any file of a bundle")
        plain = sealing.open_file(path.read_bytes(), [self._reader])
        return parse_canonical_json(padding.strip_text(plain))


@dataclass(slots=True)
class State:
    """How far a delivery has come: records by number of interview, names of uploads by file.

    Only a convenience where the folder cannot be written: the service is asked before anything is sent.
    """

    bundle: Bundle
    done: dict[int, str]
    uploads: dict[str, str]
    kept: bool = True

    @classmethod
    def read(cls, bundle: Bundle) -> Self:
        """The last one; an empty one if there is none, or it is damaged."""
        with suppress(CryptoError, OSError, KeyError, TypeError, ValueError, AttributeError):
            found = bundle.small(STATE)
            done = {int(number): str(record) for number, record in found["done"].items()}
            return cls(bundle, done, {str(f): str(name) for f, name in found["uploads"].items()})
        return cls(bundle, {}, {})

    def write(self) -> None:
        """Keep it; `kept` says whether that worked."""
        done = {str(number): record for number, record in self.done.items()}
        try:
            self.bundle.keep(STATE, {"v": 1, "done": done, "uploads": self.uploads})
        except OSError:
            self.kept = False


def _index(value: Json) -> dict[str, Any]:
    try:
        if value["v"] != 1:
            raise FormatError("the bundle is of another version")
        for one in value["interviews"]:
            if not isinstance(one["number"], int) or not isinstance(one["id"], str):
                raise FormatError("an interview has a number and a name")
        for size, digest in value["files"].values():
            if not isinstance(size, int) or not isinstance(digest, str):
                raise FormatError("a file has a size and a hash")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FormatError("the index is not of the form that it should have") from error
    found: dict[str, Any] = value
    return found


def _sealed(document: Json, reader: Identity) -> bytes:
    plain = canonical_json(document)
    plain += bytes(padding.padded_length(len(plain), padding.TEXT_FLOOR) - len(plain))
    return sealing.seal_file(
        plain, reader.recipient, file_key=secrets.token_bytes(16), nonce=secrets.token_bytes(16)
    )


def _why(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "is missing"
    if isinstance(error, NotMine):
        return "does not open: it was changed"
    if isinstance(error, OSError):
        return f"cannot be read ({error.strerror})"
    return str(error) if isinstance(error, CryptoError) else "is not of the form that it should have"
