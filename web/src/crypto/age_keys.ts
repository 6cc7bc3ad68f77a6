/**
 * Post-quantum age identities and recipients (C2SP age.md, "mlkem768x25519").
 *
 * An identity is a 32-byte seed, written `AGE-SECRET-KEY-PQ-1…`; a recipient is the 1216-byte public
 * key, written `age1pq1…`. Its fingerprint, SHA-256 in hex, names it where 2 kB would be too long.
 */

import { bech32Decode, bech32Encode, type Bytes, hexEncode, type Json } from "./encoding.ts";
import { checkHybridPublic, HybridKey, sha256 } from "./primitives.ts";

const IDENTITY_HRP = "age-secret-key-pq-";
const RECIPIENT_HRP = "age1pq";

/** Somebody to seal to. `public` is 1216 bytes. */
export class Recipient {
  readonly public: Bytes;
  #text: string | undefined;
  #fingerprint: string | undefined;

  constructor(key: Bytes) {
    this.public = key;
  }

  /** From `age1pq1…`; `FormatError` if it is not one, or not a valid key. */
  static parse(text: Json): Recipient {
    const recipient = new Recipient(bech32Decode(text, RECIPIENT_HRP));
    checkHybridPublic(recipient.public);
    return recipient;
  }

  /** `age1pq1…`, about 2 kB. */
  get text(): string {
    return (this.#text ??= bech32Encode(RECIPIENT_HRP, this.public));
  }

  /** SHA-256 of the public key, hex. */
  get fingerprint(): string {
    return (this.#fingerprint ??= hexEncode(sha256(this.public)));
  }
}

/** A secret key that opens what was sealed to `recipient`. */
export class Identity {
  readonly key: HybridKey;
  readonly recipient: Recipient;
  readonly #seed: Bytes; // private, and so not printed with the rest

  constructor(seed: Bytes) {
    this.#seed = seed;
    this.key = new HybridKey(seed);
    this.recipient = new Recipient(this.key.public);
  }

  /** From `AGE-SECRET-KEY-PQ-1…`; `FormatError` if it is not one. */
  static parse(text: Json): Identity {
    return new Identity(bech32Decode(text, IDENTITY_HRP));
  }

  /** 32 bytes: keep it secret. */
  get seed(): Bytes {
    return this.#seed;
  }

  /** `AGE-SECRET-KEY-PQ-1…`: keep it secret. */
  get text(): string {
    return bech32Encode(IDENTITY_HRP, this.#seed).toUpperCase();
  }
}
