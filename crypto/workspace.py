"""A workspace: a key pair under which a mechanism's people keep their own notes on a record, or on a case.

    envelope = what a member signs (`envelopes`), domain "intake/workspace/v1"

It is not one of the record's compartments: the person who testified holds the keys of all of those, and
with one of them what is thought of a testimony would be sealed to whoever has the receipt. The identity
is given to each member as a grant is (`compartments`):

    workspace = make_workspace(random)
    envelope  = sign_workspace(key, certificate, mechanism=…, workspace=workspace, record=…, day=…)
    grant     = workspace.grant(member.recipient, file_key=…, nonce=…)
    identity  = open_grant(grant, [own], verify_envelope(envelope, root, "demo").recipient.text)
"""

from collections.abc import Callable
from dataclasses import dataclass

from crypto import checks, envelopes
from crypto.age_keys import Identity, Recipient
from crypto.compartments import Compartment
from crypto.encoding import Json
from crypto.members import Member
from crypto.primitives import SigningKey

_WHAT = "workspace"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A verified workspace. `id` is 16 bytes in hex; `record` is None for that of a case."""

    id: str
    mechanism: str
    record: str | None
    recipient: Recipient
    day: str
    member: Member


def make_workspace(random: Callable[[int], bytes]) -> Compartment:
    """Id and key pair of a new workspace; `random(n)` returns n fresh random bytes."""
    identity = Identity(random(32))
    return Compartment(random(16).hex(), "", identity)


def sign_workspace(
    key: SigningKey,
    certificate: bytes,
    *,
    workspace: Compartment,
    mechanism: str,
    record: str | None,
    day: str,
) -> bytes:
    """The envelope that says whose the key pair is; by a member's key, with its certificate."""
    document: dict[str, Json] = {
        "v": 1,
        "workspace": workspace.id,
        "mechanism": mechanism,
        "record": record,
        "recipient": workspace.identity.recipient.text,
        "day": day,
    }
    return envelopes.encode_envelope(_WHAT, document, key, certificate)


def verify_envelope(envelope: bytes, root: bytes, mechanism: str) -> Workspace:
    """Parse an envelope and check who signed it; `FormatError` or `VerifyError`.

    Only the mechanism's members can make one. Which record was meant is for the caller to compare.
    """
    found, member = envelopes.verify_envelope(
        _WHAT, "v workspace mechanism record recipient day", envelope, root, mechanism
    )
    return Workspace(
        id=checks.identifier(found["workspace"]),
        mechanism=mechanism,
        record=None if found["record"] is None else checks.digest(found["record"]),
        recipient=checks.recipient(found["recipient"]),
        day=checks.text(found["day"], checks.DAY),
        member=member,
    )
