/**
 * The vault: a member's private keys, made here, and sealed for each wrapper before anything leaves the page.
 *
 *     {"v": 1, "identity": "AGE-SECRET-KEY-PQ-1…", "signing": seed of the Ed25519 key, base64url,
 *      "root": SHA-256 of the mechanism's root, hex, "seen": {"epoch": newest, "keys": how many} of its bundle}
 */

import { Identity } from "../../../src/crypto/age_keys.ts";
import * as checks from "../../../src/crypto/checks.ts";
import {
  b64uDecode,
  b64uEncode,
  type Bytes,
  canonicalJson,
  type Json,
  type JsonObject,
  parseCanonicalJson,
} from "../../../src/crypto/encoding.ts";
import { SigningKey } from "../../../src/crypto/primitives.ts";
import { Receipt } from "../../../src/crypto/receipt.ts";
import { ENGLISH } from "../../../src/crypto/receipt_words.ts";
import { openFile, sealFile, WRAP_RANDOM } from "../../../src/crypto/sealing.ts";
import { random } from "../../../src/random.ts";
import type { OwnKeys, Seen } from "../state.ts";
import { openWithPrf, sealWithPrf } from "./prf.ts";

/** New keys, known to nobody else, of a member of the mechanism with this root. */
export function makeKeys(root: string): OwnKeys {
  const signing = b64uEncode(random(32));
  const identity = new Identity(random(32)).text;
  return keysOf(canonicalJson({ v: 1, identity, signing, root, seen: { epoch: 0, keys: 0 } }));
}

/** The same keys with what was seen since. */
export const seeing = (keys: OwnKeys, seen: Seen): OwnKeys =>
  keysOf(canonicalJson({ ...(parseCanonicalJson(keys.vault) as JsonObject), seen: { ...seen } }));

/** The keys that a vault holds; `FormatError` if it holds something else. */
export function keysOf(vault: Bytes): OwnKeys {
  type Names = "v" | "identity" | "signing" | "root" | "seen";
  const top = checks.exactly<Names>(parseCanonicalJson(vault), "v identity signing root seen");
  checks.version(top.v, 1);
  const signing = new SigningKey(b64uDecode(top.signing, 32));
  const root = checks.digest(top.root);
  return { identity: Identity.parse(top.identity), signing, root, seen: seenOf(top.seen), vault };
}

function seenOf(value: Json): Seen {
  const seen = checks.exactly<"epoch" | "keys">(value, "epoch keys");
  const count = (number: Json): number => (number === 0 ? 0 : checks.positive(number));
  return { epoch: count(seen.epoch), keys: count(seen.keys) };
}

/** Sealed to a passkey, of which `key` and `nonce` are the PRF's. */
export const sealToPasskey = (keys: OwnKeys, key: Bytes, nonce: Bytes): Promise<Bytes> =>
  sealWithPrf(keys.vault, key, nonce, random(16));

export const openByPasskey = async (file: Bytes, key: Bytes): Promise<OwnKeys> =>
  keysOf(await openWithPrf(file, key));

/** The printed key: nine words, of which no copy is kept. */
export const newPrinted = (): Receipt => Receipt.fromRandom(random(32));

/** Sealed to a printed key. */
export async function sealToPrinted(keys: OwnKeys, printed: Receipt): Promise<Bytes> {
  const { identity } = await printed.keys();
  const fresh = { fileKey: random(16), nonce: random(16), randomness: random(WRAP_RANDOM) };
  return sealFile(keys.vault, identity.recipient, fresh);
}

/** `NotMine` if it is another printed key's. */
export async function openByPrinted(file: Bytes, printed: Receipt): Promise<OwnKeys> {
  const { identity } = await printed.keys();
  return keysOf(await openFile(file, [identity]));
}

/** The words in which printed keys are written. */
export const PRINTED_WORDS: readonly string[] = ENGLISH;
