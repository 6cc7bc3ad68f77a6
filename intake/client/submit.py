"""Seal a testimony on this machine and send it: nothing readable leaves it.

    digest → blind evaluation → seal and upload (tus) → statement

The receipt exists, and has been shown, before anything is sent. A broken connection is waited out and
the upload goes on where the server has it.
"""

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from crypto import content_key, oprf, statement
from crypto.bundles import Bundle
from crypto.encoding import Json, b64u_decode, b64u_encode
from crypto.errors import CryptoError
from crypto.profiles import Profile
from crypto.receipt import Receipt
from crypto.record_writer import RecordWriter
from intake.client import proofs
from intake.client.api import Api, ApiError, check
from intake.client.document import Testimony
from intake.client.sealing import ONLINE, Mechanisms, Payload, Progress, Sealer, read_mechanisms, today
from intake.record.compose import Composer
from intake.record.consent_texts import ConsentText

_TUS = {"Tus-Resumable": "1.0.0"}


class SubmitError(Exception):
    """The testimony cannot be sent as it is; says why."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What the service acknowledged; `fresh` is False if it had it already.

    `broken` says what is wrong with the signed promise to have it in the logs (None: it holds). The
    promise itself is kept in memory only: on disk it would tell that this person has sent something.
    """

    record: str
    fresh: bool
    statement: str  # hash
    promise: str | None = None
    broken: str | None = None


def fetch_mechanisms(api: Api, roots: Mapping[str, str]) -> Mechanisms:
    """Mechanisms that take testimonies: see `sealing.read_mechanisms`."""
    return read_mechanisms(api.get("/v1/mechanisms"), roots)


def fetch_bundles(api: Api, roots: Mapping[str, str]) -> dict[str, Bundle]:
    """Their keys alone."""
    return dict(fetch_mechanisms(api, roots).bundles)


class Uploads:
    """Sends payloads at once, each as a resumable upload."""

    def __init__(self, api: Api, progress: Progress = lambda what, done, total: None) -> None:
        self._api = api
        self._progress = progress

    def content_key(self, digest: bytes) -> tuple[bytes, bytes] | None:
        """By OPRF of the digest: the server sees a random point. Starts over when the epoch closes."""
        for _ in range(3):
            epoch = self._api.get("/v1/oprf")["epoch"]
            blinded = oprf.blind(digest, secrets.token_bytes(48))
            try:
                answer = self._api.post(
                    "/v1/oprf", {"epoch": epoch, "elements": [b64u_encode(blinded.element)]}
                )
            except ApiError as error:
                if error.code == "epoch_closed":
                    continue
                raise
            element = b64u_decode(answer["evaluations"][0], oprf.ELEMENT_SIZE)
            return content_key.file_key_and_nonce(oprf.finalize(digest, blinded, element), digest)
        raise SubmitError("the server keeps closing its deduplication epoch: try again later")

    def payload(self, what: str, length: int, produce: Payload) -> dict[str, str]:
        """Upload it."""
        return {"upload": self.upload(what, length, produce)}

    def upload(
        self,
        what: str,
        length: int,
        produce: Payload,
        known: str | None = None,
        began: Callable[[str], None] = lambda name: None,
    ) -> str:
        """Send by tus until the server has all of it; return the upload's name.

        After a break the payload is produced again and what the server has is skipped. An upload that
        the server lost is begun anew. `known` was begun before; `began` hears the name of a new one.
        """
        for _ in range(3):
            name = known
            if name is None:
                created = self._api.request(
                    "POST", "/v1/uploads", headers=lambda: {**_TUS, "Upload-Length": str(length)}
                )
                name = created.headers["location"].rpartition("/")[2]
                began(name)
            try:
                address = self._api.absolute(f"/v1/uploads/{name}")
                self._send(what, length, produce, address, fresh=known is None)
                return name
            except ApiError as error:
                if error.status != 404:
                    raise
            known = None
        raise SubmitError("the server keeps losing the upload: try again later")

    def _send(self, what: str, length: int, produce: Payload, address: str, *, fresh: bool) -> None:
        start = -1 if fresh else 0
        attempts = self._api.attempts()
        for attempt in attempts:
            with attempt:
                before, start = start, self._offset(address) if start >= 0 else 0
                if start > before >= 0:
                    attempts.progress()
                if start < length:
                    self._append(address, start, self._counted(what, length, produce(), start), length)

    def _append(self, address: str, start: int, content: Iterator[bytes], length: int) -> None:
        response = self._api.http.patch(
            address,
            content=content,
            headers={**_TUS, "Upload-Offset": str(start), "Content-Type": "application/offset+octet-stream"},
        )
        check(response)
        if int(response.headers["upload-offset"]) != length:
            raise httpx.RemoteProtocolError("the server took less than was sent")

    def _offset(self, address: str) -> int:
        response = self._api.http.head(address, headers=_TUS)
        check(response)
        return int(response.headers["upload-offset"])

    def _counted(self, what: str, length: int, pieces: Iterator[bytes], start: int) -> Iterator[bytes]:
        position = 0
        for piece in pieces:
            skip = min(len(piece), max(0, start - position))
            position += len(piece)
            if skip < len(piece):
                yield piece[skip:]
                self._progress(what, position, length)


class Submitter:
    """Sends one testimony under one receipt. Mechanisms without a profile are taken as plain ones."""

    def __init__(
        self,
        api: Api,
        receipt: Receipt,
        known: Mapping[str, Bundle],
        text: ConsentText,
        progress: Progress = lambda what, done, total: None,
        profiles: Mapping[str, Profile] | None = None,
    ) -> None:
        self._api = api
        self._known = known
        self._profiles = profiles or {}
        self._text = text
        self._progress = progress
        self._keys = receipt.keys()

    def submit(self, testimony: Testimony, *, own_grants: bool = True) -> Sent:
        """Seal, upload, sign, hand over. `SubmitError`, `ConsentError`, `ApiError` or `Offline` if not.

        Without `own_grants` nobody but the mechanisms can open it: for a receipt that is destroyed.
        """
        for choice in testimony.consent:
            if choice.mechanism not in self._known:
                raise SubmitError(f"this server does not know the mechanism {choice.mechanism}")
        promise_key = self._promise_key()
        writer = RecordWriter(self._keys, secrets.token_bytes)
        composer = Composer(writer, self._known, self._profiles, self._text, today(), testimony.consent)
        uploads = Uploads(self._api, self._progress)
        sealer = Sealer(self._keys, composer, uploads, self._progress)
        sealer.add(testimony)
        body = sealer.sign(ONLINE, own_grants=own_grants) | {"receipt": sealer.receipt_half()}
        return hand_over(self._api, body, secrets.token_hex(16), promise_key)

    def _promise_key(self) -> str:
        return promise_key(self._api)


def promise_key(api: Api) -> str:
    """What promises will be verified with; asked for first, when waiting worries nobody."""
    try:
        return str(api.get("/v1/logs").get("promise_key", ""))
    except ApiError:
        return ""


def hand_over(api: Api, body: Mapping[str, Json], key: str, promised_with: str) -> Sent:
    """Send a whole submission; `key` is its own, and the same when it is sent again."""
    sent = {name: value for name, value in body.items() if name != "withdrawals"}
    answer = api.request("POST", "/v1/submissions", json=sent, headers=lambda: {"Idempotency-Key": key})
    signed = body["statement"].encode()
    mechanisms = {consent.mechanism for consent in statement.parse(signed).consent}
    return acknowledged(answer.json(), answer.status_code == 201, signed, promised_with, mechanisms)


def acknowledged(body: Any, fresh: bool, signed: bytes, key: str, mechanisms: Collection[str]) -> Sent:
    """What the answer says. Never raises because of the promise: the testimony has been received."""
    hashed, broken = statement.statement_hash(signed), None
    promise = body.get("promise")
    try:
        proofs.check_promise(promise, key, body["record"], hashed, mechanisms, today())
    except CryptoError as error:
        broken = str(error)
    return Sent(body["record"], fresh, hashed, promise, broken)
