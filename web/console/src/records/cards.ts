/** Triage cards of the inbox, opened with the mechanism's triage key: codes and counts, unsigned as yet. */

import { Identity } from "../../../src/crypto/age_keys.ts";
import { Fields } from "../../../src/crypto/commitments.ts";
import { b64uDecode, isList, type Json, latin1 } from "../../../src/crypto/encoding.ts";
import { CryptoError } from "../../../src/crypto/errors.ts";
import { openFile } from "../../../src/crypto/sealing.ts";

export interface SealedCard {
  readonly grants: readonly { readonly compartment: string; readonly file: string }[];
  readonly parts: readonly { readonly id: string; readonly compartment: string; readonly file: string }[];
}

/** One record of `GET /review/v1/records`. */
export interface Row {
  readonly record: string;
  readonly number: number;
  readonly received_day: string;
  readonly revision: number;
  readonly media: Readonly<Record<string, number>>;
  readonly purposes: readonly string[];
  readonly expires: string | null;
  readonly status: string;
  readonly assigned: readonly string[];
  readonly standing: string | null;
  readonly unanswered: number;
  readonly deadline: string | null;
  readonly triage: SealedCard | null;
}

/** What a card says; of one that was not granted or does not open, nothing. */
export interface Card {
  readonly capacity: string;
  readonly language: string;
  readonly month: string;
  readonly facility: string;
  readonly violations: readonly string[];
  readonly gates: readonly string[];
}

export const NO_CARD: Card = {
  capacity: "",
  language: "",
  month: "",
  facility: "",
  violations: [],
  gates: [],
};

/**
 * The newest card of a record: the one that no other revises. Anybody may have sealed anything into a card:
 * what does not hold of one is passed over, and never keeps the other records' cards closed.
 */
export async function openCard(
  sealed: SealedCard | null,
  identities: readonly Identity[],
): Promise<Card | undefined> {
  if (!sealed) return undefined;
  const keys = new Map<string, Identity>();
  for (const { compartment, file } of sealed.grants) {
    const key = await orNothing(async () =>
      Identity.parse(latin1(await openFile(b64uDecode(file), identities)).replace(/\n$/, "")),
    );
    if (key) keys.set(compartment, key);
  }
  const said = new Map<string, Fields>();
  for (const { id, compartment, file } of sealed.parts) {
    const key = keys.get(compartment);
    const fields =
      key && (await orNothing(async () => Fields.parse(await openFile(b64uDecode(file), [key]))));
    if (fields) said.set(id, fields);
  }
  const replaced = new Set([...said.values()].map((fields) => fields.value("revises")));
  const newest = [...said].find(([id]) => !replaced.has(id))?.[1];
  return newest && cardOf(newest);
}

/** What a card's fields say. */
export function cardOf(fields: Fields): Card {
  const text = (name: string): string => {
    const value = fields.value(name);
    return typeof value === "string" ? value : "";
  };
  const texts = (value: Json | undefined): string[] =>
    isList(value) ? value.filter((each) => typeof each === "string") : [];
  return {
    capacity: text("capacity"),
    language: text("language"),
    month: text("month"),
    facility: text("facility"),
    violations: texts(fields.value("violations")),
    gates: texts(fields.value("gates")),
  };
}

/** Whether a card of the list says what one of these verified ones does. */
export function sameCard(listed: Card, verified: readonly Fields[]): boolean {
  const said = JSON.stringify(listed);
  return verified.some((fields) => JSON.stringify(cardOf(fields)) === said);
}

async function orNothing<T>(open: () => Promise<T>): Promise<T | undefined> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof CryptoError) return undefined;
    throw error;
  }
}
