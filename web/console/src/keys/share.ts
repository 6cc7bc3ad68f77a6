/**
 * The mechanism's keys among its members: opening what is sealed to oneself, and sealing it to others.
 *
 * The service names who lacks what. Whom a key-holder seals to, and which keys, follows from what the root
 * signed; and that this is the mechanism's root, and the member that person, is for people to compare.
 */

import type { Identity } from "../../../src/crypto/age_keys.ts";
import { type Bundle, type MechanismKey } from "../../../src/crypto/bundles.ts";
import type { Class } from "../../../src/crypto/compartments.ts";
import { b64uDecode, b64uEncode, canonicalJson, type Json } from "../../../src/crypto/encoding.ts";
import { VerifyError } from "../../../src/crypto/errors.ts";
import {
  fingerprint,
  type Membership,
  opens,
  rolesOn,
  verifyMembership,
} from "../../../src/crypto/membership.ts";
import { openWrap, sealWrap } from "../../../src/crypto/wraps.ts";
import { random } from "../../../src/random.ts";
import { get, post } from "../api.ts";
import { provenBundle } from "./root.ts";
import type { OwnKeys } from "../state.ts";

interface Place {
  readonly epoch: number;
  readonly class: Class;
}

/** As `GET /review/v1/keys` has it. */
interface Sent {
  readonly bundle: Json;
  readonly wraps: readonly (Place & { readonly file: string })[];
  readonly lacking: readonly { readonly membership: Json; readonly keys: readonly Place[] }[];
  readonly leavers: readonly Leaver[];
}

export interface Leaver {
  readonly member: string;
  readonly day: string;
  readonly classes: readonly string[];
}

/** A member whom keys have to be sealed to, by what the root signed; `print` is what people compare. */
export interface Lacking {
  readonly membership: Membership;
  readonly print: string;
  readonly keys: readonly MechanismKey[];
}

export interface Ring {
  readonly bundle: Bundle;
  /** The keys sealed to oneself, by `placeOf`; those that do not open are in `refused`. */
  readonly own: ReadonlyMap<string, Identity>;
  readonly refused: readonly string[];
  readonly lacking: readonly Lacking[];
  readonly leavers: readonly Leaver[];
}

export const placeOf = (key: MechanismKey): string => `${key.epoch}.${key.kind}`;

/** Ask, verify, open. */
export async function ringOf(keys: OwnKeys): Promise<Ring> {
  const sent = await get<Sent>("/review/v1/keys");
  const bundle = provenBundle(sent.bundle);
  const named = new Map(bundle.keys.map((key) => [placeOf(key), key]));
  const own = new Map<string, Identity>();
  const refused: string[] = [];
  for (const { epoch, class: kind, file } of sent.wraps) {
    const place = `${epoch}.${kind}`;
    const key = named.get(place);
    try {
      if (!key) throw new VerifyError("a wrap of no key of the bundle");
      const wrap = { epoch, compartment: kind, file: b64uDecode(file) };
      own.set(place, await openWrap(wrap, key, [keys.identity]));
    } catch {
      refused.push(place);
    }
  }
  const lacking = sent.lacking.map((one) => lackingOf(one, bundle, named));
  return { bundle, own, refused, lacking, leavers: sent.leavers };
}

/** Seal to a member what they lack and this browser has; how many keys that were. */
export async function shareWith(ring: Ring, one: Lacking): Promise<number> {
  const { member, recipient } = one.membership;
  const wraps = [];
  for (const key of one.keys) {
    const identity = ring.own.get(placeOf(key));
    if (!identity) continue;
    const wrap = await sealWrap(key, identity, { kind: "member", id: member, recipient }, random);
    wraps.push({ epoch: wrap.epoch, class: wrap.compartment, file: b64uEncode(wrap.file) });
  }
  if (wraps.length) await post("/review/v1/keys/wraps", { member, wraps });
  return wraps.length;
}

function lackingOf(
  sent: Sent["lacking"][number],
  bundle: Bundle,
  named: ReadonlyMap<string, MechanismKey>,
): Lacking {
  const membership = verifyMembership(canonicalJson(sent.membership), bundle.root);
  if (membership.mechanism !== bundle.mechanism || !rolesOn(membership, today())) {
    throw new VerifyError("somebody who is not a member of this mechanism today");
  }
  const wanted = opens(membership.roles);
  const keys = sent.keys
    .map(({ epoch, class: kind }) => named.get(`${epoch}.${kind}`))
    .filter((key) => key !== undefined)
    .filter((key) => wanted.includes(key.kind)); // whatever the service asks for
  return { membership, print: fingerprint(membership.key, membership.recipient), keys };
}

const today = (): string => new Date().toISOString().slice(0, 10);
