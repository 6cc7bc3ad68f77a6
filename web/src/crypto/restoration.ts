/**
 * Restorations: what two members of a mechanism vouch for, for a person whose receipt is lost.
 *
 *     signature = Ed25519("intake/restoration/v1" ‖ 00 ‖ JCS(document)), by each of the two
 *     envelope  = JCS({document, signatures [{signature, certificate}, …]})
 *
 * Of kind `receipt`, it gives the record a second receipt, of which it holds the public halves. Of kind
 * `withdrawal`, it ends the mechanism's own access. One member alone can do neither.
 */

import { Recipient } from "./age_keys.ts";
import * as checks from "./checks.ts";
import {
  b64uDecode,
  b64uEncode,
  type Bytes,
  canonicalJson,
  concat,
  equal,
  hexEncode,
  type Json,
  parseCanonicalJson,
  utf8,
} from "./encoding.ts";
import { FormatError, VerifyError } from "./errors.ts";
import { certified, type Member } from "./members.ts";
import { sha256, type SigningKey, verifySignature } from "./primitives.ts";
import type { ReceiptKeys } from "./receipt.ts";

export const MAX_ENVELOPE = 16 * 1024;
const NONCE_SIZE = 16;
const KINDS = ["receipt", "withdrawal"] as const;
const DOMAIN = utf8("intake/restoration/v1\0");

/** The public halves of a receipt: `lookup` and `signKey` are 32 bytes, `authSha256` is hex. */
export interface NewReceipt {
  readonly lookup: Bytes;
  readonly authSha256: string;
  readonly signKey: Bytes;
  readonly recipient: Recipient;
}

/** What a document says, whoever may have signed it. `receipt` is null for a withdrawal. */
export interface Document {
  readonly record: string;
  readonly mechanism: string;
  readonly kind: (typeof KINDS)[number];
  readonly receipt: NewReceipt | null;
  readonly day: string;
}

/** A verified restoration; `id` is the document's SHA-256, hex. */
export interface Restoration extends Document {
  readonly id: string;
  readonly members: readonly [Member, Member];
  readonly raw: Bytes;
}

/** What a receipt shows of itself: enough to find a record by it, and to seal to it. */
export function halvesOf(keys: ReceiptKeys): NewReceipt {
  return {
    lookup: keys.lookup,
    authSha256: hexEncode(sha256(keys.auth)),
    signKey: keys.signing.public,
    recipient: keys.identity.recipient,
  };
}

/** Whether both are of one receipt. */
export function sameReceipt(one: NewReceipt, other: NewReceipt): boolean {
  return equal(canonicalJson(plain(one)), canonicalJson(plain(other)));
}

/** What the two members sign, canonical JSON; `nonce` is 16 fresh random bytes. */
export function makeDocument(said: Document, nonce: Bytes): Bytes {
  const { record, mechanism, kind, receipt, day } = said;
  const data = canonicalJson({
    v: 1,
    record,
    mechanism,
    kind,
    receipt: receipt && plain(receipt),
    day,
    nonce: b64uEncode(nonce),
  });
  parseDocument(data);
  return data;
}

/** Parse strictly; `FormatError`. */
export function parseDocument(data: Bytes): Document {
  type Names = keyof Document | "v" | "nonce";
  const top = checks.exactly<Names>(parseCanonicalJson(data), "v record mechanism kind receipt day nonce");
  checks.version(top.v, 1);
  b64uDecode(top.nonce, NONCE_SIZE);
  const kind = checks.oneOf(top.kind, KINDS);
  if ((kind === "receipt") !== (top.receipt !== null)) {
    throw new FormatError("a new receipt belongs to a restoration of that kind, and to no other");
  }
  return {
    record: checks.digest(top.record),
    mechanism: checks.text(top.mechanism, checks.SLUG),
    kind,
    receipt: checks.optional(top.receipt, parseReceipt),
    day: checks.text(top.day, checks.DAY),
  };
}

/** 64 bytes, by one member. */
export function signRestoration(document: Bytes, key: SigningKey): Bytes {
  return key.sign(concat(DOMAIN, document));
}

/** The envelope, from the document and (signature, certificate) of each member. */
export function encodeEnvelope(
  document: Bytes,
  signatures: readonly (readonly [signature: Bytes, certificate: Bytes])[],
): Bytes {
  return canonicalJson({
    document: parseCanonicalJson(document),
    signatures: signatures.map(([signature, certificate]) => ({
      signature: b64uEncode(signature),
      certificate: parseCanonicalJson(certificate),
    })),
  });
}

/** What an envelope's document says, before anything is verified; `FormatError`. */
export function parseEnvelope(data: Bytes): Document {
  return parseDocument(canonicalJson(envelopeOf(data).document));
}

/**
 * Parse an envelope and check both signatures; `FormatError` or `VerifyError`.
 *
 * Both members have a certificate by `root`, for the document's mechanism, that is valid on `day`. They are
 * two: neither a member twice, nor one key under two names.
 */
export function verifyRestoration(data: Bytes, root: Bytes, day: string): Restoration {
  const top = envelopeOf(data);
  const raw = canonicalJson(top.document);
  const said = parseDocument(raw);
  const signatures = checks.items(top.signatures, 2);
  const [first, second] = signatures.map((value) => signer(value, raw, root, said.mechanism, day));
  if (!first || !second) throw new VerifyError("a restoration needs the signatures of two members");
  if (first.id === second.id || equal(first.key, second.key)) {
    throw new VerifyError("a restoration needs two different members");
  }
  return { ...said, id: hexEncode(sha256(raw)), members: [first, second], raw: data };
}

function plain({ lookup, authSha256, signKey, recipient }: NewReceipt): Record<string, Json> {
  return {
    lookup: b64uEncode(lookup),
    auth_sha256: authSha256,
    sign: b64uEncode(signKey),
    recipient: recipient.text,
  };
}

function parseReceipt(value: Json): NewReceipt {
  type Names = "lookup" | "auth_sha256" | "sign" | "recipient";
  const v = checks.exactly<Names>(value, "lookup auth_sha256 sign recipient");
  return {
    lookup: b64uDecode(v.lookup, 32),
    authSha256: checks.digest(v.auth_sha256),
    signKey: b64uDecode(v.sign, 32),
    recipient: Recipient.parse(v.recipient),
  };
}

function envelopeOf(data: Bytes): Record<"document" | "signatures", Json> {
  if (data.length > MAX_ENVELOPE) throw new FormatError("the restoration is too long");
  return checks.exactly<"document" | "signatures">(parseCanonicalJson(data), "document signatures");
}

function signer(value: Json, document: Bytes, root: Bytes, mechanism: string, day: string): Member {
  const v = checks.exactly<"signature" | "certificate">(value, "signature certificate");
  const member = certified(v.certificate, root, mechanism, day);
  verifySignature(member.key, b64uDecode(v.signature, 64), concat(DOMAIN, document));
  return member;
}
