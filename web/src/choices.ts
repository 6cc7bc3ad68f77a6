/**
 * What was typed and ticked in the one-page form, as values: the twin of `choices` and `holds_receipt` in
 * `intake/http/reading.py`. Fields of a form are texts, several under one name.
 */

import { answers, one, Unreadable } from "./answers.ts";
import { type Choice, type Mechanisms, Refused } from "./consent.ts";
import { CONDITIONS } from "./crypto/profiles.ts";
import { GROUPS, Receipt, type WordList } from "./crypto/receipt.ts";
import { PURPOSES } from "./crypto/statement.ts";

export type Typed = ReadonlyMap<string, readonly string[]>;

const YEARS: Readonly<Record<string, number>> = { "": 0, "1": 1, "5": 5 }; // how long a consent may hold
const CONTROLS = /[\0-\x08\x0b-\x1f\x7f-\x9f]/g;
const DIGITS = /(?<![0-9])(?=((?:[0-9]{4}[\s,;.-]*){9})(?![0-9]))/g;
const SEPARATORS = /[\s,;.]+/;
const AROUND = /^[()[\]«»“”"'!?:]+|[()[\]«»“”"'!?:]+$/g;

/** A typed text without control characters, but for line breaks and tabs; nothing else is changed. */
export function clean(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll("\r", "\n").replace(CONTROLS, "");
}

/** Whether a receipt, in digits or in words of these lists, stands anywhere in a text. */
export function holdsReceipt(text: string, ...lists: readonly WordList[]): boolean {
  for (const found of text.matchAll(DIGITS)) if (isReceipt(found[1]!, lists)) return true;
  const words = new Set(lists.flat());
  let run: string[] = [];
  for (const token of text.split(SEPARATORS)) {
    const word = token.replace(AROUND, "").toLowerCase();
    run = words.has(word) || /^[0-9]{4}$/.test(word) ? [...run.slice(1 - GROUPS), word] : [];
    if (run.length === GROUPS && isReceipt(run.join(" "), lists)) return true;
  }
  return false;
}

function isReceipt(text: string, lists: readonly WordList[]): boolean {
  try {
    Receipt.parse(text, ...lists);
    return true;
  } catch {
    return false;
  }
}

/** One choice for each mechanism that was ticked; `Refused` says what is missing. Not checked further here. */
export function choices(
  typed: Typed,
  offered: Mechanisms,
  language: string,
  today: string,
  countries: ReadonlyMap<string, string>,
): Choice[] {
  const chosen = [...new Set(typed.get("mechanism") ?? [])];
  if (!chosen.length) throw new Refused("consent_missing");
  if (!chosen.every((id) => offered.bundles.has(id))) throw new Refused("mechanism_unknown");
  return chosen.map((id) => choice(typed, id, offered, language, today, countries));
}

function choice(
  typed: Typed,
  id: string,
  offered: Mechanisms,
  language: string,
  today: string,
  countries: ReadonlyMap<string, string>,
): Choice {
  const mechanism = offered.name(id, language);
  const years = YEARS[one(typed, `until:${id}`)];
  if (years === undefined) throw new Refused("malformed");
  const conditions = CONDITIONS.filter((c) => typed.get(`condition:${id}`)?.includes(c));
  const states = conditions.includes("not_to_states")
    ? readCountries(one(typed, `states:${id}`), countries)
    : []; // without the tick the list says nothing
  if (!states) throw new Refused("states_unknown", { mechanism });
  const extra = (["triage", "identity", "sensitive"] as const).filter(
    (c) => one(typed, `${c}:${id}`) === "yes",
  );
  return {
    mechanism: id,
    purposes: PURPOSES.filter((p) => typed.get(`purpose:${id}`)?.includes(p)),
    classes: ["account", ...extra],
    expires: years ? inYears(today, years) : null,
    successor: one(typed, `successor:${id}`) === "yes",
    identity: extra.includes("identity") ? one(typed, `use:${id}`) || "closed" : "closed",
    contact: one(typed, `contact:${id}`) || "never",
    conditions,
    states,
    answers: own(offered.profile(id).questions, typed, id, mechanism),
  };
}

function own(questions: Parameters<typeof answers>[0], typed: Typed, id: string, mechanism: string) {
  try {
    return answers(questions, typed, `own:${id}:`);
  } catch (error) {
    if (error instanceof Unreadable) throw new Refused("own_question", { mechanism });
    throw error;
  }
}

/** Codes of the countries that are named, with commas or line breaks between; undefined if one is unknown. */
export function readCountries(text: string, countries: ReadonlyMap<string, string>): string[] | undefined {
  const codes = new Map<string, string>();
  for (const [name, code] of countries) codes.set(name.toLowerCase(), code).set(code.toLowerCase(), code);
  const asked = text.split(/[,;\n]/).map((name) => name.trim().toLowerCase());
  const found = asked.filter(Boolean).map((name) => codes.get(name));
  return found.every((code) => code !== undefined) ? [...new Set(found)] : undefined;
}

/** The day so many years later; the last of February becomes the 28th. */
function inYears(day: string, years: number): string {
  const rest = day.slice(4) === "-02-29" ? "-02-28" : day.slice(4);
  return `${Number(day.slice(0, 4)) + years}${rest}`;
}
