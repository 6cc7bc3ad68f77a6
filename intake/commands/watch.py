"""What a submitter sees of the logs: who opened the record, proofs to keep, and loud complaints."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from crypto.encoding import Json
from crypto.errors import CryptoError, VerifyError
from crypto.receipt import ReceiptKeys
from crypto.statement import Statement
from intake.client import proofs
from intake.client.api import Api, ApiError
from intake.client.submit import Sent
from intake.commands.console import err, fail, out

Headers = Callable[[], dict[str, str]]

_DID = {
    "record.added": "the record was given to",
    "record.opened": "opened by",
    "part.downloaded": "a part was fetched by",
    "access.refused": "refused to",
}


def show_accesses(connection: Api, headers: Headers, statement: Statement, keys: ReceiptKeys) -> None:
    """List every logged access, verified; exit with 2 if the list does not hold."""
    try:
        answer = connection.get("/v1/mailbox/accesses", headers=headers)
    except ApiError as error:
        if error.status != 404:
            raise
        fail("this service does not show who opened the record", 2)
    share = statement.share
    found = proofs.check_accesses(answer, statement.record, share, keys.record_key(share))
    out.print("\nWho was given and opened it:")
    for counter, values in found.shown:
        out.print(f"    {counter}. {_line(values)}", markup=False)
    if found.delayed:
        out.print(f"{found.delayed} accesses are not shown yet: the mechanism shows them after its delay.")
    for problem in found.problems:
        err.print(f"    FORGED: {problem}", style="bold red", markup=False)
    if found.problems:
        fail("the list of accesses does not hold: keep this output, and show it to somebody you trust", 2)


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
    said = f"{values.get('day')}: {_DID.get(event, event)} {values.get('mechanism')}"
    if "purpose" in values:
        said += f" for {values['purpose']}"
    if "reason" in values:
        said += f" ({values['reason']})"
    return said
