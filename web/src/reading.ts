/**
 * What was typed into a form, as values; and values as what a form shows: the twin of
 * `intake/http/reading.py`, which says what the fields are called.
 */

import { SPACE } from "./crypto/checks.ts";
import { isList, type Json } from "./crypto/encoding.ts";
import * as dates from "./record/dates.ts";
import type { Known, Question, Questionnaire } from "./record/questions.ts";
import { checkAnswers, DECLINED, isLanguage, type Problem, UNKNOWN, unsaid } from "./record/sections.ts";
import { Refused } from "./refused.ts";
import type { Typed } from "./typed.ts";

export type { Typed };

const UNSAID = new Map<string, Json>([
  ["~unknown", UNKNOWN],
  ["~declined", DECLINED],
]);
const BOXES = ["year", "month", "day", "about"] as const;
const AROUND = new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, "g");
const OTHER = "other";

/** Answers, and what is wrong with some of them: paths are ids of questions. */
export interface Read {
  readonly answers: Record<string, Json>;
  readonly problems: Problem[];
}

/** The last value of a field, without spaces around it; "" if there is none. */
export function one(typed: Typed, name: string): string {
  return (typed.get(name)?.at(-1) ?? "").replace(AROUND, "");
}

/**
 * In which language a narrative is, BCP 47: that of the page, unless another one is chosen. `Refused` if what is
 * typed is no code.
 */
export function writtenIn(typed: Typed, language: string): string {
  const chosen = one(typed, "written-in") || language;
  if (chosen !== OTHER) return chosen;
  const [first = "", ...rest] = one(typed, "written-in:code").replaceAll("_", "-").split("-");
  const code = [first.toLowerCase(), ...rest].join("-");
  if (!isLanguage(code)) throw new Refused("written_in");
  return code;
}

/** Everything that was answered. What cannot be read is a problem, and not among the answers. */
export function answers(
  questions: readonly Question[],
  typed: Typed,
  prefix: string,
  known: Known,
  holdsReceipt: (text: string) => boolean = () => false,
): Read {
  const found: [string, Json][] = [];
  const problems: Problem[] = [];
  for (const { id, type } of questions) {
    const name = `${prefix}${id}`;
    const kept = UNSAID.get(one(typed, `${name}:unsaid`));
    let answer: Json;
    try {
      answer = read(type, typed, name);
    } catch (error) {
      if (!(error instanceof dates.DateError || error instanceof RangeError)) throw error;
      problems.push({ path: id, code: error instanceof RangeError ? "malformed" : "date" });
      continue;
    }
    if (typeof answer === "string" && ["line", "text"].includes(type) && holdsReceipt(answer)) {
      problems.push({ path: id, code: "receipt_in_text" });
    } else if (kept !== undefined && answer !== null) problems.push({ path: id, code: "both" });
    else if (kept !== undefined || answer !== null) found.push([id, answer ?? kept!]);
  }
  const read_ = Object.fromEntries(found);
  const named = new Set(problems.map((problem) => problem.path));
  const more = checkAnswers(questions, read_, known).filter((problem) => !named.has(problem.path));
  return { answers: read_, problems: [...problems, ...more] };
}

/** An answer as a person reads it; "" for "don't know" and the like. */
export function words(
  question: Question,
  answer: Json | undefined,
  form: Questionnaire,
  language: string,
): string {
  if (answer === undefined || answer === null || unsaid(answer)) return "";
  if (question.type === "date") {
    try {
      return dates.words(String(answer), language, form.months);
    } catch (error) {
      if (error instanceof dates.DateError) return String(answer);
      throw error;
    }
  }
  const terms = question.type === "country" ? form.countries : form.vocabularies[question.vocabulary ?? ""];
  if (!terms) return String(answer);
  const label = (code: Json): string => terms.find(([term]) => term === code)?.[1] ?? String(code);
  return (isList(answer) ? answer : [answer]).map(label).join("; ");
}

/** One type of question each; `RangeError` for what is malformed. */
function read(type: string, typed: Typed, name: string): Json {
  const value = one(typed, name);
  switch (type) {
    case "line":
      return value.split("\n").join(" ") || null;
    case "text":
      return value ? typed.get(name)!.at(-1)! : null;
    case "one":
    case "country":
    case "language":
      return UNSAID.get(value) ?? (value || null);
    case "yes_no":
      if (value && !UNSAID.has(value) && value !== "yes" && value !== "no") throw new RangeError(value);
      return value ? (UNSAID.get(value) ?? value === "yes") : null;
    case "many": {
      const codes = [...new Set((typed.get(name) ?? []).filter(Boolean))];
      return codes.length ? codes : null;
    }
    case "number": {
      const digits = value.replaceAll(" ", "");
      if (digits && !/^[0-9]{1,11}$/.test(digits)) throw new RangeError(value);
      return digits ? Number(digits) : null;
    }
    case "date":
      return date(typed, name);
    default:
      throw new RangeError(`a question of the type ${type}`);
  }
}

function date(typed: Typed, name: string): string | null {
  const first = boxes(typed, name);
  const last = boxes(typed, `${name}:until`);
  if (last !== null) return dates.between(first, last);
  const kept = one(typed, `${name}:kept`); // of a form that three boxes cannot show
  return first ?? (kept && one(typed, `${name}:keep`) === "yes" ? dates.parse(kept) : null);
}

function boxes(typed: Typed, name: string): string | null {
  const [year, month, day, about] = BOXES.map((box) => one(typed, `${name}:${box}`));
  return dates.fromWords(year!, month!, day!, about!);
}
