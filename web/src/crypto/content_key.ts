/**
 * Keys that follow from the content, so that equal media of different people become equal payloads.
 *
 * A plain hash of the content would let anyone who has a video ask who sent it. The key therefore needs
 * two things: the content digest D below, which is never sent, stored in clear or logged, and the
 * server's OPRF key of the epoch (`oprf`), which turns D into a secret u that nobody computes alone.
 *
 * D is a tree, so that each 1 MiB leaf can be checked again before it is sealed: a file that changed
 * between digest and seal would reuse key and nonce for other bytes.
 */

import { FILE_KEY_SIZE } from "./age_header.ts";
import { NONCE_SIZE } from "./age_stream.ts";
import { type Bytes, concat, equal, u64be, utf8 } from "./encoding.ts";
import { VerifyError } from "./errors.ts";
import { hkdf, hmacSha256, type Mac, startHmac } from "./primitives.ts";

export const LEAF = 1024 * 1024;
export const DEDUP_MINIMUM = 16 * 1024; // bytes; shorter content is guessable, and saves nothing
const KEY = utf8("intake/content-digest/v1");
const PREFIX = 9; // 00 ‖ u64be(i)

/** D = HMAC(K, 01 ‖ u64be(length) ‖ L₀ ‖ L₁ …), 32 bytes. */
export function root(length: number, leaves: readonly Bytes[]): Bytes {
  return hmacSha256(KEY, Uint8Array.of(1), u64be(length), ...leaves);
}

/** D over a stream; also remembers the leaves, 32 bytes per MiB. Each call must have ended before the next. */
export class ContentDigest {
  length = 0;
  readonly leaves: Bytes[] = [];
  readonly #mac: Mac;
  readonly #leaf = new Uint8Array(PREFIX + LEAF);
  #filled = PREFIX;

  private constructor(mac: Mac) {
    this.#mac = mac;
  }

  static async start(): Promise<ContentDigest> {
    return new ContentDigest(await startHmac(KEY));
  }

  /** Take the next bytes of the original. */
  async update(data: Bytes): Promise<void> {
    const closed: Promise<Bytes>[] = [];
    for (let rest = data; rest.length;) {
      const piece = rest.subarray(0, this.#leaf.length - this.#filled);
      this.#leaf.set(piece, this.#filled);
      this.#filled += piece.length;
      this.length += piece.length;
      rest = rest.subarray(piece.length);
      if (this.#filled === this.#leaf.length) closed.push(this.#close(closed.length));
    }
    this.leaves.push(...(await Promise.all(closed)));
  }

  /** D, 32 bytes. Call once. */
  async finish(): Promise<Bytes> {
    if (this.#filled > PREFIX) this.leaves.push(await this.#close(0));
    return root(this.length, this.leaves);
  }

  #close(underWay: number): Promise<Bytes> {
    this.#leaf.set(u64be(this.leaves.length + underWay), 1);
    const mac = this.#mac(this.#leaf.subarray(0, this.#filled)); // copies it before it returns
    this.#filled = PREFIX;
    return mac;
  }
}

/** Compare a second reading of the content with the leaves of the first, before it is sealed. */
export class LeafCheck {
  readonly #leaves: readonly Bytes[];
  readonly #mac: Mac;
  #next = 0;

  private constructor(leaves: readonly Bytes[], mac: Mac) {
    this.#leaves = leaves;
    this.#mac = mac;
  }

  static async start(leaves: readonly Bytes[]): Promise<LeafCheck> {
    return new LeafCheck(leaves, await startHmac(KEY));
  }

  /** The next MiB (the last may be shorter); `VerifyError` if it is not what was digested. */
  async check(leaf: Bytes): Promise<void> {
    const index = this.#next++;
    const wanted = this.#leaves[index];
    if (!wanted || !equal(await this.#mac(concat(Uint8Array.of(0), u64be(index), leaf)), wanted)) {
      throw new VerifyError("the file changed while it was being read");
    }
  }

  /** `VerifyError` if leaves are missing. */
  finish(): void {
    if (this.#next !== this.#leaves.length) throw new VerifyError("the file changed while it was being read");
  }
}

/** (file key, payload nonce), 16 bytes each, from u = OPRF(D) and D. */
export function fileKeyAndNonce(oprfOutput: Bytes, digest: Bytes): [fileKey: Bytes, nonce: Bytes] {
  const secret = concat(oprfOutput, digest);
  return [
    hkdf(secret, "intake/file-key/v1", undefined, FILE_KEY_SIZE),
    hkdf(secret, "intake/nonce/v1", undefined, NONCE_SIZE),
  ];
}
