"""Seal a testimony on this machine and send it: nothing readable leaves it.

    digest → blind evaluation → seal and upload (tus) → statement

The receipt exists, and has been shown, before anything is sent. A broken connection is waited out and
the upload goes on where the server has it. A file is sealed from the disk each time; every MiB is
compared with the first reading before, because a changed file under the same key would betray both.
"""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from crypto import age_stream, bundles, content_key, oprf, padding
from crypto.bundles import Bundle
from crypto.encoding import b64u_decode, b64u_encode, canonical_json
from crypto.errors import CryptoError, VerifyError
from crypto.receipt import Receipt, ReceiptKeys
from crypto.record_writer import MediumSealer, RecordWriter, SealedPart
from crypto.statement import AudienceEntry, ConsentEntry, statement_hash
from intake.client import VERSION, proofs
from intake.client.api import Api, ApiError, check
from intake.client.folder import Consent, MediumFile, Testimony
from intake.record import media
from intake.record.consent_texts import ConsentText

_TUS = {"Tus-Resumable": "1.0.0"}
_SMALL = 64 * 1024  # bytes of a payload
Progress = Callable[[str, int, int], None]  # what, bytes done, bytes in all


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


def fetch_bundles(api: Api, roots: dict[str, str]) -> dict[str, Bundle]:
    """Mechanisms with verified keys. `roots` are fingerprints known from elsewhere: a mismatch raises."""
    found = {}
    for raw in api.get("/v1/mechanisms")["mechanisms"]:
        bundle = bundles.verify_bundle(canonical_json(raw))
        wanted = roots.get(bundle.mechanism, bundle.root_fingerprint).replace(" ", "").lower()
        if bundle.root_fingerprint != wanted:
            raise VerifyError(
                f"the server's root key for {bundle.mechanism} is not the expected one: do not send anything"
            )
        found[bundle.mechanism] = bundle
    return found


class Submitter:
    """Sends one testimony under one receipt."""

    def __init__(
        self,
        api: Api,
        receipt: Receipt,
        known: dict[str, Bundle],
        text: ConsentText,
        progress: Progress = lambda what, done, total: None,
    ) -> None:
        self._api = api
        self._bundles = known
        self._text = text
        self._progress = progress
        self._keys: ReceiptKeys = receipt.keys()
        self._writer = RecordWriter(self._keys, secrets.token_bytes)
        self._parts: list[dict[str, str]] = []

    def submit(self, testimony: Testimony) -> Sent:
        """Seal, upload, sign, hand over. `SubmitError`, `ApiError` or `Offline` if that fails."""
        audience = self._audience(testimony.consent)
        promise_key = self._promise_key()
        writer = self._writer
        account, triage = writer.compartment("account"), writer.compartment("triage")
        values = {"text": testimony.narrative, "language": testimony.language, "capacity": testimony.capacity}
        card = {"language": testimony.language, "capacity": testimony.capacity, "media": len(testimony.media)}
        self._small("text", writer.structured("narrative", account, values))
        self._small("text", writer.structured("triage", triage, card))
        for medium in testimony.media:
            self._medium(medium)
        statement, signature = writer.statement(
            audience=[AudienceEntry(m, c, key.recipient.fingerprint) for m, c, key in audience],
            consent=[self._consent(c) for c in testimony.consent],
            created_day=_today(),
            sealed_by="submitter",
            client=("intake-python", VERSION, None),
        )
        grants = writer.grants([(c, key.recipient) for _, c, key in audience])
        body = {
            "statement": statement.decode(),
            "signature": b64u_encode(signature),
            "receipt": {
                "lookup": b64u_encode(self._keys.lookup),
                "auth": b64u_encode(self._keys.auth),
                "record_key": b64u_encode(self._keys.record_key(writer.share)),
            },
            "parts": self._parts,
            "grants": [
                {"compartment": g.compartment, "recipient": g.recipient, "file": b64u_encode(g.file)}
                for g in grants
            ],
        }
        key = secrets.token_hex(16)
        answer = self._api.request(
            "POST", "/v1/submissions", json=body, headers=lambda: {"Idempotency-Key": key}
        )
        return self._sent(answer, statement, promise_key, {m for m, _, _ in audience})

    # --- the promise ---

    def _promise_key(self) -> str:
        """What the promise will be verified with; asked for first, when waiting worries nobody."""
        try:
            return str(self._api.get("/v1/logs").get("promise_key", ""))
        except ApiError:
            return ""

    def _sent(self, answer: httpx.Response, statement: bytes, key: str, mechanisms: set[str]) -> Sent:
        """Never raises because of the promise: the testimony has been received."""
        body, hashed, broken = answer.json(), statement_hash(statement), None
        promise = body.get("promise")
        try:
            proofs.check_promise(promise, key, body["record"], hashed, mechanisms, _today())
        except CryptoError as error:
            broken = str(error)
        return Sent(body["record"], answer.status_code == 201, hashed, promise, broken)

    # --- media ---

    def _medium(self, file: MediumFile) -> None:
        plan = _read_once(file, lambda done, total: self._progress(f"reading {file.path.name}", done, total))
        dedup = media.deduplicates(plan.kind, plan.size, file.origin, intimate=file.intimate)
        if dedup:
            u = self._evaluate(plan.digest)
            file_key, nonce = content_key.file_key_and_nonce(u, plan.digest)
        else:
            file_key, nonce = secrets.token_bytes(16), secrets.token_bytes(16)
        last: list[MediumSealer] = []

        def payload() -> Iterator[bytes]:
            sealer = self._writer.begin_medium(file_key, nonce, plan.digest)
            last[:] = [sealer]
            leaves = content_key.LeafCheck(plan.leaves)
            with file.path.open("rb") as stream:
                while leaf := stream.read(content_key.LEAF):
                    leaves.check(leaf)
                    yield bytes(sealer.update(leaf))
            leaves.finish()
            for rest in sealer.finish():
                yield bytes(rest)

        length = age_stream.sealed_length(padding.padded_length(plan.size, padding.FLOOR))
        upload = self._upload(f"sending {file.path.name}", length, payload)
        sealer = last[0]
        compartment = self._writer.compartment(file.compartment)
        label = {
            "name": file.path.name,
            "type": plan.kind or media.OTHER,
            "origin": file.origin,
            "intimate": file.intimate,
            "dedup": "oprf" if dedup else "none",
        }
        header, label_part = self._writer.end_medium(sealer, compartment, label)
        self._parts.append({"id": sealer.part, "header": b64u_encode(header), "upload": upload})
        self._small("label", label_part)

    def _small(self, what: str, part: SealedPart) -> None:
        if len(part.payload) <= _SMALL:  # travels with the submission itself
            sent = {"payload": b64u_encode(part.payload)}
        else:
            sent = {"upload": self._upload(what, len(part.payload), lambda: iter([part.payload]))}
        self._parts.append({"id": part.entry.id, "header": b64u_encode(part.header), **sent})

    def _evaluate(self, digest: bytes) -> bytes:
        """OPRF of the digest: the server sees a random point. Starts over when the epoch closes."""
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
            return oprf.finalize(digest, blinded, b64u_decode(answer["evaluations"][0], oprf.ELEMENT_SIZE))
        raise SubmitError("the server keeps closing its deduplication epoch: try again later")

    # --- uploads ---

    def _upload(self, what: str, length: int, payload: Callable[[], Iterator[bytes]]) -> str:
        """Send by tus until the server has all of it; return the upload's name.

        After a break the payload is produced again and what the server has is skipped. An upload that
        the server lost is begun anew.
        """
        for _ in range(3):
            created = self._api.request(
                "POST", "/v1/uploads", headers=lambda: {**_TUS, "Upload-Length": str(length)}
            )
            name = created.headers["location"].rpartition("/")[2]
            try:
                self._send(what, length, payload, self._api.absolute(f"/v1/uploads/{name}"))
                return name
            except ApiError as error:
                if error.status != 404:
                    raise
        raise SubmitError("the server keeps losing the upload: try again later")

    def _send(self, what: str, length: int, payload: Callable[[], Iterator[bytes]], address: str) -> None:
        start = -1
        attempts = self._api.attempts()
        for attempt in attempts:
            with attempt:
                before, start = start, self._offset(address) if start >= 0 else 0
                if start > before >= 0:
                    attempts.progress()
                if start < length:
                    self._append(address, start, self._counted(what, length, payload(), start), length)

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

    # --- consent ---

    def _audience(self, consents: tuple[Consent, ...]) -> list[tuple[str, str, bundles.MechanismKey]]:
        today = _today()
        found = []
        for consent in consents:
            if consent.mechanism not in self._bundles:
                raise SubmitError(f"this server does not know the mechanism {consent.mechanism}")
            for kind in consent.compartments:
                key = self._bundles[consent.mechanism].key_for(kind, today)
                if key is None:
                    raise SubmitError(f"{consent.mechanism} has no valid key for {kind} now")
                found.append((consent.mechanism, self._writer.compartment(kind).id, key))
        return found

    def _consent(self, consent: Consent) -> ConsentEntry:
        return ConsentEntry(
            mechanism=consent.mechanism,
            purposes=consent.purposes,
            expires=consent.expires,
            successor=consent.successor,
            text_version=self._text.version,
            text_language=self._text.language,
            text_sha256=self._text.sha256,
        )


def _today() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d")


@dataclass(frozen=True, slots=True)
class _Plan:
    kind: str | None
    size: int
    digest: bytes
    leaves: list[bytes]


def _read_once(file: MediumFile, progress: Callable[[int, int], None]) -> _Plan:
    total = file.path.stat().st_size
    digest = content_key.ContentDigest()
    kind: str | None = None
    with Path(file.path).open("rb") as stream:
        while leaf := stream.read(content_key.LEAF):
            if not digest.length:
                kind = media.sniff(leaf[: media.SNIFF_BYTES])
            digest.update(leaf)
            progress(digest.length, total)
    return _Plan(kind, digest.length, digest.finish(), digest.leaves)
