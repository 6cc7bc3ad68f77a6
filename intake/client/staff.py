"""Admitting a member: the root signs what a person's own browser asked for, on a machine without a network.

request.json   {mechanism, member, name, key, recipient}: public halves of keys that the person made
card.json      certificate and membership, signed: for the service, and for whoever seals to the member
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crypto import checks
from crypto.age_keys import Recipient
from crypto.encoding import b64u_decode, parse_json
from crypto.members import Member, sign_member
from crypto.membership import Membership, encode_card, fingerprint, parse_card, sign_membership
from intake.client import mechanism_keys


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asks the root to sign. `key` is Ed25519, 32 bytes."""

    mechanism: str
    member: str
    name: str | None
    key: bytes
    recipient: Recipient

    @property
    def fingerprint(self) -> str:
        """What the person sees in their browser, and reads out to whoever signs: SHA-256, hex."""
        return fingerprint(self.key, self.recipient)


def read_request(data: bytes) -> Request:
    """`FormatError` if it is none."""
    asked = checks.exactly(parse_json(data), "mechanism member name key recipient")
    return Request(
        checks.text(asked["mechanism"], checks.SLUG),
        checks.text(asked["member"], checks.SLUG),
        asked["name"],
        b64u_decode(asked["key"], 32),
        checks.recipient(asked["recipient"]),
    )


def admit(
    folder: Path, asked: Request, roles: Sequence[str], days: int, passphrase: bytes | None
) -> tuple[Member, Membership, bytes]:
    """Sign certificate and membership, from today; what they say, and the card.

    `FormatError` or `ValueError` says what does not hold.
    """
    root, bundle = mechanism_keys.load_root(folder, passphrase)
    if asked.mechanism != bundle.mechanism:
        raise ValueError(f"the request is for {asked.mechanism}, and these keys are of {bundle.mechanism}")
    starts = datetime.now(UTC).date()
    first, last = starts.isoformat(), (starts + timedelta(days=days)).isoformat()
    certificate = sign_member(root, bundle.mechanism, asked.member, asked.name, asked.key, first, last)
    membership = sign_membership(
        root,
        mechanism=bundle.mechanism,
        member=asked.member,
        key=asked.key,
        recipient=asked.recipient,
        roles=roles,
        starts=first,
        expires=last,
    )
    card = encode_card(certificate, membership)
    return *parse_card(card, root.public), card
