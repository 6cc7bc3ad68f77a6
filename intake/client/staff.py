"""Admitting a member: the root signs what a person's own browser asked for, on a machine without a network.

request.json   {mechanism, member, name, key, recipient}: public halves of keys that the person made; and
               days, if whoever handed it on knows how long the invitation meant
card.json      certificate and membership, signed: for the service, and for whoever seals to the member
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from crypto import checks
from crypto.age_keys import Recipient
from crypto.encoding import b64u_decode, parse_json
from crypto.errors import FormatError
from crypto.members import Member, sign_member
from crypto.membership import Membership, encode_card, fingerprint, parse_card, sign_membership
from crypto.primitives import SigningKey
from intake.client import mechanism_keys

MOST_DAYS = 3650  # of a membership


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asks the root to sign. `key` is Ed25519, 32 bytes."""

    mechanism: str
    member: str
    name: str | None
    key: bytes
    recipient: Recipient
    days: int | None = None  # of the invitation; nobody has signed that

    @property
    def fingerprint(self) -> str:
        """What the person sees in their browser, and reads out to whoever signs: SHA-256, hex."""
        return fingerprint(self.key, self.recipient)


def read_request(data: bytes) -> Request:
    """`FormatError` if it is none."""
    asked = parse_json(data)
    raw = asked.pop("days", None) if isinstance(asked, dict) else None
    days = None if raw is None else checks.positive(raw)
    if days is not None and days > MOST_DAYS:
        raise FormatError(f"a membership lasts at most {MOST_DAYS} days")
    asked = checks.exactly(asked, "mechanism member name key recipient")
    return Request(
        checks.text(asked["mechanism"], checks.SLUG),
        checks.text(asked["member"], checks.SLUG),
        asked["name"],
        b64u_decode(asked["key"], 32),
        checks.recipient(asked["recipient"]),
        days,
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
    return _sign(root, asked, roles, _today().isoformat(), days)


def renew(folder: Path, card: bytes, days: int, passphrase: bytes | None) -> tuple[Member, Membership, bytes]:
    """The same card with a later end, `days` from today; as `admit`. The first day stays: what the member
    signed since then goes on to hold."""
    root, _ = mechanism_keys.load_root(folder, passphrase)
    member, old = parse_card(card, root.public)
    if old.expires < _today().isoformat():
        raise ValueError("this membership has ended: the person has to be invited anew, under another name")
    asked = Request(old.mechanism, old.member, member.name, old.key, old.recipient)
    signed = _sign(root, asked, old.roles, old.starts, days)
    if signed[1].expires <= old.expires:
        raise ValueError(f"the card lasts until {old.expires} already")
    return signed


def _sign(
    root: SigningKey, asked: Request, roles: Sequence[str], first: str, days: int
) -> tuple[Member, Membership, bytes]:
    last = (_today() + timedelta(days=days)).isoformat()
    certificate = sign_member(root, asked.mechanism, asked.member, asked.name, asked.key, first, last)
    membership = sign_membership(
        root,
        mechanism=asked.mechanism,
        member=asked.member,
        key=asked.key,
        recipient=asked.recipient,
        roles=roles,
        starts=first,
        expires=last,
    )
    card = encode_card(certificate, membership)
    return *parse_card(card, root.public), card


def _today() -> date:
    return datetime.now(UTC).date()
