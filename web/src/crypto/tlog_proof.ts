/**
 * A log proof: one file that shows, offline, that an entry is in a log (C2SP tlog-proof, v1).
 *
 *     c2sp.org/tlog-proof@v1
 *     [extra <base64>]
 *     index <decimal>
 *     <base64(hash)>            zero or more: the inclusion proof, from the leaf's sibling up
 *     <empty line>
 *     <checkpoint>              a signed note, as the log published it
 *
 * `extra` is not authenticated: at most a hint to what the entry was.
 */

import * as checkpoints from "./checkpoints.ts";
import { b64EncodePadded, type Bytes, concat, equal, latin1, utf8 } from "./encoding.ts";
import { FormatError } from "./errors.ts";
import * as merkle from "./merkle.ts";
import * as notes from "./notes.ts";

export const MAX_EXTRA = 64 * 1024; // bytes
export const MAX_HASHES = 63; // a tree of 2⁶³ leaves has no longer proof
export const MAX_BYTES = notes.MAX_BYTES + 2 * MAX_EXTRA;
const TITLE = "c2sp.org/tlog-proof@v1";

/** Well formed, not verified: see `verify`. `extra` is null, or at least one byte. */
export interface LogProof {
  readonly index: bigint;
  readonly hashes: readonly Bytes[];
  readonly checkpoint: Bytes;
  readonly extra: Bytes | null;
}

/** The file. */
export function encode(proof: LogProof): Bytes {
  const extra = proof.extra ? [`extra ${b64EncodePadded(proof.extra)}`] : [];
  const lines = [TITLE, ...extra, `index ${proof.index}`, ...proof.hashes.map(b64EncodePadded), "", ""];
  return concat(utf8(lines.join("\n")), proof.checkpoint);
}

/** Inverse of `encode`; `FormatError` also if the checkpoint is not well formed. */
export function parse(data: Bytes): LogProof {
  if (data.length > MAX_BYTES) throw new FormatError("the log proof is too long");
  const cut = latin1(data).indexOf("\n\n");
  const head = data.subarray(0, Math.max(cut, 0));
  const lines = latin1(head).split("\n");
  if (cut < 0 || head.some((byte) => byte > 127) || lines.shift() !== TITLE) {
    throw new FormatError("not a log proof of version 1");
  }
  const extra = lines[0]?.startsWith("extra ") ? notes.parsePaddedB64(lines.shift()!.slice(6)) : null;
  const index = lines.shift();
  if (!index?.startsWith("index ")) throw new FormatError("not a log proof of version 1");
  if (lines.length > MAX_HASHES || (extra && extra.length > MAX_EXTRA)) {
    throw new FormatError("the log proof is too long");
  }
  const checkpoint = data.subarray(cut + 2);
  checkpoints.parse(notes.parse(checkpoint).text);
  const proof = {
    index: checkpoints.parseNumber(index.slice(6)),
    hashes: lines.map((line) => notes.parsePaddedB64(line, merkle.HASH_SIZE)),
    checkpoint,
    extra,
  };
  if (!equal(encode(proof), data)) throw new FormatError("the log proof is not in its one form");
  return proof;
}

/**
 * Check that the entry with this leaf hash is in the log; `trust` as in `checkpoints.verify`.
 *
 * `FormatError` if it is no log proof, `VerifyError` if it does not hold.
 */
export function verify(data: Bytes, leaf: Bytes, trust: checkpoints.Trust): checkpoints.Verified {
  const proof = parse(data);
  const verified = checkpoints.verify(proof.checkpoint, trust);
  const { size, root } = verified.checkpoint;
  merkle.verifyInclusion(leaf, proof.index, size, root, proof.hashes);
  return verified;
}
