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

/** The newest card of a record: the one that no other revises. */
export async function openCard(
  sealed: SealedCard | null,
  identities: readonly Identity[],
): Promise<Card | undefined> {
  if (!sealed) return undefined;
  const keys = new Map<string, Identity>();
  for (const { compartment, file } of sealed.grants) {
    const text = await orNothing(async () => latin1(await openFile(b64uDecode(file), identities)));
    if (text) keys.set(compartment, Identity.parse(text.replace(/\n$/, "")));
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
  const texts = (value: Json | undefined): string[] => (isList(value) ? value.map(String) : []);
  return {
    capacity: text("capacity"),
    language: text("language"),
    month: text("month"),
    facility: text("facility"),
    violations: texts(fields.value("violations")),
    gates: texts(fields.value("gates")),
  };
}

async function orNothing<T>(open: () => Promise<T>): Promise<T | undefined> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof CryptoError) return undefined;
    throw error;
  }
}
