"""Row `others`: what other programs spend on the same eight files, every process of theirs counted."""

import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench import usage
from bench.report import Line
from bench.stand import Stand
from bench.uploads import Spent, at_once, plain
from bench.wire import Address, Connection, Slice
from tests.service import free_port

_NGINX = """
worker_processes 1;
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
{user}
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_max_body_size 0;
    client_body_buffer_size 256k;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        root {folder}/files;
        location / {{ dav_methods PUT; }}
    }}
}}
"""


def others(stand: Stand) -> Iterator[Line]:
    """The same script as in row `sealed` is the measure of all."""
    files = stand.originals()
    floor = [plain(stand, "sealed", files) for _ in range(stand.scale.rounds)]
    least = statistics.median(f.cpu for f in floor)
    ways: list[tuple[str, dict[str, str], Callable[[Stand, Sequence[Slice]], Spent]]] = [
        (
            "nginx (PUT to disk), sha256sum, age, sync",
            {"nginx": "nginx-light", "sha256sum": "coreutils", "age": "age", "sync": "coreutils"},
            _pipeline,
        ),
        ("restic backup", {"restic": "restic"}, _restic),
    ]
    for what, programs, measure in ways:
        if missing := [package for program, package in programs.items() if not _found(program)]:
            yield Line("others", what, f"missing: apt-get install {' '.join(missing)}")
            continue
        rounds = [measure(stand, files) for _ in range(stand.scale.rounds)]
        cpu, wall = statistics.median(r.cpu for r in rounds), statistics.median(r.wall for r in rounds)
        yield Line("others", what, str(Spent(cpu, wall, rounds[0].size)), "script of `sealed`", cpu / least)


def _found(program: str) -> str | None:
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def _pipeline(stand: Stand, files: Sequence[Slice]) -> Spent:
    """A receiver as one would put it together: plaintext on the disk, then a hash, then a sealed copy."""
    folder = stand.folder / "nginx"
    try:
        key = folder / "key"
        with _nginx(folder) as (address, leader):
            before = usage.cpu(usage.session(leader))
            wall = at_once(address, _put, files)
            cpu = usage.cpu(usage.session(leader)) - before
        subprocess.run(["age-keygen", "-o", str(key)], check=True, capture_output=True)
        recipient = subprocess.check_output(["age-keygen", "-y", str(key)], text=True).strip()
        stored = [folder / "files" / file.path.name for file in files]
        for path in stored:
            sealed = path.with_suffix(".age")
            for command in (
                ["sha256sum", str(path)],
                ["age", "-r", recipient, "-o", str(sealed), str(path)],
                ["sync", "--data", str(sealed)],
            ):
                more, took = usage.run(command)
                cpu, wall = cpu + more, wall + took
        return Spent(cpu, wall, sum(map(len, files)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _put(connection: Connection, file: Slice) -> None:
    connection.ask(f"PUT /{file.path.name}", {}, file)


@contextmanager
def _nginx(folder: Path) -> Iterator[tuple[Address, int]]:
    """nginx on loopback: (address, leader of its session)."""
    (folder / "files").mkdir(parents=True)
    port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, port=port, user=user))
    program = _found("nginx")
    assert program
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    try:
        for _ in range(100):
            try:
                Connection(("127.0.0.1", port)).close()
                break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError((folder / "output").read_text()) from None
                time.sleep(0.05)
        yield ("127.0.0.1", port), process.pid
    finally:
        process.terminate()
        process.wait(30)


def _restic(stand: Stand, files: Sequence[Slice]) -> Spent:
    """A back-up into a fresh repository: encrypted, and deduplicated by content."""
    folder = stand.folder / "restic"
    environment = os.environ | {
        "RESTIC_PASSWORD": "bench",
        "RESTIC_REPOSITORY": str(folder / "repository"),
        "RESTIC_CACHE_DIR": str(folder / "cache"),
    }
    try:
        usage.run(["restic", "init"], env=environment)
        names = [str(file.path) for file in files]
        cpu, wall = usage.run(["restic", "backup", "--quiet", *names], env=environment)
        return Spent(cpu, wall, sum(file.path.stat().st_size for file in files))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
