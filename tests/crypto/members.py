"""Members of two mechanisms, for tests of what they sign."""

from crypto.members import sign_member
from crypto.primitives import SigningKey

ROOT, OTHER_ROOT = SigningKey(b"r" * 32), SigningKey(b"o" * 32)
ANNA, BELA, EVE = (SigningKey(seed * 32) for seed in (b"a", b"b", b"e"))
STARTS, DAY, EXPIRES = "2026-01-01", "2026-11-23", "2026-12-31"


def certificate(
    key: SigningKey,
    member: str,
    root: SigningKey = ROOT,
    mechanism: str = "demo",
    starts: str = STARTS,
    expires: str = EXPIRES,
    name: str | None = None,
) -> bytes:
    return sign_member(root, mechanism, member, name, key.public, starts, expires)
