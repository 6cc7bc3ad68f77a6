"""A membership: what a member may do in a mechanism, and the key that content is sealed to for them.

    signature = Ed25519(root, "intake/membership/v1" ‖ 00 ‖ JCS(membership without it))

The certificate (`members`) is shown to whom the member writes to; the membership only to the mechanism's
own people and the service. Both are made offline, for the same key and days, and travel together as a
*card*. Whoever grants something takes the recipient from a card that the root signed: the service cannot
put a key of its own in its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from crypto import checks, primitives
from crypto.age_keys import Recipient
from crypto.compartments import CLASSES
from crypto.encoding import Json, b64u_decode, b64u_encode, canonical_json, parse_canonical_json
from crypto.errors import FormatError, VerifyError
from crypto.members import Member, verify_member
from crypto.primitives import SigningKey

MAX_BYTES = 8 * 1024
MAX_CARD = 16 * 1024
ADMINISTRATOR, AUDITOR = "administrator", "auditor"
CUSTODIAN, KEY_HOLDER, REVIEWER = "custodian", "key-holder", "reviewer"
ROLES = (ADMINISTRATOR, AUDITOR, CUSTODIAN, KEY_HOLDER, REVIEWER)
# The classes of compartments whose epoch keys are sealed to a role; the others see what is assigned to them.
OPENS = {
    ADMINISTRATOR: (),
    AUDITOR: (),
    CUSTODIAN: ("triage", "identity", "sensitive"),
    KEY_HOLDER: CLASSES,
    REVIEWER: ("triage",),
}
_ALONE = {ADMINISTRATOR, AUDITOR}  # who gives rights sees no content, who watches others does nothing else
_DOMAIN = b"intake/membership/v1\0"


@dataclass(frozen=True, slots=True)
class Membership:
    """A verified membership. `key` is 32 bytes; `roles` are sorted; days are inclusive.

    `raw` is the membership as it was signed: canonical JSON.
    """

    mechanism: str
    member: str
    key: bytes
    recipient: Recipient
    roles: tuple[str, ...]
    starts: str
    expires: str
    raw: bytes

    def valid_on(self, day: str) -> bool:
        """Whether the member has these roles on this day (`YYYY-MM-DD`)."""
        return self.starts <= day <= self.expires


def sign_membership(
    root: SigningKey,
    *,
    mechanism: str,
    member: str,
    key: bytes,
    recipient: Recipient,
    roles: Sequence[str],
    starts: str,
    expires: str,
) -> bytes:
    """A membership as canonical JSON; `FormatError` if one of its values is not of the form."""
    body: dict[str, Json] = {
        "v": 1,
        "mechanism": mechanism,
        "member": member,
        "key": b64u_encode(key),
        "recipient": recipient.text,
        "roles": sorted(roles),
        "starts": starts,
        "expires": expires,
    }
    signature = root.sign(_DOMAIN + canonical_json(body))
    data = canonical_json(body | {"signature": b64u_encode(signature)})
    return verify_membership(data, root.public).raw


def verify_membership(data: bytes, root: bytes) -> Membership:
    """Parse a membership and check the root's signature; `FormatError` or `VerifyError`."""
    if len(data) > MAX_BYTES:
        raise FormatError("the membership is too long")
    top = checks.exactly(
        parse_canonical_json(data), "v mechanism member key recipient roles starts expires signature"
    )
    checks.version(top["v"], "membership")
    body = {name: value for name, value in top.items() if name != "signature"}
    primitives.verify_signature(root, b64u_decode(top["signature"], 64), _DOMAIN + canonical_json(body))
    starts, expires = checks.text(top["starts"], checks.DAY), checks.text(top["expires"], checks.DAY)
    if starts > expires:
        raise FormatError("the membership expires before it starts")
    return Membership(
        mechanism=checks.text(top["mechanism"], checks.SLUG),
        member=checks.text(top["member"], checks.SLUG),
        key=b64u_decode(top["key"], 32),
        recipient=checks.recipient(top["recipient"]),
        roles=parse_roles(top["roles"]),
        starts=starts,
        expires=expires,
        raw=data,
    )


def opens(roles: Sequence[str]) -> tuple[str, ...]:
    """The classes whose epoch keys these roles are given, in the order of `CLASSES`."""
    given = {kind for role in roles for kind in OPENS[role]}
    return tuple(kind for kind in CLASSES if kind in given)


def fingerprint(key: bytes, recipient: Recipient) -> str:
    """SHA-256 of both public keys of a member, hex: what people compare before the root signs."""
    return primitives.sha256(key, recipient.public).hex()


def encode_card(certificate: bytes, membership: bytes) -> bytes:
    """The card of one member, from both documents as they were signed."""
    return canonical_json(
        {
            "certificate": parse_canonical_json(certificate),
            "membership": parse_canonical_json(membership),
        }
    )


def parse_card(data: bytes, root: bytes) -> tuple[Member, Membership]:
    """Both documents of a card, verified, of one member with one key for the same days.

    `FormatError` or `VerifyError`. Parts of two cards make no card: else somebody whose certificate
    ended could go on with a later membership.
    """
    if len(data) > MAX_CARD:
        raise FormatError("the card is too long")
    top = checks.exactly(parse_canonical_json(data), "certificate membership")
    member = verify_member(canonical_json(top["certificate"]), root)
    membership = verify_membership(canonical_json(top["membership"]), root)
    if (member.mechanism, member.id, member.key, member.starts, member.expires) != (
        membership.mechanism,
        membership.member,
        membership.key,
        membership.starts,
        membership.expires,
    ):
        raise VerifyError("certificate and membership are not of one member, key and time")
    return member, membership


def parse_roles(value: Json) -> tuple[str, ...]:
    """Roles that go together, sorted; `FormatError` if they do not, or are not sorted."""
    roles = tuple(checks.one_of(role, ROLES) for role in checks.items(value, len(ROLES)))
    if not roles or list(roles) != sorted(set(roles)):
        raise FormatError("a membership names at least one role, each once and in order")
    if len(roles) > 1 and _ALONE & set(roles):
        raise FormatError("an administrator or auditor has no other role")
    return roles
