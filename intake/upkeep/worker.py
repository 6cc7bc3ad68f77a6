"""What runs by itself: deleting what people asked for, merging, sweeping, expiring, destroying OPRF keys,
looking whether the logs' old entries are what they were."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from intake import logs
from intake.audit import announced
from intake.audit.events import Event
from intake.installation import Installation
from intake.people import budgets, clients, enrolment, invitations, leaving, passkeys, sessions
from intake.reviewing import approvals, rights
from intake.submissions import drafts
from intake.submissions.payloads import Report

_MAINTENANCE, _PUBLISHING, _OUTSIDE = 1, 2, 3  # tasks that one worker at a time does
PUBLISH_LOOK_SECONDS = 5
OUTSIDE_SECONDS = 30
FIRST_SECONDS = 60  # for witnesses, all together, before the first signature after a start
_TILES = 64  # of 256 entries, of each log and in each round: a million entries within a day
_SWEEP = 8  # of 256 folders in each round: at the default pace, most within a day


def maintain(found: Installation, *, merge_now: bool = False, whole: bool = False) -> Report | None:
    """One round, in the caller's thread. Of several workers one does what is everybody's.

    `whole`: all blobs and all entries of logs are looked at, and not only some.

    None if another worker is at it. A step that fails keeps no other from being done; the first failure is
    raised at the end.
    """
    failed = _each([found.store.forget_times, found.access.count_refusals])
    with found.database.alone(_MAINTENANCE) as mine:
        reports: list[Report] = []
        if mine:
            failed += _each(
                [
                    found.deletion.complete_due,  # first: what it lets go of is swept in the same round
                    found.restorations.complete_due,
                    lambda: reports.append(
                        found.payloads.maintain(merge_now=merge_now, sweep=256 if whole else _SWEEP)
                    ),
                    found.oprf.destroy_closed,
                    lambda: _compare_entries(found, whole=whole),
                    lambda: _expire(found),
                ]
            )
    for error in failed[1:]:
        logs.event("maintenance_failed", logging.ERROR, error=error)
    if failed:
        raise failed[0]
    return reports[0] if reports else None


def _each(steps: Sequence[Callable[[], object]]) -> list[Exception]:
    """Do every step; what went wrong."""
    failed: list[Exception] = []
    for step in steps:
        try:
            step()
        except Exception as error:
            failed.append(error)
    return failed


def _expire(found: Installation) -> None:
    with found.database.write() as connection:
        clients.expire(connection)
        budgets.expire(connection)
        rights.expire(connection)
        sessions.expire(connection)
        passkeys.expire(connection)
        invitations.expire(connection)
        enrolment.expire(connection)
        leaving.expire(connection)
        approvals.expire(connection)
        drafts.expire(connection)


def _compare_entries(found: Installation, *, whole: bool) -> None:
    """Some old entries against their tiles; a log that is not what it was is signed no more."""
    for mechanism, kind, what in found.walk.go_on(None if whole else _TILES):
        logs.event("log_inconsistent", logging.ERROR)
        found.publisher.stop(mechanism, kind, what)


def publish(found: Installation) -> int | None:
    """Sign what is due, in the caller's thread; None if another worker is at it."""
    with found.database.alone(_PUBLISHING) as mine:
        return found.publisher.publish_due() if mine else None


async def announce(found: Installation, served: dict[Event, str]) -> None:
    """At start-up: let every records log say what browsers are given (the hashes of manifests)."""

    def work() -> None:
        with found.database.write() as connection:
            for event, program in served.items():
                announced.serve(connection, event, program)

    try:
        await asyncio.to_thread(work)
    except Exception as error:
        logs.event("program_not_announced", logging.ERROR, error=error)


async def first_checkpoints(found: Installation) -> None:
    """At start-up: compare the logs with what was signed last, and sign what is due.

    With witnesses the first signature waits, in the background, until they were asked what they have
    seen, a minute at most: a machine restored from a backup has no memory of its own.
    """
    try:
        for _ in await asyncio.to_thread(found.publisher.compare_all):
            logs.event("log_inconsistent", logging.ERROR)
        if not await asyncio.to_thread(found.witnesses.any):
            await asyncio.to_thread(publish, found)
    except Exception as error:
        logs.event("publishing_failed", logging.ERROR, error=error)


async def run(found: Installation) -> None:
    """All kinds of rounds, until cancelled."""
    await asyncio.gather(_maintaining(found), _publishing(found), _asking_outside(found))


def ask_outside(found: Installation) -> None:
    """Show new checkpoints to witnesses, and one a day to timestamp authorities."""
    with found.database.alone(_OUTSIDE) as mine:
        if mine:
            found.witnesses.submit_due()
            found.timestamps.request_due()


def ask_first(found: Installation, until: float) -> None:
    """Hear from witnesses what they have seen, one worker after another; not begun after `until`."""
    while time.monotonic() < until:
        with found.database.alone(_OUTSIDE) as mine:
            if mine:
                found.witnesses.submit_due(everything=True)
                return
        time.sleep(1)


async def _asking_outside(found: Installation) -> None:
    """Apart from publishing, which after the start never waits for others' servers."""
    while True:
        await asyncio.sleep(OUTSIDE_SECONDS)
        try:
            await asyncio.to_thread(ask_outside, found)
        except Exception as error:
            logs.event("asking_outside_failed", logging.ERROR, error=error)


async def _publishing(found: Installation) -> None:
    """Looks every few seconds whether a period has begun: checkpoints come at fixed times."""
    try:
        until = time.monotonic() + FIRST_SECONDS
        await asyncio.wait_for(asyncio.to_thread(ask_first, found, until), FIRST_SECONDS)
    except TimeoutError:
        logs.event("witnesses_not_waited_for", logging.WARNING)
    except Exception as error:
        logs.event("asking_outside_failed", logging.ERROR, error=error)
    while True:
        await asyncio.sleep(PUBLISH_LOOK_SECONDS)
        try:
            await asyncio.to_thread(publish, found)
        except Exception as error:
            logs.event("publishing_failed", logging.ERROR, error=error)


async def _maintaining(found: Installation) -> None:
    """A round that fails is noted, and tried again in the next."""
    while True:
        await asyncio.sleep(found.settings.maintain_minutes * 60)
        try:
            report = await asyncio.to_thread(maintain, found)
        except Exception as error:
            logs.event("maintenance_failed", logging.ERROR, error=error)
        else:
            if report:
                logs.event("maintained", merged=report.merged, expired=report.expired, swept=report.swept)
