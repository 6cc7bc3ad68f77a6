/**
 * A run of a log's leaves, held against a signed root: the twin of `verify_range` in `crypto/merkle.py`.
 *
 * Nothing can be left out of the run, and one page of a log needs a few hashes, however long the log is.
 */

import type { Bytes } from "../../../src/crypto/encoding.ts";
import { VerifyError } from "../../../src/crypto/errors.ts";
import { HASH_SIZE, nodeHash } from "../../../src/crypto/merkle.ts";
import { same } from "../../../src/crypto/primitives.ts";

/**
 * Return if the leaves (their hashes) are number `start` and following of the tree; else `VerifyError`.
 *
 * `proof` are the hashes of the largest subtrees outside the run, from left to right.
 */
export function verifyRange(
  leaves: readonly Bytes[],
  start: number,
  size: number,
  root: Bytes,
  proof: readonly Bytes[],
): void {
  const end = start + leaves.length;
  const whole = Number.isSafeInteger(size) && Number.isSafeInteger(start) && start >= 0;
  if (!whole || start >= end || end > size) {
    throw new VerifyError("those entries are not in a tree of that size");
  }
  if (![root, ...leaves, ...proof].every((hash) => hash.length === HASH_SIZE)) {
    throw new VerifyError("a hash has 32 bytes");
  }
  let used = 0;
  const found = (low: number, high: number): Bytes => {
    if (high <= start || end <= low) {
      const outside = proof[used++];
      if (!outside) throw new VerifyError("the proof has the wrong number of hashes");
      return outside;
    }
    if (high - low === 1) return leaves[low - start]!;
    const middle = low + split(high - low);
    const left = found(low, middle);
    return nodeHash(left, found(middle, high));
  };
  const reached = found(0, size);
  if (used !== proof.length) throw new VerifyError("the proof has the wrong number of hashes");
  if (!same(reached, root)) throw new VerifyError("the entries do not lead to the signed root");
}

/** The largest power of two below `count`, which is at least 2. Not by bits: those are 32. */
function split(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}
