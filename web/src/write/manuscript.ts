/** What somebody has written so far: the entries of a draft, kept in memory, and what they come to. */

import type { Consent, DraftFile, Interrupted, Text } from "../desk.ts";
import type { Json } from "../crypto/encoding.ts";
import { type Answers, items, type Section } from "../record/questions.ts";
import type { Medium } from "../sending.ts";

export const GATES = "gates";

/** A page that is being filled in. */
export interface Typing {
  readonly at: string;
  readonly typed: Readonly<Record<string, readonly string[]>>;
}

/** Entries by name, as `desk.ts` describes them. */
export class Manuscript {
  readonly entries: Map<string, Json>;
  /** Files that only this page has, by part: where nothing is kept on the server. */
  readonly held = new Map<string, Medium>();

  constructor(entries: ReadonlyMap<string, Json> = new Map()) {
    this.entries = new Map(entries);
  }

  get text(): Text | undefined {
    return this.#entry<Text>("narrative");
  }

  get consent(): Consent | undefined {
    return this.#entry<Consent>("consent");
  }

  get typing(): Typing | undefined {
    return this.#entry<Typing>("typing");
  }

  /** What a section says, or nothing. */
  answers(asked: Section): Json {
    const entry = this.#entry<{ value: Json }>(`section:${asked.id}`);
    return entry ? entry.value : asked.repeated ? [] : {};
  }

  /** One item of a section, or what a section says that has no items. */
  item(asked: Section, number: number): Answers {
    return items(this.answers(asked))[number] ?? {};
  }

  /** Whether anything is written in a section. */
  answered(id: string): boolean {
    return this.entries.has(`section:${id}`);
  }

  /** Files in the order of their names. */
  get files(): DraftFile[] {
    const found = this.#all<DraftFile>("file:");
    return found.sort((a, b) => (String(a.label["name"]) < String(b.label["name"]) ? -1 : 1));
  }

  get interrupted(): Interrupted[] {
    return this.#all<Interrupted>("sending:");
  }

  /** The gates that were answered with yes: each has consequences. */
  raised(): string[] {
    const said = this.#entry<{ value: Answers }>(`section:${GATES}`)?.value ?? {};
    return Object.entries(said).flatMap(([gate, answer]) => (answer === true ? [gate] : []));
  }

  /** Let go of everything. */
  clear(): void {
    this.entries.clear();
    this.held.clear();
  }

  /** Whether nothing at all is written. */
  get empty(): boolean {
    return this.entries.size === 0;
  }

  #entry<Value>(name: string): Value | undefined {
    return this.entries.get(name) as Value | undefined;
  }

  #all<Value>(prefix: string): Value[] {
    return [...this.entries].flatMap(([name, value]) =>
      name.startsWith(prefix) ? [value as unknown as Value] : [],
    );
  }
}
