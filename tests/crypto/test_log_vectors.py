"""The log's vectors do not change, and hold when read as another implementation would read them."""

import json
from typing import Any

import pytest

from crypto import checkpoints, log_leaf, merkle, notes, tiles, tlog_proof
from crypto.errors import VerifyError
from crypto.log_leaf import LogLeaf, Opening
from crypto.notes import VerifierKey
from tests.vectors import generate_log
from tests.vectors.generate import text

FILE = generate_log.FILE.read_text("utf-8")
V: dict[str, Any] = json.loads(FILE)


def hashes(proof: list[str]) -> list[bytes]:
    return [bytes.fromhex(h) for h in proof]


def test_implementers_get_the_same_vectors_every_time() -> None:
    assert text(generate_log.vectors(V["mldsa"]["checkpoint"])) == FILE


def test_trees_and_proofs_hold() -> None:
    tree = V["tree"]
    roots = hashes(tree["roots"])
    leaves = [merkle.leaf_hash(e.encode()) for e in tree["entries"]]
    assert merkle.Frontier.parse(bytes.fromhex(tree["frontier"])).root() == roots[len(leaves)]
    for v in tree["inclusion"]:
        merkle.verify_inclusion(
            leaves[v["index"]], v["index"], v["size"], roots[v["size"]], hashes(v["proof"])
        )
    for v in tree["consistency"]:
        old, size = v["old_size"], v["size"]
        merkle.verify_consistency(old, roots[old], size, roots[size], hashes(v["proof"]))
    assert len(tree["inclusion"]) == 39 and len(tree["consistency"]) == 44
    bundle = V["tiles"]["bundle"]
    entries = tiles.parse_entries(bytes.fromhex(bundle["hex"]), bundle["width"])
    assert [e.decode() for e in entries] == tree["entries"][:3]


def test_notes_checkpoints_and_the_log_proof_hold() -> None:
    v = V["notes"]
    key, witness = VerifierKey.parse(v["key"]), VerifierKey.parse(v["witness"])
    notes.verify(v["note"].encode(), [key])
    verified = checkpoints.verify(v["checkpoint"].encode(), key.name, [key], [witness], quorum=1)
    assert (
        verified.witnesses[0].time == v["time"] and verified.checkpoint.root.hex() == V["tree"]["roots"][13]
    )
    leaf = merkle.leaf_hash(v["log_proof_entry"].encode())
    tlog_proof.verify(v["log_proof"].encode(), leaf, key.name, [key], [witness], quorum=1)


def test_reader_in_many_years_verifies_a_checkpoint_signed_once_with_mldsa() -> None:
    keys = [VerifierKey.parse(V["notes"]["key"]), VerifierKey.parse(V["mldsa"]["key"])]
    data = V["mldsa"]["checkpoint"]
    verified = checkpoints.verify(data.encode(), keys[0].name, keys)
    assert (
        checkpoints.mldsa_message(verified.checkpoint, keys[1].name, V["notes"]["time"]).hex()
        == V["mldsa"]["message"]
    )
    with pytest.raises(VerifyError):
        checkpoints.verify(data.replace("\n13\n", "\n14\n").encode(), keys[0].name, keys[1:])


def test_leaves_and_openings_hold() -> None:
    v = V["leaves"]
    leaf, padding = (LogLeaf.parse(bytes.fromhex(v[name])) for name in ("leaf", "padding_leaf"))
    for name in ("opening", "disclosed"):
        log_leaf.verify_opening(leaf, Opening.parse(v[name].encode()))
    opening = Opening.parse(v["padding_opening"].encode())
    log_leaf.verify_opening(padding, opening)
    assert opening.padding
    for t in v["tags"]:
        assert log_leaf.tag(bytes.fromhex(v["record_key"]), t["counter"]).hex() == t["tag"]
    log_leaf.verify_tag(leaf, bytes.fromhex(v["record_key"]), 0)
