"""How large a run is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes and numbers of everything; see `FULL` and `QUICK`."""

    rounds: int  # of each large measurement, for a median
    large_mib: int  # each of eight large files
    clients: tuple[int, ...]  # of small submissions, at once
    workers: tuple[int, ...]  # server processes on PostgreSQL
    seconds: float  # each measurement of small submissions, at most
    sealed_jobs: int  # submissions sealed beforehand for each of them
    repeats: int  # of one 10 MiB submission
    at_once: tuple[int, ...]  # uploads, when memory is measured
    memory_mib: int  # each of those
    records: tuple[int, int]  # before and after growth
    media: int  # in each record
    samples: int  # of each small operation
    leaves: int  # of a large log
    browser_mib: int  # a video that a browser seals


FULL = Scale(
    rounds=3,
    large_mib=256,
    clients=(1, 16, 64),
    workers=(1, 2, 4),
    seconds=3,
    sealed_jobs=400,
    repeats=20,
    at_once=(1, 8, 32),
    memory_mib=64,
    records=(1_000, 50_000),
    media=10,
    samples=60,
    leaves=1_000_000,
    browser_mib=2048,
)
QUICK = Scale(
    rounds=1,
    large_mib=40,
    clients=(1, 16),
    workers=(2,),
    seconds=1,
    sealed_jobs=80,
    repeats=3,
    at_once=(1, 8),
    memory_mib=8,
    records=(200, 1_000),
    media=10,
    samples=15,
    leaves=20_000,
    browser_mib=300,
)
