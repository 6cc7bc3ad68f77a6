/**
 * What a person has written and not sent yet, kept sealed on the server: the twin of
 * `intake/submissions/drafts.py` in hands that hold the receipt.
 *
 * Each entry is an age file of its name and its value, under a name that is keyed by the receipt.
 */

import { type Api, ApiError } from "./api.ts";
import { FILE_KEY_SIZE } from "./crypto/age_header.ts";
import { NONCE_SIZE } from "./crypto/age_stream.ts";
import {
  b64uDecode,
  b64uEncode,
  type Bytes,
  canonicalJson,
  concat,
  fromUtf8,
  hexEncode,
  isObject,
  type Json,
  parseJson,
  utf8,
} from "./crypto/encoding.ts";
import { FormatError } from "./crypto/errors.ts";
import * as padding from "./crypto/padding.ts";
import { hkdf, hmacSha256 } from "./crypto/primitives.ts";
import type { ReceiptKeys } from "./crypto/receipt.ts";
import * as sealing from "./crypto/sealing.ts";
import { random } from "./random.ts";

const PATH = "/v1/drafts";
const COUNT = 4; // bytes before name and value that say how long they are

/** Entries by name; null forgets one. */
export type Entries = ReadonlyMap<string, Json>;

/** `Authorization` of requests under the receipt. */
export function authorization(keys: ReceiptKeys): Readonly<Record<string, string>> {
  return { Authorization: `Intake-Receipt ${b64uEncode(keys.lookup)}.${b64uEncode(keys.auth)}` };
}

/** The draft of one receipt. What is put is sent in the order in which it was asked for. */
export class Drafts {
  readonly #api: Api;
  readonly #keys: ReceiptKeys;
  #last: Promise<unknown> = Promise.resolve();

  constructor(api: Api, keys: ReceiptKeys) {
    this.#api = api;
    this.#keys = keys;
  }

  /** Everything that is kept, opened. `CryptoError` if something of it does not open. */
  async all(): Promise<Map<string, Json>> {
    const response = await this.#api.request(PATH, { method: "GET", headers: authorization(this.#keys) });
    const answer = parseJson(await response.text());
    const kept = isObject(answer) ? answer["entries"] : undefined;
    if (!isObject(kept)) throw new FormatError("no entries");
    const found = new Map<string, Json>();
    for (const file of Object.values(kept)) {
      const [name, value] = await open(this.#keys, b64uDecode(file));
      found.set(name, parseJson(value));
    }
    return found;
  }

  /** Keep entries, and let the `uploads` of files live as long; one try. */
  put(entries: Entries, uploads: readonly string[]): Promise<void> {
    return this.#next(async () => {
      const sealed: [string, Json][] = [];
      for (const [name, value] of entries) {
        const file = value === null ? null : b64uEncode(await seal(this.#keys, name, canonicalJson(value)));
        sealed.push([keyedName(this.#keys, name), file]);
      }
      const headers = { ...authorization(this.#keys), "Content-Type": "application/json" };
      const body = JSON.stringify({ entries: Object.fromEntries(sealed), uploads });
      await this.#api.once(PATH, { method: "PUT", headers, body });
    });
  }

  /** Forget the whole draft. */
  clear(): Promise<void> {
    return this.#next(async () => {
      await this.#api.request(PATH, { method: "DELETE", headers: authorization(this.#keys) });
    });
  }

  /** Whether a testimony was received with this receipt. */
  async received(): Promise<boolean> {
    try {
      await this.#api.request("/v1/mailbox", { method: "GET", headers: authorization(this.#keys) });
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return false;
      throw error;
    }
  }

  #next(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work, work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

/** What the server calls an entry: it says nothing to whoever has no receipt. */
export function keyedName(keys: ReceiptKeys, name: string): string {
  return hexEncode(hmacSha256(hkdf(keys.auth, "intake/draft-name/v1"), utf8(name)));
}

/** One age file of name and value, padded: its length tells little of the text's. */
export function seal(keys: ReceiptKeys, name: string, value: Bytes): Promise<Bytes> {
  const named = utf8(name);
  const plain = concat(counted(named.length), named, counted(value.length), value);
  return sealing.sealFile(padding.pad(plain, padding.TEXT_FLOOR), keys.identity.recipient, {
    fileKey: random(FILE_KEY_SIZE),
    nonce: random(NONCE_SIZE),
    randomness: random(sealing.WRAP_RANDOM),
  });
}

/** Inverse of `seal`. */
export async function open(keys: ReceiptKeys, file: Bytes): Promise<[name: string, value: Bytes]> {
  const plain = await sealing.openFile(file, [keys.identity]);
  const [name, rest] = take(plain);
  return [fromUtf8(name), take(rest)[0]];
}

function counted(length: number): Bytes {
  const out = new Uint8Array(COUNT);
  new DataView(out.buffer).setUint32(0, length);
  return out;
}

function take(data: Bytes): [taken: Bytes, rest: Bytes] {
  if (data.length < COUNT) throw new FormatError("an entry is cut short");
  const end = COUNT + new DataView(data.buffer, data.byteOffset).getUint32(0);
  if (end > data.length) throw new FormatError("an entry is cut short");
  return [data.subarray(COUNT, end), data.subarray(end)];
}
