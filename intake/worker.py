"""What runs by itself: merging, sweeping, expiring, destroying closed OPRF keys."""

import asyncio
import logging

from intake import logs
from intake.installation import Installation
from intake.people import clients
from intake.submissions.payloads import Report


def maintain(found: Installation, *, merge_now: bool = False) -> Report:
    """One round, in the caller's thread."""
    report = found.payloads.maintain(merge_now=merge_now)
    found.oprf.destroy_closed()
    found.access.count_refusals()
    with found.database.write() as connection:
        clients.expire(connection)
    return report


async def run(found: Installation) -> None:
    """Rounds until cancelled. A round that fails is noted, and tried again in the next."""
    while True:
        await asyncio.sleep(found.settings.maintain_minutes * 60)
        try:
            report = await asyncio.to_thread(maintain, found)
        except Exception as error:
            logs.event("maintenance_failed", logging.ERROR, error=error)
        else:
            logs.event("maintained", merged=report.merged, expired=report.expired, swept=report.swept)
