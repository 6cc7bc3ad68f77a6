/**
 * A mechanism's keys: an offline root, epoch keys that it signs, and the public bundle.
 *
 *     key signature    = Ed25519(root, "intake/mechanism-key/v1" ‖ 00 ‖ JCS(key with its mechanism))
 *     bundle signature = Ed25519(root, "intake/mechanism-bundle/v1" ‖ 00 ‖ JCS(bundle without it))
 *
 * Browsers verify; mechanisms sign, offline, with the Python tools.
 */

import { Recipient } from "./age_keys.ts";
import * as checks from "./checks.ts";
import { CLASSES, type Class } from "./compartments.ts";
import {
  b64uDecode,
  type Bytes,
  canonicalJson,
  concat,
  hexEncode,
  isObject,
  type Json,
  parseJson,
  utf8,
} from "./encoding.ts";
import { FormatError } from "./errors.ts";
import { sha256, verifySignature } from "./primitives.ts";

export const MAX_BYTES = 256 * 1024;
const KEY_DOMAIN = utf8("intake/mechanism-key/v1\0");
const BUNDLE_DOMAIN = utf8("intake/mechanism-bundle/v1\0");

/** One epoch key of one compartment class; usable from `starts` to `expires`, days inclusive. */
export interface MechanismKey {
  readonly mechanism: string;
  readonly epoch: number;
  readonly kind: Class;
  readonly recipient: Recipient;
  readonly starts: string;
  readonly expires: string;
  readonly signature: Bytes;
}

/** A verified bundle. `names` maps language tags to the mechanism's name; `root` is 32 bytes. */
export interface Bundle {
  readonly mechanism: string;
  readonly names: Readonly<Record<string, string>>;
  readonly root: Bytes;
  readonly rootFingerprint: string;
  readonly keys: readonly MechanismKey[];
  readonly raw: Bytes;
}

/** The newest epoch's key of this class that is valid on `day` (`YYYY-MM-DD`); undefined if there is none. */
export function keyFor(bundle: Bundle, kind: Class, day: string): MechanismKey | undefined {
  const usable = bundle.keys.filter((k) => k.kind === kind && k.starts <= day && day <= k.expires);
  return usable.sort((one, other) => other.epoch - one.epoch)[0];
}

/**
 * Parse a bundle and check every signature in it; `FormatError` or `VerifyError`.
 *
 * That the root is the right one is for the caller to check, against a published fingerprint.
 */
export function verifyBundle(data: Bytes): Bundle {
  if (data.length > MAX_BYTES) throw new FormatError("the bundle is too long");
  const whole = parseJson(data);
  type Names = "v" | "mechanism" | "names" | "root" | "keys" | "signature";
  const top = checks.exactly<Names>(whole, "v mechanism names root keys signature");
  checks.version(top.v, 1);
  const root = b64uDecode(top.root, 32);
  const body = canonicalJson(checks.without(top, "signature"));
  verifySignature(root, b64uDecode(top.signature, 64), concat(BUNDLE_DOMAIN, body));
  const mechanism = checks.text(top.mechanism, checks.SLUG);
  const keys = checks.items(top.keys, 1000).map((value) => verifyKey(root, mechanism, value));
  if (new Set(keys.map((k) => `${k.epoch} ${k.kind}`)).size !== keys.length) {
    throw new FormatError("two keys share an epoch and a class");
  }
  const rootFingerprint = hexEncode(sha256(root));
  return { mechanism, names: namesOf(top.names), root, rootFingerprint, keys, raw: canonicalJson(whole) };
}

function verifyKey(root: Bytes, mechanism: string, value: Json): MechanismKey {
  type Names = "mechanism" | "epoch" | "class" | "recipient" | "starts" | "expires" | "signature";
  const v = checks.exactly<Names>(value, "mechanism epoch class recipient starts expires signature");
  if (v.mechanism !== mechanism) throw new FormatError("a key of another mechanism in this bundle");
  const signature = b64uDecode(v.signature, 64);
  const recipient = Recipient.parse(v.recipient);
  const starts = checks.text(v.starts, checks.DAY);
  const expires = checks.text(v.expires, checks.DAY);
  const epoch = checks.positive(v.epoch);
  const kind = checks.oneOf(v.class, CLASSES);
  const body = canonicalJson({ mechanism, epoch, class: kind, recipient: recipient.text, starts, expires });
  verifySignature(root, signature, concat(KEY_DOMAIN, body));
  return { mechanism, epoch, kind, recipient, starts, expires, signature };
}

function namesOf(value: Json): Record<string, string> {
  if (!isObject(value) || !Object.hasOwn(value, "en") || Object.keys(value).length > 50) {
    throw new FormatError("names needs at least an English one");
  }
  for (const name of Object.values(value)) {
    const length = checks.characters(checks.text(name, checks.PRINTABLE));
    if (!length || length > 200) throw new FormatError("a name is 1 to 200 printable characters");
  }
  return value as Record<string, string>;
}
