"""A member who lost a device: a new passkey, by a link that two people gave and with the member's own key.

Whoever has the link is given the vault as the printed key opens it, and signs the new passkey with the key
that the root certified. So the link alone, in whosever hands, is a way in for nobody.

    signature = Ed25519(member's key, "intake/recovery/v1" ‖ 00 ‖ JCS({mechanism, member, passkey,
                        client_data, attestation}))

`passkey` is its id; the other two are SHA-256 of what the browser gave, hex. The client data hold a challenge
that is answered once, and so a signature is good once.
"""

from sqlalchemy import Connection

from crypto.encoding import canonical_json
from crypto.errors import CryptoError
from crypto.membership import Membership
from crypto.primitives import sha256, verify_signature
from intake.audit import log
from intake.audit.events import Event
from intake.errors import Conflict, Forbidden, Invalid
from intake.people import alarms, invitations, passkeys, proposals, sessions, vaults
from intake.people.enrolment import NewPasskey
from intake.people.invitations import Invitation
from intake.people.memberships import valid
from intake.people.passkeys import Created

_DOMAIN = b"intake/recovery/v1\0"


def printed(connection: Connection, found: Invitation) -> bytes | None:
    """The vault as the printed key opens it, for whoever has such a link; None where there is none."""
    if found.kind != invitations.RECOVER or found.member is None:
        return None
    return vaults.files(connection, found.mechanism, found.member).get(vaults.RECOVERY)


def signed(mechanism: str, member: str, made: Created) -> bytes:
    """What the member's key signs."""
    said = {
        "mechanism": mechanism,
        "member": member,
        "passkey": made.id,
        "client_data": sha256(made.client_data).hex(),
        "attestation": sha256(made.attestation).hex(),
    }
    return _DOMAIN + canonical_json(dict(said))


def recover(
    connection: Connection, secret: str, key: NewPasskey, made: Created, signature: bytes
) -> Invitation:
    """One new passkey, none of the old ones; `made` is the same passkey as the browser gave it.

    `Forbidden` (`recovery_signature`) unless the member's own key signed it. The printed key opens the vault
    as before; the new passkey, if it came with a vault of its own.
    """
    invitation = invitations.use(connection, secret)
    mechanism, member = invitation.mechanism, invitation.member
    if invitation.kind != invitations.RECOVER or member is None:
        raise Invalid("request_invalid", "the invitation is for something else")
    membership = valid(connection, mechanism).get(member)
    if membership is None:
        raise Forbidden("not_a_member", "the membership has ended")
    kept = printed(connection, invitation)
    if kept is None:
        raise Conflict("no_printed_key", "there is no printed key: the person has to be invited anew")
    _require_own(membership, made, signature)
    sessions.end_all(connection, mechanism, member)
    passkeys.remove_all(connection, mechanism, member)
    vaults.remove_all(connection, mechanism, member)
    passkeys.add(connection, mechanism, member, key.passkey, key.name)
    vaults.put(connection, mechanism, member, vaults.RECOVERY, kept)
    if key.vault is not None:
        vaults.put(connection, mechanism, member, key.passkey.id, key.vault)
    log.append(connection, mechanism, Event.MEMBER_APPLIED, member=member, recovered=True)
    alarms.raise_about(connection, mechanism, member, alarms.RECOVERED)
    proposals.finish(connection, mechanism, proposals.RECOVER_MEMBER, member)
    return invitation


def _require_own(membership: Membership, made: Created, signature: bytes) -> None:
    try:
        message = signed(membership.mechanism, membership.member, made)
        verify_signature(membership.key, signature, message)
    except CryptoError as error:
        raise Forbidden("recovery_signature", "the member's own key did not sign this passkey") from error
