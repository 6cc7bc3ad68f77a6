/** Values in the words of the page's language: names, days, sizes, answers. The words come with the blank page. */

import type { Json, JsonObject } from "./crypto/encoding.ts"; // types only: the page loads no cryptography
import { fillIn } from "./render.ts";
import { itemsOf } from "./record/answers.ts";
import { DateError, type Months, words } from "./record/dates.ts";

/** A question as it is shown: `vocabulary` has the terms of its answer. */
export interface Asked {
  readonly id: string;
  readonly type: string;
  readonly label: string;
  readonly vocabulary: string | null;
}

export interface AskedSection {
  readonly title: string;
  readonly item_title: string | null;
  readonly repeated: boolean;
  readonly questions: readonly Asked[];
}

/** What is asked, and what can be answered, in one language: it stands in the page as JSON. */
export interface Terms {
  readonly sections: Readonly<Record<string, AskedSection>>;
  readonly medium: AskedSection;
  readonly vocabularies: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly countries: readonly (readonly [name: string, code: string])[];
  readonly months: Months;
  readonly languages: Readonly<Record<string, string>>;
}

/** A label, and the answer. */
export type Row = { readonly label: string; readonly text: string };

const UNITS = [
  ["GB", 2 ** 30],
  ["MB", 2 ** 20],
  ["KB", 2 ** 10],
] as const;

/** The page's words. */
export class Words {
  readonly terms: Terms;
  readonly language: string;
  readonly #words: ReadonlyMap<string, string>;
  readonly #countries: ReadonlyMap<string, string>;

  /** `root` holds the words, as `[data-word]`, and the terms. */
  constructor(root: ParentNode, language: string) {
    const words = [...root.querySelectorAll<HTMLElement>("[data-word]")];
    this.#words = new Map(words.map((element) => [element.dataset["word"]!, element.textContent ?? ""]));
    this.terms = JSON.parse(root.querySelector("[data-terms]")!.textContent ?? "") as Terms;
    this.language = language;
    // A country has one name, and others by which it can be typed: those come later.
    this.#countries = new Map([...this.terms.countries].reverse().map(([name, code]) => [code, name]));
  }

  /** A word by its name; `otherwise` where there is none. */
  word(name: string, otherwise = ""): string {
    return this.#words.get(name) ?? otherwise;
  }

  /** The name of a mechanism. */
  mechanism(id: string): string {
    return this.word(`mechanism:${id}`, id);
  }

  /** The name of a country. */
  country(code: string): string {
    return this.#countries.get(code) ?? code;
  }

  /** What is wrong, by the service's code or the worker's. */
  refusal(code: string, values: Readonly<Record<string, string>>): string {
    const counted = code === "receipt_count" ? `code:${code}:${this.#plural(Number(values["found"]))}` : "";
    const said = this.word(counted, this.word(`code:${code}`, this.word("code:failed")));
    return fillIn(said, (name) => values[name] ?? "");
  }

  /** `2026-11-23` as people write it. */
  day(day: string): string {
    const [year, month, date] = day.split("-");
    // Not by the browser: few of them know the names of months in Belarusian.
    const sample = this.word(`day:${month}`);
    return sample ? sample.replace("2000", year!).replace("11", String(Number(date))) : day;
  }

  /** A number of bytes, rounded, with a unit. */
  size(size: number): string {
    const [unit, bytes] = UNITS.find(([, bytes]) => size >= bytes) ?? UNITS[2];
    const rounded = Math.max(Math.round((size / bytes) * 10) / 10, 0.1);
    const number = String(rounded).replace(".", this.word("point", "."));
    return fillIn(this.word(`size:${unit}`), () => number);
  }

  /** A whole number, in groups of three digits that no line break parts. */
  number(count: number): string {
    return String(count).replace(/\B(?=(?:[0-9]{3})+$)/g, "\u00a0");
  }

  /** How many entries are shown from a day on. */
  later(count: number, day: string): string {
    const said = this.word(`later:${this.#plural(count)}`).replace(/[125]/, String(count));
    return fillIn(said, () => this.day(day));
  }

  /** As whom, what for and how often something was done. Who has a purpose and no role is a program. */
  circumstances({ roles, purpose, count }: { roles: string; purpose: string; count: number }): string {
    const named = roles.split(" ").map((role) => this.word(`role:${role}`, role));
    const what = this.word(`purpose:${purpose}`);
    const said = [
      roles ? fillIn(this.word("as:role"), () => named.join(", ")) : purpose && this.word("as:program"),
      what && fillIn(this.word("as:purpose"), () => what),
      count > 1 ? this.word(`times:${this.#plural(count)}`).replace(/[125]/, String(count)) : "",
    ];
    return said.filter(Boolean).join("; ");
  }

  /** The answers of a section, item by item; none if they cannot be shown in words. */
  section(values: Readonly<Record<string, Json>>): {
    heading: string;
    items: { title: string; rows: Row[] }[];
  } {
    const id = String(values["section"] ?? "");
    const asked = Object.hasOwn(this.terms.sections, id) ? this.terms.sections[id] : undefined;
    const items = asked && itemsOf(values);
    if (!asked || !items) return { heading: id, items: [] };
    const title = (i: number): string =>
      asked.item_title && asked.repeated ? `${asked.item_title} ${i + 1}` : "";
    return {
      heading: asked.title,
      items: items.map((item, i) => ({ title: title(i), rows: this.rows(asked.questions, item) })),
    };
  }

  /** Answers in words, in the order of their questions. */
  rows(asked: readonly Asked[], answers: Readonly<Record<string, Json>>): Row[] {
    return asked
      .filter(({ id }) => answers[id] !== undefined && answers[id] !== null)
      .map((question) => ({ label: question.label, text: this.#answer(question, answers[question.id]!) }));
  }

  #date(text: string): string {
    try {
      return words(text, this.language, this.terms.months);
    } catch (error) {
      if (error instanceof DateError) return text;
      throw error;
    }
  }

  #answer({ type, vocabulary }: Asked, answer: Json): string {
    const unsaid = objectIn(answer)?.["unsaid"];
    if (unsaid === "unknown" || unsaid === "declined") return this.word(`unsaid:${unsaid}`);
    if (typeof answer === "boolean") return this.word(answer ? "yes" : "no");
    if (type === "date") return this.#date(plain(answer));
    if (type === "country") return this.country(plain(answer));
    if (vocabulary !== null) {
      const codes = Array.isArray(answer) ? (answer as readonly Json[]) : [answer];
      const terms = this.terms.vocabularies[vocabulary] ?? {};
      return codes.map((code) => terms[plain(code)] ?? plain(code)).join("; ");
    }
    return plain(answer);
  }

  /** A number whose words have the form that this number needs. */
  #plural(count: number): "1" | "2" | "5" {
    const form = new Intl.PluralRules(this.language).select(count);
    return form === "one" ? "1" : form === "few" ? "2" : "5";
  }
}

/** A value that is an object; undefined for any other. */
export function objectIn(value: Json | undefined): JsonObject | undefined {
  const object = typeof value === "object" && value !== null && !Array.isArray(value);
  return object ? (value as JsonObject) : undefined;
}

function plain(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
