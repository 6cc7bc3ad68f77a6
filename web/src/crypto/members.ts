/**
 * Members: people of a mechanism, each with an Ed25519 key that the mechanism's offline root signs.
 *
 *     signature = Ed25519(root, "intake/member/v1" ‖ 00 ‖ JCS(certificate without it))
 *
 * A member speaks for the mechanism to the people who testified.
 */

import * as checks from "./checks.ts";
import {
  b64uDecode,
  type Bytes,
  canonicalJson,
  concat,
  type Json,
  parseCanonicalJson,
  utf8,
} from "./encoding.ts";
import { FormatError, VerifyError } from "./errors.ts";
import { verifySignature } from "./primitives.ts";

export const MAX_BYTES = 4 * 1024;
const MAX_NAME = 200;
const DOMAIN = utf8("intake/member/v1\0");

/** A verified certificate. `id` is unique in the mechanism; `key` is 32 bytes; days are inclusive. */
export interface Member {
  readonly mechanism: string;
  readonly id: string;
  readonly name: string | null;
  readonly key: Bytes;
  readonly starts: string;
  readonly expires: string;
  readonly raw: Bytes;
}

/** Whether the member may sign on this day (`YYYY-MM-DD`). */
export function validOn(member: Member, day: string): boolean {
  return member.starts <= day && day <= member.expires;
}

/** Parse a certificate and check the root's signature; `FormatError` or `VerifyError`. */
export function verifyMember(data: Bytes, root: Bytes): Member {
  if (data.length > MAX_BYTES) throw new FormatError("the certificate is too long");
  type Names = "v" | "mechanism" | "member" | "name" | "key" | "starts" | "expires" | "signature";
  const top = checks.exactly<Names>(
    parseCanonicalJson(data),
    "v mechanism member name key starts expires signature",
  );
  checks.version(top.v, 1);
  const body = canonicalJson(checks.without(top, "signature"));
  verifySignature(root, b64uDecode(top.signature, 64), concat(DOMAIN, body));
  const starts = checks.text(top.starts, checks.DAY);
  const expires = checks.text(top.expires, checks.DAY);
  if (starts > expires) throw new FormatError("the certificate expires before it starts");
  return {
    mechanism: checks.text(top.mechanism, checks.SLUG),
    id: checks.text(top.member, checks.SLUG),
    name: checks.optional(top.name, nameOf),
    key: b64uDecode(top.key, 32),
    starts,
    expires,
    raw: data,
  };
}

/** Who signed something of a mechanism on a day; `VerifyError` if the root certified nobody for it. */
export function certified(certificate: Json, root: Bytes, mechanism: string, day: string): Member {
  const member = verifyMember(canonicalJson(certificate), root);
  if (member.mechanism !== mechanism || !validOn(member, day)) {
    throw new VerifyError("the member did not speak for this mechanism on that day");
  }
  return member;
}

function nameOf(value: Json): string {
  const name = checks.text(value, checks.PRINTABLE);
  if (!name || checks.characters(name) > MAX_NAME) {
    throw new FormatError(`a name is 1 to ${MAX_NAME} printable characters, or null`);
  }
  return name;
}
