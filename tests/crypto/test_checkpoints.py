"""Checkpoints, their signatures by logs and witnesses, and log proofs; altered ones are refused."""

import struct
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import checkpoints, merkle, notes, tlog_proof
from crypto.checkpoints import Checkpoint
from crypto.errors import CryptoError, FormatError, VerifyError
from crypto.notes import ED25519, MLDSA_COSIGNATURE, Note, VerifierKey
from crypto.primitives import MldsaSigningKey, SigningKey, verify_mldsa, verify_signature
from crypto.tlog_proof import LogProof
from tests.crypto import logs
from tests.crypto.logs import ALICE, BOB, LEAVES, LOG, LOG_KEYS, LOG_MLDSA, ORIGIN, TIME, WITNESSES, flips

SIZE = 13
CHECKPOINT = logs.checkpoint(SIZE)
SIGNED, COSIGNED = logs.signed(SIZE), logs.cosigned(SIZE)

# C2SP tlog-checkpoint, v1.0.0 (CC BY 4.0), its example's text.
SOFA = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


def test_mldsa_key_signs_differently_each_time_and_always_validly() -> None:
    first, second = LOG_MLDSA.sign(b"message"), LOG_MLDSA.sign(b"message")
    assert first != second and len(first) == 2420 and len(LOG_MLDSA.public) == 1312
    for signature in (first, second):
        verify_mldsa(LOG_MLDSA.public, signature, b"message")
    for public, signature, message in (
        (LOG_MLDSA.public, first, b"massage"),
        (BOB.public, first, b"message"),
        (LOG_MLDSA.public[:-1], first, b"message"),
        (LOG_MLDSA.public, first[:-1], b"message"),
        (LOG_MLDSA.public, b"", b"message"),
    ):
        with pytest.raises(VerifyError):
            verify_mldsa(public, signature, message)
    with pytest.raises(FormatError):
        MldsaSigningKey(b"short")
    assert repr(LOG_MLDSA) == "MldsaSigningKey(secret)"


# --- The text ---


def test_published_checkpoint_is_read_and_written_the_same() -> None:
    sofa = Checkpoint.parse(SOFA)
    assert (sofa.origin, sofa.size, sofa.extensions) == ("example.com/behind-the-sofa", 20852163, ())
    assert sofa.text == SOFA
    assert Checkpoint.parse(SOFA + "one\ntwo\n").extensions == ("one", "two")


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "\n",
        "a\n1\n",
        SOFA[:-1],
        SOFA + "\n",
        SOFA + "no newline",
        SOFA + "one\n\ntwo\n",
        "\n" + SOFA,
        SOFA.replace("example.com/behind-the-sofa", ""),
        SOFA.replace("behind", "be\thind"),
        SOFA.replace("\n", "\r\n"),
        SOFA.replace("2085", "02085"),
        SOFA.replace("2085", "+2085"),
        SOFA.replace("2085", "-2085"),
        SOFA.replace("2085", " 2085"),
        SOFA.replace("2085", "2_085"),
        SOFA.replace("20852163", "٢"),
        SOFA.replace("20852163", ""),
        SOFA.replace("20852163", "1e3"),
        SOFA.replace("20852163", str(2**63)),
        SOFA.replace("20852163", "9" * 40),
        SOFA.replace("20852163", "0"),  # the empty tree has one root
        SOFA.replace("q2I=", "q2I"),
        SOFA.replace("q2I=", "q2J="),
        SOFA.replace("q2I=", "q2I=="),
        SOFA.replace("q2I=", "AAAA"),
        SOFA.replace("Cs", "C-"),
        SOFA.replace("CsUYapGG", ""),
        SOFA + "x\n" * 17,
    ],
)
def test_checkpoint_of_another_form_is_refused(bad: str) -> None:
    with pytest.raises(FormatError):
        Checkpoint.parse(bad)


@settings(max_examples=200, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1),
    st.integers(1, merkle.MAX_SIZE),
    st.binary(min_size=32, max_size=32),
    st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), max_size=16),
)
def test_any_checkpoint_comes_back(origin: str, size: int, root: bytes, extensions: list[str]) -> None:
    made = Checkpoint(origin, size, root, tuple(extensions))
    assert Checkpoint.parse(made.text) == made


def test_impossible_checkpoint_is_not_made() -> None:
    for origin, size, root in (
        ("", 1, bytes(32)),
        ("a\nb", 1, bytes(32)),
        ("a", -1, bytes(32)),
        ("a", 2**63, bytes(32)),
        ("a", 1, bytes(31)),
        ("a", 0, bytes(32)),
    ):
        with pytest.raises(FormatError):
            Checkpoint(origin, size, root)
    assert (
        Checkpoint("a", 0, merkle.EMPTY_ROOT).text == "a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    )


# --- Signatures ---


def test_log_signs_with_both_keys_and_is_believed() -> None:
    verified = checkpoints.verify(SIGNED, ORIGIN, LOG_KEYS)
    assert verified.checkpoint == CHECKPOINT and verified.note.encode() == SIGNED
    assert [(c.key.kind, c.time) for c in verified.log] == [(ED25519, None), (MLDSA_COSIGNATURE, TIME)]
    assert verified.witnesses == ()
    notes.verify(SIGNED, LOG_KEYS[:1])  # any reader of signed notes takes the Ed25519 line


def test_log_with_one_signature_is_not_believed() -> None:
    note = Note.parse(SIGNED)
    for one in note.signatures:
        alone = replace(note, signatures=(one,)).encode()
        with pytest.raises(VerifyError):
            checkpoints.verify(alone, ORIGIN, LOG_KEYS)
        checkpoints.verify(alone, ORIGIN, [k for k in LOG_KEYS if one.by(k)])


def test_witnesses_signatures_are_counted_and_their_times_told() -> None:
    verified = checkpoints.verify(COSIGNED, ORIGIN, LOG_KEYS, WITNESSES, quorum=2)
    assert [(c.key, c.time) for c in verified.witnesses] == [
        (WITNESSES[0], TIME + 1),
        (WITNESSES[1], TIME + 2),
    ]
    assert checkpoints.verify(COSIGNED, ORIGIN, LOG_KEYS, WITNESSES[1:]).witnesses == verified.witnesses[1:]
    assert checkpoints.verify(SIGNED, ORIGIN, LOG_KEYS, WITNESSES).witnesses == ()
    stranger = VerifierKey("carol.example/w", ED25519, ALICE.public)
    assert checkpoints.verify(COSIGNED, ORIGIN, LOG_KEYS, [stranger]).witnesses == ()
    for data, witnesses, quorum in ((COSIGNED, WITNESSES, 3), (SIGNED, WITNESSES, 1), (COSIGNED, (), 1)):
        with pytest.raises(VerifyError):
            checkpoints.verify(data, ORIGIN, LOG_KEYS, witnesses, quorum=quorum)


def test_signed_messages_are_those_of_the_specification() -> None:
    """Rebuilt here from C2SP tlog-cosignature, v1.1.0-rc.1."""
    cosignature = checkpoints.cosign(CHECKPOINT, "alice.example/w", ALICE, TIME)
    assert cosignature.value[:8] == struct.pack(">Q", TIME) and len(cosignature.value) == 72
    message = b"cosignature/v1\ntime 1795000000\n" + CHECKPOINT.text.encode()
    verify_signature(ALICE.public, cosignature.value[8:], message)

    mldsa = checkpoints.cosign_mldsa(CHECKPOINT, "bob.example/w", BOB, TIME)
    assert mldsa.value[:8] == struct.pack(">Q", TIME) and len(mldsa.value) == 2428
    message = struct.pack(
        f">12sB13sQB{len(ORIGIN)}sQQ32s", b"subtree/v1\n\0", 13, b"bob.example/w", TIME,
        len(ORIGIN), ORIGIN.encode(), 0, SIZE, CHECKPOINT.root,
    )  # fmt: skip
    assert checkpoints.mldsa_message(CHECKPOINT, "bob.example/w", TIME) == message
    verify_mldsa(BOB.public, mldsa.value[8:], message)


def test_another_logs_checkpoint_is_refused_however_well_signed() -> None:
    with pytest.raises(VerifyError):
        checkpoints.verify(SIGNED, "log.example/demo/access", LOG_KEYS)
    other = checkpoints.sign(replace(CHECKPOINT, origin="log.example/demo/access"), LOG, LOG_MLDSA, TIME)
    with pytest.raises(VerifyError):
        checkpoints.verify(other, ORIGIN, LOG_KEYS)
    with pytest.raises(VerifyError):  # the keys' names differ, so their signatures are strangers'
        checkpoints.verify(other, "log.example/demo/access", LOG_KEYS)


def test_signatures_from_the_future_are_refused() -> None:
    checkpoints.verify(COSIGNED, ORIGIN, LOG_KEYS, WITNESSES, latest=TIME + 2)
    for latest in (TIME + 1, TIME - 1):
        with pytest.raises(VerifyError):
            checkpoints.verify(COSIGNED, ORIGIN, LOG_KEYS, WITNESSES, latest=latest)
    for time in (-1, 2**63):
        with pytest.raises(FormatError):
            checkpoints.cosign(CHECKPOINT, "a", ALICE, time)
        with pytest.raises(FormatError):
            checkpoints.cosign_mldsa(CHECKPOINT, "b", BOB, time)
    late = checkpoints.cosign(CHECKPOINT, WITNESSES[0].name, ALICE, 2**63 - 1)
    assert checkpoints.verify_signature(CHECKPOINT, WITNESSES[0], late) == 2**63 - 1
    message = f"cosignature/v1\ntime {2**63}\n{CHECKPOINT.text}".encode()
    later = replace(late, value=struct.pack(">Q", 2**63) + ALICE.sign(message))
    with pytest.raises(VerifyError):  # right but for the format's own limit
        checkpoints.verify_signature(CHECKPOINT, WITNESSES[0], later, latest=2**64)
    with pytest.raises(VerifyError):
        checkpoints.verify_signature(CHECKPOINT, WITNESSES[0], replace(late, name="x"))


def test_known_witness_that_signed_wrongly_or_twice_spoils_the_checkpoint() -> None:
    note = Note.parse(COSIGNED)
    *log, first, second = note.signatures
    for cosignatures in (
        (replace(first, value=first.value[:7] + b"\0" + first.value[8:]), second),
        (first, replace(second, value=second.value[:7] + b"\0" + second.value[8:])),
        (first, replace(second, value=second.value[:-1])),
        (replace(first, value=first.value[:8]), second),
        (replace(first, value=first.value[:3]), second),
        (replace(first, value=second.value), second),
        (first, first, second),
        (first, checkpoints.cosign_mldsa(CHECKPOINT, "bob.example/w", BOB, TIME), second),
        (first, checkpoints.cosign_mldsa(logs.checkpoint(12), "bob.example/w", BOB, TIME)),
    ):
        with pytest.raises(VerifyError):
            checkpoints.verify(
                replace(note, signatures=(*log, *cosignatures)).encode(), ORIGIN, LOG_KEYS, WITNESSES
            )
    with pytest.raises(VerifyError):
        checkpoints.verify_signature(CHECKPOINT, WITNESSES[0], second)


def test_type_of_a_signature_cannot_be_exchanged() -> None:
    """One Ed25519 key used for both types would still make two signatures that do not pass for another."""
    plain = VerifierKey("n", ED25519, ALICE.public)
    timed = VerifierKey("n", notes.COSIGNATURE, ALICE.public)
    assert plain.id != timed.id
    signature = notes.sign(CHECKPOINT.text, "n", ALICE)
    with pytest.raises(VerifyError):
        checkpoints.verify_signature(CHECKPOINT, timed, signature)
    with pytest.raises(VerifyError):
        checkpoints.verify_signature(
            CHECKPOINT, timed, replace(signature, key_id=timed.id, value=bytes(8) + signature.value)
        )
    cosignature = checkpoints.cosign(CHECKPOINT, "n", ALICE, TIME)
    with pytest.raises(VerifyError):
        checkpoints.verify_signature(
            CHECKPOINT, plain, replace(cosignature, key_id=plain.id, value=cosignature.value[8:])
        )


def test_mldsa_never_seems_to_cover_extension_lines() -> None:
    extended = replace(CHECKPOINT, extensions=("more",))
    with pytest.raises(FormatError):
        checkpoints.sign(extended, LOG, LOG_MLDSA, TIME)
    # The signature over the first three lines, put under a text that has a fourth.
    note = Note(extended.text, (checkpoints.cosign_mldsa(CHECKPOINT, ORIGIN, LOG_MLDSA, TIME),))
    with pytest.raises(VerifyError):
        checkpoints.verify(note.encode(), ORIGIN, LOG_KEYS[1:])
    # Ed25519 covers the whole text, in both of its types.
    note = Note(
        extended.text,
        (
            notes.sign(extended.text, ORIGIN, LOG),
            checkpoints.cosign(extended, WITNESSES[0].name, ALICE, TIME),
        ),
    )
    verified = checkpoints.verify(note.encode(), ORIGIN, LOG_KEYS[:1], WITNESSES[:1], quorum=1)
    assert verified.checkpoint.extensions == ("more",)
    with pytest.raises(VerifyError):
        checkpoints.verify(note.encode().replace(b"more", b"less"), ORIGIN, LOG_KEYS[:1], WITNESSES[:1])


def test_names_too_long_for_mldsa_are_refused() -> None:
    longest = "ł" * 127
    checkpoints.mldsa_message(replace(CHECKPOINT, origin=longest), longest, 0)
    for origin, name in ((longest + "ab", "n"), ("o", longest + "ab")):
        with pytest.raises(FormatError):
            checkpoints.mldsa_message(replace(CHECKPOINT, origin=origin), name, 0)


def test_reader_must_know_the_logs_keys() -> None:
    with pytest.raises(FormatError):
        checkpoints.verify(SIGNED, ORIGIN, [])
    with pytest.raises(FormatError):
        checkpoints.verify(SIGNED, ORIGIN, LOG_KEYS, LOG_KEYS[:1])
    stranger = VerifierKey(ORIGIN, ED25519, SigningKey(b"x" * 32).public)
    with pytest.raises(VerifyError):
        checkpoints.verify(SIGNED, ORIGIN, [stranger])


def test_flipped_bits_of_a_checkpoint_are_refused() -> None:
    for bad in flips(COSIGNED, 1500, 2):
        with pytest.raises(CryptoError):
            checkpoints.verify(bad, ORIGIN, LOG_KEYS, WITNESSES, quorum=2)


# --- Log proofs ---


def proof(index: int, size: int = SIZE, extra: bytes | None = None) -> bytes:
    hashes = merkle.inclusion_proof(index, size, logs.subtrees)
    return LogProof(index, hashes, COSIGNED if size == SIZE else logs.signed(size), extra).encode()


def test_log_proof_shows_each_entry_and_no_other() -> None:
    for index in range(SIZE):
        data = proof(index, extra=b"hint" if index % 2 else None)
        assert LogProof.parse(data).encode() == data
        verified = tlog_proof.verify(data, LEAVES[index], ORIGIN, LOG_KEYS, WITNESSES, quorum=2)
        assert verified.checkpoint.size == SIZE
        for other in (LEAVES[index - 1], LEAVES[SIZE], b""):
            with pytest.raises(VerifyError):
                tlog_proof.verify(data, other, ORIGIN, LOG_KEYS)
    with pytest.raises(VerifyError):
        tlog_proof.verify(proof(3), LEAVES[3], ORIGIN, LOG_KEYS, WITNESSES, quorum=3)
    with pytest.raises(VerifyError):
        tlog_proof.verify(proof(3), LEAVES[3], ORIGIN, LOG_KEYS, latest=TIME - 1)


def test_log_proof_has_the_form_of_the_specification() -> None:
    hashes = merkle.inclusion_proof(2, 3, logs.subtrees)
    data = LogProof(2, hashes, logs.signed(3), b"extra").encode().decode()
    assert data.split("\n")[:6] == [
        "c2sp.org/tlog-proof@v1",
        "extra ZXh0cmE=",
        "index 2",
        notes.padded_b64(hashes[0]),
        "",
        ORIGIN,
    ]
    single = LogProof(0, (), logs.signed(1)).encode()
    assert single.startswith(b"c2sp.org/tlog-proof@v1\nindex 0\n\nlog.example/")
    tlog_proof.verify(single, LEAVES[0], ORIGIN, LOG_KEYS)


def test_log_proof_of_another_form_is_refused() -> None:
    data = proof(3, extra=b"extra").decode()
    lines = data.split("\n")
    wrong = [
        "",
        data[:-1],
        data + "\n",
        data + " ",
        data.replace("@v1", "@v2"),
        data.replace("extra ", "extra  "),
        data.replace("extra ", "Extra "),
        data.replace("ZXh0cmE=", ""),
        data.replace("ZXh0cmE=", "ZXh0cmE"),
        data.replace("ZXh0cmE=", "ZXh0cmF="),
        data.replace("index 3", "index 03"),
        data.replace("index 3", "index  3"),
        data.replace("index 3", "index -3"),
        data.replace("index 3", "index ٣"),
        data.replace("index 3", f"index {2**63}"),
        data.replace("index 3\n", ""),
        data.replace("index 3\n", "index 3\nindex 3\n"),
        data.replace("index 3\n", "index 3\nextra ZXh0cmE=\n"),
        data.replace("index 3\n", "index 3\n\n"),
        data.replace("index 3\n", "index 3\n" + (lines[3] + "\n") * 60),
        data.replace("index 3", "indeks 3"),
        data.replace(lines[3], lines[3][:-1]),
        data.replace(lines[3], "AAAA"),
        data.replace(lines[3], lines[3] + " "),
        data.replace("\n", "\r\n"),
        data.replace("\n\n" + ORIGIN, "\n" + ORIGIN),
        data.replace("\n" + ORIGIN, "\n\n" + ORIGIN),
        data.replace("\n13\n", "\n013\n"),
        "\n".join(lines[:8]) + "\n\n",
        data.replace("ZXh0cmE=", "AAAA" * 30_000),
    ]
    for bad in wrong:
        assert bad != data
        with pytest.raises(FormatError):
            LogProof.parse(bad.encode())
    good = LogProof.parse(data.encode())
    for made in (
        replace(good, extra=b""),
        replace(good, index=-1),
        replace(good, hashes=(b"short",)),
        replace(good, checkpoint=b""),
    ):
        with pytest.raises(FormatError):
            made.encode()


def test_flipped_bits_of_a_log_proof_are_refused() -> None:
    data = proof(5)
    for bad in flips(data, 1500, 3):
        with pytest.raises(CryptoError):
            tlog_proof.verify(bad, LEAVES[5], ORIGIN, LOG_KEYS, WITNESSES, quorum=2)
