"""What a submitter, or anybody with a file, can check of a log: proofs; see also `promises` and `accesses`.

A promise is made when a testimony is received, before it is in a signed log: if it is not there by the
day that it names, the promise convicts the operator. A proof shows, offline, that it is there. The list
of accesses shows who opened it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from crypto import checks, log_leaf, merkle
from crypto.checkpoints import Verified
from crypto.encoding import b64u_decode, parse_canonical_json
from crypto.errors import FormatError, VerifyError
from crypto.log_leaf import SIZE as LEAF_SIZE
from crypto.log_leaf import LogLeaf, Opening
from crypto.notes import VerifierKey
from crypto.tlog_proof import LogProof
from intake.client.accesses import Accesses as Accesses
from intake.client.accesses import check_accesses as check_accesses
from intake.client.log import verified
from intake.client.promises import check_promise as check_promise


@dataclass(frozen=True, slots=True)
class Proven:
    """What a log proof shows. `signed` is None without keys: then nothing is authenticated."""

    origin: str
    index: int
    size: int
    mechanism: str
    record: str
    day: str
    signed: Verified | None


def check_proof(data: bytes, keys: list[VerifierKey], record: str | None = None) -> Proven:
    """Check a log proof, or the `log.json` that `intake pull` keeps beside a record.

    `FormatError` if it is neither, `VerifyError` if it does not hold or is another record's.
    """
    # 1. The form; what it is about is in `extra`, which nobody has signed yet.
    proof = LogProof.parse(_proof_in(data))
    if proof.extra is None:
        raise VerifyError("the proof does not say what it proves: it has no extra line")
    extra = checks.exactly(parse_canonical_json(proof.extra), "leaf opening")
    # 2. What it says is what the leaf commits to.
    leaf = b64u_decode(extra["leaf"], LEAF_SIZE)
    opening = Opening.parse(str(extra["opening"]).encode())
    log_leaf.verify_opening(LogLeaf.parse(leaf), opening)
    # 3. The leaf is in the tree of the checkpoint, and the log has signed that.
    checkpoint, signed = verified(proof.checkpoint, keys, [], 0)
    hashed = merkle.leaf_hash(leaf)
    merkle.verify_inclusion(hashed, proof.index, checkpoint.size, checkpoint.root, proof.hashes)
    # 4. It speaks of the arrival of a record, for the mechanism whose log this is.
    values = opening.values
    if values.get("event") != "record.added":
        raise VerifyError("the proof is not of a record that was received")
    found, mechanism = checks.digest(values.get("record")), checks.text(values.get("mechanism"), checks.SLUG)
    if not checkpoint.origin.endswith(f"/{mechanism}/records"):
        raise VerifyError("the entry names another mechanism than the log")
    if record is not None and record != found:
        raise VerifyError(f"the proof is of another record: {found}")
    day = checks.text(values.get("day"), checks.DAY)
    return Proven(checkpoint.origin, proof.index, checkpoint.size, mechanism, found, day, signed)


def _proof_in(data: bytes) -> bytes:
    if not data.startswith(b"{"):
        return data
    try:
        text = json.loads(data)["proof"]
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError("neither a log proof nor a log.json") from error
    if not isinstance(text, str):
        raise FormatError("it has no proof yet: pull again after the next checkpoint")
    return text.encode()


def verifier_keys(texts: Sequence[str]) -> list[VerifierKey]:
    """Keys from their texts; `FormatError` names what is none."""
    found = []
    for text in texts:
        try:
            found.append(VerifierKey.parse(text))
        except FormatError as error:
            raise FormatError(f"not a verifier key ({error}): {text[:60]}") from error
    return found
