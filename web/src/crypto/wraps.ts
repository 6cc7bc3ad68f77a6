/**
 * Wraps: a mechanism's epoch identities, each sealed to one reader. `docs/wire.md`, "Wraps".
 *
 * A record is granted to the mechanism's epoch keys; who of its people can open what follows from who was
 * given the identities of those keys. A wrap is the same small age file as a grant, and speaks for itself:
 * it opens to the recipient that the root signed, or it is refused.
 */

import type { Identity, Recipient } from "./age_keys.ts";
import type { MechanismKey } from "./bundles.ts";
import type { Random } from "./commitments.ts";
import { type Class, grant, openGrant } from "./compartments.ts";
import type { Bytes } from "./encoding.ts";
import { VerifyError } from "./errors.ts";
import { FILE_KEY_SIZE } from "./age_header.ts";
import { NONCE_SIZE } from "./age_stream.ts";
import { WRAP_RANDOM } from "./sealing.ts";

/** The identity of an epoch and class for one reader: a member's or program's id, or a fingerprint. */
export interface Wrap {
  readonly epoch: number;
  readonly compartment: Class;
  readonly kind: "member" | "client" | "recovery";
  readonly reader: string;
  readonly file: Bytes;
}

/** Seal the identity of `key` to a reader's `recipient`; `VerifyError` if it is another key's. */
export async function sealWrap(
  key: MechanismKey,
  identity: Identity,
  reader: { readonly kind: Wrap["kind"]; readonly id: string; readonly recipient: Recipient },
  random: Random,
): Promise<Wrap> {
  if (identity.recipient.text !== key.recipient.text) {
    throw new VerifyError(`this is not the identity of epoch ${key.epoch}, ${key.kind}`);
  }
  const fresh = {
    fileKey: random(FILE_KEY_SIZE),
    nonce: random(NONCE_SIZE),
    randomness: random(WRAP_RANDOM),
  };
  const file = await grant(identity, reader.recipient, fresh);
  return { epoch: key.epoch, compartment: key.kind, kind: reader.kind, reader: reader.id, file };
}

/**
 * The epoch's identity, which is that of `key` or is refused.
 *
 * `NotMine` if it is sealed to somebody else, `VerifyError` if it holds another key.
 */
export async function openWrap(
  wrap: Pick<Wrap, "epoch" | "compartment" | "file">,
  key: MechanismKey,
  readers: readonly Identity[],
): Promise<Identity> {
  if (wrap.epoch !== key.epoch || wrap.compartment !== key.kind) {
    throw new VerifyError("the wrap is of another epoch or class");
  }
  return openGrant(wrap.file, readers, key.recipient.text);
}
