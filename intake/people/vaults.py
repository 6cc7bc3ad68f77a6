"""Vaults: a member's private keys, made and sealed in their browser, one age file for each wrapper.

A wrapper is a passkey whose authenticator has a secret of its own (WebAuthn's PRF extension), or the printed
recovery key. The service keeps the files and can open none.
"""

from sqlalchemy import Connection, delete, insert, select

from crypto import age_header
from crypto.errors import CryptoError
from intake.db.tables.staff import vaults
from intake.errors import Invalid

RECOVERY = "recovery"
PRF_STANZA = "age-encryption.org/fido2prf"  # typage's; C2SP has no name for it yet
MAX_BYTES = 8 * 1024


def put(connection: Connection, mechanism: str, member: str, wrapper: str, file: bytes) -> None:
    """Keep a file in place of the wrapper's last one; `Invalid` if it is not sealed to such a wrapper."""
    kind = age_header.STANZA_TYPE if wrapper == RECOVERY else PRF_STANZA
    try:
        header = age_header.parse(file)
    except CryptoError as error:
        raise Invalid("vault_invalid", "this is no age file") from error
    if len(file) > MAX_BYTES or [stanza.kind for stanza in header.stanzas] != [kind]:
        raise Invalid("vault_invalid", "the file is not sealed to this wrapper, and to it alone")
    remove(connection, mechanism, member, wrapper)
    row = {"mechanism": mechanism, "member": member, "wrapper": wrapper}
    connection.execute(insert(vaults).values(**row, file=file))


def files(connection: Connection, mechanism: str, member: str) -> dict[str, bytes]:
    """A member's files by wrapper."""
    theirs = (vaults.c.mechanism == mechanism) & (vaults.c.member == member)
    rows = connection.execute(select(vaults.c.wrapper, vaults.c.file).where(theirs))
    return {row.wrapper: bytes(row.file) for row in rows}


def remove(connection: Connection, mechanism: str, member: str, wrapper: str) -> None:
    """What this wrapper opened is gone."""
    here = (vaults.c.mechanism == mechanism) & (vaults.c.member == member) & (vaults.c.wrapper == wrapper)
    connection.execute(delete(vaults).where(here))


def remove_all(connection: Connection, mechanism: str, member: str) -> None:
    """All of a member's files."""
    theirs = (vaults.c.mechanism == mechanism) & (vaults.c.member == member)
    connection.execute(delete(vaults).where(theirs))
