/**
 * The payload of an age v1 file (C2SP age.md, "Payload"; STREAM).
 *
 *     nonce (16) ‖ chunk … chunk
 *
 * Each chunk is ChaCha20-Poly1305 over 64 KiB of plaintext (the last one may be shorter, and is empty
 * only if all of the plaintext is). Its nonce is an 11-byte big-endian counter and a byte that is 1 for
 * the last chunk. The key is HKDF-SHA-256(file key, salt nonce, "payload").
 *
 * The chunks of one `update` are worked on side by side. Each call must have ended before the next one.
 */

import { type Bytes, concat } from "./encoding.ts";
import { FormatError, VerifyError } from "./errors.ts";
import { type Aead, hkdf, startChaCha, TAG_SIZE } from "./primitives.ts";

export const CHUNK = 64 * 1024;
export const SEALED_CHUNK = CHUNK + TAG_SIZE;
export const NONCE_SIZE = 16;
const EMPTY = new Uint8Array(0);

/** Bytes of the payload over `length` bytes of plaintext. */
export function sealedLength(length: number): number {
  return NONCE_SIZE + length + Math.max(1, Math.ceil(length / CHUNK)) * TAG_SIZE;
}

/** Inverse of `sealedLength`; `FormatError` if no payload has this length. */
export function plainLength(sealed: number): number {
  const body = sealed - NONCE_SIZE;
  const length = body - Math.max(1, Math.ceil(body / SEALED_CHUNK)) * TAG_SIZE;
  if (length < 0 || sealedLength(length) !== sealed) throw new FormatError("no age payload has this length");
  return length;
}

function startCipher(fileKey: Bytes, nonce: Bytes): Promise<Aead> {
  return startChaCha(hkdf(fileKey, "payload", nonce));
}

function chunkNonce(counter: number, last: boolean): Bytes {
  const nonce = new Uint8Array(12);
  const view = new DataView(nonce.buffer);
  view.setBigUint64(3, BigInt(counter)); // the last eight of the eleven bytes: more than any file needs
  nonce[11] = last ? 1 : 0;
  return nonce;
}

/** Cuts what comes in pieces into whole chunks, and holds back what may be the last one. */
class Cutter {
  held: Bytes = EMPTY;
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  /** The chunks that some byte follows: only then is a chunk known not to be the last. */
  cut(data: Bytes): Bytes[] {
    const chunks: Bytes[] = [];
    let rest = data;
    if (this.held.length && this.held.length + data.length > this.#size) {
      const missing = this.#size - this.held.length;
      chunks.push(concat(this.held, data.subarray(0, missing)));
      rest = data.subarray(missing);
      this.held = EMPTY;
    }
    while (rest.length > this.#size) {
      chunks.push(rest.subarray(0, this.#size));
      rest = rest.subarray(this.#size);
    }
    this.held = concat(this.held, rest); // a copy: the caller's buffer may be used again
    return chunks;
  }
}

/** Seal a stream. The payload is what `update` gives, in order, then what `finish` gives. */
export class Sealer {
  readonly #cipher: Aead;
  readonly #cutter = new Cutter(CHUNK);
  #prefix: Bytes;
  #counter = 0;

  private constructor(cipher: Aead, nonce: Bytes) {
    this.#cipher = cipher;
    this.#prefix = nonce;
  }

  /** `fileKey` and `nonce` have 16 bytes. */
  static async start(fileKey: Bytes, nonce: Bytes): Promise<Sealer> {
    if (nonce.length !== NONCE_SIZE) throw new FormatError("a payload nonce has 16 bytes");
    return new Sealer(await startCipher(fileKey, nonce), nonce);
  }

  /** Take plaintext; give the sealed bytes that are certain by now, maybe none. */
  async update(data: Bytes): Promise<Bytes> {
    const prefix = this.#takePrefix();
    const sealed = this.#cutter.cut(data).map((chunk) => this.#encrypt(chunk, false));
    return concat(prefix, ...(await Promise.all(sealed)));
  }

  /** The rest of the payload. */
  async finish(): Promise<Bytes> {
    return concat(this.#takePrefix(), await this.#encrypt(this.#cutter.held, true));
  }

  #encrypt(chunk: Bytes, last: boolean): Promise<Bytes> {
    return this.#cipher.encrypt(chunkNonce(this.#counter++, last), chunk);
  }

  #takePrefix(): Bytes {
    const prefix = this.#prefix;
    this.#prefix = EMPTY;
    return prefix;
  }
}

/** Open a stream. Nothing that `update` gave may be relied on before `finish` has ended well. */
export class Opener {
  readonly #fileKey: Bytes;
  readonly #cutter = new Cutter(SEALED_CHUNK);
  #start: Bytes = EMPTY;
  #cipher: Aead | undefined;
  #counter = 0;

  constructor(fileKey: Bytes) {
    this.#fileKey = fileKey;
  }

  /** Take payload bytes; give opened plaintext, maybe none. `VerifyError` if altered. */
  async update(data: Bytes): Promise<Bytes> {
    let rest = data;
    if (!this.#cipher) {
      const start = concat(this.#start, data.subarray(0, NONCE_SIZE - this.#start.length));
      rest = data.subarray(start.length - this.#start.length);
      this.#start = start;
      if (start.length < NONCE_SIZE) return EMPTY;
      this.#cipher = await startCipher(this.#fileKey, start);
    }
    return concat(...(await Promise.all(this.#cutter.cut(rest).map((chunk) => this.#decrypt(chunk, false)))));
  }

  /**
   * The last plaintext; `VerifyError` if the payload was cut, extended or altered, `FormatError` if not
   * even its nonce is there.
   */
  async finish(): Promise<Bytes> {
    if (!this.#cipher) throw new FormatError("the payload is shorter than its nonce");
    const last = this.#cutter.held;
    if (last.length < TAG_SIZE) throw new VerifyError("the payload is cut short");
    if (last.length === TAG_SIZE && this.#counter) throw new VerifyError("an empty last chunk after others");
    return this.#decrypt(last, true);
  }

  #decrypt(chunk: Bytes, last: boolean): Promise<Bytes> {
    return this.#cipher!.decrypt(chunkNonce(this.#counter++, last), chunk);
  }
}
