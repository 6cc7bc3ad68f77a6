"""The browser's library stands as the Python one does: pure, under the same names, in short files."""

import re

import pytest

from tests.test_house import ROOT

LIBRARY = sorted((ROOT / "web" / "src" / "crypto").glob("*.ts"))
IMPURE = (
    r"\b(Date|Math\.random|getRandomValues|XMLHttpRequest|localStorage|indexedDB)\b"
    r"|\b(document|window|console)\.|\bfetch\("
)


def test_each_file_has_the_name_of_its_twin() -> None:
    pytest.importorskip("crypto.profiles", reason="profiles, messages and withdrawals are not here yet")
    python = {path.stem for path in (ROOT / "crypto").glob("*.py")}
    assert len(LIBRARY) > 20
    assert {path.stem for path in LIBRARY} <= python


def test_the_library_is_pure_and_only_primitives_reach_for_cryptography() -> None:
    for path in LIBRARY:
        code = re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", path.read_text("utf-8"), flags=re.DOTALL)
        assert not re.search(IMPURE, code), path
        wanted = re.findall(r"""(?:from|import\()\s*["']([^"']+)["']""", code)
        others = [name for name in wanted if not re.fullmatch(r"\./[a-z_0-9]+\.ts", name)]
        if path.stem == "primitives":
            assert all(name.startswith("@noble/") or name == "hash-wasm" for name in others)
        else:
            assert not others and "subtle." not in code, path


def test_no_file_is_too_long() -> None:
    for folder in ("src", "test"):
        for path in (ROOT / "web" / folder).rglob("*.ts"):
            assert len(path.read_text("utf-8").splitlines()) <= 400, path
