/** Whom the root certified, and which of the mechanism's own keys this member holds: for workspaces. */

import type { Identity } from "../../../src/crypto/age_keys.ts";
import { type Bundle, keyFor, type MechanismKey } from "../../../src/crypto/bundles.ts";
import { b64uDecode, b64uEncode, type Bytes, type Json, utf8 } from "../../../src/crypto/encoding.ts";
import { CryptoError, VerifyError } from "../../../src/crypto/errors.ts";
import { type Member, validOn } from "../../../src/crypto/members.ts";
import { type Membership, parseCard } from "../../../src/crypto/membership.ts";
import { openWrap } from "../../../src/crypto/wraps.ts";
import { get } from "../api.ts";
import { CONTENT, provenBundle, rootKey } from "../keys/root.ts";
import { onForget, onRenew, type Oneself, type OwnKeys, state } from "../state.ts";
import { Worded } from "../worded.ts";

/** A member as the root signed them: the certificate, and roles and recipient. */
export type Card = readonly [Member, Membership];

export interface SentCard {
  readonly member: string;
  readonly card: string;
}

/** A member by the name that the root signed and by the id that lists and the log have; by the id, if there is no name. */
export const calledOf = (id: string, name: string | null | undefined): string =>
  name && name !== id ? `${name} (${id})` : id;

/** Who is logged in, with open keys; `Worded` while they are closed. */
export function self(): Omit<Oneself, "root"> & Omit<OwnKeys, "root"> & { readonly rootKey: Bytes } {
  const { oneself, keys } = state;
  if (!oneself || !keys) throw new Worded("shell.keysclosed");
  return { ...oneself, ...keys, rootKey: rootKey() };
}

/** Today, as documents are dated. */
export const today = (): string => new Date().toISOString().slice(0, 10);

/** The cards of who may read content today, by member; what the root did not sign counts for nothing. */
export function readCards(sent: readonly SentCard[]): Map<string, Card> {
  const { mechanism, rootKey } = self();
  const found = new Map<string, Card>();
  for (const { member, card } of sent) {
    try {
      const one = parseCard(utf8(card), rootKey);
      const reads = one[1].roles.some((role) => CONTENT.includes(role));
      if (reads && one[0].mechanism === mechanism && one[0].id === member && validOn(one[0], today())) {
        found.set(member, one);
      }
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
    }
  }
  return found;
}

/** The member's own certificate, among cards; `VerifyError` if it is not of the keys that are open. */
export function ownCertificate(cards: ReadonlyMap<string, Card>): Bytes {
  const { member, signing } = self();
  const own = cards.get(member)?.[0];
  if (!own || b64uEncode(own.key) !== b64uEncode(signing.public)) {
    throw new VerifyError("there is no card of one's own");
  }
  return own.raw;
}

interface Ring {
  readonly bundle: Bundle;
  /** The account identities that the member was given, by epoch. */
  readonly account: ReadonlyMap<number, Identity>;
}

let ring: Promise<Ring> | undefined;
onForget(() => (ring = undefined));
onRenew(() => (ring = undefined));

/** The mechanism's bundle, and the member's own wraps of account keys; fetched once. */
export function keyRing(): Promise<Ring> {
  ring ??= fetchRing().catch((error: unknown) => {
    ring = undefined;
    throw error;
  });
  return ring;
}

/** The account key that what is written today is granted to. */
export async function newestEpoch(): Promise<MechanismKey> {
  const key = keyFor((await keyRing()).bundle, "account", today());
  if (!key) throw new VerifyError("the mechanism has no key of the account that is valid today");
  return key;
}

async function fetchRing(): Promise<Ring> {
  type Sent = { bundle: Json; wraps: readonly { epoch: number; class: string; file: string }[] };
  const sent = await get<Sent>("/review/v1/keys");
  const { identity } = self();
  const bundle = provenBundle(sent.bundle);
  const account = new Map<number, Identity>();
  for (const wrap of sent.wraps) {
    const key = bundle.keys.find((each) => each.epoch === wrap.epoch && each.kind === "account");
    if (!key || wrap.class !== "account") continue;
    try {
      const file = b64uDecode(wrap.file);
      account.set(
        key.epoch,
        await openWrap({ epoch: key.epoch, compartment: key.kind, file }, key, [identity]),
      );
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
    }
  }
  return { bundle, account };
}
