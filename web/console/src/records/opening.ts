/**
 * One record, opened and verified in this browser: everything that is shown holds by the signed statement.
 * Nothing of it is kept when the view is left.
 */

import type { Recipient } from "../../../src/crypto/age_keys.ts";
import * as ageHeader from "../../../src/crypto/age_header.ts";
import { type Class, grant } from "../../../src/crypto/compartments.ts";
import { b64uDecode, b64uEncode, type Bytes, concat, latin1, utf8 } from "../../../src/crypto/encoding.ts";
import { VerifyError } from "../../../src/crypto/errors.ts";
import { type MediumOpener, RecordReader } from "../../../src/crypto/record_reader.ts";
import { WRAP_RANDOM } from "../../../src/crypto/sealing.ts";
import type { PartEntry, Signed } from "../../../src/crypto/statement.ts";
import { type OpenedRecord, openAll, type Said } from "../../../src/opened.ts";
import { random } from "../../../src/random.ts";
import { get, getBytes, getPieces, post } from "../api.ts";
import { onForget, state } from "../state.ts";
import { Worded } from "../worded.ts";
import { shareWith } from "../work/place.ts";
import { differences, type Shut, shutOf, withheld } from "./given.ts";
import { keyring } from "./keyring.ts";
import { type Limits, limitsOf } from "./limits.ts";
import type { Item } from "./listed.ts";
import { openCard } from "./cards.ts";

export interface SealedGrant {
  readonly compartment: string;
  readonly file: string;
}

/** `GET /review/v1/records/{record}`. */
export interface Answer {
  readonly record: string;
  readonly received_day: string;
  readonly number: number;
  readonly status: string;
  readonly assigned: readonly string[];
  readonly statements: readonly { readonly statement: string; readonly signature: string }[];
  readonly own: readonly (SealedGrant & { readonly expires: number | null })[];
  readonly grants: readonly SealedGrant[];
  readonly parts: readonly { readonly id: string; readonly size: number }[];
  /** Records that the member has opened today, and may. */
  readonly budget: { readonly opened: number; readonly daily: number };
}

/** What the server gave, the statements, and what these keys open of it. */
export interface Opened {
  readonly answer: Answer;
  readonly revisions: readonly Signed[];
  readonly record: OpenedRecord;
  /** Parts that the person signed, that may be read here, and that were not given. */
  readonly missing: readonly PartEntry[];
  readonly shut: Shut;
  /** The row of the list that led here, if one did. */
  readonly listed: Item | undefined;
}

const path = (record: string): string => `/review/v1/records/${record}`;

// Which records were opened since the member logged in, and what the server last said of the day's limit.
const before = new Set<string>();
let budget: Answer["budget"] | undefined;
onForget(() => {
  before.clear();
  budget = undefined;
});

async function ask(record: string): Promise<Answer> {
  const answer = await get<Answer>(path(record));
  before.add(record);
  budget = answer.budget;
  return answer;
}

/** Whether a record can be opened within the day's limit, as far as it is known here: once more is free. */
export const affordable = (record: string): boolean =>
  before.has(record) || !budget || budget.opened < budget.daily;

/**
 * Whether the record is the member's to work on. A custodian is given it, too, while a request waits for a decision;
 * what was written about it the server refuses them (`intake/reviewing/visible.py`), and tells the person so.
 */
export const worksOn = ({ assigned }: Pick<Answer, "assigned">): boolean =>
  Boolean(state.oneself?.roles.includes("key-holder")) || assigned.includes(state.oneself?.member ?? "");

/** Fetch, verify and open a record; `listed` is its row in the inbox, to be held against it. */
export async function openRecord(record: string, listed?: Item): Promise<Opened> {
  if (!state.keys) throw new Worded("shell.keysclosed");
  const answer = await ask(record);
  const { bundle, identities } = await keyring();
  const reader = await read(answer, [state.keys.identity, ...identities], record);
  const shut = shutOf(reader, bundle, bundle.mechanism);
  const shown = new Set(answer.parts.map((part) => part.id));
  const missing = withheld(reader, answer, state.oneself?.roles ?? []);
  const opened = await openAll(
    onlyOf(reader, (entry) => shown.has(entry.id)),
    (part) => getBytes(`${path(record)}/parts/${part}`),
  );
  return { answer, revisions: signed(answer), record: opened, missing, shut, listed };
}

/** What the person set, of a record that is not open here. An opening like others: on the log, and counted. */
export async function openLimits(record: string): Promise<Limits> {
  if (!state.keys || !state.oneself) throw new Worded("shell.keysclosed");
  const answer = await ask(record);
  const { identities } = await keyring();
  const reader = await read(answer, [state.keys.identity, ...identities], record);
  const given = new Set(answer.parts.map((part) => part.id));
  const opened = await openAll(
    onlyOf(reader, (entry) => entry.kind === "consent" && given.has(entry.id)),
    (part) => getBytes(`${path(record)}/parts/${part}`),
  );
  return limitsOf(opened, state.oneself.mechanism);
}

/**
 * Whether this browser can tell beforehand that a record stays closed: who would open it by the mechanism's keys
 * cannot open its card with them. It asks nothing of the server: an opening is counted, and on the log.
 */
export async function staysClosed(listed: Item | undefined): Promise<boolean> {
  const row = listed?.row;
  if (!row?.triage || row.assigned.includes(state.oneself?.member ?? "")) return false;
  const { identities } = await keyring();
  return (await openCard(row.triage, identities)) === undefined;
}

function signed(answer: Answer): Signed[] {
  return answer.statements.map((one) => [utf8(one.statement), b64uDecode(one.signature, 64)] as const);
}

function read(
  answer: Answer,
  identities: Parameters<typeof RecordReader.open>[2],
  record: string,
): Promise<RecordReader> {
  const grants = [...answer.grants, ...answer.own].map(
    (one) => [one.compartment, b64uDecode(one.file)] as const,
  );
  return RecordReader.open(signed(answer), grants, identities, record);
}

/** The same reader, of these parts alone. */
function onlyOf(reader: RecordReader, wanted: (entry: PartEntry) => boolean): RecordReader {
  const readable = reader.readable().filter(wanted);
  reader.readable = () => readable;
  return reader;
}

/**
 * A medium, verified to the last byte. It is opened as it comes, and each opened piece given to the browser's
 * store of blobs: a video is never held whole by the page.
 */
export async function openMedium(opened: Opened, label: Said): Promise<Blob> {
  const part = String(label.fields.value("part"));
  const kept: Blob[] = [];
  let start: Bytes = new Uint8Array();
  let opener: MediumOpener | undefined;
  const keep = (plain: Bytes): void => {
    if (plain.length) kept.push(new Blob([plain as BlobPart]));
  };
  for await (const piece of getPieces(`${path(opened.answer.record)}/parts/${part}`)) {
    if (opener) {
      keep(await opener.update(piece));
      continue;
    }
    start = concat(start, piece);
    if (start.length < ageHeader.MAX_HEADER && !ENDED.test(latin1(start))) continue;
    const header = ageHeader.parse(start);
    opener = await opened.record.reader.medium(part, header, label.fields);
    keep(await opener.update(start.subarray(header.raw.length)));
  }
  if (!opener) throw new VerifyError("the medium ends within its header");
  keep(await opener.finish());
  return new Blob(kept, { type: String(label.fields.value("type")) });
}

const ENDED = /\n--- [^\n]*\n/; // the last line of an age header

/**
 * The record's keys of these classes, sealed to somebody: what assigning and approving send. With the row
 * by which it was chosen, only if the person signed the same card: rows can be swapped, statements cannot.
 */
export async function sealFor(
  record: string,
  recipient: Recipient,
  classes: readonly Class[],
  listed?: Item,
): Promise<SealedGrant[]> {
  const answer = await ask(record);
  const { identities } = await keyring();
  const reader = await read({ ...answer, own: [] }, identities, record);
  if (listed) await requireListed(reader, record, listed);
  const kinds = new Map(reader.statement.compartments.map((one) => [one.id, one.kind]));
  const sealed: SealedGrant[] = [];
  for (const [compartment, identity] of reader.identities) {
    if (!classes.includes(kinds.get(compartment)!)) continue;
    const fresh = { fileKey: random(16), nonce: random(16), randomness: random(WRAP_RANDOM) };
    sealed.push({ compartment, file: b64uEncode(await grant(identity, recipient, fresh)) });
  }
  if (!sealed.length) throw new Worded("record.nothinggiven");
  return sealed;
}

async function requireListed(reader: RecordReader, record: string, listed: Item): Promise<void> {
  const cards = await openAll(
    onlyOf(reader, (entry) => entry.kind === "triage"),
    (part) => getBytes(`${path(record)}/parts/${part}`),
  );
  const [differs] = differences({ listed, record: cards });
  if (differs) throw new Worded(`record.differs.${differs}`, { name: listed.name });
}

/** Give a record to a member: the keys of its triage card, account and notes, sealed to what the root signed. */
export async function assign(
  record: string,
  member: string,
  recipient: Recipient,
  listed?: Item,
): Promise<void> {
  const grants = await sealFor(record, recipient, ["triage", "account"], listed);
  await post(`${path(record)}/assignments`, { member, grants });
  await shareWith(record, member);
}
