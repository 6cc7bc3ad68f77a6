"""Memory is flat in the size of a file, by both ways in and on the way out."""

import threading
from pathlib import Path
from typing import IO, cast

import httpx
import pytest

from intake.settings import MIB
from tests.faults.ground import Ground, grounds, memory_mib
from tests.service import Mechanism, form_fields, new_receipt, prepared, video
from tests.soak import rounds

SMALL, LARGE = 32, rounds(160, 512)  # MiB


class Clip:
    """A file for the form that is not held in memory by the one who sends it."""

    def __init__(self, size: int) -> None:
        self._head = video(MIB)
        self._left = size

    def read(self, length: int = -1) -> bytes:
        length = min(length if length >= 0 else self._left, self._left, MIB)
        self._left -= length
        return self._head[:length]


def peak(ground: Ground) -> float:
    return memory_mib(ground.server.pid, "VmHWM")


@pytest.mark.soak
@pytest.mark.parametrize(
    ("origin", "back_end"),
    [
        ("self", "sqlite"),
        ("received", "sqlite"),
        pytest.param("received", "sqlite+s3", marks=pytest.mark.slow),
    ],
)
def test_form_with_a_large_file_takes_no_more_memory_than_one_with_a_smaller(
    tmp_path: Path, demo: Mechanism, origin: str, back_end: str
) -> None:
    with grounds(tmp_path, demo, back_end) as ground:
        peaks = []
        for size in (SMALL, LARGE):
            fields = form_fields(new_receipt(), (origin, "a.mp4", b""))
            files = [(name, (None, v)) for name, v in fields if not isinstance(v, tuple)]
            clip = ("media:1", ("a.mp4", cast("IO[bytes]", Clip(size * MIB)), "video/mp4"))
            answer = httpx.post(f"{ground.service.url}/be/submit", files=[*files, clip], timeout=120)
            assert answer.status_code == 200
            peaks.append(peak(ground))
        assert peaks[1] - peaks[0] < 48, peaks


@pytest.mark.soak
@pytest.mark.parametrize("back_end", ["sqlite", pytest.param("sqlite+s3", marks=pytest.mark.slow)])
def test_large_upload_and_pull_take_no_more_memory_than_smaller_ones(
    tmp_path: Path, demo: Mechanism, back_end: str
) -> None:
    with grounds(tmp_path, demo, back_end) as ground:
        peaks = []
        for size in (SMALL, LARGE):
            testimony = prepared(tmp_path / str(size), {"a.mp4": video(size * MIB)}, origin="self")
            ground.service.submit(testimony)
            ground.service.pull(tmp_path / "pulled")
            peaks.append(peak(ground))
        assert peaks[1] - peaks[0] < 48, peaks


def test_many_who_send_at_once_take_a_bounded_amount_of_memory(ground: Ground) -> None:
    clip = video(6 * MIB)
    before = peak(ground)

    def person() -> None:
        fields = form_fields(new_receipt(), ("received", "a.mp4", clip))
        files = [(name, v if isinstance(v, tuple) else (None, v)) for name, v in fields]
        assert httpx.post(f"{ground.service.url}/be/submit", files=files, timeout=120).status_code == 200

    people = [threading.Thread(target=person) for _ in range(32)]
    for one in people:
        one.start()
    for one in people:
        one.join(120)
    assert peak(ground) - before < 320  # MiB: 4 of each file, its sealed pieces, Argon2 for two
