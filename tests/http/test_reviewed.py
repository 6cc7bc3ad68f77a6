"""Odd requests that once did harm: each is a clear refusal now, and costs little."""

import json
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from crypto.age_stream import sealed_length
from crypto.encoding import canonical_json, parse_json
from crypto.errors import FormatError
from intake.audit import log
from intake.audit.events import Event, Log
from intake.submissions.checks import MAX_STRUCTURED, MAX_TRIAGE
from intake.upkeep.check import check
from tests.http.test_feed import Program
from tests.sealed import Sealed, upload
from tests.service import Service, form_fields, new_receipt, on_every_database_in_time, prepared

pytestmark = on_every_database_in_time


def test_record_ids_have_one_spelling_and_odd_ones_leave_no_trouble_in_the_log(
    service: Service, tmp_path: Path
) -> None:
    _, sent = service.submit(prepared(tmp_path / "t", {}))
    program = Program(service).enter()
    part = program.get(f"/feed/v1/records/{sent.record}").json()["parts"][0]["id"]
    odd = (sent.record.upper(), "foo", " " * 80, sent.record + "0", "f" * 64)
    for record in odd:
        assert program.get(f"/feed/v1/records/{record}").status_code == 404, record
        assert program.get(f"/feed/v1/records/{record}/parts/{part}").status_code == 404, record
    assert program.get(f"/feed/v1/records/{sent.record}/parts/{part.upper()}").status_code == 404
    found = service.installation
    with service.owner.read() as connection:
        entries = log.read(connection, "demo", Log.ACCESS, 0, 1000)
    assert len([e for e in entries if e.event is Event.REFUSED]) == 2 * len(odd) + 1
    assert list(check(service.owner, found.store, found.log_keys, read_data=True)) == []


def test_the_same_submission_from_two_windows_at_once_is_one_record_and_no_error(service: Service) -> None:
    for _ in range(3):
        fields = form_fields(new_receipt())
        files = [(name, v if isinstance(v, tuple) else (None, v)) for name, v in fields]
        statuses: list[int] = []

        def send(files: Any = files, statuses: list[int] = statuses) -> None:
            statuses.append(httpx.post(f"{service.url}/be/submit", files=files, timeout=60).status_code)

        threads = [threading.Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses == [200] * 4
    body = Sealed(service).body()
    answers: list[int] = []

    def post() -> None:
        headers = {"Idempotency-Key": "0123456789abcdef"}
        answers.append(
            httpx.post(f"{service.url}/v1/submissions", json=body, headers=headers, timeout=60).status_code
        )

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 200, 200, 201]


def test_a_text_that_would_fill_the_memory_of_whoever_opens_it_is_refused(service: Service) -> None:
    sealed = Sealed(service)
    body = sealed.body()
    large = bytes(sealed_length(MAX_STRUCTURED))
    import hashlib

    statement = parse_json(body["statement"])
    statement["parts"][0]["payload_id"] = hashlib.sha256(large).hexdigest()
    sealed.changes = {"parts": statement["parts"]}
    data, signature = sealed.statement()
    from crypto.encoding import b64u_encode

    body |= {"statement": data.decode(), "signature": b64u_encode(signature)}
    body["parts"][0]["upload"] = upload(service, large)
    answer = sealed.send(body)
    assert (answer.status_code, answer.json()["code"]) == (422, "part_too_large")


def test_one_triage_card_of_a_modest_size_is_taken_and_no_more(service: Service) -> None:
    two = Sealed(service)
    for _ in range(2):
        two.add("triage", {"language": "be"})
    answer = two.send()
    assert (answer.status_code, answer.json()["code"]) == (422, "triage_more")
    large = Sealed(service)
    large.add("triage", {"language": "be", "notes": "x" * MAX_TRIAGE})
    answer = large.send()
    assert (answer.status_code, answer.json()["code"]) == (422, "part_too_large")
    usual = Sealed(service)
    usual.add("triage", {"language": "be", "notes": "x" * (MAX_TRIAGE // 2)})
    assert usual.send().status_code == 201


def test_a_body_of_a_million_small_values_is_refused_before_it_is_built(service: Service) -> None:
    headers = {"Idempotency-Key": "0123456789abcdef", "Content-Type": "application/json"}
    many = '{"statement":"", "parts":[' + ",".join(["{}"] * 3_000_000) + "]}"
    answer = service.http.post(f"{service.url}/v1/submissions", content=many, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("depth", [65, 600, 5000])
def test_json_that_is_nested_absurdly_is_refused(service: Service, depth: int) -> None:
    nested = "[" * depth + "]" * depth
    with pytest.raises(FormatError):
        canonical_json(parse_json(nested))
    body = Sealed(service).body()
    headers = {"Idempotency-Key": "0123456789abcdef", "Content-Type": "application/json"}
    answer = service.http.post(
        f"{service.url}/v1/submissions", content=json.dumps(body | {"statement": nested}), headers=headers
    )
    assert answer.status_code == 422


def test_forms_with_too_many_fields_are_400(service: Service) -> None:
    many = "&".join(f"f{n}=1" for n in range(1000))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert service.http.post(f"{service.url}/oauth/token", content=many, headers=headers).status_code == 400
    assert service.http.post(f"{service.url}/be/return", content=many, headers=headers).status_code == 400


def test_a_record_with_many_accesses_can_be_erased(service: Service, tmp_path: Path) -> None:
    _, sent = service.submit(prepared(tmp_path / "t", {}))
    with service.installation.database.write() as connection:
        actions = [log.Action(Event.RECORD_OPENED, sent.record, {"client": "busy"}) for _ in range(5000)]
        log.append_many(connection, "demo", actions)
    service.installation.erasure.erase(sent.record)
    found = service.installation
    assert list(check(service.owner, found.store, found.log_keys, read_data=True)) == []
