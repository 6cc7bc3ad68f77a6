/**
 * Merkle trees of a log: RFC 6962, section 2.1 (RFC 9162, section 2.1), with SHA-256. Checking only.
 *
 *     leaf  = SHA-256(00 ‖ entry)          node = SHA-256(01 ‖ left ‖ right)
 *     root  = SHA-256("") of no leaves; the leaf of one; else node(root of the first k, root of the rest),
 *             k the largest power of two below the number of leaves
 *
 * Proofs are checked along the walk from the root of the tree down. The walk fixes how many hashes a
 * proof has and on which side each stands, so a proof that is too long, too short or out of order cannot
 * pass. Sizes go up to 2⁶³-1 and are bigints.
 */

import type { Bytes } from "./encoding.ts";
import { VerifyError } from "./errors.ts";
import { same, sha256 } from "./primitives.ts";

export const HASH_SIZE = 32;
export const MAX_SIZE = 2n ** 63n - 1n; // leaves: sizes fit the signed integers of other implementations
export const EMPTY_ROOT = sha256();

/** The leaf of an entry, 32 bytes. */
export function leafHash(entry: Bytes): Bytes {
  return sha256(Uint8Array.of(0), entry);
}

/** The node above two hashes, 32 bytes. The prefix keeps a node from passing as a leaf. */
export function nodeHash(left: Bytes, right: Bytes): Bytes {
  return sha256(Uint8Array.of(1), left, right);
}

/**
 * Return if the leaf (its hash) is number `index` of the tree with this size and root.
 *
 * Size and root come from one checkpoint: a proof alone does not tell all sizes apart.
 */
export function verifyInclusion(
  leaf: Bytes,
  index: bigint,
  size: bigint,
  root: Bytes,
  proof: readonly Bytes[],
): void {
  if (!isSize(size) || !isSize(index) || index >= size) {
    throw new VerifyError("that entry is not in a tree of that size");
  }
  checkHashes(leaf, root, ...proof);
  const way = wayDown(
    size,
    (low, high) => high - low > 1n,
    (middle) => index < middle,
  ).sides;
  if (proof.length !== way.length)
    throw new VerifyError("the inclusion proof has the wrong number of hashes");
  let found = leaf;
  way.reverse().forEach((left, i) => {
    found = left ? nodeHash(proof[i]!, found) : nodeHash(found, proof[i]!);
  });
  if (!same(found, root)) throw new VerifyError("the inclusion proof does not lead to the root");
}

/** Return if the tree (`size`, `root`) begins with all leaves of the tree (`oldSize`, `oldRoot`). */
export function verifyConsistency(
  oldSize: bigint,
  oldRoot: Bytes,
  size: bigint,
  root: Bytes,
  proof: readonly Bytes[],
): void {
  // 1. The form.
  if (!isSize(size) || !isSize(oldSize) || oldSize > size) {
    throw new VerifyError("a tree is consistent with smaller ones only");
  }
  checkHashes(oldRoot, root, ...proof);
  // 2. Nothing to show: every tree begins with the empty one, and with itself.
  if (oldSize === 0n || oldSize === size) {
    const claims = [
      [oldSize, oldRoot],
      [size, root],
    ] as const;
    if (claims.some(([at, claimed]) => at === 0n && !same(claimed, EMPTY_ROOT))) {
      throw new VerifyError("the empty tree has another root");
    }
    if (proof.length || (oldSize === size && !same(oldRoot, root))) {
      throw new VerifyError("two trees of one size differ, or the proof says too much");
    }
    return;
  }
  // 3. The subtree that ends where the old tree ended: given, or the whole old tree.
  const { sides, low } = wayDown(
    size,
    (_, high) => high !== oldSize,
    (middle) => oldSize <= middle,
  );
  const hashes = low ? [...proof] : [oldRoot, ...proof];
  if (hashes.length !== sides.length + 1)
    throw new VerifyError("the consistency proof has the wrong number of hashes");
  let old = hashes[0]!;
  let found = old;
  // 4. Up to both roots: what stands to the left is in both trees, what stands to the right is new.
  sides.reverse().forEach((left, i) => {
    const sibling = hashes[i + 1]!;
    if (left) old = nodeHash(sibling, old);
    found = left ? nodeHash(sibling, found) : nodeHash(found, sibling);
  });
  if (!same(old, oldRoot) || !same(found, root)) {
    throw new VerifyError("the consistency proof does not lead to both roots");
  }
}

/** For each step from the root down, whether the sibling stands to the left; and where the walk ended. */
function wayDown(
  size: bigint,
  further: (low: bigint, high: bigint) => boolean,
  goLeft: (middle: bigint) => boolean,
): { sides: boolean[]; low: bigint } {
  const sides: boolean[] = [];
  let [low, high] = [0n, size];
  while (further(low, high)) {
    const middle = low + split(high - low);
    const left = goLeft(middle);
    sides.push(!left);
    if (left) high = middle;
    else low = middle;
  }
  return { sides, low };
}

/** The largest power of two below `count`, which is at least 2. */
function split(count: bigint): bigint {
  return 1n << BigInt((count - 1n).toString(2).length - 1);
}

function isSize(value: bigint): boolean {
  return value >= 0n && value <= MAX_SIZE;
}

function checkHashes(...hashes: readonly Bytes[]): void {
  if (!hashes.every((hash) => hash.length === HASH_SIZE)) throw new VerifyError("a hash has 32 bytes");
}
