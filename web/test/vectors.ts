/** The vectors that every implementation shares, and their repeatable randomness. */

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { shake256 } from "@noble/hashes/sha3.js";
import { type Bytes, concat, u64be, utf8 } from "../src/crypto/encoding.ts";

/** The file of this name in `tests/vectors`. */
export function load(name: string): any {
  // Compiled tests lie three folders below `web`.
  const repository = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "..");
  return JSON.parse(readFileSync(join(repository, "tests", "vectors", name), "utf8"));
}

/** Bytes that look random and are always the same: SHAKE256(label ‖ u64be count). */
export function stream(label: string): (size: number) => Bytes {
  let count = 0;
  return (size) => shake256(concat(utf8(label), u64be(++count)), { dkLen: size });
}

/** Bytes 0, 1, … 250, 0, 1, … */
export function pattern(length: number): Bytes {
  return Uint8Array.from({ length }, (_, i) => i % 251);
}
