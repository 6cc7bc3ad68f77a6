"""Makes log-v1.json: trees, notes, checkpoints, proofs and leaves. `python -m tests.vectors.generate_log`.

ML-DSA signatures are never the same twice: those in the file are kept as they are; `--sign` makes new ones.
"""

import json
import sys
from typing import Any

from crypto import checkpoints, log_leaf, merkle, notes, tiles
from crypto.checkpoints import Checkpoint
from crypto.log_leaf import LogLeaf, Opening
from crypto.notes import COSIGNATURE, ED25519, MLDSA_COSIGNATURE, Note, VerifierKey
from crypto.primitives import MldsaSigningKey, SigningKey
from crypto.tlog_proof import LogProof
from tests.vectors.generate import HERE, Stream, text

FILE = HERE / "log-v1.json"
ORIGIN, WITNESS = "log.example/demo/records", "witness.example/w1"
TIME = 1_795_000_000
KEY, WITNESS_KEY = SigningKey(Stream("log key")(32)), SigningKey(Stream("witness key")(32))
MLDSA_SEED = Stream("log ML-DSA key")(32)
MLDSA_KEY = MldsaSigningKey(MLDSA_SEED)
ENTRIES = [b"entry %d" % i for i in range(21)]
LEAVES = [merkle.leaf_hash(e) for e in ENTRIES]


def subtrees(level: int, index: int) -> bytes:
    return merkle.root_of(LEAVES[index << level : index + 1 << level])


def hexes(hashes: tuple[bytes, ...]) -> list[str]:
    return [h.hex() for h in hashes]


def checkpoint(size: int) -> Checkpoint:
    return Checkpoint(ORIGIN, size, merkle.root_of(LEAVES[:size]))


def tree() -> dict[str, Any]:
    size = len(LEAVES)
    return {
        "entries": [e.decode() for e in ENTRIES],
        "roots": [merkle.root_of(LEAVES[:n]).hex() for n in range(size + 1)],
        "frontier": merkle.Frontier().extend(LEAVES).encode().hex(),
        "inclusion": [
            {"index": i, "size": n, "proof": hexes(merkle.inclusion_proof(i, n, subtrees))}
            for n in (1, 2, 7, 8, size)
            for i in range(n)
        ],
        "consistency": [
            {"old_size": m, "size": n, "proof": hexes(merkle.consistency_proof(m, n, subtrees))}
            for n in (1, 2, 7, 8, size)
            for m in range(n + 1)
        ],
    }


def tile_names() -> dict[str, Any]:
    return {
        "paths": [
            {"level": level, "index": index, "width": width, "path": tiles.Tile(level, index, width).path}
            for level, index, width in (
                (0, 0, 256),
                (0, 1234067, 256),
                (1, 1000, 255),
                (63, 999, 1),
                (tiles.ENTRIES, 1000000, 17),
            )
        ],
        "trees": [
            {"size": n, "paths": [t.path for t in tiles.tiles(n)]} for n in (0, 1, 255, 256, 257, 1000)
        ],
        "bundle": {"width": 3, "hex": tiles.encode_entries(ENTRIES[:3]).hex()},
    }


def signed_notes() -> dict[str, Any]:
    plain = "Ліст\n\nз пустым радком\n"
    made = checkpoint(13)
    cosignature = checkpoints.cosign(made, WITNESS, WITNESS_KEY, TIME)
    note = Note(made.text, (notes.sign(made.text, ORIGIN, KEY), cosignature)).encode()
    proof = LogProof(5, merkle.inclusion_proof(5, 13, subtrees), note, b"hint").encode()
    return {
        "key": VerifierKey(ORIGIN, ED25519, KEY.public).text,
        "note": Note(plain, (notes.sign(plain, ORIGIN, KEY),)).encode().decode(),
        "witness": VerifierKey(WITNESS, COSIGNATURE, WITNESS_KEY.public).text,
        "time": TIME,
        "checkpoint": note.decode(),
        "log_proof": proof.decode(),
        "log_proof_entry": ENTRIES[5].decode(),
    }


def mldsa() -> dict[str, str]:
    """What is reproducible of it."""
    return {
        "seed": MLDSA_SEED.hex(),
        "key": VerifierKey(ORIGIN, MLDSA_COSIGNATURE, MLDSA_KEY.public).text,
        "message": checkpoints.mldsa_message(checkpoint(13), ORIGIN, TIME).hex(),
    }


def sign_mldsa() -> str:
    """A checkpoint signed by both keys of the log: another one each time."""
    return checkpoints.sign(checkpoint(13), KEY, MLDSA_KEY, TIME).decode()


def leaves() -> dict[str, Any]:
    record_key = bytes(range(32))
    opening = Opening.salted(
        {"time": "2026-11-23T14:00Z", "action": "Сведчанне \U0001f54a", "count": 3, "refused": False},
        Stream("opening"),
    )
    padding, padding_opening = log_leaf.padding(Stream("padding"))
    return {
        "record_key": record_key.hex(),
        "tags": [{"counter": n, "tag": log_leaf.tag(record_key, n).hex()} for n in (0, 1, 256, 2**53 - 1)],
        "leaf": LogLeaf(log_leaf.tag(record_key, 0), opening.commitment()).encode().hex(),
        "opening": opening.encode().decode(),
        "disclosed": opening.disclose(["time", "refused"]).encode().decode(),
        "padding_leaf": padding.encode().hex(),
        "padding_opening": padding_opening.encode().decode(),
    }


def vectors(signed: str) -> dict[str, Any]:
    """All of them, with a checkpoint that `sign_mldsa` once made."""
    return {
        "tree": tree(),
        "tiles": tile_names(),
        "notes": signed_notes(),
        "mldsa": mldsa() | {"checkpoint": signed},
        "leaves": leaves(),
    }


if __name__ == "__main__":
    anew = "--sign" in sys.argv or not FILE.exists()
    kept = sign_mldsa() if anew else json.loads(FILE.read_text("utf-8"))["mldsa"]["checkpoint"]
    FILE.write_text(text(vectors(kept)), "utf-8")
