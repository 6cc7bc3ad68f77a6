"""Pull what is new for a mechanism: list, records, parts, into a folder. Opens nothing.

    OUT/state.<purpose>.json            whose list it is, and where to continue
    OUT/records/<id>/record.json        statements and grants as they came
    OUT/records/<id>/parts/<part>.age   header ‖ payload: any age tool opens it with the right key
    OUT/records/<id>/log.json           its entry in the log, and the proof: see `custody`
    OUT/deletions/, OUT/withdrawn/      what people have asked to be deleted, or taken back: see `custody`
    OUT/waiting/<purpose>/<id>.json     entries of records that were not released, or failed: see `waiting`
    OUT/log/<log>/                      the logs as they were verified: see `witness` and `mirror`

A pull that breaks off goes on where it stopped; a record's folder appears only when it is complete, and
a newer state takes the place of an older one only then. What was not released, or could not be fetched
whole, is asked for again in every later run; what was taken back meanwhile is not.
"""

import hashlib
import json
import os
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from joserfc import jwt
from joserfc.jwk import ECKey

from crypto import checks
from crypto.bundles import Bundle
from crypto.encoding import b64u_encode
from crypto.errors import FormatError
from crypto.notes import VerifierKey
from crypto.statement import Statement
from intake.client import custody, files, told, waiting
from intake.client.api import Api, ApiError, check
from intake.client.client_key import ClientKey as ClientKey
from intake.client.client_key import load_client as load_client
from intake.client.client_key import new_client as new_client
from intake.client.custody import Custody, Ended
from intake.client.log import Progress
from intake.client.told import Told
from intake.client.waiting import NotReleased, NotWhole, Waiting
from intake.client.witness import Findings, Witness

_PAGE = 200
_ABOUT_RECORDS = (
    "record.added",
    "record.revised",
    "consent.withdrawn",
    "deletion.asked",
    "deletion.cancelled",
    "message.added",
)
_ROUNDS = 5  # the log may be signed anew while its list is read


class FeedClient:
    """The pull API, with tokens renewed and a fresh proof for every request."""

    def __init__(self, api: Api, key: ClientKey, purpose: str) -> None:
        self.api = api
        self.key = key
        self.purpose = purpose
        self._proof_key = ECKey.generate_key("P-256")
        self._token = ""
        self._issuer = ""

    def source(self) -> str:
        """Whose list this client reads: client and service."""
        return f"{self.key.client} at {self._address('')}"

    def events(self, start: int) -> dict[str, Any]:
        """A page of the list from index `start` on."""
        page: dict[str, Any] = self._get(f"/feed/v1/events?start={start}&limit={_PAGE}").json()
        return page

    def record(self, record: str) -> dict[str, Any]:
        """One record."""
        found: dict[str, Any] = self._get(f"/feed/v1/records/{record}").json()
        return found

    def cosign(self, log: str, size: int, line: str) -> None:
        """Hand in our signature of a checkpoint."""
        self._send("POST", "/feed/v1/cosignatures", json={"log": log, "size": size, "line": line})

    def download(self, record: str, part: str, size: int, target: Path) -> None:
        """One part, continued by Range after a broken connection."""
        path = f"/feed/v1/records/{record}/parts/{part}"
        with target.open("wb") as file:
            attempts = self.api.attempts()
            reached = 0
            for attempt in attempts:
                with attempt:
                    if file.tell() > reached:
                        reached = file.tell()
                        attempts.progress()
                    while file.tell() < size:
                        self._stream(path, file)
            if file.tell() != size:
                raise FormatError(f"part {part} has {file.tell()} bytes, and should have {size}")
            file.flush()
            os.fsync(file.fileno())

    def _stream(self, path: str, file: BinaryIO) -> None:
        """Read on from where the file stands; with a new token if the old one is over."""
        url = self._address(path)
        for last_try in (False, True):
            headers = self._headers("GET", url) | {"Range": f"bytes={file.tell()}-"}
            with self.api.http.stream("GET", self.api.absolute(path), headers=headers) as response:
                if response.status_code == 401 and not last_try:
                    self._token = ""
                    continue
                check(response)
                start = response.headers.get("content-range", "").removeprefix("bytes ").partition("-")[0]
                if file.tell() and (response.status_code != 206 or start != str(file.tell())):
                    raise FormatError("the server answered with another range of the file than was asked for")
                for piece in response.iter_bytes():
                    file.write(piece)
                return

    def _get(self, path: str) -> Any:
        return self._send("GET", path)

    def _send(self, method: str, path: str, **options: Any) -> Any:
        url = self._address(path.partition("?")[0])
        try:
            return self.api.request(method, path, headers=lambda: self._headers(method, url), **options)
        except ApiError as error:
            if error.status != 401 or not self._token:
                raise
        self._token = ""  # expired, or the server forgot it: once more with a new one
        return self.api.request(method, path, headers=lambda: self._headers(method, url), **options)

    def _address(self, path: str) -> str:
        """What a proof must name: the server's public address, not the one we happen to reach it by."""
        if not self._issuer:
            self._issuer = self.api.get("/.well-known/oauth-authorization-server")["issuer"]
        return self._issuer + path

    def _headers(self, method: str, url: str) -> dict[str, str]:
        if not self._token:
            self._token = self._new_token()
        return {"Authorization": f"DPoP {self._token}", "DPoP": self._proof(method, url, self._token)}

    def _new_token(self) -> str:
        url = self._address("/oauth/token")
        answer = self.api.request(
            "POST",
            "/oauth/token",
            data=lambda: {
                "grant_type": "client_credentials",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": self._assertion(),
                "scope": self.purpose,
            },
            headers=lambda: {"DPoP": self._proof("POST", url, None)},
        )
        token: str = answer.json()["access_token"]
        return token

    def _assertion(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.key.client,
            "sub": self.key.client,
            "aud": self._issuer,
            "jti": secrets.token_hex(16),
            "iat": now,
            "exp": now + 60,
        }
        return jwt.encode({"alg": "ES256"}, claims, self.key.key)

    def _proof(self, method: str, url: str, token: str | None) -> str:
        claims = {"jti": secrets.token_hex(16), "htm": method, "htu": url, "iat": int(time.time())}
        if token:
            claims["ath"] = b64u_encode(hashlib.sha256(token.encode()).digest())
        header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": self._proof_key.as_dict(private=False)}
        return jwt.encode(header, claims, self._proof_key)


class Incomplete(Exception):
    """Parts of records could not be fetched. Everything else was, and the next pull tries these again."""

    def __init__(self, failed: dict[str, str], pulled: "Pulled") -> None:
        named = "; ".join(f"{record[:16]}…: {reason}" for record, reason in failed.items())
        super().__init__(
            f"{len(failed)} records were released, and could not be fetched whole: {named}. The next pull"
            " tries again. If that does not help, ask the operator what became of these files"
        )
        self.failed = failed
        self.pulled = pulled


@dataclass(frozen=True, slots=True)
class Pulled:
    """What one run brought: new records, changed ones, and those that were refused with the reason.

    `ended` is what people have taken back, and `deletions` (record → day) what they have asked to be
    deleted; both need somebody to act. `unsigned` are those of which the service says that the person wants
    to keep them, and nobody has signed that. `messages` counts new messages by record. `log` is about the
    logs.
    """

    records: list[str] = field(default_factory=list)
    revised: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    ended: list[Ended] = field(default_factory=list)
    deletions: dict[str, str] = field(default_factory=dict)
    unsigned: list[str] = field(default_factory=list)
    messages: dict[str, int] = field(default_factory=dict)
    log: Findings = field(default_factory=Findings)


def pull(
    feed: FeedClient,
    out: Path,
    progress: Callable[[str], None] = lambda what: None,
    *,
    log_keys: Sequence[VerifierKey] = (),
    readers: Bundle | None = None,
    logs: Api | None = None,
    bars: Progress = lambda what, done, total: None,
) -> Pulled:
    """Fetch everything since the last run, verify both logs, and cosign them.

    `log_keys` are those that the operator published elsewhere; without, the first pull pins what the
    service shows. `readers` is the mechanism's own bundle: a key in the log that it lacks is a warning.
    `logs` is where the logs are, if not at the feed's address. `Refused` if a log is forged, `Incomplete`
    (at the very end) if a part of a record that was released did not come.
    """
    with files.alone(out):
        witness = Witness(out, logs or feed.api, log_keys, feed.key.signer, feed.key.witness, bars)
        run = _Run(feed, out, witness, readers.root if readers else None, progress)
        for _ in range(_ROUNDS):
            run.read_on()
            if witness.check():
                break
        else:
            witness.ended(witness.signed, set())
        run.try_again()
        if readers:
            witness.compare_readers(readers)
        witness.cosign(feed.cosign)
        custody.complete(witness.records, out)
        if run.failed:
            raise Incomplete(run.failed, run.pulled)
        return run.pulled


class _Run:
    """One reading of the list, for one purpose."""

    def __init__(
        self,
        feed: FeedClient,
        out: Path,
        witness: Witness,
        root: bytes | None,
        progress: Callable[[str], None],
    ) -> None:
        self._feed, self._witness, self._progress = feed, witness, progress
        self._records = out / "records"
        self._records.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._custody = Custody(out, root)
        self._state = out / f"state.{feed.purpose}.json"  # what one purpose does not release, another may
        known: dict[str, Any] = {}
        if self._state.exists():
            known = json.loads(self._state.read_text())
        self._source = feed.source()
        if known.get("source", self._source) != self._source:
            raise ValueError(f"{out} belongs to {known['source']}: pull into a folder of its own")
        self._next = known.get("next", 0)
        self._missing = set(known.get("missing", ()))  # entries without an opening, so far unexplained
        self._waiting = Waiting(out / "waiting" / feed.purpose)
        self.pulled = Pulled(log=witness.found)
        self.failed: dict[str, str] = {}

    def read_on(self) -> None:
        """Up to the end of the list. `Refused` if it stops short, or one is silent and was not erased."""
        patience = 3  # an erasure that happens meanwhile is told by the next page, or the one after it
        while True:
            page = self._feed.events(self._next)
            try:
                entries = self._witness.listed(page, self._next, self._missing)
            except (KeyError, TypeError, ValueError) as error:
                raise FormatError("the list is not of the form that it should have") from error
            for entry in entries:
                self._take(entry)
                self._next = entry.index + 1
                self._save()
            if entries:
                continue
            patience -= 1
            if not self._missing and self._next >= page["size"]:
                return
            if not patience:
                self._witness.ended(page["size"] if self._next < page["size"] else None, self._missing)

    def try_again(self) -> None:
        """Ask for what earlier runs did not get: a purpose may be granted again, a file may be found."""
        for record, entry in self._waiting.entries().items():
            if record not in self.pulled.refused and record not in self.failed:
                self._get(record, entry)

    def _take(self, entry: Told) -> None:
        """What an entry asks for; one that is not here, or of a later version, asks for nothing."""
        if entry.event == "record.erased":
            for record in self._waiting.drop(told.erased(entry)):
                self._let_go(record)
            for ended in self._custody.erased(entry):
                self._let_go(ended.record)
                self.pulled.ended.append(ended)
            return
        if entry.event not in _ABOUT_RECORDS:
            return
        record = checks.digest(entry.values.get("record"))
        if entry.event in ("record.added", "record.revised"):
            self._progress(record)
            self._get(record, entry)
        elif entry.event == "consent.withdrawn":
            taken = self._custody.withdraw(entry)
            if not (self._records / record).exists():
                self._let_go(record)
            if taken:
                self.pulled.ended.append(taken)
        elif entry.event == "deletion.asked":
            if due := self._custody.ask(entry):
                self.pulled.deletions[record] = due
        elif entry.event == "deletion.cancelled":  # what was refused meanwhile still waits
            if self._custody.keep(entry):
                self.pulled.deletions.pop(record, None)
            else:
                self.pulled.unsigned.append(record)
        elif (self._records / record).exists():
            self.pulled.messages[record] = self.pulled.messages.get(record, 0) + 1

    def _let_go(self, record: str) -> None:
        """It will not come: that it was refused, or failed, was its withdrawal on the way."""
        self._waiting.remove(record)
        self.failed.pop(record, None)
        for found in (self.pulled.refused, self.pulled.deletions, self.pulled.messages):
            found.pop(record, None)
        for listed in (self.pulled.records, self.pulled.revised):
            if record in listed:
                listed.remove(record)
        waiting.forget(self._records / record)

    def _get(self, record: str, entry: Told) -> None:
        """One record, or its newer state; if it does not come, its entry waits for the next run."""
        folder, revision = self._records / record, entry.values.get("revision")
        held = custody.newest(folder)
        more = entry.event == "record.added" and entry.origin is not None  # of a statement that may be held
        try:
            if held is None or more or (isinstance(revision, int) and held.revision < revision):
                mechanism, origin = str(entry.values.get("mechanism")), entry.origin

                def require(signed: Statement, answer: Mapping[str, Any]) -> None:
                    custody.require_allowed(signed, mechanism, origin)
                    custody.require_granted(signed, mechanism, answer)

                waiting.fetch(self._feed, record, folder, self._custody.replace, require)
                self._custody.came(entry, record)
        except NotReleased as error:
            self.pulled.refused[record] = error.code
        except NotWhole as error:
            self.failed[record] = str(error)
        else:
            custody.begin(self._witness.records, folder, entry)
            self._waiting.remove(record)
            self.pulled.refused.pop(record, None)
            self.failed.pop(record, None)
            if record not in (*self.pulled.records, *self.pulled.revised):
                new = held is None or (entry.event == "record.added" and not more)
                (self.pulled.records if new else self.pulled.revised).append(record)
            return
        self._waiting.keep(record, entry)

    def _save(self) -> None:
        value = {"source": self._source, "next": self._next, "missing": sorted(self._missing)}
        files.write_json(self._state, value)
