"""Row `growth`: the same operations on a small installation, and on the same one grown large."""

import os
import random
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from bench import population
from bench.report import Line
from bench.stand import Stand, serving
from intake.client import api, pull
from intake.db.engine import Database
from intake.installation import Installation
from intake.upkeep import worker
from tests.postgres import owners
from tests.service import PURPOSE

PAGE = 100
DUE = 40  # records of which a part waits for its merge in each round
ROUNDS = 3

# What an operator runs on a whole installation, in this process. Whatever else reads all of it belongs here.
WHOLE: dict[str, Callable[[Installation], object]] = {"one maintenance round": worker.maintain}


@dataclass
class Place:
    """An installation that grows; `found` holds, by operation, its median times at each size."""

    title: str
    installation: Installation
    owner: Database  # with the rights to make rows up
    found: dict[str, list[float]] = field(default_factory=dict)
    sizes: list[float] = field(default_factory=list)

    def note(self, operation: str, seconds: list[float]) -> None:
        """Keep the median."""
        self.found.setdefault(operation, []).append(statistics.median(seconds))


def growth(stand: Stand) -> Iterator[Line]:
    """Both databases grow side by side over one folder of blobs."""
    copied = population.pattern(stand.mechanism, stand.scale.media)
    with stand.data() as (settings, sqlite), stand.data("postgresql") as (others, postgresql):
        store = settings.data_dir / "store"
        shutil.rmtree(others.data_dir / "store")
        os.symlink(store.absolute(), others.data_dir / "store")
        places = [
            Place(title, found, Database(owners(found.settings.database)).unguarded())
            for title, found in (("SQLite", sqlite), ("PostgreSQL", postgresql))
        ]
        before = 0
        for count in stand.scale.records:
            fresh = range(before, count)
            # Not the newest, whose payloads are merged below: the other place would miss their files.
            filled = random.Random(count).sample(fresh[:-DUE], stand.scale.samples)
            population.blobs(store / "blobs", copied, fresh, filled)
            for place in places:
                _grow(stand, place, copied, fresh)
                _measure(stand, place, count, filled)
            before = count
        for place in places:
            place.owner.close()
            yield from _lines(stand, place)


def _grow(stand: Stand, place: Place, copied: population.Pattern, fresh: range) -> None:
    database = place.owner
    population.grow(database, stand.mechanism.id, copied, fresh.start, fresh.stop)
    population.analyze(database)
    place.sizes.append(population.size(database) / fresh.stop)


def _measure(stand: Stand, place: Place, count: int, filled: list[int]) -> None:
    """Everything at one size."""
    found = place.installation
    starts = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        with serving(found.settings):
            starts.append(time.perf_counter() - started)
    place.note("start of the application", starts)
    with serving(found.settings):
        _read(stand, place, count, filled)
    for operation, work in WHOLE.items():
        times = []
        for turn in range(ROUNDS + 1):  # the first after a start also touches every new file
            population.make_due(place.owner, range(count - DUE, count), turn)
            started = time.perf_counter()
            work(found)
            times.append(time.perf_counter() - started)
        place.note(f"{operation}, the first", times[:1])
        place.note(operation, times[1:])


def _read(stand: Stand, place: Place, count: int, filled: list[int]) -> None:
    """What a mechanism's program does, over HTTP, with its tokens and proofs."""
    key = pull.load_client(stand.mechanism.client_file)
    with api.api(place.installation.settings.public_url, patience=10) as connection:
        feed = pull.FeedClient(connection, key, PURPOSE)
        feed.events(count)  # a token, and every code path once
        lists, records, parts = [], [], []
        target = stand.folder / "pulled"
        for number in filled:
            start = random.randrange(max(1, count - PAGE))
            lists.append(_timed(partial(feed._get, f"/feed/v1/events?start={start}&limit={PAGE}")))
            record = population.name("record", number)
            opened = feed.record(record)
            records.append(_timed(partial(feed.record, record)))
            part = max(opened["parts"], key=lambda p: int(p["size"]))
            parts.append(_timed(partial(feed.download, record, part["id"], int(part["size"]), target)))
        target.unlink()
    place.note(f"list, page of {PAGE}", lists)
    place.note("open one record", records)
    place.note(f"pull a part of {population.MEDIUM_BYTES // 1000} kB", parts)


def _lines(stand: Stand, place: Place) -> Iterator[Line]:
    small, large = stand.scale.records
    media = large * stand.scale.media
    for operation, (first, last) in place.found.items():
        what = f"{operation}; {place.title}, {large} records, {media} media"
        yield Line("growth", what, _shown(last), f"{_shown(first)} with {small} records", last / first)
    first, last = place.sizes
    what = f"bytes of the database for each record; {place.title}"
    yield Line("growth", what, f"{last:.0f}", f"{first:.0f} with {small} records", last / first)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _shown(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.1f} ms"
