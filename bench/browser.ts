/** What `bench/browser.py` measures in a page. `web/` and `typage/` are put in by it. */

import { sha256 } from "web/node_modules/@noble/hashes/sha2.js";
import { Sealer } from "web/src/crypto/age_stream.ts";
import { ContentDigest } from "web/src/crypto/content_key.ts";
import { startSha256 } from "web/src/crypto/primitives.ts";
import { MediumSealer } from "web/src/crypto/record_writer.ts";
import { Encrypter, generateHybridIdentity, identityToRecipient } from "typage/dist/index.js";

const PIECE = 1024 * 1024;
const KEY = crypto.getRandomValues(new Uint8Array(16));
const NONCE = crypto.getRandomValues(new Uint8Array(16));
const recipient = generateHybridIdentity().then(identityToRecipient);

function* pieces(data: Uint8Array): Generator<Uint8Array> {
  for (let i = 0; i < data.length; i += PIECE) yield data.subarray(i, i + PIECE);
}

/** As in a browser without ChaCha20-Poly1305 and HMAC in WebCrypto. */
async function portably(work: () => Promise<void>): Promise<void> {
  const { importKey } = SubtleCrypto.prototype;
  SubtleCrypto.prototype.importKey = () => Promise.reject(new DOMException("", "NotSupportedError"));
  try {
    await work();
  } finally {
    SubtleCrypto.prototype.importKey = importKey;
  }
}

const ways: Record<string, (data: Uint8Array) => Promise<void>> = {
  async seal(data) {
    const sealer = await Sealer.start(KEY, NONCE);
    for (const piece of pieces(data)) await sealer.update(piece);
    await sealer.finish();
  },
  sealPortably: (data) => portably(() => ways.seal!(data)),
  async typage(data) {
    const encrypter = new Encrypter();
    encrypter.addRecipient(await recipient);
    await encrypter.encrypt(data);
  },
  async raw(data) {
    const name = "ChaCha20-Poly1305";
    const key = await crypto.subtle.importKey("raw-secret" as "raw", new Uint8Array(32), name, false, [
      "encrypt",
    ]);
    for (const piece of pieces(data)) {
      const chunks = [];
      for (let i = 0; i < piece.length; i += 65536) {
        const iv = new Uint8Array(12);
        chunks.push(
          crypto.subtle.encrypt({ name, iv } as Algorithm, key, piece.subarray(i, i + 65536) as BufferSource),
        );
      }
      await Promise.all(chunks);
    }
  },
  async medium(data) {
    const sealer = await MediumSealer.start("00".repeat(16), KEY, NONCE);
    for (const piece of pieces(data)) await sealer.update(piece);
    for await (const _ of sealer.finish());
    sealer.sealed();
  },
  mediumPortably: (data) => portably(() => ways.medium!(data)),
  async digest(data) {
    const digest = await ContentDigest.start();
    for (const piece of pieces(data)) await digest.update(piece);
    await digest.finish();
  },
  async wasmHash(data) {
    const hash = await startSha256();
    for (const piece of pieces(data)) hash.update(piece);
    hash.digest();
  },
  async portableHash(data) {
    const hash = sha256.create();
    for (const piece of pieces(data)) hash.update(piece);
    hash.digest();
  },
};

/** Milliseconds of each way: the median of the rounds, after one that warms up. */
async function measure(names: string[], megabytes: number, rounds: number): Promise<Record<string, number>> {
  const data = new Uint8Array(megabytes * 1e6);
  for (let i = 0; i < data.length; i += 65536) crypto.getRandomValues(data.subarray(i, i + 65536));
  const taken = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const started = performance.now();
      await ways[name]!(data);
      if (round) taken.get(name)!.push(performance.now() - started);
    }
  }
  const median = (of: number[]): number => of.sort((a, b) => a - b)[Math.floor(of.length / 2)]!;
  return Object.fromEntries([...taken].map(([name, times]) => [name, median(times)]));
}

Object.assign(globalThis, { measure });
