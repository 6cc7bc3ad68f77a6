"""Mechanisms' bundles: no mechanism takes what is sealed for another."""

from pathlib import Path

import pytest

from crypto import bundles
from crypto.primitives import SigningKey
from crypto.statement import AudienceEntry
from intake.errors import Conflict, Invalid
from intake.people import mechanisms
from intake.submissions import rows
from intake.submissions.arrived import ReceivedGrant
from tests.casework import bundle_of
from tests.service import Service, make_mechanism, on_every_database_in_time, register


@on_every_database_in_time
def test_a_bundle_with_a_key_of_another_mechanism_is_refused(service: Service, tmp_path: Path) -> None:
    other = make_mechanism(tmp_path / "other", "other")
    root = SigningKey.from_pem((other.keys / "root.key").read_bytes(), None)
    own, demos = bundle_of(other).keys, bundle_of(service.mechanism).keys

    def bundle(*keys: bundles.MechanismKey) -> bytes:
        signed = [
            bundles.sign_key(root, "other", k.epoch, k.kind, k.recipient, k.starts, k.expires) for k in keys
        ]
        return bundles.sign_bundle(root, "other", {"en": "Other"}, signed)

    for keys in (demos, (*own[1:], demos[0])):
        with service.installation.database.write() as connection, pytest.raises(Conflict) as refused:
            mechanisms.add(connection, bundle(*keys))
        assert refused.value.code == "key_of_another"
    register(service.installation, other)
    with service.installation.database.write() as connection:
        assert mechanisms.add(connection, bundle_of(other).raw).mechanism == "other"  # its own, again


def test_a_grant_that_would_be_two_mechanisms_is_nobodys(service: Service) -> None:
    place, key = "ab" * 16, "cd" * 32
    entries = [AudienceEntry(name, place, key) for name in ("demo", "other")]
    with service.installation.database.write() as connection, pytest.raises(Invalid) as refused:
        rows.grants(connection, "ef" * 32, entries, [ReceivedGrant(place, key, b"")])
    assert refused.value.code == "grants_differ"
