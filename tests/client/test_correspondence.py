"""Messages that a server makes up: without the mechanism's root, it has to bring one of its own."""

import secrets
from pathlib import Path
from typing import Any

import httpx
import pytest

from crypto.age_keys import Recipient
from crypto.bundles import sign_bundle, sign_key
from crypto.encoding import parse_json
from crypto.errors import VerifyError
from crypto.message import seal_message, sign_message
from crypto.primitives import SigningKey
from intake import clock
from intake.client import api
from tests.casework import bundle_of, case, make_member, own_case, pulled_record, registered_member
from tests.service import Mechanism, Service, make_mechanism


def under_another_root(
    monkeypatch: pytest.MonkeyPatch, signed: Any, mechanism: Mechanism, folder: Path
) -> None:
    """The server shows a bundle of its own making for `demo`, and a message under its root."""
    member = make_member(folder, mechanism, "eve")
    entry = signed.compartments[0]
    part = seal_message(
        Recipient.parse(entry.recipient),
        signed.record,
        entry.id,
        {"text": "Прыходзьце па гэтым адрасе", "language": "be"},
        secrets.token_bytes,
    )
    envelope = sign_message(
        member.key,
        record=signed.record,
        mechanism="demo",
        day=clock.day(),
        answers=None,
        part=part.entry,
        certificate=member.member.raw,
    )
    listed = {"number": 1, "mechanism": "demo", "envelope": envelope.decode(), "size": 1}
    bundle = parse_json((mechanism.keys / "bundle.json").read_bytes())
    get, request = api.Api.get, api.Api.request

    def forged_get(self: api.Api, path: str, **options: Any) -> Any:
        if path == "/v1/mailbox/messages":
            return {"messages": [listed], "mechanisms": [bundle]}
        return get(self, path, **options)

    def forged_request(self: api.Api, method: str, path: str, **options: Any) -> httpx.Response:
        if path.endswith(f"/parts/{part.entry.id}"):
            return httpx.Response(200, content=part.header + part.payload)
        return request(self, method, path, **options)

    monkeypatch.setattr(api.Api, "get", forged_get)
    monkeypatch.setattr(api.Api, "request", forged_request)


def with_the_keys_of(real: Mechanism, fake: Mechanism) -> None:
    """The false root signs the true recipient keys: they are public, and everything is sealed to them."""
    root = SigningKey.from_pem((fake.keys / "root.key").read_bytes(), None)
    known = bundle_of(real)
    keys = [sign_key(root, "demo", k.epoch, k.kind, k.recipient, k.starts, k.expires) for k in known.keys]
    (fake.keys / "bundle.json").write_bytes(sign_bundle(root, "demo", dict(known.names), keys))


@pytest.mark.parametrize("copied", [False, True])
def test_submitter_is_not_shown_what_another_root_signed_in_a_mechanisms_name(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, copied: bool
) -> None:
    receipt, record = pulled_record(service, tmp_path)
    anna = registered_member(service, tmp_path)
    with case(service, record) as theirs:
        theirs.reply(anna, "Дзякуй", "be")
    with own_case(service, receipt) as own:
        assert [message.text for message in own.read().messages] == ["Дзякуй"]
        signed = own.reader.statement

    fake = make_mechanism(tmp_path / "fake", "demo")
    if copied:
        with_the_keys_of(service.mechanism, fake)
    under_another_root(monkeypatch, signed, fake, tmp_path)
    with own_case(service, receipt) as own:
        found = own.read()
        assert (found.messages, found.hidden) == ([], 1)
    root = bundle_of(service.mechanism).root_fingerprint
    with (
        own_case(service, receipt, demo=root) as own,
        pytest.raises(VerifyError, match="not the expected one"),
    ):
        own.read()
    with own_case(service, receipt, demo=bundle_of(fake).root_fingerprint) as own:
        (message,) = own.read().messages  # all else about it does hold
        assert message.member is not None and message.member.id == "eve"
