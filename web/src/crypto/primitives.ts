/**
 * All raw cryptography in one place: the only module that imports the libraries or calls WebCrypto.
 *
 * What is bulk, the digest of a file's leaves and the payload, goes to WebCrypto where it is there: it is
 * many times as fast, and leaves the thread free. All else is small and goes to noble, on purpose: one
 * implementation that runs without waiting, and says the same of a signature in every browser.
 *
 * WebAssembly, and what stands in for it, is loaded when it is first needed.
 */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { p256, p256_hasher } from "@noble/curves/nist.js";
import { expand, extract, hkdf as nobleHkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as nobleSha256, sha512 } from "@noble/hashes/sha2.js";
import { sha3_256, shake256 } from "@noble/hashes/sha3.js";
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { type Bytes, concat, equal, utf8 } from "./encoding.ts";
import { FormatError, VerifyError } from "./errors.ts";

export const TAG_SIZE = 16; // bytes, of ChaCha20-Poly1305
const EMPTY = new Uint8Array(0);

/** WebCrypto; undefined where a page was not fetched over a secure connection. */
function subtle(): SubtleCrypto | undefined {
  return globalThis.crypto?.subtle;
}

// --- Hashes and what is made of them ---

/** SHA-256 (FIPS 180-4) of the pieces one after another. */
export function sha256(...pieces: readonly Bytes[]): Bytes {
  return nobleSha256(concat(...pieces));
}

/** HMAC-SHA-256 (RFC 2104) of the pieces one after another. */
export function hmacSha256(key: Bytes, ...pieces: readonly Bytes[]): Bytes {
  return hmac(nobleSha256, key, concat(...pieces));
}

/** A hash over a stream; `digest` is called once. */
export interface Hash {
  update(data: Bytes): unknown;
  digest(): Bytes;
}

/**
 * SHA-256 over a stream, which WebCrypto does not offer: in WebAssembly, or without it in JavaScript.
 */
export async function startSha256(): Promise<Hash> {
  try {
    const { createSHA256 } = await import("hash-wasm");
    const hasher = (await createSHA256()).init();
    return { update: (data) => hasher.update(data), digest: () => hasher.digest("binary") };
  } catch {
    return nobleSha256.create();
  }
}

/** HMAC-SHA-256 of long messages under one key. */
export type Mac = (message: Bytes) => Promise<Bytes>;

/** A `Mac`; the message is copied at once, so the caller may go on using its buffer. */
export async function startHmac(key: Bytes): Promise<Mac> {
  try {
    const native = subtle()!;
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const held = await native.importKey("raw", key as BufferSource, algorithm, false, ["sign"]);
    return async (message) => new Uint8Array(await native.sign("HMAC", held, message as BufferSource));
  } catch {
    return async (message) => hmac(nobleSha256, key, message);
  }
}

/** Equality in time that does not depend on where the first difference is. */
export function same(left: Bytes, right: Bytes): boolean {
  if (left.length !== right.length) return false;
  let differences = 0;
  for (let i = 0; i < left.length; i++) differences |= left[i]! ^ right[i]!;
  return differences === 0;
}

/** HKDF-SHA-256 (RFC 5869). */
export function hkdf(key: Bytes, info: string, salt: Bytes = EMPTY, length = 32): Bytes {
  return nobleHkdf(nobleSha256, key, salt, utf8(info), length);
}

/** Argon2id (RFC 9106), 32 bytes: in WebAssembly, or without it, slowly, in JavaScript. */
export async function argon2id(
  password: Bytes,
  salt: Bytes,
  parameters: { memoryKib: number; passes: number; lanes: number },
): Promise<Bytes> {
  const { memoryKib, passes, lanes } = parameters;
  try {
    const { argon2id } = await import("hash-wasm");
    return await argon2id({
      password,
      salt,
      memorySize: memoryKib,
      iterations: passes,
      parallelism: lanes,
      hashLength: 32,
      outputType: "binary",
    });
  } catch {
    const { argon2idAsync } = await import("@noble/hashes/argon2.js");
    return argon2idAsync(password, salt, { m: memoryKib, t: passes, p: lanes, dkLen: 32 });
  }
}

// --- ChaCha20-Poly1305 (RFC 8439), without associated data ---

/** One key. Several calls may be under way at once; `plain` and `sealed` must stay as they are until then. */
export interface Aead {
  /** Ciphertext ‖ tag. */
  encrypt(nonce: Bytes, plain: Bytes): Promise<Bytes>;
  /** The plaintext; `VerifyError` if the tag does not hold. */
  decrypt(nonce: Bytes, sealed: Bytes): Promise<Bytes>;
}

const CHUNK_FAILS = "a chunk was altered, moved or cut";

/** WebCrypto's where the browser has it (it came late), else noble's. */
export async function startChaCha(key: Bytes): Promise<Aead> {
  try {
    const native = subtle()!;
    const name = "ChaCha20-Poly1305";
    const uses: KeyUsage[] = ["encrypt", "decrypt"];
    const held = await native.importKey("raw-secret" as "raw", key as BufferSource, name, false, uses);
    return {
      encrypt: async (nonce, plain) =>
        new Uint8Array(await native.encrypt({ name, iv: nonce } as Algorithm, held, plain as BufferSource)),
      async decrypt(nonce, sealed) {
        try {
          const parameters = { name, iv: nonce } as Algorithm;
          return new Uint8Array(await native.decrypt(parameters, held, sealed as BufferSource));
        } catch {
          throw new VerifyError(CHUNK_FAILS);
        }
      },
    };
  } catch {
    return {
      encrypt: async (nonce, plain) => chacha20poly1305(key, nonce).encrypt(plain),
      async decrypt(nonce, sealed) {
        try {
          return chacha20poly1305(key, nonce).decrypt(sealed);
        } catch {
          throw new VerifyError(CHUNK_FAILS);
        }
      },
    };
  }
}

// --- HPKE with ML-KEM-768 + X25519, as age's mlkem768x25519 stanza uses it ---

const MLKEM_PUBLIC = 1184; // bytes; the X25519 key's 32 follow
const MLKEM_CIPHERTEXT = 1088;
const MLKEM_Q = 3329;
export const HYBRID_PUBLIC = MLKEM_PUBLIC + 32;
export const HYBRID_ENC = MLKEM_CIPHERTEXT + 32; // bytes: ML-KEM ciphertext ‖ X25519 share
export const ENCAPSULATION = 64; // random bytes: for ML-KEM and for X25519

/** An opened ML-KEM-768 + X25519 key pair. `public` is 1216 bytes. */
export class HybridKey {
  readonly public: Bytes;
  readonly #kem: Bytes;
  readonly #dh: Bytes;

  /** Expand a 32-byte seed: SHAKE256(seed, 96) = ML-KEM seed (64) ‖ X25519 private key (32). */
  constructor(seed: Bytes) {
    if (seed.length !== 32) throw new FormatError("a hybrid seed has 32 bytes");
    const expanded = shake256(seed, { dkLen: 96 });
    const kem = ml_kem768.keygen(expanded.subarray(0, 64));
    this.#kem = kem.secretKey;
    this.#dh = expanded.subarray(64);
    this.public = concat(kem.publicKey, x25519.getPublicKey(this.#dh));
  }

  /** The shared secret; throws if the X25519 share is of low order. */
  decapsulate(enc: Bytes): Bytes {
    const share = enc.subarray(MLKEM_CIPHERTEXT);
    return combine(
      ml_kem768.decapsulate(enc.subarray(0, MLKEM_CIPHERTEXT), this.#kem),
      x25519.getSharedSecret(this.#dh, share),
      share,
      this.public.subarray(MLKEM_PUBLIC),
    );
  }
}

/** What is hashed of both halves: ML-KEM's ciphertext need not be, it is bound by the KEM itself. */
function combine(kemSecret: Bytes, dhSecret: Bytes, share: Bytes, dhPublic: Bytes): Bytes {
  return sha3_256(concat(kemSecret, dhSecret, share, dhPublic, utf8("\\.//^\\")));
}

/** `FormatError` unless it is a 1216-byte public key: ML-KEM's numbers are below q (FIPS 203, 7.2). */
export function checkHybridPublic(key: Bytes): void {
  if (key.length !== HYBRID_PUBLIC) throw new FormatError(`a hybrid public key has ${HYBRID_PUBLIC} bytes`);
  for (let i = 0; i < MLKEM_PUBLIC - 32; i += 3) {
    const [a, b, c] = [key[i]!, key[i + 1]!, key[i + 2]!];
    if ((a | ((b & 15) << 8)) >= MLKEM_Q || ((b >> 4) | (c << 4)) >= MLKEM_Q) {
      throw new FormatError("not a valid ML-KEM-768 + X25519 public key");
    }
  }
}

const PROBE = Uint8Array.from({ length: 32 }, (_, i) => i); // any scalar: all are multiples of 8

/** `FormatError` if the X25519 share of an encapsulation is of low order (RFC 7748, 6.1). */
export function refuseLowOrder(enc: Bytes): void {
  try {
    x25519.getSharedSecret(PROBE, enc.subarray(MLKEM_CIPHERTEXT));
  } catch {
    throw new FormatError("the encapsulation holds a point of low order");
  }
}

/**
 * Single-shot HPKE base mode (RFC 9180): [enc, ciphertext ‖ tag], from 64 fresh random bytes. The Python
 * library draws these itself, so headers of the two are never alike, and nothing asks them to be.
 */
export function hpkeSeal(key: Bytes, info: string, plain: Bytes, randomness: Bytes): [Bytes, Bytes] {
  checkHybridPublic(key);
  if (randomness.length !== ENCAPSULATION) throw new FormatError(`${ENCAPSULATION} random bytes are needed`);
  const kem = ml_kem768.encapsulate(key.subarray(0, MLKEM_PUBLIC), randomness.subarray(0, 32));
  const secret = randomness.subarray(32);
  const share = x25519.getPublicKey(secret);
  const dhPublic = key.subarray(MLKEM_PUBLIC);
  let dhSecret: Bytes;
  try {
    dhSecret = x25519.getSharedSecret(secret, dhPublic);
  } catch {
    throw new FormatError("not a usable ML-KEM-768 + X25519 public key");
  }
  const shared = combine(kem.sharedSecret, dhSecret, share, dhPublic);
  return [concat(kem.cipherText, share), hpkeCipher(shared, info).encrypt(plain)];
}

/** Inverse of `hpkeSeal`; `VerifyError` if it is not for this key or was altered. */
export function hpkeOpen(key: HybridKey, info: string, enc: Bytes, sealed: Bytes): Bytes {
  try {
    return hpkeCipher(key.decapsulate(enc), info).decrypt(sealed);
  } catch {
    throw new VerifyError("not for this key");
  }
}

// KEM 0x647a (MLKEM768-X25519), KDF 1 (HKDF-SHA-256), AEAD 3 (ChaCha20-Poly1305)
const SUITE = concat(utf8("HPKE"), Uint8Array.of(0x64, 0x7a, 0, 1, 0, 3));

/** The key schedule of RFC 9180, 5.1, and the cipher for the one message. */
function hpkeCipher(shared: Bytes, info: string): ReturnType<typeof chacha20poly1305> {
  const labeled = (label: string, data: Bytes): Bytes => concat(utf8("HPKE-v1"), SUITE, utf8(label), data);
  const take = (salt: Bytes, label: string, data: Bytes): Bytes =>
    extract(nobleSha256, labeled(label, data), salt);
  const context = concat(
    Uint8Array.of(0),
    take(EMPTY, "psk_id_hash", EMPTY),
    take(EMPTY, "info_hash", utf8(info)),
  );
  const secret = take(shared, "secret", EMPTY);
  const give = (label: string, length: number): Bytes =>
    expand(nobleSha256, secret, concat(Uint8Array.of(0, length), labeled(label, context)), length);
  return chacha20poly1305(give("key", 32), give("base_nonce", 12));
}

// --- Ed25519 (RFC 8032) ---

/** An Ed25519 key from its 32-byte seed; signatures are deterministic. */
export class SigningKey {
  readonly public: Bytes;
  readonly #seed: Bytes;

  constructor(seed: Bytes) {
    this.#seed = seed;
    this.public = ed25519.getPublicKey(seed);
  }

  /** 64 bytes. */
  sign(message: Bytes): Bytes {
    return ed25519.sign(message, this.#seed);
  }
}

/**
 * Return if the Ed25519 signature holds; else `VerifyError`.
 *
 * The equation is checked without the cofactor and R by its bytes, as OpenSSL does. Libraries and
 * browsers differ in both, and so about signatures that somebody crafted: two readers must not.
 */
export function verifySignature(key: Bytes, signature: Bytes, message: Bytes): void {
  const { Point } = ed25519;
  try {
    const [r, s] = [signature.subarray(0, 32), littleEndian(signature.subarray(32))];
    const order = Point.Fn.ORDER;
    if (signature.length === 64 && key.length === 32 && s < order) {
      const k = littleEndian(sha512(concat(r, key, message))) % order;
      const found = Point.BASE.multiplyUnsafe(s).subtract(Point.fromBytes(key, true).multiplyUnsafe(k));
      if (equal(found.toBytes(), r)) return;
    }
  } catch {
    // the key is no point of the curve
  }
  throw new VerifyError("the signature does not hold");
}

function littleEndian(data: Bytes): bigint {
  return data.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

// --- NIST P-256 ---

const P256_ORDER = p256.Point.Fn.ORDER;

/** P256_XMD:SHA-256_SSWU_RO_ (RFC 9380): the compressed point, 33 bytes. */
export function p256FromHash(message: Bytes, tag: string): Bytes {
  return p256_hasher.hashToCurve(message, { DST: tag }).toBytes();
}

/** scalar · point, compressed; `FormatError` unless the point is a compressed one of the curve. */
export function p256Multiply(scalar: bigint, point: Bytes): Bytes {
  if (point.length !== 33) throw new FormatError("an element is a compressed point of 33 bytes");
  try {
    return p256.Point.fromBytes(point).multiply(scalar).toBytes();
  } catch {
    throw new FormatError("not a point of P-256");
  }
}

/** A scalar in 1 … n-1 from 48 or more random bytes, big-endian: so many that the remainder is even. */
export function p256Scalar(randomness: Bytes): bigint {
  return (randomness.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) % (P256_ORDER - 1n)) + 1n;
}

/** The scalar's inverse modulo the group order. */
export function p256Invert(scalar: bigint): bigint {
  return p256.Point.Fn.inv(scalar);
}

// --- ML-DSA-44 (FIPS 204), pure, with an empty context ---

export const MLDSA_PUBLIC = 1312; // bytes

/** Return if the ML-DSA-44 signature holds; else `VerifyError`. */
export function verifyMldsa(key: Bytes, signature: Bytes, message: Bytes): void {
  let holds = false;
  try {
    holds = ml_dsa44.verify(signature, message, key);
  } catch {
    // another length
  }
  if (!holds) throw new VerifyError("the signature does not hold");
}
