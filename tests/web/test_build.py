"""The browser's program is built from a lock file, always to the same bytes, and names them in a manifest."""

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from crypto.encoding import canonical_json
from tests.tools import find_node
from tests.web.twin import WEB, require_modules

# kB gzipped of what sealing loads: at once, and Argon2id and SHA-256 in WebAssembly with the receipt.
AT_ONCE, WITH_THE_RECEIPT = 53, 69
FORM, COMING_BACK = 60, 100  # both programs of the pages, the page and its worker


def made_before(folder: str, _: list[str]) -> list[str]:
    return ["dist", "dist-console"] if Path(folder) in (WEB, WEB / "test") else []


def link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # the temporary folder is on another disk
        shutil.copy2(source, target)


def build(folder: Path) -> tuple[dict[str, str], str]:
    """Build a copy of `web` in this folder: (path → hash, the manifest's own hash as it was printed)."""
    require_modules()
    shutil.copytree(WEB, folder, symlinks=True, ignore=made_before, copy_function=link_or_copy)
    node = find_node()
    environment = os.environ | {"NODE_ENV": "production"}
    for command in (
        ["node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"],
        ["manifest.mjs", "dist"],
    ):
        done = subprocess.run([node, *command], cwd=folder, capture_output=True, text=True, env=environment)
        assert not done.returncode, done.stdout + done.stderr
    return json.loads((folder / "dist" / "manifest.json").read_text()), done.stdout.split()[-1]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("build") / "web"
    build(folder)
    return folder / "dist"


def test_two_builds_in_two_folders_are_one(built: Path, tmp_path: Path) -> None:
    again, printed = build(tmp_path / "elsewhere" / "with a space")
    assert json.loads((built / "manifest.json").read_text()) == again
    assert hashlib.sha256((built / "manifest.json").read_bytes()).hexdigest() == printed


def test_the_manifest_names_every_file_with_its_hash(built: Path) -> None:
    data = (built / "manifest.json").read_bytes()
    manifest = json.loads(data)
    assert canonical_json(manifest) == data
    files = {str(p.relative_to(built)): p.read_bytes() for p in built.rglob("*") if p.is_file()}
    del files["manifest.json"]
    assert manifest == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    assert {name.split("-")[0] for name in files} >= {"seal", "read"}


def test_the_program_asks_nobody_else_stores_nothing_and_evaluates_no_text(built: Path) -> None:
    never = (
        r"https?://\S{0,40}|\beval\(|\bFunction\(|XMLHttpRequest|\bfetch\(|\w+Storage\b|indexedDB|innerHTML"
    )
    found = {path.name: set(re.findall(never, path.read_text("utf-8"))) for path in built.glob("*.js")}
    for name, texts in found.items():
        if name.startswith("exif-"):  # names of formats, which look like addresses
            texts -= {text for text in texts if text.startswith("http://")}
    asking = sorted(sorted(names) for names in found.values() if names)
    # One place for pages and one for everything else: by paths of the server that it came from.
    assert asking == [["XMLHttpRequest"], ["fetch("]], found


def loaded(built: Path, entry: str, dynamic: bool) -> set[Path]:
    """The files that an entry loads, and, with `dynamic`, those that it loads later."""
    found: set[Path] = set()
    wanted = list(built.glob(f"{entry}-*.js"))
    assert len(wanted) == 1
    while wanted:
        path = wanted.pop()
        if path in found:
            continue
        found.add(path)
        code = path.read_text("utf-8")
        names = re.findall(r"""(?:from|^import|;import)\s*["'`]\./([\w.-]+\.js)["'`]""", code)
        if dynamic:
            names += re.findall(r"""import\(["'`]\./([\w.-]+\.js)["'`]\)""", code)
        wanted += [built / name for name in names]
    return found


def kilobytes(paths: set[Path]) -> float:
    return sum(len(gzip.compress(p.read_bytes(), 9)) for p in paths) / 1000


def test_a_phone_has_little_to_load_before_it_can_seal(built: Path) -> None:
    at_once = loaded(built, "seal", dynamic=False)
    assert len(at_once) >= 2
    assert kilobytes(at_once) < AT_ONCE
    later = {p for p in loaded(built, "seal", dynamic=True) if not re.match("receipt_words|argon2", p.name)}
    assert len(later) > len(at_once)
    assert kilobytes(later) < WITH_THE_RECEIPT


def test_little_is_loaded_before_the_form_can_be_used(built: Path) -> None:
    waiting = loaded(built, "waiting", dynamic=True)
    (script,) = waiting  # of the old kind: it can import and export nothing
    assert not re.search(r"\b(import|export)\b", script.read_text("utf-8"))
    at_once = waiting | loaded(built, "page", dynamic=False) | loaded(built, "worker", dynamic=False)
    assert kilobytes(at_once) < FORM
    assert not [path.name for path in at_once if path.name.startswith(("sending", "job", "desk"))]
    coming_back = waiting | loaded(built, "own_page", dynamic=False)
    assert kilobytes(coming_back) < 13  # cryptography is for the worker alone
    assert kilobytes(coming_back | loaded(built, "own_worker", dynamic=False)) < COMING_BACK


def test_the_lock_names_hashes_but_no_hosts_and_one_copy_of_each_library() -> None:
    lock = json.loads((WEB / "package-lock.json").read_text())
    packages = {path: p for path, p in lock["packages"].items() if path}
    assert all("resolved" not in p and p["integrity"].startswith("sha512-") for p in packages.values())
    scripted = {n for n, p in packages.items() if p.get("hasInstallScript") and not p.get("optional")}
    assert scripted == {"node_modules/exifreader"}  # would build a smaller one, if asked; .npmrc forbids it
    assert "ignore-scripts=true" in (WEB / ".npmrc").read_text().splitlines()
    noble = [path for path in packages if "@noble/" in path]
    assert sorted(noble) == [
        f"node_modules/@noble/{n}" for n in ("ciphers", "curves", "hashes", "post-quantum")
    ]
    ours = json.loads((WEB / "package.json").read_text())
    for name, version in (ours["dependencies"] | ours["devDependencies"]).items():
        assert (
            re.fullmatch(r"\d+\.\d+\.\d+", version) and packages[f"node_modules/{name}"]["version"] == version
        )
