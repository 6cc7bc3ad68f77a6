"""Anybody checks a whole log or a single proof, offline: what is wrong is named, and where it begins."""

import hashlib
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from crypto import checkpoints
from crypto.checkpoints import Checkpoint
from crypto.encoding import b64u_encode, canonical_json
from crypto.errors import CryptoError
from crypto.log_leaf import LogLeaf, Opening
from crypto.merkle import inclusion_proof
from crypto.notes import COSIGNATURE, ED25519, MLDSA_COSIGNATURE, Note, VerifierKey
from crypto.primitives import MldsaSigningKey, SigningKey
from crypto.tiles import ENTRIES, Tile
from crypto.tlog_proof import LogProof
from intake.audit.events import Log
from intake.cli import app
from intake.client import proofs, pull, verify
from intake.client.log import FolderLog
from intake.client.mirror import Mirror, Pin
from tests.client.forging import checked, index_of, padding_entry, publish, rewrite, send, sign_anyway
from tests.service import Service

ORIGIN = "log.example/demo/records"
KEY, MLDSA = SigningKey(b"k" * 32), MldsaSigningKey(b"q" * 32)
KEYS = [VerifierKey(ORIGIN, ED25519, KEY.public), VerifierKey(ORIGIN, MLDSA_COSIGNATURE, MLDSA.public)]
SIZES = (1000, 66_000, 70_001)


def intake(*arguments: str | Path, code: int = 0) -> str:
    """Run the command; what it said, in one line."""
    result: Result = CliRunner().invoke(app, [str(a) for a in arguments])
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def leaf(index: int) -> bytes:
    return LogLeaf(hashlib.sha256(b"%d" % index).digest(), bytes(32)).encode()


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log with tiles at three levels, kept at three sizes."""
    mirror = Mirror(tmp_path_factory.mktemp("big"), ORIGIN, pins=[Pin(key, "given") for key in KEYS])
    for size in SIZES:
        mirror.append([leaf(i) for i in range(mirror.size, size)])
        fresh = mirror.grown(size)
        root = mirror.tree(size, fresh).root()
        mirror.keep(checkpoints.sign(Checkpoint(ORIGIN, size, root), KEY, MLDSA, 1), fresh)
    return mirror.folder


@pytest.fixture
def bent(big: Path, tmp_path: Path) -> Path:
    """A copy to change: files are links until they are written anew."""
    for path in big.rglob("*"):
        target = tmp_path / "log" / path.relative_to(big)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, target)
    return tmp_path / "log"


def change(folder: Path, tile: Tile, at: int, data: bytes | None = None) -> None:
    """Flip one byte of a file, or put something else in its place from there on."""
    path = folder / tile.path
    old = path.read_bytes()
    new = data if data is not None else bytes([old[at] ^ 1])
    path.unlink()  # the link
    path.write_bytes(old[:at] + new + old[at + len(new) :])


def wrong(folder: Path) -> verify.WrongLog:
    with pytest.raises(verify.WrongLog) as error:
        verify.verify(FolderLog(folder), KEYS, [], 0)
    return error.value


def test_a_copy_that_grew_in_steps_is_whole_and_its_old_partial_tiles_are_gone(big: Path) -> None:
    done: list[int] = []
    kept = {size: (big / "checkpoints" / str(size)).read_bytes() for size in SIZES}
    found = verify.verify(FolderLog(big), KEYS, [], 0, lambda what, n, total: done.append(n), kept)
    assert found.checkpoint.size == 70_001 and found.signed and found.earlier == 3
    assert found.tiles == 274 + 2 + 1 and done == list(range(1, 275))
    assert len(list(big.rglob("*.p/*"))) == 4  # one bundle, and the last tile of each level


def test_the_first_wrong_entry_is_named_and_which_side_was_changed(bent: Path) -> None:
    change(bent, Tile(ENTRIES, 200), 67 * 9 + 40)
    change(bent, Tile(ENTRIES, 150), 67 * 17 + 40)
    found = wrong(bent)
    assert (found.first, found.last) == (150 * 256 + 17,) * 2 and "the entry was changed" in str(found)
    change(bent, Tile(0, 3), 32 * 5)
    found = wrong(bent)
    assert found.first == found.last == 3 * 256 + 5 and "its tile was changed" in str(found)


@pytest.mark.parametrize("name", [(0, 12), (1, 0), (ENTRIES, 77)])
def test_a_tile_that_is_missing_or_short_is_named(bent: Path, name: tuple[int, int]) -> None:
    path = bent / Tile(*name).path
    data = path.read_bytes()
    path.unlink()
    assert Tile(*name).path in str(wrong(bent))
    path.write_bytes(data[:-1])
    assert wrong(bent).first == (0 if name[0] > 0 else name[1] * 256)


def test_entries_changed_together_with_their_tile_are_named_by_the_tile_above(bent: Path) -> None:
    change(bent, Tile(ENTRIES, 20), 67 * 3 + 10)
    hashed = hashlib.sha256(
        b"\0" + (bent / Tile(ENTRIES, 20).path).read_bytes()[67 * 3 + 2 : 67 * 4]
    ).digest()
    change(bent, Tile(0, 20), 32 * 3, hashed)
    found = wrong(bent)
    assert (found.first, found.last) == (20 * 256, 20 * 256 + 255)


def test_a_wrong_hash_in_a_high_tile_is_traced_to_where_it_stands(bent: Path) -> None:
    change(bent, Tile(1, 0), 32 * 40)
    assert wrong(bent).first == 40 * 256
    change(bent, Tile(2, 0, 1), 0)
    assert wrong(bent).first == 40 * 256  # still the first thing that is wrong


def test_a_root_over_high_tiles_alone_is_compared_with_what_is_below(bent: Path) -> None:
    change(bent, Tile(2, 0, 1), 0)
    found = wrong(bent)
    assert (found.first, found.last) == (0, 65535) and "tile/1/000" in str(found)


def test_a_log_rewritten_up_to_its_root_is_bracketed_by_kept_checkpoints(big: Path, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    mirror = Mirror(folder, ORIGIN, pins=[Pin(key, "given") for key in KEYS])
    mirror.append([leaf(i if i != 66_123 else 0) for i in range(70_001)])
    fresh = mirror.grown(70_001)
    mirror.keep((big / "checkpoint").read_bytes(), fresh)
    kept = {size: (big / "checkpoints" / str(size)).read_bytes() for size in SIZES}
    with pytest.raises(verify.WrongLog) as error:
        verify.verify(FolderLog(folder), KEYS, [], 0, earlier=kept)
    assert (error.value.first, error.value.last) == (66_000, 70_000)
    with pytest.raises(verify.WrongLog, match="differ first in entry 66123"):
        verify.compare(FolderLog(big), FolderLog(folder), KEYS)


def test_a_copy_of_a_smaller_log_compares_with_a_larger_one(big: Path, tmp_path: Path) -> None:
    mirror = Mirror(tmp_path / "small", ORIGIN, pins=[Pin(key, "given") for key in KEYS])
    mirror.append([leaf(i) for i in range(66_000)])
    mirror.keep((big / "checkpoints" / "66000").read_bytes(), mirror.grown(66_000))
    assert verify.compare(FolderLog(mirror.folder), FolderLog(big), KEYS) == (66_000, 70_001)


def test_witnesses_are_counted_and_a_wrong_one_spoils_the_log(big: Path, bent: Path) -> None:
    checkpoint = Checkpoint.parse(Note.parse((big / "checkpoint").read_bytes()).text)
    witness = VerifierKey("alice", COSIGNATURE, SigningKey(b"a" * 32).public)
    with pytest.raises(CryptoError, match="too few witnesses"):
        verify.verify(FolderLog(big), KEYS, [witness], 1)
    note = Note.parse((big / "checkpoint").read_bytes())
    line = checkpoints.cosign(checkpoint, "alice", SigningKey(b"a" * 32), 5)
    (bent / "checkpoint").unlink()
    (bent / "checkpoint").write_bytes(note.with_signature(line).encode())
    signed = verify.verify(FolderLog(bent), KEYS, [witness], 1).signed
    assert signed and len(signed.witnesses) == 1
    other = checkpoints.cosign(Checkpoint(ORIGIN, 1, b"x" * 32), "alice", SigningKey(b"a" * 32), 5)
    (bent / "checkpoint").write_bytes(note.with_signature(other).encode())
    with pytest.raises(CryptoError, match="does not hold"):
        verify.verify(FolderLog(bent), KEYS, [witness], 0)


def test_a_mirror_verifies_offline_after_the_service_is_gone(service: Service, tmp_path: Path) -> None:
    out, record = tmp_path / "out", send(service, "t")
    publish(service)
    service.pull(out)
    service.http.close()
    keys = out / "log" / "records" / "keys.txt"
    shown = intake("verify", "log", out / "log" / "records")
    assert "32 entries" in shown and "keys.txt" in shown
    public = json.loads((service.mechanism.keys / "demo-puller.public.json").read_text())["witness"]
    assert "Cosigned by 1 of the 1" in intake(
        "verify",
        "log",
        out / "log" / "access",
        "--key",
        out / "log" / "access" / "keys.txt",
        "--witness",
        public,
    )
    log_json = out / "records" / record / "log.json"
    assert f"that record {record} was received for the mechanism demo" in intake(
        "verify", "proof", log_json, "--key", keys, "--record", record
    )
    keys.unlink()
    assert "Nothing was authenticated" in intake("verify", "log", out / "log" / "records", code=3)


def test_the_service_itself_is_verified_and_a_changed_row_is_found(service: Service, tmp_path: Path) -> None:
    out, where = tmp_path / "out", f"{service.url}/log/demo/records"
    index = index_of(service, send(service, "t"))
    publish(service)
    service.pull(out)
    key: list[str | Path] = ["--key", out / "log" / "records" / "keys.txt"]
    folder = out / "log" / "records"
    assert "are the same as in" in intake("verify", "log", where, *key, "--against", folder)
    rewrite(service, index, **padding_entry())
    assert "were changed together" in intake("verify", "log", where, *key, code=2)
    sign_anyway(service)
    intake("verify", "log", where, *key)  # alone it is whole: only others' memory convicts it
    shown = intake("verify", "log", where, *key, "--against", folder, code=2)
    assert f"differ first in entry {index}." in shown
    shown = intake("verify", "log", where, *key, "--against", folder / "checkpoint", code=2)
    assert "they differ at size 32" in shown
    assert "no log at" in intake("verify", "log", f"{service.url}/log/demo/nothing", *key, code=1)
    access: list[str | Path] = ["--key", out / "log" / "access" / "keys.txt"]
    assert "none of the keys is one of" in intake("verify", "log", where, *access, code=2)


# --- proofs ---


def proof(tmp_path: Path, change: Callable[[dict[str, str]], object] = lambda values: None) -> bytes:
    """A log proof of a record's arrival, made as the service makes it."""
    values = {"event": "record.added", "mechanism": "demo", "day": "2026-11-05", "record": "ab" * 32}
    change(values)
    opening = Opening.salted(values, lambda n: b"s" * n)
    entry = LogLeaf(bytes(32), opening.commitment()).encode()
    mirror = Mirror(tmp_path, ORIGIN, pins=[Pin(key, "given") for key in KEYS])
    mirror.append([leaf(0), leaf(1), entry, leaf(3), leaf(4)])
    tree = mirror.tree(5, mirror.grown(5))
    note = checkpoints.sign(Checkpoint(ORIGIN, 5, tree.root()), KEY, MLDSA, 1)
    extra = canonical_json({"leaf": b64u_encode(entry), "opening": opening.encode().decode()})
    return LogProof(2, inclusion_proof(2, 5, tree.subtree), note, extra).encode()


def test_a_proof_says_what_it_proves_and_every_flipped_byte_spoils_it(tmp_path: Path) -> None:
    data = proof(tmp_path)
    found = proofs.check_proof(data, KEYS, "ab" * 32)
    assert (found.mechanism, found.day, found.record, found.size) == ("demo", "2026-11-05", "ab" * 32, 5)
    assert found.signed
    for at in range(len(data)):
        flipped = data[:at] + bytes([data[at] ^ 1 << (0, 5)[at % 2]]) + data[at + 1 :]
        with pytest.raises(CryptoError):
            proofs.check_proof(flipped, KEYS)


@pytest.mark.parametrize(
    ("bend", "sentence"),
    [
        (lambda v: v.update(event="record.erased"), "not of a record that was received"),
        (lambda v: v.update(mechanism="other"), "another mechanism"),
        (lambda v: v.update(record="ef" * 32), "of another record"),
        (lambda v: v.pop("day"), "not of the expected form"),
    ],
)
def test_a_proof_of_something_else_proves_nothing(
    tmp_path: Path, bend: Callable[[dict[str, str]], object], sentence: str
) -> None:
    with pytest.raises(CryptoError, match=sentence):
        proofs.check_proof(proof(tmp_path, bend), KEYS, "ab" * 32)


def test_a_proof_without_keys_authenticates_nothing_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "notes-1.txt"
    path.write_bytes(proof(tmp_path))
    shown = intake("verify", "proof", path, code=3)
    assert f"those of {ORIGIN}" in shown and "Nothing was authenticated" in shown
    shown = intake("verify", "proof", path, "--key", KEYS[0].text, "--key", KEYS[1].text)
    assert "This proves that the log" in shown and "does not prove what the record says" in shown
    assert "this proves nothing" in intake(
        "verify", "proof", path, "--key", KEYS[0].text, "--record", "0", code=2
    )
    assert "neither a verifier key" in intake("verify", "proof", path, "--key", "nothing", code=1)
    path.write_text(json.dumps({"proof": None}))
    assert "pull again" in intake("verify", "proof", path, code=2)


def test_a_client_file_and_its_public_half_hold_a_witness_key(tmp_path: Path) -> None:
    intake("client", "new", "puller", "--out", tmp_path)
    key = pull.load_client(tmp_path / "puller.client.json")
    public = VerifierKey.parse(json.loads((tmp_path / "puller.public.json").read_text())["witness"])
    assert key.witness and public == VerifierKey(key.signer, COSIGNATURE, key.witness.public)
    assert re.fullmatch(r"reader-[0-9a-f]{8}", key.signer)  # public: it says nothing of who reads
    assert "witness" not in repr(key) and (tmp_path / "puller.client.json").stat().st_mode & 0o077 == 0


def test_checked_names_the_log_of_accesses_too(service: Service, tmp_path: Path) -> None:
    service.pull(tmp_path / "out")
    assert checked(tmp_path / "out", Log.ACCESS).checkpoint.origin.endswith("/demo/access")
