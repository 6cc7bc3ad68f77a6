"""age files in two halves: ours open elsewhere, others' open here, altered ones open nowhere."""

import os
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import age_header, age_stream, oprf, padding, sealing
from crypto.age_header import Stanza
from crypto.age_keys import Identity, Recipient
from crypto.age_stream import CHUNK, SEALED_CHUNK, Opener, Sealer
from crypto.content_key import LEAF, ContentDigest, LeafCheck, leaf_hash, root
from crypto.encoding import b64_encode
from crypto.errors import CryptoError, FormatError, NotMine, VerifyError
from tests.tools import AgeError, Typage

KEY, NONCE = bytes(range(16)), bytes(range(16, 32))
ALICE, BOB = Identity(b"a" * 32), Identity(b"b" * 32)


def seal(plain: bytes) -> bytes:
    return sealing.seal_file(plain, ALICE.recipient, file_key=os.urandom(16), nonce=os.urandom(16))


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7])
def test_another_age_implementation_opens_ours_and_we_open_its(length: int) -> None:
    plain = os.urandom(length)
    with Typage() as age:
        assert age.decrypt(ALICE.text, seal(plain)) == plain
        assert sealing.open_file(age.encrypt(ALICE.recipient.text, plain), [BOB, ALICE]) == plain
        with pytest.raises(AgeError):
            age.decrypt(BOB.text, seal(plain))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 4 * CHUNK), st.lists(st.integers(1, 3 * CHUNK), max_size=8))
def test_pieces_do_not_change_the_payload(length: int, cuts: list[int]) -> None:
    plain = bytes(i % 251 for i in range(length))
    whole = sealing.seal_payload(plain, KEY, NONCE)
    assert len(whole) == age_stream.sealed_length(length)
    assert age_stream.plain_length(len(whole)) == length
    sealer, opener = Sealer(KEY, NONCE), Opener(KEY)
    sealed, opened, position = b"", b"", 0
    for cut in [*cuts, length]:
        sealed += sealer.update(plain[position : position + cut])
        position += cut
    sealed += sealer.update(plain[position:]) + sealer.finish()
    assert sealed == whole
    position = 0
    for cut in [*cuts, len(whole)]:
        opened += opener.update(whole[position : position + cut])
        position += cut
    assert opened + opener.update(whole[position:]) + opener.finish() == plain


def chunks(payload: bytes) -> list[bytes]:
    body = payload[16:]
    return [body[i : i + SEALED_CHUNK] for i in range(0, len(body), SEALED_CHUNK)]


@pytest.mark.parametrize(
    "attack",
    [
        lambda p, c: p[:-1],
        lambda p, c: p[: 16 + SEALED_CHUNK],
        lambda p, c: p[: 16 + 2 * SEALED_CHUNK],
        lambda p, c: p[:16],
        lambda p, c: p + b"\0",
        lambda p, c: p + c[-1],
        lambda p, c: p[:16] + c[1] + c[0] + c[2],
        lambda p, c: p[:16] + c[0] + c[0] + c[2],
        lambda p, c: p[:16] + c[2] + c[1] + c[0],
        lambda p, c: p[:16] + c[2],
        lambda p, c: bytes(16) + p[16:],
        lambda p, c: p[:16] + c[0] + c[2],
    ],
)
def test_a_payload_that_was_cut_extended_or_reordered_is_refused(
    attack: Callable[[bytes, list[bytes]], bytes],
) -> None:
    payload = sealing.seal_payload(os.urandom(2 * CHUNK + 500), KEY, NONCE)
    with pytest.raises(CryptoError):
        sealing.open_payload(attack(payload, chunks(payload)), KEY)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 255))
def test_any_changed_byte_is_noticed(place: int, mask: int) -> None:
    file = bytearray(FILE)
    file[place % len(file)] ^= mask
    with pytest.raises(CryptoError):
        sealing.open_file(bytes(file), [ALICE])


FILE = seal(b"testimony" * 100)


def lines(*rows: str) -> bytes:
    return ("\n".join(rows) + "\n").encode("latin-1")


HEAD = "age-encryption.org/v1"
MAC = "--- " + b64_encode(bytes(32))
BODY = "A" * 43


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"age-encryption.org/v1",
        lines("age-encryption.org/v2", "-> X a", BODY, MAC),
        lines(HEAD, MAC),
        lines(HEAD, "->", BODY, MAC),
        lines(HEAD, "-> ", BODY, MAC),
        lines(HEAD, "-> X  a", BODY, MAC),
        lines(HEAD, "-> X a ", BODY, MAC),
        lines(HEAD, "-> X \x7f", BODY, MAC),
        lines(HEAD, "-> X \xe9", BODY, MAC),
        lines(HEAD, "->X a", BODY, MAC),
        lines(HEAD, "-> X a", BODY + "=", MAC),
        lines(HEAD, "-> X a", "B" * 65, "", MAC),
        lines(HEAD, "-> X a", "A" * 64, MAC),
        lines(HEAD, "-> X a", BODY[:-1] + "B", MAC),
        lines(HEAD, "-> X a", BODY, "---"),
        lines(HEAD, "-> X a", BODY, "--- "),
        lines(HEAD, "-> X a", BODY, MAC + "="),
        lines(HEAD, "-> X a", BODY, MAC[:-1]),
        lines(HEAD, "-> X a", BODY, "---" + MAC[4:]),
        lines(HEAD, "-> X a", BODY, MAC).replace(b"\n", b"\r\n"),
        lines(HEAD, "-> X a", BODY, MAC)[:-1],
        lines(HEAD, "-> X " + "a" * 70_000, BODY, MAC),
        lines(HEAD, *["-> X a", BODY] * 21, MAC),
        b"\n" + lines(HEAD, "-> X a", BODY, MAC),
    ],
    ids=lambda d: str(d[22:50]),
)
def test_a_malformed_header_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        age_header.parse(data)


def test_only_one_post_quantum_stanza_is_accepted_for_intake() -> None:
    good = sealing.split(FILE)[0]
    assert age_header.require_post_quantum(good).kind == "mlkem768x25519"
    (stanza,) = good.stanzas
    for stanzas in (
        (stanza, stanza),
        (Stanza("X25519", (b64_encode(bytes(32)),), bytes(32)),),
        (stanza, Stanza("X25519", (b64_encode(bytes(32)),), bytes(32))),
        (Stanza("scrypt", ("a", "18"), bytes(32)),),
        (Stanza(stanza.kind, (), stanza.body),),
        (Stanza(stanza.kind, (*stanza.arguments, "x"), stanza.body),),
        (Stanza(stanza.kind, stanza.arguments, stanza.body + b"x"),),
        (Stanza(stanza.kind, (b64_encode(bytes(1119)),), stanza.body),),
        (Stanza(stanza.kind, (b64_encode(bytes(1120)),), stanza.body),),
    ):
        header = age_header.parse(age_header.encode(stanzas, KEY))
        with pytest.raises(FormatError):
            age_header.require_post_quantum(header)


def test_not_mine_differs_from_altered() -> None:
    with pytest.raises(NotMine):
        sealing.open_file(FILE, [BOB])
    header, payload = sealing.split(FILE)
    other = age_header.parse(age_header.encode(header.stanzas, bytes(16)))
    with pytest.raises(VerifyError):
        sealing.open_payload(payload, sealing.unwrap(other, [ALICE]))


def test_a_recipient_that_is_no_key_is_refused() -> None:
    with pytest.raises(FormatError):
        Recipient.parse("age1pq1qqqq")
    with pytest.raises(FormatError):
        sealing.wrap(KEY, Recipient(b"\xff" * 1216))
    with pytest.raises(FormatError):
        sealing.wrap(KEY, Recipient(ALICE.recipient.public[:1184] + bytes(32)))


# --- padding ---


@given(st.integers(0, 2**45))
def test_padding_hides_length_for_at_most_12_percent(length: int) -> None:
    padded = padding.padme(length)
    assert length <= padded <= length * 1.12
    assert padding.padme(padded) == padded
    assert padding.padme(length + 1) >= padded


def test_padme_is_the_papers() -> None:
    assert [padding.padme(n) for n in (1, 9, 16, 100, 1000, 10_000, 1_000_000)] == [
        1,
        10,
        16,
        104,
        1024,
        10_240,
        1_015_808,
    ]


# --- content digest ---


def plain_digest(data: bytes) -> bytes:
    """The definition, written once more without a stream."""
    leaves = [leaf_hash(i, data[i * LEAF : (i + 1) * LEAF]) for i in range(-(-len(data) // LEAF))]
    return root(len(data), leaves)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2 * LEAF + 10), st.integers(1, LEAF + 5))
def test_the_digest_does_not_depend_on_pieces(length: int, step: int) -> None:
    data = (bytes(range(251)) * (length // 251 + 1))[:length]
    digest = ContentDigest()
    for start in range(0, length, step):
        digest.update(data[start : start + step])
    assert digest.finish() == plain_digest(data)


def test_a_file_that_changes_between_digest_and_seal_is_noticed() -> None:
    data = os.urandom(2 * LEAF + 5)
    digest = ContentDigest()
    digest.update(data)
    digest.finish()
    check = LeafCheck(digest.leaves)
    check.check(data[:LEAF])
    with pytest.raises(VerifyError):
        check.check(bytes(LEAF))
    with pytest.raises(VerifyError):
        LeafCheck(digest.leaves).finish()
    whole = LeafCheck(digest.leaves)
    for i in range(3):
        whole.check(data[i * LEAF : (i + 1) * LEAF])
    whole.finish()
    with pytest.raises(VerifyError):
        whole.check(b"more")


# --- OPRF ---


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=64), st.binary(min_size=32, max_size=32), st.binary(min_size=48, max_size=48))
def test_browser_and_server_reach_the_same_output(message: bytes, seed: bytes, randomness: bytes) -> None:
    key = oprf.Key(oprf.derive_scalar(seed, b"test"))
    blinded = oprf.blind(message, randomness)
    assert oprf.finalize(message, blinded, key.evaluate(blinded.element)) == key.direct(message)


@pytest.mark.parametrize(
    "element",
    [b"", bytes(33), b"\x02" + b"\xff" * 32, b"\x04" + b"\1" * 32, b"\x02" + b"\1" * 31, b"\0"],
    ids=lambda e: e[:2].hex() + str(len(e)),
)
def test_what_is_no_point_is_refused(element: bytes) -> None:
    key = oprf.Key(oprf.derive_scalar(bytes(32), b"test"))
    with pytest.raises(FormatError):
        key.evaluate(element)


def test_a_scalar_of_zero_or_beyond_the_order_is_no_key() -> None:
    for scalar in (bytes(32), b"\xff" * 32, b"\1" * 31):
        with pytest.raises(FormatError):
            oprf.Key(scalar)


def test_other_keys_and_other_inputs_give_other_outputs() -> None:
    one, two = (oprf.Key(oprf.derive_scalar(bytes([i]) * 32, b"t")) for i in (1, 2))
    assert len({one.direct(b"a"), two.direct(b"a"), one.direct(b"b")}) == 3
