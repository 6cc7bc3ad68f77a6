/** The log's vectors: trees, notes, checkpoints, proofs and openings hold, and altered ones do not. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as checkpoints from "../src/crypto/checkpoints.ts";
import { type Bytes, hexDecode, hexEncode, utf8 } from "../src/crypto/encoding.ts";
import { CryptoError, VerifyError } from "../src/crypto/errors.ts";
import * as logLeaf from "../src/crypto/log_leaf.ts";
import * as merkle from "../src/crypto/merkle.ts";
import * as notes from "../src/crypto/notes.ts";
import * as tlogProof from "../src/crypto/tlog_proof.ts";
import { load } from "./vectors.ts";

const V = load("log-v1.json");
const hex = (text: string): Bytes => hexDecode(text, text.length / 2);
const ROOTS: Bytes[] = V.tree.roots.map(hex);
const LEAVES: Bytes[] = V.tree.entries.map((entry: string) => merkle.leafHash(utf8(entry)));
const KEY = notes.VerifierKey.parse(V.notes.key);
const WITNESS = notes.VerifierKey.parse(V.notes.witness);
const MLDSA = notes.VerifierKey.parse(V.mldsa.key);
const TRUST = { origin: KEY.name, logKeys: [KEY], witnesses: [WITNESS], quorum: 1 };

test("inclusion proofs hold, for their entry and no other", () => {
  for (const v of V.tree.inclusion) {
    const proof = v.proof.map(hex);
    const [index, size] = [BigInt(v.index), BigInt(v.size)];
    merkle.verifyInclusion(LEAVES[v.index]!, index, size, ROOTS[v.size]!, proof);
    const wrong: Parameters<typeof merkle.verifyInclusion>[] = [
      [LEAVES[(v.index + 1) % 21]!, index, size, ROOTS[v.size]!, proof],
      [LEAVES[v.index]!, index, size, ROOTS[v.size - 1]!, proof],
      [LEAVES[v.index]!, index, size, ROOTS[v.size]!, [...proof, LEAVES[0]!]],
      [LEAVES[v.index]!, size, size, ROOTS[v.size]!, proof],
      [LEAVES[v.index]!, -1n, size, ROOTS[v.size]!, proof],
      [LEAVES[v.index]!.subarray(1), index, size, ROOTS[v.size]!, proof],
    ];
    if (proof.length) wrong.push([LEAVES[v.index]!, index, size, ROOTS[v.size]!, proof.slice(1)]);
    if (proof.length > 1) wrong.push([LEAVES[v.index]!, index, size, ROOTS[v.size]!, [...proof].reverse()]);
    for (const tried of wrong) assert.throws(() => merkle.verifyInclusion(...tried), VerifyError);
  }
  assert.equal(V.tree.inclusion.length, 39);
});

test("consistency proofs hold, and altered ones do not", () => {
  for (const v of V.tree.consistency) {
    const [old, size] = [BigInt(v.old_size), BigInt(v.size)];
    const proof = v.proof.map(hex);
    merkle.verifyConsistency(old, ROOTS[v.old_size]!, size, ROOTS[v.size]!, proof);
    for (const tried of [
      [old, ROOTS[v.old_size]!, size, ROOTS[v.size]!, [...proof, LEAVES[0]!]],
      [old, LEAVES[7]!, size, ROOTS[v.size]!, proof],
      [size + 1n, ROOTS[v.size]!, size, ROOTS[v.size]!, proof],
    ] as Parameters<typeof merkle.verifyConsistency>[]) {
      assert.throws(() => merkle.verifyConsistency(...tried), VerifyError);
    }
  }
  assert.equal(V.tree.consistency.length, 44);
});

test("notes, checkpoints and the log proof hold", () => {
  assert.equal(notes.verify(utf8(V.notes.note), [KEY]).text, "Ліст\n\nз пустым радком\n");
  const verified = checkpoints.verify(utf8(V.notes.checkpoint), TRUST);
  assert.equal(verified.witnesses[0]!.time, BigInt(V.notes.time));
  assert.deepEqual(verified.checkpoint.root, ROOTS[13]);
  const leaf = merkle.leafHash(utf8(V.notes.log_proof_entry));
  tlogProof.verify(utf8(V.notes.log_proof), leaf, TRUST);
  assert.throws(() => tlogProof.verify(utf8(V.notes.log_proof), LEAVES[4]!, TRUST), VerifyError);
});

test("a checkpoint signed once with ML-DSA verifies in many years", () => {
  const logKeys = [KEY, MLDSA];
  const { checkpoint } = checkpoints.verify(utf8(V.mldsa.checkpoint), { origin: KEY.name, logKeys });
  const message = checkpoints.mldsaMessage(checkpoint, MLDSA.name, BigInt(V.notes.time));
  assert.equal(hexEncode(message), V.mldsa.message);
});

test("no byte of a signed checkpoint may change", () => {
  for (const [text, logKeys] of [
    [V.notes.checkpoint, [KEY]],
    [V.mldsa.checkpoint, [KEY, MLDSA]],
  ] as const) {
    const good = utf8(text);
    for (let i = 0; i < good.length; i += Math.max(1, Math.floor(good.length / 60))) {
      const bad = good.slice();
      bad[i]! ^= 1 << (i % 8);
      const trust = { origin: KEY.name, logKeys, witnesses: [WITNESS] };
      try {
        // A witness's line may become a stranger's, and is then passed over; nothing else may pass.
        assert.equal(checkpoints.verify(bad, trust).witnesses.length, 0);
        assert.deepEqual(notes.parse(bad).text, notes.parse(good).text);
      } catch (error) {
        assert.ok(error instanceof CryptoError, String(error));
      }
    }
  }
});

test("leaves and openings hold", () => {
  const leaf = logLeaf.parseLeaf(hex(V.leaves.leaf));
  const padding = logLeaf.parseLeaf(hex(V.leaves.padding_leaf));
  for (const name of ["opening", "disclosed"]) {
    logLeaf.verifyOpening(leaf, logLeaf.Opening.parse(utf8(V.leaves[name])));
  }
  const opening = logLeaf.Opening.parse(utf8(V.leaves.padding_opening));
  logLeaf.verifyOpening(padding, opening);
  assert.equal(opening.padding, true);
  assert.throws(() => logLeaf.verifyOpening(leaf, opening), VerifyError);
  const key = hex(V.leaves.record_key);
  for (const t of V.leaves.tags) assert.equal(hexEncode(logLeaf.tag(key, t.counter)), t.tag);
  logLeaf.verifyTag(leaf, key, 0);
  assert.throws(() => logLeaf.verifyTag(leaf, key, 1), VerifyError);
});
