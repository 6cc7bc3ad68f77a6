"""With the sequencer of its own (PostgreSQL), everything is as without it: nothing missing, nothing twice."""

import threading
from pathlib import Path

import httpx

from crypto.receipt import Receipt
from intake.audit.events import Log
from intake.upkeep.check import check
from tests.postgres import postgres
from tests.service import Mechanism, digits, form_fields, new_receipt, prepared, running


def test_burst_and_pulls_with_the_sequencer_lose_and_repeat_nothing(
    tmp_path: Path, demo: Mechanism, photo: bytes
) -> None:
    with postgres() as url, running(tmp_path, demo, database_url=url, log_sequencer=True) as service:
        receipts: list[Receipt] = [new_receipt() for _ in range(16)]
        statuses: list[int] = []

        def send(receipt: Receipt) -> None:
            fields = form_fields(receipt, ("received", "a.jpg", photo))
            files = [(name, v if isinstance(v, tuple) else (None, v)) for name, v in fields]
            statuses.append(httpx.post(f"{service.url}/be/submit", files=files, timeout=60).status_code)

        people = [threading.Thread(target=send, args=(receipt,)) for receipt in receipts]
        for person in people:
            person.start()
        early = service.pull(tmp_path / "pulled").records  # while they come in
        for person in people:
            person.join()
        assert statuses == [200] * 16
        _, sent = service.submit(prepared(tmp_path / "t", {}))
        late = service.pull(tmp_path / "pulled").records
        assert len(set(early + late)) == len(early + late) == 17 and sent.record in late
        for kind in Log:
            assert service.installation.publisher.publish("demo", kind, now=True)
        assert len(service.pull(tmp_path / "other", purpose="sanctions").records) == 0
        page = service.http.post(f"{service.url}/be/return", data={"receipt": digits(receipts[0])})
        assert (page.status_code == 200 and "Mechanism demo" in page.text) or "Механізм demo" in page.text
        found = service.installation
        assert list(check(service.owner, found.store, found.log_keys, read_data=True)) == []
