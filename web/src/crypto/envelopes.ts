/**
 * What a member signs for the other people of the mechanism: a document, its signature, and who signed.
 *
 *     signature = Ed25519("intake/" ‖ what ‖ "/v1" ‖ 00 ‖ JCS(document))
 *     envelope  = JCS({document, signature, certificate}), at most 8 KiB
 *
 * Nothing travels without the member's certificate, so that it can be verified with the root alone.
 */

import * as checks from "./checks.ts";
import {
  b64uDecode,
  b64uEncode,
  type Bytes,
  canonicalJson,
  concat,
  type Json,
  type JsonObject,
  parseCanonicalJson,
  utf8,
} from "./encoding.ts";
import { FormatError, VerifyError } from "./errors.ts";
import { certified, type Member } from "./members.ts";
import { type SigningKey, verifySignature } from "./primitives.ts";

export const MAX_ENVELOPE = 8 * 1024;

/** The envelope of a document; `certificate` is the signer's, as its root signed it. */
export function encodeEnvelope(
  what: string,
  document: JsonObject,
  key: SigningKey,
  certificate: Bytes,
): Bytes {
  const signature = b64uEncode(key.sign(signed(what, document)));
  return canonicalJson({ document, signature, certificate: parseCanonicalJson(certificate) });
}

/**
 * [document, who signed it]; `FormatError` or `VerifyError`.
 *
 * The document has exactly these names, `day` and `mechanism` among them. The signer was certified by
 * `root` for that mechanism and day.
 */
export function verifyEnvelope<Names extends string>(
  what: string,
  names: string,
  envelope: Bytes,
  root: Bytes,
  mechanism: string,
): [document: Record<Names | "v" | "mechanism" | "day", Json>, member: Member] {
  if (envelope.length > MAX_ENVELOPE) throw new FormatError("the envelope is too long");
  type Top = "document" | "signature" | "certificate";
  const top = checks.exactly<Top>(parseCanonicalJson(envelope), "document signature certificate");
  const found = checks.exactly<Names | "v" | "mechanism" | "day">(top.document, names);
  checks.version(found.v, 1);
  if (checks.text(found.mechanism, checks.SLUG) !== mechanism) {
    throw new VerifyError("this is of another mechanism");
  }
  const member = certified(top.certificate, root, mechanism, checks.text(found.day, checks.DAY));
  verifySignature(member.key, b64uDecode(top.signature, 64), signed(what, found));
  return [found, member];
}

function signed(what: string, document: JsonObject): Bytes {
  return concat(utf8(`intake/${what}/v1\0`), canonicalJson(document));
}
