"""People who go on after a testimony was received: members of a mechanism, and a submitter who comes back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crypto.bundles import Bundle, verify_bundle
from crypto.receipt import Receipt
from intake import clock
from intake.client import api, mechanism_keys, members, pull
from intake.client.correspondence import Case, CaseClient, OwnCase
from intake.client.members import MemberKey
from intake.people import members as registered
from intake.submissions import withdraw
from tests.service import PURPOSE, Mechanism, Service, prepared


def bundle_of(mechanism: Mechanism) -> Bundle:
    return verify_bundle((mechanism.keys / "bundle.json").read_bytes())


def make_member(
    folder: Path, mechanism: Mechanism, name: str, days: int = 100, said: str | None = None
) -> MemberKey:
    """A key of their own, certified by the mechanism's root."""
    private, public = members.new_member(folder, name, said, None)
    members.certify(mechanism.keys, public, days, None)
    return members.load_member(private, bundle_of(mechanism).root, None)


def register_member(service: Service, member: MemberKey) -> None:
    """The operator imports the certificate."""
    with service.installation.database.write() as connection:
        registered.add(connection, member.member.mechanism, member.member.raw)


def revoke_member(service: Service, member: MemberKey) -> None:
    with service.installation.database.write() as connection:
        registered.revoke(connection, member.member.mechanism, member.member.id)


def registered_member(
    service: Service, folder: Path, name: str = "anna", said: str | None = None
) -> MemberKey:
    member = make_member(folder, service.mechanism, name, said=said)
    register_member(service, member)
    return member


def pulled_record(service: Service, folder: Path, **changes: Any) -> tuple[Receipt, Path]:
    """A testimony for `demo`, and the folder into which its program pulled it."""
    receipt, sent = service.submit(prepared(folder / "testimony", {}, **changes))
    service.pull(folder / "pulled")
    return receipt, folder / "pulled" / "records" / sent.record


@contextmanager
def own_case(service: Service, receipt: Receipt, **roots: str) -> Iterator[OwnCase]:
    """The submitter, with a receipt."""
    with api.api(service.url, patience=5) as connection:
        yield OwnCase(connection, receipt.keys(), roots)


@contextmanager
def case(
    service: Service, record: Path, mechanism: Mechanism | None = None, purpose: str = PURPOSE
) -> Iterator[Case]:
    """The mechanism's people, with a pulled record."""
    mechanism = mechanism or service.mechanism
    with client(service, mechanism, purpose) as feed:
        identities = mechanism_keys.identities(mechanism.keys)
        yield Case(feed, record, identities, bundle_of(mechanism))


@contextmanager
def client(
    service: Service, mechanism: Mechanism | None = None, purpose: str = PURPOSE
) -> Iterator[CaseClient]:
    """Their program."""
    key = pull.load_client((mechanism or service.mechanism).client_file)
    with api.api(service.url, patience=5) as connection:
        yield CaseClient(connection, key, purpose)


def withdraw_consent(service: Service, record: str, mechanism: str = "demo") -> None:
    """As two members can, without a receipt."""
    with service.installation.database.write() as connection:
        withdraw.by_mechanism(connection, record, mechanism, b"{}")


def later(days: int) -> int:
    """Seconds since 1970, so many days from now."""
    return clock.now() + days * clock.DAY
