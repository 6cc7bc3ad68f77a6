"""The payload of an age v1 file (C2SP age.md, "Payload"; STREAM).

    nonce (16) ‖ chunk … chunk

Each chunk is ChaCha20-Poly1305 over 64 KiB of plaintext (the last one may be shorter, and is empty
only if all of the plaintext is). Its nonce is an 11-byte big-endian counter and a byte that is 1 for
the last chunk. The key is HKDF-SHA-256(file key, salt nonce, "payload").
"""

from crypto import primitives
from crypto.errors import FormatError, VerifyError

CHUNK = 64 * 1024
SEALED_CHUNK = CHUNK + primitives.TAG_SIZE
NONCE_SIZE = 16


def sealed_length(length: int) -> int:
    """Bytes of the payload over `length` bytes of plaintext."""
    chunks = max(1, -(-length // CHUNK))
    return NONCE_SIZE + length + chunks * primitives.TAG_SIZE


def plain_length(sealed: int) -> int:
    """Inverse of `sealed_length`; `FormatError` if no payload has this length."""
    body = sealed - NONCE_SIZE
    chunks = max(1, -(-body // SEALED_CHUNK))
    length = body - chunks * primitives.TAG_SIZE
    if length < 0 or sealed_length(length) != sealed:
        raise FormatError("no age payload has this length")
    return length


class _Stream:
    """What both directions share: cutting the input into chunks, the last of which is told apart."""

    def __init__(self, file_key: bytes, nonce: bytes) -> None:
        self._cipher = primitives.ChaCha(primitives.hkdf(file_key, b"payload", salt=nonce))
        self._counter = 0
        self._held = bytearray()

    def _nonce(self, last: bool) -> bytes:
        self._counter += 1
        return (self._counter - 1).to_bytes(11, "big") + bytes([last])


class Sealer(_Stream):
    """Seal a stream. The payload is what `update` returns, in order, then what `finish` returns."""

    def __init__(self, file_key: bytes, nonce: bytes) -> None:
        if len(nonce) != NONCE_SIZE:
            raise FormatError("a payload nonce has 16 bytes")
        super().__init__(file_key, nonce)
        self._prefix = nonce

    def update(self, data: bytes | bytearray | memoryview) -> bytearray:
        """Take plaintext; return the sealed bytes that are certain by now, maybe none."""
        view = memoryview(data)
        prefix, self._prefix = self._prefix, b""
        # A full chunk waits until a byte follows it: only then is it known not to be the last.
        whole = max(0, len(self._held) + len(view) - 1) // CHUNK
        out = bytearray(len(prefix) + whole * SEALED_CHUNK)
        out[: len(prefix)] = prefix
        target, position = memoryview(out), len(prefix)
        for _ in range(whole):
            if self._held:
                missing = CHUNK - len(self._held)
                self._held += view[:missing]
                chunk, view = memoryview(bytes(self._held)), view[missing:]
                self._held.clear()
            else:
                chunk, view = view[:CHUNK], view[CHUNK:]
            self._cipher.encrypt_into(self._nonce(False), chunk, target[position : position + SEALED_CHUNK])
            position += SEALED_CHUNK
        self._held += view
        return out

    def finish(self) -> bytes:
        """The rest of the payload."""
        out = bytearray(len(self._held) + primitives.TAG_SIZE)
        self._cipher.encrypt_into(self._nonce(True), bytes(self._held), out)
        return self._prefix + bytes(out)


class Opener(_Stream):
    """Open a stream. Nothing that `update` returned may be relied on before `finish` has returned."""

    def __init__(self, file_key: bytes) -> None:
        self._file_key = file_key
        self._started = False
        self._held = bytearray()

    def update(self, data: bytes | bytearray | memoryview) -> bytearray:
        """Take payload bytes; return opened plaintext, maybe none. `VerifyError` if altered."""
        self._held += data
        if not self._started:
            if len(self._held) < NONCE_SIZE:
                return bytearray()
            rest = self._held[NONCE_SIZE:]
            super().__init__(self._file_key, bytes(self._held[:NONCE_SIZE]))
            self._held, self._started = rest, True
        whole = max(0, len(self._held) - 1) // SEALED_CHUNK
        out = bytearray(whole * CHUNK)
        source, target = memoryview(bytes(self._held[: whole * SEALED_CHUNK])), memoryview(out)
        for i in range(whole):
            sealed = source[i * SEALED_CHUNK : (i + 1) * SEALED_CHUNK]
            self._cipher.decrypt_into(self._nonce(False), sealed, target[i * CHUNK : (i + 1) * CHUNK])
        del self._held[: whole * SEALED_CHUNK]
        return out

    def finish(self) -> bytes:
        """The last plaintext; `VerifyError` if the payload was cut, extended or altered.

        `FormatError` if not even its nonce is there.
        """
        if not self._started:
            raise FormatError("the payload is shorter than its nonce")
        if len(self._held) < primitives.TAG_SIZE:
            raise VerifyError("the payload is cut short")
        out = bytearray(len(self._held) - primitives.TAG_SIZE)
        if not out and self._counter:
            raise VerifyError("an empty last chunk after others")
        self._cipher.decrypt_into(self._nonce(True), bytes(self._held), out)
        return bytes(out)
