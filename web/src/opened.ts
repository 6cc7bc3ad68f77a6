/**
 * What a record says, once it is open: the texts and choices that hold now, and the ones before them. The
 * twin of `intake/record/opened.py`.
 *
 * Nothing of a record is ever overwritten. A correction is a new part whose field `revises` names the part
 * that it replaces; both stay, and the newest is shown with what came before.
 */

import type { Choice } from "./consent.ts";
import * as checks from "./crypto/checks.ts";
import { CLASSES, type Class } from "./crypto/compartments.ts";
import type { Fields } from "./crypto/commitments.ts";
import { type Bytes, isObject, type Json } from "./crypto/encoding.ts";
import { CryptoError, FormatError } from "./crypto/errors.ts";
import type { Condition } from "./crypto/profiles.ts";
import { checkLabel, type RecordReader } from "./crypto/record_reader.ts";
import {
  BINARY_KINDS,
  type CompartmentEntry,
  type Kind,
  type PartKind,
  parse,
  type PartEntry,
  type Purpose,
  type Signed,
  type Statement,
} from "./crypto/statement.ts";

export const REVISES = "revises";
const AT_ONCE = 6; // parts that are fetched together
// Which class of compartment a message is put into: as private as the account, not as the names in it.
const PREFERRED: readonly Class[] = ["account", "identity", "sensitive", "triage"];

/** One structured part: its entry, and its fields. */
export interface Said {
  readonly entry: PartEntry;
  readonly fields: Fields;
}

/** The values of a part, by name. */
export function valuesOf(said: Said): Record<string, Json> {
  return Object.fromEntries([...said.fields.fields].map(([name, [, value]]) => [name, value]));
}

/** The part that this one replaces. */
export function revises(said: Said): string | undefined {
  const value = said.fields.value(REVISES);
  return typeof value === "string" ? value : undefined;
}

/** Everything that these keys open, in the order of signing. `problems` maps parts to what is wrong. */
export class OpenedRecord {
  readonly reader: RecordReader;
  readonly said: readonly Said[];
  readonly problems: ReadonlyMap<string, string>;

  constructor(reader: RecordReader, said: readonly Said[], problems: ReadonlyMap<string, string>) {
    this.reader = reader;
    this.said = said;
    this.problems = problems;
  }

  /** All parts of a kind, replaced ones included. */
  of(kind: PartKind): Said[] {
    return this.said.filter((said) => said.entry.kind === kind);
  }

  /** The parts of a kind that nothing replaces. */
  current(kind: Kind): Said[] {
    const replaced = new Set(this.of(kind).map(revises));
    return this.of(kind).filter((said) => !replaced.has(said.entry.id));
  }

  /** What a part replaced, the newest first. */
  earlier(said: Said): Said[] {
    const byId = new Map(this.of(said.entry.kind).map((one) => [one.entry.id, one]));
    const found = new Set<Said>();
    for (let next = byId.get(revises(said) ?? ""); next && next !== said && !found.has(next);) {
      found.add(next);
      next = byId.get(revises(next) ?? "");
    }
    return [...found];
  }

  /** By mechanism: the newest choice, and the compartment in which the two correspond. */
  choices(): Map<string, readonly [choice: Choice, compartment: string]> {
    return new Map(
      this.of("consent").map((said) => {
        const choice = parseChoice(valuesOf(said));
        return [choice.mechanism, [choice, said.entry.compartment] as const];
      }),
    );
  }

  /**
   * The compartments of a class, oldest first, without those that one mechanism or medium has alone.
   *
   * Of a compartment that is not open nobody can say: it is taken for a general one, and cannot be granted.
   * One in which something does not hold is not: what is missing may be the label that says so.
   */
  general(kind: Class): CompartmentEntry[] {
    const apart = this.of("label").filter((said) => said.fields.value("apart") === true);
    const alone = new Set([...this.of("consent"), ...apart].map((said) => said.entry.compartment));
    const { compartments, parts } = this.reader.statement;
    for (const part of parts) if (this.problems.has(part.id)) alone.add(part.compartment);
    return compartments.filter((entry) => entry.kind === kind && !alone.has(entry.id));
  }
}

/** Open every structured part; `fetch` gives a part's age file. What does not hold is a problem. */
export async function openAll(
  reader: RecordReader,
  fetch: (part: string) => Promise<Bytes>,
): Promise<OpenedRecord> {
  const problems = new Map<string, string>();
  async function open(entry: PartEntry): Promise<Said | undefined> {
    try {
      const fields = await reader.structured(entry.id, await fetch(entry.id));
      if (entry.kind === "label") checkLabel(fields);
      if (entry.kind === "consent") parseChoice(valuesOf({ entry, fields }));
      return { entry, fields };
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
      problems.set(entry.id, error.message);
      return undefined;
    }
  }
  const wanted = reader.readable().filter((entry) => !BINARY_KINDS.includes(entry.kind));
  const said: (Said | undefined)[] = [];
  for (let i = 0; i < wanted.length; i += AT_ONCE) {
    said.push(...(await Promise.all(wanted.slice(i, i + AT_ONCE).map(open))));
  }
  return new OpenedRecord(
    reader,
    said.filter((one) => one !== undefined),
    problems,
  );
}

/** A choice from a sealed part; fields of a later version are passed over. `FormatError` for other content. */
export function parseChoice(values: Readonly<Record<string, Json>>): Choice {
  const needed = (name: string): Json => {
    const value = values[name];
    if (value === undefined) throw new FormatError(`a consent lacks ${name}`);
    return value;
  };
  const texts = (value: Json, most: number): string[] => checks.items(value, most).map(String);
  const answer = (value: Json | undefined): string | null => (value == null ? null : String(value));
  const answers = values["answers"] ?? {};
  if (!isObject(answers)) throw new FormatError("answers are named");
  return {
    mechanism: checks.text(needed("mechanism"), checks.SLUG),
    purposes: texts(needed("purposes"), 50) as Purpose[],
    classes: texts(needed("classes"), 50) as Class[],
    expires: checks.optional(needed("expires"), (day) => checks.text(day, checks.DAY)),
    successor: checks.boolean(needed("successor")),
    identity: answer(values["identity"]),
    contact: answer(values["contact"]),
    conditions: texts(values["conditions"] ?? [], 50) as Condition[],
    states: texts(values["states"] ?? [], 300),
    answers,
  };
}

/**
 * The compartment for messages with a mechanism: with the fewest others, of the account if it can be.
 *
 * Undefined if nothing of the record is granted to it.
 */
export function correspondence(signed: Statement, mechanism: string): CompartmentEntry | undefined {
  const holders = new Map<string, Set<string>>();
  for (const { compartment, mechanism: who } of signed.audience) {
    holders.set(compartment, (holders.get(compartment) ?? new Set()).add(who));
  }
  const rank = (entry: CompartmentEntry): number[] => [
    PREFERRED.indexOf(entry.kind),
    holders.get(entry.id)!.size,
    -entry.generation,
  ];
  const usable = signed.compartments.filter((entry) => holders.get(entry.id)?.has(mechanism));
  return usable.sort((one, other) => compareRanks(rank(one), rank(other)))[0];
}

/** By compartment: the mechanisms that were granted it in any revision, and may hold its key. */
export function everGranted(revisions: readonly Signed[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [data] of revisions) {
    for (const { compartment, mechanism } of parse(data).audience) {
      found.set(compartment, (found.get(compartment) ?? new Set()).add(mechanism));
    }
  }
  return found;
}

/** The classes among these, in the order of all. */
export function inOrder(kinds: Iterable<Class>): Class[] {
  const found = new Set(kinds);
  return CLASSES.filter((kind) => found.has(kind));
}

function compareRanks(one: readonly number[], other: readonly number[]): number {
  for (const [i, rank] of one.entries()) if (rank !== other[i]) return rank - other[i]!;
  return 0;
}
