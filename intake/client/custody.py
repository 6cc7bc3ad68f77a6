"""Beside each pulled record: its entry in the log, and the proof that needs no server any more.

    OUT/records/<id>/log.json    {"index", "leaf", "opening", "proof"}

`proof` is a log proof (C2SP tlog-proof, as text) with the signed checkpoint in it, or null until a
checkpoint covers the entry: a later pull fills it in. After an erasure, or when the service is gone, it
still shows that the mechanism was given this record, and when.
"""

import json
from pathlib import Path

from crypto import merkle
from crypto.encoding import b64u_encode, canonical_json
from crypto.tlog_proof import LogProof
from intake.client import files
from intake.client.mirror import Mirror
from intake.client.told import Told

_NAME = "log.json"


def begin(log: Mirror, folder: Path, entry: Told) -> None:
    """Keep a record's entry; it waits for its proof."""
    if (folder / _NAME).exists():
        return
    value = {"index": entry.index, "leaf": b64u_encode(entry.leaf), "opening": entry.opening, "proof": None}
    log.unproved.append((entry.index, folder.name))
    log.save()  # first: a folder that waits in vain is better than one that is forgotten
    files.write_json(folder / _NAME, value)


def complete(log: Mirror, records: Path) -> None:
    """Write the proofs of what the newest checkpoint covers by now."""
    if log.note is None:
        return
    size, left = log.verified, []
    tree = log.tree(size)
    for index, record in sorted(log.unproved):
        path = records / record / _NAME
        if index >= size:
            left.append((index, record))
        elif path.exists():
            value = json.loads(path.read_bytes())
            hashes = merkle.inclusion_proof(index, size, tree.subtree)
            extra = canonical_json({"leaf": value["leaf"], "opening": value["opening"]})
            proof = LogProof(index, hashes, log.note, extra).encode().decode()
            files.write_json(path, value | {"proof": proof})
    if left != log.unproved:
        log.unproved = left
        log.save()
