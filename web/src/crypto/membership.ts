/**
 * A membership: what a member may do in a mechanism, and the key that content is sealed to for them.
 *
 *     signature = Ed25519(root, "intake/membership/v1" ‖ 00 ‖ JCS(membership without it))
 *
 * It is signed offline, with the certificate (`members`), for the same key and days; the two travel
 * together as a *card*. Whoever grants something takes the recipient from a card that the root signed: the
 * service cannot put a key of its own in its place.
 */

import type { Recipient } from "./age_keys.ts";
import * as checks from "./checks.ts";
import { CLASSES, type Class } from "./compartments.ts";
import {
  b64uDecode,
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
import { type Member, verifyMember } from "./members.ts";
import { sha256, verifySignature } from "./primitives.ts";

export const MAX_BYTES = 8 * 1024;
export const MAX_CARD = 16 * 1024;
export const ROLES = ["administrator", "auditor", "custodian", "key-holder", "reviewer"] as const;
export type Role = (typeof ROLES)[number];
/** The classes of compartments whose epoch keys are sealed to a role; others see what is assigned to them. */
export const OPENS: Readonly<Record<Role, readonly Class[]>> = {
  administrator: [],
  auditor: [],
  custodian: ["triage", "identity", "sensitive"],
  "key-holder": CLASSES,
  reviewer: ["triage"],
};
const ALONE: readonly Role[] = ["administrator", "auditor"]; // who gives rights sees no content
const DOMAIN = utf8("intake/membership/v1\0");

/** A verified membership. `key` is 32 bytes; `roles` are sorted; days are inclusive. */
export interface Membership {
  readonly mechanism: string;
  readonly member: string;
  readonly key: Bytes;
  readonly recipient: Recipient;
  readonly roles: readonly Role[];
  readonly starts: string;
  readonly expires: string;
  readonly raw: Bytes;
}

/** Whether the member has these roles on this day (`YYYY-MM-DD`). */
export function rolesOn(membership: Membership, day: string): boolean {
  return membership.starts <= day && day <= membership.expires;
}

/** Parse a membership and check the root's signature; `FormatError` or `VerifyError`. */
export function verifyMembership(data: Bytes, root: Bytes): Membership {
  if (data.length > MAX_BYTES) throw new FormatError("the membership is too long");
  type Names =
    "v" | "mechanism" | "member" | "key" | "recipient" | "roles" | "starts" | "expires" | "signature";
  const top = checks.exactly<Names>(
    parseCanonicalJson(data),
    "v mechanism member key recipient roles starts expires signature",
  );
  checks.version(top.v, 1);
  const body = canonicalJson(checks.without(top, "signature"));
  verifySignature(root, b64uDecode(top.signature, 64), concat(DOMAIN, body));
  const starts = checks.text(top.starts, checks.DAY);
  const expires = checks.text(top.expires, checks.DAY);
  if (starts > expires) throw new FormatError("the membership expires before it starts");
  return {
    mechanism: checks.text(top.mechanism, checks.SLUG),
    member: checks.text(top.member, checks.SLUG),
    key: b64uDecode(top.key, 32),
    recipient: checks.recipient(top.recipient),
    roles: rolesOf(top.roles),
    starts,
    expires,
    raw: data,
  };
}

/** The classes whose epoch keys these roles are given, in the order of `CLASSES`. */
export function opens(roles: readonly Role[]): Class[] {
  return CLASSES.filter((kind) => roles.some((role) => OPENS[role].includes(kind)));
}

/** SHA-256 of both public keys of a member, hex: what people compare before the root signs. */
export function fingerprint(key: Bytes, recipient: Recipient): string {
  return hexEncode(sha256(key, recipient.public));
}

/**
 * Both documents of a card, verified, of one member with one key for the same days.
 *
 * `FormatError` or `VerifyError`. Parts of two cards make no card: else somebody whose certificate ended
 * could go on with a later membership.
 */
export function parseCard(data: Bytes, root: Bytes): [Member, Membership] {
  if (data.length > MAX_CARD) throw new FormatError("the card is too long");
  type Names = "certificate" | "membership";
  const top = checks.exactly<Names>(parseCanonicalJson(data), "certificate membership");
  const member = verifyMember(canonicalJson(top.certificate), root);
  const membership = verifyMembership(canonicalJson(top.membership), root);
  if (
    member.mechanism !== membership.mechanism ||
    member.id !== membership.member ||
    !equal(member.key, membership.key) ||
    member.starts !== membership.starts ||
    member.expires !== membership.expires
  ) {
    throw new VerifyError("certificate and membership are not of one member, key and time");
  }
  return [member, membership];
}

function rolesOf(value: Json): readonly Role[] {
  const roles = checks.items(value, ROLES.length).map((role) => checks.oneOf(role, ROLES));
  if (!roles.length || roles.some((role, i) => i > 0 && role <= roles[i - 1]!)) {
    throw new FormatError("a membership names at least one role, each once and in order");
  }
  if (roles.length > 1 && roles.some((role) => ALONE.includes(role))) {
    throw new FormatError("an administrator or auditor has no other role");
  }
  return roles;
}
