/**
 * The mechanism's root as this member knows it: the fingerprint in their vault, which came with the invitation and
 * was compared. What the server says of the root, of keys and of people counts as far as this root signed it.
 */

import { type Bundle, verifyBundle } from "../../../src/crypto/bundles.ts";
import {
  b64uDecode,
  type Bytes,
  canonicalJson,
  equal,
  hexEncode,
  type Json,
  parseCanonicalJson,
  utf8,
} from "../../../src/crypto/encoding.ts";
import * as checks from "../../../src/crypto/checks.ts";
import { CryptoError, NotMine } from "../../../src/crypto/errors.ts";
import type { Member } from "../../../src/crypto/members.ts";
import { fingerprint, type Membership, parseCard } from "../../../src/crypto/membership.ts";
import { sha256 } from "../../../src/crypto/primitives.ts";
import { Refused } from "../api.ts";
import { onForget, type Oneself, type OwnKeys, type Seen, state } from "../state.ts";

export const CONTENT: readonly string[] = ["custodian", "key-holder", "reviewer"];

/** The root's public key as the server says it, if its fingerprint is the vault's; `Refused` otherwise. */
export function rootKey(oneself = state.oneself, keys = state.keys): Bytes {
  if (!oneself || !keys) throw new NotMine("the member's own keys are not open");
  const root = b64uDecode(oneself.root, 32);
  if (hexEncode(sha256(root)) !== keys.root) throw refused("another_root");
  return root;
}

/** One's own card: the root signed it, it holds today, and it is of the keys that are open. */
export function ownCard(oneself: Oneself, keys: OwnKeys, day: string): [Member, Membership] {
  const root = rootKey(oneself, keys);
  let card: [Member, Membership];
  try {
    card = parseCard(utf8(oneself.card ?? ""), root);
  } catch (error) {
    if (error instanceof CryptoError) throw refused("another_card");
    throw error;
  }
  const [member, { recipient, roles }] = card;
  const holds =
    member.mechanism === oneself.mechanism &&
    member.id === oneself.member &&
    member.starts <= day &&
    day <= member.expires &&
    equal(member.key, keys.signing.public) &&
    recipient.text === keys.identity.recipient.text &&
    [...roles].sort().join() === [...oneself.roles].sort().join();
  if (!holds) throw refused("another_card");
  return card;
}

let newest: Seen | undefined;
onForget(() => (newest = undefined));

/** The mechanism's bundle: of the vault's root, of this mechanism, and no older than one that was seen. */
export function provenBundle(sent: Json, oneself = state.oneself, keys = state.keys): Bundle {
  const root = rootKey(oneself, keys);
  const bundle = verifyBundle(canonicalJson(sent));
  if (!equal(bundle.root, root)) throw refused("another_root");
  if (bundle.mechanism !== oneself!.mechanism) throw refused("another_card");
  const now = seenIn(bundle);
  for (const before of [keys!.seen, newest]) {
    if (before && isOlder(now, before)) throw refused("older_keys");
  }
  newest = now;
  return bundle;
}

/** What a bundle shows of its age: keys are only ever added to it. */
export const seenIn = (bundle: Bundle): Seen => ({
  epoch: Math.max(0, ...bundle.keys.map((key) => key.epoch)),
  keys: bundle.keys.length,
});

export const isOlder = (one: Seen, other: Seen): boolean => one.epoch < other.epoch || one.keys < other.keys;

/** Whom an application asks the root to sign, and the fingerprint of the keys in it, worked out here. */
export function printOf(request: string): { readonly member: string; readonly print: string } {
  type Names = "mechanism" | "member" | "name" | "key" | "recipient";
  const top = checks.exactly<Names>(parseCanonicalJson(utf8(request)), "mechanism member name key recipient");
  const print = fingerprint(b64uDecode(top.key, 32), checks.recipient(top.recipient));
  return { member: checks.text(top.member, checks.SLUG), print };
}

/** A refusal that this browser makes: its words stand beside the server's. */
export const refused = (code: string): Refused => new Refused(0, code, code, {});
