"""What is kept when a log turns out to be forged, and why a folder that holds it is left alone.

    OUT/log/evidence/what.txt             what happened, in words
    OUT/log/evidence/<log>.seen           the newest checkpoint that was verified here
    OUT/log/evidence/<log>.served         the one that was served now
    OUT/log/evidence/list.json            the page of the list that was told last

Two checkpoints that both hold and contradict each other convict whoever signed them: nobody else can
make them. A service that has once shown two histories can show a third that fits; so nothing is pulled
into this folder again.
"""

import json
from pathlib import Path
from typing import Any, NoReturn

from crypto.errors import VerifyError
from intake.client import files


class Refused(VerifyError):
    """The log is forged, or rewound; the sentence says what happened and what to do."""


class Evidence:
    """The folder `evidence` beside the logs of one pull folder."""

    def __init__(self, logs: Path) -> None:
        self._folder = logs / "evidence"

    def refuse_to_go_on(self) -> None:
        """`Refused` if something was found here before."""
        path = self._folder / "what.txt"
        if path.exists():
            raise Refused(
                f"this folder holds evidence, so nothing was pulled. {path.read_text('utf-8').strip()}"
            )

    def keep(
        self, what: str, log: str, seen: bytes | None, served: bytes | None, page: Any | None
    ) -> NoReturn:
        """Write down what was found, and raise `Refused`."""
        for name, data in (
            (f"{log}.seen", seen),
            (f"{log}.served", served),
            ("list.json", None if page is None else json.dumps(page, ensure_ascii=False).encode()),
        ):
            if data is not None:
                files.write(self._folder / name, data)
        sentence = (
            f"REFUSED: {what}. Nobody but the operator of the service can have done this, or somebody who has"
            " its keys. Keep the whole folder as it is and do not pull into it again. Send what is in"
            f" {self._folder} (the checkpoints seen and served) to the mechanism's counsel and to other"
            " witnesses, who compare it with what they were shown (intake verify log … --against)."
        )
        files.write(self._folder / "what.txt", sentence.encode() + b"\n")
        raise Refused(sentence)
