"""A small log with its keys, witnesses and signed checkpoint, for several tests."""

import random

from crypto import checkpoints, merkle
from crypto.checkpoints import Checkpoint
from crypto.notes import COSIGNATURE, ED25519, MLDSA_COSIGNATURE, Note, VerifierKey
from crypto.primitives import MldsaSigningKey, SigningKey

ORIGIN = "log.example/demo/records"
TIME = 1_795_000_000

LOG, LOG_MLDSA = SigningKey(b"l" * 32), MldsaSigningKey(b"m" * 32)
LOG_KEYS = [
    VerifierKey(ORIGIN, ED25519, LOG.public),
    VerifierKey(ORIGIN, MLDSA_COSIGNATURE, LOG_MLDSA.public),
]

ALICE, BOB = SigningKey(b"a" * 32), MldsaSigningKey(b"b" * 32)
WITNESSES = [
    VerifierKey("alice.example/w", COSIGNATURE, ALICE.public),
    VerifierKey("bob.example/w", MLDSA_COSIGNATURE, BOB.public),
]

ENTRIES = [b"entry %d" % i for i in range(300)]
LEAVES = [merkle.leaf_hash(e) for e in ENTRIES]


def subtrees(level: int, index: int) -> bytes:
    """What the log stores."""
    return merkle.root_of(LEAVES[index << level : index + 1 << level])


def checkpoint(size: int) -> Checkpoint:
    """What the log was at this size."""
    return Checkpoint(ORIGIN, size, merkle.root_of(LEAVES[:size]))


def signed(size: int) -> bytes:
    """The checkpoint as the log publishes it."""
    return checkpoints.sign(checkpoint(size), LOG, LOG_MLDSA, TIME)


def cosigned(size: int) -> bytes:
    """With both witnesses' signatures, one and two seconds later."""
    return (
        Note.parse(signed(size))
        .with_signature(checkpoints.cosign(checkpoint(size), WITNESSES[0].name, ALICE, TIME + 1))
        .with_signature(checkpoints.cosign_mldsa(checkpoint(size), WITNESSES[1].name, BOB, TIME + 2))
        .encode()
    )


def flips(data: bytes, count: int, seed: int) -> list[bytes]:
    """The same bytes with one bit flipped, `count` times at other places."""
    draw = random.Random(seed)
    found = []
    for bit in draw.sample(range(len(data) * 8), min(count, len(data) * 8)):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        found.append(bytes(changed))
    return found
