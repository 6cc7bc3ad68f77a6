/**
 * Answers to a mechanism's own questions, read from the fields of a form: the part of
 * `intake/http/reading.py` that the one-page form needs. Which codes a vocabulary has is not known here:
 * the page offers no others.
 */

import type { Typed } from "./choices.ts";
import { characters } from "./crypto/checks.ts";
import { isObject, type Json } from "./crypto/encoding.ts";

const UNSAID = new Map<string, Json>([
  ["~unknown", { unsaid: "unknown" }],
  ["~declined", { unsaid: "declined" }],
]);
const LINE = 500; // most characters, unless the question says otherwise
const TEXT = 20_000;
const LARGEST = 1_000_000;
const MARKS: Readonly<Record<string, string>> = { exact: "", "": "", about: "~", unsure: "?" };
const FIRST_YEAR = 1900;
const LAST_YEAR = 2100;

/** Cannot be kept as an answer. */
export class Unreadable extends Error {}

/** Answers by id of the question; `Unreadable` if one of them cannot be kept, or a needed one is missing. */
export function answers(questions: readonly Json[], typed: Typed, prefix: string): Record<string, Json> {
  const found: [string, Json][] = [];
  for (const question of questions) {
    if (!isObject(question) || typeof question["id"] !== "string") throw new Unreadable("no question");
    const { id, type, required, maximum } = question;
    const name = `${prefix}${id}`;
    const unsaid = UNSAID.get(one(typed, `${name}:unsaid`));
    const answer = read(String(type), typed, name, typeof maximum === "number" ? maximum : undefined);
    if (unsaid !== undefined && answer !== null) throw new Unreadable("an answer, and that there is none");
    const kept = unsaid ?? answer;
    if (kept !== null) found.push([id, kept]);
    else if (required === true) throw new Unreadable("an answer is missing");
  }
  return Object.fromEntries(found);
}

/** The last value of a field, without spaces around it; "" if there is none. */
export function one(typed: Typed, name: string): string {
  return (typed.get(name)?.at(-1) ?? "").trim();
}

function read(type: string, typed: Typed, name: string, maximum: number | undefined): Json {
  const value = one(typed, name);
  switch (type) {
    case "line":
      return short(value.split("\n").join(" "), maximum ?? LINE);
    case "text":
      return value ? short(typed.get(name)!.at(-1)!, maximum ?? TEXT) : null;
    case "one":
    case "country":
    case "language":
      return UNSAID.get(value) ?? (value || null);
    case "yes_no":
      if (!["", "yes", "no"].includes(value) && !UNSAID.has(value)) throw new Unreadable(value);
      return value ? (UNSAID.get(value) ?? value === "yes") : null;
    case "many": {
      const codes = [...new Set((typed.get(name) ?? []).filter(Boolean))];
      return codes.length ? codes : null;
    }
    case "number":
      return number(value.replaceAll(" ", ""), maximum ?? LARGEST);
    case "date":
      return date(typed, name);
    default:
      throw new Unreadable(`a question of the type ${type}`);
  }
}

function short(text: string, most: number): string | null {
  if (characters(text) > most) throw new Unreadable("too long");
  return text || null;
}

function number(digits: string, largest: number): number | null {
  if (!digits) return null;
  if (!/^[0-9]{1,11}$/.test(digits) || Number(digits) > largest) throw new Unreadable("no number");
  return Number(digits);
}

function date(typed: Typed, name: string): string | null {
  const first = boxes(typed, name);
  const last = boxes(typed, `${name}:until`);
  if (last === null || first === last) return first;
  if (first !== null && bare(first) > bare(last)) throw new Unreadable("the end is before the beginning");
  return `${first ?? ".."}/${last}`;
}

/** Three boxes, and how sure it is, as EDTF; null if all boxes are empty. */
function boxes(typed: Typed, name: string): string | null {
  const [year, month, day, about] = ["year", "month", "day", "about"].map((box) =>
    one(typed, `${name}:${box}`),
  );
  const mark = MARKS[about!];
  if (mark === undefined) throw new Unreadable("how exact a date is");
  if (!year && !month && !day) return null;
  if (!/^[0-9]{4}$/.test(year!) || (day && !month)) throw new Unreadable("a year has four digits");
  if (Number(year) < FIRST_YEAR || Number(year) > LAST_YEAR) throw new Unreadable("a year of this time");
  const rest = [month!, day!].filter(Boolean);
  if (!rest.every((box) => /^[0-9]{1,2}$/.test(box))) throw new Unreadable("months and days are numbers");
  const known = new Date(Date.UTC(Number(year), Number(month || 1) - 1, Number(day || 1)));
  if (known.getUTCMonth() !== Number(month || 1) - 1 || known.getUTCDate() !== Number(day || 1)) {
    throw new Unreadable("no such day");
  }
  return [year!, ...rest.map((box) => box.padStart(2, "0"))].join("-") + mark;
}

function bare(single: string): string {
  return single.replace(/[~?]$/, "");
}
