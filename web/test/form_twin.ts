/** What `twin.ts` answers about forms: the same questions as `intake/http/reading.py` and `record/` answer. */

import { choices } from "../src/choices.ts";
import { Receipt } from "../src/crypto/receipt.ts";
import { keyedName, open, seal } from "../src/drafts.ts";
import { check, fields, Mechanisms, readConsentText, Refused } from "../src/consent.ts";
import { canonicalJson, fromUtf8, type Json, parseJson } from "../src/crypto/encoding.ts";
import { ENGLISH } from "../src/crypto/receipt_words.ts";
import { deduplicates, type Origin, sniff } from "../src/media.ts";
import { answers, words } from "../src/reading.ts";
import { typedOf } from "../src/typed.ts";
import * as dates from "../src/record/dates.ts";
import { type Questionnaire, readQuestionnaire } from "../src/record/questions.ts";
import { check as checkSection, toFields } from "../src/record/sections.ts";
import { card } from "../src/record/triage.ts";
import { clean, holdsReceipt } from "../src/texts.ts";

interface Form {
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly mechanisms: string;
  readonly texts: string;
  readonly language: string;
  readonly today: string;
  readonly countries: Readonly<Record<string, string>>;
}

/** The sealed parts that follow from a form's choices, or the code of the refusal. */
function consents(form: Form): Json {
  const typed = new Map<string, string[]>();
  for (const [name, value] of form.fields) typed.set(name, [...(typed.get(name) ?? []), clean(value)]);
  try {
    const offered = Mechanisms.read(parseJson(form.mechanisms), {});
    const answer = parseJson(form.texts) as { texts: { language: string; text: string; version: string }[] };
    const shown = answer.texts.find((text) => text.language === form.language)!.text.split("\n\n");
    const text = readConsentText(answer as unknown as Json, form.language, shown);
    const countries = new Map(Object.entries(form.countries));
    return choices(typed, offered, form.language, form.today, countries).map((choice) => {
      check(choice, offered, form.language, form.today);
      return fields(
        choice,
        text,
        offered.profile(choice.mechanism),
        offered.bundles.get(choice.mechanism)!.rootFingerprint,
      );
    });
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
}

let form: Questionnaire;

function read(fields: Form["fields"]): Map<string, string[]> {
  const typed = new Map<string, string[]>();
  for (const [name, value] of fields) typed.set(name, [...(typed.get(name) ?? []), clean(value)]);
  return typed;
}

const canonical = (value: Json): string => fromUtf8(canonicalJson(value));

/** A date's month and words, or null if it is none. */
function date(text: string, language: string): Json {
  try {
    return [dates.monthOf(text), dates.words(text, language, form.months)];
  } catch (error) {
    if (error instanceof dates.DateError) return null;
    throw error;
  }
}

/** What a section's fields come to: answers, problems, the fields that show them again, and words. */
function section({ id, fields, language }: { id: string; fields: Form["fields"]; language: string }): string {
  const asked = form.sections.find((one) => one.id === id)!;
  const found = answers(asked.questions, read(fields), "q:", form, (text) => holdsReceipt(text, ENGLISH));
  const value = asked.repeated ? [found.answers] : found.answers;
  return canonical({
    answers: found.answers,
    problems: found.problems.map(({ path, code, maximum }) => [path, code, maximum ?? null]),
    shown: Object.fromEntries(typedOf(asked.questions, found.answers)),
    words: asked.questions.map((question) => words(question, found.answers[question.id], form, language)),
    checked: checkSection(asked, value, form).map(({ path, code }) => [path, code]),
    fields: toFields(id, value),
  });
}

export const operations: Record<string, (asked: any) => unknown> = {
  consents: (form: Form) => fromUtf8(canonicalJson(consents(form))),
  form: ({ text }) => {
    form = readQuestionnaire(text);
    return null;
  },
  section,
  checkSection: ({ id, value }) =>
    checkSection(
      form.sections.find((one) => one.id === id)!,
      parseJson(value),
      form,
    ).map((p) => [p.path, p.code]),
  card: ({ language, capacity, media, sections }) =>
    canonical(card({ language, capacity, media, sections, vocabularies: form.vocabularies })),
  date: ({ text, language }) => date(text, language),
  sealEntry: async ({ receipt, name, value }) => {
    const keys = await Receipt.parse(receipt).keys();
    const file = await seal(keys, name, new TextEncoder().encode(value));
    return [keyedName(keys, name), Buffer.from(file).toString("base64")];
  },
  openEntry: async ({ receipt, file }) => {
    const found = await open(
      await Receipt.parse(receipt).keys(),
      new Uint8Array(Buffer.from(file, "base64")),
    );
    return [found[0], fromUtf8(found[1])];
  },
  clean: ({ text }) => clean(text),
  holdsReceipt: ({ text }) => holdsReceipt(text, ENGLISH),
  medium: ({ start, size, origin, intimate }) => {
    const kind = sniff(new Uint8Array(Buffer.from(start, "base64")));
    return [kind, deduplicates(kind, size, origin as Origin, intimate)];
  },
};
