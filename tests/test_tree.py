"""What is in the repository: nothing of one machine, and locks that name hashes but no hosts."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import intake
from intake.client import VERSION

ROOT = Path(__file__).parent.parent


MADE = {".git", ".venv", ".hypothesis", "var", "node_modules", "__pycache__"}


def files() -> Iterator[Path]:
    """Everything that is not made by running or testing (git may be missing where tests run)."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [f for f in folders if f not in MADE and not f.endswith(("_cache", ".egg-info"))]
        yield from (Path(folder, name) for name in names)


def test_no_file_names_a_registry_or_a_folder_of_somebodys_machine() -> None:
    hosts = [
        ".".join(parts)
        for parts in (
            ("registry", "npmjs"),
            ("files", "pythonhosted"),
            ("pypi", "org"),
            ("deb", "debian", "org"),
        )
    ]
    begun = r"(?<![\w.>}])"  # a path of a machine begins with it; names of ours may end like that
    places = [
        begun + re.escape(f"/{first}{rest}/") for first, rest in (("ho", "me"), ("ro", "ot"), ("wo", "rk"))
    ]
    pattern = re.compile("|".join([*map(re.escape, hosts), *places]))
    for path in files():
        text = path.read_bytes().decode("utf-8", "ignore")
        found = pattern.search(text)
        assert not found, f"{path.relative_to(ROOT)} names {found and found[0]}"


def test_every_locked_requirement_has_a_hash() -> None:
    for name in ("requirements.txt", "requirements-test.txt"):
        lines = (ROOT / name).read_text().splitlines()
        pins = [i for i, line in enumerate(lines) if "==" in line]
        assert len(pins) > 20 and all("--hash=sha256:" in lines[i + 1] for i in pins)
    lock = (ROOT / "tests" / "node" / "package-lock.json").read_text()
    assert '"integrity"' in lock and '"resolved"' not in lock


def test_the_version_is_the_same_everywhere() -> None:
    assert intake.__version__ == VERSION
    assert f'version = "{VERSION}"' in (ROOT / "pyproject.toml").read_text()
