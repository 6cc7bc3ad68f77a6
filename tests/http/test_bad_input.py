"""Rubbish, accidents and attacks at the public door: a clear answer, and nothing stored."""

import re
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from crypto import age_header
from crypto.encoding import b64u_decode, b64u_encode
from crypto.statement import AudienceEntry
from intake.db.tables.submissions import records
from tests.sealed import PATCH, TUS, Sealed, upload
from tests.service import Service, digits, form_fields, new_receipt, running


def nothing_stored(service: Service) -> bool:
    with service.installation.database.read() as connection:
        rows = connection.execute(select(func.count()).select_from(records)).scalar_one()
    return (
        rows == 0
        and not list(service.installation.store.names())
        and not list(service.installation.store.stages())
    )


def eventually_nothing_stored(service: Service) -> bool:
    """A request that was cut off is cleaned up when the server notices."""
    deadline = time.monotonic() + 5
    while not nothing_stored(service) and time.monotonic() < deadline:
        time.sleep(0.05)
    return nothing_stored(service)


# --- the plain form ---


def without(name: str) -> Callable[[list[Any]], list[Any]]:
    return lambda fields: [f for f in fields if f[0] != name]


def changed(name: str, value: str) -> Callable[[list[Any]], list[Any]]:
    return lambda fields: [(n, value if n == name else v) for n, v in fields]


@pytest.mark.parametrize("language", ["be", "ru", "en"])
@pytest.mark.parametrize(
    ("bend", "status"),
    [
        (without("receipt"), 422),
        (without("capacity"), 422),
        (changed("capacity", "spy"), 422),
        (without("mechanism"), 422),
        (changed("mechanism", "unknown"), 422),
        (without("purpose:demo"), 422),
        (changed("narrative", "   "), 422),
        (changed("narrative", "а" * 1_100_000), 413),
        (changed("receipt", "1 2 3"), 422),
        (lambda fields: fields[1:] + fields[:1], 422),
    ],
    ids=[
        "no receipt",
        "no capacity",
        "odd capacity",
        "no consent",
        "unknown mechanism",
        "no purpose",
        "empty",
        "too long",
        "short receipt",
        "receipt last",
    ],
)
def test_a_form_that_lacks_something_says_so_in_the_persons_language(
    service: Service, language: str, bend: Callable[[list[Any]], list[Any]], status: int
) -> None:
    answer = service.send_form(bend(form_fields(new_receipt())), language)
    assert answer.status_code == status
    assert f'lang="{language}"' in answer.text
    assert "Traceback" not in answer.text and nothing_stored(service)


def test_what_was_typed_is_shown_again_when_something_is_missing(service: Service) -> None:
    receipt = new_receipt()
    answer = service.send_form(without("capacity")(form_fields(receipt, narrative="Не згубіце <гэта>.")))
    assert "Не згубіце &lt;гэта&gt;." in answer.text
    assert digits(receipt) in answer.text


@pytest.mark.parametrize(
    ("group", "typed", "expected"), [(3, "9999", "3"), (5, "abcd", "5"), (9, "12x4", "9")]
)
def test_a_mistyped_receipt_is_told_which_group(
    service: Service, group: int, typed: str, expected: str
) -> None:
    groups = list(new_receipt().digits())
    groups[group - 1] = typed
    answer = service.http.post(f"{service.url}/en/return", data={"receipt": " ".join(groups)})
    assert answer.status_code == 422 and expected in answer.text


def test_a_receipt_with_two_groups_swapped_is_noticed(service: Service) -> None:
    groups = list(new_receipt().digits())
    groups[0], groups[1] = groups[1], f"{(int(groups[0]) + 1) % 7776:04}"
    answer = service.http.post(f"{service.url}/en/return", data={"receipt": " ".join(groups)})
    assert answer.status_code == 422


def raw(service: Service, head: str, body: bytes, *, close: bool = False) -> bytes:
    """Send bytes as they are; return what comes back before the server closes or falls silent."""
    with socket.create_connection(("127.0.0.1", service.settings.port), timeout=10) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n" + body)
        if close:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while piece := connection.recv(65536):
                answer += piece
                if b"</html>" in answer:
                    break
        except TimeoutError:
            pass
        return answer


def multipart(*parts: bytes, boundary: bytes = b"b", end: bool = True) -> bytes:
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return body + (b"--" + boundary + b"--\r\n" if end else b"")


def part(name: str, value: bytes, extra: bytes = b"") -> bytes:
    return f'Content-Disposition: form-data; name="{name}"'.encode() + extra + b"\r\n\r\n" + value


def head(length: int, content_type: str = "multipart/form-data; boundary=b") -> str:
    return f"POST /en/submit HTTP/1.1\nHost: x\nContent-Type: {content_type}\nContent-Length: {length}\n"


def test_no_boundary_is_400(service: Service) -> None:
    body = multipart(part("receipt", b"x"))
    for content_type in ("multipart/form-data", "multipart/form-data; boundary=", "text/plain", ""):
        assert b" 400 " in raw(service, head(len(body), content_type), body).split(b"\r\n")[0]
    assert nothing_stored(service)


def test_a_million_tiny_parts_are_refused_early(service: Service) -> None:
    body = multipart(part("receipt", digits(new_receipt()).encode()), *[part("a", b"")] * 100_000)
    started = time.monotonic()
    assert b" 400 " in raw(service, head(len(body)), body).split(b"\r\n")[0]
    assert time.monotonic() - started < 10
    assert nothing_stored(service)


def test_part_headers_of_64_kb_are_refused(service: Service) -> None:
    body = multipart(part("receipt", b"x", b"\r\nX-Long: " + b"a" * 65_536))
    assert b" 400 " in raw(service, head(len(body)), body).split(b"\r\n")[0]


@pytest.mark.parametrize(
    "lie", [0, 5000], ids=["body without its last boundary", "announced longer than sent"]
)
def test_a_body_that_stops_halfway_stores_nothing(service: Service, lie: int, photo: bytes) -> None:
    body = multipart(
        part("receipt", digits(new_receipt()).encode()),
        part("media:1", photo, b'; filename="a.jpg"'),
        end=False,
    )[:-100]
    answer = raw(service, head(len(body) + lie), body, close=True)
    assert b" 200 " not in answer.split(b"\r\n")[0]
    assert eventually_nothing_stored(service)


def test_a_content_length_that_lies_short_is_refused(service: Service) -> None:
    body = multipart(part("receipt", digits(new_receipt()).encode()), part("narrative", b"text"))
    assert b" 400 " in raw(service, head(len(body) - 30), body).split(b"\r\n")[0]
    assert nothing_stored(service)


def test_a_file_over_the_limit_is_413_with_the_limit(tmp_path: Path, demo: Any) -> None:
    with running(tmp_path, demo, max_file_mib=1) as service:
        answer = service.send_form(form_fields(new_receipt(), ("self", "a.bin", bytes(1_100_000))), "en")
        assert answer.status_code == 413 and "1" in answer.text
        created = service.http.post(f"{service.url}/v1/uploads", headers={**TUS, "Upload-Length": "5000000"})
        assert created.status_code == 413 and created.json()["limit_mib"] == 1
        assert nothing_stored(service)


def test_the_form_can_be_switched_off(tmp_path: Path, demo: Any) -> None:
    with running(tmp_path, demo, plain_form=False) as service:
        assert service.send_form(form_fields(new_receipt())).status_code == 404
        assert service.http.post(f"{service.url}/en/receipt").status_code == 404
        assert service.http.get(f"{service.url}/en/").status_code == 200
        assert nothing_stored(service)


def test_an_expired_mechanism_takes_no_testimony(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = Sealed(service)
    body = sealed.body()
    monkeypatch.setattr("intake.clock.day", lambda seconds=None: "2031-01-01")
    assert service.send_form(form_fields(new_receipt())).status_code == 422
    assert sealed.send(body).status_code == 422


# --- the sealed API ---


def classic_stanza(sealed: Sealed, body: dict[str, Any]) -> None:
    stanza = age_header.Stanza(
        "X25519", (b64u_encode(bytes(32)).replace("_", "/").replace("-", "+"),), bytes(32)
    )
    body["parts"][0]["header"] = b64u_encode(age_header.encode((stanza,), bytes(16)))


def two_stanzas(sealed: Sealed, body: dict[str, Any]) -> None:
    header = age_header.parse(sealed.parts[0].header)
    body["parts"][0]["header"] = b64u_encode(age_header.encode(header.stanzas * 2, bytes(16)))


def trailing_header(sealed: Sealed, body: dict[str, Any]) -> None:
    body["parts"][0]["header"] = b64u_encode(b64u_decode(body["parts"][0]["header"]) + b"x")


def other_payload(sealed: Sealed, body: dict[str, Any]) -> None:
    payload = bytearray(sealed.parts[0].payload)
    payload[50] ^= 1
    body["parts"][0]["upload"] = upload(sealed.service, bytes(payload))


def unfinished_upload(sealed: Sealed, body: dict[str, Any]) -> None:
    length = len(sealed.parts[0].payload)
    created = sealed.service.http.post(
        f"{sealed.service.url}/v1/uploads", headers={**TUS, "Upload-Length": str(length)}
    )
    body["parts"][0]["upload"] = created.headers["location"].rpartition("/")[2]


def drop_grant(sealed: Sealed, body: dict[str, Any]) -> None:
    body["grants"] = [g for g in body["grants"] if g["recipient"] != sealed.reader.fingerprint]


def extra_grant(sealed: Sealed, body: dict[str, Any]) -> None:
    body["grants"].append(body["grants"][0] | {"recipient": "ab" * 32})


def long_grant(sealed: Sealed, body: dict[str, Any]) -> None:
    body["grants"][0]["file"] = b64u_encode(b64u_decode(body["grants"][0]["file"]) + b"more")


def drop_part(sealed: Sealed, body: dict[str, Any]) -> None:
    body["parts"] = []


def not_canonical(sealed: Sealed, body: dict[str, Any]) -> None:
    body["statement"] = body["statement"].replace('"v":1', '"v": 1')


def unknown_field(sealed: Sealed, body: dict[str, Any]) -> None:
    body["extra"] = 1


def lone_surrogate(sealed: Sealed, body: dict[str, Any]) -> None:
    body["statement"] = "\ud800"


@pytest.mark.parametrize(
    "bend",
    [
        classic_stanza,
        two_stanzas,
        trailing_header,
        other_payload,
        unfinished_upload,
        drop_grant,
        extra_grant,
        long_grant,
        drop_part,
        not_canonical,
        unknown_field,
        lone_surrogate,
    ],
)
def test_a_sealed_submission_that_does_not_hold_is_422_and_not_stored(
    service: Service, bend: Callable[[Sealed, dict[str, Any]], None]
) -> None:
    sealed = Sealed(service)
    body = sealed.body()
    bend(sealed, body)
    answer = sealed.send(body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    with service.installation.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(records)).scalar_one() == 0


def test_no_consent_and_wrong_keys_are_refused_even_when_signed(service: Service) -> None:
    silent = Sealed(service)
    silent.consent, silent.audience = None, []  # type: ignore[assignment]
    assert silent.send().json()["code"] == "consent_missing"

    wrong = Sealed(service)
    wrong.reader = Sealed(service).keys.identity.recipient
    wrong.audience = [AudienceEntry("demo", wrong.account.id, wrong.reader.fingerprint)]
    assert wrong.send().json()["code"] == "mechanism_key"

    triage = Sealed(service)
    key = triage.bundle.key_for("triage", "2026-11-23") or triage.bundle.keys[0]
    triage.reader = key.recipient
    triage.audience = [replace(triage.audience[0], recipient=key.recipient.fingerprint)]
    assert triage.send().json()["code"] == "mechanism_key"

    old = Sealed(service)
    old.changes = {"created_day": "2020-08-09"}
    assert old.send().json()["code"] == "day"
    assert service.installation.payloads.usage() == (0, 0)


def test_a_submission_without_idempotency_key_is_400(service: Service) -> None:
    answer = service.http.post(f"{service.url}/v1/submissions", json=Sealed(service).body())
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key")


def test_answers_do_not_tell_whether_a_photo_was_known(service: Service, photo: bytes) -> None:
    """The second sender of a photo sees exactly what the first one saw."""
    from tests.service import video

    seen = []
    clip = video(200_000)
    for _ in range(2):
        page = service.send_form(form_fields(new_receipt(), ("received", "a.mp4", clip)))
        text = re.sub(r"<pre>.*?</pre>", "", page.text, flags=re.DOTALL)  # the promise names the record
        seen.append((page.status_code, text, sorted(page.headers)))
        service.installation.payloads.maintain(merge_now=True)
    assert seen[0] == seen[1]
    payload = bytes(2048 + 32)
    answers = []
    for _ in range(2):
        created = service.http.post(
            f"{service.url}/v1/uploads", headers={**TUS, "Upload-Length": str(len(payload))}
        )
        sent = service.http.patch(
            created.headers["location"], content=payload, headers={**PATCH, "Upload-Offset": "0"}
        )
        answers.append(
            (created.status_code, sent.status_code, sorted(sent.headers), sent.headers["upload-offset"])
        )
    assert answers[0] == answers[1]


def test_oprf_refuses_what_is_no_point_and_closed_epochs(service: Service) -> None:
    epoch = service.http.get(f"{service.url}/v1/oprf").json()["epoch"]

    def ask(body: Any) -> tuple[int, str]:
        answer = service.http.post(f"{service.url}/v1/oprf", json=body)
        return answer.status_code, answer.json()["code"]

    for element in (bytes(33), b"\x02" + b"\xff" * 32, b"\x04" + bytes(32), b"\x02" + bytes(31)):
        assert ask({"epoch": epoch, "elements": [b64u_encode(element)]})[0] == 422
    assert ask({"epoch": epoch + 1, "elements": [b64u_encode(b"\x02" + bytes(32))]}) == (409, "epoch_closed")
    assert ask({"epoch": epoch, "elements": []})[0] == 422
