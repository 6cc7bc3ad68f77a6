/**
 * A workspace in this browser: whose it is, and its identity, if it was granted to the member. What the
 * server says of it counts as far as a member's signature and the identity itself bear it out.
 */

import type { Identity } from "../../../src/crypto/age_keys.ts";
import { FILE_KEY_SIZE } from "../../../src/crypto/age_header.ts";
import { NONCE_SIZE } from "../../../src/crypto/age_stream.ts";
import { grant, openGrant } from "../../../src/crypto/compartments.ts";
import { b64uDecode, b64uEncode, equal, fromUtf8, utf8 } from "../../../src/crypto/encoding.ts";
import { CryptoError, VerifyError } from "../../../src/crypto/errors.ts";
import { WRAP_RANDOM } from "../../../src/crypto/sealing.ts";
import {
  makeWorkspace,
  signWorkspace,
  verifyEnvelope,
  type Workspace,
} from "../../../src/crypto/workspace.ts";
import { random } from "../../../src/random.ts";
import { get, post, remove } from "../api.ts";
import {
  type Card,
  keyRing,
  newestEpoch,
  ownCertificate,
  readCards,
  self,
  type SentCard,
  today,
} from "./keys.ts";

interface SentGrant {
  readonly reader: string;
  readonly file: string;
}

/** As the server sends a workspace. */
export interface SentPlace {
  readonly id: string;
  readonly record: string | null;
  readonly envelope: string;
  readonly grants: readonly SentGrant[];
  readonly readers: readonly string[];
}

/** A workspace whose envelope holds; `identity` is undefined while nobody has given it to the member. */
export interface Place {
  readonly workspace: Workspace;
  readonly identity: Identity | undefined;
  readonly readers: readonly string[];
}

const EPOCH = "epoch:";

/** The workspace of a record (undefined: there is none yet), and the members who see the record. */
export async function placeOf(record: string): Promise<[Place | undefined, Map<string, Card>]> {
  type Sent = { workspace: SentPlace | null; cards: readonly SentCard[] };
  const sent = await get<Sent>(`/review/v1/records/${record}/workspace`);
  const place = sent.workspace ? await openPlace(sent.workspace, record) : undefined;
  return [place, readCards(sent.cards)];
}

/** Verify a workspace, and open its identity: by one's own grant, or by the mechanism's account key. */
export async function openPlace(sent: SentPlace, record: string | null): Promise<Place> {
  const { rootKey, mechanism, identity, member, roles } = self();
  const workspace = verifyEnvelope(utf8(sent.envelope), rootKey, mechanism);
  if (workspace.id !== sent.id || workspace.record !== record) {
    throw new VerifyError("this is the workspace of something else");
  }
  const held: Identity[] = [identity];
  if (!sent.grants.some((each) => each.reader === member) && roles.includes("key-holder")) {
    held.push(...(await keyRing()).account.values());
  }
  for (const { file } of sent.grants) {
    try {
      const opened = await openGrant(b64uDecode(file), held, workspace.recipient.text);
      return { workspace, identity: opened, readers: sent.readers };
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error; // another grant may open
    }
  }
  return { workspace, identity: undefined, readers: sent.readers };
}

/** Begin a workspace of a record, or of a case (null): for oneself and `others`, whom the member has seen. */
export async function beginPlace(
  record: string | null,
  cards: ReadonlyMap<string, Card>,
  others: readonly string[],
): Promise<Place> {
  const { mechanism, member, signing } = self();
  const { id, identity } = makeWorkspace(random);
  const recipient = identity.recipient;
  const said = { workspace: id, mechanism, record, recipient, day: today() };
  const envelope = fromUtf8(signWorkspace(signing, ownCertificate(cards), said));
  const readers = [...new Set([member, ...others])];
  const grants = [...(await grantsFor(identity, readers, cards)), await epochGrant(identity)];
  if (record === null) await post("/review/v1/cases", { envelope, grants });
  else await post("/review/v1/workspaces", { record, envelope, grants });
  const workspace = verifyEnvelope(utf8(envelope), self().rootKey, mechanism);
  return { workspace, identity, readers: grants.map((each) => each.reader) };
}

/** Give the identity to these members, and to the newest epoch if it has none. */
export async function share(
  place: Place,
  members: readonly string[],
  cards: ReadonlyMap<string, Card>,
): Promise<void> {
  const identity = place.identity;
  if (!identity) throw new VerifyError("who has no key of a workspace cannot give it");
  const grants = await grantsFor(identity, members, cards);
  if (!place.readers.includes(`${EPOCH}${(await newestEpoch()).epoch}`))
    grants.push(await epochGrant(identity));
  await post(`/review/v1/workspaces/${place.workspace.id}/grants`, { grants });
}

/** Take a member's key back: what they copied stays copied, what comes is not given to them any more. */
export const takeBack = (place: Place, member: string): Promise<void> =>
  remove(`/review/v1/workspaces/${place.workspace.id}/grants/${member}`);

/** Whether one of these members began it, with the key that the root certified. */
export function begunByOne(place: Place, cards: ReadonlyMap<string, Card>): boolean {
  const { id, key } = place.workspace.member;
  const card = cards.get(id)?.[0];
  return card !== undefined && equal(card.key, key);
}

/** `VerifyError` if a workspace is dated before its record: clocks may differ by a day, as the server allows. */
export function afterRecord({ workspace }: Place, created: string): void {
  const earliest = new Date(Date.parse(created) - 24 * 3600 * 1000).toISOString().slice(0, 10);
  if (workspace.day < earliest) throw new VerifyError("the workspace is older than its record");
}

/** Give a record's workspace to whom the record was just assigned, if there is one and it is open here. */
export async function shareWith(record: string, member: string): Promise<void> {
  const [place, cards] = await placeOf(record);
  if (place?.identity && lacking(place, cards).includes(member)) await share(place, [member], cards);
}

/** Who sees what the workspace is about, and has no grant of it. */
export function lacking(place: Place, cards: ReadonlyMap<string, Card>): string[] {
  return [...cards.keys()].filter((member) => !place.readers.includes(member));
}

async function grantsFor(
  identity: Identity,
  members: readonly string[],
  cards: ReadonlyMap<string, Card>,
): Promise<SentGrant[]> {
  const grants: SentGrant[] = [];
  for (const reader of members) {
    const card = cards.get(reader);
    if (!card) throw new VerifyError("the root did not sign a card of this member");
    grants.push({ reader, file: b64uEncode(await grant(identity, card[1].recipient, fresh())) });
  }
  return grants;
}

async function epochGrant(identity: Identity): Promise<SentGrant> {
  const key = await newestEpoch();
  const file = b64uEncode(await grant(identity, key.recipient, fresh()));
  return { reader: `${EPOCH}${key.epoch}`, file };
}

const fresh = () => ({
  fileKey: random(FILE_KEY_SIZE),
  nonce: random(NONCE_SIZE),
  randomness: random(WRAP_RANDOM),
});
