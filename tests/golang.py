"""Programs in Go for tests, built without modules from Debian's golang-golang-x-mod-dev."""

import os
import subprocess
from pathlib import Path

from tests.tools import missing, require_program

SOURCES = Path(__file__).parent / "go"
GOPATH = Path("/usr/share/gocode")  # where Debian puts the sources of Go packages


def build(source: Path, work: Path) -> Path:
    """The program of a Go file; nothing is fetched."""
    go = require_program("go", "Debian's golang-go, for programs that others would run")
    if not (GOPATH / "src" / "golang.org" / "x" / "mod" / "sumdb" / "tlog").is_dir():
        missing("golang.org/x/mod", "Debian's golang-golang-x-mod-dev")
    environment = os.environ | {
        "GO111MODULE": "off",  # GOPATH mode: nothing is fetched, and there is no go.mod to keep
        "GOPATH": str(GOPATH),
        "GOPROXY": "off",
        "GOFLAGS": "",
        "GOTOOLCHAIN": "local",
        "CGO_ENABLED": "0",
        "GOCACHE": str(work / "cache"),
    }
    program = work / source.stem
    subprocess.run([go, "build", "-o", program, source], check=True, env=environment, cwd=work)
    return program
