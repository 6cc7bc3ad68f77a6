/**
 * One record, opened and verified in this browser: everything that is shown holds by the signed statement.
 * Nothing of it is kept when the view is left.
 */

import type { Recipient } from "../../../src/crypto/age_keys.ts";
import * as ageHeader from "../../../src/crypto/age_header.ts";
import { type Class, grant } from "../../../src/crypto/compartments.ts";
import { b64uDecode, b64uEncode, type Bytes, concat, utf8 } from "../../../src/crypto/encoding.ts";
import { VerifyError } from "../../../src/crypto/errors.ts";
import { RecordReader } from "../../../src/crypto/record_reader.ts";
import { WRAP_RANDOM } from "../../../src/crypto/sealing.ts";
import type { Signed } from "../../../src/crypto/statement.ts";
import { type OpenedRecord, openAll, type Said } from "../../../src/opened.ts";
import { random } from "../../../src/random.ts";
import { get, getBytes, post } from "../api.ts";
import { state } from "../state.ts";
import { shareWith } from "../work/place.ts";
import { keyring } from "./keyring.ts";

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
}

/** What the server gave, the statements, and what these keys open of it. */
export interface Opened {
  readonly answer: Answer;
  readonly revisions: readonly Signed[];
  readonly record: OpenedRecord;
}

const path = (record: string): string => `/review/v1/records/${record}`;

/** Fetch, verify and open a record. */
export async function openRecord(record: string): Promise<Opened> {
  if (!state.keys) throw new VerifyError("your keys are not open");
  const answer = await get<Answer>(path(record));
  const { identities } = await keyring();
  const reader = await read(answer, [state.keys.identity, ...identities], record);
  const shown = new Set(answer.parts.map((part) => part.id));
  const opened = await openAll(onlyOf(reader, shown), (part) => getBytes(`${path(record)}/parts/${part}`));
  return { answer, revisions: signed(answer), record: opened };
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

/** The same reader, without parts that the server does not give: whoever only seals keys opens nothing. */
function onlyOf(reader: RecordReader, shown: ReadonlySet<string>): RecordReader {
  const readable = reader.readable().filter((entry) => shown.has(entry.id));
  reader.readable = () => readable;
  return reader;
}

/** The bytes of a medium, verified to the last. */
export async function openMedium(opened: Opened, label: Said): Promise<Bytes> {
  const part = String(label.fields.value("part"));
  const file = await getBytes(`${path(opened.answer.record)}/parts/${part}`);
  const header = ageHeader.parse(file);
  const opener = await opened.record.reader.medium(part, header, label.fields);
  const pieces = [await opener.update(file.subarray(header.raw.length)), await opener.finish()];
  return concat(...pieces);
}

/** The record's keys of these classes, sealed to somebody: what assigning and approving send. */
export async function sealFor(
  record: string,
  recipient: Recipient,
  classes: readonly Class[],
): Promise<SealedGrant[]> {
  const answer = await get<Answer>(path(record));
  const { identities } = await keyring();
  const reader = await read({ ...answer, own: [] }, identities, record);
  const kinds = new Map(reader.statement.compartments.map((one) => [one.id, one.kind]));
  const sealed: SealedGrant[] = [];
  for (const [compartment, identity] of reader.identities) {
    if (!classes.includes(kinds.get(compartment)!)) continue;
    const fresh = { fileKey: random(16), nonce: random(16), randomness: random(WRAP_RANDOM) };
    sealed.push({ compartment, file: b64uEncode(await grant(identity, recipient, fresh)) });
  }
  if (!sealed.length) throw new VerifyError("your keys open nothing of this record that could be given");
  return sealed;
}

/** Give a record to a member: the keys of its triage card, account and notes, sealed to what the root signed. */
export async function assign(record: string, member: string, recipient: Recipient): Promise<void> {
  const grants = await sealFor(record, recipient, ["triage", "account"]);
  await post(`${path(record)}/assignments`, { member, grants });
  await shareWith(record, member);
}
