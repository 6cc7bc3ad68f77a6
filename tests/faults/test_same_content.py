"""The same photo by sixteen programs at once: all get through, and after the merge it is there once."""

import threading
from pathlib import Path

from sqlalchemy import func, select

from intake.db.tables.submissions import parts, payloads
from tests.faults.ground import check_readable, check_whole
from tests.service import Service, on_every_backend_in_time, prepared

PEOPLE = 16


@on_every_backend_in_time
def test_sixteen_sealed_submissions_of_one_photo_at_once_share_it_after_the_merge(
    service: Service, tmp_path: Path, photo: bytes
) -> None:
    sent: list[str] = []

    def send(number: int) -> None:
        testimony = prepared(tmp_path / "sent" / str(number), {"a.jpg": photo})
        sent.append(service.submit(testimony)[1].record)

    people = [threading.Thread(target=send, args=(number,)) for number in range(PEOPLE)]
    for person in people:
        person.start()
    for person in people:
        person.join(120)

    assert len(set(sent)) == PEOPLE
    check_whole(service)
    report = service.installation.payloads.maintain(merge_now=True)
    assert report.merged == PEOPLE - 1
    with service.installation.database.read() as connection:
        media = select(parts.c.blob).where(parts.c.kind == "medium")
        assert connection.execute(select(func.count(media.subquery().c.blob.distinct()))).scalar_one() == 1
        rows = connection.execute(select(func.count()).select_from(payloads)).scalar_one()
    assert rows == len(list(service.installation.store.names()))
    check_whole(service)
    assert check_readable(service) == set(sent)
