/**
 * Zero padding to Padmé lengths (Nikitin et al., PURBs, PETS 2019, section 4).
 *
 * The exact length of a video identifies it; Padmé leaves O(log log n) bits of it, for at most 12 % more
 * bytes. Small things are padded further, to a floor: all testimonies of a few pages look alike.
 */

import type { Bytes } from "./encoding.ts";
import { FormatError } from "./errors.ts";

export const TEXT_FLOOR = 16 * 1024; // bytes: narratives, sections, messages, triage cards, consent details
export const FLOOR = 2 * 1024; // bytes: media (an empty file is as long as a short one) and their labels

/** The smallest allowed length that is not below `length`. */
export function padme(length: number): number {
  if (length < 2) return length;
  const exponent = bits(length) - 1;
  const step = 2 ** Math.max(exponent - bits(exponent), 0); // not by shifts: those end at 32 bits
  return Math.ceil(length / step) * step;
}

/** `length` after padding: at least `floor`, else Padmé. */
export function paddedLength(length: number, floor: number): number {
  if (length < 0) throw new FormatError("a length is not negative");
  return Math.max(floor, padme(length));
}

/** With zeros after it, up to the padded length. */
export function pad(plain: Bytes, floor: number): Bytes {
  const out = new Uint8Array(paddedLength(plain.length, floor));
  out.set(plain);
  return out;
}

/** Remove the zeros after a JSON text, which itself never ends in one. */
export function stripText(padded: Bytes): Bytes {
  let end = padded.length;
  while (end && padded[end - 1] === 0) end--;
  return padded.subarray(0, end);
}

function bits(value: number): number {
  return value.toString(2).length;
}
