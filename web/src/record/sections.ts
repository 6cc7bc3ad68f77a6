/**
 * Answers to a section: whether they fit its questions, and how they become fields of a sealed part. The twin
 * of `intake/record/sections.py`.
 */

import { characters } from "../crypto/checks.ts";
import { MAX_FIELDS } from "../crypto/commitments.ts";
import { canonicalJson, isList, isObject, type Json } from "../crypto/encoding.ts";
import { FormatError } from "../crypto/errors.ts";
import { DateError, parse as parseDate } from "./dates.ts";
import { type Known, LARGEST_NUMBER, LINE, type Question, type Section } from "./questions.ts";

export const SCHEMA = 1;
export const MAX_BYTES = 256 * 1024; // of one section as canonical JSON
const META = 10; // fields beside the answers
export const UNKNOWN = { unsaid: "unknown" };
export const DECLINED = { unsaid: "declined" };
const LANGUAGE_TAG = /^[a-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}$/;

/** What does not fit. `path` is `<item>/<question>`, `<item>`, or empty for the whole section. */
export interface Problem {
  readonly path: string;
  readonly code: string;
  readonly maximum?: number;
}

/** What is wrong with the answers to a section. */
export function check(asked: Section, value: Json, known: Known): Problem[] {
  try {
    if (canonicalJson(value).length > MAX_BYTES) return [{ path: "", code: "too_large" }];
  } catch (error) {
    if (error instanceof FormatError) return [{ path: "", code: "malformed" }];
    throw error;
  }
  if (asked.repeated ? !isList(value) : !isObject(value)) return [{ path: "", code: "malformed" }];
  const found = itemsOf(value);
  if (found.length > asked.maximum) return [{ path: "", code: "too_many", maximum: asked.maximum }];
  if (fieldsNeeded(found) > MAX_FIELDS) return [{ path: "", code: "too_large" }];
  return found.flatMap((item, i) =>
    isObject(item)
      ? checkAnswers(asked.questions, item, known).map((p) => ({ ...p, path: `${i}/${p.path}` }))
      : [{ path: String(i), code: "malformed" }],
  );
}

/** The same for questions that are in no section; paths are their ids. */
export function checkAnswers(
  questions: readonly Question[],
  value: Readonly<Record<string, Json>>,
  known: Known,
): Problem[] {
  return questions.flatMap((question) => {
    const problem = checkAnswer(question, value, known);
    return problem ? [{ path: question.id, ...problem }] : [];
  });
}

/** Answers as flat fields; `FormatError` if it is too much for one part. */
export function toFields(section: string, value: Json): Record<string, Json> {
  const found = itemsOf(value);
  if (!found.every(isObject)) throw new FormatError("a section is an object or a list of objects");
  if (fieldsNeeded(found) > MAX_FIELDS || canonicalJson(value).length > MAX_BYTES) {
    throw new FormatError("a section has too much for one part");
  }
  const fields: [string, Json][] = [
    ["section", section],
    ["schema", SCHEMA],
  ];
  if (isList(value)) fields.push(["items", value.length]);
  found.forEach((item, i) => {
    for (const [name, answer] of Object.entries(item)) fields.push([`${i}/${name}`, answer]);
  });
  return Object.fromEntries(fields);
}

/** The code of "don't know" or "prefer not to say"; undefined for any other answer. */
export function unsaid(value: Json | undefined): "unknown" | "declined" | undefined {
  if (!isObject(value) || Object.keys(value).length !== 1) return undefined;
  const said = value["unsaid"];
  return said === "unknown" || said === "declined" ? said : undefined;
}

/** Whether it is a language tag. */
export function isLanguage(value: Json): boolean {
  return typeof value === "string" && LANGUAGE_TAG.test(value);
}

function itemsOf(value: Json): readonly Json[] {
  return isList(value) ? value : [value];
}

function fieldsNeeded(found: readonly Json[]): number {
  return META + found.reduce<number>((sum, item) => sum + (isObject(item) ? Object.keys(item).length : 0), 0);
}

type Found = { readonly code: string; readonly maximum?: number } | undefined;
const MALFORMED = { code: "malformed" };

function checkAnswer(question: Question, answers: Readonly<Record<string, Json>>, known: Known): Found {
  if (!Object.hasOwn(answers, question.id)) return question.required ? { code: "required" } : undefined;
  const answer = answers[question.id]!;
  if (unsaid(answer)) return undefined;
  switch (question.type) {
    case "line":
    case "text":
      return checkText(question, answer);
    case "date":
      return checkDate(answer);
    case "one":
    case "many":
      return checkCodes(question, answer, known);
    case "yes_no":
      return typeof answer === "boolean" ? undefined : MALFORMED;
    case "number":
      return checkNumber(question, answer);
    case "country":
      if (typeof answer !== "string") return MALFORMED;
      return known.countries.length && !known.countries.some(([code]) => code === answer)
        ? { code: "code_unknown" }
        : undefined;
    case "language":
      return isLanguage(answer) ? undefined : MALFORMED;
    default:
      return MALFORMED;
  }
}

function checkText(question: Question, answer: Json): Found {
  if (typeof answer !== "string" || (question.type === "line" && /[\n\r]/.test(answer))) return MALFORMED;
  const maximum = question.maximum ?? LINE;
  return characters(answer) > maximum ? { code: "too_long", maximum } : undefined;
}

function checkDate(answer: Json): Found {
  try {
    parseDate(answer);
    return undefined;
  } catch (error) {
    if (error instanceof DateError) return { code: "date" };
    throw error;
  }
}

function checkCodes(question: Question, answer: Json, { vocabularies }: Known): Found {
  const codes = question.type === "one" ? [answer] : answer;
  if (!isList(codes) || !codes.every((code) => typeof code === "string")) return MALFORMED;
  if (new Set(codes).size !== codes.length) return MALFORMED;
  const terms = vocabularies[question.vocabulary ?? ""];
  if (!terms) return undefined; // the page offers no others
  return codes.every((code) => terms.some(([term]) => term === code)) ? undefined : { code: "code_unknown" };
}

function checkNumber(question: Question, answer: Json): Found {
  if (typeof answer !== "number" || !Number.isInteger(answer) || answer < 0) return MALFORMED;
  const maximum = question.maximum ?? LARGEST_NUMBER;
  return answer > maximum ? { code: "too_large_number", maximum } : undefined;
}
