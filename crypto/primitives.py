"""All raw cryptography in one place: the only module that imports the `cryptography` package.

Each function is one primitive with its parameters fixed. Where a shortcut is taken, the argument why
it is safe stands beside it.
"""

import hashlib
import hmac
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hpke, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crypto.errors import FormatError, VerifyError

TAG_SIZE = 16  # bytes, of both AEADs below


def sha256(*pieces: bytes) -> bytes:
    """SHA-256 (FIPS 180-4) of the pieces one after another."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.digest()


def hmac_sha256(key: bytes, *pieces: bytes) -> bytes:
    """HMAC-SHA-256 (RFC 2104) of the pieces one after another."""
    mac = hmac.new(key, digestmod=hashlib.sha256)
    for piece in pieces:
        mac.update(piece)
    return mac.digest()


class Hmac:
    """HMAC-SHA-256 over a stream."""

    def __init__(self, key: bytes, start: bytes = b"") -> None:
        self._mac = hmac.new(key, start, hashlib.sha256)

    def update(self, data: bytes | memoryview) -> None:
        """Take the next bytes."""
        self._mac.update(data)

    def digest(self) -> bytes:
        """32 bytes."""
        return self._mac.digest()


def same(left: bytes, right: bytes) -> bool:
    """Equality in time that does not depend on where the first difference is."""
    return hmac.compare_digest(left, right)


def hkdf(key: bytes, info: bytes, *, salt: bytes = b"", length: int = 32) -> bytes:
    """HKDF-SHA-256 (RFC 5869)."""
    return HKDF(hashes.SHA256(), length, salt, info).derive(key)


def argon2id(password: bytes, salt: bytes, *, memory_kib: int, passes: int, lanes: int) -> bytes:
    """Argon2id (RFC 9106), 32 bytes."""
    return Argon2id(salt=salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory_kib).derive(
        password
    )


# --- ChaCha20-Poly1305 (RFC 8439), without associated data ---


class ChaCha:
    """One key, buffers chosen by the caller: `encrypt_into` and `decrypt_into` release the GIL."""

    def __init__(self, key: bytes) -> None:
        self._cipher = ChaCha20Poly1305(key)

    def encrypt_into(self, nonce: bytes, plain: bytes | memoryview, out: bytearray | memoryview) -> int:
        """Write ciphertext ‖ tag to `out`, which must be exactly 16 bytes longer than `plain`."""
        return self._cipher.encrypt_into(nonce, plain, None, out)

    def decrypt_into(self, nonce: bytes, sealed: bytes | memoryview, out: bytearray | memoryview) -> int:
        """Write the plaintext to `out`; `VerifyError` if the tag does not hold."""
        try:
            return self._cipher.decrypt_into(nonce, sealed, None, out)
        except InvalidTag:
            raise VerifyError("a chunk was altered, moved or cut") from None


class SpoolCipher:
    """AES-256-GCM for data that lives minutes, under a key that never leaves this object.

    Twice as fast as ChaCha20 where the processor has AES. The nonce is a counter: the key is used for
    one spool only, and each block is written once.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def encrypt_into(self, counter: int, plain: memoryview, out: memoryview) -> int:
        """Block number `counter` to `out`, which must be exactly 16 bytes longer than `plain`."""
        return self._cipher.encrypt_into(counter.to_bytes(12, "big"), plain, None, out)

    def decrypt_into(self, counter: int, sealed: memoryview, out: memoryview) -> int:
        """Inverse of `encrypt_into`; `VerifyError` if the block was altered, or has another length."""
        try:
            return self._cipher.decrypt_into(counter.to_bytes(12, "big"), sealed, None, out)
        except (InvalidTag, ValueError):
            raise VerifyError("a spooled block was altered") from None


# --- HPKE with ML-KEM-768 + X25519, as age's mlkem768x25519 stanza uses it ---

_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
MLKEM_PUBLIC = 1184  # bytes; the X25519 key's 32 follow
HYBRID_PUBLIC = MLKEM_PUBLIC + 32
HYBRID_ENC = 1120  # bytes: ML-KEM ciphertext 1088 ‖ X25519 share 32


@dataclass(frozen=True, slots=True)
class HybridKey:
    """An opened ML-KEM-768 + X25519 key pair. `public` is 1216 bytes."""

    private: hpke.MLKEM768X25519PrivateKey
    public: bytes

    def __repr__(self) -> str:
        return "HybridKey(secret)"


def hybrid_from_seed(seed: bytes) -> HybridKey:
    """Expand a 32-byte seed: SHAKE256(seed, 96) = ML-KEM seed (64) ‖ X25519 private key (32)."""
    if len(seed) != 32:
        raise FormatError("a hybrid seed has 32 bytes")
    expanded = hashlib.shake_256(seed).digest(96)
    kem = mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
    dh = x25519.X25519PrivateKey.from_private_bytes(expanded[64:])
    public = kem.public_key().public_bytes_raw() + dh.public_key().public_bytes_raw()
    return HybridKey(hpke.MLKEM768X25519PrivateKey(kem, dh), public)


def hybrid_public(public: bytes) -> hpke.MLKEM768X25519PublicKey:
    """Parse a 1216-byte public key; `FormatError` if it is none."""
    if len(public) != HYBRID_PUBLIC:
        raise FormatError(f"a hybrid public key has {HYBRID_PUBLIC} bytes")
    try:
        return hpke.MLKEM768X25519PublicKey(
            mlkem.MLKEM768PublicKey.from_public_bytes(public[:MLKEM_PUBLIC]),
            x25519.X25519PublicKey.from_public_bytes(public[MLKEM_PUBLIC:]),
        )
    except ValueError as error:
        raise FormatError("not a valid ML-KEM-768 + X25519 public key") from error


_PROBE = x25519.X25519PrivateKey.from_private_bytes(bytes(range(32)))  # any scalar: all are multiples of 8


def refuse_low_order(enc: bytes) -> None:
    """`FormatError` if the X25519 share of an encapsulation is of low order.

    Such a share makes X25519's half of the shared secret all zero, which RFC 7748 disallows; HPKE's
    own refusal cannot be told from "not for this key".
    """
    try:
        _PROBE.exchange(x25519.X25519PublicKey.from_public_bytes(enc[-32:]))
    except ValueError as error:
        raise FormatError("the encapsulation holds a point of low order") from error


def hpke_seal(public: bytes, info: bytes, plain: bytes) -> tuple[bytes, bytes]:
    """Single-shot HPKE base mode (RFC 9180): (enc, ciphertext ‖ tag).

    `hpke.Suite` draws the encapsulation's randomness itself; it cannot be given any. Headers are
    therefore never reproducible, and nothing in the wire format asks them to be.
    """
    try:
        sealed = _SUITE.encrypt(plain, hybrid_public(public), info=info)
    except ValueError as error:  # an X25519 key of low order gives the all-zero secret
        raise FormatError("not a usable ML-KEM-768 + X25519 public key") from error
    return sealed[:HYBRID_ENC], sealed[HYBRID_ENC:]


def hpke_open(key: HybridKey, info: bytes, enc: bytes, sealed: bytes) -> bytes:
    """Inverse of `hpke_seal`; `VerifyError` if it is not for this key or was altered."""
    try:
        return _SUITE.decrypt(enc + sealed, key.private, info=info)
    except (InvalidTag, ValueError):
        raise VerifyError("not for this key") from None


# --- Ed25519 (RFC 8032) ---


class SigningKey:
    """An Ed25519 key from its 32-byte seed; signatures are deterministic."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._key = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        return self._key.sign(message)

    def to_pem(self, passphrase: bytes | None) -> bytes:
        """PKCS #8, encrypted if a passphrase is given: how a root key is kept in a file."""
        cipher: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if passphrase:
            cipher = serialization.BestAvailableEncryption(passphrase)
        return self._key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, cipher)

    @classmethod
    def from_pem(cls, pem: bytes, passphrase: bytes | None) -> "SigningKey":
        """Inverse of `to_pem`; `FormatError` on a wrong passphrase or another kind of key."""
        try:
            key = serialization.load_pem_private_key(pem, passphrase)
        except (ValueError, TypeError) as error:
            raise FormatError("the key file cannot be read: wrong or missing passphrase?") from error
        if not isinstance(key, ed25519.Ed25519PrivateKey):
            raise FormatError("not an Ed25519 key")
        return cls(key.private_bytes_raw())

    def __repr__(self) -> str:
        return "SigningKey(secret)"


def verify_signature(public: bytes, signature: bytes, message: bytes) -> None:
    """Return if the Ed25519 signature holds; else `VerifyError`."""
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise VerifyError("the signature does not hold") from None


# --- NIST P-256: scalar multiplication by ECDH ---

_SEC1_PREFIX = bytes.fromhex("30310201010420")
_SEC1_SUFFIX = bytes.fromhex("a00a06082a8648ce3d030107")


class P256Scalar:
    """A secret scalar k that can only multiply points: `x_of(P)` is the x coordinate of k·P.

    The scalar goes to OpenSSL as the bytes of a SEC 1 key, never through a Python integer, whose
    arithmetic takes time that depends on its value.
    """

    def __init__(self, scalar: bytes) -> None:
        if len(scalar) != 32:
            raise FormatError("a P-256 scalar has 32 bytes")
        try:
            key = serialization.load_der_private_key(_SEC1_PREFIX + scalar + _SEC1_SUFFIX, None)
        except ValueError as error:
            raise FormatError("not a P-256 scalar (zero, or not below the group order)") from error
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key = key

    def x_of(self, point: bytes) -> bytes:
        """32 bytes; `point` is SEC 1 encoded. `FormatError` if it is not on the curve, or infinity."""
        try:
            peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
            return self._key.exchange(ec.ECDH(), peer)
        except ValueError as error:
            raise FormatError("not a point of P-256") from error

    def public(self) -> bytes:
        """k·G, compressed, 33 bytes."""
        return self._key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
        )

    def __repr__(self) -> str:
        return "P256Scalar(secret)"


def p256_uncompressed(point: bytes) -> bytes:
    """65 bytes 04 ‖ x ‖ y of a compressed point; `FormatError` if it is not on the curve."""
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise FormatError("not a point of P-256") from error
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


# --- ML-DSA-44 (FIPS 204), pure, with an empty context ---

MLDSA_PUBLIC = 1312  # bytes
MLDSA_SIGNATURE = 2420


class MldsaSigningKey:
    """An ML-DSA-44 key from its 32-byte seed.

    The library signs in FIPS 204's hedged form and draws the 32 random bytes itself; it cannot be given
    any. No two signatures of one message are alike, and nothing in the wire format asks them to be.
    """

    def __init__(self, seed: bytes) -> None:
        if len(seed) != 32:
            raise FormatError("an ML-DSA seed has 32 bytes")
        self._key = mldsa.MLDSA44PrivateKey.from_seed_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """2420 bytes."""
        return self._key.sign(message)

    def __repr__(self) -> str:
        return "MldsaSigningKey(secret)"


def verify_mldsa(public: bytes, signature: bytes, message: bytes) -> None:
    """Return if the ML-DSA-44 signature holds; else `VerifyError`."""
    try:
        mldsa.MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise VerifyError("the signature does not hold") from None
