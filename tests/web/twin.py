"""The TypeScript library, compiled for Node, as a process that answers requests."""

import base64
import fcntl
import functools
import json
import subprocess
from pathlib import Path
from typing import Any

from tests.tools import find_node, missing

WEB = Path(__file__).parent.parent.parent / "web"


def require_modules() -> None:
    """Skip loudly without what npm installs; see `tests.tools.missing`."""
    if not (WEB / "node_modules" / "typescript").is_dir():
        missing("web/node_modules", "run 'make test', or npm ci in web")


@functools.cache
def compiled() -> Path:
    """The folder of the compiled tests. Several workers may come at once."""
    require_modules()
    with (WEB / "node_modules" / ".compiling.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        compiler = WEB / "node_modules" / "typescript" / "bin" / "tsc"
        done = subprocess.run(
            [find_node(), compiler, "-p", "tsconfig.test.json"], cwd=WEB, capture_output=True, text=True
        )
        assert not done.returncode, done.stdout + done.stderr
    return WEB / "test" / "dist" / "test"


class TwinError(Exception):
    """The TypeScript library refused; `kind` is the name of the class of its error."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Twin:
    """Operations of `web/test/twin.ts`. Bytes go there as base64, and come back so: see `b64`, `raw`."""

    def __enter__(self) -> "Twin":
        self._process = subprocess.Popen(
            [find_node(), compiled() / "twin.js"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def ask(self, op: str, **request: Any) -> Any:
        """What the operation gives; `TwinError` if it refuses."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"op": op, **request}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise TwinError(answer["error"], answer["message"])
        return answer["result"]


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def raw(text: str) -> bytes:
    return base64.b64decode(text)
