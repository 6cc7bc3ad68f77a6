"""Coming back with the receipt: read one's own record, go on with it, take consents back. Sealed here.

Every change is the record's next revision, signed by the receipt. What was there before stays: a
correction stands beside what it replaces. What is withdrawn is deleted, or locked where a law that was
announced makes a mechanism keep it; the service says which.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crypto import objection
from crypto.encoding import Json, b64u_decode, b64u_encode
from crypto.errors import CryptoError, FormatError
from crypto.objection import Objection, sign_objection, target_of
from crypto.receipt import ReceiptKeys
from crypto.record_reader import RecordReader
from crypto.record_writer import RecordWriter
from crypto.statement import Statement, parse, statement_hash
from crypto.withdrawal import CONSENT, DELETION, Withdrawal, sign_withdrawal
from intake.client.api import Api, ApiError
from intake.client.document import Testimony
from intake.client.sealing import ONLINE, Mechanisms, Progress, Sealer, today
from intake.client.submit import Sent, SubmitError, Uploads, acknowledged, promise_key
from intake.record import triage
from intake.record.compose import Composer, Earlier
from intake.record.consent import Choice
from intake.record.consent_texts import ConsentText
from intake.record.opened import REVISES, OpenedRecord, Said, ever_granted, open_all
from intake.record.sections import from_fields

_MAILBOX = "/v1/mailbox"
_LOST = frozenset({404, 410, 500, 503})  # what is answered where a part's file is gone


@dataclass(frozen=True, slots=True)
class Changed:
    """A revision that was received. `withdrawn`: mechanism → `record.consent.OUTCOMES`.

    `left_out` have consent and could not be given what is new: no key of theirs is valid, or it is over.
    """

    revision: int
    withdrawn: Mapping[str, str]
    left_out: frozenset[str]
    sent: Sent


class Own:
    """One's own record, read anew for each change. `VerifyError` if what the service shows does not hold.

    A new statement leaves out, and so withdraws from, mechanisms of which the service says that they have
    no consent any more. It may lie: `SubmitError` names them, unless the change is made `without` them.
    """

    def __init__(self, api: Api, keys: ReceiptKeys) -> None:
        self._api = api
        self._keys = keys
        self._secret = f"Intake-Receipt {b64u_encode(keys.lookup)}.{b64u_encode(keys.auth)}"
        found = api.get(_MAILBOX, headers=self.headers)
        self.received_day = str(found["received_day"])
        self.restored = bool(found.get("restored", False))
        self.revisions = [
            (s["statement"].encode(), b64u_decode(s["signature"], 64)) for s in found["statements"]
        ]
        grants = [(g["compartment"], b64u_decode(g["file"])) for g in found["grants"]]
        self.reader = RecordReader(self.revisions, grants, [keys.identity])
        live = {s["mechanism"] for s in api.get(f"{_MAILBOX}/standings", headers=self.headers)["standings"]}
        # Whom the statement names, and who has no consent all the same: two members took it back. So it says.
        self._gone = frozenset(c.mechanism for c in self.statement.consent) - live
        self._opened: OpenedRecord | None = None

    def headers(self) -> dict[str, str]:
        """What the service knows the receipt by."""
        return {"Authorization": self._secret}

    @property
    def statement(self) -> Statement:
        """The newest one."""
        return self.reader.statement

    @property
    def blind(self) -> bool:
        """Whether this receipt opens nothing any more."""
        return not self.reader.identities

    def opened(self) -> OpenedRecord:
        """All texts, labels and choices that this receipt opens; fetched once."""
        if self._opened is None:
            self._opened = open_all(self.reader, self._part)
        return self._opened

    def choices(self) -> dict[str, Choice]:
        """What each mechanism is allowed now."""
        return self._earlier().choices()

    def corrected(self, testimony: Testimony) -> dict[str, str]:
        """For each text and section of an addition, the part that it would replace, if there is one."""
        found = {}
        if testimony.narrative.strip() and (before := self.opened().current("narrative")):
            found["narrative"] = before[-1].entry.id
        for said in self.opened().current("section"):
            id = section_of(said)[0]
            if id in testimony.sections:
                found[id] = said.entry.id
        return found

    def add(
        self,
        testimony: Testimony,
        offered: Mechanisms,
        text: ConsentText,
        progress: Progress,
        replaces: Mapping[str, str] = {},
        *,
        without: Collection[str] = (),
    ) -> Changed:
        """Further texts, sections and files, to those who have consent now. `replaces`: see `corrected`."""
        choices = self.choices()
        for medium in testimony.media:
            for name in medium.only or ():
                if name not in choices or medium.compartment not in choices[name].classes:
                    raise SubmitError(
                        f"{medium.path.name} is for {name}, which has no consent for {medium.compartment}"
                    )
        self._require_whole()
        sealer = self._sealer(list(choices.values()), offered, text, progress, without)
        capacity, language = self._told()
        whole = replace(
            testimony, capacity=testimony.capacity or capacity, language=testimony.language or language
        )
        if not whole.capacity or not whole.language:
            raise SubmitError("this receipt does not show what was said before: give capacity and language")
        sealer.add(whole, replaces)
        self._card(sealer, whole, replaces)
        return self._hand_over(sealer)

    def allow(
        self,
        choices: Sequence[Choice],
        offered: Mechanisms,
        text: ConsentText,
        progress: Progress,
        *,
        without: Collection[str] = (),
    ) -> Changed:
        """Give these mechanisms these consents, instead of what each had; others stay as they are."""
        before = self.choices()
        wanted = before | {choice.mechanism: choice for choice in choices}
        if wanted == before:
            raise SubmitError("this is what holds already: nothing was changed")
        self._require_whole()
        return self._hand_over(self._sealer(list(wanted.values()), offered, text, progress, without))

    def withdraw(
        self,
        mechanism: str,
        classes: Sequence[str],
        offered: Mechanisms,
        text: ConsentText,
        *,
        without: Collection[str] = (),
    ) -> dict[str, str]:
        """Take a consent back, or, with `classes`, these compartments of it. What became of each.

        A part that is lost, or does not hold, keeps nobody from it.
        """
        before = self.choices()
        ended = mechanism in self._gone and not classes and not self.restored
        if mechanism not in before and not ended:
            raise SubmitError(f"{mechanism} has no consent to withdraw")
        if self.restored:
            if classes:
                raise SubmitError("a receipt that replaces a lost one withdraws whole consents only")
            body = {"withdrawals": {mechanism: self._whole(mechanism, CONSENT)}}
            answer = self._api.post(f"{_MAILBOX}/withdrawals", body, headers=self.headers)
            return dict(answer["withdrawn"])
        left = dict(before)
        held = left.pop(mechanism, None)
        if held and classes:
            if "account" in classes or not set(classes) <= set(held.classes):
                rest = ", ".join(c for c in held.classes if c != "account") or "nothing else"
                raise SubmitError(f"besides the account, {mechanism} may open: {rest}")
            kept = tuple(c for c in held.classes if c not in classes)
            left[mechanism] = replace(held, classes=kept)
        sealer = self._sealer(list(left.values()), offered, text, _silent, {mechanism, *without})
        changed = self._hand_over(sealer)
        return dict(changed.withdrawn)

    def forget(self) -> None:
        """From now on this receipt shows nothing of what was written; it goes on to add and to withdraw."""
        self._api.request("DELETE", f"{_MAILBOX}/grants", headers=self.headers)

    def delete(self) -> str:
        """Ask for everything to be deleted; the day on which it is. Until then nothing is released."""
        named = [c.mechanism for c in self.statement.consent if c.mechanism not in self._gone]
        body = {"withdrawals": {name: self._whole(name, DELETION) for name in named}}
        return str(self._api.post(f"{_MAILBOX}/deletion", body, headers=self.headers)["due_day"])

    def keep(self) -> None:
        """Cancel the deletion."""
        waiting = self._api.get(f"{_MAILBOX}/standings", headers=self.headers)["deletion"] or {}
        signed = {}
        for mechanism, asked in dict(waiting.get("withdrawals", {})).items():
            said = Objection(
                self.statement.record, mechanism, today(), objection.DELETION, target_of(asked.encode())
            )
            signed[mechanism] = sign_objection(said, self._keys.signing).decode()
        self._api.post(f"{_MAILBOX}/deletion/cancel", {"objections": signed}, headers=self.headers)

    # --- steps ---

    def _part(self, part: str) -> bytes:
        try:
            return self._api.request("GET", f"{_MAILBOX}/parts/{part}", headers=self.headers).content
        except ApiError as error:
            if error.status not in _LOST:
                raise
            raise FormatError(f"the service does not give it: {error}") from error

    def _earlier(self) -> Earlier:
        return Earlier(self.opened(), ever_granted(self.revisions), self._gone)

    def _require_whole(self) -> None:
        """What is added, or newly allowed, goes to whoever has what is there: all of that must hold."""
        if problems := self.opened().problems:
            said = "; ".join(f"{part}: {problem}" for part, problem in problems.items())
            raise SubmitError(
                f"what is there does not hold, so nothing is changed: {said}. Consent can be withdrawn, and"
                " all of it be deleted"
            )

    def _sealer(
        self,
        choices: Sequence[Choice],
        offered: Mechanisms,
        text: ConsentText,
        progress: Progress,
        without: Collection[str],
    ) -> Sealer:
        if self.restored:
            raise SubmitError(
                "a receipt that replaces a lost one cannot sign for this record: it reads, and withdraws."
                " What is to be added is a new testimony, with a new receipt"
            )
        if unsaid := sorted(self._gone - set(without)):
            raise SubmitError(
                f"the service says that {', '.join(unsaid)} has no consent any more, and you have signed no"
                " withdrawal: two people of a mechanism can end its own consent, and the service could also"
                " be lying. Nothing was changed. To sign that it is withdrawn: intake withdraw NAME, or"
                f" {' '.join(f'--without {name}' for name in unsaid)}"
            )
        writer = RecordWriter.continuing(self._keys, secrets.token_bytes, self.revisions, self.reader)
        composer = Composer(
            writer, offered.bundles, offered.profiles, text, today(), choices, self._earlier()
        )
        return Sealer(self._keys, composer, Uploads(self._api, progress), progress)

    def _told(self) -> tuple[str, str]:
        """Capacity and language, as they were said last."""
        said = [*self.opened().current("triage"), *self.opened().current("narrative")]
        values = said[-1].values if said else {}
        return str(values.get("capacity", "")), str(values.get("language", ""))

    def _card(self, sealer: Sealer, added: Testimony, replaces: Mapping[str, str]) -> None:
        """Renew the triage card, if this receipt can read it and something that it says changes."""
        before = self.opened().current("triage")
        if not before:
            return
        said: dict[str, Json] = {}
        for part in self.opened().current("section"):
            if part.entry.id not in replaces.values():
                _join(said, *section_of(part))
        for id, answers in added.sections.items():
            _join(said, id, answers)
        files = len(self.opened().of("label")) + len(added.media)
        old = before[-1]
        language = str(old.values.get("language", added.language))
        card = triage.card(language=language, capacity=added.capacity, media=files, sections=said)
        if card != {name: value for name, value in old.values.items() if name != REVISES}:
            sealer.triage(added.capacity, language, files, said, old.entry.id)

    def _hand_over(self, sealer: Sealer) -> Changed:
        key, promised_with = secrets.token_hex(16), promise_key(self._api)
        body = sealer.sign(ONLINE)
        answer = self._api.request(
            "POST",
            f"{_MAILBOX}/revisions",
            json=body,
            headers=lambda: self.headers() | {"Idempotency-Key": key},
        )
        said: dict[str, Any] = answer.json()
        signed = str(body["statement"]).encode()
        named = {consent.mechanism for consent in parse(signed).consent}
        sent = acknowledged(said, answer.status_code == 201, signed, promised_with, named)
        return Changed(int(said["revision"]), dict(said["withdrawn"]), sealer.left_out, sent)

    def _whole(self, mechanism: str, kind: str) -> str:
        """A signed withdrawal of everything that a mechanism was granted."""
        granted = tuple(a.compartment for a in self.statement.audience if a.mechanism == mechanism)
        said = Withdrawal(
            self.statement.record,
            mechanism,
            today(),
            True,
            granted,
            revision=self.statement.revision,
            statement=statement_hash(self.revisions[-1][0]),
            kind=kind,
            nonce=secrets.token_hex(16) if kind == DELETION else None,
        )
        return sign_withdrawal(said, self._keys.signing).decode()


def section_of(said: Said) -> tuple[str, Json]:
    """(id, answers) of a section's part; ("", {}) if it is none that this version can read."""
    try:
        return from_fields(said.values)
    except (ValueError, CryptoError):
        return "", {}


def _join(said: dict[str, Json], id: str, answers: Json) -> None:
    """Two parts of one section are one list of items."""
    if isinstance(said.get(id), list) and isinstance(answers, list):
        said[id] = [*said[id], *answers]
    else:
        said[id] = answers


def _silent(what: str, done: int, total: int) -> None:
    return None
