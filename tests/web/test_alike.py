"""Whatever comes in, both libraries accept it or both refuse it: texts that are nearly right."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import age_header, commitments, encoding, log_leaf, notes, statement, tlog_proof
from crypto.errors import CryptoError, FormatError
from crypto.receipt import Receipt
from tests.vectors import generate, generate_log
from tests.vectors.generate import Stream
from tests.vectors.refusals_of_logs import LOG
from tests.web.twin import Twin, b64


def parse_receipt(data: bytes) -> object:
    try:
        return Receipt.parse(data.decode())
    except UnicodeDecodeError as error:
        raise FormatError("not UTF-8") from error


RECEIPT = Receipt.from_random(Stream("alike")(32))
HEADER = age_header.encode((age_header.Stanza("X", ("a", "bc"), bytes(50)),), bytes(16))
JSON = '{"a":[1,-20,null,true,"\\u0007é😀 \\"x\\\\"],"é":{"":{},"b":[[]]},"z":9007199254740991}'.encode()
NOTE, PROOF = LOG["notes"]["note"].encode(), LOG["notes"]["log_proof"].encode()
READERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "canonical": (encoding.parse_canonical_json, encoding.canonical_json(encoding.parse_json(JSON))),
    "json": (lambda data: encoding.canonical_json(encoding.parse_json(data)), JSON),
    "header": (age_header.parse, HEADER),
    "note": (notes.Note.parse, NOTE),
    "proof": (tlog_proof.LogProof.parse, PROOF),
    "statement": (statement.parse, generate.signed_statement()["statement"].encode()),
    "fields": (commitments.Fields.parse, generate.fields()["plaintext"].encode()),
    "opening": (log_leaf.Opening.parse, generate_log.leaves()["opening"].encode()),
    "receipt": (parse_receipt, " ".join(RECEIPT.digits()).encode()),
}
# Bytes that mean something in one of the formats, and some that look like them.
# Fractions are in refusals-v1.json: what no number may hold is not tried here.
PIECES = st.sampled_from([
    b"", b" ", b"\n", b"\n\n", b"\r", b"\t", b"\0", b"=", b"-", b"+", b"0", b"1", b'"', b"\\", b",", b":", b"/", b"A", b"a",
    b"{}", b"[]", b"null", b"-> ", b"--- ", "— ".encode(), "é".encode(), b"\xff", b"\x7f", b"\xc2\x85", "\u00a0".encode(),
    "\u2028".encode(), "\ufeff".encode(), "😀".encode(), b"\\ud800", b"\\u0000", b"index ",
])  # fmt: skip
EDITS = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 3), PIECES), min_size=1, max_size=3)


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with Twin() as running:
        yield running


@pytest.mark.parametrize("what", READERS)
def test_both_accept_or_both_refuse(twin: Twin, what: str) -> None:
    read, good = READERS[what]
    assert answer(read, good) is twin.ask("outcome", what=what, data=b64(good)) is None

    @settings(max_examples=150, deadline=None)
    @given(EDITS)
    def tried(edits: list[tuple[int, int, bytes]]) -> None:
        data = good
        for place, cut, piece in edits:
            at = place % (len(data) + 1)
            data = data[:at] + piece + data[at + cut :]
        assert twin.ask("outcome", what=what, data=b64(data)) == answer(read, data)

    tried()


def answer(read: Callable[[bytes], object], data: bytes) -> str | None:
    try:
        read(data)
    except FormatError:
        return "FormatError"
    except CryptoError as error:
        return type(error).__name__
    return None
