"""What a submitter sees of the logs: who opened the record, proofs to keep, and loud complaints."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from crypto.encoding import Json
from crypto.errors import CryptoError, VerifyError
from crypto.notes import VerifierKey
from crypto.receipt import ReceiptKeys
from crypto.statement import Statement, parse, statement_hash
from intake.audit.events import Event
from intake.client import accesses, files, promises, proofs
from intake.client.api import Api, ApiError
from intake.client.search import SignedLogs, days_from_now, signed_logs
from intake.client.submit import Sent
from intake.commands.console import counted, err, fail, out

Revision = tuple[bytes, bytes]  # statement, signature
Headers = Callable[[], dict[str, str]]

# Each goes on with the mechanism, as whom, and what for.
_DID: dict[str, str] = {
    Event.RECORD_ADDED: "the record was given to",
    Event.RECORD_REVISED: "an addition or change was given to",
    Event.CONSENT_WITHDRAWN: "consent was withdrawn from",
    Event.DELETION_ASKED: "deletion was asked of",
    Event.DELETION_CANCELLED: "deletion was cancelled for",
    Event.MESSAGE_ADDED: "a message was written to",
    Event.RESTORATION_ASKED: "a second receipt was asked for by",
    Event.RESTORATION_REFUSED: "a second receipt was refused to",
    Event.RESTORATION_DONE: "a second receipt became valid, asked for by",
    Event.RECORD_OPENED: "opened by",
    Event.PART_DOWNLOADED: "a part was fetched by",
    f"{Event.PART_DOWNLOADED}.identity": "a part that is kept with who you are was fetched by",
    f"{Event.PART_DOWNLOADED}.sensitive": "a part that is kept with what is intimate was fetched by",
    Event.MESSAGES_LISTED: "messages were read by",
    Event.MESSAGE_SENT: "a message to you was written by",
    Event.STANDING_SET: "what became of it was said by",
    Event.WITHDRAWAL_ANSWERED: "a withdrawal was answered by",
    Event.HANDED_OVER: "handed over by",
    Event.REFUSED: "something of it was refused to",
    Event.TRIAGE_READ: "its short card for sorting was seen by",
    Event.RECORD_ASSIGNED: "who works with it was decided by",
    Event.STATUS_SET: "how far the work with it is was noted by",
    Event.WORK_LISTED: "notes about it were read by",
    Event.WORK_WRITTEN: "a note, a decision or a deadline was written by",
    Event.IDENTITY_ASKED: "to see who you are, or other sensitive parts, was asked for by",
    Event.IDENTITY_DECIDED: "whether who you are, or other sensitive parts, may be seen was decided by",
    Event.CASE_CHANGED: "put into a case, or taken out of one, by",
    Event.SAME_MEDIA_LISTED: "other testimonies with the same photo or video were looked for by",
    Event.RECORD_EXPORTED: "a copy was taken out of the service by",
}


class Watch:
    """Everything that is checked for one record. The logs' checkpoints are fetched first: what they hold,
    the list that is asked for afterwards must hold, too."""

    def __init__(self, connection: Api, headers: Headers, given: Sequence[VerifierKey]) -> None:
        self._api, self._headers, self._given = connection, headers, given
        try:
            shown = connection.get("/v1/logs")
        except ApiError as error:
            if error.status != 404:
                raise
            fail("this service shows no logs: nothing of what it says about accesses can be checked", 2)
        self._shown = shown if isinstance(shown, dict) else {}

    def show(
        self, revisions: list[Revision], statement: Statement, keys: ReceiptKeys, promise: Path | None
    ) -> None:
        """List every logged access, compare it with the logs, and a promise, too; exit with 2 if something
        does not hold."""
        consents = {c.mechanism for data, _ in revisions for c in parse(data).consent}
        signed = signed_logs(self._api, self._shown.get("logs"), self._given, consents)
        try:
            answer = self._api.get("/v1/mailbox/accesses", headers=self._headers)
        except ApiError as error:
            if error.status != 404:
                raise
            fail("this service does not show who opened the record", 2)
        share = statement.share
        key = keys.record_key(share)
        found = accesses.check_accesses(answer, statement.record, share, key)
        with counted() as progress:
            signed.search(found.tags(key), progress)
        problems = found.problems + accesses.compare(found, signed) + signed.problems
        out.print("\nWho was given and opened it:")
        for counter, values in found.shown:
            later = " (not signed yet)" if counter in found.unsigned else ""
            out.print(f"    {counter}. {_line(values)}{later}", markup=False)
        if found.delayed:
            out.print(
                f"{found.delayed} accesses are not shown yet: the mechanism shows them after its delay."
            )
        entries = sum(log.size for log in signed.logs.values())
        out.print(f"Compared with {entries} entries of {len(signed.logs)} logs.")
        for warning in signed.warnings:
            err.print(f"    {warning}", style="yellow", markup=False)
        for problem in problems:
            err.print(f"    FORGED: {problem}", style="bold red", markup=False)
        broken = promise is not None and self._promise(promise, revisions, statement.record, signed)
        if problems:
            fail("the list of accesses does not hold: keep this output, and show it to somebody you trust", 2)
        if broken:
            fail("the promise is BROKEN: keep it and this output, and show both to somebody you trust", 2)

    def _promise(self, path: Path, revisions: list[Revision], record: str, signed: SignedLogs) -> bool:
        """Say whether a promise was kept; True if it was broken."""
        shown = VerifierKey.parse(str(self._shown.get("promise_key", "")))
        own = [key for key in self._given if key.name == shown.name]
        hashes = [statement_hash(data) for data, _ in revisions]
        text, key = path.read_text("utf-8"), own[0] if own else shown
        found = promises.compare(text, key, record, hashes, signed, days_from_now(0))
        for said in found.kept:
            out.print(f"Promise kept: {said}", markup=False)
        for said in found.later:
            out.print(f"Promise not due yet: {said}", markup=False)
        for said in found.broken:
            err.print(f"    BROKEN PROMISE: {said}", style="bold red", markup=False)
        return bool(found.broken)


def keep_promise(path: Path, sent: Sent) -> None:
    """Write a promise, as was asked for. The testimony was received: an error here is only a sentence."""
    if sent.promise is None:
        return
    try:
        files.write_secret(path, sent.promise.encode())
    except OSError as error:
        err.print(f"the promise could not be written to {path}: {error.strerror}. It is:", style="yellow")
        out.print(sent.promise, markup=False)
        return
    out.print(f"Promise: {path}. It ties whoever holds it to this testimony.", markup=False)


def save_proofs(connection: Api, headers: Headers, record: str, folder: Path) -> None:
    """Fetch and check log proofs, and write them under names that say nothing about what they are."""
    try:
        found: dict[str, Any] = connection.get("/v1/mailbox/proofs", headers=headers)["proofs"]
    except ApiError as error:
        if error.code != "proof_later":
            raise
        out.print("The proof is not ready yet: it comes with the next checkpoint, usually within an hour.")
        return
    logs = {log["mechanism"]: log["keys"] for log in _logs(connection) if log["log"] == "records"}
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = 0
    for mechanism, text in sorted(found.items()):
        try:
            own = proofs.verifier_keys(logs.get(mechanism, []))
            if not own:
                raise VerifyError("the service shows no keys of that log")
            proofs.check_proof(text.encode(), own, record)
        except CryptoError as error:
            err.print(f"    FORGED: the proof for {mechanism}: {error}", style="bold red", markup=False)
            continue
        number += 1
        while (folder / f"notes-{number}.txt").exists():
            number += 1
        path = folder / f"notes-{number}.txt"
        path.write_bytes(text.encode())
        out.print(f"Proof for {mechanism}: {path}", markup=False)
    out.print(
        "A proof shows to whoever reads it that this record exists, and the mechanism and the day. Keep it"
        " where nobody looks, or do not keep it: the receipt fetches it again."
    )


def complain(sent: Sent) -> None:
    """A testimony was received without a valid promise to have it in the logs."""
    err.print(
        f"WARNING: the service signed no valid promise to put this record into its logs: {sent.broken}. It"
        " may drop the record, and nobody could show that it was ever received. Look with `intake mine`"
        " within a day, and tell somebody who watches the service:\n"
        f"    record    {sent.record}\n    statement {sent.statement}",
        style="bold red",
        markup=False,
    )


def _logs(connection: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = connection.get("/v1/logs")["logs"]
    return found


def _line(values: dict[str, Json]) -> str:
    event = str(values.get("event"))
    did = _DID.get(f"{event}.{values.get('class')}", _DID.get(event, f"{event}, by"))
    said = f"{values.get('day')}: {did} {values.get('mechanism')}"
    if "roles" in values:  # of a member; a program has none
        said += f" (role: {', '.join(str(values['roles']).split())})"
    if event == "record.handed_over" and "successor" in values:
        said += f" to {values['successor']}, which continues its mandate"
    if event == "record.added" and "from" in values:
        said += f", handed over by {values['from']}, whose mandate it continues"
    if "purpose" in values:
        said += f" for {values['purpose']}"
    if "reason" in values:
        said += f" ({values['reason']})"
    return said
