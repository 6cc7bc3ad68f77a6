/**
 * The structured part of a testimony: the twin of `intake/record/questions.py`, in the page's language.
 *
 * The server hands it over with the empty pages, the same to everybody.
 */

import { isList, isObject, type Json, parseJson } from "../crypto/encoding.ts";
import { FormatError } from "../crypto/errors.ts";
import type { Class } from "../crypto/compartments.ts";

export const LINE = 500; // most characters of an answer
export const TEXT = 20_000;
export const LARGEST_NUMBER = 1_000_000;
const LIMITS: Readonly<Record<string, number>> = { line: LINE, text: TEXT, number: LARGEST_NUMBER };

/** One question. `maximum`: most characters of a line or text, or the largest number; else null. */
export interface Question {
  readonly id: string;
  readonly type: string;
  readonly label: string;
  readonly vocabulary: string | null;
  readonly required: boolean;
  readonly maximum: number | null;
}

/** Questions that are sealed as one part; of a repeated section a list of at most `maximum` items. */
export interface Section {
  readonly id: string;
  readonly compartment: Class;
  readonly repeated: boolean;
  readonly maximum: number;
  readonly title: string;
  readonly item_title: string | null;
  readonly questions: readonly Question[];
}

export type Terms = readonly (readonly [code: string, label: string])[];

/** Which codes an answer may have. What is not known is not checked. */
export interface Known {
  readonly vocabularies: Readonly<Record<string, Terms>>;
  readonly countries: Terms;
}

/** Everything that a page knows of the form. `months`: their names by grammatical form, January first. */
export interface Questionnaire extends Known {
  readonly sections: readonly Section[];
  readonly medium: Section;
  readonly languages: Terms;
  readonly months: Readonly<Record<"format" | "stand-alone", readonly string[]>>;
  readonly consent: string; // version of its text
  readonly in_identity: readonly string[];
  readonly apart: number;
  readonly files: number;
}

/** What the server wrote into the page; it is the server's own, and is not checked further. */
export function readQuestionnaire(text: string): Questionnaire {
  return parseJson(text) as unknown as Questionnaire;
}

/** A mechanism's own questions, out of its verified profile; `FormatError` for what is no question. */
export function parseQuestions(value: readonly Json[], language: string): Question[] {
  return value.map((raw) => {
    if (!isObject(raw) || typeof raw["id"] !== "string" || typeof raw["type"] !== "string") {
      throw new FormatError("no question");
    }
    const { id, type, vocabulary, required, maximum, label } = raw;
    const words = isObject(label) ? (label[language] ?? label["en"]) : "";
    return {
      id,
      type,
      label: String(words),
      vocabulary: typeof vocabulary === "string" ? vocabulary : null,
      required: required === true,
      maximum: typeof maximum === "number" ? maximum : (LIMITS[type] ?? null),
    };
  });
}

/** Answers to one section, or to one item of it. */
export type Answers = Readonly<Record<string, Json>>;

/** The items of a section's answers: of one that is not repeated, the only one. */
export function items(value: Json | undefined): Answers[] {
  return (isList(value) ? value : [value ?? null]).filter(isObject);
}
