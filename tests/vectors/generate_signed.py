"""Makes signed-v1.json: what is signed besides statements, and a record's second revision.

    python -m tests.vectors.generate_signed

Each document comes with changed versions of it, signed anew, and how they are answered.
"""

import json
from dataclasses import replace
from typing import Any

from crypto import members, message, objection, profiles, restoration, statement, withdrawal
from crypto.age_keys import Identity, Recipient
from crypto.encoding import b64u_decode, b64u_encode, canonical_json, parse_json
from crypto.errors import CryptoError
from crypto.primitives import SigningKey
from crypto.receipt import Receipt
from crypto.record_reader import RecordReader
from crypto.record_writer import RecordWriter
from crypto.statement import AudienceEntry, ConsentEntry
from tests.vectors.generate import DAY, HERE, Stream, text
from tests.vectors.outcomes import outcome

FILE = HERE / "signed-v1.json"
RECORD = json.loads((HERE / "record-v1.json").read_text("utf-8"))
KEYS = Receipt.from_random(Stream("receipt two")(32)).keys()
ROOT, MEMBER = SigningKey(Stream("root")(32)), SigningKey(Stream("member")(32))
STATEMENT = statement.parse(RECORD["statement"].encode())

Json = dict[str, Any]


def signed(domain: str, key: SigningKey, body: Json) -> str:
    return b64u_encode(key.sign(f"intake/{domain}/v1\0".encode() + canonical_json(body)))


def profile() -> Json:
    texts = {"en": "To document.\nTo keep.", "be": "Дакументаваць"}
    data = profiles.sign_profile(
        ROOT, mechanism="demo", version=2, day=DAY, mandate=texts, conditions=["ask_first"], contact=True,
        hold=texts, questions=[{"id": "q1", "text": {"en": "Where?"}}], continues=["older"], delay_days=14,
        closes="2027-01-01",
    )  # fmt: skip
    base = parse_json(data)
    cases: list[Json] = []
    changes: Json
    for changes in (
        {}, {"v": 2}, {"mechanism": "Demo"}, {"version": 0}, {"day": "2026-02-32"}, {"mandate": {"be": "x"}}, {"mandate": {"en": " "}},
        {"mandate": {"en": "a\u202eb"}}, {"mandate": {"en": "a\tb"}}, {"mandate": {"EN": "x", "en": "x"}}, {"mandate": {"en": "😀" * 4000}},
        {"mandate": {"en": "x" * 4001}}, {"purposes": []}, {"purposes": ["archive"] * 2}, {"purposes": ["fun"]}, {"compartments": ["triage"]},
        {"conditions": []}, {"contact": 1}, {"hold": None}, {"note": {"en": "n"}}, {"questions": {}}, {"questions": ["x" * 70_000]},
        {"continues": ["demo"]}, {"continues": ["older"] * 2}, {"continued_by": "older"}, {"continued_by": "newer"}, {"delay_days": 366},
        {"delay_days": -1}, {"delay_days": True}, {"closes": None}, {"more": 1}, {"root": b64u_encode(MEMBER.public)}, {"questions": [2**53]},
    ):  # fmt: skip
        body = {n: v for n, v in (base | changes).items() if n != "signature"}
        try:
            signature = signed("mechanism-profile", ROOT, body)
        except CryptoError:
            continue  # what cannot be signed cannot be written either
        made = canonical_json(body | {"signature": signature})
        error = outcome(profiles.verify_profile, made)
        cases.append({"changes": changes, "signature": signature, "error": error})
    return {"document": data.decode(), "sha256": profiles.verify_profile(data).sha256, "cases": cases}


def member() -> Json:
    data = members.sign_member(ROOT, "demo", "anna", "Anna, demo", MEMBER.public, DAY, "2027-11-23")
    base = parse_json(data)
    cases = []
    for changes in (
        {}, {"v": 2}, {"mechanism": ""}, {"member": "Anna"}, {"name": None}, {"name": ""}, {"name": "x" * 201}, {"name": "a\u200bb"},
        {"key": "AA"}, {"starts": "2028-01-01"}, {"expires": "2027"}, {"more": 1},
    ):  # fmt: skip
        body = {n: v for n, v in (base | changes).items() if n != "signature"}
        signature = signed("member", ROOT, body)
        made = canonical_json(body | {"signature": signature})
        error = outcome(members.verify_member, made, ROOT.public)
        cases.append({"changes": changes, "signature": signature, "error": error})
    return {"document": data.decode(), "root": ROOT.public.hex(), "cases": cases}


def taken_back() -> Json:
    what = withdrawal.Withdrawal(
        STATEMENT.record, "demo", DAY, False, (STATEMENT.compartments[0].id,),
        revision=1, statement="ab" * 32, kind=withdrawal.CONSENT,
    )  # fmt: skip
    data = withdrawal.sign_withdrawal(what, KEYS.signing)
    base = parse_json(data)["document"]
    cases: list[Json] = []
    changes: Json
    for changes in (
        {}, {"v": 2}, {"record": "00"}, {"mechanism": "a b"}, {"day": "today"}, {"whole": 1}, {"whole": True}, {"compartments": []},
        {"compartments": ["00"]}, {"compartments": ["00" * 16] * 65}, {"more": 1},
        {"revision": 0}, {"revision": True}, {"revision": "1"}, {"revision": 2}, {"statement": "00"}, {"statement": None},
        {"kind": "deletion"}, {"kind": "other"}, {"kind": None}, {"nonce": "00" * 16}, {"kind": "deletion", "nonce": "00" * 16},
        {"kind": "deletion", "nonce": "00"}, {"kind": "deletion", "nonce": None},
    ):  # fmt: skip
        document = base | changes
        signature = signed("withdrawal", KEYS.signing, document)
        made = canonical_json({"document": document, "signature": signature})
        error = outcome(withdrawal.verify_withdrawal, made, KEYS.signing.public)
        cases.append({"changes": changes, "signature": signature, "error": error})
    asked = replace(what, whole=True, compartments=(), kind=withdrawal.DELETION, nonce="cd" * 16)
    return {
        "document": data.decode(),
        "deletion": withdrawal.sign_withdrawal(asked, KEYS.signing).decode(),
        "cases": cases,
    }


def objected() -> Json:
    what = objection.Objection(
        STATEMENT.record, "demo", DAY, objection.DELETION, objection.target_of(b"envelope")
    )
    data = objection.sign_objection(what, KEYS.signing)
    base = parse_json(data)["document"]
    cases = []
    for changes in (
        {}, {"v": 2}, {"record": "00"}, {"mechanism": "a b"}, {"day": "today"}, {"kind": "restoration"}, {"kind": "other"},
        {"kind": None}, {"target": "00"}, {"target": None}, {"more": 1},
    ):  # fmt: skip
        document = base | changes
        signature = signed("objection", KEYS.signing, document)
        made = canonical_json({"document": document, "signature": signature})
        error = outcome(objection.verify_objection, made, KEYS.signing.public)
        cases.append({"changes": changes, "signature": signature, "error": error})
    return {"document": data.decode(), "cases": cases}


def restored(certificate: bytes) -> Json:
    """A second receipt that two members ask for; changed documents, and envelopes, signed anew."""
    other = SigningKey(Stream("another member")(32))
    second = members.sign_member(ROOT, "demo", "bela", None, other.public, DAY, "2027-11-23")
    twice = members.sign_member(ROOT, "demo", "carl", None, MEMBER.public, DAY, "2027-11-23")
    elsewhere = members.sign_member(ROOT, "other", "dana", None, other.public, DAY, "2027-11-23")
    later = members.sign_member(ROOT, "demo", "elza", None, other.public, "2027-01-01", "2027-11-23")
    receipt = restoration.NewReceipt.of(Receipt.from_random(Stream("receipt three")(32)).keys())
    document = restoration.make_document(
        record=STATEMENT.record, mechanism="demo", kind=restoration.RECEIPT, receipt=receipt, day=DAY,
        nonce=Stream("nonce")(16),
    )  # fmt: skip
    base = parse_json(document)

    def envelope(body: Json, *signers: tuple[SigningKey, bytes]) -> bytes:
        raw = canonical_json(body)
        signatures = [(restoration.sign_restoration(raw, key), shown) for key, shown in signers]
        return restoration.encode_envelope(raw, signatures)

    def case(data: bytes) -> Json:
        return {
            "envelope": data.decode(),
            "error": outcome(restoration.verify_restoration, data, ROOT.public, DAY),
        }

    anna, bela = (MEMBER, certificate), (other, second)
    cases = [
        case(envelope(base | changes, anna, bela))
        for changes in (
            {}, {"v": 2}, {"record": "00"}, {"mechanism": "a b"}, {"mechanism": "other"}, {"kind": "other"}, {"kind": "withdrawal"},
            {"receipt": None}, {"kind": "withdrawal", "receipt": None}, {"receipt": base["receipt"] | {"lookup": "AA"}},
            {"receipt": base["receipt"] | {"recipient": "age1"}}, {"receipt": base["receipt"] | {"auth_sha256": "00"}},
            {"receipt": base["receipt"] | {"more": 1}}, {"day": "today"}, {"nonce": "AA"}, {"more": 1},
        )
    ]  # fmt: skip
    for signers in (
        (anna,), (bela,), (), (bela, anna), (anna, anna), (anna, (MEMBER, twice)), (anna, (other, elsewhere)),
        (anna, (other, later)), (anna, (MEMBER, second)), (anna, bela, bela),
    ):  # fmt: skip
        cases.append(case(envelope(base, *signers)))
    return {
        "document": document.decode(),
        "nonce": b64u_encode(Stream("nonce")(16)),
        "certificates": [certificate.decode(), second.decode()],
        "cases": cases,
    }


def letters(certificate: bytes) -> Json:
    """A message of each side: its envelope, and the payload that its randomness gives."""
    compartment = STATEMENT.compartments[0]
    found: Json = {}
    for sender, key, shown in (("submitter", KEYS.signing, None), ("mechanism", MEMBER, certificate)):
        part = message.seal_message(
            Recipient.parse(compartment.recipient), STATEMENT.record, compartment.id,
            {"text": f"Ад: {sender}", "language": "be"}, Stream(f"message of {sender}"),
        )  # fmt: skip
        envelope = message.sign_message(
            key, record=STATEMENT.record, mechanism="demo", day=DAY, answers=None, part=part.entry,
            certificate=shown,
        )  # fmt: skip
        found[sender] = {"envelope": envelope.decode(), "payload": b64u_encode(part.payload)}
        # Headers are never the same twice; they say nothing that an envelope does not commit to.
    return found


def second_revision() -> Json:
    first = (RECORD["statement"].encode(), b64u_decode(RECORD["signature"]))
    grants = [(g["compartment"], b64u_decode(g["file"])) for g in RECORD["grants"]]
    reader = RecordReader([first], grants, [KEYS.identity])
    writer = RecordWriter.continuing(KEYS, Stream("second revision"), [first], reader)
    (account,) = STATEMENT.compartments
    writer.reuse(account)
    writer.structured("section", writer.compartment("account"), {"place": "Мінск"})
    identity = writer.compartment("identity")
    again = writer.compartment("account", "again")
    writer.structured("section", identity, {"name": "Імя"})
    reading = Identity(Stream("mechanism")(32)).recipient
    writer.grants([(account.id, reading), (identity.id, reading)])
    data, signature = writer.statement(
        audience=[AudienceEntry("demo", c, reading.fingerprint) for c in (account.id, identity.id)],
        consent=[ConsentEntry("demo", ("archive",), None, True, "2026-11", "be", "ab" * 32)],
        created_day=DAY,
        sealed_by="submitter",
        client=("vectors", "1", "cd" * 32),
    )
    assert again.generation == 2
    return {"statement": data.decode(), "signature": b64u_encode(signature)}


def vectors() -> Json:
    """All of them."""
    certified = member()
    return {
        "profile": profile(),
        "member": certified,
        "withdrawal": taken_back(),
        "objection": objected(),
        "restoration": restored(certified["document"].encode()),
        "messages": letters(certified["document"].encode()),
        "revision": second_revision(),
    }


if __name__ == "__main__":
    FILE.write_text(text(vectors()), "utf-8")
