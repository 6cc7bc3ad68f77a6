/** Questions, and what their answers are called, in the console's language: fetched once for each. */

import { useEffect, useState } from "preact/hooks";
import { isObject, type Json } from "../../../src/crypto/encoding.ts";
import type { Asked, AskedSection, Row, Terms } from "../../../src/own_words.ts";
import { itemsOf } from "../../../src/record/answers.ts";
import { DateError, words } from "../../../src/record/dates.ts";
import { get } from "../api.ts";
import { has, language, t } from "../texts.ts";
import type { Card } from "./cards.ts";

const known = new Map<string, Terms>();

/** The terms of the language that is spoken now; undefined until they are here. */
export function useTerms(): Named | undefined {
  const spoken = language();
  const [, draw] = useState(0);
  useEffect(() => {
    if (known.has(spoken)) return;
    get<Terms>(`/review/v1/terms/${spoken}`)
      .then((found) => known.set(spoken, found))
      .catch(() => undefined) // codes are shown instead
      .finally(() => draw((count) => count + 1));
  }, [spoken]);
  const found = known.get(spoken);
  return found && new Named(found, spoken);
}

/** Codes and answers in words. */
export class Named {
  readonly terms: Terms;
  readonly #language: string;

  constructor(terms: Terms, spoken: string) {
    this.terms = terms;
    this.#language = spoken;
  }

  term(vocabulary: string, code: string): string {
    const list = this.terms.vocabularies[vocabulary] ?? {};
    return Object.hasOwn(list, code) ? list[code]! : code; // codes are whatever somebody has sealed
  }

  country(code: string): string {
    return this.terms.countries.find(([, each]) => each === code)?.[0] ?? code;
  }

  date(text: string): string {
    try {
      return words(text, this.#language, this.terms.months);
    } catch (error) {
      if (error instanceof DateError) return text;
      throw error;
    }
  }

  /** A language by its code, in the console's; the code where it is none that a form offers. */
  spoken(code: string): string {
    return has(`inbox.spoken.${code}`) ? t(`inbox.spoken.${code}`) : code;
  }

  /** A triage card in words: when, where, what, where care is needed; who wrote, as what and in which language. */
  card({ month, facility, violations, gates, capacity, language }: Card): string {
    const said = [
      month && this.date(month),
      facility && this.term("facilities", facility),
      ...violations.map((code) => this.term("violations", code)),
      ...gates.map((gate) => t(`inbox.gate.${gate}`)),
      capacity && this.term("capacities", capacity),
      language && this.spoken(language),
    ];
    return said.filter(Boolean).join(" · ");
  }

  /** What a section's part says: its title, and its items' answers in the order of their questions. */
  section(values: Readonly<Record<string, Json>>): { title: string; items: readonly Row[][] } {
    const id = String(values["section"] ?? "");
    const asked = Object.hasOwn(this.terms.sections, id) ? this.terms.sections[id] : undefined;
    const items = itemsOf(values) ?? [];
    return { title: asked?.title ?? id, items: items.map((item) => this.rows(asked, item)) };
  }

  rows(asked: AskedSection | undefined, answers: Readonly<Record<string, Json>>): Row[] {
    return (asked?.questions ?? [])
      .filter(({ id }) => answers[id] !== undefined && answers[id] !== null)
      .map((question) => ({ label: question.label, text: this.#answer(question, answers[question.id]!) }));
  }

  #answer({ type, vocabulary }: Asked, answer: Json): string {
    const unsaid = isObject(answer) ? answer["unsaid"] : undefined;
    if (unsaid === "unknown" || unsaid === "declined") return t(`record.${unsaid}`);
    if (typeof answer === "boolean") return t(answer ? "record.yes" : "record.no");
    if (type === "date") return this.date(plain(answer));
    if (type === "country") return this.country(plain(answer));
    if (vocabulary === null) return plain(answer);
    const codes: readonly Json[] = Array.isArray(answer) ? answer : [answer];
    return codes.map((code) => this.term(vocabulary, plain(code))).join("; ");
  }
}

function plain(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
