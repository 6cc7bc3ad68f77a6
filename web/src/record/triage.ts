/**
 * The triage card: what reviewers sort and count by without opening a testimony. The twin of
 * `intake/record/triage.py`: codes and counts only.
 */

import { isList, type Json } from "../crypto/encoding.ts";
import { DateError, monthOf } from "./dates.ts";
import { type Answers, items, type Terms } from "./questions.ts";
import { isLanguage } from "./sections.ts";
import { CAPACITIES } from "./vocabulary.ts";

export const GATES = ["sexual_violence", "under_18", "insider"] as const;

/** What a card is made from; `sections` are answers by the section's id. */
export interface Said {
  readonly language: string;
  readonly capacity: string;
  readonly media: number;
  readonly sections: Readonly<Record<string, Json>>;
  readonly vocabularies: Readonly<Record<string, Terms>>;
}

/** The card's fields; one that is not known is absent. `media` is the number of files. */
export function card({ language, capacity, media, sections, vocabularies }: Said): Record<string, Json> {
  const found: Record<string, Json> = {
    language: isLanguage(language) ? language : null,
    capacity: CAPACITIES.some((known) => known === capacity) ? capacity : null,
    media,
    month: month(items(sections["events"])),
    facility: facility(items(sections["detention"]), vocabularies["facilities"] ?? []),
    violations: codes(items(sections["acts"]), "violations", vocabularies["violations"] ?? []),
    gates: items(sections["gates"]).flatMap((item) => GATES.filter((gate) => item[gate] === true)),
  };
  return Object.fromEntries(
    Object.entries(found).filter(([, value]) => value !== null && !(isList(value) && !value.length)),
  );
}

/** The month of the earliest event that can be told to lie in one. */
function month(events: readonly Answers[]): string | null {
  const months = events.flatMap((event) => {
    try {
      return monthOf(event["date"] as string) ?? [];
    } catch (error) {
      if (error instanceof DateError) return [];
      throw error;
    }
  });
  return months.sort()[0] ?? null;
}

/** The first place of detention that is in the vocabulary. */
function facility(detention: readonly Answers[], known: Terms): string | null {
  const named = detention.map((item) => item["facility"]);
  return (named.find((code) => known.some(([term]) => term === code)) as string | undefined) ?? null;
}

/** All codes of these answers, once each, in the order of the vocabulary. */
function codes(found: readonly Answers[], name: string, known: Terms): string[] {
  const said = found.flatMap((item) => (isList(item[name]) ? item[name] : []));
  return known.map(([code]) => code).filter((code) => said.includes(code));
}
