"""`intake doctor` is content with a sound machine, and names each trouble with its mend."""

import os
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from intake.audit.events import Log
from intake.db.tables.audit import log_entries
from intake.settings import Settings
from intake.store.s3 import S3Store
from intake.upkeep import doctor
from intake.upkeep.doctor import Trouble
from tests import s3
from tests.service import Service, on_every_backend
from tests.tools import missing


def examine(service: Service, **changed: Any) -> list[Trouble]:
    settings = service.settings.model_copy(update=changed)
    return list(doctor.examine(settings, service.installation.database, service.installation.store))


@pytest.fixture(autouse=True)
def no_core_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


@on_every_backend
def test_a_sound_installation_has_no_grave_trouble(service: Service) -> None:
    found = examine(service)
    # The tests' PostgreSQL runs without fsync, and the machine may have swap: both named.
    expected = {"with fsync off, what was acknowledged can be lost"}
    if service.installation.database.engine.dialect.name == "sqlite":
        expected = set()
    assert {t.what for t in found if "swapped" not in t.what} == expected
    assert list(service.installation.store.names()) == []
    assert list(service.installation.store.stages()) == []


@pytest.mark.parametrize(
    ("changed", "part", "what"),
    [
        ({"public_url": "http://intake.example.org"}, "settings", "without TLS"),
        ({"review_url": "http://review.example.org"}, "settings", "cannot have passkeys"),
        ({"review_url": "https://192.0.2.7"}, "settings", "cannot have passkeys"),
        ({"host": "0.0.0.0"}, "settings", "public address is this machine"),
        ({"merge_max_hours": 0, "merge_min_hours": 0}, "settings", "which photo was known"),
        ({"reserve_mib": 10**9}, "disk", "photos are refused below"),
    ],
)
def test_settings_that_endanger_are_named(
    service: Service, changed: dict[str, Any], part: str, what: str
) -> None:
    (found,) = [t for t in examine(service, **changed) if "swapped" not in t.what]
    assert found.part == part and what in found.what and found.mend


def test_an_onion_address_needs_no_tls(service: Service) -> None:
    assert [t for t in examine(service, public_url=f"http://{'a' * 56}.onion") if t.part == "settings"] == []


def test_secret_keys_of_the_demonstration_on_a_public_server_are_named(service: Service) -> None:
    (service.settings.data_dir / "demo-mechanism-keys").mkdir()
    found = examine(service, public_url="https://intake.example.org")
    assert any("demonstration" in t.what and t.grave for t in found)


def test_files_that_others_can_read_are_named(service: Service) -> None:
    pepper = service.settings.keys_dir / "pepper"
    pepper.chmod(0o644)
    assert [t.mend for t in examine(service) if t.part == "files"] == [f"chmod go= {pepper}"]
    pepper.unlink()
    assert any(t.part == "files" and "pepper" in t.what and t.grave for t in examine(service))


def test_core_files_are_named(service: Service) -> None:
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    if hard == 0:
        missing("core files", "their limit is zero here, and cannot be raised")
    resource.setrlimit(resource.RLIMIT_CORE, (1 << 20, hard))
    assert any("core file" in t.what for t in examine(service))


def test_mechanism_keys_that_end_soon_are_named(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    day = os.path.getmtime(service.settings.data_dir)
    monkeypatch.setattr("intake.clock.now", lambda: int(day) + 350 * 86_400)
    assert any(t.part == "mechanisms" and "demo" in t.what for t in examine(service))


def test_a_clock_that_differs_from_the_file_systems_is_named(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = os.path.getmtime(service.settings.data_dir)
    monkeypatch.setattr("intake.clock.now", lambda: int(now) + 900)
    assert any(t.part == "clock" for t in examine(service))


def test_a_damaged_database_and_an_outdated_one_are_named(service: Service, tmp_path: Path) -> None:
    from intake.db.engine import Database

    empty = Database(f"sqlite:///{tmp_path}/empty.db")
    found = list(doctor.examine(service.settings, empty, service.installation.store))
    assert any(t.part == "database" and "intake migrate" in t.mend for t in found)
    empty.close()
    gone = Database(f"sqlite:///{tmp_path}/no/such/folder.db")
    found = list(doctor.examine(service.settings, gone, service.installation.store))
    assert any(t.part == "database" and t.grave for t in found)


def test_a_store_that_refuses_the_credentials_is_named(service: Service) -> None:
    from obstore.store import S3Store as Bucket

    wrong = Bucket(
        "bucket",
        endpoint=s3.server(),
        access_key_id=s3.KEY,
        secret_access_key="wrong",
        region="us-east-1",
        client_options={"allow_http": True},
        virtual_hosted_style_request=False,
        retry_config={"max_retries": 0},
    )
    found = list(doctor.examine(service.settings, service.installation.database, S3Store(wrong)))
    assert any(t.part == "store" and t.grave and "AWS_" in t.mend for t in found)


def test_every_trouble_has_a_mend(service: Service) -> None:
    settings: Settings = service.settings
    assert all(t.mend for t in examine(service, public_url="http://x.org", reserve_mib=settings.reserve_mib))


def test_a_log_that_could_not_be_signed_is_named(service: Service) -> None:
    found = service.installation
    found.publisher.publish("demo", Log.RECORDS, now=True)
    assert [t for t in examine(service) if t.part == "logs"] == []
    with service.owner.write() as connection:
        connection.execute(
            delete(log_entries).where(log_entries.c.log == "records", log_entries.c.index == 3)
        )
    (trouble,) = [t for t in examine(service) if t.part == "logs"]
    assert trouble.grave and "log demo/records" in trouble.what
    found.publisher.stop("demo", Log.ACCESS, "because")
    assert sum(t.part == "logs" for t in examine(service)) == 2


@pytest.mark.parametrize("lost", ["origin", "active"])
def test_lost_keys_of_logs_are_named_and_not_made_anew(service: Service, lost: str) -> None:
    service.installation.publisher.publish("demo", Log.RECORDS, now=True)
    folder = service.settings.keys_dir / "log"
    (folder / lost).unlink()
    before = sorted(path.name for path in folder.iterdir())
    (trouble,) = [t for t in examine(service) if t.part == "logs"]
    assert trouble.grave and "has lost the keys" in trouble.what and "backup" in trouble.mend
    assert sorted(path.name for path in folder.iterdir()) == before
