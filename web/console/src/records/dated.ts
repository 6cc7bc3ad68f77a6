/** Everything in a record that has a date, in order: the timeline. */

import type { Json } from "../../../src/crypto/encoding.ts";
import { type OpenedRecord, valuesOf } from "../../../src/opened.ts";
import { itemsOf } from "../../../src/record/answers.ts";
import type { Named } from "./terms.ts";

export interface Dated {
  /** As it was answered (EDTF), and by which it is sorted. */
  readonly date: string;
  readonly title: string;
  readonly what: string;
  readonly text: string;
}

/** One entry for each answer that is a date; of a section that is not known here, none. */
export function dated(record: OpenedRecord, named: Named): Dated[] {
  const found: Dated[] = [];
  for (const said of record.current("section")) {
    const values = valuesOf(said);
    const asked = named.terms.sections[String(values["section"])];
    for (const item of itemsOf(values) ?? []) {
      for (const question of asked?.questions ?? []) {
        const date = item[question.id];
        if (question.type !== "date" || typeof date !== "string") continue;
        found.push({ date, title: asked!.title, what: question.label, text: described(item) });
      }
    }
  }
  return found.sort((one, other) => (orderOf(one.date) < orderOf(other.date) ? -1 : 1));
}

function described(item: Readonly<Record<string, Json>>): string {
  const text = item["description"] ?? item["place"] ?? "";
  return typeof text === "string" ? text : "";
}

/** Digits only, as far as they are known: an interval counts by its beginning, an open one by its end. */
const orderOf = (date: string): string =>
  (date.split("/").find((side) => /\d/.test(side)) ?? "").replace(/[^\d-]/g, "");
