"""What everybody is told about mechanisms and consents, and what becomes of those that close."""

import json
from pathlib import Path

import pytest

from crypto import bundles
from crypto.encoding import canonical_json
from crypto.primitives import SigningKey, sha256
from crypto.profiles import sign_profile, verify_profile
from intake.client import api, submit
from intake.client.api import ApiError
from intake.people import mechanisms, profiles
from intake.record import consent_texts
from tests.service import Service, make_mechanism, new_receipt, on_every_database_in_time, prepared, register

DAY = "2026-12-01"


def profile(service: Service, version: int, closes: str | None = None) -> bytes:
    root = SigningKey.from_pem((service.mechanism.keys / "root.key").read_bytes(), None)
    words = {"en": "Examines.", "be": "Вывучае."}
    data = sign_profile(root, mechanism="demo", version=version, day=DAY, mandate=words, closes=closes)
    with service.installation.database.write() as connection:
        profiles.add(connection, data)
    return data


@on_every_database_in_time
def test_everybody_gets_profiles_that_the_mechanisms_roots_signed(service: Service, tmp_path: Path) -> None:
    register(service.installation, make_mechanism(tmp_path / "keys", "iapb"))
    before = service.http.get(f"{service.url}/v1/mechanisms").json()
    data = profile(service, 1)
    answer = service.http.get(f"{service.url}/v1/mechanisms").json()
    assert answer["mechanisms"] == before["mechanisms"] and before["profiles"] == {}
    roots = {b["mechanism"]: bundles.verify_bundle(canonical_json(b)).root for b in answer["mechanisms"]}
    assert set(roots) == {"demo", "iapb"} and set(answer["profiles"]) == {"demo"}
    shown = verify_profile(json.dumps(answer["profiles"]["demo"]).encode(), roots["demo"])
    assert shown.raw == data and shown.text(shown.mandate, "be") == "Вывучае."


@on_every_database_in_time
def test_a_mechanism_that_closed_is_not_offered_and_takes_nothing(service: Service, tmp_path: Path) -> None:
    testimony = prepared(tmp_path / "t", {})
    with api.api(service.url, patience=10) as connection:
        known = submit.fetch_bundles(connection, {})  # by somebody who began before it closed

        def taken() -> bool:
            offered = service.http.get(f"{service.url}/v1/mechanisms").json()
            sender = submit.Submitter(connection, new_receipt(), known, consent_texts.current("be"))
            try:
                sender.submit(testimony)
            except ApiError:
                assert offered == {"mechanisms": [], "profiles": {}}
                return False
            assert len(offered["mechanisms"]) == 1
            return True

        assert taken()
        profile(service, 1, closes="2026-01-31")
        assert not taken()
        profile(service, 2)
        assert taken()
        with service.installation.database.write() as database:
            mechanisms.close(database, "demo")
        assert not taken()


def test_everybody_can_read_the_text_of_every_consent_ever_given(service: Service) -> None:
    answer = service.http.get(f"{service.url}/v1/consent-texts").json()
    assert answer["current"] == consent_texts.VERSION
    found = {(t["version"], t["language"]): t for t in answer["texts"]}
    versions = {version for version, _ in found}
    assert {"2026-11", "2026-12"} <= versions and max(versions) == answer["current"]
    assert set(found) == {(version, language) for version in versions for language in ("be", "ru", "en")}
    for text in answer["texts"]:
        assert sha256(text["text"].encode()).hex() == text["sha256"]


def test_texts_that_were_shown_never_change() -> None:
    first = {t.language: t.sha256[:16] for t in consent_texts.every() if t.version == "2026-11"}
    assert first == {"be": "2cb9dfad98ec78d6", "en": "84835a19ebdb666d", "ru": "c234bebf6efa439e"}
    assert consent_texts.get(consent_texts.VERSION, "be") == consent_texts.current("be")
    for version, language in (
        ("2026-10", "be"),
        ("../2026-11", "be"),
        ("2026-11", "pl"),
        ("2026-11", "../be"),
    ):
        with pytest.raises(KeyError):
            consent_texts.get(version, language)
