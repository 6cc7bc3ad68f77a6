"""Makes intake-v1.json: inputs and outputs of every reproducible format. `python -m tests.vectors.generate`."""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from crypto import age_keys, bundles, commitments, content_key, padding, sealing, statement
from crypto.age_stream import CHUNK
from crypto.encoding import b64u_encode
from crypto.primitives import SigningKey
from crypto.receipt import Receipt
from crypto.record_writer import RecordWriter

HERE = Path(__file__).parent
DAY = "2026-11-23"


class Stream:
    """Bytes that look random and are always the same."""

    def __init__(self, label: str) -> None:
        self._label = label.encode()
        self._count = 0

    def __call__(self, size: int) -> bytes:
        self._count += 1
        return hashlib.shake_256(self._label + self._count.to_bytes(8, "big")).digest(size)


def pattern(length: int) -> bytes:
    """Bytes 0, 1, … 250, 0, 1, …"""
    return (bytes(range(251)) * (length // 251 + 1))[:length]


def receipts() -> list[dict[str, Any]]:
    found = []
    for seed in ("one", "two"):
        receipt = Receipt.from_random(Stream(f"receipt {seed}")(32))
        keys = receipt.keys()
        share = Stream(f"share {seed}")(32)
        found.append(
            {
                "numbers": list(receipt.numbers),
                "digits": " ".join(receipt.digits()),
                "words_en": " ".join(receipt.words("en") or ()),
                "lookup": keys.lookup.hex(),
                "auth": keys.auth.hex(),
                "access_tag": keys.access_tag.hex(),
                "sign_public": keys.signing.public.hex(),
                "age_seed": keys.identity.seed.hex(),
                "recipient_fingerprint": keys.identity.recipient.fingerprint,
                "share": share.hex(),
                "record_key": keys.record_key(share).hex(),
                "record": statement.record_id(share, keys.signing.public, keys.identity.recipient),
            }
        )
    return found


def digests() -> list[dict[str, Any]]:
    found = []
    for length in (
        0,
        1,
        content_key.LEAF - 1,
        content_key.LEAF,
        content_key.LEAF + 1,
        3 * content_key.LEAF + 5,
    ):
        digest = content_key.ContentDigest()
        digest.update(pattern(length))
        found.append({"length": length, "digest": digest.finish().hex()})
    return found


def payloads() -> list[dict[str, Any]]:
    file_key, nonce = bytes(range(16)), bytes(range(16, 32))
    return [
        {
            "length": length,
            "file_key": file_key.hex(),
            "nonce": nonce.hex(),
            "sha256": hashlib.sha256(sealing.seal_payload(pattern(length), file_key, nonce)).hexdigest(),
        }
        for length in (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1)
    ]


def fields() -> dict[str, Any]:
    salted = commitments.Fields.salted(
        {"text": "Сведчанне \U0001f54a", "language": "be", "n": [1, None, True]}, Stream("fields")
    )
    return {
        "plaintext": salted.encode().decode(),
        "leaves": {name: leaf.hex() for name, leaf in salted.leaves().items()},
        "commitment": salted.commitment().hex(),
    }


def signed_statement() -> dict[str, Any]:
    keys = Receipt.from_random(Stream("receipt one")(32)).keys()
    writer = RecordWriter(keys, Stream("record"))
    account = writer.compartment("account")
    reader = age_keys.Identity(Stream("mechanism")(32)).recipient
    writer.structured("narrative", account, {"text": "Сведчанне", "language": "be", "capacity": "victim"})
    data, signature = writer.statement(
        audience=[statement.AudienceEntry("demo", account.id, reader.fingerprint)],
        consent=[statement.ConsentEntry("demo", ("archive",), None, False, "2026-11", "be", "ab" * 32)],
        created_day=DAY,
        sealed_by="submitter",
        client=("vectors", "1", None),
    )
    return {
        "statement": data.decode(),
        "signature": b64u_encode(signature),
        "hash": statement.statement_hash(data),
        "key_commitment": {
            "file_key": bytes(range(16)).hex(),
            "record": writer.record,
            "value": statement.key_commitment(bytes(range(16)), writer.record),
        },
    }


def bundle() -> str:
    root = SigningKey(Stream("root")(32))
    keys = [
        bundles.sign_key(
            root, "demo", 1, kind, age_keys.Identity(Stream(kind)(32)).recipient, DAY, "2027-11-23"
        )
        for kind in ("account", "triage")
    ]
    return bundles.sign_bundle(root, "demo", {"en": "Demo", "be": "Дэма"}, keys).decode()


def content_keys() -> dict[str, str]:
    u, digest = bytes(range(32)), bytes(range(32, 64))
    file_key, nonce = content_key.file_key_and_nonce(u, digest)
    return {"u": u.hex(), "digest": digest.hex(), "file_key": file_key.hex(), "nonce": nonce.hex()}


def vectors() -> dict[str, Any]:
    """All of them."""
    lengths = [0, 1, 2, 9, 100, 1000, 2048, 2049, 16384, 16385, 10**6, 10**7 + 1, 2**31 + 12345]
    return {
        "receipts": receipts(),
        "padding": [
            {
                "length": n,
                "padme": padding.padme(n),
                "medium": padding.padded_length(n, padding.FLOOR),
                "text": padding.padded_length(n, padding.TEXT_FLOOR),
            }
            for n in lengths
        ],
        "content_digests": digests(),
        "content_key": content_keys(),
        "payloads": payloads(),
        "fields": fields(),
        "statement": signed_statement(),
        "bundle": bundle(),
    }


def record() -> dict[str, Any]:
    """A whole record, sealed once and for all."""
    keys = Receipt.from_random(Stream("receipt two")(32)).keys()
    writer = RecordWriter(keys, Stream("whole record"))
    account = writer.compartment("account")
    mechanism = age_keys.Identity(Stream("mechanism")(32))
    narrative = writer.structured(
        "narrative", account, {"text": "Сведчанне", "language": "be", "capacity": "victim"}
    )
    medium = writer.begin_medium()
    payload = bytes(medium.update(pattern(70_000))) + b"".join(bytes(p) for p in medium.finish())
    header, label = writer.end_medium(
        medium, account, {"name": "фота.jpg", "type": "image/jpeg", "origin": "self"}
    )
    grants = writer.grants([(account.id, mechanism.recipient)])
    data, signature = writer.statement(
        audience=[statement.AudienceEntry("demo", account.id, mechanism.recipient.fingerprint)],
        consent=[statement.ConsentEntry("demo", ("archive",), None, False, "2026-11", "be", "ab" * 32)],
        created_day=DAY,
        sealed_by="submitter",
        client=("vectors", "1", None),
    )
    parts = {p.entry.id: b64u_encode(p.header + p.payload) for p in (narrative, label)}
    parts[medium.part] = b64u_encode(header + payload)
    return {
        "receipt_identity": keys.identity.text,
        "mechanism_identity": mechanism.text,
        "statement": data.decode(),
        "signature": b64u_encode(signature),
        "grants": [
            {"compartment": g.compartment, "recipient": g.recipient, "file": b64u_encode(g.file)}
            for g in grants
        ],
        "parts": parts,
        "narrative": narrative.entry.id,
        "label": label.entry.id,
        "medium": medium.part,
        "medium_length": 70_000,
    }


def text(value: dict[str, Any]) -> str:
    """As it is written to a file."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    (HERE / "intake-v1.json").write_text(text(vectors()), "utf-8")
    if "--record" in sys.argv:
        (HERE / "record-v1.json").write_text(text(record()), "utf-8")
