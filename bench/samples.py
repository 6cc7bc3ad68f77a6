"""Submissions made beforehand, so that a client's own work is no part of what is measured."""

import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.wire import PLACE, Sealed
from crypto import bundles, content_key
from crypto.encoding import b64u_encode
from crypto.receipt import ReceiptKeys
from crypto.record_writer import RecordWriter, SealedPart
from crypto.statement import AudienceEntry, ConsentEntry
from intake import clock
from tests.service import PURPOSE, Mechanism, form_fields, new_receipt, video

TEXT = "Мяне затрымалі ў двары дома. " * 40  # 2 kB
PHOTO_BYTES = 300_000
SMALL = 64 * 1024  # bytes of a payload that needs no upload of its own


@dataclass(frozen=True, slots=True)
class Medium:
    """A file sealed once: the server cannot tell, and payloads of many submissions share memory."""

    digest: bytes
    file_key: bytes
    nonce: bytes
    plain: bytes
    payload: bytes


def medium(size: int) -> Medium:
    """A video of random bytes, sealed under a key of its own."""
    plain = video(size)
    content = content_key.ContentDigest()
    content.update(plain)
    digest, file_key, nonce = content.finish(), secrets.token_bytes(16), secrets.token_bytes(16)
    sealer = RecordWriter(_keys(), secrets.token_bytes).begin_medium(file_key, nonce, digest)
    payload = bytes(sealer.update(plain)) + b"".join(bytes(rest) for rest in sealer.finish())
    return Medium(digest, file_key, nonce, plain, payload)


def sealed(mechanism: Mechanism, media: Sequence[Medium]) -> Sealed:
    """A whole submission for the mechanism: narrative, triage card, media with labels."""
    bundle = bundles.verify_bundle((mechanism.keys / "bundle.json").read_bytes())
    keys = _keys()
    writer = RecordWriter(keys, secrets.token_bytes)
    account, triage = writer.compartment("account"), writer.compartment("triage")
    about = {"language": "be", "capacity": "victim"}
    parts: list[tuple[str, bytes, bytes]] = []

    def add(part: SealedPart) -> None:
        parts.append((part.entry.id, part.header, part.payload))

    add(writer.structured("narrative", account, {"text": TEXT, **about}))
    add(writer.structured("triage", triage, {"media": len(media), **about}))
    for one in media:
        sealer = writer.begin_medium(one.file_key, one.nonce, one.digest)
        sealer.update(one.plain)
        for _ in sealer.finish():
            pass
        header, label = writer.end_medium(sealer, account, {"name": "v.mp4", "type": "video/mp4"})
        parts.append((sealer.part, header, one.payload))
        add(label)
    readers = {}
    for compartment in (account, triage):
        key = bundle.key_for(compartment.kind, clock.day())
        assert key is not None
        readers[compartment.id] = key.recipient
    statement, signature = writer.statement(
        audience=[AudienceEntry(mechanism.id, c, reader.fingerprint) for c, reader in readers.items()],
        consent=[ConsentEntry(mechanism.id, (PURPOSE,), None, False, "2026-11", "be", "00" * 32)],
        created_day=clock.day(),
        sealed_by="submitter",
        client=("bench", "1", None),
    )
    sent: list[dict[str, str]] = []
    uploads: list[bytes] = []
    for part, header, payload in parts:
        if len(payload) <= SMALL:  # travels with the submission itself
            where = {"payload": b64u_encode(payload)}
        else:
            where = {"upload": PLACE.format(len(uploads))}
            uploads.append(payload)
        sent.append({"id": part, "header": b64u_encode(header), **where})
    body = {
        "statement": statement.decode(),
        "signature": b64u_encode(signature),
        "receipt": {
            "lookup": b64u_encode(keys.lookup),
            "auth": b64u_encode(keys.auth),
            "record_key": b64u_encode(keys.record_key(writer.share)),
        },
        "parts": sent,
        "grants": [
            {"compartment": g.compartment, "recipient": g.recipient, "file": b64u_encode(g.file)}
            for g in writer.grants(list(readers.items()))
        ],
    }
    return Sealed(tuple(uploads), json.dumps(body).encode())


def fields() -> list[tuple[str, str]]:
    """The plain form's fields, under a fresh receipt."""
    return form_fields(new_receipt(), narrative=TEXT)


def receipt_cpu(times: int) -> float:
    """CPU seconds of one Argon2id here: what the form spends on a receipt before anything else."""
    receipts = [new_receipt() for _ in range(times)]
    before = time.process_time()
    for receipt in receipts:
        receipt.keys()
    return (time.process_time() - before) / times


def _keys() -> ReceiptKeys:
    """Keys as if from a receipt, without its 40 ms of Argon2id."""
    return ReceiptKeys(*(secrets.token_bytes(32) for _ in range(5)))
