/**
 * Checkpoints: what a log was at one size, as a signed note (C2SP tlog-checkpoint, v1.0.0).
 *
 *     <origin>                  the log's name, and the name of its keys
 *     <size>                    decimal
 *     <base64(root)>
 *     [extension lines]
 *
 * Signatures are those of `notes`. The log signs with Ed25519 (type 01, the text) and ML-DSA-44 (type 06);
 * witnesses sign with either cosignature of C2SP tlog-cosignature (v1.1.0-rc.1), which hold a time, in
 * seconds since 1970:
 *
 *     04  Ed25519("cosignature/v1\ntime <time>\n" ‖ text)
 *     06  ML-DSA-44("subtree/v1\n" ‖ 00 ‖ u8 length ‖ key name ‖ u64be time ‖ u8 length ‖ origin
 *                   ‖ u64be 0 ‖ u64be size ‖ root)
 *
 * The message of type 06 has no place for extension lines: with one, such a signature is refused.
 */

import { b64EncodePadded, type Bytes, concat, equal, u64be, utf8 } from "./encoding.ts";
import { FormatError, VerifyError } from "./errors.ts";
import { EMPTY_ROOT, HASH_SIZE, MAX_SIZE } from "./merkle.ts";
import * as notes from "./notes.ts";
import { verifyMldsa, verifySignature as verifyEd25519 } from "./primitives.ts";

export const MAX_TIME = 2n ** 63n - 1n;
export const MAX_LINES = 16; // extension lines
const NUMBER = /^(?:0|[1-9][0-9]{0,18})$/;
const TIME_SIZE = 8;

/** A claim: the log `origin` had this root at this size. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Bytes;
  readonly extensions: readonly string[];
}

/** A signature that holds, and the time its maker says it was made (null for type 01). */
export interface Cosigned {
  readonly key: notes.VerifierKey;
  readonly time: bigint | null;
}

/** A checkpoint that the log signed, and every known key's signature on it. */
export interface Verified {
  readonly checkpoint: Checkpoint;
  readonly note: notes.Note;
  readonly log: readonly Cosigned[];
  readonly witnesses: readonly Cosigned[];
}

/** Who must have signed, and until when (seconds since 1970). */
export interface Trust {
  readonly origin: string;
  readonly logKeys: readonly notes.VerifierKey[];
  readonly witnesses?: readonly notes.VerifierKey[];
  readonly quorum?: number;
  readonly latest?: bigint;
}

/** The text of the note. */
export function textOf(checkpoint: Checkpoint): string {
  const { origin, size, root, extensions } = checkpoint;
  return [origin, String(size), b64EncodePadded(root), ...extensions, ""].join("\n");
}

/** Inverse of `textOf`; `FormatError` on any other form. */
export function parse(text: string): Checkpoint {
  const lines = text.split("\n");
  if (lines.length < 4 || lines.pop() !== "") {
    throw new FormatError("a checkpoint has at least three lines, each one ended");
  }
  const [origin, size, root, ...extensions] = lines as [string, string, string, ...string[]];
  if (
    ![origin, ...extensions].every((line) => line && !/[\0-\x1f]/.test(line)) ||
    extensions.length > MAX_LINES
  ) {
    throw new FormatError("a line of a checkpoint is empty or holds a control character");
  }
  const hash = notes.parsePaddedB64(root, HASH_SIZE);
  const checkpoint = { origin, size: parseNumber(size), root: hash, extensions };
  if (checkpoint.size === 0n && !equal(hash, EMPTY_ROOT))
    throw new FormatError("the empty tree has another root");
  if (textOf(checkpoint) !== text) throw new FormatError("the checkpoint is not in its one form");
  return checkpoint;
}

/**
 * Check a signed checkpoint; `FormatError` if it is none, `VerifyError` if it cannot be trusted.
 *
 * Every one of `logKeys` must have signed: a log with an Ed25519 and an ML-DSA key is believed only with
 * both. Of `witnesses` at least `quorum` must have; one that signed wrongly spoils the note. Signatures
 * made after `latest` are refused.
 */
export function verify(data: Bytes, trust: Trust): Verified {
  const { origin, logKeys, witnesses = [], quorum = 0, latest = MAX_TIME } = trust;
  const keys = notes.distinct([...logKeys, ...witnesses]);
  if (!logKeys.length) throw new FormatError("a checkpoint is verified with the log's keys");
  // 1. The form, and that it speaks of this log.
  const note = notes.parse(data);
  const checkpoint = parse(note.text);
  if (checkpoint.origin !== origin) throw new VerifyError("the checkpoint is another log's");
  // 2. Every signature by a key we know, the log's or a witness's.
  const found = new Map<notes.VerifierKey, Cosigned>();
  for (const key of keys) {
    const signature = notes.signatureBy(note, key);
    if (signature) found.set(key, { key, time: verifySignature(checkpoint, key, signature.value, latest) });
  }
  // 3. Who must have signed.
  const by = (wanted: readonly notes.VerifierKey[]) => wanted.flatMap((key) => found.get(key) ?? []);
  const [log, seen] = [by(logKeys), by(witnesses)];
  if (log.length !== logKeys.length) throw new VerifyError("a key of the log has not signed the checkpoint");
  if (seen.length < quorum) throw new VerifyError("too few witnesses have signed the checkpoint");
  return { checkpoint, note, log, witnesses: seen };
}

/** Check one signature of any of the three types; its time, or null for type 01. `VerifyError`. */
function verifySignature(
  checkpoint: Checkpoint,
  key: notes.VerifierKey,
  signature: Bytes,
  latest: bigint,
): bigint | null {
  const text = textOf(checkpoint);
  if (key.kind === notes.ED25519) {
    verifyEd25519(key.public, signature, utf8(text));
    return null;
  }
  if (signature.length <= TIME_SIZE) throw new VerifyError("the signature does not hold");
  const time = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  const value = signature.subarray(TIME_SIZE);
  if (time > latest || time > MAX_TIME) throw new VerifyError("the signature is from the future");
  if (key.kind === notes.COSIGNATURE) {
    verifyEd25519(key.public, value, utf8(`cosignature/v1\ntime ${time}\n${text}`));
    return time;
  }
  let message: Bytes;
  try {
    message = mldsaMessage(checkpoint, key.name, time);
  } catch (error) {
    if (error instanceof FormatError) throw new VerifyError(error.message);
    throw error;
  }
  verifyMldsa(key.public, value, message);
  return time;
}

/** `cosigned_message` of C2SP tlog-cosignature, for the whole tree. `FormatError` with extensions. */
export function mldsaMessage(checkpoint: Checkpoint, name: string, time: bigint): Bytes {
  if (checkpoint.extensions.length) throw new FormatError("ML-DSA signatures do not cover extension lines");
  return concat(
    utf8("subtree/v1\n\0"),
    short(name),
    u64be(time),
    short(checkpoint.origin),
    u64be(0), // the subtree's start: a checkpoint is of the whole tree
    u64be(checkpoint.size),
    checkpoint.root,
  );
}

/** A decimal number up to 2⁶³-1 without leading zeros. `FormatError`. */
export function parseNumber(text: string): bigint {
  if (!NUMBER.test(text) || BigInt(text) > MAX_SIZE) throw new FormatError("not a decimal number");
  return BigInt(text);
}

function short(text: string): Bytes {
  const data = utf8(text);
  if (data.length < 1 || data.length > 255) {
    throw new FormatError("a name in an ML-DSA signature has 1 to 255 bytes");
  }
  return concat(Uint8Array.of(data.length), data);
}
