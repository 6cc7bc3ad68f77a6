"""Go's own transparency log packages take our notes, trees and proofs, and refuse altered ones."""

import base64
import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from crypto import merkle, notes, tiles
from crypto.notes import Note
from crypto.primitives import SigningKey
from crypto.tiles import ENTRIES
from crypto.tlog_proof import LogProof
from tests.crypto import logs
from tests.crypto.logs import LEAVES, LOG_KEYS, ORIGIN, WITNESSES, flips
from tests.golang import SOURCES, build

ED25519_KEY = LOG_KEYS[0].text

Answer = dict[str, Any]
Ask = Callable[[list[dict[str, Any]]], list[Answer]]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Ask the Go program; bytes are base64 in its JSON."""
    program = build(SOURCES / "oracle.go", tmp_path_factory.mktemp("go"))

    def run(questions: list[dict[str, Any]]) -> list[Answer]:
        done = subprocess.run(
            [program], input=json.dumps(questions, default=b64), capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        answers: list[Answer] = json.loads(done.stdout)
        assert len(answers) == len(questions)
        return answers

    return run


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def proofs_of(found: list[list[str]]) -> list[tuple[bytes, ...]]:
    return [tuple(base64.b64decode(h) for h in proof) for proof in found]


def test_go_makes_the_same_trees_and_proofs(ask: Ask) -> None:
    sizes = [1, 2, 3, 7, 8, 33, 70]
    for size, answer in zip(
        sizes, ask([{"op": "tree", "entries": logs.ENTRIES[:n]} for n in sizes]), strict=True
    ):
        assert answer["root"] == b64(logs.checkpoint(size).root)
        assert proofs_of(answer["inclusion"]) == [
            merkle.inclusion_proof(i, size, logs.subtrees) for i in range(size)
        ]
        assert proofs_of(answer["consistency"]) == [
            merkle.consistency_proof(m, size, logs.subtrees) for m in range(1, size + 1)
        ]


def test_go_cuts_the_same_tiles(ask: Ask) -> None:
    sizes = (1, 255, 256, 257, 300)
    answers = ask([{"op": "tree", "entries": logs.ENTRIES[:n], "tile_data": True} for n in sizes])
    for size, answer in zip(sizes, answers, strict=True):
        ours = {
            tile.path: b"".join(
                logs.subtrees(8 * tile.level, 256 * tile.index + i) for i in range(tile.width)
            )
            for tile in tiles.tiles(size)
            if tile.level != ENTRIES
        }
        assert answer["tiles"] == {path: b64(data) for path, data in ours.items()}


def test_go_takes_our_proofs_and_refuses_altered_ones(ask: Ask) -> None:
    good, bad = [], []
    for size in (1, 2, 5, 13, 70, 257):
        root = logs.checkpoint(size).root
        for index in sorted({0, size // 2, size - 1}):
            question: dict[str, Any] = {
                "op": "inclusion", "index": index, "size": size, "root": root, "entry": logs.ENTRIES[index],
                "proof": merkle.inclusion_proof(index, size, logs.subtrees),
            }  # fmt: skip
            good.append(question)
            bad += [question | {"entry": b"other"}, question | {"proof": [*question["proof"], root]}]
            bad += [question | {"root": flips(root, 1, index)[0]}]
            bad += [question | {"proof": question["proof"][1:]}] if question["proof"] else []
        for old in sorted({1, size // 2 or 1, size}):
            question = {
                "op": "consistency", "old_size": old, "size": size, "root": root,
                "old_root": logs.checkpoint(old).root,
                "proof": merkle.consistency_proof(old, size, logs.subtrees),
            }  # fmt: skip
            good.append(question)
            bad += [question | {"old_root": LEAVES[-1]}, question | {"proof": [*question["proof"], root]}]
            bad += [question | {"proof": question["proof"][:-1]}] if question["proof"] else []
    assert [a.get("error") for a in ask(good)] == [None] * len(good)
    assert all(a.get("error") for a in ask(bad)) and len(bad) > 80


def test_go_takes_our_notes_and_refuses_altered_ones(ask: Ask) -> None:
    other = notes.VerifierKey("other.example/name", notes.ED25519, SigningKey(b"o" * 32).public)
    text = "Ліст\n\nз пустым радком — і рыскай.\n"
    note = Note(
        text, (notes.sign(text, ORIGIN, logs.LOG), notes.sign(text, other.name, SigningKey(b"o" * 32)))
    )
    altered = [d for d in flips(note.encode(), 400, 5)]
    answers = ask(
        [{"op": "note", "data": note.encode(), "keys": [ED25519_KEY, other.text]}]
        + [{"op": "note", "data": data, "keys": [ED25519_KEY]} for data in altered]
    )
    assert answers[0]["text"] == text
    assert answers[0]["signers"] == [f"{k.name}+{k.id.hex()}" for k in (LOG_KEYS[0], other)]
    # A flip in the other key's line leaves a note that is signed all the same.
    unharmed = [
        a
        for data, a in zip(altered, answers[1:], strict=True)
        if data.startswith(note.encode()[: -len(note.signatures[1].line.encode())])
    ]
    for answer in answers[1:]:
        assert answer.get("error") or (answer in unharmed and answer["text"] == text)
    assert len(unharmed) < len(altered) / 2


def test_go_takes_our_cosigned_checkpoint_and_passes_over_what_it_does_not_know(ask: Ask) -> None:
    """x/mod knows type 01 only: the log's ML-DSA line and both witnesses' are unknown keys to it."""
    (answer,) = ask([{"op": "note", "data": logs.cosigned(13), "keys": [ED25519_KEY]}])
    assert answer["text"] == logs.checkpoint(13).text
    assert answer["signers"] == [f"{ORIGIN}+{LOG_KEYS[0].id.hex()}"]
    assert answer["unknown"] == [f"{k.name}+{k.id.hex()}" for k in (LOG_KEYS[1], *WITNESSES)]


def test_go_takes_our_log_proof_and_refuses_altered_ones(ask: Ask) -> None:
    good, bad = [], []
    for size, index, extra in ((1, 0, None), (13, 5, b"extra"), (300, 299, None)):
        hashes = merkle.inclusion_proof(index, size, logs.subtrees)
        data = LogProof(index, hashes, logs.cosigned(size), extra).encode()
        question = {"op": "log proof", "data": data, "keys": [ED25519_KEY], "entry": logs.ENTRIES[index]}
        good.append(question)
        bad += [
            question | {"entry": b"other"},
            question | {"keys": [notes.VerifierKey(ORIGIN, 1, bytes(32)).text]},
        ]
        bad.append(question | {"data": data.replace(b"\nindex ", b"\nindex 1")})
        bad.append(question | {"data": data.replace(f"\n{size}\n".encode(), f"\n{size + 1}\n".encode())})
        before_signatures = data.index("\n— ".encode())
        start = data.index(b"index ")
        for flipped in flips(data[start:before_signatures], 60, size):
            bad.append(question | {"data": data[:start] + flipped + data[before_signatures:]})
    assert [a.get("error") for a in ask(good)] == [None] * 3
    assert all(a.get("error") for a in ask(bad))
