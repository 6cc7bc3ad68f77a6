"""Before anything is sealed: the keys of a mechanism are entries of its own log of records.

A key that its root signed and that is in no log was slipped in by somebody who has the root and does not
want the mechanism's people to know: what is in the log, their own program is shown, and compares with the
bundle. The twin of `web/src/logged.ts`.
"""

from collections.abc import Sequence
from typing import Any

from crypto import checkpoints, checks, log_leaf, merkle, notes
from crypto.bundles import Bundle
from crypto.checkpoints import Checkpoint
from crypto.compartments import CLASSES
from crypto.encoding import Json, b64u_decode, hex_decode
from crypto.errors import FormatError, VerifyError
from crypto.log_leaf import SIZE as LEAF_SIZE
from crypto.log_leaf import LogLeaf, Opening
from crypto.notes import Note, VerifierKey
from intake.client.api import Api

_MOST = 1000  # entries
_Key = tuple[Json, Json, Json]  # epoch, class, fingerprint


def require_logged(api: Api, bundles: Sequence[Bundle], today: str) -> None:
    """`CryptoError` if one of these mechanisms has a key, to be sealed to today, that its log has not."""
    logs, announced = api.get("/v1/logs"), api.get("/v1/logs/announced")
    for bundle in bundles:
        check_logged(announced, logs, bundle, today)


def check_logged(announced: Any, logs: Any, bundle: Bundle, today: str) -> None:
    """The answers of `GET /v1/logs/announced` and `GET /v1/logs` show that the keys are in the log."""
    known = announced_keys(announced, logs, bundle.mechanism)
    for kind in CLASSES:
        key = bundle.key_for(kind, today)
        if key and (key.epoch, str(kind), key.recipient.fingerprint) not in known:
            raise VerifyError(
                f"a key of {bundle.mechanism} ({kind}, epoch {key.epoch}) is not in its log:"
                " do not send anything"
            )


def announced_keys(announced: Any, logs: Any, mechanism: str) -> set[_Key]:
    """The keys that a signed checkpoint of the mechanism's log covers; `CryptoError` if one does not hold."""
    try:
        shown = announced["announced"][mechanism]
        (its,) = [i for i in logs["logs"] if i["mechanism"] == mechanism and i["log"] == "records"]
        note, origin, texts = shown["checkpoint"], its["origin"], its["keys"]
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"the service shows no log of {mechanism} with its keys") from error
    if (
        not isinstance(note, str)
        or not isinstance(origin, str)
        or not origin.endswith(f"/{mechanism}/records")
    ):
        raise FormatError(f"the log shown is not that of {mechanism}")
    checkpoint = _signed(note.encode(), origin, [VerifierKey.parse(str(t)) for t in checks.items(texts, 16)])
    found: set[_Key] = set()
    for raw in checks.items(shown.get("entries"), _MOST):
        entry = checks.exactly(raw, "index leaf opening hashes")
        leaf, opening = b64u_decode(entry["leaf"], LEAF_SIZE), Opening.parse(str(entry["opening"]).encode())
        log_leaf.verify_opening(LogLeaf.parse(leaf), opening)
        hashes = [hex_decode(hashed, 32) for hashed in checks.items(entry["hashes"], 63)]
        if type(entry["index"]) is not int:
            raise FormatError("an entry without its number")
        merkle.verify_inclusion(
            merkle.leaf_hash(leaf), entry["index"], checkpoint.size, checkpoint.root, hashes
        )
        values = opening.values
        if values.get("event") == "mechanism.keys" and values.get("mechanism") == mechanism:
            found.add((values.get("epoch"), values.get("compartment"), values.get("key")))
    return found


def _signed(data: bytes, origin: str, keys: Sequence[VerifierKey]) -> Checkpoint:
    """The checkpoint, signed by keys of both types: while keys change, older ones sign alone for an hour."""
    note = Note.parse(data)
    signers = [key for key in keys if note.signature_by(key)]
    if not {notes.ED25519, notes.MLDSA_COSIGNATURE} <= {key.kind for key in signers}:
        raise VerifyError(f"the checkpoint of {origin} is not signed by the log's keys")
    return checkpoints.verify(data, origin, signers).checkpoint
