/** Randomness of the browser. */

import type { Bytes } from "./crypto/encoding.ts";

/** Fresh random bytes. */
export function random(size: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(size));
}
