/**
 * A workspace: a key pair under which a mechanism's people keep their own notes on a record, or on a case.
 *
 *     envelope = what a member signs (`envelopes`), domain "intake/workspace/v1"
 *
 * It is not one of the record's compartments: the person who testified holds the keys of all of those, and
 * with one of them what is thought of a testimony would be sealed to whoever has the receipt. The identity
 * is given to each member as a grant is (`compartments`).
 */

import { Identity, type Recipient } from "./age_keys.ts";
import * as checks from "./checks.ts";
import type { Random } from "./commitments.ts";
import { type Bytes, hexEncode } from "./encoding.ts";
import { encodeEnvelope, verifyEnvelope as verifySigned } from "./envelopes.ts";
import type { Member } from "./members.ts";
import type { SigningKey } from "./primitives.ts";

const WHAT = "workspace";

/** A verified workspace. `id` is 16 bytes in hex; `record` is null for that of a case. */
export interface Workspace {
  readonly id: string;
  readonly mechanism: string;
  readonly record: string | null;
  readonly recipient: Recipient;
  readonly day: string;
  readonly member: Member;
}

/** Id and key pair of a new workspace. */
export function makeWorkspace(random: Random): { readonly id: string; readonly identity: Identity } {
  const identity = new Identity(random(32));
  return { id: hexEncode(random(16)), identity };
}

/** The envelope that says whose the key pair is; by a member's key, with its certificate. */
export function signWorkspace(
  key: SigningKey,
  certificate: Bytes,
  what: { workspace: string; mechanism: string; record: string | null; recipient: Recipient; day: string },
): Bytes {
  const { workspace, mechanism, record, recipient, day } = what;
  const document = { v: 1, workspace, mechanism, record, recipient: recipient.text, day };
  return encodeEnvelope(WHAT, document, key, certificate);
}

/**
 * Parse an envelope and check who signed it; `FormatError` or `VerifyError`.
 *
 * Only the mechanism's members can make one. Which record was meant is for the caller to compare.
 */
export function verifyEnvelope(envelope: Bytes, root: Bytes, mechanism: string): Workspace {
  const names = "v workspace mechanism record recipient day";
  type Names = "workspace" | "record" | "recipient";
  const [found, member] = verifySigned<Names>(WHAT, names, envelope, root, mechanism);
  return {
    id: checks.identifier(found.workspace),
    mechanism,
    record: checks.optional(found.record, checks.digest),
    recipient: checks.recipient(found.recipient),
    day: checks.text(found.day, checks.DAY),
    member,
  };
}
