"""The test stand: a folder on a real disk, files, a mechanism, and real servers on every back end."""

import atexit
import functools
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import obstore
import psycopg

from bench import usage
from bench.scale import Scale
from bench.wire import Address, Slice
from crypto import age_stream
from intake.installation import Installation
from intake.settings import Settings
from tests import postgres, s3
from tests.program import Program
from tests.service import Mechanism, free_port, make_mechanism, prepare, video

BACK_ENDS = {"files": "SQLite + files", "s3": "PostgreSQL + S3"}
MIB = 1 << 20


@dataclass
class Server:
    """A running `intake serve`; `installation` is a second view of its data."""

    settings: Settings
    installation: Installation
    program: Program

    @property
    def address(self) -> Address:
        """Where it listens."""
        return "127.0.0.1", self.settings.port

    def cpu(self) -> float:
        """CPU seconds so far, of all its processes."""
        return usage.cpu(self._processes())

    def peak_mib(self) -> float:
        """Most resident memory so far."""
        return usage.peak_mib(self._processes())

    def settle(self) -> None:
        """Wait until it does nothing: every worker has started, every late `close` is done."""
        for _ in range(100):
            before = self.cpu()
            time.sleep(0.2)
            if self.cpu() - before < 0.004:
                return

    def _processes(self) -> list[int]:
        return usage.session(self.program.pid)


class Stand:
    """Everything that rows share. Files are made on first use."""

    def __init__(self, folder: Path, scale: Scale) -> None:
        self.folder = folder
        self.scale = scale
        self.mechanism: Mechanism = make_mechanism(folder / "keys", "demo")

    @functools.cached_property
    def videos(self) -> list[Path]:
        """Eight large files, as long as the payload over `large_mib`, all different."""
        made = []
        for number in range(8):
            path = self.folder / f"video-{number}"
            with path.open("wb") as file:
                file.write(video(MIB))
                left = age_stream.sealed_length(self.scale.large_mib * MIB) - MIB
                while left > 0:
                    left -= file.write(os.urandom(min(left, 8 * MIB)))
            made.append(path)
        return made

    def payloads(self) -> list[Slice]:
        """The large files as what a sealing client would upload."""
        length = age_stream.sealed_length(self.scale.large_mib * MIB)
        return [Slice(path, length) for path in self.videos]

    def originals(self) -> list[Slice]:
        """The large files as what a browser would send."""
        return [Slice(path, self.scale.large_mib * MIB) for path in self.videos]

    @contextmanager
    def data(self, back_end: str = "files", **overrides: Any) -> Iterator[tuple[Settings, Installation]]:
        """An empty installation on `files`, `s3` (with PostgreSQL) or `postgresql` (with files)."""
        folder = self.folder / f"server-{secrets.token_hex(4)}"
        folder.mkdir()
        with ExitStack() as stack:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            if back_end != "files":
                overrides["database_url"] = stack.enter_context(postgres.postgres(durable_postgres()))
            if back_end == "s3":
                place = s3.started().place()
                overrides |= {"store_url": place, "s3_endpoint": s3.server()}
                stack.enter_context(s3.credentials())
                stack.callback(_empty, place)
            settings, installation = prepare(folder / "var", free_port(), self.mechanism, **overrides)
            stack.callback(installation.database.close)
            yield settings, installation

    @contextmanager
    def server(self, back_end: str = "files", **overrides: Any) -> Iterator[Server]:
        """An empty installation, served by the program as operators start it."""
        with self.data(back_end, **overrides) as (settings, installation), serving(settings) as program:
            server = Server(settings, installation, program)
            server.settle()
            yield server


@contextmanager
def serving(settings: Settings) -> Iterator[Program]:
    """`intake serve` until the block ends."""
    program = Program(settings, settings.data_dir.parent / "output")
    program.environment["INTAKE_LOG_LEVEL"] = "INFO"
    program.start()
    try:
        yield program
    finally:
        program.kill()  # what is measured is over, and the data is thrown away


@functools.cache
def durable_postgres() -> postgres.Server:
    """A server that syncs, as the tests' does not: started again with its defaults."""
    server = postgres.Server()
    server.kill()
    command = [server._program("postgres"), "-D", "data", "-k", str(server.socket), "-c", "listen_addresses="]
    with (server.socket / "log").open("ab") as log:
        server._process = subprocess.Popen(
            command, stdout=log, stderr=log, start_new_session=True, **server._options
        )
    atexit.register(server.stop)
    for _ in range(300):
        try:
            with server.connect() as connection:
                assert connection.execute("SHOW fsync").fetchone() == ("on",)
                return server
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not start")


def _empty(place: str) -> None:
    """Give the space back; the server itself goes when this process ends."""
    connected = s3.at(place)
    for chunk in obstore.list(connected):
        obstore.delete(connected, [entry["path"] for entry in chunk])


@contextmanager
def scratch(wanted: Path | None) -> Iterator[Path]:
    """A folder for everything, on a disk: on tmpfs a sync costs nothing, and files are memory."""
    for folder in [wanted] if wanted else [Path(tempfile.gettempdir()), Path("/var/tmp"), Path.cwd()]:
        if _file_system(folder) not in ("tmpfs", "ramfs"):
            break
    else:
        raise SystemExit("no folder on a disk was found: name one with --folder")
    tempfile.tempdir = str(folder)  # for the S3 server, too
    with tempfile.TemporaryDirectory(prefix="intake-bench-", dir=folder, ignore_cleanup_errors=True) as made:
        yield Path(made)


def _file_system(folder: Path) -> str:
    command = ["stat", "--file-system", "--format=%T", str(folder)]
    return subprocess.check_output(command, text=True).strip()
