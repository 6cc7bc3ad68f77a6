"""What was built for browsers is served as its manifest names it, under a policy that lets nothing else run."""

import hashlib
from pathlib import Path

import pytest

from crypto.encoding import canonical_json
from intake.errors import ConfigurationError
from intake.http.assets import read_assets
from tests.service import Mechanism, running

FILES = {
    "page-Ab_-1234.js": b"export {};",
    "waiting-00000000.js": b"0;",
    "worker-00000000.js": b"1;",
    "pages-00000000.js": b"2;",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "dist"
    made.mkdir()
    for name, data in FILES.items():
        (made / name).write_bytes(data)
    manifest = {name: hashlib.sha256(data).hexdigest() for name, data in FILES.items()}
    (made / "manifest.json").write_bytes(canonical_json(manifest))
    return made


def test_an_installation_without_a_build_has_no_assets(tmp_path: Path) -> None:
    assert read_assets(tmp_path / "nothing") is None


def test_a_changed_or_missing_file_stops_the_start(folder: Path) -> None:
    found = read_assets(folder)
    assert found and found.entry("page") == "page-Ab_-1234.js"
    (folder / "page-Ab_-1234.js").write_bytes(b"other")
    with pytest.raises(ConfigurationError, match="make web"):
        read_assets(folder)
    (folder / "page-Ab_-1234.js").unlink()
    with pytest.raises(ConfigurationError, match="make web"):
        read_assets(folder)
    (folder / "manifest.json").write_text("[]")
    with pytest.raises(ConfigurationError, match="make web"):
        read_assets(folder)


def test_a_page_names_what_was_built_and_nothing_else_may_run(
    folder: Path, tmp_path: Path, demo: Mechanism
) -> None:
    manifest = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    with running(tmp_path, demo, web_dir=folder) as service:
        page = service.http.get(f"{service.url}/be/")
        policy = page.headers["content-security-policy"]
        assert "script-src 'self' 'wasm-unsafe-eval';" in policy and "unsafe-inline" not in policy
        assert "require-trusted-types-for 'script'" in policy and policy.startswith("default-src 'none'")
        address = f"/static/{manifest[:16]}/page-Ab_-1234.js"
        assert f'src="{address}"' in page.text and manifest in page.text
        assert page.text.index("<script src=") < page.text.index(
            '<script type="module"'
        )  # it waits for the other
        script = service.http.get(service.url + address)
        assert script.content == FILES["page-Ab_-1234.js"]
        assert script.headers["content-type"].startswith("text/javascript")
        assert "immutable" in script.headers["cache-control"]
        listed = service.http.get(f"{service.url}/static/{manifest[:16]}/manifest.json")
        assert hashlib.sha256(listed.content).hexdigest() == manifest


def test_a_page_runs_nothing_where_nothing_was_built(tmp_path: Path, demo: Mechanism) -> None:
    with running(tmp_path, demo) as service:
        page = service.http.get(f"{service.url}/be/")
        assert "<script" not in page.text and "script-src" not in page.headers["content-security-policy"]
