"""Pull what is new for a mechanism: list, records, parts, into a folder. Opens nothing.

    OUT/state.<purpose>.json            whose list it is, and where to continue
    OUT/records/<id>/record.json        statements and grants as they came
    OUT/records/<id>/parts/<part>.age   header ‖ payload: any age tool opens it with the right key

A pull that breaks off goes on where it stopped; a record's folder appears only when it is complete.
"""

import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from joserfc import jwt
from joserfc.jwk import ECKey

from crypto import checks, log_leaf, statement
from crypto.encoding import b64u_decode, b64u_encode
from crypto.errors import VerifyError
from crypto.log_leaf import LogLeaf, Opening
from intake.client.api import Api, ApiError, check

_PAGE = 200


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A program's own key: made by `new_client`, of which the operator has the public half."""

    client: str
    key: ECKey

    def __repr__(self) -> str:
        return "ClientKey(secret)"


def new_client(client: str, folder: Path) -> tuple[Path, Path]:
    """Make a key for a program: (private file, public file)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = ECKey.generate_key("P-256")
    private, public = folder / f"{client}.client.json", folder / f"{client}.public.json"
    descriptor = os.open(private, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"client": client, "key": key.as_dict(private=True)}, file)
    public.write_text(json.dumps({"client": client, "key": key.as_dict(private=False)}) + "\n")
    return private, public


def load_client(path: Path) -> ClientKey:
    """Read a private client file; `ValueError` if it is none."""
    try:
        value = json.loads(path.read_text())
        return ClientKey(value["client"], ECKey.import_key(value["key"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is not a client's private file") from error


class FeedClient:
    """The pull API, with tokens renewed and a fresh proof for every request."""

    def __init__(self, api: Api, key: ClientKey, purpose: str) -> None:
        self._api = api
        self._key = key
        self.purpose = purpose
        self._proof_key = ECKey.generate_key("P-256")
        self._token = ""
        self._issuer = ""

    def source(self) -> str:
        """Whose list this client reads: client and service."""
        return f"{self._key.client} at {self._address('')}"

    def events(self, start: int) -> dict[str, Any]:
        """A page of the list from index `start` on."""
        page: dict[str, Any] = self._get(f"/feed/v1/events?start={start}&limit={_PAGE}").json()
        return page

    def record(self, record: str) -> dict[str, Any]:
        """One record."""
        found: dict[str, Any] = self._get(f"/feed/v1/records/{record}").json()
        return found

    def download(self, record: str, part: str, size: int, target: Path) -> None:
        """One part, continued by Range after a broken connection."""
        path = f"/feed/v1/records/{record}/parts/{part}"
        with target.open("wb") as file:
            attempts = self._api.attempts()
            reached = 0
            for attempt in attempts:
                with attempt:
                    if file.tell() > reached:
                        reached = file.tell()
                        attempts.progress()
                    while file.tell() < size:
                        self._stream(path, file)

    def _stream(self, path: str, file: BinaryIO) -> None:
        """Read on from where the file stands; with a new token if the old one is over."""
        url = self._address(path)
        for last_try in (False, True):
            headers = self._headers("GET", url) | {"Range": f"bytes={file.tell()}-"}
            with self._api.http.stream("GET", self._api.absolute(path), headers=headers) as response:
                if response.status_code == 401 and not last_try:
                    self._token = ""
                    continue
                check(response)
                for piece in response.iter_bytes():
                    file.write(piece)
                return

    def _get(self, path: str) -> Any:
        url = self._address(path.partition("?")[0])
        try:
            return self._api.request("GET", path, headers=lambda: self._headers("GET", url))
        except ApiError as error:
            if error.status != 401 or not self._token:
                raise
        self._token = ""  # expired, or the server forgot it: once more with a new one
        return self._api.request("GET", path, headers=lambda: self._headers("GET", url))

    def _address(self, path: str) -> str:
        """What a proof must name: the server's public address, not the one we happen to reach it by."""
        if not self._issuer:
            self._issuer = self._api.get("/.well-known/oauth-authorization-server")["issuer"]
        return self._issuer + path

    def _headers(self, method: str, url: str) -> dict[str, str]:
        if not self._token:
            self._token = self._new_token()
        return {"Authorization": f"DPoP {self._token}", "DPoP": self._proof(method, url, self._token)}

    def _new_token(self) -> str:
        url = self._address("/oauth/token")
        answer = self._api.request(
            "POST",
            "/oauth/token",
            data={
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
            "iss": self._key.client,
            "sub": self._key.client,
            "aud": self._issuer,
            "jti": secrets.token_hex(16),
            "iat": now,
            "exp": now + 60,
        }
        return jwt.encode({"alg": "ES256"}, claims, self._key.key)

    def _proof(self, method: str, url: str, token: str | None) -> str:
        claims = {"jti": secrets.token_hex(16), "htm": method, "htu": url, "iat": int(time.time())}
        if token:
            claims["ath"] = b64u_encode(hashlib.sha256(token.encode()).digest())
        header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": self._proof_key.as_dict(private=False)}
        return jwt.encode(header, claims, self._proof_key)


@dataclass(frozen=True, slots=True)
class Pulled:
    """What one run brought: new records, and those that were refused, with the reason."""

    records: list[str]
    refused: dict[str, str]


def pull(feed: FeedClient, out: Path, progress: Callable[[str], None] = lambda what: None) -> Pulled:
    """Fetch everything since the last run. Signatures are checked before anything is kept."""
    records = out / "records"
    records.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = out / f"state.{feed.purpose}.json"  # what one purpose does not release, another may
    known: dict[str, Any] = {"source": feed.source(), "next": 0}
    if state.exists():
        known = json.loads(state.read_text())
    if known["source"] != feed.source():
        raise ValueError(f"{out} belongs to {known['source']}: pull into a folder of its own")
    start = known["next"]
    fetched: list[str] = []
    refused: dict[str, str] = {}
    while True:
        page = feed.events(start)
        for event in page["events"]:
            if event["index"] != start:
                raise VerifyError("the server's list has a gap: keep what you have, and ask the operator")
            said = _opened(event)
            if said.get("event") == "record.added":
                record = checks.digest(said["record"])
                progress(record)
                try:
                    _fetch(feed, record, records)
                    fetched.append(record)
                except ApiError as error:
                    if error.status not in (403, 404):
                        raise
                    refused[record] = error.code
            start += 1
            _write(state, known | {"next": start})
        if not page["events"]:
            return Pulled(fetched, refused)


def _opened(event: dict[str, Any]) -> dict[str, Any]:
    """What an entry says, checked against its leaf; nothing, for padding and what was erased."""
    if event["opening"] is None:
        return {}
    opening = Opening.parse(event["opening"].encode())
    log_leaf.verify_opening(LogLeaf.parse(b64u_decode(event["leaf"])), opening)
    return opening.values


def _fetch(feed: FeedClient, record: str, records: Path) -> None:
    final = records / record
    if final.exists():
        return
    fresh = records / f".{record}.part"
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / "parts").mkdir(mode=0o700, parents=True)
    found = feed.record(record)
    revisions = [(s["statement"].encode(), b64u_decode(s["signature"], 64)) for s in found["statements"]]
    if statement.verify_chain(revisions).record != record:
        raise VerifyError("the server answered with another record")
    (fresh / "record.json").write_text(json.dumps(found, indent=1))
    for part in found["parts"]:
        name = checks.identifier(part["id"])
        feed.download(record, name, int(part["size"]), fresh / "parts" / f"{name}.age")
    fresh.rename(final)


def _write(path: Path, value: Any) -> None:
    fresh = path.with_suffix(".new")
    with fresh.open("w") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
