"""The part of refusals-v1.json that is about logs: see `generate_refusals`."""

import json
from collections.abc import Iterator

from crypto import checkpoints, log_leaf, notes, tlog_proof
from crypto.encoding import b64u_encode, canonical_json
from crypto.notes import VerifierKey
from tests.vectors import generate_log
from tests.vectors.outcomes import Case, case

LOG = json.loads(generate_log.FILE.read_text("utf-8"))
GOOD = "— a AAAAAAA=\n"
NOTES = (
    "", "\n", "\n\n", "text\n", "text\n\n", "text\n" + GOOD, "text\n\n" + GOOD[:-1], GOOD, "\n" + GOOD, "\n\n" + GOOD,
    "text\n\n" + GOOD, "text\n\n" + GOOD * 32, "text\n\n" + GOOD * 33, "text\n\n" + GOOD + "\n", "text\n\n" + GOOD + "rest\n",
    "te\x00xt\n\n" + GOOD, "te\txt\n\n" + GOOD, "text\r\n\r\n" + GOOD, "te\x7f\x85xt\n\n" + GOOD, "text\n\n-- a AAAAAAA=\n",
    "text\n\n–" + GOOD[1:], "text\n\n " + GOOD, "text\n\n" + GOOD.replace("— ", "—"), "text\n\n" + GOOD.replace(" a ", "  "),
    "text\n\n" + GOOD.replace(" a ", " a  "), "text\n\n" + GOOD.replace(" a ", " "), "text\n\n" + GOOD.replace(" a ", " a+b "),
    "text\n\n" + GOOD.replace(" a ", " a\u00a0b "), "text\n\n" + GOOD.replace(" a ", " a\u2028b "),
    "text\n\n" + GOOD.replace(" a ", " a\u0085b "), "text\n\n" + GOOD.replace(" a ", " a\ufeffb "), "text\n\n" + GOOD.replace("=", ""),
    "text\n\n" + GOOD.replace("=", "=="), "text\n\n" + GOOD.replace("A=", "B="), "text\n\n" + GOOD.replace("AAAAAAA=", "AAAAAA=="),
    "text\n\n" + GOOD.replace("AAAAAAA=", "AAAA"), "text\n\n" + GOOD.replace("AAAAAAA=", ""), "text\n\n" + GOOD.replace("AAAAAAA=", "===="),
    "text\n\n" + GOOD.replace("AAAAAAA=", "AAAAAAA-"), "\ufefftext\n\n" + GOOD,
)  # fmt: skip


def verify_checkpoint(
    data: bytes, log_keys: list[VerifierKey], witnesses: list[VerifierKey], quorum: int, latest: int
) -> object:
    return checkpoints.verify(data, generate_log.ORIGIN, log_keys, witnesses, quorum=quorum, latest=latest)


def verify_proof(data: bytes, leaf: bytes, key: str) -> object:
    return tlog_proof.verify(data, leaf, generate_log.ORIGIN, [VerifierKey.parse(key)])


def log() -> Iterator[Case]:
    """Notes, keys, checkpoints, proofs, openings."""
    for given in NOTES:
        yield case("note", notes.Note.parse, given.encode(), text=given)
    key = LOG["notes"]["key"]
    for given in (
        key, key + "=", key + "\n", " " + key, key[1:], key.replace("+", "-"), "++" + key.rsplit("+", 1)[1],
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", LOG["mldsa"]["key"],
    ):  # fmt: skip
        yield case("verifier-key", VerifierKey.parse, given, text=given)
    root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
    for given in (
        f"o\n1\n{root}\n", f"o\n1\n{root}", f"o\n01\n{root}\n", f"o\n-1\n{root}\n", f"o\n1\n{root[:-1]}\n", f"\n1\n{root}\n",
        f"o\n0\n{root}\n", "o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", f"o\n{2**63 - 1}\n{root}\n", f"o\n{2**63}\n{root}\n",
        f"o\n1\n{root}\nx\n", f"o\n1\n{root}\n\n", f"o\n1\n{root}\n" + "x\n" * 16, f"o\n1\n{root}\n" + "x\n" * 17, f"o\n1\n{root}AA\n",
        f"o\n1 \n{root}\n", f"o\n١\n{root}\n",
    ):  # fmt: skip
        yield case("checkpoint", checkpoints.Checkpoint.parse, given, text=given)
    signed, mldsa = LOG["notes"]["checkpoint"], LOG["mldsa"]["checkpoint"]
    first, witness, second = LOG["notes"]["key"], LOG["notes"]["witness"], LOG["mldsa"]["key"]
    for given, log_keys, witnesses, quorum, latest in (
        (signed, [first], [witness], 1, None), (signed, [first], [], 1, None), (signed, [first], [witness], 2, None),
        (signed, [first, second], [], 0, None), (mldsa, [first, second], [], 0, None), (mldsa, [second], [], 0, None),
        (signed, [first], [witness], 0, generate_log.TIME - 1), (mldsa.replace("\n13\n", "\n14\n"), [second], [], 0, None),
        (signed.replace("\n13\n", "\n14\n"), [first], [], 0, None), (signed, [], [], 0, None), (signed, [first, first], [], 0, None),
    ):  # fmt: skip
        parsed = [VerifierKey.parse(k) for k in log_keys], [VerifierKey.parse(k) for k in witnesses]
        limit = checkpoints.MAX_TIME if latest is None else latest
        yield case(
            "checkpoint-note",
            verify_checkpoint, given.encode(), *parsed, quorum, limit,
            text=given, log_keys=log_keys, witnesses=witnesses, quorum=quorum, latest=latest,
        )  # fmt: skip
    proof = LOG["notes"]["log_proof"]
    for given in (
        proof, proof.replace("index 5", "index 6"), proof.replace("index 5", "index 05"), proof.replace("index 5\n", ""),
        proof.replace("v1\n", "v2\n", 1), proof.replace("extra aGludA==\n", ""), proof.replace("extra aGludA==\n", "extra \n"),
        proof.replace("index 5\n", f"index 5\n{root}\n"), proof[:-1], proof.replace("\n\n", "\n", 1), proof.replace("index 5", "index 13"),
    ):  # fmt: skip
        leaf = generate_log.LEAVES[5]
        yield case(
            "log-proof",
            verify_proof, given.encode(), leaf, first,
            text=given, leaf=leaf.hex(), log_key=first,
        )  # fmt: skip
    salt, hashed = b64u_encode(bytes(16)), "00" * 32
    for fields, hidden in (
        ({"a": [salt, 1]}, {}), ({"a": [salt, 1]}, {"b": hashed}), ({}, {"b": hashed}), ({}, {}), ({"a": [salt, 1]}, {"a": hashed}),
        ({"A": [salt, 1]}, {}), ({"padding": [salt, True]}, {}), ({"padding": [salt, 1]}, {}), ({"padding": [salt, True]}, {"b": hashed}),
        ({}, {"padding": hashed}), ({f"a{i}": [salt, 1] for i in range(65)}, {}), ({"a": [salt, 1]}, {"b": "00"}), ({"a": [salt]}, {}),
    ):  # fmt: skip
        given = canonical_json({"v": 1, "fields": fields, "hidden": hidden}).decode()
        yield case("opening", log_leaf.Opening.parse, given.encode(), text=given)
