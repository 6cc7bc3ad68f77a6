"""The floors: what the same bytes cost a plain script. `python -m bench.floors KIND FOLDER LENGTH FILE…`

Each is a process of its own, and counts from its first byte to its last, without Python's start:

    sealed   SHA-256, write, fdatasync: the least that an upload can cost
    form     content digest, SHA-256, ChaCha20-Poly1305 twice (for spool and seal), write, fdatasync
    formats  all that the wire format and an encrypted spool ask for, on the way in and out of it
"""

import hashlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from io import FileIO
from pathlib import Path

from bench.wire import Slice
from crypto.content_key import ContentDigest
from crypto.primitives import TAG_SIZE, ChaCha, SpoolCipher

BLOCK = 256 * 1024


def measure(kind: str, folder: Path, files: Sequence[Slice]) -> tuple[float, float]:
    """Run a floor in a process of its own: (CPU seconds, seconds)."""
    command = [sys.executable, "-m", "bench.floors", kind, str(folder), str(files[0].length)]
    found = json.loads(subprocess.check_output([*command, *(str(f.path) for f in files)]))
    return found["cpu"], found["wall"]


def sealed(source: Iterator[bytes], out: int) -> None:
    """Hash, write."""
    digest = hashlib.sha256()
    for block in source:
        digest.update(block)
        os.write(out, block)
    digest.hexdigest()


def form(source: Iterator[bytes], out: int) -> None:
    """Digest, hash, encipher twice, write."""
    content, digest = ContentDigest(), hashlib.sha256()
    first, second = ChaCha(secrets.token_bytes(32)), ChaCha(secrets.token_bytes(32))
    once, twice = bytearray(BLOCK + TAG_SIZE), bytearray(BLOCK + TAG_SIZE)
    for number, block in enumerate(source):
        nonce, length = number.to_bytes(12, "big"), len(block) + TAG_SIZE
        content.update(block)
        digest.update(block)
        first.encrypt_into(nonce, block, memoryview(once)[:length])
        second.encrypt_into(nonce, block, memoryview(twice)[:length])
        os.write(out, memoryview(twice)[:length])
    content.finish()


def formats(source: Iterator[bytes], out: int) -> None:
    """Digest into an encrypted spool; out of it hash, seal, hash what was sealed, write."""
    content, plain, payload = ContentDigest(), hashlib.sha256(), hashlib.sha256()
    spool, seal = SpoolCipher(secrets.token_bytes(32)), ChaCha(secrets.token_bytes(32))
    plain_block, sealed_block = memoryview(bytearray(BLOCK)), memoryview(bytearray(BLOCK + TAG_SIZE))
    with tempfile.TemporaryFile(dir=Path(f"/proc/self/fd/{out}").resolve().parent) as between:
        blocks = 0
        for blocks, block in enumerate(source, start=1):
            content.update(block)
            target = sealed_block[: len(block) + TAG_SIZE]
            spool.encrypt_into(blocks - 1, memoryview(block), target)
            os.write(between.fileno(), target)
        content.finish()
        os.lseek(between.fileno(), 0, os.SEEK_SET)
        for number in range(blocks):
            target = sealed_block[: os.readv(between.fileno(), [sealed_block])]
            opened = plain_block[: len(target) - TAG_SIZE]
            spool.decrypt_into(number, target, opened)
            plain.update(opened)
            seal.encrypt_into(number.to_bytes(12, "big"), opened, target)
            payload.update(target)
            os.write(out, target)


FLOORS: dict[str, Callable[[Iterator[bytes], int], None]] = {
    "sealed": sealed,
    "form": form,
    "formats": formats,
}


def main(kind: str, folder: str, length: str, *files: str) -> None:
    """Run one floor over files, one after another; print what it took as JSON."""
    wall, cpu = time.perf_counter(), time.process_time()
    for name in files:
        target = Path(folder, f"floor-{secrets.token_hex(4)}")
        out = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with open(name, "rb", buffering=0) as file:
            FLOORS[kind](_blocks(file, int(length)), out)
        os.fdatasync(out)
        os.close(out)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    for leftover in Path(folder).glob("floor-*"):
        leftover.unlink()
    print(json.dumps({"cpu": cpu, "wall": wall}))


def _blocks(file: FileIO, left: int) -> Iterator[bytes]:
    while left > 0 and (block := file.read(min(BLOCK, left))):
        left -= len(block)
        yield block


if __name__ == "__main__":
    main(*sys.argv[1:])
