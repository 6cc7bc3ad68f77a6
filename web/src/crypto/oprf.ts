/**
 * The client of the oblivious pseudorandom function P256-SHA256 in base mode (RFC 9497, mode 0).
 *
 *     client: blind(input) → blinded element        (33 bytes, tells nothing about the input)
 *     server: evaluates the blinded element
 *     client: finalize(input, blinded, evaluated element) → 32 bytes
 */

import { type Bytes, utf8 } from "./encoding.ts";
import { FormatError } from "./errors.ts";
import { p256FromHash, p256Invert, p256Multiply, p256Scalar, sha256 } from "./primitives.ts";

const HASH_TO_GROUP = "HashToGroup-OPRFV1-\x00-P256-SHA256";
export const ELEMENT_SIZE = 33;
export const BLIND_RANDOM = 48; // bytes

/** What the client keeps (the blind) and what it sends (`element`, 33 bytes). */
export class Blinded {
  readonly element: Bytes;
  readonly #blind: bigint;

  constructor(blind: bigint, element: Bytes) {
    this.#blind = blind;
    this.element = element;
  }

  get blind(): bigint {
    return this.#blind;
  }
}

/** Blind an input with 48 fresh random bytes (more than the group order, so that mod n is even). */
export function blind(message: Bytes, randomness: Bytes): Blinded {
  if (randomness.length < BLIND_RANDOM) throw new FormatError(`a blind needs ${BLIND_RANDOM} random bytes`);
  return blindWith(message, p256Scalar(randomness));
}

/** Blind with a given scalar in 1 … n-1 (for test vectors). */
export function blindWith(message: Bytes, scalar: bigint): Blinded {
  return new Blinded(scalar, p256Multiply(scalar, p256FromHash(message, HASH_TO_GROUP)));
}

/** Unblind the server's answer: 32 bytes. `FormatError` if the answer is no point of the curve. */
export function finalize(message: Bytes, blinded: Blinded, evaluated: Bytes): Bytes {
  const element = p256Multiply(p256Invert(blinded.blind), evaluated);
  return sha256(u16be(message.length), message, u16be(element.length), element, utf8("Finalize"));
}

function u16be(value: number): Bytes {
  return Uint8Array.of(value >> 8, value & 255);
}
