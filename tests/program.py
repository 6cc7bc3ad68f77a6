"""The server as the program it is, in a process of its own: traced, killed, started again."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx

from intake.settings import Settings

INTAKE = [sys.executable, "-m", "intake"]


class Program:
    """`intake <command>` on an installation's data. `before` is put in front: a tracer, for example."""

    def __init__(
        self, settings: Settings, output: Path, command: str = "serve", before: tuple[str, ...] = ()
    ) -> None:
        self._url = settings.public_url
        self._output = output
        self._command = [*before, *INTAKE, command]
        given = {f"INTAKE_{n.upper()}": str(getattr(settings, n)) for n in settings.model_fields_set}
        self.environment = os.environ | given | {"INTAKE_LOG_LEVEL": "DEBUG", "COLUMNS": "400"}

    @property
    def pid(self) -> int:
        """Of what was started: the tracer, if there is one."""
        return self._process.pid

    @property
    def log(self) -> str:
        """What it wrote so far."""
        return self._output.read_text("utf-8", "replace")

    def start(self) -> None:
        """Start, and wait until it answers."""
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            try:
                httpx.get(self._url, timeout=5)
                return
            except httpx.TransportError:
                assert self._process.poll() is None, self._output.read_text()
                time.sleep(0.05)
        raise AssertionError("the server did not start")

    def died(self) -> bool:
        """Whether it is gone; it may still be going when this says no."""
        return self._process.poll() is not None

    def kill(self) -> None:
        """Without warning."""
        with suppress(ProcessLookupError):  # killed by somebody else, and noticed by `died`
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(60)

    def stop(self) -> None:
        """In order; uvicorn ends by raising the signal again."""
        os.killpg(self._process.pid, signal.SIGTERM)
        assert self._process.wait(60) in (0, -signal.SIGTERM, 128 + signal.SIGTERM)
