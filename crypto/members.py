"""Members: people of a mechanism, each with an Ed25519 key that the mechanism's offline root signs.

    signature = Ed25519(root, "intake/member/v1" ‖ 00 ‖ JCS(certificate without it))

A member speaks for the mechanism to the people who testified. Whoever gets a message sees the
certificate, so `member` and `name` say no more than the mechanism wants them to know.
"""

from dataclasses import dataclass

from crypto import checks, primitives
from crypto.encoding import Json, b64u_decode, b64u_encode, canonical_json, parse_canonical_json
from crypto.errors import FormatError, VerifyError
from crypto.primitives import SigningKey

MAX_BYTES = 4 * 1024
_MAX_NAME = 200
_DOMAIN = b"intake/member/v1\0"


@dataclass(frozen=True, slots=True)
class Member:
    """A verified certificate. `id` is unique in the mechanism; `key` is 32 bytes; days are inclusive.

    `raw` is the certificate as it was signed: canonical JSON.
    """

    mechanism: str
    id: str
    name: str | None
    key: bytes
    starts: str
    expires: str
    raw: bytes

    def valid_on(self, day: str) -> bool:
        """Whether the member may sign on this day (`YYYY-MM-DD`)."""
        return self.starts <= day <= self.expires


def sign_member(
    root: SigningKey, mechanism: str, member: str, name: str | None, key: bytes, starts: str, expires: str
) -> bytes:
    """A certificate as canonical JSON; `FormatError` if one of its values is not of the form."""
    body: dict[str, Json] = {
        "v": 1,
        "mechanism": mechanism,
        "member": member,
        "name": name,
        "key": b64u_encode(key),
        "starts": starts,
        "expires": expires,
    }
    signature = root.sign(_DOMAIN + canonical_json(body))
    data = canonical_json(body | {"signature": b64u_encode(signature)})
    return verify_member(data, root.public).raw


def verify_member(data: bytes, root: bytes) -> Member:
    """Parse a certificate and check the root's signature; `FormatError` or `VerifyError`."""
    if len(data) > MAX_BYTES:
        raise FormatError("the certificate is too long")
    top = checks.exactly(parse_canonical_json(data), "v mechanism member name key starts expires signature")
    checks.version(top["v"], "certificate")
    body = {name: value for name, value in top.items() if name != "signature"}
    primitives.verify_signature(root, b64u_decode(top["signature"], 64), _DOMAIN + canonical_json(body))
    starts, expires = checks.text(top["starts"], checks.DAY), checks.text(top["expires"], checks.DAY)
    if starts > expires:
        raise FormatError("the certificate expires before it starts")
    return Member(
        mechanism=checks.text(top["mechanism"], checks.SLUG),
        id=checks.text(top["member"], checks.SLUG),
        name=parse_name(top["name"]),
        key=b64u_decode(top["key"], 32),
        starts=starts,
        expires=expires,
        raw=data,
    )


def certified(certificate: Json, root: bytes, mechanism: str, day: str) -> Member:
    """Who signed something of a mechanism on a day; `VerifyError` if the root certified nobody for it."""
    member = verify_member(canonical_json(certificate), root)
    if member.mechanism != mechanism or not member.valid_on(day):
        raise VerifyError("the member did not speak for this mechanism on that day")
    return member


def parse_name(value: Json) -> str | None:
    """What people are shown of a member, or null; `FormatError` if it is neither."""
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_NAME or not value.isprintable():
        raise FormatError("a name is 1 to 200 printable characters, or null")
    return value
