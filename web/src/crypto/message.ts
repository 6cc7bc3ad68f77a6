/**
 * Messages between a submitter and one mechanism: sealed like every other part, signed on their own.
 *
 *     signature = Ed25519("intake/message/v1" ‖ 00 ‖ JCS(document))
 *     envelope  = JCS({document, signature, certificate})
 *
 * A message is a structured part (kind `message`) of one of the record's compartments. No statement names
 * it: its document does, and says whom it is between. The submitter signs with the receipt's key, and then
 * `certificate` is null; a mechanism signs with a member's key, whose certificate travels along.
 */

import type { Identity, Recipient } from "./age_keys.ts";
import * as checks from "./checks.ts";
import { Fields, type Random, type Values } from "./commitments.ts";
import {
  b64uDecode,
  b64uEncode,
  type Bytes,
  canonicalJson,
  concat,
  parseCanonicalJson,
  utf8,
} from "./encoding.ts";
import { FormatError, VerifyError } from "./errors.ts";
import { certified, type Member } from "./members.ts";
import { TEXT_FLOOR } from "./padding.ts";
import { type SigningKey, verifySignature } from "./primitives.ts";
import { openEntry } from "./record_reader.ts";
import { type SealedPart, sealFields } from "./record_writer.ts";
import { encodePart, type PartEntry, parsePart } from "./statement.ts";

const KIND = "message";
const SENDERS = ["submitter", "mechanism"] as const;
export const MAX_ENVELOPE = 8 * 1024;
const DOMAIN = utf8("intake/message/v1\0");

/**
 * A verified message, not yet opened. `answers` is the id of the part that it answers, or null.
 *
 * `key` is what signed it (32 bytes); `member` is whose key that is, null if the submitter's.
 */
export interface Message {
  readonly record: string;
  readonly mechanism: string;
  readonly sender: (typeof SENDERS)[number];
  readonly day: string;
  readonly answers: string | null;
  readonly part: PartEntry;
  readonly key: Bytes;
  readonly member: Member | null;
}

/** Seal named values for a compartment, whose `recipient` the statement names; padded as all texts are. */
export function sealMessage(
  recipient: Recipient,
  record: string,
  compartment: string,
  values: Values,
  random: Random,
  headers: Random = random,
): Promise<SealedPart> {
  const fields = Fields.salted(values, random);
  return sealFields(KIND, compartment, recipient, record, fields, TEXT_FLOOR, random, headers);
}

/** The envelope: from the submitter with the receipt's key, or from a member with its certificate. */
export function signMessage(
  key: SigningKey,
  what: { record: string; mechanism: string; day: string; answers: string | null; part: PartEntry },
  certificate: Bytes | null = null,
): Bytes {
  const { record, mechanism, day, answers, part } = what;
  const sender = SENDERS[certificate ? 1 : 0];
  const document = { v: 1, record, mechanism, sender, day, answers, part: encodePart(part) };
  const signature = key.sign(concat(DOMAIN, canonicalJson(document)));
  const shown = certificate && parseCanonicalJson(certificate);
  return canonicalJson({ document, signature: b64uEncode(signature), certificate: shown });
}

/**
 * Parse an envelope and check who signed it; `FormatError` or `VerifyError`.
 *
 * `signKeys` are the keys of the record's receipts and `root` is the mechanism's: a submitter's message
 * holds by one of the former alone, a mechanism's by a member's key alone that `root` certified for the
 * day of the message. A message of another record, or of another mechanism, is refused.
 */
export function verifyMessage(
  envelope: Bytes,
  expected: { signKeys: readonly Bytes[]; root: Bytes; record: string; mechanism: string },
): Message {
  if (envelope.length > MAX_ENVELOPE) throw new FormatError("the message's envelope is too long");
  type Top = "document" | "signature" | "certificate";
  const top = checks.exactly<Top>(parseCanonicalJson(envelope), "document signature certificate");
  type Names = "v" | "record" | "mechanism" | "sender" | "day" | "answers" | "part";
  const found = checks.exactly<Names>(top.document, "v record mechanism sender day answers part");
  checks.version(found.v, 1);
  const sender = checks.oneOf(found.sender, SENDERS);
  const day = checks.text(found.day, checks.DAY);
  const { record, mechanism } = expected;
  if (checks.digest(found.record) !== record) throw new VerifyError("the message belongs to another record");
  if (checks.text(found.mechanism, checks.SLUG) !== mechanism) {
    throw new VerifyError("the message is between other people");
  }
  const signature = b64uDecode(top.signature, 64);
  const signed = concat(DOMAIN, canonicalJson(found));
  let member: Member | null = null;
  let key: Bytes;
  if (sender === "mechanism") {
    if (top.certificate === null) throw new VerifyError("a mechanism's message is signed by a member");
    member = certified(top.certificate, expected.root, mechanism, day);
    key = member.key;
    verifySignature(key, signature, signed);
  } else {
    if (top.certificate !== null) throw new FormatError("a submitter's message has no certificate");
    key = signer(expected.signKeys, signature, signed);
  }
  const answers = checks.optional(found.answers, checks.identifier);
  return { record, mechanism, sender, day, answers, part: parsePart(found.part, [KIND]), key, member };
}

/** The fields of a verified message from its whole age file. */
export function openMessage(message: Message, file: Bytes, compartment: Identity): Promise<Fields> {
  return openEntry(message.part, message.record, file, compartment);
}

function signer(signKeys: readonly Bytes[], signature: Bytes, signed: Bytes): Bytes {
  for (const key of signKeys) {
    try {
      verifySignature(key, signature, signed);
      return key;
    } catch {
      // the key of another receipt of this record
    }
  }
  throw new VerifyError("the message is not signed by a receipt of this record");
}
