"""The form's spool: what was written comes back, in any pieces; on the disk it is never in clear."""

import os
from pathlib import Path

import pytest

from crypto.errors import VerifyError
from intake.submissions.spool import BLOCK, SEALED, Spool


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 7])
@pytest.mark.parametrize("step", [BLOCK // 3, BLOCK, 2 * BLOCK + 5])
def test_what_was_written_is_read(tmp_path: Path, size: int, step: int) -> None:
    data = os.urandom(size)
    spool = Spool(tmp_path)
    for start in range(0, size, step):
        spool.write(data[start : start + step])
    assert b"".join(bytes(block) for block in spool.read()) == data
    spool.close()


def test_equal_blocks_lie_on_the_disk_as_different_bytes(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write(bytes(4 * BLOCK))
    raw = os.pread(spool._descriptor, 4 * SEALED, 0)
    assert len(raw) == 4 * SEALED
    assert len({raw[i : i + SEALED] for i in range(0, len(raw), SEALED)}) == 4
    assert bytes(64) not in raw
    spool.close()


@pytest.mark.parametrize("attack", ["changed", "swapped", "cut"])
def test_an_altered_spool_is_refused(tmp_path: Path, attack: str) -> None:
    spool = Spool(tmp_path)
    spool.write(os.urandom(2 * BLOCK))
    first, second = (os.pread(spool._descriptor, SEALED, i * SEALED) for i in range(2))
    if attack == "changed":
        os.pwrite(spool._descriptor, bytes([first[9] ^ 1]), 9)
    elif attack == "swapped":
        os.pwrite(spool._descriptor, second + first, 0)
    else:
        os.ftruncate(spool._descriptor, 2 * SEALED - 1)
    with pytest.raises(VerifyError):
        for _ in spool.read():
            pass
    spool.close()
