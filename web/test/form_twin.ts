/** What `twin.ts` answers about forms: the same questions as `intake/http/reading.py` and `record/` answer. */

import { choices, clean, holdsReceipt } from "../src/choices.ts";
import { check, fields, Mechanisms, readConsentText, Refused } from "../src/consent.ts";
import { canonicalJson, fromUtf8, type Json, parseJson } from "../src/crypto/encoding.ts";
import { ENGLISH } from "../src/crypto/receipt_words.ts";
import { deduplicates, type Origin, sniff } from "../src/media.ts";

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

export const operations: Record<string, (asked: any) => unknown> = {
  consents: (form: Form) => fromUtf8(canonicalJson(consents(form))),
  clean: ({ text }) => clean(text),
  holdsReceipt: ({ text }) => holdsReceipt(text, ENGLISH),
  medium: ({ start, size, origin, intimate }) => {
    const kind = sniff(new Uint8Array(Buffer.from(start, "base64")));
    return [kind, deduplicates(kind, size, origin as Origin, intimate)];
  },
};
