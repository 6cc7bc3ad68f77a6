/**
 * Compartments and grants: consent, enforced by keys. `docs/wire.md`, "Compartments and grants".
 *
 * A compartment is the set of parts of a record that are granted together. It has an age key pair of its
 * own, made by the submitter's client; every header of its parts has that one recipient. A grant is the
 * compartment's identity, sealed as a small age file to one reader.
 */

import { Identity, type Recipient } from "./age_keys.ts";
import { type Bytes, latin1, utf8 } from "./encoding.ts";
import { FormatError, VerifyError } from "./errors.ts";
import * as sealing from "./sealing.ts";

export const CLASSES = ["triage", "account", "identity", "sensitive"] as const;
export type Class = (typeof CLASSES)[number];

/** A compartment whose key is at hand. `id` is 32 hex digits. */
export interface Compartment {
  readonly id: string;
  readonly kind: Class;
  readonly identity: Identity;
  readonly generation: number;
}

/** A compartment's identity, sealed to `reader`; 16 + 16 + 64 fresh random bytes. */
export function grant(
  identity: Identity,
  reader: Recipient,
  fresh: { fileKey: Bytes; nonce: Bytes; randomness: Bytes },
): Promise<Bytes> {
  return sealing.sealFile(utf8(`${identity.text}\n`), reader, fresh);
}

/**
 * The compartment's identity.
 *
 * `recipient` is what the signed statement names for this compartment: a grant for another compartment
 * or record is a `VerifyError`. `NotMine` if it is sealed to somebody else.
 */
export async function openGrant(
  file: Bytes,
  readers: readonly Identity[],
  recipient: string,
): Promise<Identity> {
  const text = latin1(await sealing.openFile(file, readers));
  let identity: Identity;
  try {
    identity = Identity.parse(text.replace(/\n$/, ""));
  } catch (error) {
    if (error instanceof FormatError) throw new VerifyError("the grant does not hold a compartment identity");
    throw error;
  }
  if (identity.recipient.text !== recipient)
    throw new VerifyError("the grant belongs to another compartment");
  return identity;
}
