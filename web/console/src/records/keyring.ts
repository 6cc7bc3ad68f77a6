/**
 * The mechanism's keys that were sealed to this member, opened; and the keys of those to whom something can
 * be sealed. Both are checked against the root that the membership names, and are in memory only.
 */

import type { Identity, Recipient } from "../../../src/crypto/age_keys.ts";
import { type Bundle } from "../../../src/crypto/bundles.ts";
import type { Class } from "../../../src/crypto/compartments.ts";
import { b64uDecode, canonicalJson, type Json } from "../../../src/crypto/encoding.ts";
import { CryptoError, VerifyError } from "../../../src/crypto/errors.ts";
import { type Membership, rolesOn, verifyMembership } from "../../../src/crypto/membership.ts";
import { openWrap } from "../../../src/crypto/wraps.ts";
import { get } from "../api.ts";
import { CONTENT, provenBundle, rootKey } from "../keys/root.ts";
import { onForget, onRenew, state } from "../state.ts";
import { Worded } from "../worded.ts";

interface Answer {
  readonly bundle: Json;
  readonly wraps: readonly { readonly epoch: number; readonly class: Class; readonly file: string }[];
}

/** Opened epoch identities, and the bundle that names them. */
export interface Keyring {
  readonly bundle: Bundle;
  readonly identities: readonly Identity[];
}

let ring: Promise<Keyring> | undefined;
onForget(() => (ring = undefined));
onRenew(() => (ring = undefined));

/** The member's keyring, fetched once. A wrap that does not hold is left out: what it opens stays closed. */
export function keyring(): Promise<Keyring> {
  ring ??= open().catch((error: unknown) => {
    ring = undefined;
    throw error;
  });
  return ring;
}

async function open(): Promise<Keyring> {
  const { keys } = state;
  if (!keys) throw new Worded("shell.keysclosed");
  const answer = await get<Answer>("/review/v1/keys");
  const bundle = provenBundle(answer.bundle);
  const identities: Identity[] = [];
  for (const { epoch, class: compartment, file } of answer.wraps) {
    const key = bundle.keys.find((one) => one.epoch === epoch && one.kind === compartment);
    if (!key) continue;
    try {
      identities.push(await openWrap({ epoch, compartment, file: b64uDecode(file) }, key, [keys.identity]));
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
    }
  }
  return { bundle, identities };
}

/** Members to whom a record can be sealed today, as the root signed them. */
export async function readers(): Promise<Membership[]> {
  const root = rootKey();
  const { members } = await get<{ members: Json[] }>("/review/v1/readers");
  const today = new Date().toISOString().slice(0, 10);
  return members
    .map((raw) => verifyMembership(canonicalJson(raw), root))
    .filter((one) => one.mechanism === state.oneself?.mechanism && rolesOn(one, today))
    .filter((one) => one.roles.some((role) => CONTENT.includes(role)))
    .sort((one, other) => (one.starts < other.starts ? 1 : -1)); // of two of one member, the later one
}

/** The key that is sealed to for a member; `VerifyError` if the root signed none. */
export async function recipientOf(member: string): Promise<Recipient> {
  const found = (await readers()).find((one) => one.member === member);
  if (!found) throw new VerifyError("the mechanism's root names no such member today");
  return found.recipient;
}
