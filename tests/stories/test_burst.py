"""A mass event: a hundred people send the same photo at once."""

import threading
from collections import Counter

import httpx

from tests.service import Service, digits, form_fields, new_receipt, on_every_backend_in_time

pytestmark = on_every_backend_in_time
PEOPLE = 100


def test_a_hundred_people_at_once_all_get_through_and_the_photo_is_stored_once(
    service: Service, photo: bytes
) -> None:
    receipts = [new_receipt() for _ in range(PEOPLE)]
    statuses: Counter[int] = Counter()

    def send(number: int) -> None:
        fields = form_fields(receipts[number], ("received", "a.jpg", photo))
        files = [(name, v if isinstance(v, tuple) else (None, v)) for name, v in fields]
        statuses[httpx.post(f"{service.url}/be/submit", files=files, timeout=120).status_code] += 1

    people = [threading.Thread(target=send, args=(number,)) for number in range(PEOPLE)]
    for person in people:
        person.start()
    for person in people:
        person.join()

    assert statuses == {200: PEOPLE}
    report = service.installation.payloads.maintain(merge_now=True)
    assert report.merged == PEOPLE - 1
    for receipt in receipts[::10]:
        page = service.http.post(f"{service.url}/be/return", data={"receipt": digits(receipt)})
        assert page.status_code == 200 and "a.jpg" in page.text
