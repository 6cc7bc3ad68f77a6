/**
 * The vault: a member's private keys, made here, and sealed for each wrapper before anything leaves the page.
 *
 *     {"v": 1, "identity": "AGE-SECRET-KEY-PQ-1…", "signing": seed of the Ed25519 key, base64url}
 */

import { Identity } from "../../../src/crypto/age_keys.ts";
import * as checks from "../../../src/crypto/checks.ts";
import {
  b64uDecode,
  b64uEncode,
  type Bytes,
  canonicalJson,
  parseCanonicalJson,
} from "../../../src/crypto/encoding.ts";
import { SigningKey } from "../../../src/crypto/primitives.ts";
import { Receipt } from "../../../src/crypto/receipt.ts";
import { openFile, sealFile, WRAP_RANDOM } from "../../../src/crypto/sealing.ts";
import { random } from "../../../src/random.ts";
import type { OwnKeys } from "../state.ts";
import { openWithPrf, sealWithPrf } from "./prf.ts";

/** New keys, known to nobody else. */
export function makeKeys(): OwnKeys {
  const signing = random(32);
  const identity = new Identity(random(32));
  return keysOf(canonicalJson({ v: 1, identity: identity.text, signing: b64uEncode(signing) }));
}

/** The keys that a vault holds; `FormatError` if it holds something else. */
export function keysOf(vault: Bytes): OwnKeys {
  type Names = "v" | "identity" | "signing";
  const top = checks.exactly<Names>(parseCanonicalJson(vault), "v identity signing");
  checks.version(top.v, 1);
  const signing = new SigningKey(b64uDecode(top.signing, 32));
  return { identity: Identity.parse(top.identity), signing, vault };
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

/** The words in which printed keys are written: large, and seldom needed. */
export const printedWords = async (): Promise<readonly string[]> =>
  (await import("../../../src/crypto/receipt_words.ts")).ENGLISH;
