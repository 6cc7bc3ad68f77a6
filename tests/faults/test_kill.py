"""Servers are killed, without warning, again and again: what was acknowledged is there afterwards."""

import threading
import time
from pathlib import Path

import pytest

from intake.settings import MIB
from tests.faults.ground import Ground, People, count, grounds, on_killable_back_ends
from tests.service import Mechanism, prepared, video
from tests.soak import rounds


@pytest.mark.slow
def test_client_finishes_a_long_upload_across_kills(ground: Ground, tmp_path: Path) -> None:
    service, server = ground.service, ground.server
    clip = video(160 * MIB)
    folder = prepared(tmp_path / "t", {"long.mp4": clip}, origin="self")
    sent: list[str] = []
    sender = threading.Thread(target=lambda: sent.append(service.submit(folder)[1].record), daemon=True)
    sender.start()
    kills = 0
    stages = ground.data / "store" / "stages"
    while sender.is_alive() and kills < 3:
        time.sleep(0.01)
        arrived = sum(p.stat().st_size for p in stages.iterdir()) if sender.is_alive() else 0
        if arrived > (kills + 1) * 36 * MIB:
            server.kill()
            kills += 1
            server.start()
    sender.join(120)
    assert kills >= 2 and len(sent) == 1
    assert service.pull(tmp_path / "pulled").records == sent
    (opened,) = service.open(tmp_path / "pulled", tmp_path / "opened")
    assert opened.problems == {}
    assert (tmp_path / "opened" / sent[0] / "media" / "long.mp4").read_bytes() == clip


@pytest.mark.soak
@on_killable_back_ends
def test_every_acknowledged_testimony_is_there_after_the_server_was_killed(
    ground: Ground, photo: bytes
) -> None:
    with People(ground.service, photo) as people:
        for turn in range(rounds(3, 40)):
            people.wait_for(2)
            time.sleep(turn % 5 * 0.03)
            ground.server.kill()
            ground.server.start()
        people.wait_for(1)
    assert set(people.statuses) == {200}
    people.check()
    ground.service.installation.payloads.maintain(merge_now=True)
    people.check()


@pytest.mark.slow
def test_service_goes_on_by_itself_after_its_database_and_its_store_were_killed(
    tmp_path: Path, demo: Mechanism, photo: bytes
) -> None:
    with grounds(tmp_path, demo, "postgresql+s3", own=True) as ground:
        assert ground.database and ground.bucket
        with People(ground.service, photo) as people:
            for turn in range(rounds(2, 40)):
                people.wait_for(2)
                for part in (ground.database, ground.bucket):
                    time.sleep(turn % 5 * 0.05)
                    part.kill()
                    part.start()
                    people.wait_for(2, 90)  # the same process of the service
            assert not ground.server.died()
        people.check()
        assert count(ground.service) >= people.acknowledged
