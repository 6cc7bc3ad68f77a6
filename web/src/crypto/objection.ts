/**
 * An objection: the person's no to something that waits, so that nobody else can say it for them.
 *
 *     signature = Ed25519("intake/objection/v1" ‖ 00 ‖ JCS(document))
 *
 * To a deletion that they asked for themselves: it is cancelled. To a second receipt that two members of a
 * mechanism asked for: it is refused. It travels as JCS of {document, signature}, and whoever knows the
 * record verifies it with the record's key. `docs/wire.md`, "Withdrawal and deletion".
 */

import * as checks from "./checks.ts";
import {
  b64uDecode,
  b64uEncode,
  type Bytes,
  canonicalJson,
  concat,
  hexEncode,
  parseCanonicalJson,
  utf8,
} from "./encoding.ts";
import { FormatError } from "./errors.ts";
import { sha256, type SigningKey, verifySignature } from "./primitives.ts";

export const MAX_BYTES = 4 * 1024;
const DOMAIN = utf8("intake/objection/v1\0");
const KINDS = ["deletion", "restoration"] as const;

/**
 * `mechanism` is told of it, `day` is `YYYY-MM-DD`.
 *
 * `target` is 32 bytes in hex: of a deletion, what `targetOf` makes of the withdrawal that this mechanism
 * was told of; of a restoration, its id.
 */
export interface Objection {
  readonly record: string;
  readonly mechanism: string;
  readonly day: string;
  readonly kind: (typeof KINDS)[number];
  readonly target: string;
}

/** What an objection to a deletion names: SHA-256 of the envelope that asked for it. */
export function targetOf(withdrawal: Bytes): string {
  return hexEncode(sha256(withdrawal));
}

/** The envelope, as it travels. */
export function signObjection(objection: Objection, key: SigningKey): Bytes {
  const { record, mechanism, day, kind, target } = objection;
  const document = { v: 1, record, mechanism, day, kind, target };
  const signature = key.sign(concat(DOMAIN, canonicalJson(document)));
  return canonicalJson({ document, signature: b64uEncode(signature) });
}

/** Parse and check an envelope with the record's key (32 bytes); `FormatError` or `VerifyError`. */
export function verifyObjection(envelope: Bytes, signKey: Bytes): Objection {
  if (envelope.length > MAX_BYTES) throw new FormatError("the objection is too long");
  const top = checks.exactly<"document" | "signature">(parseCanonicalJson(envelope), "document signature");
  const v = checks.exactly<keyof Objection | "v">(top.document, "v record mechanism day kind target");
  checks.version(v.v, 1);
  verifySignature(signKey, b64uDecode(top.signature, 64), concat(DOMAIN, canonicalJson(v)));
  return {
    record: checks.digest(v.record),
    mechanism: checks.text(v.mechanism, checks.SLUG),
    day: checks.text(v.day, checks.DAY),
    kind: checks.oneOf(v.kind, KINDS),
    target: checks.digest(v.target),
  };
}
