"""Handing a bundle over: what has arrived is skipped, what was begun goes on where the service has it.

Before anything is sent the service is asked whether it has the record, with what the bundle holds of the
person's receipt. So a delivery can be repeated from anywhere, also when its last answer was lost.

A consent counts from the day on which it arrives. A mechanism that announced a legal hold while the bundle
travelled would keep what a person gave it without knowing of that: such an interview is not sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crypto.statement import parse
from intake.client.api import Api, ApiError
from intake.client.bundle import Bundle, Held, Request
from intake.client.sealing import Mechanisms, Progress
from intake.client.submit import Sent, SubmitError, Uploads, hand_over, promise_key

_HAS_IT = ("receipt_used", "key_reused")


@dataclass(frozen=True, slots=True)
class Delivered:
    """One interview that is at the service now. `sent` is None if it was there before."""

    interview: Held
    record: str
    sent: Sent | None


class Delivery:
    """Sends the interviews of a bundle, one after the other."""

    def __init__(
        self, api: Api, bundle: Bundle, offered: Mechanisms, progress: Progress, *, told: bool = False
    ) -> None:
        """`told`: the people know of holds that were announced since."""
        self._api = api
        self._bundle = bundle
        self._holding = set() if told else {name for name, p in offered.profiles.items() if p.hold}
        self._promised_with = promise_key(api)
        self._uploads = Uploads(api, progress)

    def deliver(self, held: Held) -> Delivered:
        """Send one, unless it is there.

        `ApiError` if the service refuses it, `Offline` if it is away, `SubmitError` for a hold unheard of.
        """
        state = self._bundle.state
        if held.number in state.done:
            return Delivered(held, state.done[held.number], None)
        request = self._bundle.load(held.number)
        body = request.body
        record, sent = self._record(body["receipt"]), None
        if record is None:
            self._check_holds(request)
            parts = [self._part(part) for part in body["parts"]]
            try:
                sent = hand_over(self._api, body | {"parts": parts}, request.key, self._promised_with)
                record = sent.record
            except ApiError as error:
                record = self._record(body["receipt"]) if error.code in _HAS_IT else None
                if record is None:
                    raise
        state.done[held.number] = record
        for part in body["parts"]:
            state.uploads.pop(part.get("file", ""), None)
        state.write()
        return Delivered(held, record, sent)

    def _check_holds(self, request: Request) -> None:
        named = {consent.mechanism for consent in parse(request.body["statement"].encode()).consent}
        if since := sorted(named & self._holding - request.holds):
            raise SubmitError(
                f"{', '.join(since)} announced, after this was sealed, that a law makes it keep what it has"
                " opened. The person was not told. If the person is now, and agrees: --holds-told"
            )

    def _part(self, part: Mapping[str, Any]) -> dict[str, Any]:
        """A part of the request as the service wants it; its file is uploaded for that."""
        name = part.get("file")
        if name is None:
            return dict(part)
        state = self._bundle.state
        length, produce = self._bundle.file(name)

        def began(upload: str) -> None:
            state.uploads[name] = upload
            state.write()

        upload = self._uploads.upload(f"sending {name}", length, produce, state.uploads.get(name), began)
        return {"id": part["id"], "header": part["header"], "upload": upload}

    def _record(self, receipt: Mapping[str, str]) -> str | None:
        """The id of the record that was received with this receipt; None if there is none."""
        secret = f"Intake-Receipt {receipt['lookup']}.{receipt['auth']}"
        try:
            found = self._api.get("/v1/mailbox", headers=lambda: {"Authorization": secret})
        except ApiError as error:
            if error.code == "receipt_unknown":
                return None
            raise
        return str(found["record"])
