/** What the opened testimonies say of place, time and unit: remembered while the member is logged in, here only. */

import type { Json } from "../../../src/crypto/encoding.ts";
import { type OpenedRecord, valuesOf } from "../../../src/opened.ts";
import { itemsOf } from "../../../src/record/answers.ts";
import type { Account } from "../corroboration.ts";
import { onForget } from "../state.ts";

const accounts = new Map<string, Account>();
onForget(() => accounts.clear());

/** Remember one that was just opened, and give all of them. */
export function remember(record: string, opened: OpenedRecord): readonly Account[] {
  accounts.set(record, accountOf(record, opened));
  return [...accounts.values()];
}

/** Facilities with their dates out of stays and acts; agencies and units out of those who did it. */
export function accountOf(record: string, opened: OpenedRecord): Account {
  const places: { facility: string; date: string | null }[] = [];
  const units = new Set<string>();
  for (const said of opened.current("section")) {
    const values = valuesOf(said);
    for (const item of itemsOf(values) ?? []) {
      const facility = text(item["facility"]);
      const date = text(item["date"]) || stay(text(item["from"]), text(item["to"]));
      if (facility) places.push({ facility, date: date || null });
      if (values["section"] !== "perpetrators") continue;
      for (const unit of [text(item["agency"]), text(item["unit"]).trim().toLowerCase()]) {
        if (unit) units.add(unit);
      }
    }
  }
  return { record, places, units: [...units] };
}

const text = (value: Json | undefined): string => (typeof value === "string" ? value : "");

/** From one day to another as an EDTF interval: an end that was not told is open. */
function stay(from: string, to: string): string {
  if (!from && !to) return "";
  const side = (date: string): string => (date.includes("/") ? "" : date) || "..";
  return `${side(from)}/${side(to)}`;
}
