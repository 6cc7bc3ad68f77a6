/** Answers out of the fields of a sealed part: the inverse of `toFields` in `sections.ts`. */

import type { Json } from "../crypto/encoding.ts"; // types only: pages that load no cryptography use it, too

const FIELD = /^(0|[1-9][0-9]{0,3})\/([^]*)$/;
const MOST = 2000;

/** A section's id and its answers, as `intake/record/sections.py` reads them; undefined if they are none. */
export function fromFields(
  values: Readonly<Record<string, Json>>,
): readonly [section: string, answers: Json] | undefined {
  const { section, items: count } = values;
  if (typeof section !== "string") return undefined;
  const items = new Map<number, Record<string, Json>>();
  for (const [name, answer] of Object.entries(values)) {
    const found = FIELD.exec(name);
    if (!found) continue;
    const number = Number(found[1]);
    items.set(number, { ...items.get(number), [found[2]!]: answer });
  }
  const needed = Math.max(0, ...items.keys()) + 1;
  if (count === undefined && needed === 1) return [section, items.get(0) ?? {}];
  if (count !== undefined && (typeof count !== "number" || count < 0 || count > MOST)) return undefined;
  if (count !== undefined && items.size && needed > count) return undefined;
  return [section, Array.from({ length: count ?? needed }, (_, i) => items.get(i) ?? {})];
}

/** The same as a list of items: of a section that is not repeated, the only one. */
export function itemsOf(
  values: Readonly<Record<string, Json>>,
): readonly Readonly<Record<string, Json>>[] | undefined {
  const answers = fromFields(values)?.[1];
  if (answers === undefined) return undefined;
  return (Array.isArray(answers) ? answers : [answers]) as Record<string, Json>[];
}
