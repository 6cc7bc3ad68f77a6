/**
 * A withdrawal: the person takes back what one mechanism was granted. What a tombstone in the feed holds.
 *
 *     signature = Ed25519("intake/withdrawal/v1" ‖ 00 ‖ JCS(document))
 *
 * It travels as JCS of {document, signature}: whoever was shown the record verifies it with the record's
 * key from any earlier statement. `docs/wire.md`, "Withdrawal".
 */

import * as checks from "./checks.ts";
import {
  b64uDecode,
  b64uEncode,
  type Bytes,
  canonicalJson,
  concat,
  parseCanonicalJson,
  utf8,
} from "./encoding.ts";
import { FormatError } from "./errors.ts";
import { type SigningKey, verifySignature } from "./primitives.ts";
import { MAX_COMPARTMENTS } from "./statement.ts";

export const MAX_BYTES = 8 * 1024;
const DOMAIN = utf8("intake/withdrawal/v1\0");

/** `whole`: consent ends; else only these compartments (ids) are taken back. `day` is `YYYY-MM-DD`. */
export interface Withdrawal {
  readonly record: string;
  readonly mechanism: string;
  readonly day: string;
  readonly whole: boolean;
  readonly compartments: readonly string[];
}

/** The envelope, as it travels. */
export function signWithdrawal(withdrawal: Withdrawal, key: SigningKey): Bytes {
  const { record, mechanism, day, whole, compartments } = withdrawal;
  const document = { v: 1, record, mechanism, day, whole, compartments };
  const signature = key.sign(concat(DOMAIN, canonicalJson(document)));
  return canonicalJson({ document, signature: b64uEncode(signature) });
}

/** Parse and check an envelope with the record's key (32 bytes); `FormatError` or `VerifyError`. */
export function verifyWithdrawal(envelope: Bytes, signKey: Bytes): Withdrawal {
  if (envelope.length > MAX_BYTES) throw new FormatError("the withdrawal is too long");
  const top = checks.exactly<"document" | "signature">(parseCanonicalJson(envelope), "document signature");
  type Names = "v" | "record" | "mechanism" | "day" | "whole" | "compartments";
  const v = checks.exactly<Names>(top.document, "v record mechanism day whole compartments");
  checks.version(v.v, 1);
  verifySignature(signKey, b64uDecode(top.signature, 64), concat(DOMAIN, canonicalJson(v)));
  return {
    record: checks.digest(v.record),
    mechanism: checks.text(v.mechanism, checks.SLUG),
    day: checks.text(v.day, checks.DAY),
    whole: checks.boolean(v.whole),
    compartments: checks.items(v.compartments, MAX_COMPARTMENTS).map(checks.identifier),
  };
}
