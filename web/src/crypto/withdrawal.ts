/**
 * A withdrawal: the person takes back what one mechanism was granted. What a tombstone in the feed holds.
 *
 *     signature = Ed25519("intake/withdrawal/v1" ‖ 00 ‖ JCS(document))
 *
 * It travels as JCS of {document, signature}: whoever was shown the record verifies it with the record's
 * key from any earlier statement. It names the newest statement of its time and its occasion, so that it
 * says nothing of a consent that is given later; one that asks for a deletion is never the same twice, so
 * that it says nothing once that deletion was cancelled. `docs/wire.md`, "Withdrawal and deletion".
 */

import * as checks from "./checks.ts";
import {
  b64uDecode,
  b64uEncode,
  type Bytes,
  canonicalJson,
  concat,
  isObject,
  parseCanonicalJson,
  utf8,
} from "./encoding.ts";
import { FormatError } from "./errors.ts";
import { type SigningKey, verifySignature } from "./primitives.ts";
import { MAX_COMPARTMENTS } from "./statement.ts";

export const MAX_BYTES = 8 * 1024;
const DOMAIN = utf8("intake/withdrawal/v1\0");

const KINDS = ["consent", "deletion"] as const;

/**
 * `whole`: consent ends; else only these compartments (ids) are taken back. `day` is `YYYY-MM-DD`.
 *
 * `revision` and `statement` (its hash) are the newest before the withdrawal. `kind`: whether consent is
 * taken back now, or only if the deletion that was asked for is carried out. `nonce` is 16 random bytes
 * (hex) of one asking for a deletion, and only there.
 */
export interface Withdrawal {
  readonly record: string;
  readonly mechanism: string;
  readonly day: string;
  readonly whole: boolean;
  readonly compartments: readonly string[];
  readonly revision: number;
  readonly statement: string;
  readonly kind: (typeof KINDS)[number];
  readonly nonce?: string;
}

/** The envelope, as it travels. */
export function signWithdrawal(withdrawal: Withdrawal, key: SigningKey): Bytes {
  const document = {
    v: 1,
    record: withdrawal.record,
    mechanism: withdrawal.mechanism,
    day: withdrawal.day,
    whole: withdrawal.whole,
    compartments: withdrawal.compartments,
    revision: withdrawal.revision,
    statement: withdrawal.statement,
    kind: withdrawal.kind,
    ...(withdrawal.nonce === undefined ? {} : { nonce: withdrawal.nonce }),
  };
  const signature = key.sign(concat(DOMAIN, canonicalJson(document)));
  return canonicalJson({ document, signature: b64uEncode(signature) });
}

/** Parse and check an envelope with the record's key (32 bytes); `FormatError` or `VerifyError`. */
export function verifyWithdrawal(envelope: Bytes, signKey: Bytes): Withdrawal {
  if (envelope.length > MAX_BYTES) throw new FormatError("the withdrawal is too long");
  const top = checks.exactly<"document" | "signature">(parseCanonicalJson(envelope), "document signature");
  type Names = keyof Withdrawal | "v";
  const names = "v record mechanism day whole compartments revision statement kind";
  const asks =
    isObject(top.document) && top.document["kind"] === "deletion" && Object.hasOwn(top.document, "nonce");
  const v = checks.exactly<Names>(top.document, asks ? `${names} nonce` : names);
  checks.version(v.v, 1);
  verifySignature(signKey, b64uDecode(top.signature, 64), concat(DOMAIN, canonicalJson(v)));
  return {
    record: checks.digest(v.record),
    mechanism: checks.text(v.mechanism, checks.SLUG),
    day: checks.text(v.day, checks.DAY),
    whole: checks.boolean(v.whole),
    compartments: checks.items(v.compartments, MAX_COMPARTMENTS).map(checks.identifier),
    revision: checks.positive(v.revision),
    statement: checks.digest(v.statement),
    kind: checks.oneOf(v.kind, KINDS),
    ...(asks ? { nonce: checks.identifier(v.nonce) } : {}),
  };
}
