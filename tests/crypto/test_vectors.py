"""Vectors: ours do not change, others' hold."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from crypto import age_header, age_stream, oprf, sealing
from crypto.age_keys import Identity
from crypto.encoding import b64u_decode
from crypto.errors import FormatError, NotMine, VerifyError
from crypto.record_reader import RecordReader
from tests.tools import Vector, cctv_vectors
from tests.vectors import generate, generate_work

VECTORS = Path(generate.__file__).parent


def load(name: str) -> Any:
    return json.loads((VECTORS / name).read_text("utf-8"))


def test_implementers_get_the_same_vectors_every_time() -> None:
    assert generate.text(generate.vectors()) == (VECTORS / "intake-v1.json").read_text("utf-8")
    assert generate.text(generate_work.vectors()) == (VECTORS / "work-v1.json").read_text("utf-8")


@pytest.mark.parametrize("who", ["receipt_identity", "mechanism_identity"])
def test_reader_in_many_years_opens_a_record_sealed_with_version_one(who: str) -> None:
    v = load("record-v1.json")
    grants = [(g["compartment"], b64u_decode(g["file"])) for g in v["grants"]]
    revisions = [(v["statement"].encode(), b64u_decode(v["signature"]))]
    reader = RecordReader(revisions, grants, [Identity.parse(v[who])])
    files = {part: b64u_decode(file) for part, file in v["parts"].items()}

    assert reader.structured(v["narrative"], files[v["narrative"]]).values["text"] == "Сведчанне"
    label = reader.structured(v["label"], files[v["label"]])
    header, payload = sealing.split(files[v["medium"]])
    opener = reader.medium(v["medium"], header, label)
    assert bytes(opener.update(payload)) + bytes(opener.finish()) == generate.pattern(v["medium_length"])


def test_oprf_is_rfc_9497s() -> None:
    (suite,) = load("rfc9497-p256-sha256-oprf.json")
    scalar = oprf.derive_scalar(bytes.fromhex(suite["seed"]), bytes.fromhex(suite["keyInfo"]))
    assert scalar.hex() == suite["skSm"]
    key = oprf.Key(scalar)
    assert len(suite["vectors"]) == 2
    for vector in suite["vectors"]:
        message = bytes.fromhex(vector["Input"])
        blinded = oprf.blind_with(message, int(vector["Blind"], 16))
        evaluated = key.evaluate(blinded.element)
        assert blinded.element.hex() == vector["BlindedElement"]
        assert evaluated.hex() == vector["EvaluationElement"]
        assert (
            oprf.finalize(message, blinded, evaluated).hex() == vector["Output"] == key.direct(message).hex()
        )


# C2SP's age vectors. We read no armor, no passphrases and no classic stanzas; of those vectors the file
# key, which each one gives, still checks header, MAC and payload. Left out are those whose fault lies in
# a part that we do not read: armor, and the insides of scrypt and X25519 stanzas.
OURS = [v for v in cctv_vectors() if not v.field("armored")]
EXPECTED = {
    "header failure": FormatError,
    "no match": NotMine,
    "HMAC failure": VerifyError,
    "payload failure": VerifyError,
}


def is_hybrid(vector: Vector) -> bool:
    return vector.name.startswith("hybrid")


def foreign_fault(vector: Vector) -> bool:
    """A fault inside a stanza type that we do not open."""
    kinds = ("scrypt", "x25519", "hybrid_x25519_arg")
    return vector.name.startswith(kinds) and vector.field("expect") in ("header failure", "no match")


def open_vector(vector: Vector) -> bytes:
    header, payload = sealing.split(vector.file)
    identities = [Identity.parse(i) for i in vector.fields.get("identity", []) if "PQ" in i]
    if is_hybrid(vector):
        file_key = sealing.unwrap(header, identities)
    else:
        file_key = bytes.fromhex(vector.field("file key") or "")
        header.check_mac(file_key)
    return sealing.open_payload(payload, file_key)


def in_scope(vector: Vector) -> bool:
    """Whether the vector expects something of us: a file sealed to somebody else's classic key does not."""
    return not foreign_fault(vector) and (is_hybrid(vector) or vector.field("expect") != "no match")


@pytest.mark.parametrize("vector", [v for v in OURS if in_scope(v)], ids=lambda v: v.name)
def test_age_vector(vector: Vector) -> None:
    expect = vector.field("expect")
    if expect == "success":
        assert hashlib.sha256(open_vector(vector)).hexdigest() == vector.field("payload")
    else:
        with pytest.raises(EXPECTED[str(expect)]):
            open_vector(vector)


def test_enough_age_vectors_were_held_against_us() -> None:
    used = [v for v in OURS if in_scope(v)]
    assert len([v for v in used if is_hybrid(v)]) >= 17
    assert len([v for v in used if v.name.startswith("stream")]) >= 28
    assert len([v for v in used if v.name.startswith(("stanza", "header", "hmac", "version"))]) >= 20


def test_headers_of_all_parsable_vectors_are_written_back_as_they_were() -> None:
    count = 0
    for vector in OURS:
        if vector.field("expect") not in ("success", "no match", "payload failure"):
            continue
        header = age_header.parse(vector.file)
        key = bytes.fromhex(vector.field("file key") or "")
        assert age_header.encode(header.stanzas, key) == header.raw
        count += 1
    assert count > 30


def test_payloads_of_successful_vectors_are_sealed_again_to_the_same_bytes() -> None:
    for vector in OURS:
        if vector.field("expect") != "success":
            continue
        _, payload = sealing.split(vector.file)
        key = bytes.fromhex(vector.field("file key") or "")
        plain = sealing.open_payload(payload, key)
        assert sealing.seal_payload(plain, key, payload[: age_stream.NONCE_SIZE]) == payload
