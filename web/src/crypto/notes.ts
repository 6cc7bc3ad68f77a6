/**
 * Signed notes: a text and the signatures of those who stand by it (C2SP signed-note, v1.0.0).
 *
 *     <text, ends in a newline>
 *     <empty line>
 *     — <key name> <base64(key id ‖ signature)>          one line for each signature
 *
 *     key id = SHA-256(key name ‖ 0A ‖ type ‖ public key)[0..4]
 *     verifier key = <key name>+<hex(key id)>+<base64(type ‖ public key)>
 *
 * | type | | public key | signature |
 * |---|---|---|---|
 * | 01 | Ed25519 over the text | 32 | 64 |
 * | 04 | Ed25519 cosignature of a checkpoint | 32 | u64be time ‖ 64 |
 * | 06 | ML-DSA-44 cosignature of a checkpoint | 1312 | u64be time ‖ 2420 |
 *
 * Types 04 and 06 (C2SP tlog-cosignature, v1.1.0-rc.1) are checked in `checkpoints`. The id of a key is
 * short and no proof: it says which of the keys one knows to try. A line by an unknown key proves nothing
 * and is passed over, as the specification asks, but has to be well formed.
 */

import { SPACE } from "./checks.ts";
import {
  b64Decode,
  b64EncodePadded,
  type Bytes,
  concat,
  equal,
  fromUtf8,
  hexDecode,
  hexEncode,
  utf8,
} from "./encoding.ts";
import { FormatError, VerifyError } from "./errors.ts";
import { MLDSA_PUBLIC, sha256, verifySignature } from "./primitives.ts";

export const ED25519 = 0x01;
export const COSIGNATURE = 0x04;
export const MLDSA_COSIGNATURE = 0x06;
const PUBLIC_SIZES = new Map([
  [ED25519, 32],
  [COSIGNATURE, 32],
  [MLDSA_COSIGNATURE, MLDSA_PUBLIC],
]);

export const MAX_BYTES = 256 * 1024;
export const MAX_SIGNATURES = 32; // the specification asks for at least 16
export const KEY_ID_SIZE = 4;
const DASH = "\u2014 ";
const NOT_IN_A_NAME = new RegExp(`[${SPACE}\\x00-\\x1f+]`);

/** Whose signature counts: a name, a type of the table above, and a public key. */
export class VerifierKey {
  readonly name: string;
  readonly kind: number;
  readonly public: Bytes;

  constructor(name: string, kind: number, key: Bytes) {
    checkName(name);
    if (PUBLIC_SIZES.get(kind) !== key.length) {
      throw new FormatError("an unknown type of key, or a key of another length");
    }
    this.name = name;
    this.kind = kind;
    this.public = key;
  }

  /** Inverse of `text`; `FormatError` also if the id is another key's. */
  static parse(text: string): VerifierKey {
    const [name, keyId, ...rest] = text.split("+");
    if (name === undefined || keyId === undefined || !rest.length)
      throw new FormatError("not a verifier key");
    hexDecode(keyId, KEY_ID_SIZE);
    const typed = parsePaddedB64(rest.join("+"));
    const key = new VerifierKey(name, typed[0]!, typed.subarray(1));
    if (key.text !== text) throw new FormatError("the id is not that of this verifier key");
    return key;
  }

  /** 4 bytes. */
  get id(): Bytes {
    return sha256(utf8(this.name), Uint8Array.of(10, this.kind), this.public).subarray(0, KEY_ID_SIZE);
  }

  /** As it is handed out. */
  get text(): string {
    const typed = concat(Uint8Array.of(this.kind), this.public);
    return `${this.name}+${hexEncode(this.id)}+${b64EncodePadded(typed)}`;
  }
}

/** One line: who, and what the type of that key makes of `value`. */
export interface Signature {
  readonly name: string;
  readonly keyId: Bytes;
  readonly value: Bytes;
}

/** A text, ending in a newline, and at least one signature. What it says is unproven: see `verify`. */
export interface Note {
  readonly text: string;
  readonly signatures: readonly Signature[];
}

/** As it is published. */
export function encode(note: Note): Bytes {
  const lines = note.signatures.map((s) => `${DASH}${s.name} ${b64EncodePadded(concat(s.keyId, s.value))}\n`);
  return utf8(`${note.text}\n${lines.join("")}`);
}

/** Strictly: at most 256 KiB, 32 signatures, no control characters. `FormatError`. */
export function parse(data: Bytes): Note {
  if (data.length > MAX_BYTES) throw new FormatError("the note is too long");
  const whole = fromUtf8(data);
  if (/[\x00-\x09\x0b-\x1f]/.test(whole)) throw new FormatError("the note holds a control character");
  // The text may hold empty lines itself; the last one in the note ends it.
  const cut = whole.lastIndexOf("\n\n");
  if (cut < 0 || !whole.endsWith("\n")) {
    throw new FormatError("not a note: no signatures, or the last line is not ended");
  }
  const signatures = whole.slice(cut + 2, -1).split("\n");
  if (signatures.length > MAX_SIGNATURES) throw new FormatError("the note has too many signatures");
  const note = { text: whole.slice(0, cut + 1), signatures: signatures.map(parseSignature) };
  if (!equal(encode(note), data)) throw new FormatError("the note is not in its one form");
  return note;
}

/** The line that claims to be this key's; `VerifyError` if there are two. */
export function signatureBy(note: Note, key: VerifierKey): Signature | undefined {
  const found = note.signatures.filter((s) => s.name === key.name && equal(s.keyId, key.id));
  if (found.length > 1) throw new VerifyError("a known key has signed twice");
  return found[0];
}

/**
 * The note, if at least one of these keys (type 01) signed it and no signature by one is wrong.
 *
 * `FormatError` if it is no note, `VerifyError` if it is not signed.
 */
export function verify(data: Bytes, keys: readonly VerifierKey[]): Note {
  const note = parse(data);
  let signed = false;
  for (const key of distinct(keys)) {
    if (key.kind !== ED25519) throw new FormatError("a key of this type signs checkpoints, not notes");
    const signature = signatureBy(note, key);
    if (!signature) continue;
    verifySignature(key.public, signature.value, utf8(note.text));
    signed = true;
  }
  if (!signed) throw new VerifyError("no known key has signed the note");
  return note;
}

/** The keys; `FormatError` if two could not be told apart by name and id. */
export function distinct(keys: readonly VerifierKey[]): readonly VerifierKey[] {
  if (new Set(keys.map((k) => `${k.name} ${hexEncode(k.id)}`)).size !== keys.length) {
    throw new FormatError("two verifier keys share their name and id");
  }
  return keys;
}

/** Inverse of `b64EncodePadded`: at least one byte, or exactly `length`. `FormatError`. */
export function parsePaddedB64(text: string, length?: number): Bytes {
  const data = b64Decode(text.replace(/=+$/, ""));
  if (!data.length || b64EncodePadded(data) !== text)
    throw new FormatError("not canonical base64 with padding");
  if (length !== undefined && data.length !== length) {
    throw new FormatError(`expected ${length} bytes, got ${data.length}`);
  }
  return data;
}

function parseSignature(line: string): Signature {
  const [name, encoded, ...more] = line.slice(DASH.length).split(" ");
  if (!line.startsWith(DASH) || name === undefined || encoded === undefined || more.length) {
    throw new FormatError("not a signature line");
  }
  checkName(name);
  const raw = parsePaddedB64(encoded);
  if (raw.length <= KEY_ID_SIZE) throw new FormatError("a signature line without a signature");
  return { name, keyId: raw.subarray(0, KEY_ID_SIZE), value: raw.subarray(KEY_ID_SIZE) };
}

/** `FormatError` unless it can be a key's name: no spaces, control characters or plus signs. */
function checkName(name: string): void {
  if (!name || NOT_IN_A_NAME.test(name)) throw new FormatError("not a key name");
  utf8(name);
}
