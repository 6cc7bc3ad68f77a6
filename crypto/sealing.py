"""An age file, cut in two where its header ends: `header || payload` is what any age tool opens.

Equal payloads of different people can be stored once, because a payload does not depend on the header
that wraps its file key. Deduplicated media deliberately break age's rule that file key and nonce are
fresh randomness (see `content_key`); everything else keeps it.
"""

from collections.abc import Sequence

from crypto import age_header, age_stream, primitives
from crypto.age_keys import Identity, Recipient
from crypto.encoding import b64_encode
from crypto.errors import FormatError, NotMine, VerifyError

_INFO = b"age-encryption.org/mlkem768x25519"


def wrap(file_key: bytes, *recipients: Recipient) -> bytes:
    """A header that wraps the 16-byte `file_key`, in a stanza for each: one, for whatever is in a record."""
    if len(file_key) != age_header.FILE_KEY_SIZE:
        raise FormatError("a file key has 16 bytes")
    stanzas = []
    for recipient in recipients:
        enc, body = primitives.hpke_seal(recipient.public, _INFO, file_key)
        stanzas.append(age_header.Stanza(age_header.STANZA_TYPE, (b64_encode(enc),), body))
    return age_header.encode(tuple(stanzas), file_key)


def unwrap(header: age_header.Header, identities: Sequence[Identity]) -> bytes:
    """The file key. `NotMine` if no identity fits, `VerifyError` if the header was altered after."""
    for stanza in header.stanzas:
        if stanza.kind != age_header.STANZA_TYPE:
            continue
        enc = age_header.check_hybrid(stanza)
        for identity in identities:
            try:
                file_key = primitives.hpke_open(identity.key, _INFO, enc, stanza.body)
            except VerifyError:
                continue
            header.check_mac(file_key)
            return file_key
    raise NotMine("none of these keys opens this file")


def split(file: bytes) -> tuple[age_header.Header, bytes]:
    """Cut an age file into its header and its payload."""
    header = age_header.parse(file)
    return header, file[len(header.raw) :]


def seal_payload(plain: bytes, file_key: bytes, nonce: bytes) -> bytes:
    """A payload in memory; for streams use `age_stream.Sealer`."""
    sealer = age_stream.Sealer(file_key, nonce)
    return bytes(sealer.update(plain)) + sealer.finish()


def open_payload(payload: bytes, file_key: bytes) -> bytes:
    """Inverse of `seal_payload`; `VerifyError` if it was altered."""
    opener = age_stream.Opener(file_key)
    return bytes(opener.update(payload)) + opener.finish()


def seal_file(plain: bytes, recipient: Recipient, *, file_key: bytes, nonce: bytes) -> bytes:
    """A whole small age file. `file_key` and `nonce` are 16 fresh random bytes each."""
    return wrap(file_key, recipient) + seal_payload(plain, file_key, nonce)


def open_file(file: bytes, identities: Sequence[Identity]) -> bytes:
    """Inverse of `seal_file`."""
    header, payload = split(file)
    return open_payload(payload, unwrap(header, identities))
