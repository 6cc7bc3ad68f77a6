/** What a note can be about: the parts of a record that are open here, each by a name that tells it from the others. */

import { type OpenedRecord, type Said, valuesOf } from "../../../src/opened.ts";
import { itemsOf } from "../../../src/record/answers.ts";
import { t } from "../texts.ts";
import type { Named } from "./terms.ts";

const WORDS = 6;

/** The id of a part or entry, and how it is called. */
export interface Refer {
  readonly id: string;
  readonly label: string;
}

/** In the order of signing; `given` are the parts that the member has. Media have the same number for everybody. */
export function refersOf(
  record: OpenedRecord,
  given: ReadonlySet<string>,
  named: Named | undefined,
): Refer[] {
  const said = new Map(record.said.map((one) => [one.entry.id, one]));
  const files = new Map(record.of("label").map((one) => [String(one.fields.value("part")), one]));
  const current = new Set(["narrative", "section"].flatMap((kind) => record.current(kind as "section")));
  let media = 0;
  const refers: Refer[] = [];
  for (const { id, kind } of record.reader.statement.parts) {
    if (kind === "medium") media++;
    if (!given.has(id)) continue;
    const part = said.get(id);
    if (kind === "medium") {
      const name = files.get(id)?.fields.value("name");
      const number = t("work.about.medium", { number: media });
      refers.push({ id, label: typeof name === "string" && name ? `${number}: ${name}` : number });
    } else if (part && (kind === "narrative" || kind === "section")) {
      const label = nameOf(part, named);
      refers.push({ id, label: current.has(part) ? label : t("work.about.before", { label }) });
    }
  }
  return refers;
}

/** A section's title or "in their own words", with the first few words of what it says. */
function nameOf(said: Said, named: Named | undefined): string {
  const values = valuesOf(said);
  if (said.entry.kind === "narrative") return withWords(t("record.narrative"), values["text"]);
  const title = named?.section(values).title || String(values["section"] ?? "");
  return withWords(title, itemsOf(values)?.[0]?.["description"]);
}

function withWords(title: string, text: unknown): string {
  if (typeof text !== "string") return title;
  const words = text.trim().split(/\s+/).filter(Boolean);
  if (!words.length) return title;
  return `${title}: ${words.slice(0, WORDS).join(" ").slice(0, 60)}${words.length > WORDS ? "…" : ""}`;
}
