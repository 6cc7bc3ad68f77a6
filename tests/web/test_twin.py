"""Two libraries, one format: what one seals the other opens, what one refuses the other refuses."""

import hashlib
import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import age_header, content_key, oprf, sealing, statement
from crypto.age_keys import Identity, Recipient
from crypto.age_stream import CHUNK
from crypto.receipt import Receipt
from crypto.receipt_words import ENGLISH
from crypto.record_reader import RecordReader
from crypto.record_writer import RecordWriter
from crypto.statement import AudienceEntry, ConsentEntry
from tests.crypto.test_vectors import OURS, foreign_fault, in_scope, is_hybrid
from tests.tools import Typage, Vector, find_node
from tests.vectors import generate_refusals
from tests.vectors.generate import Stream, pattern, text
from tests.web.twin import Twin, TwinError, b64, compiled, raw

ALICE, BOB = Identity(b"a" * 32), Identity(b"b" * 32)
RECEIPT = Receipt.from_random(Stream("web")(32))
VIDEO = pattern(3 * 1024 * 1024 + 77)


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with Twin() as running:
        yield running


def test_the_twins_own_tests_pass() -> None:
    tests = sorted(compiled().glob("*.test.js"))
    assert len(tests) >= 4
    done = subprocess.run(
        [find_node(), "--test", "--test-reporter=tap", *tests], capture_output=True, text=True
    )
    failed = [line for line in done.stdout.splitlines() if line.lstrip().startswith("not ok")]
    assert not done.returncode, "\n".join([*failed, done.stdout[-4000:], done.stderr[-2000:]])
    assert "# fail 0" in done.stdout and "# pass 0" not in done.stdout


def test_implementers_get_the_same_refusals_every_time() -> None:
    written = {"base": generate_refusals.BASE, "bundle": generate_refusals.BUNDLE}
    written["cases"] = generate_refusals.cases()
    assert text(written) == generate_refusals.FILE.read_text("utf-8")


def test_implementers_get_the_same_signed_documents_every_time() -> None:
    pytest.importorskip("crypto.profiles", reason="profiles, messages and withdrawals are not here yet")
    from tests.vectors import generate_signed

    assert text(generate_signed.vectors()) == generate_signed.FILE.read_text("utf-8")


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_a_file_sealed_by_one_opens_with_the_others(twin: Twin, length: int) -> None:
    plain = os.urandom(length)
    theirs = raw(
        twin.ask("sealFile", recipient=ALICE.recipient.text, plain=b64(plain), seed=f"file {length}")
    )
    header, payload = sealing.split(theirs)
    age_header.require_post_quantum(header)
    random = Stream(f"file {length}")
    assert sealing.unwrap(header, [BOB, ALICE]) == (file_key := random(16))
    assert payload == sealing.seal_payload(plain, file_key, random(16))
    with Typage() as age:
        assert age.decrypt(ALICE.text, theirs) == sealing.open_file(theirs, [ALICE]) == plain
        for ours in (
            sealing.seal_file(plain, ALICE.recipient, file_key=os.urandom(16), nonce=os.urandom(16)),
            age.encrypt(ALICE.recipient.text, plain),
        ):
            assert raw(twin.ask("openFile", identities=[BOB.text, ALICE.text], file=b64(ours))) == plain
            with pytest.raises(TwinError) as refused:
                twin.ask("openFile", identities=[BOB.text], file=b64(ours))
            assert refused.value.kind == "NotMine"


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=32, max_size=32))
def test_a_receipt_leads_to_the_same_keys(twin: Twin, randomness: bytes) -> None:
    receipt = Receipt.from_random(randomness)
    keys = receipt.keys()
    for typed in (" ".join(receipt.digits()), " ".join(receipt.words("en") or ())):
        found = twin.ask("receipt", text=typed)
        assert raw(found["lookup"]) == keys.lookup and raw(found["sign"]) == keys.signing.public
        assert found["identity"] == keys.identity.text


def test_the_word_lists_are_one(twin: Twin) -> None:
    assert tuple(twin.ask("words")) == ENGLISH


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=64), st.binary(min_size=48, max_size=60), st.binary(min_size=32, max_size=32))
def test_browser_and_server_reach_the_same_oprf_output(
    twin: Twin, message: bytes, randomness: bytes, seed: bytes
) -> None:
    key = oprf.Key(oprf.derive_scalar(seed, b"test"))
    element = twin.ask("blind", message=b64(message), randomness=b64(randomness))
    assert raw(element) == oprf.blind(message, randomness).element
    evaluated = b64(key.evaluate(raw(element)))
    assert raw(
        twin.ask("finalize", message=b64(message), element=element, evaluated=evaluated)
    ) == key.direct(message)


def seal_record(twin: Twin, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = twin.ask(
        "sealRecord",
        receipt=" ".join(RECEIPT.digits()),
        seed="a record",
        medium=b64(VIDEO),
        reader=ALICE.recipient.text,
        **more,
    )
    return found


@pytest.mark.parametrize("who", [RECEIPT.keys().identity, ALICE], ids=["submitter", "mechanism"])
def test_a_record_sealed_in_the_browser_opens_for_those_it_is_for(twin: Twin, who: Identity) -> None:
    v = seal_record(twin)
    grants = [
        (g["compartment"], raw(g["file"])) for g in v["grants"] if g["recipient"] == who.recipient.fingerprint
    ]
    assert len(grants) == 2
    reader = RecordReader([(raw(v["statement"]), raw(v["signature"]))], grants, [who])
    assert reader.structured(v["narrative"]["id"], raw(v["narrative"]["file"])).values["text"] == "Сведчанне"
    label = reader.structured(v["label"]["id"], raw(v["label"]["file"]))
    header, payload = sealing.split(raw(v["medium"]["file"]))
    opener = reader.medium(v["medium"]["id"], header, label)
    assert bytes(opener.update(payload)) + bytes(opener.finish()) == VIDEO
    with Typage() as age:
        compartments = {age.decrypt(who.text, file).decode().strip() for _, file in grants}
        assert any(opened(age, key, raw(v["medium"]["file"]))[: len(VIDEO)] == VIDEO for key in compartments)


def opened(age: Typage, identity: str, file: bytes) -> bytes:
    try:
        return age.decrypt(identity, file)
    except Exception:
        return b""


def test_the_same_video_becomes_the_same_payload_in_both(twin: Twin) -> None:
    digest = content_key.ContentDigest()
    digest.update(VIDEO)
    content = digest.finish()
    u = oprf.Key(oprf.derive_scalar(bytes(32), b"epoch")).direct(content)
    file_key, nonce = content_key.file_key_and_nonce(u, content)
    v = seal_record(twin, fileKey=b64(file_key), nonce=b64(nonce))
    writer = RecordWriter(RECEIPT.keys(), os.urandom)
    medium = writer.begin_medium(file_key, nonce)
    payload = bytes(medium.update(VIDEO)) + b"".join(bytes(p) for p in medium.finish())
    assert sealing.split(raw(v["medium"]["file"]))[1] == payload


class Record:
    """A record that the Python client sealed, to be opened by the twin."""

    def __init__(self, seed: str, photo: bytes) -> None:
        self.keys = Receipt.from_random(Stream(seed)(32)).keys()
        writer = RecordWriter(self.keys, Stream(seed))
        account = writer.compartment("account")
        self.narrative = writer.structured("narrative", account, {"text": f"Ад {seed}", "language": "be"})
        medium = writer.begin_medium()
        payload = bytes(medium.update(photo)) + b"".join(bytes(p) for p in medium.finish())
        header, self.label = writer.end_medium(medium, account, {"name": "a.jpg", "type": "image/jpeg"})
        self.medium, self.medium_file, self.id = medium.part, header + payload, writer.record
        self.signed = writer.statement(
            audience=[AudienceEntry("demo", account.id, ALICE.recipient.fingerprint)],
            consent=[ConsentEntry("demo", ("archive",), None, False, "2026-11", "be", "ab" * 32)],
            created_day="2026-11-23",
            sealed_by="submitter",
            client=("t", "1", None),
        )
        self.grants = [
            [g.compartment, b64(g.file)]
            for g in writer.grants([(account.id, ALICE.recipient)])
            if g.recipient == ALICE.recipient.fingerprint
        ]

    def under_another_key(self) -> bytes:
        """The medium below a header that wraps another key, for the right compartment."""
        (account,) = statement.parse(self.signed[0]).compartments
        header = sealing.wrap(os.urandom(16), Recipient.parse(account.recipient))
        return header + sealing.split(self.medium_file)[1]

    def asked(self) -> dict[str, Any]:
        """The request that opens all of it."""
        narrative, label = (p.header + p.payload for p in (self.narrative, self.label))
        return {
            "revisions": [[b64(self.signed[0]), b64(self.signed[1])]],
            "grants": self.grants,
            "identity": ALICE.text,
            "structured": {"id": self.narrative.entry.id, "file": b64(narrative)},
            "medium": {
                "id": self.medium,
                "file": b64(self.medium_file),
                "label": self.label.entry.id,
                "labelFile": b64(label),
            },
        }


ONE, TWO = Record("one", VIDEO), Record("two", pattern(9000))


def test_a_record_sealed_in_python_opens_in_the_browser(twin: Twin) -> None:
    found = twin.ask("openRecord", **ONE.asked(), record=ONE.id)
    assert found["values"] == {"text": "Ад one", "language": "be"}
    assert raw(found["original"]) == VIDEO
    assert len(found["readable"]) == 3


def glued(head: str, body: str) -> str:
    """The header of one file before the payload of another."""
    return b64(sealing.split(raw(head))[0].raw + sealing.split(raw(body))[1])


A, B = ONE.asked(), TWO.asked()
ATTACKS: dict[str, dict[str, Any]] = {
    "part of another record": {"structured": A["structured"] | {"file": B["structured"]["file"]}},
    "another part's id": {"structured": B["structured"]},
    "another part of the same compartment": {
        "structured": A["structured"] | {"file": A["medium"]["labelFile"]}
    },
    "header of another part": {
        "structured": A["structured"] | {"file": glued(A["medium"]["labelFile"], A["structured"]["file"])}
    },
    "payload of another part": {
        "structured": A["structured"] | {"file": glued(A["structured"]["file"], A["medium"]["labelFile"])}
    },
    "label of another medium": {
        "medium": A["medium"] | {"label": A["structured"]["id"], "labelFile": A["structured"]["file"]}
    },
    "medium of another record": {"medium": A["medium"] | {"file": B["medium"]["file"]}},
    "medium's payload swapped": {
        "medium": A["medium"] | {"file": glued(A["medium"]["file"], B["medium"]["file"])}
    },
    "medium read as a text": {"structured": {"id": A["medium"]["id"], "file": A["medium"]["file"]}},
    "text read as a medium": {
        "medium": A["medium"] | {"id": A["structured"]["id"], "file": A["structured"]["file"]}
    },
    "cut medium": {"medium": A["medium"] | {"file": b64(ONE.medium_file[:-1])}},
    "lengthened medium": {"medium": A["medium"] | {"file": b64(ONE.medium_file + b"\0")}},
    "a key that was not signed": {"medium": A["medium"] | {"file": b64(ONE.under_another_key())}},
    "grants of another record": {"grants": B["grants"]},
    "grant for another compartment": {"grants": [[ONE.grants[0][0], TWO.grants[0][1]]]},
    "statement of another record": {"revisions": [[B["revisions"][0][0], A["revisions"][0][1]]]},
    "no statement": {"revisions": []},
    "a revision twice": {"revisions": A["revisions"] * 2},
    "record that was not asked for": {"record": TWO.id},
    "somebody else's key": {"identity": BOB.text},
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_the_browser_refuses(twin: Twin, attack: dict[str, Any]) -> None:
    with pytest.raises(TwinError) as refused:
        twin.ask("openRecord", **(A | attack))
    assert refused.value.kind in ("VerifyError", "FormatError", "NotMine")


def ask_vector(twin: Twin, vector: Vector) -> bytes:
    if is_hybrid(vector):
        identities = [i for i in vector.fields.get("identity", []) if "PQ" in i]
        return raw(twin.ask("openFile", identities=identities, file=b64(vector.file)))
    return raw(twin.ask("openWithKey", fileKey=vector.field("file key"), file=b64(vector.file)))


@pytest.mark.parametrize("vector", [v for v in OURS if in_scope(v)], ids=lambda v: v.name)
def test_age_vector(twin: Twin, vector: Vector) -> None:
    expect = vector.field("expect")
    if expect == "success":
        assert hashlib.sha256(ask_vector(twin, vector)).hexdigest() == vector.field("payload")
        return
    errors = {"header failure": "FormatError", "no match": "NotMine"}
    with pytest.raises(TwinError) as refused:
        ask_vector(twin, vector)
    assert refused.value.kind == errors.get(str(expect), "VerifyError")


def test_age_vectors_whose_fault_is_elsewhere_have_headers_like_ours(twin: Twin) -> None:
    for vector in OURS:
        if foreign_fault(vector) or vector.field("expect") != "success":
            continue
        assert twin.ask("header", file=b64(vector.file)) == len(age_header.parse(vector.file).raw)
