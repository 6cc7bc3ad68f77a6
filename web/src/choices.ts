/** What was ticked for each mechanism, as values: the twin of `choices` in `intake/http/reading.py`. */

import { type Choice, type Mechanisms, Refused } from "./consent.ts";
import type { Json } from "./crypto/encoding.ts";
import { FormatError } from "./crypto/errors.ts";
import { CONDITIONS } from "./crypto/profiles.ts";
import { PURPOSES } from "./crypto/statement.ts";
import { answers, one, type Typed } from "./reading.ts";
import { parseQuestions } from "./record/questions.ts";

const YEARS: Readonly<Record<string, number>> = { "": 0, "1": 1, "5": 5 }; // how long a consent may hold

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
    identity: extra.includes("identity") ? one(typed, `use:${id}`) || null : null,
    contact: one(typed, `contact:${id}`) || null,
    conditions,
    states,
    answers: own(offered.profile(id).questions, typed, id, mechanism, language, countries),
  };
}

function own(
  questions: readonly Json[],
  typed: Typed,
  id: string,
  mechanism: string,
  language: string,
  countries: ReadonlyMap<string, string>,
): Record<string, Json> {
  const known = {
    vocabularies: {},
    countries: [...new Set(countries.values())].map((code) => [code, ""] as const),
  };
  try {
    const read = answers(parseQuestions(questions, language), typed, `own:${id}:`, known);
    if (!read.problems.length) return read.answers;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
  throw new Refused("own_question", { mechanism });
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
