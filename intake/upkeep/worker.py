"""What runs by itself: merging, sweeping, expiring, destroying closed OPRF keys."""

import asyncio
import logging

from intake import logs
from intake.installation import Installation
from intake.people import clients
from intake.submissions.payloads import Report

_MAINTENANCE, _PUBLISHING = 1, 2  # tasks that one worker at a time does
_SWEEP = 8  # of 256 folders in each round: at the default pace, most within a day


def maintain(found: Installation, *, merge_now: bool = False, sweep: int = _SWEEP) -> Report | None:
    """One round, in the caller's thread. Of several workers one does what is everybody's.

    None if another worker is at it.
    """
    found.store.forget_times()
    found.access.count_refusals()
    with found.database.alone(_MAINTENANCE) as mine:
        if not mine:
            return None
        report = found.payloads.maintain(merge_now=merge_now, sweep=sweep)
        found.oprf.destroy_closed()
        with found.database.write() as connection:
            clients.expire(connection)
    return report


def publish(found: Installation) -> int | None:
    """Sign what is due, in the caller's thread; None if another worker is at it."""
    with found.database.alone(_PUBLISHING) as mine:
        return found.publisher.publish_due() if mine else None


async def first_checkpoints(found: Installation) -> None:
    """At start-up: compare the logs with what was signed last, and sign what is due."""
    try:
        for _ in await asyncio.to_thread(found.publisher.compare_all):
            logs.event("log_inconsistent", logging.ERROR)
        await asyncio.to_thread(publish, found)
    except Exception as error:
        logs.event("publishing_failed", logging.ERROR, error=error)


async def run(found: Installation) -> None:
    """Both kinds of rounds, until cancelled."""
    await asyncio.gather(_maintaining(found), _publishing(found))


async def _publishing(found: Installation) -> None:
    """Looks every few seconds whether a period has begun: checkpoints come at fixed times."""
    while True:
        await asyncio.sleep(5)
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
